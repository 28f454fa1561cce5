# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# Why can somebody not sign in? The page and the command give the same answers,
# the page to administrators alone and about their clinic alone.
use strict;
use warnings;

use JSON::PP qw(decode_json);
use Test::More;

use ClinicTest;

my $PATH = '/staff/admin/why-not';

sub ask {
    my ($user, $kind, $name) = @_;
    my $fields = Browser::form_fields($user->get($PATH)->{content}, $PATH);
    my $answer = $user->post($PATH, { %$fields, kind => $kind, username => $name },
        headers => { Accept => 'application/json' });
    return decode_json($answer->{content})->{data}{answer};
}

sub check_answers {
    my ($portal) = @_;
    my $admin = $portal->browser;
    $admin->sign_in('RIVERSIDE', 'Staff', 'SmithA');
    $portal->ctl(qw(disable RIVERSIDE patient tnguyen));
    my $stranger = $portal->browser;
    $stranger->sign_in('RIVERSIDE', 'Patient', 'mlopez', 'x') for 1 .. 5;
    my @cases = (
        ['staff', 'DoeJ', undef],
        ['staff', 'nobody', 'account'],
        ['staff', 'mlopez', 'kind'],
        ['staff', 'BrownK', 'permission'],
        ['staff', 'PatelR', 'account'],
        ['patient', 'tnguyen', 'status'],
        ['patient', 'mlopez', 'lock'],
        ['staff', ' ', 'account'],
    );
    my $since = $portal->count_audit;
    for my $case (@cases) {
        my ($kind, $name, $gate) = @$case;
        my $answer = ask($admin, $kind, $name);
        is($answer->{gate}, $gate, "$kind '$name': " . ($gate // 'nothing'));
        my $same = decode_json($portal->ctl('--json', 'why-not', 'RIVERSIDE',
            $kind, $name))->{data};
        is($answer->{why}, $same->{why}, 'in the words of the command');
        is($answer->{remedy}, $same->{remedy}, 'with its remedy');
    }
    is(scalar(grep { $_->{event} eq 'why-not' } @{ $portal->audit($since) }),
        scalar @cases, 'each question is audited');
    my $page = $admin->get('/staff/account');
    like($page->{content}, qr/Why can somebody not sign in/, 'administrators find it');
    return;
}

sub check_steps {
    my ($portal) = @_;
    my @who = qw(why-not RIVERSIDE staff DoeJ);
    $portal->ctl(qw(clinic set RIVERSIDE --second-factor all));
    like($portal->ctl(@who), qr/then a second factor has to be set up/, 'what comes then');
    $portal->ctl(qw(clinic set RIVERSIDE --second-factor default));
    $portal->try_ctl("seven green teapots sing\n",
        qw(passwd RIVERSIDE staff DoeJ --must-change));
    like($portal->ctl(@who), qr/then the password has to be changed/, 'is told');
    $portal->run_sql("INSERT INTO throttle (clinic_id, key_kind, key, place,"
        . " tries, failures, window_at, locked_until)"
        . " SELECT clinic_id, 'factor', account_id, '', 5, 5, 0,"
        . " 4000000000000000 FROM account WHERE username = 'DoeJ'");
    like($portal->ctl(@who), qr/wrong codes of the second factor: locked until 2096/,
        'wrong codes');
    $portal->ctl(qw(unlock RIVERSIDE DoeJ));
    like($portal->ctl(@who), qr/nothing refuses/, 'unlock forgets them, too');
    return;
}

sub check_who {
    my ($portal) = @_;
    my $doe = $portal->browser;
    $portal->run_sql('UPDATE account SET password_must_change = 0');
    $doe->sign_in('RIVERSIDE', 'Staff', 'DoeJ', 'seven green teapots sing');
    is($doe->get($PATH)->{status}, 404, 'nobody else gets the page');
    my $fields = Browser::form_fields($doe->get('/staff/')->{content}, '/logout');
    is($doe->post($PATH, { %$fields, kind => 'staff', username => 'SmithA' })->{status},
        404, 'nor an answer');
    unlike($doe->get('/staff/account')->{content}, qr/why-not/, 'nor a link');
    my $patient = $portal->browser;
    $patient->sign_in('LAKEVIEW', 'Patient', 'mlopez');
    is($patient->get('/patient/admin/why-not')->{status}, 404, 'patients neither');
    return;
}

on_each_database(sub {
    my ($portal) = @_;

    check_answers($portal);
    check_steps($portal);
    check_who($portal);
});

done_testing;
