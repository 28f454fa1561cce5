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
# LAKEVIEW, P mlopez of RIVERSIDE (patient), - nobody.
my @places = (
    ['user', 'Require clinic-user', 'ABCP'],
    ['valid', 'Require valid-user', 'ABCP'],
    ['named', 'Require clinic-user DoeJ@RIVERSIDE mlopez@RIVERSIDE', 'AP'],
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
);

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
    return $text;
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
    for my $who (sort keys %person) {
        $browser{$who} = $portal->browser;
        is($browser{$who}->sign_in(@{ $person{$who} })->{status}, 303,
            "$who signs in");
    }
    for my $place (@places) {
        check_place($browser{$_}, $_, $place) for qw(A B C P -);
    }
    $portal->claim('authz_core:error');
}, base => ['', '/portal'], modules => ['authz_user'],
    after_conf => \&locations);

done_testing;
