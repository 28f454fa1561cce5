#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# What make install leaves behind: httpd's children can read all of it, and
# nothing of an older version is read as ours.
use strict;
use warnings;

use File::Find;
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use Test::More;

my $top = $ENV{CP_SRCDIR} // '.';
my $build = $ENV{CP_BUILDDIR} // "$top/build";
my $dir = tempdir('clinicportal-install-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $lock = "exec 9>'$build/.lock' && flock 9";
# Wherever that build was configured to install to.
my $rule = 'where: ; @echo "$(portaldir)"';
my $where = `$lock && make -s -C '$build' --eval '$rule' where 2>&1`;
die "no folder of data: $where" if $where !~ m{\A(/.+)\n\z};
my $data = "$dir$1";
my @old = map { "$data/$_" } qw(sql/of_old.sql schema/000_of_old.sql);
my $own = "$data/views/of_their_own.mustache";

make_path(map { "$data/$_" } qw(sql schema views));
chmod 0700, "$data/views" or die "views: $!";
for my $path (@old, $own) {
    open my $out, '>', $path or die "$path: $!";
    close $out or die "$path: $!";
}
is(system("$lock && make -s -C '$build' all"
            . ' && umask 077 &&'
            . " make -s -C '$build' install DESTDIR='$dir' >'$dir/log' 2>&1"),
    0, 'make install under a strict umask')
    or diag `cat '$dir/log'`;

ok(-s "$data/sql/factor.sql" && -s "$data/schema/001_initial.sql",
    'statements and migrations are there');
is(join(' ', grep { -e } @old), '', 'none of an older version');
ok(-e $own, 'what is not ours stays');

my @closed;
find({ no_chdir => 1, wanted => sub {
    my $needed = -d ? 0555 : 0444;
    push @closed, $_ if ((stat)[2] & $needed) != $needed;
} }, $data);
is("@closed", '', 'everybody can read it');

my @libtool;
find({ no_chdir => 1, wanted => sub { push @libtool, $_ if /\.la\z/ } }, $dir);
is("@libtool", '', 'no description of libtool');

done_testing();
