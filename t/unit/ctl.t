#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# The command line as an administrator types it, on SQLite and on PostgreSQL:
# exit status, the one line on standard error, and what is printed.
use strict;
use warnings;

use DBI        ();
use File::Temp ();
use FindBin    qw($Bin);
use JSON::PP   ();
use Test::More;

use lib "$Bin/../lib";
use Ctl qw($database $data run_ctl on_database works refuses data_of);
use TestPostgres;
use Wait qw(pass_midnight);

my $dir = File::Temp->newdir;
my $documents;

sub write_file {
    my ($name, $text) = @_;
    open my $file, '>', "$dir/$name" or die "$name: $!";
    print {$file} $text;
    close $file or die "$name: $!";
    return "$dir/$name";
}

sub test_schema {
    refuses(['clinic', 'list'], qr{no schema of the portal; .* db init});
    works(['why-not', 'RIVERSIDE', 'staff', 'DoeJ'], qr/db init/);
    works(['db', 'init'], qr/from version 0 to \d+/);
    refuses(['db', 'init'], qr/already/);
    works(['db', 'migrate'], qr/already/);
    works(['db', 'check'], qr/good/);
    return;
}

sub test_clinics {
    my @zone = ('--time-zone', 'Europe/Berlin');
    works(['clinic', 'add', 'NORTH', '--name', 'North', @zone], qr/added/);
    refuses(['clinic', 'add', 'north', '--name', 'N', @zone],
        qr/there is a clinic north already/);
    refuses(['clinic', 'add', 'a b', '--name', 'N', @zone], qr/clinic code/);
    refuses(['clinic', 'add', 'SOUTH', '--name', 'S'],
        qr/--time-zone is missing/);
    refuses(['clinic', 'set', 'NORTH', '--time-zone', 'Mars'], qr/time zone/);
    refuses(['clinic', 'set', 'NORTH', '--locale', 'no way'], qr/locale/);
    refuses(['clinic', 'set', 'NORTH', '--active', 'maybe'], qr/on\|off/);
    refuses(['clinic', 'set', 'NORTH'], qr/what is to be changed/);
    refuses(['clinic', 'set', 'EAST', '--name', 'E'], qr/no clinic EAST/);
    works(['clinic', 'set', 'NORTH', '--active', 'off'], qr/changed/);
    works(['clinic', 'set', 'NORTH', '--active', 'off'], qr/so already/);
    works(['clinic', 'list'], qr{^NORTH +North +no +Europe/Berlin}m);
    is(data_of('clinic', 'list')->[0]{active}, JSON::PP::false(),
        'a truth value for machines');
    works(['clinic', 'set', 'NORTH', '--active', 'on'], qr/changed/);
    return;
}

sub test_policy {
    works(['clinic', 'show', 'NORTH'], qr/^second-factor +off +off +off\|all\|per-user$/m);
    refuses(['clinic', 'set', 'NORTH', '--password-history', '5'],
        qr/password-history is 0 to 4 or default/);
    works(['clinic', 'set', 'NORTH', '--password-history', '4',
            '--lock-permanently', 'on'], qr/changed/);
    works(['clinic', 'set', 'NORTH', '--password-history', '4'],
        qr/so already/);
    my %value = map { $_->{name} => $_->{value} }
        @{ data_of('clinic', 'show', 'NORTH') };
    is("@value{'password-history', 'lock-permanently'}", '4 on', 'they are so');
    for my $name (sort keys %value) {
        works(['clinic', 'set', 'NORTH', "--$name", 'default'], qr/NORTH/);
    }
    works(['audit', 'list', 'NORTH'], qr/password-history=default/);
    is_deeply([grep { $_->{value} ne $_->{standard} }
        @{ data_of('clinic', 'show', 'NORTH') }], [], 'all is as it was');
    return;
}

