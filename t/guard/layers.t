#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# Includes point downwards only, and what belongs to one layer stays in it.
use strict;
use warnings;

use Test::More;

my $top = $ENV{CP_SRCDIR} // '.';

# What the files of a folder may include, besides the system's headers.
my %may = (
    base   => [qw(base)],
    db     => [qw(base db)],
    net    => [qw(base net)],
    clinic => [qw(base db net clinic)],
    config => [qw(base config)],
    web    => [qw(base db net clinic config web)],
    guard  => [qw(base clinic config web guard)],
    monitor => [qw(base db clinic config web monitor)],
    pages  => [qw(base clinic web pages)],
    ctl    => [qw(base db net clinic ctl)],
);

# Words that only some folders may hold, and why.
my @owned = (
    [qr/\b(?:request_rec|server_rec|ap_[a-z_]+\(|HTTP_[A-Z_]+)\b/,
        [qw(config web guard monitor)], 'httpd is known to web, guard, monitor and config',
        qr{^src/pages/} => qr/HTTP_[A-Z_]+/],
    [qr/#include <(?:httpd|http_[a-z]+|util_filter|mod_dbd|ap_[a-z]+)\.h>/,
        [qw(config web guard monitor)],
        'httpd headers are included by web, guard, monitor and config',
        qr{^src/pages/} => qr/<httpd\.h>/],
    [qr/#include <curl/, [qw(net)], 'libcurl is known to net'],
    [qr/\bapr_dbd_[a-z_]+\(/, [qw(db)], 'apr_dbd is called by db'],
    [qr/"\s*(?:SELECT|INSERT INTO|UPDATE|DELETE FROM)\s/, [qw(db)],
        'SQL text stands in conf/sql'],
    [qr/"[^"]*<\/?(?:html|div|p|a|form|input|span)\b/, [],
        'HTML stands in conf/views'],
    [qr/\b(?:apr_time_now|RAND_bytes|time)\s*\(/, [qw(base)],
        'the clock and random bytes come through the port'],
);

sub slurp {
    my ($file) = @_;
    open my $in, '<', "$top/$file" or die "$file: $!\n";
    local $/;
    return scalar <$in>;
}

# Comments say HTML and SQL freely.
sub code_of {
    my ($file) = @_;
    my $text = slurp($file);
    $text =~ s{/\*.*?\*/}{ join '', $& =~ /\n/g }gse;
    return $text;
}

my @files = map { s{^\Q$top\E/}{}r } glob "$top/src/*/*.[ch]";
cmp_ok(scalar @files, '>', 100, 'the sources are found');

my @climbing;
my @strange;
for my $file (@files) {
    my ($folder) = $file =~ m{^src/([a-z]+)/};
    my $text = code_of($file);
    for my $included ($text =~ /#include "([a-z]+)\//g) {
        push @climbing, "$file includes $included/"
            if !grep { $_ eq $included } @{ $may{$folder} // [] };
    }
    for my $rule (@owned) {
        my ($pattern, $folders, $why, $where, $except) = @$rule;
        next if grep { $_ eq $folder } @$folders;
        for my $found ($text =~ /($pattern)/g) {
            next if defined $where && $file =~ $where && $found =~ $except;
            push @strange, "$file: $found ($why)";
        }
    }
}
is_deeply(\@climbing, [], 'no include climbs');
is_deeply(\@strange, [], 'each word stays in its layer');

my $module = code_of('mod_clinicportal.c');
cmp_ok(scalar(split /\n/, $module), '<', 80, 'the module file is thin');

done_testing;
