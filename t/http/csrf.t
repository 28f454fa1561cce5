# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# Forms that come from elsewhere, too late, too large or garbled; and the way
# back to the page a person was going to.
use strict;
use warnings;

use Test::More;

use ClinicTest;

my @WHO = qw(RIVERSIDE Staff SmithA);
my $FORM = 'application/x-www-form-urlencoded';

# Rows that only a try leaves: nothing happened as long as they stay as many.
sub traces {
    my ($portal) = @_;
    return $portal->value('SELECT (SELECT COUNT(*) FROM audit_event)'
        . ' + (SELECT COUNT(*) FROM session) + (SELECT COUNT(*) FROM throttle)'
        . ' + (SELECT COUNT(*) FROM captcha_spent)');
}

# A token somebody else got for a page of theirs.
sub token_of_another {
    my ($portal) = @_;
    return $portal->browser->sign_in_fields(@WHO)->{csrf};
}

sub check_stale {
    my ($portal) = @_;
    my $user = $portal->browser;
    my $good = $user->sign_in_fields(@WHO)->{csrf};
    my $before = traces($portal);
    my $origin = $portal->origin;
    (my $tampered = $good) =~ s/(.)$/$1 eq 'A' ? 'B' : 'A'/e;
    my @cases = (
        ['token missing', { csrf => undef }],
        ['token empty', { csrf => '' }],
        ['token made up', { csrf => 'x' }],
        ['token tampered with', { csrf => $tampered }],
        ['token of another visit', { csrf => token_of_another($portal) }],
        ['other origin', {}, Origin => 'https://evil.example'],
        ['origin null', {}, Origin => 'null'],
        ['origin of another port', {}, Origin => 'http://localhost:1'],
        ['origin that begins like ours', {}, Origin => "$origin.evil.example"],
        ['fetched cross-site', {}, 'Sec-Fetch-Site' => 'cross-site'],
        ['fetched same-site', {}, 'Sec-Fetch-Site' => 'same-site'],
        ['no cookie', {}, Cookie => ''],
        ['cookie of another visit', {},
            Cookie => 'clinicportal-visit=' . 'A' x 43]);
    for my $case (@cases) {
        my ($why, $changes, %headers) = @$case;
        my %fields = (%{ $user->sign_in_fields(@WHO) }, %$changes);
        delete $fields{$_} for grep { !defined $fields{$_} } keys %fields;
        my $answer = $user->post('/login', \%fields, headers => \%headers);
        is($answer->{status}, 403, $why);
        like(Browser::alert_of($answer), qr/This page was open too long/, 'says so');
        like($answer->{content}, qr/name="username" value="SmithA"/,
            'the user name is kept');
        unlike($answer->{content}, qr/demo-portal-passphrase/,
            'the password is not');
        my $form = Browser::form_fields($answer->{content}, '/login');
        is("$form->{clinicID} $form->{LoginType}", 'RIVERSIDE Staff',
            'nor are clinic and tab lost');
        is(traces($portal), $before, 'nothing was done');
    }
    my $json = $user->post('/login', { clinicID => 'RIVERSIDE',
        LoginType => 'Staff' }, headers => { Accept => 'application/json' });
    is($json->{status}, 403, 'a program is refused, too');
    like($json->{content}, qr/"code":\s*"stale"/, 'in JSON');
    return;
}

