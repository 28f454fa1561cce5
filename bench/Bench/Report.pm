# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# Markdown of what was measured, and its place in docs/performance.md: between
# the lines "<!-- bench: NAME -->" and "<!-- end: NAME -->".
package Bench::Report;
use strict;
use warnings;

use Exporter qw(import);

our @EXPORT_OK = qw(table number put_section);

# 1234567 as 1,234,567; small ones with three digits.
sub number {
    my ($value) = @_;
    return '' if !defined $value;
    my $text = sprintf $value >= 100 ? '%.0f' : $value >= 10 ? '%.1f' : '%.2f',
        $value;
    1 while $text =~ s/^(\d+)(\d{3})/$1,$2/;
    return $text;
}

# The first column is text, the others are figures.
sub table {
    my ($heads, @rows) = @_;
    return join '', map { '| ' . join(' | ', @$_) . " |\n" } $heads,
        ['---', ('---:') x $#$heads], @rows;
}

sub put_section {
    my ($path, $name, $text) = @_;
    open my $in, '<', $path or die "$path: $!\n";
    my $all = do { local $/; <$in> };
    close $in or die "$path: $!\n";
    $all =~ s/(<!-- bench: \Q$name\E -->\n).*?(<!-- end: \Q$name\E -->\n)/$1$text$2/s
        or die "$path: no section $name\n";
    open my $out, '>', $path or die "$path: $!\n";
    print {$out} $all;
    close $out or die "$path: $!\n";
    return;
}

1;
