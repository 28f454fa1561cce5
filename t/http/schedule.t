# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# Schedules of others: for staff with the permission, at their clinic, audited.
use strict;
use warnings;

use Test::More;

use ClinicTest;

sub id_of {
    my ($portal, $clinic, $user) = @_;
    return $portal->value('SELECT person_id FROM account WHERE clinic_id = ?'
        . ' AND username = ?', $clinic, $user);
}

sub reads {
    my ($portal, $since) = @_;
    return [map { "$_->{username} $_->{entity_type} $_->{entity_id}" }
        grep { $_->{event} eq 'read' } @{ $portal->audit($since) }];
}

on_each_database(sub {
    my ($portal) = @_;
    my $doe = id_of($portal, 'riverside', 'DoeJ');
    my $stranger = id_of($portal, 'lakeview', 'PatelR');
    my $boss = $portal->browser;
    $portal->ctl(qw(staff set RIVERSIDE SmithA --permissions),
        'staff-portal schedule-all');
    $boss->sign_in('RIVERSIDE', 'Staff', 'SmithA');
    my $own = $boss->get('/staff/schedule?view=week');
    like($own->{content}, qr{<option value="\Q$doe\E">Jane Doe}, 'others can be chosen');
    unlike($own->{content}, qr/\Q$stranger\E/, 'those of the clinic');
    my $since = $portal->count_audit;
    $boss->get('/staff/schedule');
    is_deeply(reads($portal, $since), [], 'one\'s own is nobody\'s business');
    my $page = $boss->get("/staff/schedule?view=week&of=$doe");
    is($page->{status}, 200, 'another is shown');
    like($page->{content}, qr/<h2>Jane Doe/, 'with whose it is');
    like($page->{content}, qr{schedule\?date=[\d-]+&amp;view=day&amp;of=\Q$doe\E},
        'and goes on to be');
    is_deeply(reads($portal, $since), ["SmithA Schedule $doe"], 'audited');
    my $user = $portal->browser;
    $user->sign_in('RIVERSIDE', 'Staff', 'DoeJ');
    my @theirs = map { map { $_->{id} } @{ $_->{appointments} } }
        @{ $user->json('/staff/schedule?view=week')->{json}{data}{days} };
    my @seen = map { map { $_->{id} } @{ $_->{appointments} } }
        @{ $boss->json("/staff/schedule?view=week&of=$doe")->{json}{data}{days} };
    cmp_ok(scalar @theirs, '>', 0, 'there are appointments');
    is_deeply(\@seen, \@theirs, 'the very same');
    for my $of ($stranger, 'x', '', "$doe' OR 1=1 --") {
        is($boss->get('/staff/schedule?of='
            . $boss->{http}->_uri_escape($of))->{status}, 404, "nobody: '$of'");
    }
    my $smith = id_of($portal, 'riverside', 'SmithA');
    is($user->get("/staff/schedule?of=$smith")->{status}, 404,
        'without the permission there is nobody else');
    unlike($user->get('/staff/schedule')->{content}, qr/<select/, 'nor a choice');
    my $patient = $portal->browser;
    $patient->sign_in('RIVERSIDE', 'Patient', 'mlopez');
    is($patient->get("/patient/schedule?of=$doe")->{status}, 404, 'nor for patients');
});

done_testing;
