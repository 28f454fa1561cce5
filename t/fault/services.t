#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# The services beside the portal fail under a crowd: a CAPTCHA provider that is
# slow, lies or is dead, and a mail server that is down, comes back and dies while
# it takes a message. Whoever does not need them notices nothing; nobody gets in
# without an answer; every mail arrives, once.
use strict;
use warnings;

use Test::More;

use AtOnce qw(at_once);
use CaptchaProvider;
use ClinicTest;
use Crowd;
use Fixture qw($PASSWORD);
use MailServer;
use Wait qw(wait_for);

my @LIES = qw(host:evil.example string-true not-json http-500 truncated huge
    redirect);
my $MAILS = 20;
my $provider = CaptchaProvider->start;
my $mail = MailServer->start;
$ENV{NO_PROXY} = $ENV{no_proxy} = '*';

# Beside the crowd's portal one with that provider, which on a busy machine may
# take its time to lie, one that waits for no slow one, and one with a dead one.
sub mounts {
    my ($portal) = @_;
    my $dead = 'ClinicPortalCaptchaVerifyURL https://localhost:'
        . ClinicTest::free_port() . '/siteverify';
    return join '', map {
        my ($path, $timeout, $more) = @$_;
        <<"END";
<Location /$path>
    Require all granted
    ClinicPortal On
    ClinicPortalSecret file:$portal->{dir}/secret
    ClinicPortalCaptcha hcaptcha
    ClinicPortalRequireTLS Off
@{[$provider->conf(timeout => $timeout)]}$more
</Location>
END
    } ['remote', '1m', ''], ['hasty', '2s', ''], ['dead', '5s', $dead];
}

sub browser_at {
    my ($portal, $path) = @_;
    my $other = bless { %$portal, base => $path, owner => 0 }, 'ClinicTest';
    return $other->browser;
}

# With the right password, and an answer that proves nothing.
sub try_answer {
    my ($portal, $path, $answer) = @_;
    my $user = browser_at($portal, $path);
    my $page = $user->get('/index.aspx?clinicID=RIVERSIDE&LoginType=Staff');
    my $fields = { %{ Browser::form_fields($page->{content}, '/login') },
        username => 'DoeJ', password => $PASSWORD,
        'h-captcha-response' => $answer };
    return sub {
        my $status = $user->post('/login', $fields)->{status};
        my $is_in = grep { /staff|patient/ } keys %{ $user->{cookies} };
        return "$status " . ($is_in ? 'in' : 'out');
    };
}

sub unfelt {
    my ($crowd, $what, $break, $mend, %option) = @_;
    my $met = $crowd->meet($what, $break, $mend, is_felt => 0, %option);
    is_deeply([grep { !/^(?:200|303)$/ } sort keys %$met], [],
        "$what: whoever does not need it notices nothing")
        or diag explain $met;
    return;
}

# A lie that was not told, for on a busy machine there may have been no connection
# in two seconds.
sub tell_again {
    my ($portal, @places) = @_;
    my $is_told = sub {
        my ($lie) = @_;
        return grep { $_->{fields}{response} eq $lie } $provider->sent;
    };
    for my $place (@places) {
        my @said;
        wait_for(sub {
            return 1 if $is_told->($place->[1]);
            push @said, try_answer($portal, @$place)->();
            return;
        });
        is(scalar(grep { !/^(?:403|503) out$/ } @said), 0, "$place->[1] was told");
    }
    return;
}

sub meet_liars {
    my ($portal, $crowd) = @_;
    my @places = (['/hasty', 'slow:30'], map { ['/remote', $_] } @LIES);
    unfelt($crowd, 'a CAPTCHA provider is slow and lies', sub { }, sub { },
        during => sub {
            ok(wait_for(sub { try_answer($portal, '/remote', 'pass')->() eq '303 in'
                || undef }), 'who has an answer that is good gets in');
            my @said = at_once(scalar @places, sub {
                try_answer($portal, @{ $places[$_[0] - 1] }) });
            is_deeply([grep { !/^(?:403|503) out$/ } @said], [],
                'nobody else does') or diag explain \@said;
            is(scalar @said, @places, 'and everybody is answered');
            tell_again($portal, @places);
        });
    unfelt($crowd, 'a CAPTCHA provider is dead', sub { $provider->stop }, sub { },
        during => sub {
            my @said = at_once(4, sub { try_answer($portal,
                ('/remote', '/dead')[$_[0] % 2], 'pass') });
            is_deeply(\@said, [('503 out') x 4], 'nobody gets in');
        });
    return;
}

