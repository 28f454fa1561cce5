# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# Changing a password: the rules, the present one, what follows; and passwords
# that have to be changed before anything else.
use strict;
use warnings;

use Test::More;

use ClinicTest;

my @WHO = qw(RIVERSIDE Staff DoeJ);
my $OLD = 'demo-portal-passphrase';
my $NEW = 'seven green teapots sing';

sub fields {
    my ($user, $path, $present, $password) = @_;
    my $page = $user->get($path);
    is($page->{status}, 200, "$path is there");
    my $fields = Browser::form_fields($page->{content}, $path);
    return { %$fields, present => $present, password => $password };
}

sub change {
    my ($user, $path, @passwords) = @_;
    return $user->post($path, fields($user, $path, @passwords));
}

sub broken_rules {
    my ($answer) = @_;
    return [$answer->{content} =~ m{<li class="broken"><b>Not yet:</b> ([^<]*)}g];
}

sub check_rules {
    my ($portal) = @_;
    my $user = $portal->browser;
    my $path = '/staff/account/password';
    $user->sign_in(@WHO);
    my $page = $user->get($path)->{content};
    like($page, qr/At least 15 characters/, 'the rules are told before');
    is_deeply(broken_rules({ content => $page }), [], 'none is broken yet');
    my @cases = (
        ['fourteen chars', qr/At least 15/],
        ['password1234567', qr/many people use/],
        ['P@ssw0rd2026!!!', qr/many people use/],
        ['aaaaaaaaaaaaaaaaaaaa', qr/many people use/],
        ['Riverside2026!!!', qr/many people use/],
        ['DoeJ12345678901', qr/many people use/],
        [$OLD, qr/Not the password you have now/],
        ['', qr/At least 15/],
        ['x' x 257, qr/At most 256 bytes/],
    );
    for my $case (@cases) {
        my ($password, $rule) = @$case;
        my $answer = change($user, $path, $OLD, $password);
        my $why = substr $password, 0, 20;
        is($answer->{status}, 400, "'$why' is refused");
        is(scalar(grep { /$rule/ } @{ broken_rules($answer) }), 1,
            'with the rule') or diag explain broken_rules($answer);
        unlike($answer->{content}, qr/value="\Q$password\E"/, 'not repeated')
            if $password ne '';
    }
    is($portal->browser->sign_in(@WHO)->{status}, 303, 'nothing has changed');
    return;
}

sub check_change {
    my ($portal) = @_;
    my ($here, $there) = ($portal->browser, $portal->browser);
    my $path = '/staff/account/password';
    $_->sign_in(@WHO) for $here, $there;
    my $since = $portal->count_audit;
    my $answer = change($here, $path, 'wrong', $NEW);
    is($answer->{status}, 403, 'the present one is needed');
    like(Browser::alert_of($answer), qr/present password is not right/, 'in words');
    is_deeply([map { "$_->{event} $_->{reason}" } @{ $portal->audit($since) }],
        ['reauthentication wrong-password'], 'and audited');
    $answer = change($here, $path, $OLD, $NEW);
    is($answer->{status}, 303, 'then it is changed');
    like($here->follow($answer)->{content}, qr/Your password is changed/, 'and told');
    is($here->get('/staff/')->{status}, 200, 'this session goes on');
    is($there->get('/staff/')->{status}, 303, 'the others have ended');
    is($portal->browser->sign_in(@WHO)->{status}, 403, 'the old one is no good');
    is($portal->browser->sign_in(@WHO, $NEW)->{status}, 303, 'the new one is');
    my $fields = fields($here, $path, $NEW, "$NEW more");
    $fields->{csrf} = 'x';
    $answer = $here->post($path, $fields);
    is($answer->{status}, 403, 'a form of elsewhere');
    like(Browser::alert_of($answer), qr/open too long/, 'is told to try again');
    is($portal->browser->sign_in(@WHO, $NEW)->{status}, 303, 'changes nothing');
    is_deeply([map { $_->{event} } grep { $_->{event} =~ /password/ }
        @{ $portal->audit($since) }], ['password-changed'], 'one audit row');
    return;
}

sub check_guesses {
    my ($portal) = @_;
    my $user = $portal->browser;
    my $path = '/staff/account/password';
    $user->sign_in(@WHO, $NEW);
    change($user, $path, "wrong $_", 'another good passphrase') for 1 .. 5;
    my $answer = change($user, $path, $NEW, 'another good passphrase');
    is($answer->{status}, 429, 'guessing the present one is locked');
    is($user->get('/staff/')->{status}, 200, 'the session is not');
    $portal->ctl('unlock', 'RIVERSIDE', 'DoeJ');
    return;
}

# Each is a hash, and what follows several more, which others wait behind.
sub check_often {
    my ($portal) = @_;
    my @who = qw(RIVERSIDE Staff SmithA);
    my $user = $portal->browser;
    my $path = '/staff/account/password';
    $user->sign_in(@who);
    my @answers = map { change($user, $path, $OLD, $OLD) } 1 .. 31;
    is_deeply([map { $_->{status} } @answers], [(400) x 30, 429],
        'a right one may be given so often');
    like(Browser::alert_of($answers[30]), qr/too many tries\. Wait a few minutes/,
        'in words');
    is($portal->browser->sign_in(@who)->{status}, 303, 'nobody is locked out');
    $portal->ctl(qw(unlock RIVERSIDE SmithA));
    is(change($user, $path, $OLD, $OLD)->{status}, 400, 'it can be unlocked');
    return;
}

