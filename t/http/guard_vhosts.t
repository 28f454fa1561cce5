#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# Guarded locations in virtual hosts: each signs in with a portal of its own
# host, which may be the main server's.
use strict;
use warnings;

use Test::More;

use ClinicTest;
use RawClient;

sub hosts {
    my ($portal) = @_;
    $portal->put_file('app/page.txt', 'guarded');
    my $app = "<Location /app>\nAuthType ClinicPortal\n";
    my $end = "Require clinic-user\n</Location>\n";
    my $open = "<VirtualHost 127.0.0.1:$portal->{port}>\n";
    return <<"END";
$open
    ServerName localhost
</VirtualHost>
$open
    ServerName shared.test
    $app $end
</VirtualHost>
$open
    ServerName own.test
    <Location /two>
        ClinicPortal On
        ClinicPortalSecret file:$portal->{dir}/secret
        ClinicPortalRequireTLS Off
    </Location>
    $app ClinicPortalLogin /two patient
    $end
</VirtualHost>
$open
    ServerName which.test
    <Location /two>
        ClinicPortal On
        ClinicPortalSecret file:$portal->{dir}/secret
        ClinicPortalRequireTLS Off
    </Location>
    $app $end
</VirtualHost>
END
}

sub ask {
    my ($portal, $host, $cookies) = @_;
    return RawClient::ask($portal, "GET /app/page.txt HTTP/1.1\r\nHost: $host\r\n"
        . ($cookies ? "Cookie: $cookies\r\n" : '') . "Connection: close\r\n\r\n");
}

on_each_database(sub {
    my ($portal) = @_;
    my ($staff, $patient) = map { $portal->browser } 1, 2;
    $staff->sign_in(qw(RIVERSIDE Staff DoeJ));
    $patient->sign_in(qw(RIVERSIDE Patient mlopez));
    my ($as_staff, $as_patient) = map { $_->cookie_header } $staff, $patient;

    is(ask($portal, 'localhost')->{content}, 'guarded', 'open here');
    like(ask($portal, 'shared.test')->{headers}{location},
        qr{^/portal/index\.aspx\?}, "the main server's portal");
    is(ask($portal, 'shared.test', $as_staff)->{content}, 'guarded',
        'with whom it shares the sessions');
    like(ask($portal, 'own.test')->{headers}{location},
        qr{^/two/index\.aspx\?LoginType=Patient&reason=patient&},
        'a portal of its own');
    like($portal->browser->get('/index.aspx?clinicID=RIVERSIDE&LoginType=Patient'
        . '&reason=patient')->{content}, qr/Log in with a patient account to go on/,
        'which says for whom the page is');
    is(ask($portal, 'own.test', $as_patient)->{content}, 'guarded',
        'for patients');
    like(ask($portal, 'own.test', $as_staff)->{headers}{location},
        qr{^/two/index\.aspx\?}, 'not for staff');
    my $answer = ask($portal, 'which.test', $as_staff);
    is($answer->{status}, 500, 'one of two, and nobody said which');
    unlike($answer->{content}, qr/guarded/, 'opens nothing');
    $portal->claim('CP0701');
}, base => '/portal', after_conf => \&hosts);

done_testing;
