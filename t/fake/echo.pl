#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# A back end for tests: HTTP on a free port of 127.0.0.1 that answers each
# request with what it received, as JSON: method, target, headers (by name in
# lower case; one sent twice is a list), body.
#
#   echo.pl --port-file FILE
#
# --port-file appears, with the port in it, once the server listens. It ends
# when its standard input does.
use strict;
use warnings;

use Getopt::Long qw(GetOptions);
use IO::Select;
use IO::Socket::INET;
use JSON::PP;

my %option;
GetOptions(\%option, 'port-file=s') or die "see the first lines of $0\n";

sub read_request {
    my ($socket) = @_;
    my ($method, $target) = (<$socket> // '') =~ /^(\S+) (\S+) HTTP/ or return;
    my %headers;
    while (defined(my $line = <$socket>)) {
        my ($name, $value) = $line =~ /^([^:]+):\s*(.*?)\r?\n/ or last;
        push @{ $headers{ lc $name } }, $value;
    }
    my $body = '';
    read $socket, $body, $headers{'content-length'}[0]
        if $headers{'content-length'};
    return { method => $method, target => $target, body => $body,
        headers => { map { $_ => @{ $headers{$_} } == 1 ? $headers{$_}[0]
                : $headers{$_} } keys %headers } };
}

sub answer {
    my ($socket) = @_;
    my $request = read_request($socket) or return;
    my $text = JSON::PP->new->canonical->encode($request);
    print {$socket} "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n",
        "Cache-Control: public, s-maxage=60, max-age=30\r\n",
        'Content-Length: ', length $text, "\r\nConnection: close\r\n\r\n", $text;
    return;
}

my $server = IO::Socket::INET->new(Listen => 16, LocalAddr => '127.0.0.1',
    LocalPort => 0, ReuseAddr => 1) or die "no port: $!\n";
open my $file, '>', "$option{'port-file'}.new" or die "port file: $!\n";
print {$file} $server->sockport;
close $file or die "port file: $!\n";
rename "$option{'port-file'}.new", $option{'port-file'}
    or die "port file: $!\n";

my $ready = IO::Select->new($server, \*STDIN);
while (1) {
    for my $handle ($ready->can_read) {
        exit 0 if $handle == \*STDIN && !sysread STDIN, my $unused, 1;
        next if $handle != $server;
        my $socket = $server->accept or next;
        answer($socket);
        close $socket or die "close: $!\n";
    }
}
