#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# Runs net_http_test against the fake provider, then asks the fake's log what
# really came over the wire.
use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use File::Temp qw(tempdir);
use FindBin qw($Bin);
use JSON::PP qw(decode_json);
use Test::More;

use lib "$Bin/../lib";
use TestCA;
use UnitProgram;

my $program = 'net_http_test';
UnitProgram::path($program);

my $dir = tempdir(CLEANUP => 1);
my $fake;

sub start_fake {
    my ($tls) = @_;
    my $pid = fork // die "cannot fork: $!";
    if (!$pid) {
        exec($^X, "$Bin/../fake/siteverify.pl", '--port-file', "$dir/port",
            '--cert', $tls->{cert}, '--key', $tls->{key}, '--log',
            "$dir/log", '--lifetime', 120)
            or die "cannot start the fake: $!";
    }
    for (1 .. 1000) {
        return $pid if -e "$dir/port";
        select(undef, undef, undef, 0.01);
    }
    kill 'TERM', $pid;
    die 'the fake does not listen';
}

sub read_text {
    my ($path) = @_;
    open(my $file, '<', $path) or die "cannot read $path: $!";
    local $/;
    return scalar <$file>;
}

sub check_log {
    my $log = read_text("$dir/log");
    my @entries = map { decode_json($_) } split /\n/, $log;
    my @reused = grep { $_->{fields}{reuse} } @entries;
    my %conns = map { $_->{conn} => 1 } @reused;

    is(scalar @reused, 5, 'five calls came');
    is(scalar keys %conns, 1, 'over one connection');
    is($reused[0]{fields}{note}, "a&b=c+d %41;\r\n\xc3\xa9~*'\"<>",
        'a value arrives as it was given');
    is($reused[0]{fields}{secret}, 'sha256:' . sha256_hex('shibboleth'),
        'the secret arrives too');
    is_deeply([ grep { $_->{path} ne '/siteverify' } @entries ], [],
        'no redirect was followed');
    unlike($log, qr/shibboleth/, 'the log of the fake holds no secret');
    return;
}

mkdir "$dir/$_" or die "cannot make $dir/$_: $!" for qw(ours other);
my $tls = TestCA::make("$dir/ours");
$fake = start_fake($tls);
my $port = read_text("$dir/port") + 0;
UnitProgram::run($program, 'http',
    NO_PROXY => '*', no_proxy => '*',
    CP_TEST_SITEVERIFY_URL => "https://localhost:$port/siteverify",
    CP_TEST_SITEVERIFY_LOG => "$dir/log",
    CP_TEST_CA => $tls->{ca},
    CP_TEST_OTHER_CA => TestCA::make("$dir/other")->{ca});
check_log();
done_testing();

END {
    if ($fake) {
        my $status = $?;
        kill 'TERM', $fake;
        waitpid $fake, 0;
        $? = $status;
    }
}
