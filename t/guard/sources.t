#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# A file nobody builds, runs or ships is a file that rots: every source must
# be compiled, every test run, and everything be in the tarball.
use strict;
use warnings;

use File::Find;
use Test::More;

my $top = $ENV{CP_SRCDIR} // '.';
my $build = $ENV{CP_BUILDDIR} // "$top/build";

# The files below the folders, by their path below the top.
sub files_in {
    my @found;
    for my $folder (grep { -d "$top/$_" } @_) {
        find({ no_chdir => 1, wanted => sub {
            return if !-f || m{/\.[^/]*\z|~\z|\.l?o\z|/\.(?:deps|libs)/};
            push @found, substr $_, 1 + length $top;
        } }, "$top/$folder");
    }
    @found = sort @found;
    return @found;
}

sub lines_of {
    my ($command) = @_;
    my @lines = split /\n/, qx($command);
    is($?, 0, $command);
    return map { $_ => 1 } @lines;
}

# The names in @$wanted that are not in %$have, as a test.
sub all_in {
    my ($wanted, $have, $what) = @_;
    my @lost = grep { !$have->{$_} } @$wanted;
    ok(@$wanted && !@lost, $what);
    diag "not there: $_" for @lost;
    return;
}

# ---- compiled: named in Makefile.am -----------------------------------------
open my $in, '<', "$top/Makefile.am" or die "Makefile.am: $!";
my %named = map { $_ => 1 } map { m{[\w./-]+}g } <$in>;
close $in;

my @module = map { substr $_, 1 + length $top } glob "$top/mod_*.c";
all_in([@module, grep { /\.[ch]\z/ } files_in('src')],
    \%named, 'every source is compiled');
all_in([map { s/\.c\z//r } grep { /_(?:test|fuzz)\.c\z/ } files_in('t')],
    \%named, 'every C test is compiled');
my @gone = grep { m{^(?:src|t)/.*\.[ch]\z} && !-f "$top/$_" } sort keys %named;
is("@gone", '', 'every source that is named exists');

# ---- run --------------------------------------------------------------------
my @folders = map { "t/$_" } qw(unit fuzz guard http fault browser);
my %run = lines_of("cd '$top' && script/run-tests --list "
        . join ' ', grep { -d "$top/$_" } @folders);
my @tests = grep { /(?:\.t|\.t\.mjs|_test\.c|_fuzz\.c)\z/ } files_in('t');
$run{$_} ||= $run{s/_test\.c\z/.t/r} for @tests;    # by its Perl driver
all_in(\@tests, \%run, 'every test is run');
for my $fuzz (grep { /_fuzz\.c\z/ } files_in('t/fuzz')) {
    my ($unit) = $fuzz =~ m{(\w+)_fuzz\.c\z};
    ok(scalar(() = files_in("t/fuzz/corpus/$unit")), "$fuzz has a corpus");
}

# ---- shipped ----------------------------------------------------------------
my %shipped = lines_of("make -s -C '$build' list-dist");
my @pages = map { substr $_, 1 + length $top } glob "$top/*.md";
all_in([@pages, files_in(qw(bench src t conf docs htdocs script))],
    \%shipped, 'everything is in the tarball');

done_testing();
