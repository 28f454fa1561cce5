#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# PostgreSQL stopped, and restarted fast, under a crowd.
use strict;
use warnings;

use Test::More;

use ClinicTest;
use Crowd;

on_each_database(sub {
    my ($portal) = @_;
    my $postgres = $portal->{postgres};
    my $crowd = Crowd->start($portal);
    $crowd->meet('PostgreSQL is stopped', sub { $postgres->stop },
        sub { $postgres->start });
    $crowd->meet('PostgreSQL is restarted', sub { $postgres->restart_fast },
        sub { }, is_felt => 0);
    $crowd->part;
    $portal->claim_seen(qw(CP0301 CP0303 CP0307 CP0801 dbd:error dbd:crit));
}, Crowd::options(drivers => ['pgsql']));

done_testing;
