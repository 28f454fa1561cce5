#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# script/test --asan on a machine that has no compiler yet: it is installed
# before it is asked for the sanitizers' libraries.
use strict;
use warnings;

use File::Copy qw(copy);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use Test::More;

my $top = $ENV{CP_SRCDIR} // '.';
my $dir = tempdir('clinicportal-asan-XXXXXX', TMPDIR => 1, CLEANUP => 1);

sub write_script {
    my ($name, $text) = @_;
    open my $out, '>', "$dir/$name" or die "$name: $!";
    print {$out} "#!/bin/sh\n$text\n";
    close $out or die "$name: $!";
    chmod 0755, "$dir/$name" or die "$name: $!";
    return;
}

make_path(map { "$dir/$_" } qw(bin to_come script node_modules build));
for my $name (qw(test lib.sh)) {
    copy("$top/script/$name", "$dir/script/$name") or die "$name: $!";
}
chmod 0755, "$dir/script/test" or die "test: $!";
write_script($_, '') for qw(package-lock.json node_modules/.package-lock.json
    build/Makefile configure);
for my $name (qw(basename cp dirname env find flock grep id mkdir nproc
    realpath sed sh tr)) {
    my ($path) = grep { -x } map { "$_/$name" } split /:/, $ENV{PATH};
    symlink $path, "$dir/bin/$name" or die "$name: $!";
}
write_script('bin/dpkg-query', 'exit 1');
write_script('bin/sudo', 'exec "$@"');
write_script('bin/apt-get', "case \$* in\n*' gcc '*) cp '$dir/to_come/gcc'"
    . " '$dir/bin/gcc' ;;\nesac");
write_script('to_come/gcc', 'echo "/where/it/is/${1#*=}"');
# The build, where the test ends: the way there is what counts.
write_script('bin/make', "echo \"\$CP_PRELOAD\" >'$dir/preload'; exit 1");

my $said = do {
    local $ENV{PATH} = "$dir/bin";
    delete local $ENV{CP_PRELOAD};
    local $ENV{CP_BUILDDIR} = "$dir/build";
    `'$dir/script/test' --asan 2>&1`;
};
like($said, qr/^installing: .*\bgcc\b/m, 'the compiler is installed');
my $preload = '';
if (open my $in, '<', "$dir/preload") {
    $preload = <$in> // '';
    close $in or die "preload: $!";
}
is($preload, "/where/it/is/libasan.so /where/it/is/libubsan.so\n",
    'and asked where they are') or diag $said;

done_testing();
