# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# Every form there is, sent by a page that was open too long or by another
# site: nothing happens, and the page comes again and says so.
use strict;
use warnings;

use Test::More;

use ClinicTest;
use MailServer;

my $PASSWORD = 'demo-portal-passphrase';
my $mail = MailServer->start;

# The forms as the table of routes has them: path, and whether its page comes
# again.
sub forms {
    my $name = ($ENV{CP_SRCDIR} // '.') . '/src/pages/routes.c';
    open my $in, '<', $name or die "$name: $!";
    my $text = do { local $/; <$in> };
    close $in or die "$name: $!";
    my @rows = $text =~ /\{CP_POST,\s*"([^"]+)",([^}]*)\}/g;
    my $count = () = $text =~ /\bCP_POST\b/g;
    die "$name: not every form is understood\n" if !$count || @rows != 2 * $count;
    my @forms;
    while (my ($path, $rest) = splice @rows, 0, 2) {
        push @forms, [$path =~ s/\{kind\}/staff/r =~ s/\{id\}/THREAD/r,
            $rest =~ /cp_page_\w+_stale\b/];
    }
    return @forms;
}

sub signed_in {
    my ($portal, @who) = @_;
    my $user = $portal->browser;
    is($user->sign_in(@who)->{status}, 303, "$who[2] of $who[0] signs in");
    return $user;
}

# For each step of signing in, somebody who has come to it.
sub people {
    my ($portal) = @_;
    my %people = (admin => signed_in($portal, qw(RIVERSIDE Staff SmithA)));
    $portal->ctl(qw(clinic set), $_, qw(--second-factor per-user))
        for qw(RIVERSIDE LAKEVIEW);
    $portal->ctl(qw(factor require RIVERSIDE staff DoeJ));
    $people{enrol} = signed_in($portal, qw(RIVERSIDE Staff DoeJ));

    $portal->ctl(qw(staff set LAKEVIEW DoeJ --email doe@clinic.test));
    my $doe = signed_in($portal, qw(LAKEVIEW Staff DoeJ));
    my $page = $doe->get('/staff/account/factor');
    my $path = '/staff/account/factor/mail';
    $doe->post($path, { %{ Browser::form_fields($page->{content}, $path) },
        present => $PASSWORD });
    $people{factor} = signed_in($portal, qw(LAKEVIEW Staff DoeJ));

    $portal->ctl(qw(staff add RIVERSIDE NewN --permissions staff-portal));
    $portal->try_ctl("$PASSWORD to be changed\n",
        qw(passwd RIVERSIDE staff NewN --must-change));
    $people{password} = signed_in($portal, qw(RIVERSIDE Staff NewN),
        "$PASSWORD to be changed");
    return \%people;
}

# Whose form it is: who has not signed in, or has to do this step, or has.
sub owner_of {
    my ($portal, $people, $path) = @_;
    return $portal->browser if $path !~ m{\A/(?:staff/|logout)};
    my ($step) = $path =~ m{/signin/(\w+)};
    return $people->{ $step // 'admin' };
}

# (A page with a conversation in it comes again as read.)
sub traces {
    my ($portal) = @_;
    return join ' ', map { $portal->value("SELECT COUNT(*) FROM $_") }
        "audit_event WHERE event <> 'read'",
        qw(session throttle message mail captcha_spent);
}

# What a mail brings to choose a password with.
sub token {
    my ($portal) = @_;
    $portal->ctl(qw(invite RIVERSIDE patient mlopez));
    my $link;
    $link = $mail->next_mail->{link} until defined $link;
    return $link =~ s/.*token=//r;
}

sub check_form {
    my ($portal, $user, $path, $comes_again, $token) = @_;
    my %fields = (clinicID => 'RIVERSIDE', LoginType => 'Staff',
        token => $token, csrf => 'made up', present => $PASSWORD,
        text => 'What was typed', kind => 'staff', username => 'DoeJ');
    my $before = traces($portal);
    my $answer = $user->post($path, \%fields);
    is($answer->{status}, 403, "$path, too late");
    like($answer->{content}, $comes_again ? qr/This page was open too long/
        : qr/class="reference">/, 'in words');
    my $json = $user->post($path, \%fields,
        headers => { Accept => 'application/json' });
    is($json->{status}, 403, 'a program is refused, too');
    my $code = $comes_again ? 'stale' : 'forbidden';
    like($json->{content}, qr/"code":\s*"$code"/, 'in JSON');
    my $elsewhere = $user->post($path, \%fields,
        headers => { Origin => 'https://evil.example' });
    is($elsewhere->{status}, 403, 'and so is another site');
    is(traces($portal), $before, 'nothing happened');
    return;
}

on_each_database(sub {
    my ($portal) = @_;
    my $people = people($portal);
    my $thread = $portal->value('SELECT b.thread_id FROM mailbox b JOIN account a'
        . ' ON a.clinic_id = b.clinic_id AND a.kind = b.owner_kind'
        . ' AND a.person_id = b.owner_id'
        . " WHERE a.clinic_id = 'riverside' AND a.username = 'SmithA'");
    $portal->ctl(qw(patient set RIVERSIDE mlopez --email mlopez@clinic.test));
    my $token = token($portal);
    for my $form (forms()) {
        my ($path, $comes_again) = @$form;
        check_form($portal, owner_of($portal, $people, $path),
            $path =~ s/THREAD/$thread/r, $comes_again, $token);
    }
}, conf => $mail->conf, has_origin => 1);

$mail->stop;
done_testing;
