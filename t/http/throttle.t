# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# Tries are counted, none is lost in a crowd, and too many are told to wait.
use strict;
use warnings;

use Test::More;

use AtOnce qw(at_once);
use ClinicTest;
use Fixture qw(reconfigure);

my $SLOTS = "ClinicPortalPasswordSlots 32\n";
my @WHO = qw(RIVERSIDE Staff DoeJ);
# So many do something at once, each so often. Under valgrind ten would wait for
# SQLite longer than a transaction may, and until a lock is over.
my $PROCESSES = $ENV{CP_VALGRIND} ? 2 : 10;
my $EACH = 5;
my $ALL = $PROCESSES * $EACH;

# At the place with the most of them.
sub failures {
    my ($portal, $kind, $key) = @_;
    return $portal->value('SELECT MAX(failures) FROM throttle WHERE'
        . ' key_kind = ? AND key = ?', $kind, $key) // 0;
}

# Wrong tries of all of them.
sub check_parallel {
    my ($portal) = @_;
    my $since = $portal->count_audit;
    my @said = at_once($PROCESSES, sub {
        my $user = $portal->browser(keep_alive => 0);
        my @forms = map { $user->sign_in_fields(@WHO, 'wrong') } 1 .. $EACH;
        return sub {
            join "\n", map { $user->post('/login', $_)->{status} } @forms;
        };
    });
    is_deeply(\@said, [(403) x $ALL], 'wrong tries at once are refused');
    is(failures($portal, 'account', 'doej'), $ALL, 'the account counts all');
    is(failures($portal, 'address', '127.0.0.1'), $ALL, 'the address counts all');
    is(failures($portal, 'clinic', ''), $ALL, 'the clinic counts all');
    is_deeply([map { $_->{reason} } @{ $portal->audit($since) }],
        [('wrong-password') x $ALL], 'each has its audit row');
    return;
}

# Right ones among wrong ones of another clinic, at one address.
sub check_parallel_right {
    my ($portal) = @_;
    my @said = at_once($PROCESSES, sub {
        my ($number) = @_;
        my @who = $number % 2 ? @WHO : (qw(LAKEVIEW Staff DoeJ), 'wrong');
        my $user = $portal->browser(keep_alive => 0);
        my @forms = map { $user->sign_in_fields(@who) } 1 .. $EACH;
        return sub {
            join "\n", map { $user->post('/login', $_)->{status} } @forms;
        };
    });
    my $half = $ALL / 2;
    is_deeply([sort @said], [(303) x $half, (403) x $half],
        'right and wrong at once');
    is(failures($portal, 'address', '127.0.0.1'), $half,
        'the address counts the wrong ones');
    is($portal->value("SELECT failures FROM throttle WHERE key_kind = 'clinic'"
        . " AND clinic_id = 'riverside'"), 0, 'the clinic of the others none');
    return;
}

# With the usual limit five of them are looked at, and all are counted.
sub check_parallel_lock {
    my ($portal) = @_;
    reconfigure($portal, conf => $SLOTS);
    my $since = $portal->count_audit;
    at_once($PROCESSES, sub {
        my $user = $portal->browser(keep_alive => 0);
        my @forms = map { $user->sign_in_fields(@WHO, 'wrong') } 1 .. $EACH;
        return sub {
            $user->post('/login', $_) for @forms;
            '';
        };
    });
    is(failures($portal, 'account', 'doej'), 5, 'at once five are looked at');
    is($portal->value("SELECT MAX(tries) FROM throttle WHERE key = 'doej'"),
        $ALL, 'and all are counted');
    my %seen;
    $seen{ $_->{reason} }++ for @{ $portal->audit($since) };
    is_deeply(\%seen, { 'wrong-password' => 5, locked => $ALL - 5 },
        'so says the audit');
    $portal->run_sql('DELETE FROM throttle');
    return;
}

# One solution sent by many at once is good for one.
sub check_one_solution {
    my ($portal) = @_;
    my $user = $portal->browser;
    my $form = $user->sign_in_fields(@WHO);
    my @said = at_once($PROCESSES, sub {
        my $twin = $portal->browser(keep_alive => 0,
            cookies => { %{ $user->{cookies} } });
        return sub { $twin->post('/login', $form)->{status} };
    });
    is_deeply([sort @said], [303, (403) x ($PROCESSES - 1)],
        'one solution opens one door');
    $portal->run_sql('DELETE FROM session');
    return;
}

