# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# The second factor: enrolment that a clinic asks for, codes of an authenticator
# (oathtool), by mail and for recovery, devices that may skip it, and who may
# change it.
use strict;
use warnings;

use Test::More;

use Authenticator qw(code_of secret_of);
use ClinicTest;
use MailServer;

my @WHO = qw(RIVERSIDE Staff DoeJ);
my $PASSWORD = 'demo-portal-passphrase';
my $mail = MailServer->start;

sub post_form {
    my ($user, $page_path, $path, %fields) = @_;
    my $page = $user->get($page_path);
    my $hidden = Browser::form_fields($page->{content}, $path);
    return $user->post($path, { %$hidden, %fields });
}

sub codes_of {
    my ($page) = @_;
    return $page->{content} =~ m{<li><code>([0-9A-Z-]{14})</code>}g;
}

sub goes_to {
    my ($portal, $answer, $path, $why) = @_;
    return is($answer->{headers}{location} // "$answer->{status}",
        "$portal->{base}$path", $why);
}

sub forget_steps { $_[0]->run_sql('UPDATE account SET otp_last_step = 0') }

# Somebody else who knows the password has got as far as to set one up.
sub check_intruder {
    my ($portal, $intruder, $enrol, $secret) = @_;
    unlike($intruder->get($enrol)->{content}, qr/\Q$secret\E/,
        'another session does not see the secret that waits');
    is($intruder->get("$enrol/qr")->{status}, 404, 'nor its picture');
    my $fields = Browser::form_fields($intruder->get($enrol)->{content},
        "$enrol/begin");
    my $answer = $intruder->post("$enrol/confirm",
        { %$fields, code => code_of($secret, -1) });
    is($answer->{status}, 403, 'nor can it confirm it');
    return;
}

