#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# The command line where PostgreSQL does not answer, and beside people who are at
# work: it waits for nobody without end, and nobody for it.
use strict;
use warnings;

use DBI        ();
use File::Temp ();
use FindBin    qw($Bin);
use IPC::Open3 qw(open3);
use JSON::PP   ();
use Test::More;

use lib "$Bin/../lib";
use Ctl qw($database $data works refuses);
use TestPostgres;
use Wait qw(pass_midnight);

my $ENDLESS = 8 * Wait::SECONDS; # after which a command is taken for one that hangs

my $dir = File::Temp->newdir;
my @import = ('import', "$data/demo/demo.json", '--documents', "$dir");
my @doe = qw(RIVERSIDE staff DoeJ);

sub connect_to {
    my ($postgres) = @_;
    return DBI->connect("dbi:Pg:host=$postgres->{dir};dbname=postgres", 'test', '',
        { RaiseError => 1 });
}

sub test_numbers {
    refuses(['--timeout', $_, qw(clinic list)], qr/from 1 to 86400/)
        for '', 0, -1, 86_401, 'soon', '1s', '9' x 30;
    refuses([qw(clinic list --timeout)], qr/--timeout needs a value/);
    works([qw(clinic list --timeout 86400)], qr/RIVERSIDE/);
    return;
}

# Each kind of command that asks it something.
sub test_lock {
    my ($postgres) = @_;
    my $dbh = connect_to($postgres);
    $dbh->begin_work;
    $dbh->do("LOCK TABLE $_ IN ACCESS EXCLUSIVE MODE")
        for qw(clinic schema_version);
    refuses(['--timeout', 1, @$_], qr/no answer in time/)
        for [qw(clinic list)], [qw(db check)], [qw(db migrate)], [qw(db init)],
        \@import;
    $dbh->rollback;
    works([qw(db check)], qr/good/);
    works([qw(db migrate)], qr/already/);
    return;
}

# Limits that were set at the role, for pages, are not those of a command.
sub test_role_s_limits {
    my ($postgres) = @_;
    my $dbh = connect_to($postgres);
    my @limits = qw(statement_timeout lock_timeout);
    $dbh->do("ALTER ROLE CURRENT_USER SET $_ = '200ms'") for @limits;
    $dbh->begin_work;
    $dbh->do('LOCK TABLE clinic IN ACCESS EXCLUSIVE MODE');
    refuses(['--timeout', 1, qw(clinic list)], qr/no answer in time/);
    $dbh->rollback;
    $dbh->do("ALTER ROLE CURRENT_USER RESET $_") for @limits;
    return;
}

# Whoever types it in may have more to say later.
sub test_line {
    my $pid = open3(my $in, my $out, undef, $ENV{CP_CTL}, '--data', $data,
        '--db', $database, 'passwd', @doe);
    $in->autoflush;
    print {$in} "a passphrase of words\n";
    my $said = do { local $/; <$out> };
    waitpid $pid, 0;
    like($said, qr/has a new password/, 'a line is enough');
    return;
}

sub test_frozen {
    my ($postgres) = @_;
    $postgres->freeze;
    refuses([qw(clinic list)], qr/cannot be opened: .*timeout expired/);
    $postgres->thaw;
    works([qw(clinic list)], qr/RIVERSIDE/);
    return;
}

# It is frozen while somebody thinks about the new password.
sub test_frozen_meanwhile {
    my ($postgres) = @_;
    my $dbh = connect_to($postgres);
    my $pid = open3(my $in, my $out, undef, $ENV{CP_CTL}, '--data', $data,
        '--db', $database, '--timeout', 1, 'passwd', @doe);
    my $hash = 'SELECT password_hash FROM account'
        . " WHERE clinic_id = 'riverside' AND username = 'DoeJ'";
    my $before = $dbh->selectrow_array($hash);
    my $asks = 'SELECT COUNT(*) FROM pg_stat_activity'
        . " WHERE query LIKE '%account%' AND state = 'idle'"
        . ' AND pid <> pg_backend_pid()';
    until ($dbh->selectrow_array($asks)) { }
    $postgres->freeze;
    print {$in} "a passphrase of words\n";
    close $in or die "cannot close: $!";
    my $said = do { local $/; <$out> };
    waitpid $pid, 0;
    is($? >> 8, 1, 'passwd: frozen meanwhile');
    like($said, qr/\Aclinicportalctl passwd: [^\n]*no answer in time[^\n]*\n\z/,
        'is said');
    $postgres->thaw;
    works([qw(audit verify RIVERSIDE)], qr/is whole/);
    is($dbh->selectrow_array($hash), $before, 'and nothing was done');
    return;
}

