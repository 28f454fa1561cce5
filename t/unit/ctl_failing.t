#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# The command line where something fails: part of the database, the data, a
# file, what is typed. Exit status 1 and one line that says why, each time; and
# nothing is half done.
use strict;
use warnings;

use DBI        ();
use File::Temp ();
use FindBin    qw($Bin);
use JSON::PP   ();
use Test::More;

use lib "$Bin/../lib";
use Ctl qw($database $data run_ctl works refuses);
use Preload;

my $dir = File::Temp->newdir;
my $file = "$dir/portal.db";
my @doe = qw(RIVERSIDE staff DoeJ);

sub write_file {
    my ($name, $text) = @_;
    open my $out, '>', "$dir/$name" or die "$name: $!";
    print {$out} $text;
    close $out or die "$name: $!";
    return "$dir/$name";
}

sub dbh {
    return DBI->connect("dbi:SQLite:dbname=$file", '', '', { RaiseError => 1 });
}

# Commands and their input; with all tables there each of them works.
my @commands = (
    [[qw(db check)]],
    [[qw(clinic list)]],
    [[qw(clinic show RIVERSIDE)]],
    [[qw(clinic set RIVERSIDE --name), 'Riverside of TABLE']],
    [[qw(clinic set RIVERSIDE --password-history 2)]],
    [[qw(clinic set RIVERSIDE --password-history default)]],
    [[qw(staff list RIVERSIDE)]],
    [[qw(staff set RIVERSIDE DoeJ --email TABLE@clinic.test)]],
    [[qw(staff add RIVERSIDE New-TABLE --permissions staff-portal)]],
    [[qw(patient list RIVERSIDE)]],
    [['passwd', @doe], "a passphrase of words, TABLE\n"],
    [['disable', @doe]],
    [['enable', @doe]],
    [[qw(unlock RIVERSIDE DoeJ)]],
    [['why-not', @doe]],
    [['session', 'list', @doe]],
    [['session', 'end', @doe]],
    [[qw(audit list RIVERSIDE)]],
    [[qw(audit verify RIVERSIDE)]],
    [[qw(audit export RIVERSIDE)]],
    [['invite', @doe]],
    [[qw(mail list RIVERSIDE)]],
    [['factor', 'require', @doe]],
    [['factor', 'waive', @doe]],
    [['factor', 'reset', @doe]],
    [['import', "$data/demo/demo.json", '--documents', "$dir/documents"]],
);

# How many of them fail.
sub day {
    my ($table) = @_;
    my $failed = 0;
    for my $command (@commands) {
        my ($words, $input) = map {
            ref ? [map { s/TABLE/$table/gr } @$_] : s/TABLE/$table/r
        } @$command, '';
        my ($status, $out, $err) = run_ctl($input, '--data', $data,
            '--db', $database, @$words);
        my $is_well = $status == 0 ? $err eq ''
            : $status == 1 << 8 && $err =~ /\A(?:clinicportalctl)?[^\n]*\n\z/;
        ok($is_well, "without $table: @$words") or diag "$status\n$out$err";
        $failed += $status != 0;
    }
    return $failed;
}

sub test_tables {
    my $dbh = dbh();
    my @tables = @{ $dbh->selectcol_arrayref('SELECT name FROM sqlite_master'
        . " WHERE type = 'table' AND name NOT LIKE 'sqlite%'") };
    is(day('nothing'), 0, 'all is there');
    my @unmissed;
    for my $table (@tables) {
        $dbh->do("ALTER TABLE $table RENAME TO ${table}_gone");
        push @unmissed, $table if day($table) == 0;
        $dbh->do("ALTER TABLE ${table}_gone RENAME TO $table");
    }
    is("@unmissed", '', 'every table was missed by some command');
    is(day('nothing-any-more'), 0, 'and with all back all is well');
    works([qw(audit verify), $_], qr/is whole/) for qw(RIVERSIDE LAKEVIEW);
    return;
}

