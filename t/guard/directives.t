#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# Every directive is documented with default, context or form, and an example;
# none is invented; the sample configuration uses real ones.
use strict;
use warnings;

use Test::More;

my $top = $ENV{CP_SRCDIR} // '.';

sub slurp {
    my ($file) = @_;
    open my $in, '<', "$top/$file" or die "$file: $!\n";
    local $/;
    return scalar <$in>;
}

my %is_known = map { $_ => 1 }
    slurp('src/config/directives.c') =~ /AP_INIT_\w+\(\s*"(\w+)"/g;
cmp_ok(scalar keys %is_known, '>', 15, 'the table of directives is found');

my %section = map { /\A(\w+)\n(.*)\z/s ? ($1 => $2) : () }
    split /^## /m, slurp('docs/directives.md');
is_deeply([sort keys %section], [sort keys %is_known],
    'each directive has its section, and each section its directive');
for my $name (sort keys %section) {
    like($section{$name}, qr/^`\Q$name\E .+`/m, "$name: its form");
    like($section{$name}, qr/default|required/, "$name: its default");
    like($section{$name}, qr/^```apache\n(?:.*\n)*?\s*\Q$name\E /m,
        "$name: an example");
}

for my $file ('conf/clinicportal.conf.in', 'conf/demo/httpd.conf.in',
    'README.md', glob("$top/docs/*.md")) {
    my $text = slurp($file =~ s{^\Q$top\E/}{}r);
    my @unknown = grep { !$is_known{$_} } $text =~ /\b(ClinicPortal\w*)\b/g;
    is_deeply(\@unknown, [], "$file names no directive that is not there");
}

done_testing;
