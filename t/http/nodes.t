# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# Two nodes on one PostgreSQL behind a load balancer: a person of one is known
# to the other, tries are counted together, and what is used up on one is used
# up on both.
use strict;
use warnings;

use Test::More;

use AtOnce  qw(at_once);
use Fixture qw(world save);
use LoadBalancer;
use Wait    qw(wait_for);

my @WHO = qw(RIVERSIDE Staff DoeJ);
my $ADDRESS_MAX = 10;
my $HERE = '127.0.0.2';

# One person's browser, asking one node and then the other.
sub at_both {
    my ($balancer, %options) = @_;
    my %shared = (cookies => {}, keep_alive => 0,
        headers => { 'X-Forwarded-Proto' => 'https',
            'X-Forwarded-For' => $HERE }, %options);
    return map { $_->browser(%shared) } $balancer->nodes;
}

sub was_asked {
    my ($node, $what) = @_;
    return scalar grep { /\Q$what\E/ } split /\n/, $node->log_text('access');
}

sub check_session {
    my ($balancer) = @_;
    my ($one, $two) = at_both($balancer);
    is($one->sign_in(@WHO)->{status}, 303, 'somebody signs in on one node');
    my $page = $two->get('/staff/');
    is($page->{status}, 200, 'and works on the other');
    is($one->sign_out($page)->{status}, 303,
        'a button of that page works on the first');
    is($two->get('/staff/')->{status}, 303, 'signed out on both');
    my $fields = $one->sign_in_fields(@WHO);
    is($two->post('/login', $fields)->{status}, 303,
        'the form of one with its CAPTCHA signs in on the other');
    return;
}

# The balancer spreads the requests of one browser over both.
sub check_balancer {
    my ($balancer) = @_;
    my $user = $balancer->browser(address => $HERE);
    my $fields = $user->sign_in_fields(@WHO);
    is($user->post('/login', $fields, headers => {
        Origin => $balancer->origin })->{status}, 303,
        'signing in through the balancer');
    my @pages = map { $user->get('/staff/') } 1 .. 10;
    is_deeply([map { $_->{status} } @pages], [(200) x 10], 'and reading');
    ok(was_asked($_, 'GET /staff/ '), 'this node too was asked')
        for $balancer->nodes;
    like($pages[0]{headers}{'strict-transport-security'} // '', qr/max-age/,
        'the nodes know that it was TLS');
    my ($one) = $balancer->nodes;
    is_deeply($one->rows('SELECT DISTINCT address FROM session'),
        [{ address => $HERE }], 'and whose session it is');
    is($user->get('/health/ready')->{status}, 403,
        'the health of a node is not for everybody');
    return;
}

# One solution, both nodes: one after the other, and at once.
sub check_captcha {
    my ($balancer) = @_;
    my ($one, $two) = at_both($balancer);
    my $fields = $one->sign_in_fields(@WHO, 'wrong');
    is($one->post('/login', $fields)->{status}, 403, 'an answer is spent');
    my $since = $one->{portal}->count_audit;
    $fields->{password} = 'demo-portal-passphrase';
    is($two->post('/login', $fields)->{status}, 403,
        'the other node takes it no more');
    is($one->{portal}->audit($since)->[0]{reason}, 'captcha-refused',
        'for that reason');
    ($one, $two) = at_both($balancer);
    $fields = $one->sign_in_fields(@WHO);
    my @said = at_once(8, sub {
        my $user = ($one, $two)[$_[0] % 2];
        return sub { $user->post('/login', $fields)->{status} };
    });
    is_deeply([sort @said], [303, (403) x 7],
        'of eight at once, half on each node, one is let in');
    return;
}

# Five wrong tries are five, wherever they were.
sub check_lock {
    my ($balancer) = @_;
    my @at = at_both($balancer);
    my $portal = $at[0]{portal};
    $portal->run_sql('DELETE FROM throttle');
    for my $i (0 .. 4) {
        is($at[$i % 2]->sign_in('RIVERSIDE', 'Staff', 'SmithA', 'x')->{status},
            403, 'a wrong try');
    }
    is($portal->value("SELECT failures FROM throttle"
        . " WHERE key_kind = 'account' AND place <> ''"), 5, 'counts five');
    is($_->sign_in('RIVERSIDE', 'Staff', 'SmithA')->{status}, 403,
        'then the right password is refused') for @at;
    $portal->ctl('unlock', 'RIVERSIDE', 'SmithA');
    is((at_both($balancer))[$_]->sign_in('RIVERSIDE', 'Staff', 'SmithA')
        ->{status}, 303, 'unlocked, it is taken on both') for 0, 1;
    return;
}

