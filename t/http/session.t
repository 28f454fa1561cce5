# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# Sessions: they begin anew with every sign-in, end by their limits, by the
# person, by the clinic, and by nothing else.
use strict;
use warnings;

use Test::More;
use Time::HiRes qw(time);

use ClinicTest;

my $IDLE_S = 600;
my $MAX_S = 7200;
my $SOON_S = 10; # a request that is sent now has been answered by then
my @WHO = ([qw(RIVERSIDE Staff DoeJ)], [qw(LAKEVIEW Patient mlopez)]);

# The pages of the kind, signed in.
sub enter {
    my ($portal, $who) = @_;
    my $user = $portal->browser;
    is($user->sign_in(@$who)->{status}, 303, "@$who is in");
    return ($user, '/' . lc $who->[1]);
}

# Sets times of this user's session, in seconds from now.
sub turn {
    my ($portal, $user, $who, %seconds) = @_;
    my ($id) = $user->{cookies}{'clinicportal-' . lc $who->[1]} =~ /^(\w+)\./;
    for my $column (sort keys %seconds) {
        my $count = $portal->run_sql("UPDATE session SET $column = ?"
            . ' WHERE clinic_id = ?', int((time + $seconds{$column}) * 1e6), $id);
        is($count, 1, "$column turned by $seconds{$column} s");
    }
    return;
}

# What a program gets with this browser's cookies.
sub program_is_out {
    my ($portal, $user, $kind, $reason, $words) = @_;
    my $program = $portal->browser(cookies => { %{ $user->{cookies} } });
    my $json = $program->json("/$kind/documents");
    is($json->{status}, 401, "$reason: a program gets 401");
    like($json->{content}, qr/"code":\s*"signed-out"/, 'in JSON');
    like($json->{content}, $words, 'with the reason');
    unlike($json->{content}, qr/"data"|Lopez|"title"/, 'and nothing else');
    return;
}

# Out, with this reason, and back to the same page after signing in again.
sub is_sent_away {
    my ($portal, $user, $who, $reason, $words) = @_;
    my ($clinic, $type, $username) = @$who;
    my $kind = lc $type;
    program_is_out($portal, $user, $kind, $reason, $words);
    my $sent = $user->get("/$kind/messages?folder=inbox");
    is($sent->{status}, 303, "$reason: a page leads to the sign-in");
    like($sent->{headers}{location}, qr{^\Q$portal->{base}\E/index\.aspx
        \?clinicID=$clinic&LoginType=$type&reason=$reason&next=}x, 'the same tab');
    ok(!exists $user->{cookies}{"clinicportal-$kind"}, 'the cookie is gone');
    my $page = $user->follow($sent);
    like($page->{content}, $words, 'which says why');
    unlike($page->{content}, qr/role="alert">[^<]*signed out/, 'calmly');
    my $fields = Browser::form_fields($page->{content}, '/login');
    my $in = $user->post('/login', { %$fields, username => $username,
        password => 'demo-portal-passphrase',
        altcha => $user->captcha($clinic) });
    is($in->{headers}{location}, "$portal->{base}/$kind/messages?folder=inbox",
        'and back they are');
    is($user->follow($in)->{status}, 200, 'on the page itself');
    $portal->run_sql('DELETE FROM session');
    return;
}

sub check_fixation {
    my ($portal) = @_;
    for my $who (@WHO) {
        my $cookie = 'clinicportal-' . lc $who->[1];
        my $planted = lc($who->[0]) . '.' . 'P' x 43;
        my $user = $portal->browser(cookies => { $cookie => $planted });
        $user->sign_in(@$who);
        my $first = $user->{cookies}{$cookie};
        isnt($first, $planted, 'a planted value is not taken over');
        my $thief = $portal->browser(cookies => { $cookie => $planted });
        is($thief->get('/' . lc($who->[1]) . '/')->{status}, 303,
            'and opens nothing');

        $user->get('/index.aspx?clinicID=NOSUCH');
        my $fields = $user->sign_in_fields($who->[0],
            $who->[1] eq 'Staff' ? 'Patient' : 'Staff', $who->[2]);
        is($user->post('/login', { %$fields, LoginType => $who->[1] })->{status},
            303, 'signs in again');
        isnt($user->{cookies}{$cookie}, $first, 'with another token');
        $thief = $portal->browser(cookies => { $cookie => $first });
        is($thief->get('/' . lc($who->[1]) . '/')->{status}, 303,
            'the one before is dead');
        is($portal->value('SELECT COUNT(*) FROM session WHERE clinic_id = ?',
            lc $who->[0]), 1, 'one session is left');
        $user->sign_out($user->get('/' . lc($who->[1]) . '/'));
    }
    return;
}

sub check_limits {
    my ($portal) = @_;
    for my $who (@WHO) {
        my ($user, $home) = enter($portal, $who);
        turn($portal, $user, $who, last_seen_at => $SOON_S - $IDLE_S);
        is($user->get("$home/changes")->{status}, 200, 'just before the idle limit');
        turn($portal, $user, $who, last_seen_at => $SOON_S - $IDLE_S);
        is($user->get("$home/")->{status}, 200, 'a page keeps it alive');
        my $seen = $portal->value('SELECT last_seen_at FROM session'
            . ' WHERE clinic_id = ?', lc $who->[0]);
        cmp_ok($seen / 1e6, '>', time - $SOON_S, 'from now on');
        turn($portal, $user, $who, last_seen_at => -$IDLE_S - 1);
        is_sent_away($portal, $user, $who, 'idle',
            qr/You were signed out after 10 minutes without activity\./);

        ($user, $home) = enter($portal, $who);
        turn($portal, $user, $who, expires_at => $SOON_S);
        is($user->get("$home/")->{status}, 200, 'just before the last limit');
        turn($portal, $user, $who, expires_at => -1);
        is_sent_away($portal, $user, $who, 'expired',
            qr/You were signed out because a session lasts at most 2 hours\./);
    }
    return;
}