# A crowd in front of one hashing slot: everybody is served, or told when to
# come back; how many depends on the machine.
sub check_full {
    my ($portal) = @_;
    reconfigure($portal, conf => "ClinicPortalPasswordSlots 1\n"
        . "ClinicPortalLoginLimit account 1000 15m\n");
    my $crowd = $PROCESSES + 4;
    my @said = at_once($crowd, sub {
        my $user = $portal->browser(keep_alive => 0);
        my $form = $user->sign_in_fields(@WHO, 'wrong');
        return sub {
            my $answer = $user->post('/login', $form);
            "$answer->{status} " . ($answer->{headers}{'retry-after'} // '')
                . ($answer->{content} =~ /Reference number: <b>\w{4}-\w{4}</
                    ? ' reference' : '');
        };
    });
    my @full = grep { $_ eq '503 10 reference' } @said;
    is(scalar(grep { $_ eq '403 ' } @said) + @full, $crowd,
        'refused, or told when to come back and with what number')
        or diag explain \@said;
    is($portal->value('SELECT COUNT(*) FROM session'), 0, 'nobody is in');
    is($portal->value("SELECT COUNT(*) FROM audit_event WHERE outcome = '8'"
        . " AND reason = 'unavailable'"), scalar @full,
        'each of these has its audit row');
    is($portal->browser->sign_in(@WHO)->{status}, 303, 'afterwards all is well');
    $portal->run_sql('DELETE FROM throttle');
    return;
}

# Over the limit: 429 with the time to wait, whatever the password.
sub is_too_many {
    my ($portal, $answer, $since, $reason, $why) = @_;
    is($answer->{status}, 429, "$why: 429");
    like($answer->{headers}{'retry-after'}, qr/^\d+$/, 'with Retry-After');
    cmp_ok($answer->{headers}{'retry-after'}, '<=', 900, 'within the window');
    cmp_ok($answer->{headers}{'retry-after'}, '>', 800, 'nearly all of it');
    like(Browser::alert_of($answer), qr/too many tries to log in\./, 'in words');
    like($answer->{content}, qr/name="username" value="\w/, 'user name kept');
    unlike($answer->{content}, qr/demo-portal-passphrase/, 'password not');
    is_deeply([map { "$_->{outcome} $_->{reason}" } @{ $portal->audit($since) }],
        ["4 $reason"], 'one audit row');
    return;
}

sub window_passes {
    my ($portal, $kind) = @_;
    $portal->run_sql('UPDATE throttle SET ends_at = ends_at - 901000000'
        . ' WHERE key_kind = ?', $kind);
    return;
}

sub check_address {
    my ($portal) = @_;
    reconfigure($portal, conf => "ClinicPortalLoginLimit address 3 15m\n");
    my $user = $portal->browser;
    $user->sign_in('RIVERSIDE', 'Staff', 'nobody', 'x');
    is($user->sign_in(@WHO)->{status}, 303, 'a good try between');
    is(failures($portal, 'address', '127.0.0.1'), 1, 'does not count');
    $user->sign_in('LAKEVIEW', 'Patient', 'somebody', 'x');
    is($user->sign_in('RIVERSIDE', 'Patient', 'mlopez', 'x')->{status}, 403,
        'the third bad one is looked at');
    my $since = $portal->count_audit;
    my $answer = $user->sign_in('LAKEVIEW', 'Staff', 'PatelR');
    is_too_many($portal, $answer, $since, 'too-many-address', 'address');
    my $other = $portal->browser(headers => { 'X-Forwarded-For' => '192.0.2.7',
        Forwarded => 'for=192.0.2.7', 'Client-IP' => '192.0.2.7' });
    is($other->sign_in(@WHO)->{status}, 429, 'a header names no other address');
    is($user->get('/staff/')->{status}, 200, 'who is in stays in');
    window_passes($portal, 'address');
    is($user->sign_in('LAKEVIEW', 'Staff', 'PatelR')->{status}, 303,
        'after the window they may again');
    $portal->run_sql('DELETE FROM throttle');
    return;
}

sub check_clinic {
    my ($portal) = @_;
    reconfigure($portal, conf => "ClinicPortalLoginLimit clinic 2 15m\n");
    my $user = $portal->browser;
    $user->sign_in('RIVERSIDE', 'Staff', "nobody$_", 'x') for 1 .. 2;
    my $since = $portal->count_audit;
    my $answer = $user->sign_in('RIVERSIDE', 'Patient', 'mlopez');
    is_too_many($portal, $answer, $since, 'too-many-clinic', 'clinic');
    is($user->sign_in('LAKEVIEW', 'Patient', 'mlopez')->{status}, 303,
        'another clinic is not concerned');
    window_passes($portal, 'clinic');
    is($user->sign_in('RIVERSIDE', 'Patient', 'mlopez')->{status}, 303,
        'after the window they may again');
    $portal->run_sql('DELETE FROM throttle');
    return;
}

# An account is locked for a while, for both kinds of that name alike, and
# nobody is told.
sub check_account {
    my ($portal) = @_;
    reconfigure($portal, conf => "ClinicPortalLoginLimit account 3 15m\n");
    my $user = $portal->browser;
    $user->sign_in(@WHO, 'x') for 1 .. 2;
    is($user->sign_in(@WHO)->{status}, 303, 'the third try is good');
    is(failures($portal, 'account', 'doej'), 0, 'which forgives the others');
    $user = $portal->browser;
    $user->sign_in('RIVERSIDE', $_, 'DOEJ', 'x') for qw(Staff Patient Staff);
    for my $type (qw(Staff Patient)) {
        my $answer = $user->sign_in('RIVERSIDE', $type, 'DoeJ');
        is($answer->{status}, 403, "$type: now the right password is refused");
        like(Browser::alert_of($answer), qr/Incorrect user name or password/,
            'in the same words');
    }
    is($user->sign_in('LAKEVIEW', 'Staff', 'DoeJ')->{status}, 303,
        'their namesake elsewhere is not concerned');
    is(failures($portal, 'account', 'doej'), 3, 'while locked none counts');
    $portal->run_sql("UPDATE throttle SET locked_until = 1 WHERE key = 'doej'");
    is($user->sign_in(@WHO)->{status}, 303, 'after the lock they may again');
    return;
}

# A browser that has signed in before is not locked out by strangers, nor does
# it open the door for them.
sub check_device {
    my ($portal) = @_;
    my $owner = $portal->browser;
    $owner->sign_in(@WHO);
    delete $owner->{cookies}{'clinicportal-staff'};
    like($owner->{cookies}{'clinicportal-device'} // '', qr/^[\w-]{43}$/,
        'the browser has a token');
    is($portal->value('SELECT COUNT(*) FROM device WHERE token_hash = ?',
        $owner->{cookies}{'clinicportal-device'}), 0, 'which is not stored');
    my $stranger = $portal->browser;
    $stranger->sign_in(@WHO, 'x') for 1 .. 3;
    is($stranger->sign_in(@WHO)->{status}, 403, 'strangers are locked out');
    is($owner->sign_in(@WHO)->{status}, 303, 'the owner is not');
    delete $owner->{cookies}{'clinicportal-staff'};
    is($stranger->sign_in(@WHO)->{status}, 403, 'strangers still are');
    $owner->sign_in(@WHO, 'x') for 1 .. 3;
    is($owner->sign_in(@WHO)->{status}, 403, 'but their own tries lock them');
    $portal->ctl('unlock', 'RIVERSIDE', 'DoeJ');
    is($_->sign_in(@WHO)->{status}, 303, 'unlock ends all of it')
        for $owner, $stranger;
    return;
}

sub check_for_good {
    my ($portal) = @_;
    $portal->ctl(qw(clinic set RIVERSIDE --lock-permanently on --lock-after 2));
    my $stranger = $portal->browser;
    $stranger->sign_in(@WHO, 'x') for 1 .. 2;
    is($portal->value('SELECT MIN(locked_until) FROM throttle WHERE'
        . " key_kind = 'account'"), 9223372036854775807, 'locked for good');
    is($stranger->sign_in(@WHO)->{status}, 403, 'two tries are the end');
    like($portal->ctl(qw(why-not RIVERSIDE staff DoeJ)),
        qr/until an administrator unlocks it\n  clinicportalctl unlock/,
        'why-not tells');
    $portal->ctl('unlock', 'RIVERSIDE', 'DoeJ');
    is($stranger->sign_in(@WHO)->{status}, 303, 'until it is unlocked');
    $portal->ctl(qw(clinic set RIVERSIDE --lock-permanently default
        --lock-after default));
    return;
}

on_each_database(sub {
    my ($portal) = @_;

    check_parallel($portal);
    $portal->run_sql('DELETE FROM throttle');
    check_parallel_right($portal);
    $portal->run_sql('DELETE FROM throttle');
    check_parallel_lock($portal);
    reconfigure($portal, conf => $SLOTS
        . "ClinicPortalLoginLimit account 1000 15m\n");
    check_one_solution($portal);
    check_full($portal);
    check_address($portal);
    check_clinic($portal);
    check_account($portal);
    check_device($portal);
    check_for_good($portal);
}, conf => $SLOTS . "ClinicPortalLoginLimit account 1000 15m\n"
    . "ClinicPortalLoginLimit clinic 1000 15m\n", threads => 32);

done_testing;