# None is lost when both count the same at once.
sub check_counts {
    my ($balancer) = @_;
    my @at = at_both($balancer);
    my $portal = $at[0]{portal};
    $portal->run_sql('DELETE FROM throttle');
    at_once($ADDRESS_MAX - 1, sub {
        my $user = $at[$_[0] % 2];
        my $form = $user->sign_in_fields('RIVERSIDE', 'Staff', "x$_[0]", 'x');
        return sub { $user->post('/login', $form)->{status} };
    });
    is($portal->value("SELECT failures FROM throttle"
        . " WHERE key_kind = 'address'"), $ADDRESS_MAX - 1,
        'tries at once on both nodes are all counted');
    return;
}

# Through the balancer, that is, by the address it saw.
sub check_address {
    my ($balancer) = @_;
    my ($node) = $balancer->nodes;
    $node->run_sql('DELETE FROM throttle');
    my $guesser = $balancer->browser(address => $HERE, keep_alive => 0);
    my $try = sub { $guesser->sign_in('LAKEVIEW', 'Staff', "x$_[0]", 'x') };
    is($try->($_)->{status}, 403, 'a try') for 1 .. $ADDRESS_MAX;
    is($try->(99)->{status}, 429, 'too many from one address, over both nodes');
    $guesser->{headers}{'X-Forwarded-For'} = '192.0.2.9';
    is($try->(100)->{status}, 429, 'who cannot make up another');
    is($balancer->browser(address => '127.0.0.3')->sign_in(@WHO)->{status},
        303, 'everybody else is welcome');
    is($node->value("SELECT COUNT(*) FROM throttle WHERE key_kind = 'address'"
        . ' AND failures > 0 AND key <> ?', $HERE), 0,
        'and no other address is charged');
    $node->run_sql('DELETE FROM throttle');
    return;
}

# No node is ready then, and yet people are told what to do.
sub check_no_database {
    my ($balancer) = @_;
    my @nodes = $balancer->nodes;
    my $postgres = $nodes[0]{postgres};
    my $user = $balancer->browser(address => $HERE);
    $user->sign_in(@WHO);
    $_->{dbh} && (delete $_->{dbh})->disconnect for @nodes;
    $postgres->stop;
    my $at_first = $user->get('/staff/');
    wait_for(sub { (grep { $balancer->is_ready($_) } @nodes) ? undef : 1 });
    my $later = $user->get('/staff/');
    for my $answer ($at_first, $later) {
        is($answer->{status}, 503, 'the database is away: 503');
        is($answer->{headers}{'retry-after'}, '10', 'when to come back');
        like($answer->{content}, qr/The portal is busy right now/, 'in words');
    }
    $postgres->start;
    wait_for(sub { $user->get('/staff/')->{status} == 200 || undef });
    pass('it is back, and so is everybody');
    return;
}

# A node dies; after a moment nobody is sent there.
sub check_dead_node {
    my ($balancer) = @_;
    my ($one) = $balancer->nodes;
    my $user = $balancer->browser(address => $HERE);
    $user->sign_in(@WHO);
    $one->stop;
    is_deeply([map { $user->get('/staff/')->{status} } 1 .. 6], [(200) x 6],
        'a node is gone, and nobody notices');
    $one->launch;
    return;
}

my $balancer = LoadBalancer->start(data => save(world()),
    conf => "ClinicPortalLoginLimit address $ADDRESS_MAX 15m\n"
        . "ClinicPortalPasswordSlots 8\n");
check_session($balancer);
check_balancer($balancer);
check_captcha($balancer);
check_lock($balancer);
check_counts($balancer);
check_address($balancer);
check_dead_node($balancer);
check_no_database($balancer);
# Those of httpd: a dead node, none at all, who asks for a node's health.
$balancer->claim_seen(qw(AH00959 AH01102 AH01114 AH01170));
$_->claim_seen(qw(AH01630 CP0301 CP0303 CP0801 dbd:error dbd:crit))
    for $balancer->nodes;
$balancer->finish;
done_testing;
