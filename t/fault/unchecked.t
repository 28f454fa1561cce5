#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# The database is not there at a reload, and has another schema when it comes
# back: nobody is served with that until it has been migrated. While httpd runs
# the schema may be migrated for newer nodes, which changes nothing.
use strict;
use warnings;

use Test::More;

use ClinicTest;
use Wait qw(wait_for);

my $PASS = qq(200 {"status":"pass"}\n);

sub ready {
    my ($portal) = @_;
    my $answer = $portal->browser->get('/health/ready', absolute => 1);
    return "$answer->{status} $answer->{content}";
}

sub set_version {
    my ($portal, $from, $to) = @_;
    $portal->dbh->do('UPDATE schema_version SET version = ? WHERE version = ?',
        undef, $to, $from);
    return;
}

sub status_of_page {
    my ($portal) = @_;
    return $portal->browser->get('/index.aspx?clinicID=RIVERSIDE')->{status};
}

# The second from now begins after the first has ended: it sees what is there now.
sub wait_for_a_look {
    my ($portal) = @_;
    my $looked = sub { $portal->value(q{SELECT MAX(query_start)
        FROM pg_stat_activity WHERE query LIKE '%schema_version%'
        AND pid <> pg_backend_pid()}) // '' };
    my $before = $looked->();
    wait_for(sub { $looked->() gt $before ? 1 : undef });
    return;
}

on_each_database(sub {
    my ($portal) = @_;
    my $newest = $portal->value('SELECT max(version) FROM schema_version');
    wait_for(sub { ready($portal) eq $PASS ? 1 : undef });
    set_version($portal, $newest, $newest + 1);
    wait_for_a_look($portal) for 1, 2;
    is(ready($portal), $PASS, 'a newer schema does not disturb who runs');

    $portal->{postgres}->stop;
    $portal->restart_gracefully;
    $portal->{postgres}->start;
    is(wait_for(sub { my $said = ready($portal);
        $said =~ /fit/ ? $said : undef }),
        qq(503 {"status":"fail","output":"the database's schema does not fit)
        . qq( this module"}\n), 'one that nobody could check is looked at');
    is(status_of_page($portal), 503, 'people are asked to wait');
    my $then = $newest + 1;
    my @said = $portal->log_text =~ /CP0803.*version $then, this software needs/g;
    is(scalar @said, 1, 'the log says it once');

    set_version($portal, $newest + 1, $newest);
    is(wait_for(sub { ready($portal) eq $PASS ? 'ready' : undef }), 'ready',
        'migrated, it is used');
    is(status_of_page($portal), 200, 'without a reload');
    set_version($portal, $newest, $newest + 1);
    wait_for_a_look($portal) for 1, 2;
    is(ready($portal), $PASS, 'and was looked at for good');
    set_version($portal, $newest + 1, $newest);
    $portal->claim(qw(CP0120 CP0301 CP0803 dbd:error));
    $portal->claim_seen(qw(CP0302 CP0303 CP0801 dbd:crit));
}, drivers => ['pgsql'], modules => ['authz_host'], after_conf => HttpdConf::place_for('health'));

done_testing;
