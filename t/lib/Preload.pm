# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# A library of t/fake that is loaded into a program before all others, and a file
# by which the test tells it what to do, in a directory of its own:
#
#     my $clock = Preload->make('clock');
#     ClinicTest->start(preload => [$clock->{library}],
#         env => { CP_CLOCK => $clock->{file} });
#     $clock->say(86400);
#     $clock->say_nothing;    # the file is gone
package Preload;
use strict;
use warnings;

use File::Temp ();

use ClinicTest ();

sub make {
    my ($class, $name) = @_;
    my $dir = File::Temp->newdir("clinicportal-$name-XXXXXX", TMPDIR => 1);
    chmod 0755, $dir or die "$dir: $!";
    my $library = "$dir/$name.so";
    ClinicTest::must(qw(cc -shared -fPIC -o), $library,
        "$ENV{CP_SRCDIR}/t/fake/$name.c", '-ldl');
    return bless { dir => $dir, library => $library, file => "$dir/word" },
        $class;
}

sub say {
    my ($self, $word) = @_;
    open my $file, '>', "$self->{file}.new" or die "$self->{file}: $!";
    print {$file} "$word\n";
    close $file or die "$self->{file}: $!";
    rename "$self->{file}.new", $self->{file} or die "$self->{file}: $!";
    return;
}

sub say_nothing {
    my ($self) = @_;
    unlink $self->{file} or die "$self->{file}: $!";
    return;
}

1;
