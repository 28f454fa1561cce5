# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# A new secret comes to two nodes, as docs/nodes.md says, under people who sign
# in and read: nobody is signed out, and no form is refused.
use strict;
use warnings;

use Test::More;

use Authenticator qw(code_of secret_of);
use ClinicTest    ();
use Fixture       qw(world save);
use Load;
use LoadBalancer;

my @WHO = qw(RIVERSIDE Staff DoeJ);
my @LEE = qw(RIVERSIDE Staff LeeC);

sub post_form {
    my ($user, $path, $action, %fields) = @_;
    my $hidden = Browser::form_fields($user->get($path)->{content}, $action);
    return $user->post($action, { %$hidden, %fields });
}

# Somebody whose authenticator's secret is sealed under the portal's.
sub enrol {
    my ($balancer) = @_;
    my ($node) = $balancer->nodes;
    my $user = $balancer->browser;
    my $path = '/staff/signin/enrol';
    $node->ctl(qw(clinic set RIVERSIDE --second-factor per-user));
    $node->ctl(qw(factor require RIVERSIDE staff LeeC));
    $user->sign_in(@LEE);
    post_form($user, $path, "$path/begin");
    my $secret = secret_of($user->get($path));
    is(post_form($user, $path, "$path/confirm", code => code_of($secret))
        ->{status}, 200, 'somebody has an authenticator');
    return $secret;
}

sub opens {
    my ($balancer, $secret, $when) = @_;
    my $user = $balancer->browser;
    my $path = '/staff/signin/factor';
    ($balancer->nodes)[0]->run_sql('UPDATE account SET otp_last_step = 0');
    is($user->sign_in(@LEE)->{headers}{location}, $path, 'a code is asked for');
    my $answer = post_form($user, $path, $path, code => code_of($secret));
    return is($answer->{headers}{location}, '/staff/', "and taken $when");
}

# The secrets, the one in use first, from the next reload on.
sub use_secrets {
    my ($node, @names) = @_;
    $node->{conf} .= 'ClinicPortalSecret '
        . join(' ', map { "file:$node->{dir}/$_" } @names) . "\n";
    $node->make_files;
    $node->restart_gracefully;
    return;
}

sub form_of {
    my ($node) = @_;
    my $user = $node->browser(headers => { 'X-Forwarded-Proto' => 'https' });
    return [$user, $user->sign_in_fields(@WHO)];
}

# Sends a form, that one node gave out, to another.
sub send_to {
    my ($node, $form) = @_;
    my ($user, $fields) = @$form;
    return $node->browser(headers => $user->{headers},
        cookies => { %{ $user->{cookies} } })->post('/login', $fields)->{status};
}

# What happens if one node uses what the other does not know.
sub check_haste {
    my ($one, $two) = @_;
    use_secrets($one, 'new', 'secret');
    is(send_to($two, form_of($one)), 403,
        'a form signed with a secret that a node does not know is refused');
    use_secrets($one, 'secret');
    return;
}

sub check_renewal {
    my ($balancer, $secret) = @_;
    my ($one, $two) = $balancer->nodes;
    my $user = $balancer->browser;
    $user->sign_in(@WHO);
    my $old = form_of($one);
    my $load = Load->start($balancer, 4);
    my $phase = 0;
    my @forms;
    for my $secrets (['secret', 'new'], ['new', 'secret']) {
        for my $node ($one, $two) {
            $load->enter(++$phase);
            use_secrets($node, @$secrets);
            push @forms, [form_of($one), $two], [form_of($two), $one];
            is(send_to($_->[1], $_->[0]), 303,
                'what one node signs the other reads') for @forms[-2, -1];
        }
    }
    opens($balancer, $secret, 'before it is sealed anew');
    like($one->ctl('secret', 'renew', map { "$one->{dir}/$_" } qw(new secret)),
        qr/^1 renewed/, 'what is sealed is sealed anew');
    is(send_to($two, $old), 303, 'a form from before all that is taken');
    for my $node ($one, $two) {
        $load->enter(++$phase);
        use_secrets($node, 'new');
    }
    $load->enter(++$phase);
    $load->finish;
    is_deeply([$load->unserved], [], 'everybody is served')
        or diag explain [map { $load->statuses($_) } 0 .. $phase, 'between'];
    is($user->get('/staff/')->{status}, 200, 'nobody is signed out');
    opens($balancer, $secret, 'when the old secret is gone');
    return;
}

my $balancer = LoadBalancer->start(data => save(world()));
my ($one, $two) = $balancer->nodes;
my $secret = enrol($balancer);
$one->ctl('secret', 'new', "$one->{dir}/new");
ClinicTest::must('cp', '-p', "$one->{dir}/new", "$two->{dir}/new");
check_haste($one, $two);
check_renewal($balancer, $secret);
$balancer->finish;
done_testing;