# Forms that are none.
sub check_garbled {
    my ($portal) = @_;
    my $user = $portal->browser;
    my $fields = $user->sign_in_fields(@WHO);
    my $body = $user->{http}->www_form_urlencode($fields);
    my $before = traces($portal);
    my @cases = (
        [415, 'text/plain', $body, 'as text'],
        [415, 'application/json', '{}', 'as JSON'],
        [415, 'multipart/form-data; boundary=x', "--x--\r\n", 'as multipart'],
        [415, "${FORM}x", $body, 'with a type that begins like ours'],
        [415, '', $body, 'without a type'],
        [413, $FORM, $body . '&x=' . 'y' x 16384, 'that is too large'],
        [413, $FORM, $body . '&x=' . 'y' x 3_000_000, 'of three megabytes'],
        [413, $FORM, \'chunks', 'too large and in chunks'],
        [400, $FORM, "$body&username=DoeJ", 'with two user names'],
        [400, $FORM, "$body&USERNAME=DoeJ", 'two, in another case'],
        [400, $FORM, "$body&password=x", 'with two passwords'],
        [400, $FORM, "$body&csrf=x", 'with two tokens'],
        [400, $FORM, "$body&clinicID=LAKEVIEW", 'with two clinics'],
        [400, $FORM, "$body&logintype=Patient", 'with two tabs'],
        [400, $FORM, "$body&x=%zz", 'with a bad escape'],
        [400, $FORM, "$body&x=%00", 'with NUL'],
        [400, $FORM, "$body&x=%ff", 'with invalid UTF-8'],
        [400, $FORM, $body . '&a=1' x 100, 'with a hundred fields'],
    );
    for my $case (@cases) {
        my ($status, $type, $content, $why) = @$case;
        my $sent = ref $content ? chunks_of($body) : $content;
        my $answer = $user->request('POST', '/login', content => $sent,
            headers => { 'Content-Type' => $type });
        is($answer->{status}, $status, "a form $why");
        like($answer->{content}, qr/class="reference">\w{4}-\w{4}</,
            'an error page with a reference');
        is(traces($portal), $before, 'nothing was done');
    }
    is($user->request('POST', '/login', content => $body,
        headers => { 'Content-Type' => "$FORM; charset=UTF-8" })->{status}, 303,
        'a charset is no harm');
    return;
}

# A body in chunks, longer than any form.
sub chunks_of {
    my ($body) = @_;
    my @rest = ($body, map { '&x=' . 'y' x 4000 } 1 .. 6);
    return sub { shift @rest };
}