sub add_mails {
    my ($portal, $name, $count) = @_;
    for my $i (1 .. $count) {
        $portal->run_sql('INSERT INTO mail (clinic_id, mail_id, template,'
            . ' account_id, recipient, status, created_at, next_at)'
            . " SELECT clinic_id, ?, 'password-changed', account_id, ?,"
            . " 'waiting', 1, 1 FROM account WHERE clinic_id = 'riverside'"
            . " AND username = 'DoeJ'", "$name$i", "$name\@$i.clinic.test");
    }
    return;
}

sub count_mails {
    my ($portal, $where) = @_;
    return $portal->value("SELECT COUNT(*) FROM mail WHERE $where");
}

# What was put off is due at once, as if its time had come.
sub are_sent {
    my ($portal, $count) = @_;
    wait_for(sub {
        $portal->run_sql("UPDATE mail SET next_at = 1 WHERE status = 'waiting'"
            . " AND last_error <> ''");
        count_mails($portal, "status = 'sent'") == $count || undef;
    });
    my %to;
    $to{ $mail->next_mail->{to} }++ while $mail->{seen} < $mail->count;
    is_deeply([grep { $to{$_} != 1 } sort keys %to], [], 'none twice');
    is(scalar keys %to, $count, 'and each');
    $portal->run_sql('DELETE FROM mail');
    return;
}

sub meet_no_mail {
    my ($portal, $crowd) = @_;
    unfelt($crowd, 'the mail server is down', sub { $mail->stop },
        sub { $mail->launch }, during => sub {
            add_mails($portal, 'down', $MAILS);
            wait_for(sub { count_mails($portal, "last_error <> ''") || undef });
        });
    are_sent($portal, $MAILS);
    unfelt($crowd, 'the mail server dies', sub {
        add_mails($portal, 'die', 3);
        wait_for(sub { -e "$mail->{dir}/died" || undef });
    }, sub { $mail->launch });
    are_sent($portal, 3);
    return;
}

# Somebody writes and does not finish, just when the mail is out.
sub note_beside_a_lock {
    my ($portal) = @_;
    my $dbh = $portal->dbh;
    my $before = $mail->count;
    unlink "$mail->{dir}/go";
    add_mails($portal, 'wait', 1);
    wait_for(sub { $mail->count > $before || undef });
    $dbh->sqlite_busy_timeout(20_000);
    $dbh->do('BEGIN IMMEDIATE');
    open my $go, '>', "$mail->{dir}/go" or die "go: $!";
    close $go or die "go: $!";
    wait_for(sub { $portal->log_text =~ /CP0303.*mail_settle/ || undef });
    $dbh->do('ROLLBACK');
    is(eval { wait_for(sub { count_mails($portal, "status = 'sent'") || undef }) },
        1, 'a mail that is out is noted as soon as may be');
    are_sent($portal, 1);
    return;
}

on_each_database(sub {
    my ($portal) = @_;
    unlink "$mail->{dir}/died";
    my $crowd = Crowd->start($portal);
    meet_liars($portal, $crowd);
    meet_no_mail($portal, $crowd);
    $crowd->part;
    if ($portal->{driver} eq 'sqlite3') {
        note_beside_a_lock($portal);
        $portal->claim('CP0303');
    }
    # On a busy machine no lie may be told in the two seconds for connecting.
    $portal->claim('CP0513');
    $portal->claim_seen(qw(CP0512 CP0541));
    $provider = CaptchaProvider->start if $portal->{driver} eq 'sqlite3';
}, Crowd::options(has_origin => 1, conf => $mail->conf, after_conf => sub {
    return Crowd::guarded_place($_[0]) . mounts($_[0]) }));

$mail->stop;
done_testing;