sub test_people {
    my @oneil = ('NORTH', "O'NeilP");
    works(['staff', 'add', @oneil, '--display-name', "Pat O'Neil"],
        qr/needs a password/);
    refuses(['staff', 'add', 'NORTH', "o'neilp"], qr/already/);
    works(['patient', 'add', 'NORTH', "o'neilp"], qr/added/);
    refuses(['staff', 'add', 'NORTH', ' x'], qr/user name/);
    refuses(['staff', 'set', @oneil, '--permissions', 'root'],
        qr/permissions of staff are/);
    works(['staff', 'set', @oneil, '--roles', 'clinical lead',
            '--permissions', 'staff-portal documents-all'], qr/changed/);
    works(['staff', 'list', 'NORTH'],
        qr/Pat O'Neil .* clinical lead +documents-all staff-portal/);
    is(data_of('patient', 'list', 'NORTH')->[0]{permissions},
        'patient-portal', 'patients get their permission');
    refuses(['staff', 'set', 'NORTH', 'nobody', '--email', ''],
        qr/NORTH has no staff account nobody/);
    return;
}

sub test_passwords {
    my @who = ('NORTH', 'staff', "O'NeilP");
    my @passwd = ('passwd', @who);
    refuses(\@passwd, qr/At least 15 characters/, "fourteen chars\n");
    refuses(\@passwd, qr/At least 15 characters/, '');
    refuses(\@passwd, qr/At most 256 bytes/, 'x' x 257 . "\n");
    refuses(\@passwd, qr/At most 256 bytes/, 'x' x 5000);
    refuses(\@passwd, qr/many people use/, "Password1234567\n");
    refuses(\@passwd, qr/NUL/, "fifteen chars and\0more\n");
    refuses(\@passwd, qr/UTF-8/, "fifteen chars \xff\xfe and more\n");
    works(['why-not', @who], qr/no password .* passwd NORTH staff 'O'\\''/s);
    works(\@passwd, qr/new password/, join('', 100 .. 184) . "x\n");
    works(\@passwd, qr/new password/, "a passphrase of words\r\n");
    works(['why-not', @who], qr/nothing refuses/);
    return;
}

sub test_access {
    my @who = ('NORTH', 'staff', "O'NeilP");
    works(['disable', @who], qr/is disabled/);
    works(['disable', @who], qr/already/);
    is(data_of('why-not', @who)->{gate}, 'status', 'why-not tells of it');
    works(['enable', @who], qr/is active/);
    refuses(['disable', 'NORTH', 'nurse', 'x'], qr/not one of staff\|patient/);
    works(['unlock', 'NORTH', "O'NeilP"], qr/no failed tries/);
    works(['session', 'list', @who], qr/\ASESSION .*\n\z/);
    works(['session', 'end', @who], qr/\A0 ended/);
    refuses(['session', 'end', @who, 'no-such'], qr/no such session/);
    works(['audit', 'list', 'NORTH', '--limit', '3'],
        qr/\ATIME.*\n(?:.*\n){3}\z/);
    refuses(['audit', 'list', 'NORTH', '--limit', 'x'], qr/number/);
    works(['audit', 'verify', 'NORTH'], qr/is whole: \d+ rows.*\n\d+:\w{64}$/);
    my $head = data_of('audit', 'verify', 'NORTH');
    works(['audit', 'verify', 'NORTH', '--expect', "$head->{seq}:$head->{hash}"],
        qr/is whole/);
    refuses(['audit', 'verify', 'NORTH', '--expect',
            "$head->{seq}:" . 'a' x 64], qr/not the one that was noted/);
    refuses(['audit', 'verify', 'NORTH', '--expect', '1:x'], qr/SEQ:HASH/);
    works(['audit', 'export', 'NORTH'], qr/\A\{"action":"C",.*"AuditEvent"/);
    my %seen = map { $_->{event} => 1 } @{ data_of('audit', 'list', 'NORTH') };
    is_deeply([sort keys %seen], [qw(account-added account-changed
            account-disabled account-enabled clinic-added clinic-changed
            password-changed policy-changed)], 'all of it was audited');
    return;
}

# The first value that the database has for what is its own here.
sub value_of {
    my (%of) = @_;
    my ($driver, $params) = split /:/, $database, 2;
    my $dbh = DBI->connect($driver eq 'pgsql'
        ? 'dbi:Pg:' . $params =~ s/ /;/gr : "dbi:SQLite:dbname=$params", '', '',
        { RaiseError => 1, PrintError => 0 });
    my ($value) = $dbh->selectrow_array($of{$driver});
    $dbh->disconnect;
    return $value;
}

# PostgreSQL needs statistics; SQLite must not keep those of when it was small.
sub plans_well {
    return value_of(pgsql => "SELECT COUNT(*) > 0 FROM pg_stats"
            . " WHERE tablename = 'appointment'",
        sqlite3 => 'SELECT COUNT(*) = 0 FROM sqlite_master'
            . " WHERE name = 'sqlite_stat1'");
}

sub test_import {
    my $demo = "$data/demo/demo.json";
    my @copy = ('--documents', $documents);
    my ($status, undef, $err) = on_database('', 'import', $demo);
    is($status >> 8, 1, 'documents need a directory');
    like($err, qr/^clinics\[0\].documents\[0\].file: .*--documents$/m,
        'which is said with the path of the element');
    value_of(pgsql => 'SELECT 1', sqlite3 => 'ANALYZE');
    works([qw(db migrate)], qr/is at version \d+ already/);
    ok(plans_well(), 'statistics of an empty SQLite are gone')
        if $database =~ /^sqlite3/;
    value_of(pgsql => 'SELECT 1', sqlite3 => 'ANALYZE');
    pass_midnight();
    works(['import', $demo, @copy], qr/appointments +16 read, +16 changed/);
    ok(plans_well(), 'the database plans by what it now holds');
    works(['import', $demo, @copy], qr/appointments +16 read, +0 changed/);
    is(data_of('import', $demo, @copy)->{staff}{read}, 5, 'counts');
    works(['why-not', 'RIVERSIDE', 'staff', 'BrownK'],
        qr/lacks the permission staff-portal/);
    works(['why-not', 'RIVERSIDE', 'staff', 'tnguyen'], qr/Patient Login/);
    works(['why-not', 'LAKEVIEW', 'patient', 'MLopez'], qr/nothing refuses/);
    is(scalar(() = glob "$documents/*"), 10, 'the files were copied');
    refuses(['import', "$dir/none.json"], qr/cannot be read/);
    my $cut = write_file('cut.json', qq({"clinics": [\n{"code": }));
    ($status, undef, $err) = on_database('', 'import', $cut);
    like($err, qr/\Aline 2, column 10: /, 'a syntax error says where');
    like($err, qr/1 error; nothing was loaded$/, 'and that nothing was loaded');
    return;
}

# Somebody has a mail that was given up.
sub test_mail {
    my @who = ('NORTH', 'staff', "O'NeilP");
    works(['staff', 'set', 'NORTH', "O'NeilP", '--email', 'p@north.test'],
        qr/changed/);
    works(['invite', @who], qr/gets a mail/);
    my $mail = data_of('mail', 'list', 'NORTH')->[0]{mail_id};
    refuses(['mail', 'retry', 'NORTH', $mail], qr/no dead mail/);
    ok(value_of(map { $_ => "UPDATE mail SET status = 'dead' RETURNING 1" }
        qw(pgsql sqlite3)), 'it is given up');
    works(['mail', 'retry', 'NORTH', $mail], qr/is tried again/);
    my @rows = grep { $_->{event} eq 'mail-retried' }
        @{ data_of('audit', 'list', 'NORTH') };
    is_deeply([map { $_->{entity_id} } @rows], [$mail],
        'what was tried again is in the audit trail, once');
    return;
}

sub test_round {
    ($database, $documents) = @_;
    mkdir $documents or die "$documents: $!";
    test_schema();
    test_clinics();
    test_policy();
    test_people();
    test_passwords();
    test_access();
    test_mail();
    test_import();
    return;
}

# A database that an older program made, with people in it, is brought up to
# date: from every version there was.
sub test_upgrades {
    my @steps = sort glob "$data/schema/*.sql";
    for my $version (1 .. $#steps) {
        my $old = "$dir/data-$version";
        mkdir $_ or die "$_: $!" for $old, "$old/schema";
        symlink "$data/sql", "$old/sql" or die "$old/sql: $!";
        for my $step (@steps[0 .. $version - 1]) {
            symlink $step, "$old/schema/" . $step =~ s{.*/}{}r or die "$step: $!";
        }
        $database = 'sqlite3:' . write_file("old-$version.db", '');
        my ($status, $said) = run_ctl('', '--data', $old, '--db', $database,
            'db', 'init');
        is($status, 0, "a database of version $version") or diag $said;
        my $dbh = DBI->connect($database =~ s/sqlite3:/dbi:SQLite:dbname=/r, '', '',
            { RaiseError => 1 });
        $dbh->do("INSERT INTO clinic (clinic_id, code, name, time_zone)"
            . " VALUES ('old', 'OLD', 'Old', 'UTC')");
        $dbh->do("INSERT INTO account (clinic_id, account_id, kind, username,"
            . " username_key, person_id, created_at)"
            . " VALUES ('old', 'a', 'staff', 'OldO', 'oldo', 'p', 1)");
        $dbh->disconnect;
        works(['db', 'migrate'], qr/from version $version to \d+/);
        works(['db', 'check'], qr/good/);
        works(['why-not', 'OLD', 'staff', 'OldO'], qr/lacks the permission/);
    }
    return;
}

# ---- without a database ------------------------------------------------------
my ($status, $out, $err) = run_ctl('', '--help');
is($status, 0, '--help');
like($out, qr/^\Q$_\E/m, "help tells of $_")
    for 'db init', 'clinic set', 'staff add', 'patient list', 'passwd',
    'unlock', 'disable', 'enable', 'why-not', 'session end', 'audit list',
    'import', 'secret new', 'secret renew', 'invite', 'mail list',
    'factor reset', 'clinic show';
($status, $out) = run_ctl('', 'staff', '--help');
is_deeply([$out =~ /^(\w+ \w+)/mg], ['staff add', 'staff set', 'staff list'],
    'help of one family');
($status, $out, $err) = run_ctl('', 'staff', 'lst');
is($status >> 8, 1, 'an unknown word is refused');
like($out, qr/\Astaff add /, 'with the help that is nearest');
like($err, qr/\A[^\n]*no such command\n\z/, 'in one line');
$database = "sqlite3:$dir/none";
refuses(['clinic', 'list', '--nonsense'], qr/no option --nonsense/);
refuses(['clinic', 'list', 'x'], qr/one word too many/);
refuses(['clinic', 'list'], qr/the database file does not exist/);
works(['why-not', 'X', 'staff', 'y'], qr/does not exist/);
$database = 'oracle:x';
refuses(['clinic', 'list'], qr/no database driver/);
($status, $out, $err) = run_ctl('', '--version');
is($status, 0, '--version');
like($out, qr/\Aclinicportalctl \d+\.\d+\.\d+\n\z/, 'the version');

($status, $out, $err) = run_ctl('', 'clinic', 'list');
like($err, qr/which database\?/, 'a database must be named');
{
    local $ENV{CLINICPORTAL_DB} = "sqlite3:$dir/none";
    ($status, $out, $err) = run_ctl('', 'clinic', 'list');
    like($err, qr/does not exist/, 'or be in the environment');
}
works(['secret', 'new', "$dir/secret"], qr/ClinicPortalSecret file:/);
is((stat "$dir/secret")[2] & 0777, 0600, 'a secret is its owner\'s alone');
refuses(['secret', 'new', "$dir/secret"], qr/never overwritten/);

# The umask of the shell may be stricter, and is not to be looser.
for ([0, 0640], [022, 0640], [077, 0600]) {
    my ($mask, $mode) = @$_;
    my $umask = umask $mask;
    $database = "sqlite3:$dir/new-$mask.db";
    works(['db', 'init'], qr/from version 0/);
    is((stat "$dir/new-$mask.db")[2] & 0777, $mode,
        sprintf 'a new database of umask %03o', $mask);
    umask $umask;
}

subtest 'from older versions' => \&test_upgrades;

# ---- on each database ---------------------------------------------------------
subtest sqlite3 => sub {
    my $file = write_file('portal.db', '');
    test_round("sqlite3:$file", "$dir/documents");
};
subtest pgsql => sub {
    my $postgres = TestPostgres->new;
    test_round('pgsql:' . $postgres->params, "$dir/documents-pgsql");
};
done_testing();
