#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# What SetHandler clinicportal-health tells a load balancer: alive at once,
# ready while the database answers, and never by waiting for it.
use strict;
use warnings;

use Test::More;

use ClinicTest;
use Wait qw(wait_for);

sub ask {
    my ($portal, $path) = @_;
    my $answer = $portal->browser->get($path, absolute => 1);
    return "$answer->{status} $answer->{content}";
}

# Asks until the answer is another; returns that.
sub answer_other_than {
    my ($portal, $old) = @_;
    return wait_for(sub {
        my $said = ask($portal, '/health/ready');
        return $said eq $old ? undef : $said;
    });
}

my $pass = qq(200 {"status":"pass"}\n);
my $fail = qq(503 {"status":"fail","output":"the database does not answer"}\n);

# Ways to lose the database, each with the way to get it back.
sub rename_table {
    my ($portal) = @_;
    $portal->run_sql('ALTER TABLE schema_version RENAME TO schema_gone');
    return sub {
        $portal->run_sql('ALTER TABLE schema_gone RENAME TO schema_version');
    };
}

sub stop_server {
    my ($portal) = @_;
    $portal->{postgres}->stop;
    return sub { $portal->{postgres}->start };
}

# Frozen, PostgreSQL takes connections and says nothing.
sub freeze_server {
    my ($portal) = @_;
    $portal->{postgres}->freeze;
    return sub { $portal->{postgres}->thaw };
}

sub wait_for_lines {
    my ($portal, $tag, $count) = @_;
    return wait_for(sub {
        my @found = $portal->log_text =~ /$tag/g;
        return @found >= $count ? scalar @found : undef;
    });
}

sub lose_and_find {
    my ($portal, $lose, $what) = @_;
    my $lines = () = $portal->log_text =~ /CP0801/g;
    my $mend = $lose->($portal);
    is(answer_other_than($portal, $pass), $fail, "$what: not ready");
    is(ask($portal, '/health/live'), $pass, "$what: no reason to be killed");
    is(wait_for_lines($portal, 'CP0801', $lines + 1), $lines + 1,
        "$what: the log says so");
    $mend->();
    is(answer_other_than($portal, $fail), $pass, "$what: ready again");
    is(wait_for_lines($portal, 'CP0802', $lines + 1), $lines + 1,
        "$what: the log says that, too");
    return;
}

on_each_database(sub {
    my ($portal) = @_;
    is(ask($portal, '/health/live'), $pass, 'alive from the start');
    wait_for(sub { ask($portal, '/health/ready') eq $pass ? 1 : undef });
    is(ask($portal, '/health'), $pass, 'ready is what is asked for');
    is($portal->browser->request('HEAD', '/health', absolute => 1)->{status},
        200, 'HEAD will do');

    my $is_pgsql = $portal->{driver} eq 'pgsql';
    lose_and_find($portal, \&freeze_server, 'frozen') if $is_pgsql;
    lose_and_find($portal, $is_pgsql ? \&stop_server : \&rename_table, 'gone');
    $portal->restart_gracefully;
    is(ask($portal, '/health/ready'), $pass, 'a reload keeps it ready');
    $portal->claim('CP0801', $is_pgsql ? 'dbd:error' : ());
    $portal->claim_seen('dbd:crit'); # of children that begin then
}, base => '/portal', modules => ['authz_host'], after_conf => HttpdConf::place_for('health'));

done_testing;
