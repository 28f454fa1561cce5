# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# How much of a sign-in's time is the password's hash, which is slow on purpose,
# and how much the CAPTCHA's answer: one sign-in at a time, all times by the
# module's own metrics.
package Bench::SignIn;
use strict;
use warnings;

use Exporter qw(import);

use Bench::Run qw(post);

our @EXPORT_OK = qw(sign_in);

# Milliseconds that requests, hashes and answers have taken since httpd started.
sub so_far {
    my ($browser) = @_;
    my $text = $browser->get('/metrics', absolute => 1)->{content};
    return map {
        my ($sum) = $text =~ /^clinicportal_${_}_duration_seconds_sum (\S+)/m
            or die "no $_ in the metrics\n";
        1000 * $sum;
    } qw(request password_hash captcha_verification);
}

# A form that is filled in; what is left to do is to send it.
sub filled_in {
    my ($site, $protocol) = @_;
    my $origin = $site->origin($protocol);
    my $person = $site->browser($protocol);
    my $fields = $person->sign_in_fields(qw(RIVERSIDE Staff DoeJ));
    return [$protocol, "$origin/portal/login", 303,
        $person->{http}->www_form_urlencode($fields),
        Cookie => $person->cookie_header, Origin => $origin,
        'Content-Type' => 'application/x-www-form-urlencoded'];
}

# { count, ms (mean), hash, captcha (their shares of all the time) }, once as many
# have warmed up the connections to the database.
sub sign_in {
    my ($site, $protocol, $count) = @_;
    my $operator = $site->browser('h2');
    post(@{ filled_in($site, $protocol) }) for 1 .. $count;
    my @forms = map { filled_in($site, $protocol) } 1 .. $count;
    my @before = so_far($operator);
    post(@$_) for @forms;
    my @after = so_far($operator);
    my ($all, $hash, $captcha) = map { $after[$_] - $before[$_] } 0 .. 2;
    return { count => $count, ms => $all / $count,
        hash => $hash / $all, captcha => $captcha / $all };
}

1;
