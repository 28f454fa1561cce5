#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# httpd is reloaded under a crowd, by hand and by logrotate with the lines of
# docs/operations.md: everybody is served. Then a child is killed in the middle
# of a write.
use strict;
use warnings;

use Test::More;

use ClinicTest;
use Crowd;
use Wait qw(wait_for);

my $CHILDREN = 2;

sub everybody_is_served {
    my ($crowd, $what, $reload) = @_;
    my $met = $crowd->meet($what, $reload, sub { }, is_felt => 0);
    is_deeply([grep { !/^(?:200|303)$/ } sort keys %$met], [],
        "$what: everybody is served") or diag explain $met;
    return;
}

# The documented file, for this httpd.
sub logrotate_conf {
    my ($portal) = @_;
    open my $file, '<', "$ENV{CP_SRCDIR}/docs/operations.md"
        or die "operations.md: $!";
    my $text = do { local $/; <$file> };
    close $file or die "operations.md: $!";
    my ($conf) = $text =~ /^```logrotate\n(.*?)^```/ms
        or die "operations.md: no logrotate\n";
    my $reload = 'kill -USR1 ' . $portal->pid; # as apachectl does
    $conf =~ s{/var/log/apache2}{$portal->{dir}/logs} or die "no log in:\n$conf";
    $conf =~ s{apachectl graceful}{$reload} or die "no reload in:\n$conf";
    my ($owner) = $> == 0 ? 'root' : getpwuid $>;
    $conf =~ s{^(\s+create) .*}{$1 640 $owner}m or die "no create in:\n$conf";
    return $conf;
}

sub rotate {
    my ($portal) = @_;
    my $conf = "$portal->{dir}/logrotate.conf";
    open my $file, '>', $conf or die "$conf: $!";
    print {$file} logrotate_conf($portal);
    close $file or die "$conf: $!";
    chmod 0644, $conf or die "$conf: $!";
    my %old = map { $_ => 1 } $portal->children;
    ClinicTest::must('logrotate', '--force', '--state',
        "$portal->{dir}/logrotate.state", $conf);
    # httpd begins anew, and a new log with it.
    wait_for(sub { $portal->beginnings
        && !grep { $old{$_} } $portal->children or undef });
    return;
}

sub check_rotated {
    my ($portal) = @_;
    is($portal->beginnings, 1, 'the new error log is written to');
    $portal->browser->get('/help');
    wait_for(sub { $portal->log_text('access') =~ m{GET /help } || undef });
    pass('and the access log');
    ok(-s "$portal->{dir}/logs/error.log.1", 'the old one is kept');
    return;
}

# While a lock keeps its statements waiting, so that none is through.
sub kill_writer {
    my ($portal, $crowd) = @_;
    my $dbh = $portal->dbh;
    my ($lock, $end) = $portal->{driver} eq 'pgsql'
        ? ('BEGIN; LOCK TABLE message IN SHARE MODE', 'ROLLBACK')
        : ('BEGIN IMMEDIATE', 'ROLLBACK');
    $dbh->sqlite_busy_timeout(20_000) if $portal->{driver} ne 'pgsql';
    my @old = $portal->children;
    my $met = $crowd->meet('a child is killed while it writes', sub {
        $dbh->do($lock);
        wait_for_writer($portal, $crowd);
        kill 'KILL', @old;
        wait_for(sub {
            my %is = map { $_ => 1 } $portal->children;
            return %is && !grep({ $is{$_} } @old) ? 1 : undef;
        });
    }, sub { $dbh->do($end) }, is_felt => 0, allowed => qr/^599$/);
    ok($met->{599}, 'whose answer was cut off') or diag explain $met;
    return;
}

# SQLite tells nobody who waits; but writers meet the lock, which is held already,
# while another reads a round.
sub wait_for_writer {
    my ($portal, $crowd) = @_;
    if ($portal->{driver} ne 'pgsql') {
        $crowd->wait_for_writers;
        return $crowd->wait_for_a_round;
    }
    wait_for(sub { $portal->{postgres}->psql('SELECT COUNT(*) FROM'
        . " pg_stat_activity WHERE wait_event_type = 'Lock'") > 0 || undef });
    return;
}

on_each_database(sub {
    my ($portal) = @_;
    my $crowd = Crowd->start($portal);
    everybody_is_served($crowd, 'a reload', sub { $portal->restart_gracefully });
    everybody_is_served($crowd, 'logrotate', sub { rotate($portal) });
    check_rotated($portal);
    kill_writer($portal, $crowd);
    $crowd->part;
    $portal->claim_seen(qw(CP0301 CP0303 CP0307 CP0310));
}, Crowd::options(children => $CHILDREN, keep_alive => 0));

done_testing;
