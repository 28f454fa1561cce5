# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# The account page: sessions and browsers, which are one's own alone; how long a
# session lasts, and what the clinic says about it.
use strict;
use warnings;

use Test::More;

use ClinicTest;

my @WHO = qw(RIVERSIDE Staff DoeJ);

sub account_of {
    my ($user, $kind) = @_;
    return $user->json("/$kind/account")->{json}{data};
}

sub end {
    my ($user, $kind, $path, %fields) = @_;
    my $page = $user->get("/$kind/account");
    my $hidden = Browser::form_fields($page->{content}, $path);
    return $user->post("/$kind$path", { csrf => $hidden->{csrf}, %fields });
}

sub check_sessions {
    my ($portal) = @_;
    my ($here, $there, $third) = map { $portal->browser } 1 .. 3;
    $there->{headers}{'User-Agent'} =
        'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0) Version/19.0 Safari/605.1';
    $here->sign_in(@WHO);
    is(account_of($here, 'staff')->{previous_login_text}, undef, 'the first time');
    $_->sign_in(@WHO) for $there, $third;
    like($there->get('/staff/')->{content}, qr/You last signed in on <time/,
        'the second time it says when the first was');
    my $sessions = account_of($here, 'staff')->{sessions};
    is(scalar @$sessions, 3, 'all are listed');
    is(scalar(grep { $_->{is_this} } @$sessions), 1, 'one is this');
    my ($phone) = grep { $_->{browser} eq 'Safari on iPhone' } @$sessions;
    ok($phone, 'a telephone is called by its name');
    is($phone->{address}, '127.0.0.1', 'with its address');
    my $since = $portal->count_audit;
    my $answer = end($here, 'staff', '/account/sessions/end', session => $phone->{id});
    like($here->follow($answer)->{content}, qr/That session has ended/, 'one is ended');
    is($there->get('/staff/')->{status}, 303, 'it is out');
    is($third->get('/staff/')->{status}, 200, 'the other is not');
    end($here, 'staff', '/account/sessions/end');
    is($third->get('/staff/')->{status}, 303, 'all others can be ended');
    is($here->get('/staff/')->{status}, 200, 'but this one stays');
    is_deeply([map { $_->{event} } @{ $portal->audit($since) }],
        [('session-ended') x 2], 'audited');
    return;
}

sub check_own_only {
    my ($portal) = @_;
    my ($doe, $lopez) = ($portal->browser, $portal->browser);
    $doe->sign_in(@WHO);
    $lopez->sign_in(qw(RIVERSIDE Patient mlopez));
    my $own = account_of($lopez, 'patient');
    is(scalar @{ $own->{sessions} }, 1, 'only one\'s own sessions are listed');
    end($doe, 'staff', '/account/sessions/end',
        session => $own->{sessions}[0]{id});
    is($lopez->get('/patient/')->{status}, 200, 'another\'s session is not ended');
    end($doe, 'staff', '/account/devices/forget',
        device => $own->{devices}[0]{id});
    is(scalar @{ account_of($lopez, 'patient')->{devices} }, 1,
        'nor another\'s device forgotten');
    my $hidden = Browser::form_fields($doe->get('/staff/account')->{content},
        '/account/devices/forget');
    for my $path (qw(/staff/account/sessions/end /staff/account/devices/forget
            /staff/session)) {
        is($doe->post($path, { %$hidden, csrf => 'x' })->{status}, 403,
            "$path needs its token");
        is($doe->get($path)->{status}, $path eq '/staff/session' ? 200 : 405,
            'and a POST');
    }
    end($doe, 'staff', '/account/devices/forget');
    is_deeply(account_of($doe, 'staff')->{devices}, [], 'one\'s own are');
    return;
}

sub seconds_left {
    my ($user) = @_;
    return $user->json('/staff/session')->{json}{data}{seconds_left};
}

sub age {
    my ($portal, $seconds) = @_;
    $portal->run_sql('UPDATE session SET last_seen_at = last_seen_at - ?',
        $seconds * 1_000_000);
    return;
}

sub check_end {
    my ($portal) = @_;
    my $user = $portal->browser;
    $user->sign_in(@WHO);
    like($user->get('/staff/')->{content},
        qr/you are signed out at \d+:\d\d.{1,3}[AP]M/, 'the page says when');
    age($portal, 600);
    my $left = seconds_left($user);
    cmp_ok($left, '<=', 300, 'ten minutes have passed');
    cmp_ok($left, '>', 200, 'of fifteen');
    cmp_ok(seconds_left($user), '<=', 300, 'asking is no sign of a person');
    my $fields = Browser::form_fields($user->get('/staff/account',
        headers => { 'Sec-Purpose' => 'prefetch' })->{content}, '/logout');
    my $answer = $user->post('/staff/session', $fields,
        headers => { Accept => 'application/json' });
    is($answer->{status}, 200, 'saying so is');
    cmp_ok(seconds_left($user), '>', 800, 'and makes it last');
    age($portal, 901);
    is($user->json('/staff/session')->{status}, 401, 'after its end it is gone');
    return;
}

sub check_policy {
    my ($portal) = @_;
    my $user = $portal->browser;
    $portal->ctl(qw(clinic set RIVERSIDE --session-idle-minutes 5
        --session-max-hours 1));
    $user->sign_in(@WHO);
    cmp_ok(seconds_left($user), '<=', 300, 'a clinic may say less');
    age($portal, 301);
    my $page = $user->follow($user->get('/staff/'));
    like($page->{content}, qr/signed out after 5 minutes without activity/,
        'which the page then says');
    $portal->ctl(qw(clinic set RIVERSIDE --session-idle-minutes default
        --session-max-hours default));
    return;
}

on_each_database(sub {
    my ($portal) = @_;

    check_sessions($portal);
    check_own_only($portal);
    check_end($portal);
    check_policy($portal);
});

done_testing;
