# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# A new password by mail, received by a real mail server over TLS: for those who
# forgot it and for those who are invited. Nobody learns who has an account.
use strict;
use warnings;

use Test::More;

use ClinicTest;
use MailServer;
use Wait ();

my @WHO = qw(RIVERSIDE Staff DoeJ);
my $NEW = 'seven green teapots sing';
my $mail = MailServer->start;

sub ask {
    my ($user, $clinic, $type, $name) = @_;
    my $page = $user->get("/forgot?clinicID=$clinic&LoginType=$type");
    my $fields = Browser::form_fields($page->{content}, '/forgot');
    $fields->{username} = $name;
    $fields->{altcha} = $user->captcha($clinic);
    return $user->post('/forgot', $fields);
}

# Opens the link of a mail and sends the form.
sub use_link {
    my ($portal, $user, $link, $password) = @_;
    my $path = substr $link, length $portal->origin . $portal->{base};
    my $page = $user->get($path);
    is($page->{status}, 200, 'the link opens');
    my $fields = Browser::form_fields($page->{content}, '/reset');
    return $user->post('/reset', { %$fields, password => $password });
}

sub is_dead {
    my ($portal, $link, $why) = @_;
    my $path = substr $link, length $portal->origin . $portal->{base};
    my $page = $portal->browser->get($path);
    is($page->{status}, 403, $why);
    like(Browser::alert_of($page), qr/not good any more/, 'in words');
    return;
}

# Waits until nothing is waiting to be sent.
sub settled {
    my ($portal) = @_;
    Wait::wait_for(sub {
        $portal->value("SELECT COUNT(*) FROM mail WHERE status = 'waiting'"
            . ' AND attempts = 0') ? undef : 1;
    });
    return;
}

sub plain {
    my ($answer) = @_;
    return $answer->{content} =~ s/value="[^"]*"//gr;
}

