#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# The way to sign-in and back from a guarded location: addresses, forms that
# must not be lost, and password or second factor once more.
use strict;
use warnings;

use JSON::PP qw(decode_json);
use Test::More;

use BackEnds;
use ClinicTest;
use MailServer;

my $back = BackEnds->start(php => 0);
my $mail = MailServer->start;

my %BROWSER = (Accept => 'text/html,application/xhtml+xml,*/*;q=0.8',
    'Sec-Fetch-Mode' => 'navigate', 'Sec-Fetch-Site' => 'same-origin');
my %OLD_BROWSER = (Accept => 'text/html,application/xhtml+xml,*/*;q=0.8');

sub applications {
    my ($portal) = @_;
    my $login = "AuthType ClinicPortal\nClinicPortalLogin "
        . ($portal->{base} || '/');
    return <<"END";
<Location /app/>
    ProxyPass $back->{echo}/app/
    $login
    Require clinic-user
</Location>
<Location /fresh/>
    ProxyPass $back->{echo}/fresh/
    $login
    Require clinic-auth-age 5m
</Location>
<Location /coded/>
    ProxyPass $back->{echo}/coded/
    $login staff
    Require clinic-factor otp mail
</Location>
<Location /otp/>
    ProxyPass $back->{echo}/otp/
    $login staff
    Require clinic-factor otp
</Location>
<Location /staffonly/>
    ProxyPass $back->{echo}/staffonly/
    $login staff
    Require clinic-user
</Location>
<Location /either/>
    ProxyPass $back->{echo}/either/
    $login
    <RequireAny>
        Require clinic-role nobody-has-it
        <RequireAll>
            Require clinic-id RIVERSIDE
            Require clinic-auth-age 5m
        </RequireAll>
    </RequireAny>
</Location>
END
}

# Signs in at the page that an answer leads to, and returns the answer.
sub sign_in_at {
    my ($user, $answer, $name, $clinic) = @_;
    my $page = $user->follow($answer);
    if ($page->{content} !~ m{action="[^"]*/login"}) {
        my ($next) = $page->{content} =~ /name="next" value="([^"]*)"/;
        my $type = $answer->{headers}{location} =~ /LoginType=(\w+)/ ? $1
            : 'Staff';
        $page = $user->get("/index.aspx?clinicID=$clinic&LoginType=$type&next="
            . $user->{http}->_uri_escape(Browser::unescape($next)));
    }
    my $fields = Browser::form_fields($page->{content}, '/login');
    @$fields{qw(username password)} = ($name, 'demo-portal-passphrase');
    $fields->{altcha} = $user->captcha($fields->{clinicID});
    return $user->post('/login', $fields);
}

