# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# clinicportalctl as an administrator types it, and what it says.
package Ctl;
use strict;
use warnings;

use Exporter   qw(import);
use IPC::Open3 qw(open3);
use JSON::PP   ();
use Symbol     qw(gensym);
use Test::More;

use UnitProgram ();

our @EXPORT_OK = qw($database $data run_ctl on_database works refuses data_of);

our $database;    # DRIVER:PARAMS that commands are run on
our $data = $ENV{CP_DATA} // die "CP_DATA names no data\n";
my $ctl = $ENV{CP_CTL} // die "CP_CTL names no clinicportalctl\n";
delete @ENV{qw(CLINICPORTAL_DB CLINICPORTAL_DATA)};

# Runs it; returns exit status, standard output, standard error.
sub run_ctl {
    my ($input, @words) = @_;
    my $err = gensym;
    my $pid = open3(my $in, my $out, $err, UnitProgram::watched(), $ctl,
        @words);
    print {$in} $input;
    close $in or die "cannot close: $!";
    my $said = do { local $/; <$out> } // '';
    my $complained = do { local $/; <$err> } // '';
    waitpid $pid, 0;
    return ($?, $said, $complained);
}

sub on_database {
    my ($input, @words) = @_;
    return run_ctl($input, '--data', $data, '--db', $database, @words);
}

# It works, says nothing on standard error, and prints what fits.
sub works {
    my ($words, $like, $input) = @_;
    my ($status, $out, $err) = on_database($input // '', @$words);
    my $ok = $status == 0 && $err eq '' && $out =~ $like;
    return ok($ok, "@$words") || diag("$status\n$out$err");
}

# Exit status 1, and one line that says why.
sub refuses {
    my ($words, $like, $input) = @_;
    my ($status, $out, $err) = on_database($input // '', @$words);
    my $ok = $status >> 8 == 1 && $err =~ /\Aclinicportalctl[^\n]*\n\z/
        && $err =~ $like;
    return ok($ok, "refused: @$words") || diag("$status\n$out$err");
}

# The data of the answer for machines.
sub data_of {
    my (@words) = @_;
    my ($status, $out, $err) = on_database('', '--json', @words);
    is($status, 0, "@words --json") or diag($err);
    return eval { JSON::PP::decode_json($out)->{data} };
}

1;
