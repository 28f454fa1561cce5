#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# What README and docs name is there: scripts, files, links, commands.
use strict;
use warnings;

use File::Basename qw(dirname);
use Test::More;

my $top = $ENV{CP_SRCDIR} // '.';

sub slurp {
    my ($file) = @_;
    open my $in, '<', $file or die "$file: $!\n";
    local $/;
    return scalar <$in>;
}

for my $file ("$top/README.md", "$top/SECURITY.md", glob "$top/docs/*.md") {
    my $text = slurp($file);
    my $name = $file =~ s{^\Q$top\E/}{}r;
    my @dead = grep { !/^https?:/ && !-e dirname($file) . "/$_" }
        $text =~ /\]\(([^)#]+)(?:#[^)]*)?\)/g;
    is_deeply(\@dead, [], "$name: its links lead somewhere");
    my @gone = grep { !-e "$top/$_" }
        $text =~ m{(?<![\w/.])((?:script|conf|src|t|htdocs)/[\w./-]*\w)(?![\w*])}g;
    is_deeply(\@gone, [], "$name: the files it names are there");
}

my $readme = slurp("$top/README.md");
for my $script ($readme =~ m{^(script/\w+)}mg) {
    ok(-x "$top/$script", "$script can be run");
}

my $help = qx{"$ENV{CP_CTL}" --help};
my %named;
for my $file ("$top/README.md", glob "$top/docs/*.md") {
    my $text = slurp($file) =~ s/\\\n\s*//gr;
    $named{$1} = 1 while $text =~
        /clinicportalctl(?:\s+--\w+ (?:"[^"]*"|\S+))*\s+((?:db|clinic|staff|patient|passwd|unlock|disable|enable|why-not|session|audit|import|secret)(?: (?:init|migrate|check|add|list|set|end|new))?)/g;
}
cmp_ok(scalar keys %named, '>', 3, 'the documents name commands');
is_deeply([grep { $help !~ /\b\Q$_\E\b/ } sort keys %named], [],
    'every command they name is in --help');

done_testing;