sub seen_by_back_end {
    my ($answer, $what) = @_;
    is($answer->{status}, 200, "$what: the application answers")
        or diag $answer->{content};
    return decode_json($answer->{content} =~ /\A\{/ ? $answer->{content} : '{}');
}

sub check_address {
    my ($portal) = @_;
    my $user = $portal->browser;
    my $path = '/app/list?of=a%26b&page=2';
    my $answer = $user->get($path, absolute => 1, headers => \%BROWSER);
    is($answer->{status}, 303, 'not signed in: to the sign-in page');
    like($user->follow($answer)->{content}, qr/Log in to go on to the page/,
        'which says why');
    my ($next) = $answer->{headers}{location} =~ /next=([^&]+)/;
    my $page = $user->get("/index.aspx?clinicID=RIVERSIDE&LoginType=Patient"
        . "&next=$next");
    like($page->{content}, qr/LoginType=Staff&amp;next=\Q$next\E"/,
        'and the other tab leads there too');
    $answer = sign_in_at($user, $answer, 'DoeJ', 'RIVERSIDE');
    is($answer->{headers}{location}, $path, 'and back to the very address');
    is(seen_by_back_end($user->follow($answer), 'back')->{target}, $path,
        'which the application sees');

    # The session runs out.
    $portal->run_sql('UPDATE session SET last_seen_at = 1');
    $answer = $user->get($path, absolute => 1, headers => \%BROWSER);
    like($answer->{headers}{location}, qr/reason=idle/, 'told why');
    $answer = sign_in_at($user, $answer, 'DoeJ', 'RIVERSIDE');
    is($answer->{headers}{location}, $path, 'and back again');
    return;
}

# Programs get JSON, people a page.
sub check_kinds {
    my ($portal) = @_;
    my $nobody = $portal->browser;
    my @asks = (
        ['a browser', 'GET', \%BROWSER, 303],
        ['an old browser', 'GET', \%OLD_BROWSER, 303],
        ['no headers at all', 'GET', {}, 303],
        ['curl', 'GET', { Accept => '*/*' }, 303],
        ['HEAD', 'HEAD', \%BROWSER, 303],
        ['fetch', 'GET', { %BROWSER, 'Sec-Fetch-Mode' => 'cors' }, 401],
        ['an image', 'GET', { Accept => 'image/*,*/*;q=0.8',
            'Sec-Fetch-Mode' => 'no-cors' }, 401],
        ['XHR', 'GET', { Accept => '*/*',
            'X-Requested-With' => 'XMLHttpRequest' }, 401],
        ['JSON', 'GET', { Accept => 'application/json' }, 401],
        ['a form', 'POST', \%BROWSER, 303],
        ['a form of an old browser', 'POST', \%OLD_BROWSER, 303],
        ['a program that posts', 'POST', { Accept => '*/*' }, 401],
        ['fetch that posts', 'POST', { 'Sec-Fetch-Mode' => 'cors' }, 401],
        ['PUT', 'PUT', \%BROWSER, 401],
        ['DELETE', 'DELETE', \%BROWSER, 401],
    );
    for my $ask (@asks) {
        my ($what, $method, $headers, $status) = @$ask;
        my $answer = $nobody->request($method, '/app/x', absolute => 1,
            headers => $headers, $method eq 'POST' ? (content => 'a=b') : ());
        is($answer->{status}, $status, $what);
        next if $status == 303;
        is(decode_json($answer->{content})->{error}{code}, 'signed-out',
            "$what: JSON");
        is($answer->{headers}{'www-authenticate'}, 'ClinicPortal',
            "$what: a challenge (RFC 9110)");
    }
    return;
}

my $BODY = join '&', map { "field$_=" . 'value+%C3%BC' x 20 } 1 .. 20;

sub post_form {
    my ($user, $path, %headers) = @_;
    return $user->request('POST', $path, absolute => 1, content => $BODY,
        headers => { 'Content-Type' => 'application/x-www-form-urlencoded',
            %BROWSER, %headers });
}

# Follows back to the question, and answers it.
sub send_kept {
    my ($user, $answer, %more) = @_;
    my $address = $answer->{headers}{location};
    my $page = $user->follow($answer);
    is($page->{status}, 200, 'the question');
    like($page->{content}, qr/Send your form now\?/, 'is asked');
    my ($csrf) = $page->{content} =~ /narrow">\s*<input[^>]*name="csrf" value="([^"]*)"/;
    return $user->post($address, { csrf => $csrf, %more }, absolute => 1,
        headers => \%BROWSER);
}

sub check_form {
    my ($portal) = @_;
    my $user = $portal->browser;
    $user->sign_in(qw(RIVERSIDE Staff DoeJ));
    $portal->run_sql('UPDATE session SET last_seen_at = 1');
    my $kept = post_form($user, '/app/save?x=1');
    is($kept->{status}, 303, 'a form after the session has ended');
    is($portal->value("SELECT COUNT(*) FROM kept_request WHERE body LIKE"
        . " '%field%' OR visit_hash <> ''"), 0, 'kept sealed, for the account');
    my $answer = sign_in_at($user, $kept, 'DoeJ', 'RIVERSIDE');
    my $address = $answer->{headers}{location};
    like($address, qr{^/app/save\?x=1&clinicportal-resume=[\w-]{22}$},
        'back to where it was going');

    # Somebody else has nothing of it.
    my $other = $portal->browser;
    $other->sign_in(qw(RIVERSIDE Staff SmithA));
    is($other->get($address, absolute => 1)->{status}, 404,
        'another account is not asked');
    my $same_name = $portal->browser;
    $same_name->sign_in(qw(LAKEVIEW Staff DoeJ));
    is($same_name->get($address, absolute => 1)->{status}, 404,
        'nor one of that name elsewhere');

    # A forged yes does not do.
    is($user->post($address, { csrf => 'no' }, absolute => 1)->{status}, 403,
        'not without the token of the question');
    my $sent = send_kept($user, $answer);
    my $seen = seen_by_back_end($sent, 'sent');
    is("$seen->{method} $seen->{target}", 'POST /app/save?x=1', 'as it was');
    is($seen->{body}, $BODY, 'byte for byte');
    is($seen->{headers}{'content-type'}, 'application/x-www-form-urlencoded',
        'with its type');
    is($seen->{headers}{'content-length'}, length $BODY, 'and length');
    my $again = $user->get($address, absolute => 1);
    is($again->{status}, 404, 'once only');
    like($again->{content}, qr/Already sent/, 'and the page says so');
    is($portal->value('SELECT COUNT(*) FROM kept_request'), 0, 'it is gone');
    return;
}

sub check_discarded {
    my ($portal) = @_;
    my $user = $portal->browser;
    $user->sign_in(qw(RIVERSIDE Staff DoeJ));
    $portal->run_sql('UPDATE session SET last_seen_at = 1');
    my $answer = sign_in_at($user, post_form($user, '/app/save'), 'DoeJ',
        'RIVERSIDE');
    my $sent = send_kept($user, $answer, discard => 1);
    is($sent->{status}, 303, 'not sent');
    is($portal->value('SELECT COUNT(*) FROM kept_request'), 0, 'and forgotten');
    return;
}

# Nobody has signed in here before: it is this browser's.
sub check_unknown {
    my ($portal) = @_;
    my $user = $portal->browser;
    my $kept = post_form($user, '/app/first',
        'Content-Type' => 'multipart/form-data; boundary=x');
    my $answer = sign_in_at($user, $kept, 'DoeJ', 'RIVERSIDE');
    my $thief = $portal->browser;
    $thief->sign_in(qw(RIVERSIDE Staff SmithA));
    is($thief->follow($answer)->{status}, 404, 'not for another browser');
    my $seen = seen_by_back_end(send_kept($user, $answer), 'sent');
    is($seen->{body}, $BODY, 'it is sent');
    is($seen->{headers}{'content-type'}, 'multipart/form-data; boundary=x',
        'of any type');
    return;
}

# A session of the other kind, which the place does not let in, says nothing of
# whose form it is.
sub check_other_kind {
    my ($portal) = @_;
    my $user = $portal->browser;
    $user->sign_in(qw(RIVERSIDE Patient mlopez));
    $portal->run_sql('UPDATE session SET last_seen_at = 1');
    my $answer = sign_in_at($user, post_form($user, '/staffonly/save'), 'DoeJ',
        'RIVERSIDE');
    is(seen_by_back_end(send_kept($user, $answer), 'other kind')->{body},
        $BODY, 'it is sent by whom the place lets in');
    return;
}

# Another site's page could send a form in somebody's name: it is not kept to be
# waved through.
sub check_elsewhere {
    my ($portal) = @_;
    my $user = $portal->browser;
    for my $sign (['Sec-Fetch-Site' => 'cross-site'],
            [Origin => 'https://evil.example'], [Origin => 'null']) {
        my $answer = $user->request('POST', '/app/save?x=1', absolute => 1,
            content => $BODY, headers => { %OLD_BROWSER, @$sign });
        is($answer->{status}, 303, "a form of another site: @$sign");
        $answer = sign_in_at($user, $answer, 'DoeJ', 'RIVERSIDE');
        is($answer->{headers}{location}, '/app/save?x=1',
            'leads to the page, without the form');
        $user = $portal->browser;
    }
    is($portal->value('SELECT COUNT(*) FROM kept_request'), 0, 'none is kept');
    return;
}

sub check_too_much {
    my ($portal) = @_;
    my $user = $portal->browser;
    my $answer = $user->request('POST', '/app/save', absolute => 1,
        content => 'x' x 65_537, headers => { %BROWSER });
    is($answer->{status}, 413, 'too large to be kept');
    like($answer->{content}, qr/log in in another tab/i, 'says what to do');
    $answer = $user->request('POST', '/app/save', absolute => 1,
        content => 'x' x 65_536, headers => { %BROWSER });
    is($answer->{status}, 303, 'just as large as may be');
    post_form($user, '/app/save') for 1 .. 60;
    is(post_form($user, '/app/save')->{status}, 413, 'nobody fills the table');
    is($portal->value('SELECT COUNT(*) FROM kept_request'), 60, 'with rows');
    $portal->run_sql('DELETE FROM kept_request');
    return;
}

# An address that is not signed leads nobody back to what was kept.
sub check_address_of_form {
    my ($portal) = @_;
    my $user = $portal->browser;
    for my $query ('of=a|b', 'of={a}', 'of=a^b', 'of=`', 'a=' . 'x' x 2000) {
        my $answer = post_form($user, "/app/save?$query");
        my $what = substr $query, 0, 8;
        is($answer->{status}, 413, "$what: not kept");
        like($answer->{content}, qr/log in in another tab/i,
            "$what: and the page says what to do");
    }
    is($portal->value('SELECT COUNT(*) FROM kept_request'), 0, 'none is');
    is(post_form($user, '/app/save?of=a%7Cb')->{status}, 303,
        'an escaped one is kept');
    $portal->run_sql('DELETE FROM kept_request');
    return;
}

sub check_age {
    my ($portal) = @_;
    my $user = $portal->browser;
    $user->sign_in(qw(RIVERSIDE Staff DoeJ));
    is($user->get('/fresh/x', absolute => 1)->{status}, 200, 'just signed in');
    $portal->run_sql('UPDATE session SET authenticated_at = authenticated_at'
        . ' - 301000000');
    my $json = $user->get('/fresh/x', absolute => 1,
        headers => { Accept => 'application/json' });
    is("$json->{status} " . decode_json($json->{content})->{error}{code},
        '403 confirm', 'a program is told');
    my $answer = post_form($user, '/fresh/x?y');
    like($answer->{headers}{location}, qr{/staff/confirm\?need=password&next=},
        'a while later: the password');
    my $page = $user->follow($answer);
    like($page->{content}, qr/Please confirm that it is you/, 'is asked for');
    my $fields = Browser::form_fields($page->{content}, '/confirm');
    my $old = $user->cookie_header;
    is($user->post('/staff/confirm', { %$fields, present => 'wrong' })->{status},
        403, 'a wrong one does not do');
    $answer = $user->post('/staff/confirm',
        { %$fields, present => 'demo-portal-passphrase' });
    is($answer->{status}, 303, 'the right one');
    my $seen = seen_by_back_end(send_kept($user, $answer), 'after it');
    is("$seen->{target} $seen->{body}", "/fresh/x?y $BODY",
        'and the form goes on');
    is($portal->browser->get('/fresh/x', absolute => 1,
        headers => { Cookie => $old })->{status}, 303, 'under a new cookie');
    my $other = $portal->browser;
    $other->sign_in(qw(LAKEVIEW Staff DoeJ));
    is($user->get('/either/', absolute => 1)->{status}, 200, 'in a RequireAny');
    $portal->run_sql('UPDATE session SET authenticated_at = 1');
    is($user->get('/either/', absolute => 1)->{status}, 303,
        'asked where the answer would help');
    is($other->get('/either/', absolute => 1)->{status}, 403,
        'and not where it would not');
    return;
}

sub check_factor {
    my ($portal) = @_;
    my $user = $portal->browser;
    $portal->ctl(qw(clinic set RIVERSIDE --second-factor per-user));
    $user->sign_in(qw(RIVERSIDE Staff DoeJ));
    my $answer = $user->get('/coded/x', absolute => 1, headers => \%BROWSER);
    like($answer->{headers}{location}, qr{/confirm\?need=any&next=},
        'a second factor');
    like($user->follow($answer)->{content}, qr/you have none yet/,
        'has to be set up first');
    my $page = $user->get('/staff/account/factor');
    my $fields = Browser::form_fields($page->{content}, '/factor/mail');
    $user->post('/staff/account/factor/mail',
        { %$fields, present => 'demo-portal-passphrase' });
    $mail->next_mail;    # says that it was set

    $answer = $user->get('/coded/x', absolute => 1, headers => \%BROWSER);
    $fields = Browser::form_fields($user->follow($answer)->{content},
        '/confirm');
    $user->post('/staff/confirm', { %$fields, send => 1 });
    my ($code) = $mail->next_mail->{text} =~ /^(\d{6})$/m;
    is($user->post('/staff/confirm', { %$fields, code => '000000' })->{status},
        403, 'a wrong code');
    $answer = $user->post('/staff/confirm', { %$fields, code => $code });
    is($answer->{headers}{location}, '/coded/x', 'the right one: back');
    is($user->follow($answer)->{status}, 200, 'and in');
    $answer = $user->get('/otp/x', absolute => 1, headers => \%BROWSER);
    like($user->follow($answer)->{content}, qr/only open with an authenticator/,
        'a code by mail is no authenticator');
    $portal->ctl(qw(clinic set RIVERSIDE --second-factor off));
    my $other = $portal->browser;
    $other->sign_in(qw(RIVERSIDE Staff SmithA));
    $answer = $other->get('/coded/x', absolute => 1, headers => \%BROWSER);
    like($other->follow($answer)->{content}, qr/has none switched on/,
        'a clinic without any says so');
    return;
}

# A session with a step to go is not signed in; the way back survives the step.
sub check_halfway {
    my ($portal) = @_;
    my $user = $portal->browser;
    $portal->ctl(qw(clinic set RIVERSIDE --second-factor all));
    $user->sign_in(qw(RIVERSIDE Staff SmithA));
    my $answer = $user->get('/app/x', absolute => 1, headers => \%BROWSER);
    like($answer->{headers}{location}, qr{/staff/signin/enrol\?next=},
        'to the step, and back');
    is($user->get('/app/x', absolute => 1,
        headers => { Accept => 'application/json' })->{status}, 401,
        'for a program not signed in');
    $portal->ctl(qw(clinic set RIVERSIDE --second-factor off));
    return;
}

on_each_database(sub {
    my ($portal) = @_;
    check_address($portal);
    check_kinds($portal);
    $portal->run_sql('DELETE FROM kept_request');
    check_form($portal);
    check_discarded($portal);
    check_unknown($portal);
    check_other_kind($portal);
    $portal->run_sql('DELETE FROM kept_request');
    check_elsewhere($portal);
    check_too_much($portal);
    check_address_of_form($portal);
    check_age($portal);
    check_factor($portal);
    check_halfway($portal);
    $portal->claim('authz_core:error');
}, base => ['', '/portal'], has_origin => 1, conf => $mail->conf
    . "ClinicPortalCaptchaCost 10 1 9\n",
    after_conf => \&applications, modules => [qw(proxy proxy_http)]);
$back->stop;
$mail->stop;

done_testing;
