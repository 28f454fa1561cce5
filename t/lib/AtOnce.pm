# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# Processes that do something at the same time.
package AtOnce;
use strict;
use warnings;

use Exporter qw(import);
use POSIX    ();

our @EXPORT_OK = qw(at_once);

# $code->($number) gets one of $count processes ready and gives what it is to do
# then; all begin at once. Returns the lines that they gave.
sub at_once {
    my ($count, $code) = @_;
    pipe my $start_out, my $start_in or die "pipe: $!";
    pipe my $ready_out, my $ready_in or die "pipe: $!";
    pipe my $out, my $in or die "pipe: $!";
    my @pids;
    for my $number (1 .. $count) {
        my $pid = fork // die "fork: $!";
        push @pids, $pid;
        next if $pid;
        close $start_in or POSIX::_exit(1);
        my $said = eval {
            my $ready = $code->($number);
            close $ready_in or die "close: $!";
            sysread $start_out, my $byte, 1;
            $ready->();
        } // "died: $@";
        syswrite $in, join '', map { "$_\n" } split /\n/, $said;
        POSIX::_exit(0);
    }
    close $_ or die "close: $!" for $in, $start_out, $ready_in;
    # The end comes when all are ready, or gone.
    sysread $ready_out, my $byte, 1;
    close $_ or die "close: $!" for $start_in, $ready_out;
    my @lines = <$out>;
    waitpid $_, 0 for @pids;
    chomp @lines;
    return @lines;
}

1;
