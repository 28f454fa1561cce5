# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# Cookies: what is set, what is put up with, what is left alone, and two
# people signed in side by side.
use strict;
use warnings;

use Test::More;

use ClinicTest;

# name => [value, attributes in order] of every cookie that is set.
sub cookies_of {
    my ($answer) = @_;
    my $set = $answer->{headers}{'set-cookie'} // [];
    my %cookies;
    for my $line (ref $set ? @$set : $set) {
        my ($pair, @attributes) = split /; /, $line;
        my ($name, $value) = split /=/, $pair, 2;
        die "$name is set twice" if $cookies{$name};
        $cookies{$name} = [$value, lc join '; ', sort @attributes];
    }
    return \%cookies;
}

my $TOKEN = qr/[A-Za-z0-9_-]{43}/;

sub check_attributes {
    my ($portal) = @_;
    my ($prefix, $secure) = $portal->{tls} ? ('__Host-', '; secure') : ('', '');
    my $user = $portal->browser;
    my $set = cookies_of(
        $user->get('/index.aspx?clinicID=riverside&LoginType=Staff'));
    is_deeply([sort keys %$set],
        ["${prefix}clinicportal-clinic", "${prefix}clinicportal-visit"],
        'the sign-in page sets two');
    my ($clinic, $visit) = @{$set}{sort keys %$set};
    like($visit->[0], qr/^$TOKEN$/, 'the visit is random');
    is($visit->[1], "httponly; path=/; samesite=lax$secure",
        'until the browser closes');
    is($clinic->[0], 'RIVERSIDE.staff', 'clinic and tab, nothing else');
    is($clinic->[1],
        "httponly; max-age=31536000; path=/; samesite=lax$secure", 'for a year');

    $set = cookies_of($user->sign_in('RIVERSIDE', 'Staff', 'DoeJ'));
    is_deeply([sort keys %$set],
        ["${prefix}clinicportal-device", "${prefix}clinicportal-staff"],
        'signing in sets two, since the others are known');
    my ($device, $session) = @{$set}{sort keys %$set};
    like($device->[0], qr/^$TOKEN$/, 'the device is random');
    is($device->[1],
        "httponly; max-age=15552000; path=/; samesite=lax$secure",
        'for half a year');
    like($session->[0], qr/^riverside\.$TOKEN$/, 'a token');
    is($session->[1], "httponly; path=/; samesite=lax$secure",
        'until the browser closes');
    my ($token) = $session->[0] =~ /\.(.*)/;
    is($portal->value("SELECT COUNT(*) FROM session WHERE token_hash = ?"
        . " OR session_id = ?", $token, $token), 0,
        'which the database does not hold');

    my $page = $user->get('/staff/');
    is_deeply(cookies_of($page), {}, 'pages set none');
    is_deeply(cookies_of($user->get('/help')), {}, 'nor does help');
    $set = cookies_of($user->sign_out($page));
    is_deeply($set, { "${prefix}clinicportal-staff" =>
        ['', "httponly; max-age=0; path=/; samesite=lax$secure"] },
        'signing out takes it away, and nothing else');
    return;
}

# Values of ours that are no use, as they stand in the Cookie header.
sub check_bad_values {
    my ($portal) = @_;
    my $token = 'A' x 43;
    my @bad = ('', 'x', $token, ".$token", "riverside.$token", "nosuch.$token",
        "RIVERSIDE.$token", "riverside.${token}A", 'riverside.' . 'A' x 42,
        'riverside.' . '!' x 43, "../etc.$token", "' OR 1=1 --.$token",
        '"quoted"', 'A' x 1500, '%00', 'deleted');
    for my $value (@bad) {
        my $user = $portal->browser(cookies => {
            'clinicportal-staff' => $value, 'clinicportal-visit' => $value,
            'clinicportal-patient' => $value, 'clinicportal-clinic' => $value,
            'clinicportal-device' => $value });
        my $why = substr($value =~ s/[^ -~]/?/gr, 0, 20);
        is($user->get('/')->{status}, 200, "'$why' does not disturb the door");
        is($user->get('/staff/')->{status}, 303, 'nor open it');
        is($user->get('/help')->{status}, 200, 'nor help');
        my $in = $user->sign_in('RIVERSIDE', 'Staff', 'DoeJ');
        is($in->{status}, 303, 'nor keep anybody out');
        is($user->get('/staff/')->{status}, 200, 'and is replaced');
        isnt($user->{cookies}{'clinicportal-visit'}, $value, 'the visit, too')
            if $value ne $token;
    }
    return;
}

