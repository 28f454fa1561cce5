# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# Waiting: for what other processes do, and for midnight to be over.
package Wait;
use strict;
use warnings;

use Exporter qw(import);
use POSIX    qw(tzset);

our @EXPORT_OK = qw(wait_for pass_midnight);

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

# What is dated from "today" is another day's after midnight: where it is less than
# two minutes to that in a clinic's zone, it is waited for.
sub pass_midnight {
    for my $zone (qw(America/New_York America/Los_Angeles)) {
        local $ENV{TZ} = $zone;
        tzset();
        my ($second, $minute, $hour) = localtime;
        sleep 60 * (60 - $minute) - $second if $hour == 23 && $minute >= 58;
    }
    tzset();
    return;
}

1;
