# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# One run of h2load and what it cost, and many of them in turn:
#
#     my $run = run($contestant, seconds => 2, connections => 16, trees => [...]);
#     $run->{rate};            # requests a second
#     $run->{p50}, {p99};      # milliseconds until the end of the answer
#     $run->{cpu}[0];          # microseconds of CPU for a request, of each tree
#
# A contestant has a name, the URL, the protocol ("h1" or "h2"), and may have
# headers and a status. A tree is the pid of a process whose descendants count
# with it; undef is none.
package Bench::Run;
use strict;
use warnings;

use Exporter   qw(import);
use File::Temp ();
use POSIX      ();

our @EXPORT_OK = qw(run in_turn median post);

my $TICK_US = 1_000_000 / POSIX::sysconf(POSIX::_SC_CLK_TCK());

sub median {
    my @sorted = sort { $a <=> $b } @_;
    return $sorted[@sorted / 2];
}

# { pid => [parent, ticks] }: user and system time, of children that ended, too.
sub processes {
    my %seen;
    for my $name (glob '/proc/[0-9]*/stat') {
        open my $file, '<', $name or next;
        my $text = <$file> // next;
        my ($pid) = $text =~ /\A(\d+)/;
        my @word = split ' ', substr $text, rindex($text, ')') + 2;
        $seen{$pid} = [$word[1], $word[11] + $word[12] + $word[13] + $word[14]];
    }
    return \%seen;
}

# Microseconds that the descendants of $root have used, and itself.
sub cpu_of {
    my ($root) = @_;
    return if !defined $root;
    my $seen = processes();
    my $sum = 0;
    for my $pid (keys %$seen) {
        my $at = $pid;
        $at = $seen->{$at}[0] while $at != $root && $at > 1 && $seen->{$at};
        $sum += $seen->{$pid}[1] if $at == $root;
    }
    return $sum * $TICK_US;
}

# Runs h2load; what it printed, and of each request [start, status, us].
sub h2load {
    my ($url, $headers, @options) = @_;
    my $log = File::Temp->new;
    open my $out, '-|', 'h2load', '-t1', @options, "--log-file=$log",
        (map { ('-H', "$_: $headers->{$_}") } sort keys %$headers), $url
        or die "h2load: $!\n";
    my $said = do { local $/; <$out> };
    close $out or die "h2load failed:\n$said";
    my @requests = map { [split] } <$log>;
    die "h2load measured nothing:\n$said" if !@requests;
    return ($said, @requests);
}

sub speaking {
    my ($protocol) = @_;
    return $protocol eq 'h1' ? '--h1' : ();
}

sub load {
    my ($of, %how) = @_;
    my ($said, @requests) = h2load($of->{url}, $of->{headers},
        "-c$how{connections}", "-D$how{seconds}", speaking($of->{protocol}));
    my ($good, @other) =
        $said =~ /status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx/;
    die "$of->{name}: not all answers were good:\n$said"
        if !$good || grep { $_ } @other;
    # h2load does not make a connection again that was closed.
    die "$of->{name}: connections were closed:\n$said" if $said !~ / 0 failed/;
    my ($rate) = $said =~ m{([\d.]+) req/s} or die "h2load said:\n$said";
    my @took = sort { $a <=> $b } map { $_->[2] / 1000 } @requests;
    return { rate => $rate, p50 => $took[0.5 * $#took],
        p99 => $took[0.99 * $#took], requests => $good };
}

# Sends one form.
sub post {
    my ($protocol, $url, $status, $body, %headers) = @_;
    my $form = File::Temp->new;
    print {$form} $body;
    close $form or die "form: $!\n";
    my (undef, $request) = h2load($url, \%headers, '-n1', '-c1', "-d$form",
        speaking($protocol));
    die "$url: $request->[1]\n" if $request->[1] != $status;
    return;
}

sub run {
    my ($of, %how) = @_;
    my @trees = @{ $how{trees} };
    my @before = map { scalar cpu_of($_) } @trees;
    my $run = load($of, %how);
    $run->{cpu} = [map { defined $trees[$_]
        ? (cpu_of($trees[$_]) - $before[$_]) / $run->{requests} : undef }
        0 .. $#trees];
    return $run;
}

# Each contestant once in every round; the medians of each.
sub in_turn {
    my ($contestants, %how) = @_;
    my @runs;
    run($_, %how, seconds => 1) for @$contestants; # warm
    for (1 .. $how{rounds}) {
        push @{ $runs[$_] }, run($contestants->[$_], %how) for 0 .. $#$contestants;
    }
    return map { summary($_) } @runs;
}

sub summary {
    my ($runs) = @_;
    my %sum = map { my $what = $_; ($what => median(map { $_->{$what} } @$runs)) }
        qw(rate p50 p99);
    for my $i (0 .. $#{ $runs->[0]{cpu} }) {
        $sum{cpu}[$i] = defined $runs->[0]{cpu}[$i]
            ? median(map { $_->{cpu}[$i] } @$runs) : undef;
    }
    return \%sum;
}

1;
