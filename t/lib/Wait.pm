# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# Waiting for what other processes do.
package Wait;
use strict;
use warnings;

use Exporter qw(import);

our @EXPORT_OK = qw(wait_for);

# Valgrind is that much slower.
use constant SECONDS => $ENV{CP_VALGRIND} ? 600 : 30;

# The first defined value that the code gives; dies if there is none in time.
sub wait_for {
    my ($code) = @_;
    my $until = time + SECONDS;
    while (time <= $until) {
        my $value = $code->();
        return $value if defined $value;
        select undef, undef, undef, 0.02;
    }
    die "it did not come about\n";
}

1;