sub test_words {
    refuses(['clinic', 'show'], qr/CLINIC is missing/);
    refuses(['passwd', 'RIVERSIDE', 'staff'], qr/USER is missing/);
    refuses([qw(clinic set RIVERSIDE --name)], qr/--name needs a value/);
    refuses([qw(clinic set RIVERSIDE --name A --name B)], qr/--name is there twice/);
    refuses([qw(staff set RIVERSIDE DoeJ)], qr/what is to be changed/);
    refuses(['unlock', 'RIVERSIDE', ' '], qr/no user name/);
    refuses([qw(mail retry RIVERSIDE no-such)], qr/no dead mail no-such/);
    works(['clinic', 'show', '--', 'RIVERSIDE'], qr/second-factor/);
    refuses(['clinic', 'show', '--', '--json'], qr/no clinic --json/);
    local $Ctl::database = 'portal.db';
    refuses(['clinic', 'list'], qr/--db is DRIVER:PARAMS/);
    return;
}

sub test_data {
    my $other = "$dir/data";
    local $Ctl::data = $other;
    refuses(['clinic', 'list'], qr{the statements \(see --data\): .*\Q$other\E});
    mkdir $_ or die "$_: $!" for $other, "$other/schema";
    symlink "$data/sql", "$other/sql" or die "sql: $!";
    refuses(['clinic', 'list'], qr/there are no migrations in/);
    refuses(['db', 'migrate'], qr/holds no migrations|no migration/);
    write_file('data/schema/900_later.sql', "SELECT 1;\n");
    refuses(['clinic', 'list'], qr/this software needs 900; .*db migrate/);
    unlink "$other/schema/900_later.sql";
    write_file('data/schema/001_first.sql', "SELECT 1;\n");
    refuses(['clinic', 'list'], qr/needs 1; install the newer one/);
    return;
}

# The passwords that are too common are part of the data.
sub test_common_passwords {
    my $other = "$dir/data-2";
    mkdir $other or die "$other: $!";
    symlink "$data/$_", "$other/$_" or die "$_: $!" for qw(sql schema);
    local $Ctl::data = $other;
    my @passwd = ('passwd', @doe);
    my $input = "a passphrase of words\n";
    my $list = 'data-2/common-passwords.txt';
    refuses(\@passwd, qr/cannot read .*common-passwords/, $input);
    write_file($list, "b\na\n");
    refuses(\@passwd, qr/"a" is out of order/, $input);
    write_file($list, 'a' x (16 * 1024 * 1024 + 1));
    refuses(\@passwd, qr/common-passwords.txt: the input is too large/, $input);
    write_file($list, "# a comment\npassphrase of words\n");
    refuses(\@passwd, qr/many people use/, "1passphrase of words1\n");
    works(\@passwd, qr/new password/, $input);
    return;
}

sub test_files {
    refuses(['secret', 'new', "$dir/nowhere-else/secret"], qr/nowhere-else/);
    my $good = "$dir/secret";
    works(['secret', 'new', $good], qr/ClinicPortalSecret/);
    refuses(['secret', 'renew', $good, "$dir/none"], qr/none/);
    refuses(['secret', 'renew', write_file('short', 'x'), $good], qr/short/);
    my $large = write_file('large.json', '');
    truncate $large, 1024 ** 3 + 1 or die "large.json: $!";
    refuses(['import', $large], qr/cannot be read: the input is too large/);
    refuses(['import', "$dir"], qr/cannot be read: /);
    my ($status, undef, $err) = run_ctl('', '--data', $data, '--db', $database,
        'import', write_file('text.json', 'no json'));
    is($status >> 8, 1, 'an import of no JSON');
    like($err, qr/line 1, column/, 'says where');
    return;
}

# Documents of an import; what is said, without the line that ends it.
sub import_says {
    my ($file, @words) = @_;
    my $text = JSON::PP::encode_json({ clinics => [{ code => 'FILES',
        name => 'Files', time_zone => 'UTC',
        practitioners => [{ id => 'doe', name => 'Doe' }],
        patients => [{ id => 'roe', name => 'Roe' }],
        documents => [{ id => 'd', docStatus => 'final', title => 'D',
            patient => 'roe', author => 'doe', date => '2026-03-02T09:30',
            file => $file }] }] });
    my ($status, undef, $err) = run_ctl('', '--data', $data, '--db', $database,
        'import', write_file('files.json', $text), @words);
    is($status >> 8, 1, "a document $file is refused");
    my $count = dbh()->selectrow_array('SELECT COUNT(*) FROM clinic WHERE'
        . " code = 'FILES'");
    is($count, 0, 'and nothing of its import is there');
    return $err;
}

