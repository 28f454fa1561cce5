#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# SQLite locked by another writer, its file taken away, its disk full.
use strict;
use warnings;

use Test::More;

use ClinicTest;
use Crowd;

# Another program that writes and does not finish. Who only reads notices
# nothing.
sub meet_lock {
    my ($portal, $crowd) = @_;
    my $reader = $portal->browser;
    $reader->sign_in(qw(RIVERSIDE Staff LeeC));
    my $dbh = $portal->dbh;
    $dbh->sqlite_busy_timeout(20_000);
    $crowd->meet('SQLite is locked', sub { $dbh->do('BEGIN IMMEDIATE') },
        sub { $dbh->do('ROLLBACK') }, during => sub {
            is($reader->get("/staff/$_")->{status}, 200, "reads on: $_")
                for '', 'schedule', 'documents';
        });
    return;
}

# Moved elsewhere and back, by mistake.
sub meet_removal {
    my ($portal, $crowd) = @_;
    my ($here, $there) = ($portal->params, "$portal->{dir}/elsewhere");
    mkdir $there or die "$there: $!";
    my $move = sub {
        my ($from, $to) = @_;
        for my $suffix ('', '-wal', '-shm') {
            rename "$from$suffix", "$to$suffix"
                or $!{ENOENT} or die "$from$suffix: $!";
        }
    };
    $crowd->meet('the file is gone', sub { $move->($here, "$there/file") },
        sub { $move->("$there/file", $here) });
    return;
}

on_each_database(sub {
    my ($portal) = @_;
    my $crowd = Crowd->start($portal);
    meet_lock($portal, $crowd);
    meet_removal($portal, $crowd);
    $crowd->part;
    $portal->claim_seen(qw(CP0301 CP0303 CP0307));
}, Crowd::options(drivers => ['sqlite3']));

done_testing;
