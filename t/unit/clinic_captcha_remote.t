#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# Runs clinic_captcha_remote_test against the fake provider, then asks the
# fake's log what each provider was sent.
use strict;
use warnings;

use File::Temp qw(tempdir);
use FindBin qw($Bin);
use JSON::PP qw(decode_json);
use Test::More;

use lib "$Bin/../lib";
use TestCA;
use UnitProgram;

my $program = 'clinic_captcha_remote_test';
UnitProgram::path($program);

my $dir = tempdir(CLEANUP => 1);
my $tls = TestCA::make($dir);
my $fake = fork // die "cannot fork: $!";
if (!$fake) {
    exec($^X, "$Bin/../fake/siteverify.pl", '--port-file', "$dir/port",
        '--cert', $tls->{cert}, '--key', $tls->{key}, '--log', "$dir/log",
        '--lifetime', 120)
        or die "cannot start the fake: $!";
}

sub read_text {
    my ($path) = @_;
    open(my $file, '<', $path) or die "cannot read $path: $!";
    local $/;
    return scalar <$file>;
}

sub wait_for_port {
    for (1 .. 1000) {
        return read_text("$dir/port") + 0 if -e "$dir/port";
        select(undef, undef, undef, 0.01);
    }
    die 'the fake does not listen';
}

my $port = wait_for_port();
UnitProgram::run($program, 'remote',
    NO_PROXY => '*', no_proxy => '*',
    CP_TEST_SITEVERIFY_URL => "https://localhost:$port/siteverify",
    CP_TEST_CA => $tls->{ca});

my @sent = map { decode_json($_)->{fields} } split /\n/, read_text("$dir/log");
my %of = (
    turnstile => [ grep { $_->{idempotency_key} } @sent ],
    hcaptcha => [ grep { $_->{sitekey} } @sent ],
    recaptcha =>
        [ grep { !$_->{idempotency_key} && !$_->{sitekey} } @sent ],
);

is_deeply([ grep { ($_->{remoteip} // '') ne '192.0.2.7' } @sent ], [],
    'everybody is told the address');
is_deeply([ grep { $_->{sitekey} ne 'our-site' } @{ $of{hcaptcha} } ], [],
    'hCaptcha is told our site key');
is_deeply([ grep { length($_->{response}) > 100 } @sent ], [],
    'the huge token was not sent');
my $uuid = qr/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
is_deeply([ grep { $_->{idempotency_key} !~ $uuid } @{ $of{turnstile} } ], [],
    'Turnstile gets a UUID');

# How often a token was sent to a provider, and under how many keys.
sub sent_and_keys {
    my ($provider, $token) = @_;
    my @found = grep { $_->{response} eq $token } @{ $of{$provider} };
    my %keys = map { ($_->{idempotency_key} // '') => 1 } @found;
    return [ scalar @found, scalar keys %keys ];
}

is_deeply(sent_and_keys('turnstile', 'fail:internal-error'), [ 2, 1 ],
    'Turnstile is asked once more, under the same key');
is_deeply(sent_and_keys('turnstile', 'fail:timeout-or-duplicate'), [ 1, 1 ],
    'but not after a clear no');
is_deeply(sent_and_keys('turnstile', 'fail:invalid-input-secret'), [ 1, 1 ],
    'nor when our keys are wrong');
is_deeply(sent_and_keys('recaptcha', 'fail:internal-error'), [ 1, 1 ],
    'others are asked once');
done_testing();

END {
    if ($fake) {
        my $status = $?;
        kill 'TERM', $fake;
        waitpid $fake, 0;
        $? = $status;
    }
}