# A clinic that asks everybody: enrolment stands between password and portal.
sub check_enrolment {
    my ($portal) = @_;
    my ($user, $intruder) = ($portal->browser, $portal->browser);
    my $enrol = '/staff/signin/enrol';
    $portal->ctl(qw(clinic set RIVERSIDE --second-factor all));
    goes_to($portal, $intruder->sign_in(@WHO), $enrol, 'who comes first enrols');
    my $since = $portal->count_audit;
    goes_to($portal, $user->sign_in(@WHO), $enrol, 'enrolment comes first');
    for my $path (qw(/staff/ /staff/documents /staff/account
            /staff/account/factor /staff/signin/factor /staff/changes)) {
        is($user->json($path)->{status}, 403, "$path is closed");
    }
    is($user->get("$enrol/qr")->{status}, 404, 'no secret waits yet');
    goes_to($portal, post_form($user, $enrol, "$enrol/begin"), $enrol, 'it begins');
    my $page = $user->get($enrol);
    my $secret = secret_of($page);
    is($portal->value('SELECT COUNT(*) FROM account WHERE otp_pending LIKE ?',
        '%' . ($secret =~ s/ //gr) . '%'), 0, 'the secret is not stored open');
    check_intruder($portal, $intruder, $enrol, $secret);
    my $picture = $user->get("$enrol/qr");
    is($picture->{headers}{'content-type'}, 'image/svg+xml', 'a picture');
    like($picture->{content}, qr{^<svg [^>]*viewBox.*</svg>$}s, 'which is SVG');
    my $answer = post_form($user, $enrol, "$enrol/confirm", code => '000000');
    is($answer->{status}, 403, 'a wrong code enrols nothing');
    is($user->get('/staff/')->{status}, 303, 'and opens nothing');
    my $cookie = $user->{cookies}{'clinicportal-staff'};
    my $code = code_of($secret, -1);
    $answer = post_form($user, $enrol, "$enrol/confirm", code => $code);
    is($answer->{status}, 200, 'the right one does');
    my @codes = codes_of($answer);
    is(scalar @codes, 10, 'ten recovery codes are shown');
    isnt($user->{cookies}{'clinicportal-staff'}, $cookie, 'under a new token');
    is($user->get('/staff/')->{status}, 200, 'and the portal is open');
    is($intruder->get($enrol)->{status}, 303, 'the other session has ended');
    is($portal->value('SELECT COUNT(*) FROM recovery_code WHERE code_hash = ?',
        $codes[0]), 0, 'the codes are not stored');
    is_deeply([map { "$_->{event} $_->{reason}" } @{ $portal->audit($since) }],
        ['sign-in-step enrol', 'second-factor-enrolled otp', 'sign-in '],
        'audited');
    return ($secret, $code, @codes);
}

sub give {
    my ($user, $code, %more) = @_;
    return post_form($user, '/staff/signin/factor', '/staff/signin/factor',
        code => $code, %more);
}

sub check_codes {
    my ($portal, $secret, $spent) = @_;
    my $user = $portal->browser;
    goes_to($portal, $user->sign_in(@WHO), '/staff/signin/factor',
        'then the code is asked for');
    is($user->json('/staff/')->{status}, 403, 'and nothing is open before it');
    is(give($user, $spent)->{status}, 403,
        'the code of the enrolment works no second time');
    my $code = code_of($secret);
    goes_to($portal, give($user, $code), '/staff/', 'a new one does');
    is($user->get('/staff/')->{status}, 200, 'they are in');
    my $other = $portal->browser;
    $other->sign_in(@WHO);
    my $answer = give($other, $code);
    is($answer->{status}, 403, 'it works once');
    like(Browser::alert_of($answer), qr/used already/, 'in words');
    is(give($other, code_of($secret, 10))->{status}, 403, 'nor one of later');
    goes_to($portal, give($other, code_of($secret, 1)), '/staff/',
        'the next one is good, for clocks differ');
    return;
}

# Another ClinicPortalSecret.
sub check_renewal {
    my ($portal, $secret) = @_;
    my ($now, $next) = map { "$portal->{dir}/$_" } qw(secret next-secret);
    my $sealed = sub { $portal->value("SELECT otp_secret FROM account"
        . " WHERE otp_secret <> ''") };
    my $before = $sealed->();
    my $since = $portal->count_audit;
    my $configured = sub {
        return scalar(() = $portal->ctl('audit', 'export', 'RIVERSIDE')
                =~ /"110131"/g);
    };
    my $first = $configured->();
    $portal->ctl('secret', 'new', $next);
    like($portal->ctl('secret', 'renew', $next, $now), qr/^1 renewed/, 'renewed');
    isnt($sealed->(), $before, 'it is sealed anew');
    my $user = $portal->browser;
    forget_steps($portal);
    $user->sign_in(@WHO);
    is(give($user, code_of($secret))->{status}, 503, 'which the old one cannot open');
    like($portal->ctl('secret', 'renew', $now, $next), qr/^1 renewed/, 'and back');
    like($portal->ctl('secret', 'renew', $now, $next), qr/^0 renewed/, 'once');
    is_deeply([map { $_->{clinic_id} } grep { $_->{event} eq 'secrets-renewed' }
            @{ $portal->audit($since) }], [('riverside') x 2],
        'the trail of whose secrets they are tells of it');
    is($configured->() - $first, 2, 'which FHIR calls a change of configuration');
    goes_to($portal, give($user, code_of($secret)), '/staff/', 'all is well again');
    $portal->claim('CP0551');
    return;
}

sub check_tries {
    my ($portal, $secret) = @_;
    my $user = $portal->browser;
    forget_steps($portal);
    $user->sign_in(@WHO);
    my $since = $portal->count_audit;
    give($user, '123456') for 1 .. 5;
    my $answer = give($user, code_of($secret));
    is($answer->{status}, 429, 'the sixth is not looked at');
    like(Browser::alert_of($answer), qr/too many wrong codes/, 'in words');
    is_deeply([map { $_->{reason} } @{ $portal->audit($since) }],
        [('wrong-code') x 5, 'locked'], 'audited');
    is($portal->value("SELECT COUNT(*) FROM mail WHERE template = 'factor-locked'"),
        1, 'the owner is told, once');
    $portal->run_sql("UPDATE throttle SET locked_until = 1"
        . " WHERE key_kind = 'factor'");
    goes_to($portal, give($user, code_of($secret)), '/staff/', 'later it is');
    return;
}

sub check_recovery {
    my ($portal, @codes) = @_;
    my $user = $portal->browser;
    $user->sign_in(@WHO);
    goes_to($portal, give($user, lc $codes[0] =~ s/-/ /gr), '/staff/',
        'a recovery code, however it is typed');
    $user = $portal->browser;
    $user->sign_in(@WHO);
    is(give($user, $codes[0])->{status}, 403, 'works once');
    goes_to($portal, give($user, $codes[1]), '/staff/', 'another does');
    my $answer = post_form($user, '/staff/account/factor',
        '/staff/account/factor/codes', present => $PASSWORD);
    my @new = codes_of($answer);
    is(scalar @new, 10, 'new ones can be made');
    $user = $portal->browser;
    $user->sign_in(@WHO);
    is(give($user, $codes[2])->{status}, 403, 'which end the old');
    goes_to($portal, give($user, $new[0]), '/staff/', 'and are good');
    return;
}

sub check_device {
    my ($portal, $secret) = @_;
    my $user = $portal->browser;
    forget_steps($portal);
    $user->sign_in(@WHO);
    goes_to($portal, give($user, code_of($secret), remember => 'on'), '/staff/',
        'a browser is to be remembered');
    delete $user->{cookies}{'clinicportal-staff'};
    goes_to($portal, $user->sign_in(@WHO), '/staff/', 'it is not asked again');
    $portal->try_ctl("$PASSWORD again\n", qw(passwd RIVERSIDE staff DoeJ));
    goes_to($portal, $user->sign_in(@WHO, "$PASSWORD again"), '/staff/signin/factor',
        'with a new password it is');
    $portal->try_ctl("$PASSWORD\n", qw(passwd RIVERSIDE staff DoeJ));
    $user->sign_in(@WHO);
    forget_steps($portal);
    give($user, code_of($secret), remember => 'on');
    delete $user->{cookies}{'clinicportal-staff'};
    goes_to($portal, $user->sign_in(@WHO), '/staff/', 'until it is remembered anew');
    my $page = $user->get('/staff/account');
    like($page->{content}, qr/No code needed/, 'the account page tells');
    goes_to($portal, $portal->browser->sign_in(@WHO), '/staff/signin/factor',
        'others are');
    $portal->run_sql('UPDATE device SET factor_until = 1');
    delete $user->{cookies}{'clinicportal-staff'};
    goes_to($portal, $user->sign_in(@WHO), '/staff/signin/factor',
        'after its time, too');
    forget_steps($portal);
    give($user, code_of($secret), remember => 'on');
    my $answer = post_form($user, '/staff/account', '/staff/account/devices/forget');
    like($user->follow($answer)->{content}, qr/device is forgotten|devices are forgotten/,
        'it can be forgotten');
    delete $user->{cookies}{'clinicportal-staff'};
    goes_to($portal, $user->sign_in(@WHO), '/staff/signin/factor',
        'and is asked again');
    forget_steps($portal);
    $portal->ctl(qw(clinic set RIVERSIDE --remember-days 0));
    give($user, code_of($secret), remember => 'on');
    delete $user->{cookies}{'clinicportal-staff'};
    goes_to($portal, $user->sign_in(@WHO), '/staff/signin/factor',
        'a clinic may allow none');
    $portal->ctl(qw(clinic set RIVERSIDE --remember-days default));
    return;
}

# The password is needed to change anything.
sub check_changes {
    my ($portal, $secret) = @_;
    my $user = $portal->browser;
    my $path = '/staff/account/factor';
    forget_steps($portal);
    $user->sign_in(@WHO);
    give($user, code_of($secret));
    for my $what (qw(begin codes)) {
        my $answer = post_form($user, $path, "$path/$what", present => 'wrong');
        is($answer->{status}, 403, "$what: the password is needed");
        like(Browser::alert_of($answer), qr/password is not right/, 'in words');
    }
    is($user->post("$path/remove", { %{ Browser::form_fields(
        $user->get($path)->{content}, "$path/begin") },
        present => $PASSWORD })->{status}, 403, 'where all have one none is removed');
    post_form($user, $path, "$path/begin", present => $PASSWORD);
    my $next = secret_of($user->get($path));
    isnt($next, $secret, 'another authenticator');
    my $other = $portal->browser;
    $other->sign_in(@WHO);
    forget_steps($portal);
    give($other, code_of($secret), remember => 'on');
    is($other->get('/staff/')->{status}, 200, 'somebody is signed in elsewhere');
    my $answer = post_form($user, $path, "$path/confirm", code => code_of($next, -1));
    is(scalar(my @codes = codes_of($answer)), 10, 'is set up');
    is($other->get('/staff/')->{status}, 303, 'which ends the other session');
    goes_to($portal, $other->sign_in(@WHO), '/staff/signin/factor',
        'and its browser is remembered no longer');
    is(give($other, code_of($secret, 1))->{status}, 403, 'the old one is no good');
    goes_to($portal, give($other, code_of($next)), '/staff/', 'the new one is');
    return;
}

# The next mail to mlopez; others have changed theirs meanwhile.
sub next_mail {
    while (1) {
        my $got = $mail->next_mail;
        return $got if $got->{to} =~ /^<?m/;
    }
}

sub check_mail {
    my ($portal) = @_;
    my $user = $portal->browser;
    my @patient = qw(RIVERSIDE Patient mlopez);
    my $enrol = '/patient/signin/enrol';
    my $step = '/patient/signin/factor';
    $user->sign_in(@patient);
    goes_to($portal, post_form($user, $enrol, "$enrol/mail"), $step,
        'codes by mail are chosen');
    my $got = next_mail();
    like($got->{headers}{subject}, qr/^Your second factor for .* was changed/,
        'the owner is told');
    unlike($got->{text}, qr/mlopez|^\d{6}$/m, 'and nothing else');
    $got = next_mail();
    like($got->{headers}{subject}, qr/^Your code for/, 'a code comes');
    my ($code) = $got->{text} =~ /^(\d{6})$/m;
    ok(defined $code, 'of six digits') or diag $got->{text};
    like($user->get($step)->{content}, qr/m\xe2\x80\xa6\@mail\.example/,
        'the page says where to');
    is(post_form($user, $step, "$step/send")->{status}, 200, 'another is asked for');
    my ($newer) = next_mail()->{text} =~ /^(\d{6})$/m;
    is(post_form($user, $step, $step, code => $code)->{status}, 403,
        'the newest only') if $code ne $newer;
    goes_to($portal, post_form($user, $step, $step, code => $newer), '/patient/',
        'it is good');
    my $again = $portal->browser;
    is($portal->value("SELECT COUNT(*) FROM throttle WHERE key_kind = 'factor-mail'"),
        0, 'and what was sent before counts no longer');
    goes_to($portal, $again->sign_in(@patient), $step, 'the next time');
    my ($third) = next_mail()->{text} =~ /^(\d{6})$/m;
    $portal->run_sql('UPDATE mail_token SET expires_at = expires_at - 600000000');
    is(post_form($again, $step, $step, code => $third)->{status}, 403,
        'ten minutes, no longer');
    post_form($again, $step, "$step/send") for 1 .. 4;
    is(post_form($again, $step, "$step/send")->{status}, 429, 'five mails an hour');
    next_mail() for 1 .. 4;
    my $mails = $portal->value('SELECT COUNT(*) FROM mail');
    goes_to($portal, $portal->browser->sign_in(@patient), $step,
        'whoever signs in then');
    is($portal->value('SELECT COUNT(*) FROM mail'), $mails, 'gets no more of them');
    $portal->run_sql('DELETE FROM throttle');
    return;
}

sub check_modes {
    my ($portal) = @_;
    my $user = $portal->browser;
    $portal->ctl(qw(clinic set RIVERSIDE --second-factor per-user));
    goes_to($portal, $user->sign_in('RIVERSIDE', 'Staff', 'SmithA'), '/staff/',
        'per user: who has none is let in');
    goes_to($portal, $portal->browser->sign_in(@WHO), '/staff/signin/factor',
        'who has one is asked');
    $portal->ctl(qw(factor require RIVERSIDE staff SmithA));
    goes_to($portal, $portal->browser->sign_in('RIVERSIDE', 'Staff', 'SmithA'),
        '/staff/signin/enrol', 'who needs one has to enrol');
    $portal->ctl(qw(factor waive RIVERSIDE staff SmithA));
    $portal->ctl(qw(factor reset RIVERSIDE staff DoeJ));
    goes_to($portal, $portal->browser->sign_in(@WHO), '/staff/',
        'an administrator takes a lost one away');
    $portal->ctl(qw(clinic set RIVERSIDE --second-factor default));
    goes_to($portal, $portal->browser->sign_in(qw(RIVERSIDE Patient mlopez)),
        '/patient/', 'off: nobody is asked');
    return;
}

on_each_database(sub {
    my ($portal) = @_;

    my ($secret, $spent, @codes) = check_enrolment($portal);
    check_codes($portal, $secret, $spent);
    check_renewal($portal, $secret);
    check_tries($portal, $secret);
    check_recovery($portal, @codes);
    check_device($portal, $secret);
    check_changes($portal, $secret);
    check_mail($portal);
    check_modes($portal);
}, conf => $mail->conf, has_origin => 1);

$mail->stop;
done_testing;
