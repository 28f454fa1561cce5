# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# What httpd's children hold after many requests, and whether it grows.
package Bench::Memory;
use strict;
use warnings;

use Exporter   qw(import);
use List::Util qw(max);

use Bench::Run qw(run);

our @EXPORT_OK = qw(memory);

our @AFTER = (20_000, 200_000);

# Resident KiB of the largest child.
sub resident {
    my ($portal) = @_;
    return max map {
        open my $file, '<', "/proc/$_/status" or die "status of $_: $!\n";
        my $text = do { local $/; <$file> };
        close $file or die "status of $_: $!\n";
        $text =~ /^VmRSS:\s+(\d+)/m ? $1 : 0;
    } $portal->children;
}

# [requests, KiB] after each of @AFTER.
sub memory {
    my ($site, $page, %how) = @_;
    my $done = 0;
    my @found;
    for my $target (@AFTER) {
        $done += run($page, %how, trees => [])->{requests} while $done < $target;
        push @found, [$done, resident($site->{portal})];
    }
    return @found;
}

1;
