# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# PgBouncer before PostgreSQL. In session mode all is as without it; in
# transaction mode, where prepared statements come and go, nobody gets in, and
# the server, the log and the command line say why.
use strict;
use warnings;

use Test::More;

use ClinicTest;
use Fixture qw(world save reconfigure);
use Load;
use PgBouncer;
use Wait qw(wait_for);

my @WHO = qw(RIVERSIDE Staff DoeJ);
my $WHY = 'a pooler in transaction mode stands before PostgreSQL; the portal'
    . ' needs one in session mode, or none';

sub check_session_mode {
    my ($portal, $pooler) = @_;
    like($portal->ctl('db', 'check'), qr/^good/, 'the command line works');
    my $user = $portal->browser;
    $user->sign_in(@WHO);
    my $load = Load->start($portal, 6);
    $load->enter(1);
    $load->finish;
    is_deeply([$load->unserved], [], 'a crowd is served');
    $portal->{dbh}->disconnect if $portal->{dbh};
    delete $portal->{dbh};
    $portal->{postgres}->restart_fast;
    wait_for(sub { $user->get('/staff/')->{status} == 200 || undef });
    pass('a restart behind it is healed');
    return;
}

sub check_start {
    my ($portal, $pooler) = @_;
    my ($status, $said) = $portal->configtest(pooler => $pooler);
    isnt($status, 0, 'configtest refuses');
    like($said, qr/CP0101: .*$WHY/, 'and says what is the matter');
    return;
}

sub check_command_line {
    my ($portal) = @_;
    my ($status, $said) = $portal->try_ctl('', 'db', 'check');
    isnt($status, 0, 'clinicportalctl refuses');
    like($said, qr/^clinicportalctl db check: .*$WHY$/, 'and says so');
    (undef, $said) = $portal->try_ctl('', qw(why-not RIVERSIDE staff DoeJ));
    like($said, qr/$WHY$/, 'which is why somebody cannot sign in');
    return;
}

# A server that started before it could see what stands there. The first
# connection has nothing against it; who gets a later one is turned away, and if
# the look at the database each second has one, everybody is. On prefork a
# process has one connection.
sub check_running {
    my ($portal, $user) = @_;
    for my $path ('/staff/', '/index.aspx?clinicID=RIVERSIDE') {
        my $answer = wait_for(sub {
            my $answer = $user->get($path);
            return $answer->{status} == 503
                && $portal->log_text =~ /CP0309: .*$WHY/ ? $answer : undef;
        });
        pass("$path: 503, and the log says why");
        like($answer->{headers}{'retry-after'}, qr/^[1-9]/, 'come back later');
        unlike($answer->{content}, qr/pool|Postgre|session mode/, 'no more');
    }
    return;
}

# People in a crowd, who all are new to a pooler that is: whoever meets another's
# session is turned away.
sub check_crowd {
    my ($portal, $pooler) = @_;
    $pooler->stop;
    $pooler->start('transaction');
    my $load = Load->start($portal, 6);
    $load->enter(1);
    $load->finish;
    is_deeply([$load->unserved], [503],
        'in a crowd some are turned away, and nothing worse happens');
    return;
}

my $portal = ClinicTest->start(driver => 'pgsql', data => save(world()));
my $pooler = PgBouncer->new($portal->{postgres});
$pooler->start('session');
reconfigure($portal, pooler => $pooler);
check_session_mode($portal);

my $user = $portal->browser;
$user->sign_in(@WHO);
$pooler->stop;
$portal->restart_fully;
$pooler->start('transaction');
check_start($portal, $pooler);
check_command_line($portal);
check_running($portal, $user) if $portal->{mpm} ne 'prefork';
check_crowd($portal, $pooler);

$pooler->stop;
$pooler->start('session');
wait_for(sub { $user->get('/staff/')->{status} == 200 || undef });
pass('mended without a restart');
$portal->claim_seen(
    qw(CP0120 CP0301 CP0303 CP0307 CP0309 CP0801 dbd:error dbd:crit));
$portal->stop;
$portal->log_is_clean;
done_testing;