# Another path or a subdomain may plant a cookie of the same name: both come,
# in any order, and the good one counts.
sub check_duplicates {
    my ($portal) = @_;
    my $user = $portal->browser;
    $user->sign_in('RIVERSIDE', 'Staff', 'DoeJ');
    my $good = "clinicportal-staff=$user->{cookies}{'clinicportal-staff'}";
    my $bad = 'clinicportal-staff=riverside.' . 'B' x 43;
    my @headers = ("$bad; $good", "$good; $bad", "$bad; $bad; x=y; $good",
        "clinicportal-staff; =; ;;; $good", "clinicportal-staff=;$good;",
        "other=\"a;b\"; $good", "clinicportal-stafff=x; $good", $good);
    for my $header (@headers) {
        is($user->get('/staff/', headers => { Cookie => $header })->{status},
            200, 'the good one counts in ' . substr $header, 0, 40);
    }
    for my $header ($bad, "CLINICPORTAL-STAFF=$user->{cookies}{'clinicportal-staff'}",
            $good =~ s/-staff/-patient/r, "x$good", "__Host-$good") {
        is($user->get('/staff/', headers => { Cookie => $header })->{status},
            303, 'none in ' . substr $header, 0, 40);
    }

    my $fields = $user->sign_in_fields('RIVERSIDE', 'Patient', 'mlopez');
    my $visit = "clinicportal-visit=$user->{cookies}{'clinicportal-visit'}";
    is($user->post('/login', $fields,
        headers => { Cookie => "clinicportal-visit=bad; $visit" })->{status}, 303,
        'a planted visit does not keep anybody out');
    return;
}

# Cookies of others are neither read nor answered.
sub check_foreign {
    my ($portal) = @_;
    my %foreign = (PHPSESSID => 'abc', _ga => 'GA1.2', session => 'x',
        'clinicportal' => 'old', 'clinicportal-theme' => 'dark');
    my $user = $portal->browser(cookies => {%foreign});
    my @answers = ($user->get('/'), $user->get('/nothing'),
        $user->get('/index.aspx?clinicID=RIVERSIDE'),
        $user->sign_in('RIVERSIDE', 'Staff', 'DoeJ'), $user->get('/staff/'));
    push @answers, $user->sign_out($answers[-1]), $user->get('/staff/');
    my %touched = map { %{ cookies_of($_) } } @answers;
    is_deeply([grep { exists $touched{$_} } sort keys %foreign], [],
        'nobody touches the cookies of others');
    unlike($_->{headers}{'clear-site-data'} // '', qr/cookies|\*/,
        'nor clears them') for @answers;
    is_deeply({ map { $_ => $user->{cookies}{$_} } keys %foreign }, \%foreign,
        'they are all still there');
    return;
}

# A staff member and a patient, also of two clinics, in one browser.
sub check_side_by_side {
    my ($portal) = @_;
    my $user = $portal->browser;
    is($user->sign_in('RIVERSIDE', 'Staff', 'DoeJ')->{status}, 303, 'staff in');
    is($user->sign_in('LAKEVIEW', 'Patient', 'mlopez')->{status}, 303,
        'a patient of another clinic, too');
    my $staff = $user->get('/staff/');
    my $patient = $user->get('/patient/');
    like($staff->{content}, qr/Riverside Behavioral/, 'the staff page is theirs');
    like($patient->{content}, qr/Lakeview Counseling/, 'so is the patient page');

    is($user->sign_out($patient)->{headers}{location},
        "$portal->{base}/index.aspx?clinicID=LAKEVIEW&LoginType=Patient"
        . '&reason=signed-out', 'the patient signs out');
    is($user->get('/patient/')->{status}, 303, 'is out');
    is($user->get('/staff/')->{status}, 200, 'and the staff member is not');
    is($user->sign_in('RIVERSIDE', 'Patient', 'tnguyen')->{status}, 303,
        'the next patient');
    like($user->sign_out($user->get('/staff/'))->{headers}{location},
        qr/LoginType=Staff/, 'now the staff member signs out');
    is($user->get('/patient/')->{status}, 200, 'and the patient is not');
    is($user->get('/staff/')->{status}, 303, 'the staff member is out');
    return;
}

# Signing in again in the same browser: an old page's button does not pretend.
sub check_old_page {
    my ($portal) = @_;
    my $user = $portal->browser;
    $user->sign_in('RIVERSIDE', 'Staff', 'DoeJ');
    my $old = $user->get('/staff/');
    $user->sign_in('LAKEVIEW', 'Staff', 'DoeJ');
    is($user->sign_out($old)->{status}, 403, 'the old page says it is too old');
    is($user->get('/staff/')->{status}, 200, 'and ends nothing');
    $portal->run_sql('DELETE FROM session');
    like($user->sign_out($old)->{headers}{location},
        qr/clinicID=LAKEVIEW&LoginType=Staff&reason=ended/,
        'a dead session leads to the same tab');
    return;
}

on_each_database(sub {
    my ($portal) = @_;

    check_attributes($portal);
    check_bad_values($portal);
    check_duplicates($portal);
    check_foreign($portal);
    check_side_by_side($portal);
    check_old_page($portal);
}, base => '/portal', conf => "ClinicPortalLoginLimit clinic 10000 15m\n");

subtest 'with TLS' => sub {
    my $portal = ClinicTest->start(tls => 1);
    check_attributes($portal);
    $portal->stop;
    $portal->log_is_clean;
};

done_testing;
