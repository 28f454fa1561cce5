# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# What configtest says of the configuration of a live test with some of it
# changed: lines of ClinicTest's options, or the whole text.
package ConfigTest;
use strict;
use warnings;

use Exporter qw(import);
use Test::More;

our @EXPORT_OK = qw(refused accepted text inside);

# The line of the file that the message names; the last, where it names both
# that of the portal and that of the mistake.
sub line_named {
    my ($portal, $said) = @_;
    my ($number) = $said =~ /line (\d+) of/;
    ($number) = $said =~ /.*configtest\.conf:(\d+)\b/s if !defined $number;
    return '' if !defined $number;
    open my $file, '<', "$portal->{dir}/configtest.conf" or die "conf: $!";
    my @lines = <$file>;
    close $file or die "conf: $!";
    return $lines[$number - 1] // '';
}

# Refused, with that in the message, and a line that holds `at`.
sub refused {
    my ($portal, $why, $message, $at, %changes) = @_;
    my ($status, $said) = $portal->configtest(%changes);
    isnt($status, 0, "refused: $why");
    like($said, $message, 'saying why');
    like(line_named($portal, $said), $at, 'and where');
    return;
}

sub accepted {
    my ($portal, $why, $warnings, %changes) = @_;
    my ($status, $said) = $portal->configtest(%changes);
    is($status, 0, "accepted: $why") or diag $said;
    like($said, qr/Syntax OK/, 'and it says so');
    my @tags = grep { $_ ne 'CP0112' } $said =~ /\b(CP\d{4})\b/g;
    is_deeply(\@tags, $warnings, 'with the warnings that belong to it');
    return $said;
}

# The portal's own file with some words changed.
sub text {
    my ($portal, $from, $to) = @_;
    my $text = $portal->configuration;
    $text =~ s/$from/$to/g or die "there is no $from";
    return (text => $text);
}

sub inside {
    my ($line) = @_;
    return (conf => "    $line\n");
}

1;
