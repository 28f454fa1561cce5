#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# The scripts know what is installed already, also when much is, and also those
# that run with bash's pipefail.
use strict;
use warnings;

use File::Temp qw(tempdir);
use Test::More;

my $top = $ENV{CP_SRCDIR} // '.';
my $bin = tempdir('clinicportal-bin-XXXXXX', TMPDIR => 1, CLEANUP => 1);

# More than a pipe holds, behind the first.
open my $out, '>', "$bin/dpkg-query" or die "dpkg-query: $!";
print {$out} "#!/bin/sh\necho 'ii here'\nseq -f 'ii other-%.0f' 100000\n";
close $out or die "dpkg-query: $!";
chmod 0755, "$bin/dpkg-query" or die "dpkg-query: $!";

local $ENV{PATH} = "$bin:$ENV{PATH}";
for my $shell ('bash -c "set -o pipefail; $0"', 'sh -c "$0"') {
    my $command = $shell
        =~ s/\$0/. '$top\/script\/lib.sh'; missing_packages here there/r;
    is(`$command`, "there\n", $command =~ /pipefail/ ? 'bash' : 'sh');
}

done_testing();