sub check_reset {
    my ($portal) = @_;
    my ($here, $there) = ($portal->browser, $portal->browser);
    $there->sign_in(@WHO);
    my $since = $portal->count_audit;
    my $answer = ask($here, @WHO);
    is($answer->{status}, 200, 'it is asked for');
    like($answer->{content}, qr/If there is such an account/, 'and answered');
    my $got = $mail->next_mail;
    is($got->{to}, 'jane.doe@riverside.example', 'the mail comes to the address on file');
    is($got->{headers}{'x-tls'}, 'True', 'over TLS');
    is($got->{headers}{subject}, 'A new password for Riverside Behavioral Health',
        'with its subject');
    is($got->{headers}{from}, '"Riverside Behavioral Health" <portal@clinic.test>',
        'and the clinic as sender');
    like($got->{headers}{date}, qr/^\w{3}, \d\d \w{3} \d{4} [\d:]{8} \+0000$/, 'a date');
    like($got->{link}, qr{^\Q@{[$portal->origin]}$portal->{base}\E/reset\?clinicID=RIVERSIDE&token=[\w-]{43}$},
        'the link is of the portal\'s origin');
    unlike($got->{text}, qr/Doe|appointment|\{\{/, 'no name, no health');
    my ($token) = $got->{link} =~ /token=(.*)/;
    is($portal->value('SELECT COUNT(*) FROM mail_token WHERE token_hash = ?',
        $token), 0, 'the token is not stored');
    $answer = use_link($portal, $here, $got->{link}, 'short');
    is($answer->{status}, 400, 'the rules hold');
    $answer = use_link($portal, $here, $got->{link}, 'demo-portal-passphrase');
    is($answer->{status}, 400, 'not the one they have');
    is($there->get('/staff/')->{status}, 200, 'nothing has happened yet');
    $answer = use_link($portal, $here, $got->{link}, $NEW);
    is($answer->{status}, 303, 'a good one is taken');
    like($here->follow($answer)->{content}, qr/Your new password is set/, 'and told');
    is($there->get('/staff/')->{status}, 303, 'sessions have ended');
    is_dead($portal, $got->{link}, 'the link works once');
    is($here->sign_in(@WHO)->{status}, 403, 'the old password is no good');
    is($portal->browser->sign_in(@WHO, $NEW)->{status}, 303, 'the new one is');
    like($mail->next_mail->{headers}{subject}, qr/was changed$/,
        'a mail tells of the change');
    is_deeply([map { $_->{event} } grep { $_->{event} =~ /password/ }
        @{ $portal->audit($since) }], ['password-reset-asked', 'password-reset'],
        'audited');
    return;
}

# Each is compared with the former ones, which is work others wait behind.
sub check_tries {
    my ($portal, $user, $link) = @_;
    my $since = $portal->count_audit;
    my @answers = map {
        use_link($portal, $user, $link, 'demo-portal-passphrase')
    } 1 .. 21;
    is_deeply([map { $_->{status} } @answers], [(400) x 20, 429],
        'so many are tried with one link');
    like(Browser::alert_of($answers[20]),
        qr/too many tries\. Ask for a new mail, .* Nothing was changed/,
        'in words');
    is(use_link($portal, $user, $link, $NEW)->{status}, 429, 'nor a good one');
    is_deeply([map { "$_->{event} $_->{outcome} $_->{reason} $_->{username}" }
        @{ $portal->audit($since) }], ['password-reset 4 too-many mlopez'],
        'one audit row');
    return;
}

# The newest link only, of the right clinic, within its time.
sub check_links {
    my ($portal) = @_;
    my $user = $portal->browser;
    ask($user, qw(RIVERSIDE Patient mlopez));
    my $first = $mail->next_mail;
    ask($user, qw(RIVERSIDE Patient mlopez));
    my $second = $mail->next_mail;
    is_dead($portal, $first->{link}, 'an older link is dead');
    is_dead($portal, $second->{link} =~ s/RIVERSIDE/LAKEVIEW/r,
        'at another clinic, too');
    is_dead($portal, $second->{link} =~ s/token=./token=_/r, 'and a forged one')
        if $second->{link} !~ /token=_/;
    $portal->run_sql('UPDATE mail_token SET expires_at = expires_at - 900000000');
    is_dead($portal, $second->{link}, 'after 15 minutes');
    $portal->run_sql('UPDATE mail_token SET expires_at = expires_at + 900000000');
    $portal->ctl(qw(disable RIVERSIDE patient mlopez));
    is_dead($portal, $second->{link}, 'for a disabled account');
    $portal->ctl(qw(enable RIVERSIDE patient mlopez));
    check_tries($portal, $user, $second->{link});
    ask($user, qw(RIVERSIDE Patient mlopez));
    is(use_link($portal, $user, $mail->next_mail->{link}, $NEW)->{status}, 303,
        'another is good');
    $mail->next_mail;
    return;
}

# What was mailed before another password or another address.
sub check_ends {
    my ($portal) = @_;
    my $user = $portal->browser;
    my @who = qw(RIVERSIDE patient mlopez);
    my $address = $portal->value("SELECT email FROM account WHERE"
        . " username = 'mlopez' AND clinic_id = 'riverside'");
    $portal->ctl('invite', @who);
    my $invited = $mail->next_mail;
    ask($user, qw(RIVERSIDE Patient mlopez));
    my $asked = $mail->next_mail;
    $portal->try_ctl("$NEW once more\n", 'passwd', @who);
    is_dead($portal, $invited->{link}, 'a new password ends an invitation');
    is_dead($portal, $asked->{link}, 'and a link that was asked for');
    $portal->ctl('invite', @who);
    $invited = $mail->next_mail;
    $portal->ctl(qw(patient set RIVERSIDE mlopez --email other@clinic.test));
    is_dead($portal, $invited->{link}, 'so does another address');
    $portal->ctl(qw(patient set RIVERSIDE mlopez --email), $address);
    $portal->ctl('invite', @who);
    is(use_link($portal, $user, $mail->next_mail->{link}, "$NEW, and again")->{status},
        303, 'what is mailed then is good');
    $mail->next_mail;
    $portal->run_sql('DELETE FROM throttle');
    return;
}

sub check_silence {
    my ($portal) = @_;
    my $user = $portal->browser;
    my $before = $mail->count;
    my $known = plain(ask($user, @WHO));
    my $rows = $portal->value('SELECT COUNT(*) FROM mail');
    is(plain(ask($user, 'RIVERSIDE', 'Staff', 'nobody')), $known,
        'an unknown name gets the same answer');
    is($portal->value('SELECT COUNT(*) FROM mail'), $rows + 1,
        'after the same work');
    $portal->ctl(qw(disable RIVERSIDE staff SmithA));
    is(plain(ask($user, 'RIVERSIDE', 'Staff', 'SmithA')), $known, 'so does a disabled one');
    $portal->ctl(qw(enable RIVERSIDE staff SmithA));
    $portal->run_sql("UPDATE account SET email = '' WHERE username = 'BrownK'");
    is(plain(ask($user, 'RIVERSIDE', 'Staff', 'BrownK')), $known,
        'and one without address');
    is($mail->next_mail->{to}, 'jane.doe@riverside.example', 'one mail');
    settled($portal);
    is($mail->count, $before + 1, 'and no other');
    return;
}

sub check_limits {
    my ($portal) = @_;
    my $user = $portal->browser;
    $portal->run_sql('DELETE FROM throttle');
    my $before = $mail->count;
    my @said = map { plain(ask($user, qw(LAKEVIEW Patient mlopez))) } 1 .. 6;
    is(scalar(grep { $_ eq $said[0] } @said), 6, 'six times the same answer');
    $mail->next_mail for 1 .. 5;
    settled($portal);
    is($mail->count, $before + 5, 'but five mails an hour');
    $portal->run_sql("UPDATE throttle SET failures = 20"
        . " WHERE key_kind = 'reset-address'");
    my $answer = ask($user, qw(LAKEVIEW Staff DoeJ));
    is($answer->{status}, 429, 'and an address may ask 20 times');
    my $refused = "SELECT COUNT(*) FROM audit_event WHERE reason = 'too-many'";
    my $rows = $portal->value($refused);
    ask($user, qw(LAKEVIEW Staff DoeJ));
    is($portal->value($refused), $rows, 'which is written down once');
    $portal->run_sql('DELETE FROM throttle');
    my $page = $user->get('/forgot?clinicID=RIVERSIDE&LoginType=Staff');
    my $fields = Browser::form_fields($page->{content}, '/forgot');
    $answer = $user->post('/forgot', { %$fields, username => 'DoeJ' });
    is($answer->{status}, 403, 'without the box nothing is sent');
    like(Browser::alert_of($answer), qr/Invalid CAPTCHA/, 'in words');
    $answer = $user->post('/forgot', { %$fields, username => 'DoeJ', csrf => 'x' });
    like(Browser::alert_of($answer), qr/open too long/, 'nor by a stale form');
    $portal->ctl(qw(clinic set RIVERSIDE --reset-by-mail off));
    like($user->get('/forgot?clinicID=RIVERSIDE')->{content},
        qr/Passwords are not sent by mail here/, 'a clinic may switch it off');
    $portal->ctl(qw(clinic set RIVERSIDE --reset-by-mail default));
    return;
}

sub check_invitation {
    my ($portal) = @_;
    my $user = $portal->browser;
    $portal->ctl(qw(staff add RIVERSIDE NewN --email new@clinic.test));
    $portal->ctl(qw(invite RIVERSIDE staff NewN));
    my $got = $mail->next_mail;
    is($got->{to}, 'new@clinic.test', 'an invitation');
    like($got->{text}, qr/Your user name is\nNewN\./, 'names the user');
    like($got->{text}, qr{index\.aspx\?clinicID=RIVERSIDE&LoginType=Staff$}m,
        'and where to log in');
    is(use_link($portal, $user, $got->{link}, $NEW)->{status}, 303, 'sets the password');
    is($user->sign_in('RIVERSIDE', 'Staff', 'NewN', $NEW)->{status}, 303,
        'and opens the door');
    $mail->next_mail;
    my ($status, $said) = $portal->try_ctl('', qw(invite RIVERSIDE staff BrownK));
    isnt($status, 0, 'without address none');
    like($said, qr/has no mail address/, 'in words');
    return;
}

sub status_of {
    my ($portal, $status) = @_;
    return Wait::wait_for(sub {
        my $row = $portal->rows("SELECT * FROM mail WHERE status = '$status'"
            . ' AND attempts > 0 ORDER BY created_at DESC')->[0];
        $row && $row->{last_error} ne '' ? $row : undef;
    });
}

sub check_failures {
    my ($portal) = @_;
    $portal->run_sql('DELETE FROM mail');
    $portal->ctl(qw(staff set RIVERSIDE NewN --email later@clinic.test));
    $portal->ctl(qw(invite RIVERSIDE staff NewN));
    my $row = status_of($portal, 'waiting');
    is($row->{last_error}, 'the mail server answered 451', 'it is put off');
    cmp_ok($row->{next_at} - $row->{created_at}, '>=', 60_000_000, 'for a minute');
    $portal->ctl(qw(staff set RIVERSIDE NewN --email no@clinic.test));
    $portal->run_sql('UPDATE mail SET next_at = 0');
    $row = status_of($portal, 'dead');
    is($row->{last_error}, 'the mail server answered 550', 'a refusal is the end');
    like($portal->ctl(qw(mail list RIVERSIDE)),
        qr/invitation +NewN +dead +2 +the mail server answered 550/, 'and listed');
    $portal->ctl(qw(staff set RIVERSIDE NewN --email new@clinic.test));
    $portal->ctl('mail', 'retry', 'RIVERSIDE', $row->{mail_id});
    is($mail->next_mail->{to}, 'new@clinic.test', 'until it is tried again');
    $portal->claim('CP0541');
    return;
}

on_each_database(sub {
    my ($portal) = @_;

    check_reset($portal);
    check_links($portal);
    check_ends($portal);
    check_silence($portal);
    check_limits($portal);
    check_invitation($portal);
    check_failures($portal);
}, conf => $mail->conf, has_origin => 1);

$mail->stop;
done_testing;
