# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# Signing in: every outcome, its words, its status and its row in the audit
# trail.
use strict;
use warnings;

use Test::More;

use ClinicTest;

my $PASSWORD = 'demo-portal-passphrase';
my $TRIES = "SELECT * FROM throttle WHERE key_kind <> 'captcha'";

# One audit row was added since, with these words.
sub is_audited {
    my ($portal, $since, $outcome, $reason, $username, $why) = @_;
    my $rows = $portal->audit($since);
    is_deeply([map { "$_->{event} $_->{outcome} $_->{reason} $_->{username}" }
        @$rows], ["sign-in $outcome $reason $username"],
        "one audit row: $why");
    return $rows->[0];
}

# Signs in with some fields changed (undef: left out); returns the answer.
sub try_with {
    my ($user, $who, %changes) = @_;
    my %fields = (%{ $user->sign_in_fields(@$who) }, %changes);
    delete $fields{$_} for grep { !defined $fields{$_} } keys %fields;
    return $user->post('/login', \%fields);
}

# The form again: same clinic and tab, a fresh box, what was typed.
sub is_form_again {
    my ($answer, $who, $why) = @_;
    my ($clinic, $type, $username) = @$who;
    my $form = Browser::form_fields($answer->{content}, '/login');
    is("$form->{clinicID} $form->{LoginType}", "$clinic $type",
        "$why: the same form again");
    like($answer->{content}, qr/<altcha-widget /, 'with a fresh box');
    like($answer->{content}, qr/name="username" value="\Q$username\E"/,
        'the user name is kept');
    unlike($answer->{content}, qr/\Q$PASSWORD\E|wrong-passphrase/,
        'the password is not');
    return $form;
}

sub check_success {
    my ($portal) = @_;
    my @cases = (
        [qw(RIVERSIDE Staff DoeJ)], [qw(RIVERSIDE Patient mlopez)],
        [qw(LAKEVIEW Staff DoeJ)], [qw(LAKEVIEW Patient mlopez)],
        [qw(riverside staff SmithA)], [qw(RIVERSIDE Patient TNGUYEN)]);
    for my $who (@cases) {
        my $user = $portal->browser;
        my $home = "$portal->{base}/" . lc($who->[1]) . '/';
        my $since = $portal->count_audit;
        my $answer = $user->sign_in(@$who);
        is($answer->{status}, 303, "@$who signs in");
        is($answer->{headers}{location}, $home, "to $home");
        my ($stored) = map { $_->{username} } @{ $portal->audit($since) };
        is(lc $stored, lc $who->[2], 'as whom');
        my $row = is_audited($portal, $since, 0, '', $stored, "@$who");
        is("$row->{clinic_id} $row->{kind}", lc "$who->[0] $who->[1]",
            'at which clinic, as what kind');
        my $page = $user->follow($answer);
        is($page->{status}, 200, 'and is in');
        like($page->{content}, qr/Welcome, /, 'at home');
    }
    return;
}

