# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# Where the portal lies that script/test has built; loaded before all modules of
# t/lib, which it makes known.
package Bench::Build;
use strict;
use warnings;

use Cwd     qw(abs_path);
use FindBin ();

BEGIN {
    my $top = abs_path("$FindBin::Bin/..");
    my $build = $ENV{CP_BUILDDIR} // "$top/build";
    chomp(my $libexec = `apxs -q LIBEXECDIR`);
    $ENV{CP_SRCDIR} //= $top;
    $ENV{CP_STAGE}  //= "$build/stage";
    $ENV{CP_DATA}   //= "$ENV{CP_STAGE}/usr/share/clinicportal";
    $ENV{CP_MODULE} //= "$ENV{CP_STAGE}$libexec/mod_clinicportal.so";
    $ENV{CP_CTL}    //= "$ENV{CP_STAGE}/usr/bin/clinicportalctl";
    -x $ENV{CP_CTL} or die "no portal in $ENV{CP_STAGE}: run script/test first\n";
    unshift @INC, "$top/t/lib";
}

1;
