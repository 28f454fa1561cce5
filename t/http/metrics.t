#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# What SetHandler clinicportal-metrics and mod_status tell an operator.
use strict;
use warnings;

use Test::More;

use ClinicTest;
use Wait qw(wait_for);

# The samples by name with labels.
sub samples {
    my ($portal) = @_;
    my $answer = $portal->browser->get('/metrics', absolute => 1);
    die "metrics: $answer->{status}" if $answer->{status} != 200;
    return { map { /^(clinicportal\S+) (\S+)$/ ? ($1 => $2) : () }
            split /\n/, $answer->{content} };
}

sub grown {
    my ($before, $after) = @_;
    return { map { $_ => $after->{$_} - ($before->{$_} // 0) }
            grep { /_(?:total|count)\b/ && $after->{$_} != ($before->{$_} // 0) }
            keys %$after };
}

sub check_format {
    my ($portal) = @_;
    my $answer = $portal->browser->get('/metrics', absolute => 1);
    is($answer->{headers}{'content-type'},
        'text/plain; version=0.0.4; charset=utf-8', 'the format is named');
    is($answer->{headers}{'cache-control'}, 'no-store', 'nobody keeps it');
    my ($status, $said) = ClinicTest::capture($answer->{content}, 'promtool',
        'check', 'metrics');
    is($said, '', 'promtool has nothing to say');
    is($status, 0, 'and is content');
    is($portal->browser->request('POST', '/metrics', absolute => 1)->{status},
        405, 'it is only to be read');
    return;
}

sub count_signins {
    my ($portal) = @_;
    my $before = samples($portal);
    my $user = $portal->browser;
    $user->sign_in(qw(RIVERSIDE Staff DoeJ));
    $user->get('/staff/');
    $portal->browser->sign_in('RIVERSIDE', 'Staff', 'DoeJ', 'not-it');
    $portal->browser->sign_in('RIVERSIDE', 'Staff', 'Nobody', 'not-it');
    my $grown = grown($before, samples($portal));

    is_deeply({ map { $_ => $grown->{$_} } grep { /signin|captcha.*total|hashes/ }
                keys %$grown },
        { 'clinicportal_signins_total{outcome="done"}' => 1,
          'clinicportal_signins_total{outcome="wrong"}' => 2,
          'clinicportal_signin_refusals_total{reason="wrong-password"}' => 1,
          'clinicportal_signin_refusals_total{reason="unknown-user"}' => 1,
          'clinicportal_captcha_verifications_total{outcome="passed"}' => 3,
          'clinicportal_password_hashes_total{outcome="done"}' => 5,
        }, 'tries to sign in, by outcome and reason');
    is($grown->{'clinicportal_password_hash_duration_seconds_count'}, 5,
        'each hash is timed');
    is($grown->{'clinicportal_captcha_verification_duration_seconds_count'}, 3,
        'each CAPTCHA is timed');
    cmp_ok($grown->{'clinicportal_database_connection_wait_seconds_count'}, '>',
        10, 'so is each wait for a connection');
    is($grown->{'clinicportal_requests_total{route="/login",method="POST",code="3xx"}'},
        1, 'requests by route and answer');
    is($grown->{'clinicportal_requests_total{route="/{kind}",method="GET",code="2xx"}'},
        1, 'a route has no person in it');
    return;
}

sub count_others {
    my ($portal) = @_;
    my $before = samples($portal);
    my $user = $portal->browser;
    $user->get('/nowhere');
    $user->post('/nowhere', {});
    $user->get('/app/', absolute => 1);
    $user->sign_in(qw(RIVERSIDE Staff DoeJ));
    $user->get('/app/', absolute => 1);
    my $grown = grown($before, samples($portal));

    is($grown->{'clinicportal_requests_total{route="other",method="other",code="4xx"}'},
        2, 'an address that is none');
    is($grown->{'clinicportal_guarded_requests_total{verdict="sign-in"}'}, 1,
        'somebody was sent to sign in');
    is($grown->{'clinicportal_guarded_requests_total{verdict="passed"}'}, 1,
        'and let through');
    return;
}

# Counted with the first look at the database, so after a start.
sub see_sessions {
    my ($portal) = @_;
    $portal->restart_fully;
    my $place = 'localhost' . ($portal->{base} || '/');
    my $seen = wait_for(sub {
        my $now = samples($portal);
        return exists $now->{qq(clinicportal_sessions{portal="$place",type="staff"})}
            ? $now : undef;
    });
    is($seen->{qq(clinicportal_sessions{portal="$place",type="staff"})},
        $portal->value('SELECT count(*) FROM session'), 'the sessions there are');
    is($seen->{qq(clinicportal_sessions{portal="$place",type="patient"})}, 0,
        'and of whom');
    is($seen->{qq(clinicportal_mails{portal="$place",state="waiting"})}, 0,
        'and the mails that wait');
    is($seen->{qq(clinicportal_signins_total{outcome="done"})}, 0,
        'a start begins at zero');
    return;
}

sub outlive_a_reload {
    my ($portal) = @_;
    my $name = 'clinicportal_signins_total{outcome="done"}';
    my $before = samples($portal)->{$name};
    $portal->restart_gracefully;
    is(samples($portal)->{$name}, $before, 'a reload forgets nothing');
    return;
}

sub read_status {
    my ($portal) = @_;
    my $user = $portal->browser;
    my $page = wait_for(sub {
        my $now = $user->get('/status', absolute => 1)->{content};
        return $now =~ /database<.*>answers</ ? $now : undef;
    });
    like($page, qr{<h2>ClinicPortal</h2>}, 'mod_status has a section');
    my $place = 'localhost' . ($portal->{base} || '/');
    like($page, qr{<td>ClinicPortal $place database</td><td>answers</td>},
        'with the database');
    like($page, qr{<td>Tries to sign in with[^<]*</td><td>done \d+, wrong 2<},
        'and the sign-ins');
    my $short = $user->get('/status?auto', absolute => 1)->{content};
    like($short, qr/^clinicportal_signins_total\{outcome="done"\}: [1-9]/m,
        'for programs, too');
    unlike($short, qr/<|DoeJ|RIVERSIDE/, 'with nobody named');
    unlike($page . $short, qr/wrong-password|unknown-user/,
        'nor why somebody was refused');
    return;
}

on_each_database(sub {
    my ($portal) = @_;
    check_format($portal);
    count_signins($portal);
    count_others($portal);
    outlive_a_reload($portal);
    read_status($portal);
    see_sessions($portal);
}, base => ['', '/portal'], modules => [qw(status authz_host)], children => 2, after_conf => sub {
    my ($portal) = @_;
    $portal->put_file('app/index.html', 'the app');
    my $path = $portal->{base} eq '' ? '/' : $portal->{base};
    return <<"END";
@{[HttpdConf::place_for('metrics')]}
<Location /status>
    SetHandler server-status
    Require local
</Location>
<Location /app>
    ClinicPortalLogin $path
    AuthType ClinicPortal
    Require clinic-user
</Location>
END
});

# Each has a place in the memory that outlives a reload.
on_each_database(sub {
    my ($portal) = @_;
    for my $turn ('from the start', 'after a reload', 'after another') {
        my $text = $portal->browser->get('/metrics', absolute => 1)->{content};
        is_deeply([$text =~ /^clinicportal_database_up\{portal="localhost(\S+)"/mg],
            [map { "/$_" } 'a' .. 'f'], "portals keep their order, $turn");
        $portal->restart_gracefully;
    }
}, base => '/a', drivers => ['sqlite3'], modules => ['authz_host'], after_conf => sub {
    my ($portal) = @_;
    return HttpdConf::place_for('metrics') . join '', map { <<"END" } 'b' .. 'f';
<Location /$_>
    ClinicPortal On
    Require all granted
    ClinicPortalSecret file:$portal->{dir}/secret
    ClinicPortalRequireTLS Off
</Location>
END
});

done_testing;
