# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# Two nodes that both send mail and both clean up: each mail goes once; what is
# over goes away, and nobody waits for another who takes it away.
use strict;
use warnings;

use Test::More;

use AtOnce     qw(at_once);
use ClinicTest ();
use Fixture    qw(world save);
use MailServer;
use Wait       qw(wait_for);

my $MAILS = 60;
my @OVER = qw(session captcha_spent throttle device draft);

sub count {
    my ($portal, $table, $where) = @_;
    return $portal->value("SELECT COUNT(*) FROM $table WHERE " . ($where // '1=1'));
}

# That many, due at one moment, so many seconds from now.
sub add_mails {
    my ($portal, $count, $seconds) = @_;
    my $due = (time + $seconds) * 1_000_000;
    $portal->run_sql("INSERT INTO mail (clinic_id, mail_id, template, account_id,"
        . " recipient, status, created_at, next_at)"
        . " SELECT a.clinic_id, 'm' || n, 'password-changed', a.account_id,"
        . " 'm' || n || '\@clinic.test', 'waiting', 1, $due"
        . " FROM account a, generate_series(1, $count) n"
        . " WHERE a.clinic_id = 'riverside' AND a.username = 'DoeJ'");
    return;
}

sub are_sent_once {
    my ($portal, $mail, $count) = @_;
    wait_for(sub { count($portal, 'mail', "status = 'waiting'") ? undef : 1 });
    is(count($portal, 'mail', "status = 'sent' AND attempts = 1"), $count,
        'each is sent at the first try');
    my %to;
    $to{ $mail->next_mail->{to} }++ while $mail->{seen} < $mail->count;
    is_deeply(\%to, { map { ("m$_\@clinic.test" => 1) } 1 .. $count }, 'once');
    $portal->run_sql('DELETE FROM mail');
    return;
}

# Both nodes have chosen the same mail before either can take it: it is held from
# before it is due.
sub check_same_moment {
    my ($portal, $mail) = @_;
    my $dbh = $portal->dbh;
    add_mails($portal, 1, 10);
    $dbh->begin_work;
    $dbh->do("UPDATE mail SET last_error = ''");
    wait_for(sub { $portal->{postgres}->psql('SELECT COUNT(*)'
        . " FROM pg_stat_activity WHERE wait_event_type = 'Lock'") == 2
        ? 1 : undef });
    $dbh->commit;
    are_sent_once($portal, $mail, 1);
    return;
}

sub check_many {
    my ($portal, $mail) = @_;
    add_mails($portal, $MAILS, 0);
    are_sent_once($portal, $mail, $MAILS);
    return;
}

# Far more than one sign-in takes away, and what it belongs to.
sub add_old_rows {
    my ($portal) = @_;
    my $rows = " FROM account a, generate_series(1, 300) n"
        . " WHERE a.clinic_id = 'riverside' AND a.username = 'DoeJ'";
    my %select = (
        'captcha_spent (clinic_id, nonce, expires_at)' =>
            "'riverside', 'old' || n, 1",
        'session (clinic_id, token_hash, session_id, account_id, created_at,'
            . ' last_seen_at, idle_us, expires_at, address, user_agent)' =>
            "'riverside', 'old' || n, 'old' || n, a.account_id, 1, 1, 1, 1,"
            . " '', ''",
        'throttle (clinic_id, key_kind, key, tries, failures, window_at,'
            . ' locked_until)' =>
            "'riverside', 'account', 'old' || n, 1, 1, 1, 1",
        'device (clinic_id, account_id, device_id, token_hash, created_at,'
            . ' last_used_at, address, user_agent)' =>
            "'riverside', a.account_id, 'old' || n, 'old' || n, 1, 1, '', ''",
        'draft (clinic_id, account_id, place, saved_at, body)' =>
            "'riverside', a.account_id, 'old' || n, 1, ''");
    $portal->run_sql("INSERT INTO $_ SELECT $select{$_}$rows")
        for sort keys %select;
    return;
}

sub old_rows {
    my ($portal) = @_;
    my %key = (session => 'token_hash', captcha_spent => 'nonce',
        throttle => 'key', device => 'token_hash', draft => 'place');
    return map { count($portal, $_, "$key{$_} LIKE 'old%'") } @OVER;
}

# Many people on both nodes, all of whom take away the same.
sub check_clean_up {
    my (@nodes) = @_;
    my ($portal) = @nodes;
    add_old_rows($portal);
    is_deeply([old_rows($portal)], [(300) x @OVER], 'much is over');
    my $all = sub {
        at_once(12, sub {
            my $user = $nodes[$_[0] % 2]->browser;
            my $form = $user->sign_in_fields('LAKEVIEW', 'Staff', 'DoeJ');
            return sub { $user->post('/login', $form)->{status} };
        });
    };
    is_deeply([map { $all->() } 1, 2], [(303) x 24],
        'who signs in on either node is let in');
    is_deeply([old_rows($portal)], [(0) x @OVER], 'and all of it goes away');
    return;
}

my $mail = MailServer->start;
my $one = ClinicTest->start(driver => 'pgsql', data => save(world()),
    conf => $mail->conf . "ClinicPortalLoginLimit account 1000 15m\n"
        . "ClinicPortalPasswordSlots 8\n", has_origin => 1);
my $two = $one->another_node;
check_same_moment($one, $mail);
check_many($one, $mail);
check_clean_up($one, $two);
$_->stop for $one, $two;
$_->log_is_clean for $one, $two;
$mail->stop;
done_testing;
