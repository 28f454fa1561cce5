#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# A CAPTCHA provider for tests: HTTPS on a free port of 127.0.0.1, one process
# per connection, and answers written by the token itself (%answers below).
#
#   siteverify.pl --port-file FILE --cert FILE --key FILE --log FILE
#                 [--hostname NAME] [--action NAME] [--lifetime SECONDS]
#
# --port-file appears, with the port in it, once the server listens. --log
# gets one JSON line per request, before it is answered: conn (number of the
# connection), method, path, fields; of the secret only its SHA-256. TERM ends
# it with all its children, and so does the lifetime.
use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use Getopt::Long qw(GetOptions);
use IO::Socket::INET;
use IO::Socket::SSL;
use JSON::PP;
use POSIX qw(strftime);

use constant { HEAD_MAX => 16_384, BODY_MAX => 65_536, HOLD_MAX_S => 60 };

my %option = (hostname => 'localhost', action => 'login', lifetime => 900);
GetOptions(\%option, 'port-file=s', 'cert=s', 'key=s', 'log=s', 'hostname=s',
    'action=s', 'lifetime=i')
    or die "see the first lines of $0\n";
for my $name (qw(port-file cert key log)) {
    die "--$name is missing\n" if !defined $option{$name};
}
my $json = JSON::PP->new->canonical->utf8;

sub stamp {
    my ($seconds_ago) = @_;
    return strftime('%Y-%m-%dT%H:%M:%SZ', gmtime(time - $seconds_ago));
}

sub passed {
    my %change = @_;
    return $json->encode({
        success => JSON::PP::true, challenge_ts => stamp(1),
        hostname => $option{hostname}, action => $option{action},
        'error-codes' => [], %change,
    });
}

sub failed {
    my ($code) = @_;
    return $json->encode(
        { success => JSON::PP::false, 'error-codes' => [$code] });
}

sub reply {
    my ($body, %change) = @_;
    my %reply = (status => '200 OK', body => $body, extra => '',
        announced => length $body, %change);
    return "HTTP/1.1 $reply{status}\r\nContent-Type: application/json\r\n"
        . "Content-Length: $reply{announced}\r\n$reply{extra}\r\n$reply{body}";
}

sub wait_for_file {
    my ($path) = @_;
    for (my $left = HOLD_MAX_S; $left > 0 && !-e $path; $left -= 0.02) {
        select(undef, undef, undef, 0.02);
    }
    return;
}

