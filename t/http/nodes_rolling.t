# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# Two nodes are reloaded, restarted and brought to a new version one after the
# other, as docs/nodes.md says, under people who sign in and read: every request
# is served, nobody is signed out.
use strict;
use warnings;

use File::Temp qw(tempdir);
use Test::More;

use ClinicTest ();
use Fixture    qw(world save);
use Load;
use LoadBalancer;

my @WHO = qw(RIVERSIDE Staff DoeJ);
my $CLIENTS = 4;

# Does that to node after node, under load.
sub node_after_node {
    my ($balancer, $what, $change) = @_;
    my $user = $balancer->browser;
    $user->sign_in(@WHO);
    my $load = Load->start($balancer, $CLIENTS);
    my $phase = 0;
    for my $node ($balancer->nodes) {
        $load->enter(++$phase);
        $change->($node, $load);
    }
    $load->enter(++$phase);
    $load->finish;
    is_deeply([$load->unserved], [], "$what: everybody is served")
        or diag explain [map { $load->statuses($_) } 0 .. $phase, 'between'];
    is($user->get('/staff/')->{status}, 200, "$what: nobody is signed out");
    return;
}

sub out_of_service {
    my ($balancer, $node, $load, $work) = @_;
    my $asked = sub { scalar split /\n/, $node->log_text('access') =~
        s/^.*\/health\/ready.*\n//gmr };
    $balancer->drain($node);
    $load->wait_for_everybody;
    # What was answered last may be logged a moment later.
    $load->wait_for_a_round;
    my $before = $asked->();
    $load->wait_for_a_round;
    is($asked->(), $before, 'a node that drains is left alone');
    $node->stop;
    $work->();
    $node->launch;
    $load->wait_for_a_round;
    $balancer->resume($node);
    return;
}

# The data of the next version: one migration more.
sub next_version {
    my $dir = tempdir('clinicportal-data-XXXXXX', TMPDIR => 1, CLEANUP => 1);
    chmod 0755, $dir or die "$dir: $!";
    ClinicTest::must('cp', '-R', "$ENV{CP_DATA}/.", $dir);
    Fixture::write_file("$dir/schema/999_next.sql", <<'END');
-- SPDX-License-Identifier: Apache-2.0
-- SPDX-FileCopyrightText: The mod_clinicportal authors
ALTER TABLE session ADD COLUMN later TEXT;
CREATE TABLE later (clinic_id TEXT NOT NULL PRIMARY KEY);
END
    return $dir;
}

# First the schema, then the nodes.
sub check_upgrade {
    my ($balancer) = @_;
    my ($one, $two) = $balancer->nodes;
    my $next = next_version();
    my %new = (server_conf => "ClinicPortalData $next\n");
    my ($status, $said) = $one->configtest(%new);
    like($said, qr/this software needs 999; run "clinicportalctl db migrate"/,
        'the new version does not start on the old schema');
    my $user = $balancer->browser;
    $user->sign_in(@WHO);
    my $load = Load->start($balancer, $CLIENTS);
    $load->enter(1);
    local $ENV{CP_DATA} = $next;
    like($one->ctl('db', 'migrate'), qr/^the schema went from version \d+ to 999/,
        'the schema goes first');
    $load->enter(2);
    for my $node ($one, $two) {
        out_of_service($balancer, $node, $load, sub { $node->make_files });
    }
    $load->enter(3);
    $load->finish;
    is_deeply([$load->unserved], [], 'all the time everybody is served')
        or diag explain [map { $load->statuses($_) } 0 .. 3, 'between'];
    is($user->get('/staff/')->{status}, 200, 'and nobody signed out');
    return;
}

my $balancer = LoadBalancer->start(data => save(world()), threads => 8,
    children => 2);
node_after_node($balancer, 'reloading', sub { $_[0]->restart_gracefully });
node_after_node($balancer, 'restarting', sub {
    my ($node, $load) = @_;
    out_of_service($balancer, $node, $load, sub { });
});
check_upgrade($balancer);
$balancer->finish;
done_testing;