# The page without what differs for everybody: tokens, reference, user name.
sub without_tokens {
    my ($answer, $username) = @_;
    my $text = $answer->{content};
    utf8::encode($username);
    $text =~ s/(name="csrf" value=")[^"]*/$1/g;
    $text =~ s/(name="username" value=")\Q$username\E"/$1"/g;
    my %headers = %{ $answer->{headers} };
    delete @headers{qw(date set-cookie content-length)};
    return { text => $text, headers => \%headers, status => $answer->{status} };
}

# Wrong, unknown, locked, disabled, with the right password or not: one answer.
sub check_one_text {
    my ($portal, $clinic, $type, $good) = @_;
    my $other = $type eq 'Staff' ? 'Patient' : 'Staff';
    my $user = $portal->browser;
    my $far = '9000000000000000';
    my @cases = (
        [$good, 'wrong-passphrase', 'wrong-password', $good],
        ['nobody', $PASSWORD, 'unknown-user', ''],
        ["n\xf6body", $PASSWORD, 'unknown-user', ''],
        ['n' x 300, $PASSWORD, 'unknown-user', ''],
        [$good, '', 'wrong-password', $good],
        [$good, 'x' x 8000, 'wrong-password', $good],
        [$good, uc $PASSWORD, 'wrong-password', $good],
        [$good, "$PASSWORD ", 'wrong-password', $good]);
    my @answers;
    my $try = sub {
        my ($username, $password, $reason, $stored) = @_;
        my $since = $portal->count_audit;
        my $answer = $user->sign_in($clinic, $type, $username, $password);
        is_audited($portal, $since, 4, $reason, $stored, "$type $reason");
        push @answers, without_tokens($answer, $username);
        $portal->run_sql('DELETE FROM throttle');
        return $answer;
    };
    my $first = $try->(@{ $cases[0] });
    is($first->{status}, 403, 'a wrong password is refused');
    like(Browser::alert_of($first),
        qr/^ ?Incorrect user name or password for $type Login\./,
        'naming the section');
    like($first->{content},
        qr{role="alert">.*LoginType=$other">Go to $other Login</a>}s,
        'and offering the other');
    is_form_again($first, [$clinic, $type, $good], 'wrong');
    $try->(@$_) for @cases[1 .. $#cases];

    my @account = ($type eq 'Staff' ? 'staff' : 'patient', lc $good, lc $clinic);
    my $set = 'UPDATE account SET status = ? WHERE kind = ?'
        . ' AND username_key = ? AND clinic_id = ?';
    $portal->run_sql($set, 'disabled', @account);
    $try->($good, $PASSWORD, 'disabled', $good);
    $try->($good, 'wrong-passphrase', 'wrong-password', $good);
    $portal->run_sql($set, 'active', @account);
    for my $password ($PASSWORD, 'wrong-passphrase') {
        $portal->run_sql("INSERT INTO throttle VALUES (?, 'account', ?, '', 5, 5, ?, ?, ?)",
            lc $clinic, lc $good, ($far) x 3);
        $try->($good, $password, 'locked', $good);
    }
    is_deeply($_, $answers[0], 'the same answer to the letter') for @answers;
    my $nameless = $user->sign_in($clinic, $type, '');
    is(Browser::alert_of($nameless), Browser::alert_of($first),
        'without a user name, too');
    is($user->sign_in($clinic, $type, $good)->{status}, 303,
        'and the account still works');
    return;
}

sub check_other_kind {
    my ($portal) = @_;
    my $user = $portal->browser;
    my @cases = ([qw(RIVERSIDE Patient DoeJ staff Staff)],
        [qw(RIVERSIDE Staff mlopez patient Patient)]);
    for my $case (@cases) {
        my ($clinic, $type, $username, $kind, $across) = @$case;
        my $since = $portal->count_audit;
        my $answer = $user->sign_in(@{$case}[0 .. 2]);
        is($answer->{status}, 403, "a $kind account on the $type tab");
        like(Browser::alert_of($answer), qr/This is a $kind account\./, 'says so');
        my @links = $answer->{content} =~
            m{href="([^"]*)">Go to $across Login</a>}g;
        is_deeply(\@links, ["$portal->{base}/index.aspx?clinicID=$clinic&amp;"
            . "LoginType=$across"], 'with one link across');
        is_audited($portal, $since, 4, 'other-kind', $username, 'other kind');
        is_form_again($answer, $case, 'other kind');
        ok(!exists $user->{cookies}{"clinicportal-$kind"}, 'nobody is in');

        my $wrong = $user->sign_in($clinic, $type, $username, 'wrong');
        unlike($wrong->{content}, qr/This is a/,
            'who lacks the password learns nothing');
    }
    return;
}

sub check_no_portal {
    my ($portal) = @_;
    my $user = $portal->browser;
    my $since = $portal->count_audit;
    my $answer = $user->sign_in('RIVERSIDE', 'Staff', 'BrownK');
    is($answer->{status}, 403, 'no Staff Portal permission');
    like(Browser::alert_of($answer), qr/does not have the Staff Portal permission/,
        'says so');
    like(Browser::alert_of($answer), qr/frontdesk\@riverside\.example/, 'whom to ask');
    is_audited($portal, $since, 4, 'no-portal', 'BrownK', 'no portal');
    is($user->get('/staff/')->{status}, 303, 'nobody is in');
    my $wrong = $user->sign_in('RIVERSIDE', 'Staff', 'BrownK', 'wrong');
    like(Browser::alert_of($wrong), qr/Incorrect user name/,
        'who lacks the password learns nothing');

    $portal->run_sql("DELETE FROM account_permission WHERE account_id ="
        . " (SELECT account_id FROM account WHERE clinic_id = 'riverside'"
        . " AND kind = 'patient' AND username_key = 'tnguyen')");
    $answer = $user->sign_in('RIVERSIDE', 'Patient', 'tnguyen');
    like(Browser::alert_of($answer),
        qr/does not have the Patient Portal permission/, 'patients likewise');
    return;
}

sub check_captcha {
    my ($portal) = @_;
    my $user = $portal->browser;
    my $stranger = $portal->browser;
    my @who = qw(RIVERSIDE Staff DoeJ);
    $stranger->get('/index.aspx?clinicID=RIVERSIDE');
    my $spent = $user->sign_in_fields(@who)->{altcha};
    is(try_with($user, [@who, 'wrong'], altcha => $spent)->{status}, 403,
        'a solution is spent, even by a wrong password');
    my $counted = $portal->rows($TRIES);
    my $late = $user->captcha('RIVERSIDE', sub { $_[0]{parameters}{expiresAt} -= 400 });
    my $short = $user->captcha('RIVERSIDE', sub { $_[0]{parameters}{cost} = 1 });
    my @cases = (
        ['missing', undef, 'captcha-missing'],
        ['empty', '', 'captcha-missing'],
        ['nonsense', 'x', 'captcha-refused'],
        ['too long', 'A' x 5000, 'captcha-refused'],
        ['no JSON', 'e30', 'captcha-refused'],
        ['spent', $spent, 'captcha-refused'],
        ['expired, as it says itself', $late, 'captcha-refused'],
        ['made cheaper', $short, 'captcha-refused'],
        ['of another clinic', $user->captcha('LAKEVIEW'), 'captcha-refused'],
        ['of another visit', $stranger->captcha('RIVERSIDE'), 'captcha-refused'],
        ['unsolved', $user->captcha('RIVERSIDE', undef, sub { $_[0]{derivedKey}
            =~ s/.{32}$/0 x 32/e }), 'captcha-refused']);
    for my $case (@cases) {
        my ($why, $value, $reason) = @$case;
        my $since = $portal->count_audit;
        my $answer = try_with($user, \@who, altcha => $value);
        is($answer->{status}, 403, "a solution $why is refused");
        like(Browser::alert_of($answer), qr/^ ?Invalid CAPTCHA/, 'says so');
        is_audited($portal, $since, 4, $reason, '', $why);
        is_form_again($answer, \@who, $why);
    }
    is_deeply($portal->rows($TRIES), $counted,
        'none of these counted as a try');
    for my $query ('', '?clinicID=', '?clinicID=%zz', '?clinicID=a&clinicID=b') {
        is($user->get("/captcha/challenge$query")->{status}, 400,
            "no challenge for '$query'");
    }
    is($user->get('/captcha/challenge?clinicID=NOSUCH')->{status}, 404,
        'nor for an unknown clinic');
    is($portal->browser->get('/captcha/challenge?clinicID=RIVERSIDE')->{status},
        400, 'nor without a visit');
    is($user->sign_in(@who)->{status}, 303, 'a good one passes');
    return;
}

on_each_database(sub {
    my ($portal) = @_;

    check_success($portal);
    check_one_text($portal, qw(RIVERSIDE Staff SmithA));
    check_one_text($portal, qw(LAKEVIEW Patient mlopez));
    check_other_kind($portal);
    check_no_portal($portal);
    check_captcha($portal);
}, base => ['', '/portal']);

done_testing;
