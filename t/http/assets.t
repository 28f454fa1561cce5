#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# Assets are files: their directories are not found, listed or redirected to.
use strict;
use warnings;
use FindBin ();
use lib "$FindBin::Bin/../lib";
use Test::More;

use ClinicTest;

on_each_database(sub {
    my ($portal) = @_;
    my $user = $portal->browser;
    my ($hash) = $user->get('/help')->{content} =~ m{/assets/(\w+)/};

    is($user->get("/assets/$hash/portal.css")->{status}, 200, 'a file');
    for my $path ("$hash", "$hash/", "$hash/licenses", "$hash/licenses/") {
        my $answer = $user->get("/assets/$path");
        is($answer->{status}, 404, "$path: not found");
        is($answer->{headers}{'cache-control'}, 'no-store', "$path: not kept");
    }
});

done_testing;
