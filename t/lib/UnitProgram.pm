# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# Runs unit test programs from a Perl driver that prepares what they need.
package UnitProgram;
use strict;
use warnings;

use Test::More;

# Words before a command: the tool that watches it, if one does.
sub watched {
    return map { split, '--error-exitcode=99' } $ENV{CP_VALGRIND} // ();
}

# The built program of t/unit/NAME.c; dies without it.
sub path {
    my ($name) = @_;
    my $path = ($ENV{CP_UNIT_BIN_DIR} // '') . "/$name";
    die "CP_UNIT_BIN_DIR has no $name: build the tests\n" if !-x $path;
    return $path;
}

# Each "ok" line of the program becomes a test of ours, named after $label;
# the rest is shown.
sub run {
    my ($name, $label, %environment) = @_;
    local %ENV = (%ENV, CMOCKA_MESSAGE_OUTPUT => 'TAP', %environment);
    my ($planned, $seen) = (-1, 0);
    open(my $out, '-|', join(' ', watched(), path($name), '2>&1'))
        or die "cannot run $name: $!";
    while (my $line = <$out>) {
        if ($line =~ /^(not )?ok \d+ - (.*)/) {
            $seen++;
            ok(!$1, "$label: $2");
        }
        elsif ($line =~ /^1\.\.(\d+)/) {
            $planned = $1;
        }
        else {
            diag($line) if $line !~ /^(?:# ok .*)?$/;
        }
    }
    close($out);
    is($?, 0, "$label: the program ends well");
    is($seen, $planned, "$label: it ran all its tests");
    return;
}

1;
