# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# How much of a sign-in's time is the password's hash, which is slow on purpose:
# sign-ins one after the other, both times by the module's own metrics.
package Bench::SignIn;
use strict;
use warnings;

use Exporter   qw(import);
use List::Util qw(sum);

use Bench::Run qw(median post_ms);

our @EXPORT_OK = qw(sign_in);

# Milliseconds that requests and hashes have taken since httpd started.
sub so_far {
    my ($browser) = @_;
    my $text = $browser->get('/metrics', absolute => 1)->{content};
    return map {
        my ($sum) = $text =~ /^clinicportal_${_}_duration_seconds_sum (\S+)/m
            or die "no $_ in the metrics\n";
        1000 * $sum;
    } qw(request password_hash);
}

# { count, ms (median), hash (its share of all the time) }
sub sign_in {
    my ($site, $count) = @_;
    my $portal = $site->{portal};
    my $operator = $portal->browser;
    my (@took, @hashed);
    for (1 .. $count) {
        my $person = $portal->browser;
        my $fields = $person->sign_in_fields(qw(RIVERSIDE Staff DoeJ));
        my @before = so_far($operator);
        post_ms($portal->origin . '/portal/login', 303,
            $person->{http}->www_form_urlencode($fields),
            Cookie => $person->cookie_header, Origin => $portal->origin,
            'Content-Type' => 'application/x-www-form-urlencoded');
        my @after = so_far($operator);
        push @took, $after[0] - $before[0];
        push @hashed, $after[1] - $before[1];
    }
    return { count => $count, ms => median(@took),
        hash => sum(@hashed) / sum(@took) };
}

1;