# What a token "name" or "name:argument" is answered: bytes to send, and
# whether the connection stays open.
my %answers = (
    'pass' => sub { (reply(passed()), 1) },
    'fail' => sub { (reply(failed($_[0])), 1) },
    'host' => sub { (reply(passed(hostname => $_[0])), 1) },
    'action' => sub { (reply(passed(action => $_[0])), 1) },
    'old' => sub { (reply(passed(challenge_ts => stamp(3600))), 1) },
    'string-true' => sub { (reply(passed(success => 'true')), 1) },
    'number-one' => sub { (reply(passed(success => 1)), 1) },
    'not-json' => sub { (reply('<html>Welcome to the ward</html>'), 1) },
    'truncated' => sub {
        my $body = passed();
        (reply(substr($body, 0, 20), announced => length $body), 0);
    },
    'huge' => sub { (reply(passed(cdata => 'x' x 20_000)), 1) },
    'slow' => sub { sleep $_[0]; (reply(passed()), 1) },
    'hold' => sub { wait_for_file($_[0]); (reply(passed()), 1) },
    'http-500' => sub {
        (reply('{}', status => '500 Internal Server Error'), 1);
    },
    'redirect' => sub {
        (reply('', status => '302 Found',
            extra => "Location: /followed\r\n"), 1);
    },
    'duplicate-keys' => sub {
        my $body = passed();
        $body =~ s/^\{/{"success":false,/;
        (reply($body), 1);
    },
);

sub decode {
    my ($text) = @_;
    $text =~ tr/+/ /;
    $text =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ge;
    return $text;
}

sub parse_fields {
    my ($body) = @_;
    my %fields;
    for my $pair (split /&/, $body) {
        my ($name, $value) = map { decode($_) } split(/=/, $pair, 2), '';
        $fields{$name} = $value;
    }
    return \%fields;
}

sub write_log {
    my ($entry) = @_;
    my %fields = %{ $entry->{fields} };
    $fields{secret} = 'sha256:' . sha256_hex($fields{secret})
        if defined $fields{secret};
    open(my $log, '>>', $option{log}) or die "cannot open the log: $!";
    syswrite($log, $json->encode({ %$entry, fields => \%fields }) . "\n");
    close($log) or die "cannot write the log: $!";
    return;
}

# One request: { method, path, type, fields }, or nothing at the end.
sub read_request {
    my ($client, $buffer) = @_;
    while ($$buffer !~ /\r\n\r\n/) {
        return if length $$buffer > HEAD_MAX;
        return if !$client->sysread($$buffer, 4096, length $$buffer);
    }
    my ($head, $rest) = split /\r\n\r\n/, $$buffer, 2;
    my ($size) = $head =~ /^content-length:\s*(\d+)\s*$/mi;
    $size //= 0;
    return if $size > BODY_MAX;
    while (length $rest < $size) {
        return if !$client->sysread($rest, 4096, length $rest);
    }
    $$buffer = substr($rest, $size);
    my ($method, $path) = $head =~ m{^(\S+) (\S+) HTTP/1\.[01]};
    my ($type) = $head =~ /^content-type:\s*(\S+)/mi;
    return if !defined $path;
    return { method => $method, path => $path, type => lc($type // ''),
        fields => parse_fields(substr($rest, 0, $size)) };
}

sub answer {
    my ($request) = @_;
    my $fields = $request->{fields};
    return (reply('', status => '405 Method Not Allowed'), 1)
        if $request->{method} ne 'POST';
    return (reply(failed('bad-request')), 1)
        if $request->{type} ne 'application/x-www-form-urlencoded';
    for my $name (qw(secret response)) {
        return (reply(failed("missing-input-$name")), 1)
            if !length($fields->{$name} // '');
    }
    my ($kind, $argument) = split /:/, $fields->{response}, 2;
    my $answer = $answers{$kind}
        // sub { (reply(failed('invalid-input-response')), 1) };
    return $answer->($argument // '');
}

sub serve {
    my ($socket, $conn) = @_;
    my $client = IO::Socket::SSL->start_SSL($socket, SSL_server => 1,
        SSL_cert_file => $option{cert}, SSL_key_file => $option{key})
        or return;
    my $buffer = '';
    while (my $request = read_request($client, \$buffer)) {
        write_log({ conn => $conn, method => $request->{method},
            path => $request->{path}, fields => $request->{fields} });
        my ($bytes, $stays) = answer($request);
        last if !$client->print($bytes) || !$stays;
    }
    $client->close;
    return;
}

sub write_port {
    my ($port) = @_;
    my $draft = "$option{'port-file'}.new";
    open(my $file, '>', $draft) or die "cannot write $draft: $!";
    print {$file} "$port\n";
    close($file) or die "cannot write $draft: $!";
    rename($draft, $option{'port-file'}) or die "cannot rename $draft: $!";
    return;
}

# The server leads a process group of its own, so this reaches its children
# and nobody else.
sub stop {
    local $SIG{TERM} = 'IGNORE';
    kill 'TERM', -$$;
    exit 0;
}

my $listener = IO::Socket::INET->new(Listen => 64, LocalAddr => '127.0.0.1',
    LocalPort => 0, Proto => 'tcp') or die "cannot listen: $!";
my $connections = 0;

setpgrp(0, 0) or die "cannot lead a process group: $!";
$SIG{TERM} = $SIG{INT} = $SIG{ALRM} = \&stop;
$SIG{CHLD} = $SIG{PIPE} = 'IGNORE';
alarm $option{lifetime};
write_port($listener->sockport);
while (1) {
    my $socket = $listener->accept or next;
    my $conn = ++$connections;
    my $pid = fork // die "cannot fork: $!";
    if (!$pid) {
        @SIG{qw(TERM INT ALRM CHLD)} = ('DEFAULT') x 4;
        close $listener;
        serve($socket, $conn);
        exit 0;
    }
    close $socket;
}
