# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# Part of the database fails: each table is taken away in turn while people
# read, write and sign in. What needs it is unavailable, in plain words; the
# rest works; nobody is let in; and with the table back all is as before.
use strict;
use warnings;

use Test::More;

use ClinicTest;
use MailServer;

my $PASSWORD = 'demo-portal-passphrase';
my $NOBODY_S = 'A' x 22;
my $mail = MailServer->start;

sub tables {
    my ($portal) = @_;
    return map { $_->{name} } @{ $portal->rows($portal->{driver} eq 'pgsql'
        ? "SELECT table_name AS name FROM information_schema.tables"
            . " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        : "SELECT name FROM sqlite_master WHERE type = 'table'"
            . " AND name NOT LIKE 'sqlite%'") };
}

# Two signed-in people, and one who has given the password and not the code.
sub people {
    my ($portal) = @_;
    my %people;
    $portal->ctl(qw(staff set RIVERSIDE), $_, '--email', "\L$_\E\@clinic.test")
        for qw(SmithA DoeJ);
    $portal->ctl(qw(clinic set RIVERSIDE --second-factor per-user
        --reset-by-mail on));
    $people{admin} = $portal->browser;
    $people{admin}->sign_in(qw(RIVERSIDE Staff SmithA));
    $people{patient} = $portal->browser;
    $people{patient}->sign_in(qw(RIVERSIDE Patient mlopez));
    $portal->ctl(qw(factor require RIVERSIDE staff DoeJ));
    $people{halfway} = $portal->browser;
    $people{halfway}->sign_in(qw(RIVERSIDE Staff DoeJ));
    $people{guest} = $portal->browser;
    return \%people;
}

# The token of their forms, which is another with each new session's; the old
# one where no page tells.
sub learn_csrf {
    my ($user) = @_;
    for my $path (qw(/staff/ /patient/ /staff/signin/enrol /staff/signin/factor
        /forgot?clinicID=RIVERSIDE)) {
        my $page = $user->get($path);
        next if $page->{status} != 200;
        my $form = $path =~ /forgot/ ? '/forgot' : '/logout';
        $user->{csrf} = Browser::form_fields($page->{content}, $form)->{csrf};
        last;
    }
    return;
}

sub pages {
    my ($portal) = @_;
    my $person = $portal->value("SELECT person_id FROM account WHERE username_key"
        . " = 'mlopez' AND clinic_id = 'riverside'");
    my $document = $portal->value('SELECT document_id FROM document WHERE'
        . ' patient_id = ? AND released_at IS NOT NULL', $person);
    my $thread = $portal->value('SELECT thread_id FROM mailbox WHERE'
        . " owner_kind = 'patient' AND owner_id = ?", $person);
    return (
        admin => [map { "/staff/$_" } '', qw(schedule schedule?view=week
            documents messages account account/password
            account/factor account/factor/qr account/mail admin/why-not session
            changes confirm?need=password)],
        patient => [map { "/patient/$_" } '', qw(schedule documents messages),
            "documents/$document", "documents/$document/file",
            "messages/$thread"],
        guest => ['/index.aspx?clinicID=RIVERSIDE', '/help',
            '/captcha/challenge?clinicID=RIVERSIDE', '/forgot?clinicID=RIVERSIDE',
            "/reset?clinicID=RIVERSIDE&token=" . 'A' x 43, '/guarded/'],
    );
}

my %present = (present => $PASSWORD);
my %forms = (
    admin => [
        ['/staff/account/sessions/end', { session => $NOBODY_S }],
        ['/staff/account/devices/forget', { device => $NOBODY_S }],
        ['/staff/account/password', { %present, password => $PASSWORD,
            again => $PASSWORD }],
        ['/staff/account/mail', { %present, email => 'TABLE@clinic.test' }],
        ['/staff/account/factor/begin', {%present}],
        ['/staff/account/factor/mail', {%present}],
        ['/staff/account/factor/codes', {%present}],
        ['/staff/account/factor/remove', {%present}],
        ['/staff/confirm', { need => 'password', %present }],
        ['/staff/admin/why-not', { kind => 'staff', username => 'DoeJ' }],
        ['/staff/session', {}],
    ],
    halfway => [map { ["/staff/signin/$_", { code => '000000' }] }
        qw(factor factor/send enrol/begin enrol/confirm enrol/mail password)],
    guest => [
        ['/guarded/', { text => 'to be kept' }],
        ['/forgot', { clinicID => 'RIVERSIDE', LoginType => 'Staff',
            username => 'DoeJ' }],
        ['/reset', { clinicID => 'RIVERSIDE', token => 'A' x 43,
            password => $PASSWORD, again => $PASSWORD }],
    ],
);
my %NAVIGATES = (Accept => 'text/html', 'Sec-Fetch-Mode' => 'navigate',
    'Sec-Fetch-Site' => 'same-origin');

