#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# The command line where PostgreSQL does not answer: it ends, and says why.
use strict;
use warnings;

use DBI        ();
use File::Temp ();
use FindBin    qw($Bin);
use IPC::Open3 qw(open3);
use Test::More;

use lib "$Bin/../lib";
use Ctl qw($database $data works refuses);
use TestPostgres;

my $ENDLESS = 240; # seconds after which a command is taken for one that hangs

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
    unlike(scalar `'$ENV{CP_CTL}' --data '$data' --db '$database' audit list RIVERSIDE`,
        qr/password-set/, 'and nothing was done');
    return;
}

plan skip_all => $_ for TestPostgres::missing() // ();
local $SIG{ALRM} = sub { die "a command waits without end\n" };
alarm $ENDLESS;
my $postgres = TestPostgres->new;
$database = 'pgsql:' . $postgres->params;
works([qw(db init)], qr/from version 0/);
works(\@import, qr/appointments/);
subtest 'how long' => \&test_numbers;
subtest 'a lock' => sub { test_lock($postgres) };
subtest 'frozen' => sub { test_frozen($postgres) };
subtest 'frozen meanwhile' => sub { test_frozen_meanwhile($postgres) };
done_testing();
