#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# AuthType ClinicPortal: every Require word, allowed, denied and not signed in,
# alone, combined and in nested sections.
use strict;
use warnings;

use Test::More;

use ClinicTest;

# Location => its lines, and whose requests pass: A DoeJ of RIVERSIDE (staff,
# clinical), B SmithA of RIVERSIDE (staff; supervisor, clinic-admin), C DoeJ of
# LAKEVIEW, P mlopez of RIVERSIDE (patient), - nobody; and, where people are
# named, Q the patient who is called DoeJ at RIVERSIDE, too.
my @places = (
    ['user', 'Require clinic-user', 'ABCP'],
    ['valid', 'Require valid-user', 'ABCP'],
    # A name is a member of staff's, unless it is said to be a patient's.
    ['named', 'Require clinic-user DoeJ@RIVERSIDE mlopez@RIVERSIDE', 'A'],
    ['named-staff', 'Require clinic-user DoeJ@RIVERSIDE/staff', 'A'],
    ['named-patient', 'Require clinic-user doej@RIVERSIDE/Patient', 'Q'],
    ['named-both',
        'Require clinic-user DoeJ@RIVERSIDE mlopez@RIVERSIDE/patient', 'AP'],
    ['named-every', "Require clinic-user DoeJ\@RIVERSIDE/staff"
        . " DoeJ\@RIVERSIDE/patient DoeJ\@LAKEVIEW", 'ACQ'],
    ['bare', 'Require clinic-user doej', 'AC'],
    ['plain-user', 'Require user DoeJ@RIVERSIDE/staff', 'A'],
    ['id', 'Require clinic-id riverside', 'ABP'],
    ['ids', 'Require clinic-id RIVERSIDE LAKEVIEW', 'ABCP'],
    ['id-other', 'Require clinic-id ELSEWHERE', ''],
    ['type', 'Require clinic-type staff', 'ABC'],
    ['types', 'Require clinic-type patient staff', 'ABCP'],
    ['role', 'Require clinic-role supervisor', 'B'],
    ['roles', 'Require clinic-role supervisor clinical', 'ABC'],
    ['permission', 'Require clinic-permission clinic-admin', 'B'],
    ['factor', 'Require clinic-factor otp mail', '', 'ABCP'],
    ['age', 'Require clinic-auth-age 10m', 'ABCP'],
    ['expr', 'Require expr %{REMOTE_USER} =~ m#@RIVERSIDE/#', 'ABP'],
    ['all', <<'END', 'B'],
<RequireAll>
    Require clinic-id RIVERSIDE
    Require clinic-role supervisor
</RequireAll>
END
    ['any', <<'END', 'BC'],
<RequireAny>
    Require clinic-id LAKEVIEW
    Require clinic-permission clinic-admin
</RequireAny>
END
    ['not', <<'END', 'ABC'],
<RequireAll>
    Require clinic-user
    Require not clinic-type patient
</RequireAll>
END
    ['none', <<'END', 'AC'],
<RequireAll>
    Require clinic-type staff
    <RequireNone>
        Require clinic-role supervisor
        Require clinic-permission clinic-admin
    </RequireNone>
</RequireAll>
END
    # Open to everybody but one kind: true also for who is signed in.
    ['all-but', <<'END', 'ABC-'],
<RequireAll>
    Require all granted
    Require not clinic-type patient
</RequireAll>
END
    ['open', 'Require all granted', 'ABCP-'],
    ['closed', 'Require all denied', ''],
    # Sections inside sections: the inner Require takes the outer's place, or
    # joins it.
    ['user/inner', 'Require clinic-role supervisor', 'B'],
    ['type/inner', "AuthMerging And\nRequire clinic-id LAKEVIEW", 'C'],
    ['user/public', "AuthType None\nRequire all granted", 'ABCP-'],
);

my %person = (
    A => [qw(RIVERSIDE Staff DoeJ)],
    B => [qw(RIVERSIDE Staff SmithA)],
    C => [qw(LAKEVIEW Staff DoeJ)],
    P => [qw(RIVERSIDE Patient mlopez)],
    Q => [qw(RIVERSIDE Patient DoeJ)],
);