sub check_history {
    my ($portal) = @_;
    my $user = $portal->browser;
    my $path = '/staff/account/password';
    $portal->ctl(qw(clinic set RIVERSIDE --password-history 2
        --password-letter-digit on --password-no-name on));
    $user->sign_in(@WHO, $NEW);
    my $page = $user->get($path)->{content};
    like($page, qr/one of the last 2/, 'the history is told');
    like($page, qr/A letter and a digit/, 'the clinic\'s rule, too');
    my $answer = change($user, $path, $NEW, 'no digit in here at all');
    is_deeply(broken_rules($answer), ['A letter and a digit.'], 'and holds');
    $answer = change($user, $path, $NEW, 'jane went up hill 7 times');
    is_deeply(broken_rules($answer), ['No part of your name or user name.'],
        'so does the other');
    my @next = map { "number $_ of the passphrases" } 1 .. 3;
    is(change($user, $path, $NEW, $next[0])->{status}, 303, 'a first');
    is(change($user, $path, $next[0], $next[1])->{status}, 303, 'a second');
    is(change($user, $path, $next[1], $next[0])->{status}, 400,
        'not back to the first');
    is(change($user, $path, $next[1], $next[2])->{status}, 303, 'a third');
    is(change($user, $path, $next[2], $next[1])->{status}, 400,
        'not back to the second');
    is(change($user, $path, $next[2], "$NEW 1")->{status}, 303, 'a fourth');
    is(change($user, $path, "$NEW 1", $next[0])->{status}, 303,
        'the first again');
    is($portal->value('SELECT COUNT(*) FROM password_history'), 4,
        'no more are kept than any clinic may ask for');
    $portal->ctl(qw(clinic set RIVERSIDE), map { ("--$_", 'default') }
        qw(password-history password-letter-digit password-no-name));
    return;
}

# Whoever has to change it gets to nothing else.
sub is_held {
    my ($portal, $user, $answer) = @_;
    my $step = "$portal->{base}/staff/signin/password";
    is($answer->{headers}{location}, $step, 'the step comes first');
    my $page = $user->get('/staff/documents?after=x');
    like($page->{headers}{location}, qr{^\Q$step\E\?next=}, 'every page leads there');
    for my $path ('/staff/', '/staff/changes', '/staff/account') {
        my $json = $user->json($path);
        is("$json->{status} $json->{json}{error}{code}", '403 sign-in-step',
            "$path is closed");
    }
    is($user->get('/patient/')->{status}, 303, 'the other half is closed');
    return $page;
}

sub check_must_change {
    my ($portal) = @_;
    my $user = $portal->browser;
    my $path = '/staff/signin/password';
    my ($status) = $portal->try_ctl("$OLD\n",
        qw(passwd RIVERSIDE staff DoeJ --must-change));
    is($status, 0, 'an administrator sets one');
    my $since = $portal->count_audit;
    my $asked = is_held($portal, $user, $user->sign_in(@WHO));
    is_deeply([map { "$_->{event} $_->{reason}" } @{ $portal->audit($since) }],
        ['sign-in-step password'], 'nobody has signed in yet');
    my $cookie = $user->{cookies}{'clinicportal-staff'};
    my $form = $user->follow($asked);
    my $fields = Browser::form_fields($form->{content}, $path);
    my $answer = $user->post($path, { %$fields, present => $OLD,
        password => $OLD });
    is($answer->{status}, 400, 'it has to be another');
    $answer = $user->post($path, { %$fields, present => $OLD,
        password => $NEW });
    like($answer->{headers}{location}, qr{/staff/documents\?after=x$},
        'then they are where they were going');
    isnt($user->{cookies}{'clinicportal-staff'}, $cookie, 'under a new token');
    is($user->get('/staff/')->{status}, 200, 'and are in');
    is($user->get($path)->{status}, 303, 'the step is behind them');
    is($portal->browser(cookies => { 'clinicportal-staff' => $cookie })
        ->get($path)->{status}, 303, 'the old token opens nothing');
    is(scalar(grep { $_->{event} eq 'sign-in' && $_->{outcome} eq '0' }
        @{ $portal->audit($since) }), 1, 'one sign-in');
    is($portal->browser->sign_in(@WHO, $NEW)->{headers}{location},
        "$portal->{base}/staff/", 'the next time all is well');
    return;
}

sub check_expiry {
    my ($portal) = @_;
    my $user = $portal->browser;
    $portal->ctl(qw(clinic set RIVERSIDE --password-expiry-days 90));
    is($user->sign_in(@WHO, $NEW)->{headers}{location},
        "$portal->{base}/staff/", 'a young password');
    $portal->run_sql('UPDATE account SET password_changed_at ='
        . ' password_changed_at - 7776000000000');
    my $late = $portal->browser;
    is_held($portal, $late, $late->sign_in(@WHO, $NEW));
    is($late->sign_out($late->get('/staff/signin/password'))->{status}, 303,
        'one may leave instead');
    $portal->ctl(qw(clinic set RIVERSIDE --password-expiry-days default));
    return;
}

on_each_database(sub {
    my ($portal) = @_;

    check_rules($portal);
    check_change($portal);
    check_guesses($portal);
    check_often($portal);
    check_history($portal);
    check_must_change($portal);
    check_expiry($portal);
}, conf => "ClinicPortalLoginLimit address 1000 15m\n");

done_testing;
