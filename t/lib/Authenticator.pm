# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# Somebody's authenticator: the secret that the page of enrolment shows, and its
# codes, by oathtool.
package Authenticator;
use strict;
use warnings;

use Exporter qw(import);

our @EXPORT_OK = qw(code_of secret_of);

# The code of a base32 secret, some steps of 30 seconds from now.
sub code_of {
    my ($secret, $steps) = @_;
    my $at = time + 30 * ($steps // 0);
    open my $out, '-|', 'oathtool', '--totp', '-b', '-N', "\@$at",
        $secret =~ s/ //gr or die "oathtool: $!";
    chomp(my $code = <$out>);
    close $out or die "oathtool failed";
    return $code;
}

sub secret_of {
    my ($page) = @_;
    my ($secret) = $page->{content} =~ m{<code class="secret">([A-Z2-7 ]+)</code>}
        or die "no secret in:\n$page->{content}";
    return $secret;
}

1;
