# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# A connection that sends what no browser would: bytes as they are given, and
# reads one answer after another.
package RawClient;
use strict;
use warnings;

use IO::Socket::INET ();

sub new {
    my ($class, $portal) = @_;
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
        PeerPort => $portal->{port}, Timeout => 10)
        or die "cannot connect: $!";
    return bless { socket => $socket }, $class;
}

# One answer to these bytes on a connection of its own.
sub ask {
    my ($portal, $bytes) = @_;
    my $client = RawClient->new($portal);
    $client->send_bytes($bytes);
    return $client->answer;
}

sub send_bytes {
    my ($self, $bytes) = @_;
    local $SIG{PIPE} = 'IGNORE';
    $self->{socket}->syswrite($bytes);
    return;
}

# Nothing more comes from this side.
sub finish {
    my ($self) = @_;
    $self->{socket}->shutdown(1);
    return;
}

# { status, headers (last of a name), content }, or undef at the end.
sub answer {
    my ($self) = @_;
    my $socket = $self->{socket};
    my $head = do { local $/ = "\r\n\r\n"; <$socket> } // return;
    my ($line, @lines) = split /\r\n/, $head;
    my ($status) = $line =~ m{^HTTP/1\.[01] (\d{3})} or return;
    my %headers = map { /^([^:]+):\s*(.*)$/ ? (lc $1 => $2) : () } @lines;
    my $content = '';

    if (defined $headers{'content-length'}) {
        read $socket, $content, $headers{'content-length'};
    }
    elsif (($headers{'transfer-encoding'} // '') eq 'chunked') {
        $content = $self->chunks;
    }
    return { status => $status, headers => \%headers, content => $content };
}

sub chunks {
    my ($self) = @_;
    my $socket = $self->{socket};
    my $content = '';
    local $/ = "\r\n";
    while (defined(my $size = <$socket>)) {
        read $socket, my $bytes, hex($size) + 2;
        last if hex $size == 0;
        $content .= substr $bytes, 0, -2;
    }
    return $content;
}

1;
