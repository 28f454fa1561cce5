# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# Somebody's authenticator: the secret that the page of enrolment shows, and its
# codes, by oathtool.
package Authenticator;
use strict;
use warnings;

use Exporter qw(import);

our @EXPORT_OK = qw(code_of secret_of);

my $STEP_S = 30; # RFC 6238 section 5.2
my $NEEDED_S = 10; # for a code to be given

# The code of a base32 secret, some steps from now. That of the step before is
# good until this one ends, whose successor is waited for if that is near.
sub code_of {
    my ($secret, $steps) = @_;
    my $left = $STEP_S - time % $STEP_S;
    sleep $left if ($steps // 0) < 0 && $left < $NEEDED_S;
    my $at = time + $STEP_S * ($steps // 0);
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