sub test_documents {
    my @copy = ('--documents', "$dir/documents");
    write_file('huge.pdf', '');
    truncate "$dir/huge.pdf", 32 * 1024 ** 2 + 1 or die "huge.pdf: $!";
    like(import_says('huge.pdf', @copy), qr/file: .*larger than 32 MiB/, 'so large');
    mkdir "$dir/folder.pdf" or die "folder.pdf: $!";
    like(import_says('folder.pdf', @copy), qr/documents\[0\]\.file: /, 'a folder');
    like(import_says('none.pdf', @copy), qr/documents\[0\]\.file: /, 'no file');
    write_file('good.pdf', "%PDF-1.4\n");
    like(import_says('good.pdf', '--documents', write_file('no-folder', '')),
        qr/no-folder|documents/, 'nowhere to copy it to');
    return;
}

# At a terminal the password is asked for twice.
sub typed {
    my (@answers) = @_;
    my @command = ('python3', "$Bin/../fake/typist.py", @answers, '--', $ENV{CP_CTL},
        '--data', $data, '--db', $database, 'passwd', @doe);
    open my $terminal, '-|', @command or die "typist.py: $!";
    my $shown = do { local $/; <$terminal> };
    close $terminal;
    return ($? >> 8, $shown);
}

sub test_terminal {
    my ($status, $shown) = typed('New password: =a passphrase of words',
        'Once more: =a passphrase of words');
    is($status, 0, 'typed twice alike');
    like($shown, qr/DoeJ has a new password/, 'it is the new one');
    unlike($shown, qr/passphrase/, 'and not shown');
    ($status, $shown) = typed('New password: =a passphrase of words',
        'Once more: =a passphrase of swords');
    is($status, 1, 'typed twice, and not alike');
    like($shown, qr/the two are not the same/, 'is said');
    ($status, $shown) = typed('New password: =' . 'x' x 300);
    is($status, 1, 'too long to be one');
    like($shown, qr/longer than 256 bytes/, 'is said');
    return;
}

# Standard output is a full disk.
sub has_no_room {
    my ($words) = @_;
    my $status = system("'$ENV{CP_CTL}' $words >/dev/full 2>'$dir/said'");
    is($status >> 8, 1, "$words: an answer that cannot be written is a failure");
    open my $in, '<', "$dir/said" or die "said: $!";
    like(<$in> // '', qr/the answer could not be written/, 'and said to be one');
    close $in or die "said: $!";
    return;
}

# A patient list that fills any buffer several times over: the write that fails
# is not the last one.
sub test_full {
    my $dbh = dbh();
    $dbh->begin_work;
    $dbh->do("INSERT INTO account (clinic_id, account_id, kind, username,"
        . " username_key, person_id, created_at)"
        . " VALUES ('riverside', ?, 'patient', ?, ?, 'nobody', 1)", undef,
        ("many-$_") x 3) for 1 .. 2000;
    $dbh->commit;
    my $on = "--data '$data' --db '$database'";
    has_no_room("$on clinic list");
    has_no_room("$on patient list RIVERSIDE");
    has_no_room("$on --json patient list RIVERSIDE");
    has_no_room($_) for '--help', '--version';
    return;
}

# All is written, and then no room after all. (A sanitizer is loaded first.)
sub test_full_at_last {
    my $fake = Preload->make('no_room_at_last');
    local $ENV{LD_PRELOAD} = join ' ', $ENV{CP_PRELOAD} // (), $fake->{library};
    refuses(['clinic', 'list'], qr/the answer could not be written/);
    return;
}

$database = 'sqlite3:' . write_file('portal.db', '');
mkdir "$dir/documents" or die "documents: $!";
works(['db', 'init'], qr/from version 0/);
works(['import', "$data/demo/demo.json", '--documents', "$dir/documents"],
    qr/appointments/);
works([qw(staff set RIVERSIDE DoeJ --email doej@clinic.test)], qr/changed/);
subtest 'each table missing' => \&test_tables;
subtest 'what is typed' => \&test_words;
subtest 'data of another version' => \&test_data;
subtest 'common passwords' => \&test_common_passwords;
subtest 'files' => \&test_files;
subtest 'documents of an import' => \&test_documents;
subtest 'at a terminal' => \&test_terminal;
subtest 'a full disk' => \&test_full;
subtest 'a full disk at the last moment' => \&test_full_at_last;
done_testing();
