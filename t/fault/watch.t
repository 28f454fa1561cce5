#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# No thread, or no descriptor, is left for what ends the wait for PostgreSQL:
# nobody asks it then, and people are asked to wait.
use strict;
use warnings;

use Test::More;

use ClinicTest;
use Preload;
use Wait qw(wait_for);

my $PAGE = '/index.aspx?clinicID=RIVERSIDE';
my $source = Preload->make('no_watch');

sub status_of_page {
    my ($portal) = @_;
    return $portal->browser->get($PAGE)->{status};
}

sub status_that_is_no_503 {
    my ($portal) = @_;
    return wait_for(sub {
        my $status = status_of_page($portal);
        return $status == 503 ? undef : $status;
    });
}

# What is missing then is there again later, without a reload.
sub lack_threads {
    my ($portal) = @_;
    $source->say('thread');
    $portal->restart_gracefully;
    like($portal->log_text, qr/CP0120.*no thread left/,
        'no thread: a reload goes on');
    is(status_of_page($portal), 503, 'people are asked to wait');
    ok(wait_for(sub { $portal->log_text =~ /CP0314/ || undef }),
        'the log says why');
    $source->say_nothing;
    is(status_that_is_no_503($portal), 200, 'until there is one');
    return;
}

# The child began without it, and needs a reload.
sub lack_descriptors {
    my ($portal) = @_;
    $source->say('descriptor');
    $portal->restart_gracefully;
    my @children = $portal->children;
    ok(wait_for(sub { $portal->log_text =~ /CP0102/ || undef }),
        'no descriptor: the log says so');
    is(status_of_page($portal), 503, 'people are asked to wait');
    like($portal->browser->get('/health/ready', absolute => 1)->{content},
        qr/this process could not get ready/, 'and others sent elsewhere');
    my %is = map { $_ => 1 } $portal->children; # prefork may have begun another
    is_deeply([grep { !$is{$_} } @children], [], 'by the same child');
    $source->say_nothing;
    $portal->restart_gracefully;
    is(status_that_is_no_503($portal), 200, 'until it is told to begin again');
    return;
}

on_each_database(sub {
    my ($portal) = @_;
    my $is_pgsql = $portal->{driver} eq 'pgsql';
    lack_threads($portal) if $is_pgsql;
    lack_descriptors($portal);
    $portal->claim(qw(CP0102 CP0301), $is_pgsql ? qw(CP0120 CP0314) : ());
    $portal->claim_seen('CP0801');
}, preload => [$source->{library}], env => { CP_NO_WATCH => $source->{file} },
    modules => ['authz_host'], after_conf => HttpdConf::place_for('health'));

done_testing;
