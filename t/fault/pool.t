#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# All connections to the database are taken, by statements that a lock keeps
# waiting: who comes then is asked to wait, and not left without an answer, also
# where several portals share a pool. And
# a reload while the database keeps a task of the portal waiting goes on, and the
# old child ends in order; so does one while a table is being altered.
use strict;
use warnings;

use IO::Select ();
use Test::More;

use ClinicTest;
use Crowd;
use RawClient;
use Wait qw(wait_for);

# How many statements with that word a lock keeps waiting.
sub waiting {
    my ($portal, $word) = @_;
    return $portal->{postgres}->psql('SELECT COUNT(*) FROM pg_stat_activity'
        . " WHERE wait_event_type = 'Lock' AND query LIKE '%@{[$word // '']}%'");
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

# Two more virtual hosts, each with a portal: one goes by the main server's words
# about the database, the other says the same itself.
sub other_hosts {
    my ($portal) = @_;
    my %words = ('heir.test' => '', 'own.test' => <<"END");
    DBDriver $portal->{driver}
    DBDParams "@{[$portal->params]}"
    DBDMax 3
    DBDKeep 3
END
    my $hosts = join '', map { <<"END" } sort keys %words;
<VirtualHost 127.0.0.1:$portal->{port}>
    ServerName $_
$words{$_}
    <Location />
        Require all granted
        ClinicPortal On
        ClinicPortalSecret file:$portal->{dir}/secret
        ClinicPortalRequireTLS Off
    </Location>
</VirtualHost>
END
    return <<"END";
<VirtualHost 127.0.0.1:$portal->{port}>
    ServerName localhost
    <Location /health>
        SetHandler clinicportal-health
        Require all granted
    </Location>
</VirtualHost>
$hosts
END
}

sub ask_for {
    my ($portal, $host, $path) = @_;
    my $client = RawClient->new($portal);
    $client->send_bytes(join "\r\n", "GET $path HTTP/1.1", "Host: $host",
        'Connection: close', '', '');
    return $client;
}

# The status, or a word that there was no answer yet.
sub status_in_time {
    my ($client) = @_;
    return IO::Select->new($client->{socket})->can_read(Wait::SECONDS)
        ? $client->answer->{status} : 'none';
}

# Clinics are read from a table that is locked, by the first portal's people. What
# the others are told takes longer than a look at the database may.
sub share_a_pool {
    my ($portal) = @_;
    my $dbh = $portal->dbh;
    my $page = '/index.aspx?clinicID=RIVERSIDE';
    $dbh->do('BEGIN; LOCK TABLE clinic IN ACCESS EXCLUSIVE MODE');
    my @held = map { ask_for($portal, 'localhost', $page) } 1 .. 2;
    wait_for(sub { waiting($portal) == 2 || undef });
    is(status_in_time(ask_for($portal, $_, $page)), 503,
        "$_ is told to come again, for the pool is the other portal's too")
        for qw(heir.test own.test heir.test);
    is(status_in_time(ask_for($portal, 'localhost', '/health/ready')), 200,
        'the database answers, says whoever looks at it');
    unlike($portal->log_text, qr/CP0801/, 'and so does the log');
    $dbh->do('ROLLBACK');
    is_deeply([map { status_in_time($_) } @held], [200, 200],
        'those with a connection have their answer');
    for my $host (qw(heir.test own.test)) {
        ok(wait_for(sub { status_in_time(ask_for($portal, $host, $page)) eq '200'
            || undef }), "and then there is one for $host");
    }
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
        CP0311 CP0801));
}, Crowd::options(drivers => ['pgsql'], server_conf => "DBDMax 3\nDBDKeep 3\n"));

# A child of prefork has one connection at most, for its one request.
on_each_database(sub {
    my ($portal) = @_;
    share_a_pool($portal);
    $portal->claim_seen(qw(CP0121 CP0301));
}, drivers => ['pgsql'], after_conf => \&other_hosts,
    server_conf => "DBDMax 3\nDBDKeep 3\nClinicPortalDatabaseTimeout 5m\n")
    if ($ENV{CP_TEST_MPM} // '') ne 'prefork';

done_testing;
