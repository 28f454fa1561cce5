#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# One httpd, two portals, each with a database: that one of them hangs is no
# trouble of the other's, and the metrics tell them apart.
use strict;
use warnings;

use Test::More;

use ClinicTest;
use RawClient;
use Wait qw(wait_for);

my $second_port = ClinicTest::free_port();

# By one name on two ports, as with and without TLS. (The main server's portal is
# there, too.)
sub other_host {
    my ($portal) = @_;
    my $file = "$portal->{dir}/db/other.sqlite";
    ClinicTest::must($ENV{CP_CTL}, '--data', $ENV{CP_DATA}, '--db',
        "sqlite3:$file", 'db', 'init');
    my $hosts = join '', map { <<"END" } $portal->{port}, $second_port;
<VirtualHost 127.0.0.1:$_>
    ServerName other.test
    DBDriver sqlite3
    DBDParams $file
    <Location /two>
        ClinicPortal On
        ClinicPortalSecret file:$portal->{dir}/secret
        ClinicPortalRequireTLS Off
    </Location>
</VirtualHost>
END
    my $places = join '', map { HttpdConf::place_for($_) } qw(health metrics);
    return <<"END";
Listen 127.0.0.1:$second_port
$places
<VirtualHost 127.0.0.1:$portal->{port}>
    ServerName localhost
</VirtualHost>
$hosts
END
}

sub is_ready {
    my ($portal, $host) = @_;
    return RawClient::ask($portal, "GET /health/ready HTTP/1.1\r\nHost: $host\r\n"
        . "Connection: close\r\n\r\n")->{status} == 200;
}

sub tell_apart {
    my ($portal) = @_;
    my $text = $portal->browser->get('/metrics', absolute => 1)->{content};
    my %times;
    $times{$_}++ for $text =~ /^([^#\s]\S*)/mg;
    is_deeply([grep { $times{$_} > 1 } sort keys %times], [],
        'no series is there twice');
    # httpd says which of the two is the first.
    is_deeply([sort map { s/:(?:$portal->{port}|$second_port)/:port/r }
            $text =~ /^clinicportal_database_up\{portal="([^"]+)"\}/mg],
        [sort 'localhost/', map { ("$_/", "$_/two") } 'other.test',
            'other.test:port'], 'each portal has its own');
    return;
}

on_each_database(sub {
    my ($portal) = @_;
    wait_for(sub { is_ready($portal, 'localhost') || undef });
    wait_for(sub { is_ready($portal, 'other.test') || undef });
    tell_apart($portal);

    my $misses = 0;
    $portal->{postgres}->freeze;
    wait_for(sub {
        $misses += !is_ready($portal, 'other.test');
        return $portal->log_text =~ /CP0801/ ? 1 : undef;
    });
    is($misses, 0, 'while one hangs the other is ready');
    ok(!is_ready($portal, 'localhost'), 'and the one that hangs is not');
    $portal->{postgres}->thaw;
    wait_for(sub { is_ready($portal, 'localhost') || undef });
    $portal->claim('CP0801');
    $portal->claim_seen(qw(CP0301 CP0303 dbd:error dbd:crit));
}, drivers => ['pgsql'], modules => ['authz_host'], after_conf => \&other_host,
    env => { PGCONNECT_TIMEOUT => 15 });

done_testing;