my %usual; # the status of each, with nothing missing

# A form's, and whether a secret waits (qr), depends on what was sent before.
sub is_well {
    my ($answer, $what, $request) = @_;
    my $text = Browser::without_fields($answer->{content});
    $usual{$request} //= $answer->{status};
    my $is_usual = $request =~ m{ POST |/qr\z} ? $answer->{status} < 500
        : $answer->{status} == $usual{$request};
    my $is_well = $is_usual || $answer->{status} == 503
        && $text !~ /SQL|\btable\b|database|relation|no such/i;
    return ok($is_well, $what)
        || diag("$answer->{status}, not $usual{$request}: $text");
}

# All that people do; how often it was unavailable.
sub day {
    my ($portal, $known, $pages, $table) = @_;
    my $guest = $known->{guest};
    my %answers;
    for my $name (sort keys %$known) {
        my $user = $known->{$name};
        $answers{"$name: GET $_"} = $user->get($_) for @{ $pages->{$name} // [] };
        for my $form (@{ $forms{$name} // [] }) {
            my ($path, $fields) = @$form;
            my $answer = $user->post($path,
                { csrf => $user->{csrf} // '', map { s/TABLE/$table/r } %$fields },
                headers => \%NAVIGATES);
            $answers{"$name: POST $path"} = $answer;
            learn_csrf($user) if $answer->{headers}{'set-cookie'};
        }
    }
    # Without its page nobody can be signed in at all.
    my $sign_in = eval {
        $guest->sign_in('RIVERSIDE', 'Staff', 'SmithA', "not $PASSWORD") };
    $answers{'guest: POST /login'} = $sign_in if $sign_in;
    is_well($answers{$_}, "$table: $_", $_) for sort keys %answers;
    is($answers{'guest: GET /help'}{status}, 200, "$table: there is help");
    ok(!exists $guest->{cookies}{'clinicportal-staff'}, "$table: no way in");
    isnt($known->{halfway}->get('/staff/')->{status}, 200,
        "$table: no way past the code");
    $portal->run_sql('DELETE FROM throttle') if $table ne 'throttle';
    return scalar grep { $_->{status} == 503 } values %answers;
}

# Pages that do not answer as ever. (A picture is there while a secret waits.)
sub failing {
    my ($people, $pages) = @_;
    return [map {
        my $name = $_;
        grep { !m{/qr\z} && $people->{$name}->get($_)->{status} != 200 }
            @{ $pages->{$name} };
    } qw(admin patient)];
}

on_each_database(sub {
    my ($portal) = @_;
    %usual = ();
    my $people = people($portal);
    my %pages = pages($portal);
    learn_csrf($_) for values %$people;
    is(day($portal, $people, \%pages, 'nothing'), 0, 'all is there');
    is_deeply(failing($people, \%pages), [], 'every page answers');
    my @unmissed;
    # Without schema_version for some seconds the whole database counts as gone,
    # see t/http/health.t.
    for my $table (grep { $_ ne 'schema_version' } tables($portal)) {
        learn_csrf($_) for values %$people;
        $portal->run_sql("ALTER TABLE $table RENAME TO ${table}_gone");
        my $count = day($portal, $people, \%pages, $table);
        $portal->run_sql("ALTER TABLE ${table}_gone RENAME TO $table");
        push @unmissed, $table if $count == 0;
        is_deeply(failing($people, \%pages), [], "$table is back");
    }
    is_deeply(\@unmissed, ['import_key'], 'every table but this was missed');
    my $log = $portal->log_text;
    $portal->claim(grep { $log =~ /\b$_\b/ } qw(CP0303 CP0541));
}, conf => $mail->conf, has_origin => 1, after_conf => <<'END');
<Location /guarded>
    AuthType ClinicPortal
    ClinicPortalLogin /
    Require clinic-user
</Location>
END

$mail->stop;
done_testing;
