# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# How mail leaves: over TLS from the first byte as well, to servers whose
# certificate is good and to no others, once although several processes could
# send it; and what configtest says of its settings.
use strict;
use warnings;

use File::Temp qw(tempdir);
use IO::Socket::INET ();
use Test::More;

use ClinicTest;
use Fixture qw(reconfigure);
use MailServer;
use Wait ();
use TestCA;

my $mail = MailServer->start(smtps => 1);

sub error_of {
    my ($portal) = @_;
    return Wait::wait_for(sub {
        my $error = $portal->value('SELECT last_error FROM mail');
        defined $error && $error ne '' ? $error : undef;
    });
}

sub check_delivery {
    my ($portal) = @_;
    $portal->ctl(qw(staff set RIVERSIDE DoeJ --email doej@clinic.test));
    $portal->ctl(qw(invite RIVERSIDE staff DoeJ)) for 1 .. 3;
    my @to = map { $mail->next_mail->{to} } 1 .. 3;
    is_deeply(\@to, [('doej@clinic.test') x 3], 'mail by TLS from the first byte');
    Wait::wait_for(sub { $portal->value("SELECT COUNT(*) FROM mail"
        . " WHERE status = 'sent'") == 3 ? 1 : undef });
    is($mail->count, $mail->{seen}, 'each once');
    $portal->run_sql('DELETE FROM mail');
    return;
}

# A person's own address: with the password, and both addresses are told.
sub check_address {
    my ($portal) = @_;
    my $user = $portal->browser;
    my $path = '/staff/account/mail';
    $user->sign_in(qw(RIVERSIDE Staff DoeJ));
    my $change = sub {
        my (%fields) = @_;
        my $form = Browser::form_fields($user->get($path)->{content}, $path);
        return $user->post($path, { %$form, %fields });
    };
    my @good = (present => 'demo-portal-passphrase');
    for my $bad ('', 'jane', 'a@b@c', "jane\@x.test\r\nBcc: y\@x.test", '<a@x.test>') {
        is($change->(@good, email => $bad)->{status}, 400, 'no address');
    }
    my $answer = $change->(present => 'wrong', email => 'jane@clinic.test');
    is($answer->{status}, 403, 'the password is needed');
    like($answer->{content}, qr/value="jane\@clinic\.test"/, 'what was typed is kept');
    is($change->(csrf => 'x', @good, email => 'jane@clinic.test')->{status}, 403,
        'and the form\'s token');
    $answer = $change->(@good, email => 'jane@clinic.test');
    like($user->follow($answer)->{content}, qr/Your mail address is changed/, 'changed');
    is_deeply([sort map { $mail->next_mail->{to} } 1, 2],
        ['doej@clinic.test', 'jane@clinic.test'], 'both addresses are told');
    is($portal->value("SELECT email FROM account WHERE clinic_id = 'riverside'"
        . " AND username = 'DoeJ'"), 'jane@clinic.test', 'it is so');
    $portal->ctl(qw(staff set RIVERSIDE DoeJ --email doej@clinic.test));
    Wait::wait_for(sub { $portal->value("SELECT COUNT(*) FROM mail"
        . " WHERE status = 'sent'") == 2 ? 1 : undef });
    $portal->run_sql('DELETE FROM mail');
    return;
}

sub check_stranger {
    my ($portal) = @_;
    my $stranger = TestCA::make(tempdir('clinicportal-ca-XXXXXX', TMPDIR => 1,
        CLEANUP => 1))->{ca};
    my $before = $mail->count;
    chmod 0755, $stranger =~ s{/[^/]*$}{}r or die "chmod: $!";
    reconfigure($portal, conf => $mail->conf
        =~ s/(ClinicPortalMailCAFile) .*/$1 $stranger/r);
    $portal->ctl(qw(invite RIVERSIDE staff DoeJ));
    like(error_of($portal), qr/^curl 60: /, 'a certificate of strangers is refused');
    is($mail->count, $before, 'and nothing was sent');
    $portal->claim('CP0541');
    $portal->run_sql('DELETE FROM mail');
    return;
}

sub check_down {
    my ($portal) = @_;
    my $nobody_s = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Proto => 'tcp')
        or die "no port: $!"; # bound, and nobody listens
    my $port = $nobody_s->sockport;
    my $down = $mail->conf =~ s/localhost:\d+/localhost:$port/r;
    reconfigure($portal, conf => $down);
    $portal->ctl(qw(invite RIVERSIDE staff DoeJ));
    like(error_of($portal), qr/^curl 7: /, 'a server that is down');
    is($portal->value('SELECT status FROM mail'), 'waiting', 'is tried again');
    reconfigure($portal, conf => $mail->conf);
    $portal->run_sql('UPDATE mail SET next_at = 0');
    is($mail->next_mail->{to}, 'doej@clinic.test', 'until it is up');
    return;
}

on_each_database(sub {
    my ($portal) = @_;

    check_delivery($portal);
    check_address($portal);
    check_stranger($portal);
    check_down($portal);
}, conf => $mail->conf, has_origin => 1);

$mail->stop;
done_testing;
