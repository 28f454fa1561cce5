#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# How SQLite runs each statement of conf/sql, as it plans without statistics: by
# an index, and by more of it than the clinic, so that no answer takes longer
# because others' records grow.
use strict;
use warnings;

use DBI        ();
use File::Temp ();
use Test::More;

# What goes through all of one clinic, on purpose: lists for its administrators,
# an import, the end of all its sessions, sealing all secrets anew.
my %IS_OF_CLINIC = map { $_ => 1 } qw(account_note_clinic audit_list
    audit_outside clinics_end_sessions factor_sealed import_hold_changes
    import_note_permission mail_list policy_settings schedule_practitioners);
# The key is the clinic, or a few words (a mail's status).
my $WHOLE_KEY =
    qr/sqlite_autoindex_(?:clinic|audit_head|import_key)_1|mail_due/;
# A row for each version, and the list of clinics itself.
my %READS_WHOLE = (monitor_look => 'schema_version', clinics_list => 'clinic');

# { name => text for SQLite }, parameters as DBD::SQLite wants them.
sub statements {
    my %text;
    for my $file (glob "$ENV{CP_SRCDIR}/conf/sql/*.sql") {
        open my $in, '<', $file or die "$file: $!\n";
        my (undef, @parts) = split /^-- name: /m, do { local $/; <$in> };
        for my $part (@parts) {
            my ($name, $driver, $sql) =
                $part =~ /\A(\w+)(?: \((\w+)\))?\n(.*)\z/s or die "$part\n";
            next if defined $driver && $driver ne 'sqlite3';
            $text{$name} = $sql =~ s/^--.*\n//mgr =~ s/(:\w+):\w+/$1/gr;
        }
    }
    return \%text;
}

sub steps_of {
    my ($dbh, $sql) = @_;
    my $query = $dbh->prepare("EXPLAIN QUERY PLAN $sql");
    $query->bind_param($_, undef) for 1 .. $query->{NUM_OF_PARAMS};
    $query->execute;
    return map { $_->[3] } @{ $query->fetchall_arrayref };
}

# The steps of a plan that take longer as a table grows.
sub slow_steps {
    my ($name, @steps) = @_;
    my %is_result = map { /^(?:CO-ROUTINE|MATERIALIZE) (\w+)/ ? ($1 => 1) : () }
        @steps;
    return grep {
        /^SCAN (?!\d+ CONSTANT|CONSTANT)(\w+|\(subquery-\d+\))/
            ? $1 !~ /^\(/ && !$is_result{$1} && $1 ne ($READS_WHOLE{$name} // '')
            : /\((?:clinic_id|status)=\?\)/ && !/$WHOLE_KEY/
                && !$IS_OF_CLINIC{$name};
    } @steps;
}

my $dir = File::Temp->newdir;
system($ENV{CP_CTL}, '--data', $ENV{CP_DATA}, '--db', "sqlite3:$dir/db", 'db',
    'init') == 0 or die "no database\n";
my $dbh = DBI->connect("dbi:SQLite:dbname=$dir/db", '', '',
    { RaiseError => 1, PrintError => 0 });
my $text = statements();
cmp_ok(scalar keys %$text, '>', 100, 'the statements are found');
for my $name (sort keys %$text) {
    my @slow = slow_steps($name, steps_of($dbh, $text->{$name}));
    is("@slow", '', $name);
}
is_deeply([slow_steps('x', steps_of($dbh, 'SELECT topic FROM thread'))],
    ['SCAN thread'], 'a table that is read whole is found');

done_testing;
