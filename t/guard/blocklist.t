#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# The list of common passwords is made as a whole, or not at all.
use strict;
use warnings;

use File::Path qw(make_path);
use File::Temp qw(tempdir);
use Test::More;

my $script = ($ENV{CP_SRCDIR} // '.') . '/script/blocklist';
my $dir = tempdir('clinicportal-blocklist-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $package = "$dir/node_modules/\@zxcvbn-ts/language-common";

sub write_file {
    my ($path, $text) = @_;
    open my $out, '>', $path or die "$path: $!";
    print {$out} $text;
    close $out or die "$path: $!";
    return;
}

# How the script ends with a node that does this, and what is there then.
sub blocklist {
    my ($node) = @_;
    write_file("$dir/bin/node", "#!/bin/sh\n$node\n");
    chmod 0755, "$dir/bin/node" or die "node: $!";
    local $ENV{PATH} = "$dir/bin:$ENV{PATH}";
    my $status = system "$script $dir $dir/out/list 2>/dev/null";
    my @there = map { m{([^/]+)\z} } glob "$dir/out/*";
    return ($status, "@there");
}

make_path($package, "$dir/bin", "$dir/out");
write_file("$package/LICENSE.txt", "Do as you like.\r\n");

my ($status, $there) = blocklist('echo sunshine; exit 1');
isnt($status, 0, 'node fails, and so does the script');
is($there, '', 'no list is made, nor is anything left');

($status, $there) = blocklist('printf "sunshine\nletmein\nsunshine\n"');
is($status, 0, 'node works');
is($there, 'list', 'the list alone is made');
open my $in, '<', "$dir/out/list" or die "list: $!";
is(join('', <$in>), <<'LIST', 'in order, behind the licence');
# From @zxcvbn-ts/language-common, under this licence:
# Do as you like.
letmein
sunshine
LIST
close $in;

done_testing();