# Nothing but the name is what the member of staff has.
sub add_namesake {
    my ($portal) = @_;
    $portal->ctl(qw(patient add RIVERSIDE DoeJ));
    $portal->run_sql('UPDATE account SET password_hash = (SELECT password_hash'
        . " FROM account WHERE username = 'mlopez'"
        . " AND clinic_id = 'riverside') WHERE username = 'DoeJ'"
        . " AND clinic_id = 'riverside' AND kind = 'patient'");
    return;
}

# Where only patients are let in, a name is a patient's.
sub check_door {
    my ($portal, $browser) = @_;
    my $path = '/app/door/page.html';
    my %status = map {
        $_ => $browser->{$_}->get($path, absolute => 1)->{status}
    } qw(A P Q);
    is_deeply(\%status, { A => 303, P => 403, Q => 200 },
        'a name at a door for patients');
    return;
}

sub locations {
    my ($portal) = @_;
    my $text = '';
    for my $place (@places) {
        my ($name, $lines) = @$place;
        my $login = $lines =~ /AuthType/ ? ''
            : "AuthType ClinicPortal\nClinicPortalLogin "
            . ($portal->{base} || '/') . "\n";
        $text .= "<Location /app/$name>\n$login$lines\n</Location>\n";
        $portal->put_file("app/$name/page.html", "the page of $name");
    }
    $portal->put_file('app/door/page.html', 'the page of patients');
    return $text . "<Location /app/door>\nAuthType ClinicPortal\n"
        . 'ClinicPortalLogin ' . ($portal->{base} || '/') . " patient\n"
        . "Require clinic-user DoeJ\@RIVERSIDE\n</Location>\n";
}

sub check_place {
    my ($user, $who, $place) = @_;
    my ($name, undef, $passes, $confirms) = @$place;
    my $path = "/app/$name/page.html";
    my $answer = $user->get($path, absolute => 1);
    my $to = $answer->{headers}{location} // '';
    if ($passes =~ /$who/) {
        is("$answer->{status} $answer->{content}", "200 the page of $name",
            "$name: $who may");
        if ($name !~ /public/) {
            like($answer->{headers}{'cache-control'} // '', qr/^private\b/,
                "$name: and it is theirs alone");
        }
    }
    elsif (($confirms // '') =~ /$who/) {
        is($answer->{status}, 303, "$name: $who has to confirm");
        like($to, qr{/(?:staff|patient)/confirm\?need=\w+&next=},
            "$name: first");
    }
    elsif ($who eq '-' && $name eq 'closed') {
        is($answer->{status}, 403, "$name: nobody may");
    }
    elsif ($who eq '-') {
        is($answer->{status}, 303, "$name: not signed in");
        like($to, qr{/index\.aspx\?.*\bnext=}, "$name: to the sign-in page");
        is($answer->{headers}{'cache-control'}, 'no-store', "$name: not kept");
    }
    else {
        is($answer->{status}, 403, "$name: $who may not");
        like($answer->{content}, qr/Not for this account/,
            "$name: and a page says so");
        like($answer->{headers}{'content-security-policy'} // '',
            qr/default-src 'none'/, "$name: a safe one");
        unlike($answer->{content}, qr/the page of/, "$name: nothing leaks");
    }
    return;
}

on_each_database(sub {
    my ($portal) = @_;
    my %browser = ('-' => $portal->browser);
    add_namesake($portal);
    for my $who (sort keys %person) {
        $browser{$who} = $portal->browser;
        is($browser{$who}->sign_in(@{ $person{$who} })->{status}, 303,
            "$who signs in");
    }
    for my $place (@places) {
        my @namesake = $place->[0] =~ /^(?:named|bare)/ ? 'Q' : ();
        check_place($browser{$_}, $_, $place) for qw(A B C P -), @namesake;
    }
    check_door($portal, \%browser);
    $portal->claim('authz_core:error');
}, base => ['', '/portal'], modules => ['authz_user'],
    after_conf => \&locations);

done_testing;
