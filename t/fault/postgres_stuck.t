#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# PostgreSQL that is there and of no use: hung, read-only, without a connection
# to spare.
use strict;
use warnings;

use Test::More;

use ClinicTest;
use Crowd;

sub meet_hang {
    my ($portal, $crowd) = @_;
    $crowd->meet('PostgreSQL hangs', sub { $portal->{postgres}->freeze },
        sub { $portal->{postgres}->thaw });
    like($portal->log_text, qr/CP0310/, 'the log says what it was');
    return;
}

# As a standby is, or a server whose disk is nearly full.
sub meet_read_only {
    my ($portal, $crowd) = @_;
    $portal->run_sql('SET default_transaction_read_only = off');
    my $set = sub {
        $portal->run_sql("ALTER SYSTEM $_[0]");
        $portal->run_sql('SELECT pg_reload_conf()');
    };
    my $reader = $portal->browser;
    $reader->sign_in(qw(RIVERSIDE Staff LeeC));
    $crowd->meet('PostgreSQL is read-only',
        sub { $set->('SET default_transaction_read_only = on') },
        sub { $set->('RESET default_transaction_read_only') },
        during => sub {
            $crowd->wait_until_felt;
            is($reader->get("/staff/$_")->{status}, 200, "reads on: $_")
                for '', 'schedule', 'documents';
        });
    return;
}

# Every connection there is: those of the portal are ended, and taken.
sub meet_full {
    my ($portal, $crowd) = @_;
    my @taken;
    $crowd->meet('PostgreSQL has no connection to spare', sub {
        my $dbh = $portal->dbh;
        do {
            $dbh->do('SELECT pg_terminate_backend(pid) FROM pg_stat_activity'
                . " WHERE application_name <> 'taken'"
                . " AND backend_type = 'client backend'"
                . ' AND pid <> pg_backend_pid()');
        } while (take($portal, \@taken));
    }, sub { $_->disconnect for @taken });
    return;
}

# As many as there are to be had; 0 once there is none.
sub take {
    my ($portal, $taken) = @_;
    my $before = @$taken;
    while (my $dbh = DBI->connect('dbi:Pg:dbname=postgres;host='
            . "$portal->{postgres}{dir};application_name=taken", 'test', '',
            { PrintError => 0, AutoInactiveDestroy => 1 })) {
        push @$taken, $dbh;
    }
    return @$taken - $before;
}

on_each_database(sub {
    my ($portal) = @_;
    my $crowd = Crowd->start($portal);
    meet_hang($portal, $crowd);
    meet_read_only($portal, $crowd);
    meet_full($portal, $crowd);
    $crowd->part;
    $portal->claim_seen(qw(CP0301 CP0303 CP0307 CP0310 CP0801 dbd:error
        dbd:crit));
}, Crowd::options(drivers => ['pgsql'],
    conf => "ClinicPortalDatabaseTimeout 2s\n"));

done_testing;
