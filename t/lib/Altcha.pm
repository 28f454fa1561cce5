# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# Solves ALTCHA challenges as the widget does: counts up until the derived key
# begins with the prefix. Only for challenges of a test's low cost.
package Altcha;
use strict;
use warnings;

use Digest::SHA  qw(hmac_sha256);
use JSON::PP     ();
use MIME::Base64 qw(encode_base64);

my $TRIES_MAX = 1000;

# One block of PBKDF2-HMAC-SHA-256 (RFC 8018 section 5.2): 32 bytes.
sub pbkdf2 {
    my ($password, $salt, $rounds) = @_;
    my $u = hmac_sha256($salt . pack('N', 1), $password);
    my $t = $u;
    for (2 .. $rounds) {
        $u = hmac_sha256($u, $password);
        $t ^= $u;
    }
    return $t;
}

# The form field's value for a decoded challenge document. For answers that
# must be refused: code that changes the challenge first (solving it then only
# tries), code that changes the solution last.
sub solve {
    my ($challenge, $before, $after) = @_;
    my $parameters = $challenge->{parameters};
    my ($nonce, $salt) = map { pack 'H*', $parameters->{$_} } qw(nonce salt);
    my ($counter, $key) = (0, '');

    $before->($challenge) if $before;
    for (0 .. $TRIES_MAX) {
        $counter = $_;
        $key = unpack 'H*',
            pbkdf2($nonce . pack('N', $counter), $salt, $parameters->{cost});
        last if index($key, $parameters->{keyPrefix}) == 0;
    }
    my $solution = { counter => $counter, derivedKey => $key, time => 1.5 };
    $after->($solution) if $after;
    return encode_base64(
        JSON::PP->new->canonical->encode(
            { challenge => $challenge, solution => $solution }), '');
}

1;