sub check_door {
    my ($portal) = @_;
    my $user = $portal->browser;
    my %cases = (400 => [{ clinicID => undef }, { clinicID => '' },
            { clinicID => 'RIVER SIDE' }, { LoginType => undef },
            { LoginType => 'Admin' }, { LoginType => '' }],
        404 => [{ clinicID => 'NOSUCH' }]);
    for my $status (sort keys %cases) {
        for my $change (@{ $cases{$status} }) {
            my ($name) = keys %$change;
            my %fields = (%{ $user->sign_in_fields(@WHO) }, %$change);
            delete $fields{$name} if !defined $fields{$name};
            my $answer = $user->post('/login', \%fields);
            is($answer->{status}, $status,
                "$name " . ($change->{$name} // 'missing'));
            unlike($answer->{content}, qr/demo-portal-passphrase/, 'no echo');
        }
    }
    return;
}

# The link a signed-out person is sent to, and the form's field there.
sub way_in {
    my ($user, $path) = @_;
    my $sent = $user->get($path);
    is($sent->{status}, 303, "$path asks to sign in");
    my $page = $user->follow($sent);
    my $fields = Browser::form_fields($page->{content}, '/login');
    return ($fields, $sent->{headers}{location});
}

sub fill_in {
    my ($user, $fields, %changes) = @_;
    my ($clinic, $type) = @$fields{qw(clinicID LoginType)};
    return $user->post('/login', { %$fields,
        username => $type eq 'Staff' ? 'SmithA' : 'mlopez',
        password => 'demo-portal-passphrase',
        altcha => $user->captcha($clinic), %changes });
}

sub check_next {
    my ($portal) = @_;
    my $base = $portal->{base};
    for my $path ('/staff/schedule?date=2026-03-08&view=week',
            '/patient/documents', '/staff/messages?x=%26y%3D%C3%A9') {
        my $user = $portal->browser;
        $user->get('/index.aspx?clinicID=RIVERSIDE&LoginType=Staff');
        my ($fields) = way_in($user, $path);
        my $wrong = fill_in($user, $fields, password => 'wrong');
        is($wrong->{status}, 403, 'a typing mistake');
        my $again = Browser::form_fields($wrong->{content}, '/login');
        is($again->{next}, $fields->{next}, 'does not lose the way');
        my $in = fill_in($user, $again);
        is($in->{status}, 303, 'signed in');
        is($in->{headers}{location}, "$base$path", "and back at $path");
        is($user->follow($in)->{status}, 200, 'which answers');
    }
    return;
}

sub check_next_through_clinic_page {
    my ($portal) = @_;
    my $user = $portal->browser;
    my $page = $user->follow($user->get('/staff/documents'));
    like($page->{content}, qr/name="clinicID"/, 'who never came is asked where');
    my $hidden = Browser::form_fields($page->{content}, '/index.aspx');
    is($hidden->{LoginType}, 'Staff', 'the tab is known');
    my $query = $user->{http}->www_form_urlencode(
        { %$hidden, clinicID => 'RIVERSIDE' });
    my $login = $user->get("/index.aspx?$query");
    my $in = fill_in($user, Browser::form_fields($login->{content}, '/login'));
    is($in->{headers}{location}, "$portal->{base}/staff/documents",
        'and still comes to the page');
    return;
}

# Only what the portal signed, and only below its own place.
sub check_forged_next {
    my ($portal) = @_;
    my $base = $portal->{base};
    my $user = $portal->browser;
    $user->get('/index.aspx?clinicID=RIVERSIDE&LoginType=Staff');
    my ($fields) = way_in($user, '/staff/documents');
    (my $tampered = $fields->{next}) =~ s/^(.{20})(.)/$1 . ($2 eq 'A' ? 'B' : 'A')/e;
    my @forged = ('https://evil.example/', '//evil.example', '/staff/documents',
        "$base/staff/documents", $tampered, "$fields->{next}x", '', 'A' x 2000);
    for my $next (@forged) {
        my $in = fill_in($user, $user->sign_in_fields(@WHO), next => $next);
        is($in->{status}, 303, 'a forged way in');
        is($in->{headers}{location}, "$base/staff/",
            'leads home: ' . substr $next, 0, 30);
        $user->sign_out($user->get('/staff/'));
    }
    my $page = $user->get('/index.aspx?clinicID=RIVERSIDE&LoginType=Staff'
        . '&next=https://evil.example/&reason=%3Cb%3Eevil');
    is($page->{status}, 200, 'a link with a forged way and reason');
    unlike($page->{content}, qr/evil/, 'shows neither');
    return;
}

# Signing out is a form, too.
sub check_sign_out {
    my ($portal) = @_;
    my $user = $portal->browser;
    $user->sign_in(@WHO);
    my $fields = Browser::form_fields($user->get('/staff/')->{content}, '/logout');
    for my $case ([{}, {}], [{ csrf => 'x' }, {}],
            [{ csrf => token_of_another($portal) }, {}],
            [$fields, { Origin => 'https://evil.example' }],
            [$fields, { 'Sec-Fetch-Site' => 'cross-site' }]) {
        my $answer = $user->post('/logout', $case->[0], headers => $case->[1]);
        is($answer->{status}, 403, 'a forged sign-out');
        is($user->get('/staff/')->{status}, 200, 'signs nobody out');
    }
    is($user->get('/logout')->{status}, 405, 'nor does a link');
    is($user->post('/logout', $fields)->{status}, 303, 'the true one does');
    is($user->get('/staff/')->{status}, 303, 'at once');
    return;
}

on_each_database(sub {
    my ($portal) = @_;

    check_stale($portal);
    check_garbled($portal);
    check_door($portal);
    check_next($portal);
    check_next_through_clinic_page($portal);
    check_forged_next($portal);
    check_sign_out($portal);
}, base => '/portal');

done_testing;
