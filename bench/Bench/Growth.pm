# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# Does a page take longer when the tables grow? One portal for each size, with
# so many appointments and messages, of which the same number is on the page; one
# request at a time, so that none waits for another.
package Bench::Growth;
use strict;
use warnings;

use Exporter qw(import);

use Bench::Run qw(in_turn);
use ClinicTest ();
use Fixture    qw(world save);

our @EXPORT_OK = qw(growth);

our @SIZES = (10_000, 100_000, 1_000_000);
my @PAGES = (['schedule, a day', '/staff/schedule?view=day'],
    ['messages', '/staff/messages'], ['home', '/staff/']);
my $HALF_AN_HOUR_US = 1800 * 1_000_000;

# One in ten is of the person who is signed in; all lie before today. A tenth
# as many conversations as messages.
sub fill {
    my ($portal, $rows) = @_;
    my $person = $portal->value("SELECT person_id FROM account WHERE clinic_id ="
        . " 'riverside' AND username = 'DoeJ'");
    my $patient = $portal->value("SELECT patient_id FROM patient WHERE clinic_id"
        . " = 'riverside' ORDER BY patient_id");
    my $now = time * 1_000_000;
    my $series = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n'
        . ' WHERE i <';
    my $at = "$now - CAST(i + 48 AS BIGINT) * $HALF_AN_HOUR_US";
    my $mine_or = "CASE i % 10 WHEN 0 THEN '$person' ELSE 's' || i % 10 END";
    my $threads = $rows / 10;
    $portal->run_sql($_) for
        "INSERT INTO appointment (clinic_id, appointment_id, status, starts_at,"
        . " ends_at) $series $rows) SELECT 'riverside', 'g' || i, 'booked', $at,"
        . " $at + $HALF_AN_HOUR_US FROM n",
        "INSERT INTO appointment_participant (clinic_id, actor_kind, actor_id,"
        . " starts_at, appointment_id) $series $rows) SELECT 'riverside',"
        . " 'staff', $mine_or, $at, 'g' || i FROM n",
        "INSERT INTO appointment_participant (clinic_id, actor_kind, actor_id,"
        . " starts_at, appointment_id) $series $rows) SELECT 'riverside',"
        . " 'patient', '$patient', $at, 'g' || i FROM n",
        "INSERT INTO thread (clinic_id, thread_id, topic) $series $threads)"
        . " SELECT 'riverside', 'g' || i, 'Topic ' || i FROM n",
        "INSERT INTO message (clinic_id, thread_id, sent_at, message_id,"
        . " sender_kind, sender_id, payload) $series $rows) SELECT 'riverside',"
        . " 'g' || (i % $threads + 1), $at, 'g' || i, 'patient', '$patient',"
        . " 'Message ' || i FROM n",
        "INSERT INTO mailbox (clinic_id, owner_kind, owner_id, thread_id,"
        . " last_message_at, unread) $series $threads) SELECT 'riverside',"
        . " 'staff', $mine_or, 'g' || i, $at, i % 3 FROM n",
        $portal->{driver} eq 'pgsql' ? 'VACUUM ANALYZE' : ();
    return;
}

sub portal_of {
    my ($driver, $rows) = @_;
    my $portal = ClinicTest->start(driver => $driver, data => save(world()),
        children => 2, server_conf => "MaxKeepAliveRequests 0\n");
    fill($portal, $rows);
    my $person = $portal->browser;
    $person->sign_in(qw(RIVERSIDE Staff DoeJ));
    return { portal => $portal, cookie => $person->cookie_header };
}

# For each page [name, medians of each size].
sub growth {
    my ($driver, %how) = @_;
    my @all = map { portal_of($driver, $_) } @SIZES;
    my @found;
    for my $page (@PAGES) {
        my ($name, $path) = @$page;
        push @found, [$name, in_turn([map { { name => $name, protocol => 'h1',
            url => $_->{portal}->origin . $path,
            headers => { Cookie => $_->{cookie} } } } @all],
            %how, connections => 1, trees => [])];
    }
    $_->{portal}->stop for @all;
    return @found;
}

1;
