# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# How much of a sign-in's time is the password's hash, which is slow on purpose,
# and how much the CAPTCHA's answer: one sign-in for each processor at a time, all
# times by the module's own metrics.
package Bench::SignIn;
use strict;
use warnings;

use Exporter qw(import);
use POSIX    ();

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
    my ($portal) = @_;
    my $person = $portal->browser;
    my $fields = $person->sign_in_fields(qw(RIVERSIDE Staff DoeJ));
    return [$portal->origin . '/portal/login', 303,
        $person->{http}->www_form_urlencode($fields),
        Cookie => $person->cookie_header, Origin => $portal->origin,
        'Content-Type' => 'application/x-www-form-urlencoded'];
}

sub send_all {
    my ($at_once, @forms) = @_;
    my @pids = map {
        my $first = $_;
        my $pid = fork // die "cannot fork: $!\n";
        if (!$pid) {
            post(@{ $forms[$_] })
                for grep { $_ % $at_once == $first } 0 .. $#forms;
            POSIX::_exit(0);
        }
        $pid;
    } 0 .. $at_once - 1;
    for (@pids) {
        waitpid $_, 0;
        die "a sign-in failed\n" if $? != 0;
    }
    return;
}

# { count, at_once, ms (mean), hash, captcha (their shares of all the time) },
# once as many have warmed up the connections to the database.
sub sign_in {
    my ($site, $count) = @_;
    my $portal = $site->{portal};
    my $operator = $portal->browser;
    chomp(my $at_once = `nproc`);
    send_all($at_once, map { filled_in($portal) } 1 .. $count);
    my @forms = map { filled_in($portal) } 1 .. $count;
    my @before = so_far($operator);
    send_all($at_once, @forms);
    my @after = so_far($operator);
    my ($all, $hash, $captcha) = map { $after[$_] - $before[$_] } 0 .. 2;
    return { count => $count, at_once => $at_once, ms => $all / $count,
        hash => $hash / $all, captcha => $captcha / $all };
}

1;
