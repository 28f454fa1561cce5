# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# The database goes away, comes back and changes under people who are signing
# in and reading. httpd is never restarted.
use strict;
use warnings;

use Test::More;

use ClinicTest;
use Fixture qw(world save id_of);
use Load;
use Wait qw(wait_for);

my $CLIENTS = 4;

sub only {
    my ($load, $phase, $allowed, $what) = @_;
    my $statuses = $load->statuses($phase);
    ok(scalar %$statuses, "$what: there was something to see");
    my $is_well
        = is_deeply([grep { !/$allowed/ } sort keys %$statuses], [], $what)
        or diag explain $statuses;
    return $is_well;
}

sub under_load {
    my ($portal, $what, $change) = @_;
    my $load = Load->start($portal, $CLIENTS);
    $load->enter(1);
    $change->($load);
    $load->enter(2);
    $load->enter(3);
    $load->finish;
    only($load, 0, qr/^(?:200|303)$/, "before $what all is well");
    only($load, $_, qr/^(?:200|303)$/, "after $what all is well")
        for 2, 3;
    return $load;
}

sub restart_postgres {
    my ($portal) = @_;
    my ($httpd) = $portal->pid;
    my $load = under_load($portal, 'the restart',
        sub { $portal->{postgres}->restart_fast });
    my %meanwhile = (%{ $load->statuses(1) }, %{ $load->statuses('between') });
    is_deeply([grep { !/^(?:200|303|503)$/ } sort keys %meanwhile], [],
        'meanwhile people are served or asked to wait');
    is($portal->pid, $httpd, 'httpd was not restarted');
    return;
}

sub check_away {
    my ($answer, $what) = @_;
    is($answer->{status}, 503, "$what: 503");
    like($answer->{headers}{'retry-after'} // '', qr/^[1-9]\d*$/,
        "$what: when to come back");
    like($answer->{content}, qr/\b\w{4}-\w{4}\b/, "$what: a reference");
    unlike($answer->{content}, qr/postgres|socket|server|SQL|sqlite/i,
        "$what: no word of the database");
    return;
}

# A database that has been gone for a while is asked every other second only.
sub wait_until_back {
    my ($user, $path) = @_;
    wait_for(sub { $user->get($path)->{status} == 503 ? undef : 1 });
    return;
}

sub stop_postgres {
    my ($portal) = @_;
    my $user = $portal->browser;
    is($user->sign_in('RIVERSIDE', 'Staff', 'DoeJ')->{status}, 303,
        'somebody signs in');
    my $entry = '/index.aspx?clinicID=RIVERSIDE&LoginType=Staff';
    my $fields = $user->sign_in_fields('LAKEVIEW', 'Patient', 'mlopez');

    $portal->{dbh}->disconnect if $portal->{dbh};
    delete $portal->{dbh};
    $portal->{postgres}->stop;
    check_away($user->get($_), $_) for '/staff/', '/staff/documents', $entry,
        '/guarded/';
    my $answer = $user->post('/login', $fields);
    check_away($answer, 'signing in');
    is($user->get('/help')->{status}, 200, 'help needs no database');
    is($user->get('/', headers => { Cookie => '' })->{status}, 200,
        'nor does the clinic page');
    my $json = $user->json('/staff/');
    is($json->{json}{error}{code}, 'unavailable', 'JSON says the same');

    $portal->{postgres}->start;
    wait_until_back($user, '/staff/');
    is($user->get('/staff/')->{status}, 200,
        'the database is back, and so is the session');
    is($user->sign_in('LAKEVIEW', 'Patient', 'mlopez')->{status}, 303,
        'and signing in');
    return;
}

# A server that starts before its database does.
sub start_before_postgres {
    my ($portal) = @_;
    my $user = $portal->browser;
    $portal->{postgres}->stop;
    $portal->restart_fully;
    check_away($user->get('/index.aspx?clinicID=RIVERSIDE'), 'too early');
    $portal->{postgres}->start;
    wait_until_back($user, '/index.aspx?clinicID=RIVERSIDE');
    is($user->sign_in('RIVERSIDE', 'Staff', 'DoeJ')->{status}, 303,
        'the database came later, and all is well');
    return;
}

# People get a turn between the changes: whoever writes without a pause keeps
# all others from writing for as long as it takes.
sub change_sqlite {
    my ($portal) = @_;
    my $dbh = $portal->dbh;
    $dbh->sqlite_busy_timeout(20_000);
    my $load = under_load($portal, 'VACUUM and ALTER TABLE', sub {
        my ($load) = @_;
        for my $i (1 .. 5) {
            for my $table (qw(session account clinic document mailbox)) {
                $dbh->do("ALTER TABLE $table ADD COLUMN later_$i TEXT");
                $load->wait_for_a_round;
            }
            $dbh->do('VACUUM');
        }
    });
    only($load, 1, qr/^(?:200|303)$/, 'and nobody notices meanwhile')
        or diag grep { /CP030[1-9]|dbd:/ } split /^/, $portal->log_text;
    return;
}

# A statement that fails for what is in a row: the log says which statement,
# and nothing of the row.
sub check_error_text {
    my ($portal) = @_;
    my $user = $portal->browser;
    my $id = id_of($portal, 'document', 'RV document shared');
    my $path = "/staff/documents/$id/file";
    is($user->sign_in('RIVERSIDE', 'Staff', 'DoeJ')->{status}, 303,
        'somebody signs in');
    my @break = $portal->{driver} eq 'pgsql'
        ? ('ALTER TABLE document_seen ADD CONSTRAINT broken'
            . ' CHECK (seen_at < 0) NOT VALID')
        : ("CREATE TRIGGER broken BEFORE INSERT ON document_seen BEGIN"
            . " SELECT RAISE(ABORT, 'refused: \"RV secret of a row\"'); END");
    $portal->run_sql($_) for @break;
    my $answer = $user->get($path);
    check_away($answer, 'a statement that fails');
    my ($line) = grep { /CP0303/ } split /\n/, $portal->log_text;
    like($line // '', qr/document_note_seen/, 'the log names the statement');
    my $account = $portal->value('SELECT account_id FROM account WHERE'
        . " clinic_id = 'riverside' AND username = 'DoeJ'");
    my $log = $portal->log_text;
    ok($log !~ /\Q$id\E|\Q$account\E|Failing row|DETAIL|secret of a row/,
        'and nothing of the row');
    $portal->run_sql($portal->{driver} eq 'pgsql'
        ? 'ALTER TABLE document_seen DROP CONSTRAINT broken'
        : 'DROP TRIGGER broken');
    is($user->get($path)->{status}, 200, 'mended, it works again');
    $portal->claim('CP0303');
    return;
}

on_each_database(sub {
    my ($portal) = @_;
    check_error_text($portal);
    if ($portal->{driver} eq 'pgsql') {
        restart_postgres($portal);
        stop_postgres($portal);
        start_before_postgres($portal);
    }
    else {
        change_sqlite($portal);
    }
    # Which requests meet the change, and where, is up to chance. mod_dbd's own
    # lines stand beside ours.
    $portal->claim_seen(qw(CP0301 CP0307 CP0801 dbd:error dbd:crit));
}, data => save(world()), after_conf => <<'END');
<Location /guarded>
    AuthType ClinicPortal
    ClinicPortalLogin /
    Require clinic-user
</Location>
END

done_testing;
