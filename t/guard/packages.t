#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# The front-end packages are pinned: exact versions, a checksum for each, and
# no registry's address, so that any mirror will do and none can swap a file.
use strict;
use warnings;

use JSON::PP qw(decode_json);
use Test::More;

my $top = $ENV{CP_SRCDIR} // '.';

sub json_of {
    my ($name) = @_;
    open my $in, '<:raw', "$top/$name" or die "$name: $!";
    local $/ = undef;
    return decode_json(<$in>);
}

my $manifest = json_of('package.json');
my $lock = json_of('package-lock.json')->{packages};

for my $kind (qw(dependencies devDependencies)) {
    for my $name (sort keys %{ $manifest->{$kind} }) {
        my $version = $manifest->{$kind}{$name};
        like($version, qr/\A\d+\.\d+\.\d+\z/, "$name is an exact version");
        is($lock->{"node_modules/$name"}{version}, $version,
            "$name is locked at it");
    }
}

my @packages = grep { $_ ne '' } sort keys %$lock;
my @loose = grep { ($lock->{$_}{integrity} // '') !~ /\Asha512-/ } @packages;
is("@loose", '', 'every package has a checksum');
my @placed = grep { exists $lock->{$_}{resolved} } @packages;
is("@placed", '', 'no package names a registry');

done_testing();
