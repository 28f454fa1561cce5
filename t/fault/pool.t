#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# All connections to the database are taken, by statements that a lock keeps
# waiting: who comes then is asked to wait, and not left without an answer. And
# a reload while the database keeps a task of the portal waiting goes on, and the
# old child ends in order; so does one while a table is being altered.
use strict;
use warnings;

use Test::More;

use ClinicTest;
use Crowd;
use Wait qw(wait_for);

sub waiting {
    my ($portal) = @_;
    return $portal->{postgres}->psql('SELECT COUNT(*) FROM pg_stat_activity'
        . " WHERE wait_event_type = 'Lock'");
}

# Everybody's session is read from that table.
sub meet_full_pool {
    my ($portal, $crowd) = @_;
    my $dbh = $portal->dbh;
    $crowd->meet('no connection is left', sub {
        $dbh->do('BEGIN; LOCK TABLE session IN ACCESS EXCLUSIVE MODE');
        wait_for(sub { waiting($portal) >= 2 || undef });
    }, sub { $dbh->do('ROLLBACK') });
    return;
}

# The look at the database, which comes every second, waits for that table.
sub end_with_a_task {
    my ($portal) = @_;
    my $dbh = $portal->dbh;
    my @old = $portal->children;
    $dbh->do('BEGIN; LOCK TABLE schema_version IN ACCESS EXCLUSIVE MODE');
    wait_for(sub { waiting($portal) > 0 || undef });
    $portal->control('graceful');
    wait_for(sub {
        my %is = map { $_ => 1 } $portal->children;
        return grep({ $is{$_} } @old) ? undef : 1;
    });
    $dbh->do('ROLLBACK');
    wait_for(sub {
        $portal->browser->get('/index.aspx?clinicID=RIVERSIDE')->{status} == 200
            || undef });
    pass('a child ends although a task of it waits');
    like($portal->log_text, qr/CP0120/, 'and httpd has not waited, either');
    return;
}

# It is not the statements that are wrong, which the reload checks.
sub reload_beside_a_lock {
    my ($portal) = @_;
    my $dbh = $portal->dbh;
    my $seen = () = $portal->log_text =~ /CP0120/g;
    $dbh->do(q{ALTER ROLE CURRENT_USER SET lock_timeout = '1s'});
    $dbh->do('BEGIN; LOCK TABLE document IN ACCESS EXCLUSIVE MODE');
    $portal->restart_gracefully;
    my @said = $portal->log_text =~ /(CP0120.*)/g;
    cmp_ok(scalar @said, '>', $seen, 'a reload beside a lock goes on');
    like($said[-1], qr/it gave no answer in time/, 'and says what was missing');
    $dbh->do('ROLLBACK');
    $dbh->do('ALTER ROLE CURRENT_USER RESET lock_timeout');
    return;
}

on_each_database(sub {
    my ($portal) = @_;
    my $crowd = Crowd->start($portal);
    meet_full_pool($portal, $crowd);
    $crowd->part;
    end_with_a_task($portal);
    reload_beside_a_lock($portal);
    $portal->claim_seen(qw(CP0120 CP0121 CP0301 CP0303 CP0307 CP0310
        CP0311));
}, Crowd::options(drivers => ['pgsql'], server_conf => "DBDMax 2\nDBDKeep 2\n"));

done_testing;