# What an open page asks by itself must not keep the session alive.
sub check_background {
    my ($portal) = @_;
    my ($user, $home) = enter($portal, $WHO[0]);
    turn($portal, $user, $WHO[0], last_seen_at => $SOON_S - $IDLE_S);
    my $seen = sub { $portal->value('SELECT last_seen_at FROM session'
        . " WHERE clinic_id = 'riverside'") };
    my $before = $seen->();
    $user->get("$home/changes");
    $user->request('HEAD', "$home/");
    $user->get("$home/", headers => { 'Sec-Purpose' => 'prefetch' });
    is($seen->(), $before, 'no page was shown, so nobody was there');
    $portal->run_sql('DELETE FROM session');
    return;
}

# What the clinic changes is in force with the next request.
sub check_revoked {
    my ($portal) = @_;
    my $words = qr/You were signed out because your access was changed\./;
    for my $who (@WHO) {
        my ($clinic, $type, $username) = @$who;
        my $kind = lc $type;
        my @account = (lc $clinic, $kind, lc $username);
        my $where = 'clinic_id = ? AND kind = ? AND username_key = ?';
        my $id = $portal->value("SELECT account_id FROM account WHERE $where",
            @account);
        my @permission = (lc $clinic, $id, "$kind-portal");
        my @changes = (
            ["UPDATE account SET status = 'disabled' WHERE $where", [@account],
             "UPDATE account SET status = 'active' WHERE $where", [@account]],
            ['DELETE FROM account_permission WHERE clinic_id = ?'
                . ' AND account_id = ? AND permission = ?', [@permission],
             'INSERT INTO account_permission VALUES (?, ?, ?)', [@permission]],
            ['UPDATE clinic SET active = 0 WHERE clinic_id = ?', [lc $clinic],
             'UPDATE clinic SET active = 1 WHERE clinic_id = ?', [lc $clinic]]);
        for my $change (@changes) {
            my ($do, $do_args, $undo, $undo_args) = @$change;
            my ($user, $home) = enter($portal, $who);
            is($portal->run_sql($do, @$do_args), 1, substr $do, 0, 50);
            is($user->get("$home/")->{status}, 303, 'the next request is refused');
            $portal->run_sql('DELETE FROM session');

            is($portal->run_sql($undo, @$undo_args), 1, 'undone');
            ($user, $home) = enter($portal, $who);
            $portal->run_sql($do, @$do_args);
            my $sent = $user->get("$home/documents");
            like($sent->{headers}{location}, qr/reason=disabled/, 'with a reason');
            $portal->run_sql($undo, @$undo_args);
            like($user->follow($sent)->{content}, $words, 'in words');
            $portal->run_sql('DELETE FROM session');
        }
    }
    return;
}

# clinicportalctl ends every session of an account that it disables.
sub check_ctl {
    my ($portal) = @_;
    my ($user, $home) = enter($portal, $WHO[0]);
    my ($other) = enter($portal, $WHO[1]);
    $portal->ctl('disable', 'RIVERSIDE', 'staff', 'DoeJ');
    is($user->get("$home/")->{status}, 303, 'disabled: out');
    is($other->get('/patient/')->{status}, 200, 'nobody else is');
    $portal->run_sql("UPDATE account SET status = 'active'");
    return;
}

sub check_logout {
    my ($portal) = @_;
    for my $who (@WHO) {
        my ($user, $home) = enter($portal, $who);
        my ($also) = enter($portal, $who);
        my %stolen = %{ $user->{cookies} };
        my $since = $portal->count_audit;
        my $out = $user->sign_out($user->get("$home/"));
        is($out->{status}, 303, 'signs out');
        is($out->{headers}{'clear-site-data'}, '"cache", "storage"',
            'the browser forgets what it holds');
        is_deeply([map { "$_->{event} $_->{outcome} $_->{reason}$_->{kind}"
            . " $_->{username}" } @{ $portal->audit($since) }],
            ['sign-out 0 ' . lc($who->[1]) . " $who->[2]"], 'one audit row');
        like($user->follow($out)->{content}, qr/You are signed out\./, 'says so');
        is($user->get("$home/")->{status}, 303, 'and is out');
        my $thief = $portal->browser(cookies => \%stolen);
        is($thief->get("$home/")->{status}, 303, 'the cookie is dead for all');
        is($also->get("$home/")->{status}, 200, 'another device stays signed in');
    }
    return;
}

sub check_restarts {
    my ($portal) = @_;
    my @users = map { [enter($portal, $_)] } @WHO;
    my $form = $users[0][0]->sign_in_fields(qw(RIVERSIDE Patient tnguyen));
    for my $restart (qw(restart_gracefully restart_fully)) {
        $portal->$restart;
        is($_->[0]->get("$_->[1]/")->{status}, 200, "$_->[1] after $restart")
            for @users;
    }
    is($users[0][0]->post('/login', $form)->{status}, 303,
        'a form and its box outlive it, too');
    return;
}

on_each_database(sub {
    my ($portal) = @_;

    check_fixation($portal);
    check_limits($portal);
    check_background($portal);
    check_revoked($portal);
    check_ctl($portal);
    check_logout($portal);
    check_restarts($portal);
}, base => '/portal', conf => "ClinicPortalSessionIdle ${IDLE_S}s\n"
    . "ClinicPortalSessionMax ${MAX_S}s\n");

done_testing;
