#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# A child of prefork serves in one thread, and its allocator has no mutex; tasks
# of the portal ask the database from other threads of it. What a task keeps must
# never be memory of a page, nor the other way round.
use strict;
use warnings;

use Test::More;

use ClinicTest;
use Preload;
use Wait qw(wait_for);

my $one = Preload->make('one_thread');
chmod 0777, $one->{dir} or die "$one->{dir}: $!";

on_each_database(sub {
    my ($portal) = @_;
    my $user = $portal->browser;
    is($user->sign_in(qw(RIVERSIDE Staff DoeJ))->{status}, 303, 'a person');
    is($user->get('/staff/')->{status}, 200, 'is in');
    ok(wait_for(sub {
        $user->get('/health/ready', absolute => 1)->{status} == 200 || undef;
    }), 'a task has asked the database');
    ok(-e "$one->{file}-" . ($> || getpwnam 'nobody'), 'a child was watched');
    ok(!-e $one->{file}, 'no two threads take memory from one place unguarded');
}, mpm => 'prefork', preload => [$one->{library}],
    env => { CP_ONE_THREAD => $one->{file} },
    after_conf => "<Location /health>\nSetHandler clinicportal-health\n"
        . "Require all granted\n</Location>\n");

done_testing;
