#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# Runs the unit tests of the layers that use a database once more, on a private
# PostgreSQL: both databases must behave alike.
use strict;
use warnings;

use FindBin qw($Bin);
use Test::More;

use lib "$Bin/../lib";
use TestPostgres;
use UnitProgram;

# A test with a Perl driver beside it is left to that.
my @programs = map { m{/([^/]+)[.]c\z} } grep { !-e s/_test[.]c\z/.t/r }
    map { sort glob "$Bin/${_}_*_test.c" } qw(db clinic);

# One program's TAP as one test.
sub run_program {
    my ($program) = @_;
    local $ENV{CMOCKA_MESSAGE_OUTPUT} = 'TAP';
    open(my $out, '-|', UnitProgram::watched(), UnitProgram::path($program))
        or die "cannot run it: $!";
    my @lines = <$out>;
    my $exited_well = close($out);
    my $count = grep { /^ok / } @lines;
    # cmocka calls what a test skips "not ok # SKIP".
    my $failed = grep { /^not ok / && !/# SKIP/ } @lines;
    return ok($exited_well && $count > 0 && !$failed,
        "$program: $count on PostgreSQL") || diag(@lines);
}

my $postgres = TestPostgres->new;
$ENV{CP_TEST_DB} = 'pgsql:' . $postgres->params;
$ENV{CP_TEST_DB_RESTART} = $postgres->restart_command;
# Not what JSON is in: the wrapper has to ask for UTF-8.
$ENV{PGCLIENTENCODING} = 'LATIN1';

cmp_ok(scalar @programs, '>', 0, 'there are programs to run');
run_program($_) for @programs;

# An administrator's view: every test has taken its tables away again.
is($postgres->psql(q{SELECT count(*) FROM pg_namespace
    WHERE nspname LIKE 't\_%'}), "0\n", 'nothing is left behind');
done_testing();
