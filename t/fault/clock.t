#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# The clock jumps a day forward, and back again, under people who sign in and
# read. What has run out has run out; what was made while the clock was ahead
# does not last until it is there again.
use strict;
use warnings;

use Test::More;

use ClinicTest;
use Fixture qw(world save);
use Load;
use Preload;

my @WHO = qw(RIVERSIDE Staff DoeJ);
my $LIMIT = 20;
my $DAY_S = 86_400;
my $clock = Preload->make('clock');

sub guess {
    my ($portal, $name, $count) = @_;
    my $user = $portal->browser;
    my @said = map { $user->sign_in('RIVERSIDE', 'Staff', $name, 'x')->{status} }
        1 .. $count;
    return @said;
}

# A form whose clock was another may be refused once, and what is being read at
# that moment has taken a day (mod_reqtimeout); nobody meets anything else.
sub jump {
    my ($load, $offset, $what) = @_;
    $load->enter($load->{phase} + 1);
    $clock->say($offset);
    $load->enter($load->{phase} + 1);
    my $after = $load->{phase};
    $load->enter($after + 1);
    my %met = (%{ $load->statuses('between') },
        %{ $load->statuses($after) });
    is_deeply([grep { !/^(?:200|303|403|408)$/ } sort keys %met],
        [], "$what: nothing worse than a form that is too old")
        or diag explain \%met;
    is_deeply([grep { !/^(?:200|303)$/ } keys %{ $load->statuses($after) }], [],
        "$what: then everybody is served");
    return;
}

sub check_forward {
    my ($portal, $load) = @_;
    my $user = $portal->browser;
    my $spent = $user->sign_in_fields(@WHO);
    is($user->post('/login', $spent)->{status}, 303, 'somebody signs in');
    guess($portal, 'SmithA', 5);
    is($portal->browser->sign_in(qw(RIVERSIDE Staff SmithA))->{status}, 403,
        'another is locked');
    jump($load, $DAY_S, 'a day forward');
    my $answer = $user->get('/staff/');
    is($answer->{status}, 303, 'the session has run out');
    like($answer->{headers}{location}, qr/index\.aspx\?clinicID=RIVERSIDE/,
        'and leads to the sign-in');
    is($user->post('/login', $spent)->{status}, 403,
        'a spent answer is not good again');
    is($portal->browser->sign_in(qw(RIVERSIDE Staff SmithA))->{status}, 303,
        'the lock is over');
    is($user->sign_in(@WHO)->{status}, 303, 'whoever signs in');
    is($user->get('/staff/')->{status}, 200, 'is in');
    return $user;
}

sub check_back {
    my ($portal, $load, $user) = @_;
    guess($portal, 'LeeC', 5);
    guess($portal, "x$_", 1) for 1 .. $LIMIT - 8;
    jump($load, 0, 'back again');
    is($user->get('/staff/')->{status}, 303,
        'a session of the next day is none today');
    is($user->sign_in(@WHO)->{status}, 303, 'and a new one is to be had');
    is($user->get('/staff/')->{status}, 200, 'and works');
    is($portal->browser->sign_in(qw(RIVERSIDE Staff LeeC))->{status}, 403,
        'a lock is still one');
    $portal->ctl(qw(unlock RIVERSIDE LeeC));
    is($portal->browser->sign_in(qw(RIVERSIDE Staff LeeC))->{status}, 303,
        'until it is taken away');
    is_deeply([grep { $_ != 403 } guess($portal, 'nobody', $LIMIT - 8)], [],
        'the address begins to count anew');
    return;
}

$clock->say(0);
on_each_database(sub {
    my ($portal) = @_;
    my $load = Load->start($portal, 2);
    $load->{phase} //= 0;
    my $user = check_forward($portal, $load);
    check_back($portal, $load, $user);
    $load->finish;
}, data => save(world()), preload => [$clock->{library}],
    conf => "    ClinicPortalLoginLimit address $LIMIT 15m\n",
    env => { CP_CLOCK => $clock->{file} });

done_testing;
