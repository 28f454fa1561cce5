# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# The audit trail of a live portal: one unbroken chain whoever writes to it at
# the same time, what it says, and what it never says; its export is FHIR.
use strict;
use warnings;

use IPC::Open3 qw(open3);
use JSON::PP   qw(decode_json);
use POSIX      ();
use Test::More;

use ClinicTest;

my $WRITERS = 12;
my $TRIES   = 5;

# On a slow machine there may be no free slot to hash in.
sub try_to_sign_in {
    my ($user, @who) = @_;
    for (1 .. 20) {
        return if $user->sign_in(@who)->{status} != 503;
    }
    die "@who: always 503\n";
}

# Many at once sign in, are refused, read and sign out, at both clinics.
sub be_busy {
    my ($portal) = @_;
    my @pids;
    for my $number (1 .. $WRITERS) {
        my $pid = fork // die "cannot fork: $!";
        if (!$pid) {
            my $clinic = $number % 2 ? 'RIVERSIDE' : 'LAKEVIEW';
            for (1 .. $TRIES) {
                my $user = $portal->browser;
                try_to_sign_in($user, $clinic, 'Staff', 'DoeJ');
                my $page = $user->get('/staff/messages');
                $user->sign_out($page) if $page->{status} != 503;
                try_to_sign_in($portal->browser, $clinic, 'Staff',
                    "nobody$number", 'wrong');
            }
            POSIX::_exit(0);
        }
        push @pids, $pid;
    }
    for (@pids) {
        waitpid $_, 0;
        is($?, 0, 'one of many has done it all');
    }
    return;
}

sub read_something {
    my ($portal) = @_;
    my $user = $portal->browser;
    is($user->sign_in('RIVERSIDE', 'Patient', 'mlopez')->{status}, 303,
        'a patient signs in');
    my $list = $user->json('/patient/messages')->{json}{data}{threads};
    my $said = $user->json("/patient/messages/$list->[0]{id}");
    my $document = $user->json('/patient/documents')->{json}{data}{documents}[0];
    is($user->get("/patient/documents/$document->{id}/file")->{status}, 200,
        'and reads a document');
    return ($document->{id}, $said->{json}{data}{messages}[0]{payload});
}

# Changes of accounts and policy, a step of a sign-in, an answer.
sub change_something {
    my ($portal) = @_;
    my $user = $portal->browser;
    $portal->ctl(qw(clinic set RIVERSIDE --password-history 1));
    $portal->ctl(qw(factor require RIVERSIDE staff SmithA));
    $portal->ctl(qw(clinic set RIVERSIDE --second-factor per-user));
    $portal->browser->sign_in('RIVERSIDE', 'Staff', 'SmithA');
    $user->sign_in('RIVERSIDE', 'Patient', 'mlopez');
    my $list = $user->json('/patient/messages')->{json}{data}{threads};
    my $path = "/patient/messages/$list->[0]{id}";
    my $form = Browser::form_fields($user->get($path)->{content}, "$path/reply");
    is($user->post("$path/reply", { %$form, text => 'canary in a message' })->{status},
        303, 'an answer is sent');
    $form = Browser::form_fields($user->get('/patient/account/password')->{content},
        '/patient/account/password');
    $user->post('/patient/account/password', { %$form, present => 'canary of a guess',
        password => 'canary of a passphrase' });
    $portal->ctl(qw(clinic set RIVERSIDE --second-factor default));
    return;
}

sub validate {
    my ($lines) = @_;
    my $pid = open3(my $in, my $out, undef, 'node',
        "$ENV{CP_SRCDIR}/t/lib/fhir_validate.mjs");
    print {$in} $lines;
    close $in or die "node: $!";
    my $said = do { local $/; <$out> };
    waitpid $pid, 0;
    return $said;
}

sub check_export {
    my ($portal, $document_id, $payload) = @_;
    my $lines = $portal->ctl('audit', 'export', 'RIVERSIDE');
    my @events = map { decode_json($_) } split /\n/, $lines;
    my ($read) = grep { $_->{action} eq 'R'
            && $_->{entity}[0]{what}{identifier}{value} eq $document_id }
        @events;
    my @refused = grep { ($_->{outcomeDesc} // '') eq 'unknown-user' } @events;

    is(validate($lines), @events . "\n", 'every line is a FHIR AuditEvent');
    is($read->{agent}[0]{name}, 'mlopez', 'the reading names the reader');
    is($read->{entity}[0]{what}{type}, 'DocumentReference', 'and what was read');
    like($read->{recorded}, qr/\A\d{4}-\d\d-\d\dT[\d:.]+Z\z/, 'and when');
    is(scalar @refused, $WRITERS / 2 * $TRIES, 'every refusal is there');
    for my $event (qw(message-sent policy-changed second-factor-required
            sign-in-step reauthentication)) {
        is($portal->value('SELECT COUNT(*) > 0 FROM audit_event WHERE event = ?',
            $event) ? 1 : 0, 1, "$event is among them");
    }
    unlike($lines, qr/canary|nobody\d|demo-portal-passphrase|wrong"/,
        'nothing that was typed');
    unlike($lines, qr/\Q$payload\E/, 'no text of a message');
    return;
}

on_each_database(sub {
    my ($portal) = @_;
    my ($document_id, $payload) = read_something($portal);
    change_something($portal);
    be_busy($portal);
    like($portal->ctl('audit', 'verify', $_), qr/is whole: \d+ rows/,
        "the chain of $_ is whole") for qw(RIVERSIDE LAKEVIEW);
    my @seqs = map { $_->{seq} } @{ $portal->rows('SELECT seq FROM audit_event'
        . " WHERE clinic_id = 'riverside' ORDER BY seq") };
    is_deeply(\@seqs, [1 .. @seqs], 'no place is empty or taken twice');
    check_export($portal, $document_id, $payload);
    $portal->run_sql("UPDATE audit_event SET reason = 'x'"
        . " WHERE clinic_id = 'riverside' AND seq = 7");
    my ($status, $said) = $portal->try_ctl('', 'audit', 'verify', 'RIVERSIDE');
    isnt($status, 0, 'an edited row');
    like($said, qr/row 7 \(.*\) was edited/, 'is named');
}, conf => join '', map { "ClinicPortalLoginLimit $_ 1000 15m\n" }
    qw(account address clinic));

done_testing;