# What somebody who opens a conversation has locked first.
my $NOTES = 'INSERT INTO account_change (clinic_id, account_id, version)'
    . " SELECT clinic_id, account_id, 1 FROM account WHERE username = 'DoeJ'"
    . ' ON CONFLICT (clinic_id, account_id) DO UPDATE'
    . ' SET version = account_change.version + 1';
# And last.
my $AUDITS = "UPDATE audit_head SET seq = seq WHERE clinic_id = 'riverside'";

# The demo without documents, whose files are elsewhere, and with no moment that
# goes along with the clock; $change is given its first clinic.
sub write_demo {
    my ($name, $change) = @_;
    open my $in, '<:raw', "$data/demo/demo.json" or die "demo.json: $!";
    my $demo = JSON::PP::decode_json(do { local $/; <$in> });
    close $in or die "demo.json: $!";
    my @clinics = @{ $demo->{clinics} };
    delete $_->{documents} for @clinics;
    for my $thread (map { @{ $_->{threads} } } @clinics) {
        my $day = 1;
        $_->{sent} = sprintf '2026-03-%02dT09:30', $day++
            for @{ $thread->{messages} };
    }
    $change->($clinics[0]) if $change;
    open my $out, '>:raw', "$dir/$name" or die "$name: $!";
    print {$out} JSON::PP::encode_json($demo);
    close $out or die "$name: $!";
    return "$dir/$name";
}

# A new account, and somebody with another name.
sub change_people {
    my ($clinic) = @_;
    my $somebody = $clinic->{practitioners}[0];
    $somebody->{name} .= ', PhD';
    unshift @{ $clinic->{staff} },
        { username => 'NewN', practitioner => $somebody->{id} };
    $_->{email} = 'new@clinic.test' for @{ $clinic->{staff} };
    return;
}

# Each has what the other wants next: an import takes last what people take last.
sub test_import_beside_a_reader {
    my ($postgres) = @_;
    my $dbh = connect_to($postgres);
    my $look = connect_to($postgres);
    my $changed = write_demo('changed.json', \&change_people);
    $dbh->begin_work;
    $dbh->do($NOTES);
    my $pid = open3(my $in, my $out, undef, $ENV{CP_CTL}, '--data', $data,
        '--db', $database, 'import', $changed);
    close $in or die "cannot close: $!";
    until ($look->selectrow_array('SELECT COUNT(*) FROM pg_stat_activity'
        . " WHERE wait_event_type = 'Lock'")) {
        die "the import did not wait\n" if waitpid($pid, 1) != 0; # WNOHANG
    }
    ok($dbh->do($AUDITS), 'a reader is through meanwhile');
    $dbh->commit;
    my $said = do { local $/; <$out> };
    waitpid $pid, 0;
    is($?, 0, 'and then the import') or diag $said;
    works([qw(audit verify RIVERSIDE)], qr/is whole/);
    works([qw(staff list RIVERSIDE)], qr/^NewN .*PhD/m);
    return;
}

# What does not change is locked for nobody, and waits for nobody.
sub test_repeated_import {
    my ($postgres) = @_;
    my $dbh = connect_to($postgres);
    my @repeated = ('import', write_demo('fixed.json'));
    pass_midnight();
    works(\@repeated, qr/threads/);
    $dbh->begin_work;
    $dbh->do("SELECT * FROM $_ FOR UPDATE") for qw(mailbox account_change);
    works(['--timeout', 5, @repeated], qr/threads .* 0 changed/);
    $dbh->rollback;
    return;
}

local $SIG{ALRM} = sub { die "a command waits without end\n" };
alarm $ENDLESS;
my $postgres = TestPostgres->new;
$database = 'pgsql:' . $postgres->params;
works([qw(db init)], qr/from version 0/);
works(\@import, qr/appointments/);
subtest 'a repeated import' => sub { test_repeated_import($postgres) };
subtest 'an import beside a reader' =>
    sub { test_import_beside_a_reader($postgres) };
subtest 'how long' => \&test_numbers;
subtest 'a lock' => sub { test_lock($postgres) };
subtest 'limits of the role' => sub { test_role_s_limits($postgres) };
subtest 'frozen' => sub { test_frozen($postgres) };
subtest 'frozen meanwhile' => sub { test_frozen_meanwhile($postgres) };
subtest 'one line' => \&test_line;
done_testing();
