# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# Answering in a conversation, and what becomes of an answer that arrives after
# the session has ended.
use strict;
use warnings;

use Test::More;

use ClinicTest;

my @DOE = qw(RIVERSIDE Staff DoeJ);
my @LOPEZ = qw(RIVERSIDE Patient mlopez);

# A conversation of both, as each of them has it.
sub thread_of {
    my ($user, $kind) = @_;
    my ($thread) = grep { $_->{topic} =~ /Sleep diary/ }
        @{ $user->json("/$kind/messages")->{json}{data}{threads} };
    return "/$kind/messages/$thread->{id}";
}

sub form_of {
    my ($user, $path) = @_;
    return Browser::form_fields($user->get($path)->{content}, "$path/reply");
}

sub said {
    my ($user, $path) = @_;
    return map { $_->{payload} }
        @{ $user->json($path)->{json}{data}{messages} };
}

sub ends {
    my ($portal) = @_;
    $portal->run_sql('UPDATE session SET last_seen_at = 1');
    return;
}

sub check_reply {
    my ($portal) = @_;
    my ($doe, $lopez) = ($portal->browser, $portal->browser);
    $doe->sign_in(@DOE);
    $lopez->sign_in(@LOPEZ);
    my ($here, $there) = (thread_of($doe, 'staff'), thread_of($lopez, 'patient'));
    my $changes = $lopez->get('/patient/changes')->{headers}{etag};
    my $form = form_of($doe, $here);
    my $since = $portal->count_audit;
    my $answer = $doe->post("$here/reply", { %$form,
        text => "  Thank you,\r\nMaria <3 \x{e4}  " });
    is($answer->{status}, 303, 'an answer is sent');
    is((said($doe, $here))[-1], "Thank you,\r\nMaria <3 \x{e4}", 'and shown');
    like($doe->get($here)->{content}, qr/Maria &lt;3/, 'escaped');
    is((said($lopez, $there))[-1], "Thank you,\r\nMaria <3 \x{e4}", 'to the other, too');
    isnt($lopez->get('/patient/changes')->{headers}{etag}, $changes,
        'who hears of it');
    my $count = () = said($doe, $here);
    $doe->post("$here/reply", { %$form, text => 'again' });
    is(scalar(my @now = said($doe, $here)), $count, 'the same form sends once');
    is_deeply([map { $_->{event} } grep { $_->{event} ne 'read' }
        @{ $portal->audit($since) }], ['message-sent'], 'one audit row');
    for my $bad ('', "  \r\n ", 'x' x 8001, "a\x01b") {
        $answer = $doe->post("$here/reply", { %{ form_of($doe, $here) }, text => $bad });
        is($answer->{status}, 400, 'not a message: ' . length $bad);
    }
    $answer = $doe->post("$here/reply", { %$form, csrf => 'x', text => 'precious' });
    is($answer->{status}, 403, 'a stale form');
    like($answer->{content}, qr{>precious</textarea>}, 'keeps the text');
    my $other = $portal->browser;
    $other->sign_in('LAKEVIEW', 'Staff', 'DoeJ');
    my $mine = Browser::form_fields($other->get('/staff/')->{content}, '/logout');
    is($other->post("$here/reply", { %$form, csrf => $mine->{csrf}, text => 'x' })
        ->{status}, 404, 'nobody else writes into it');
    return;
}

sub check_draft {
    my ($portal) = @_;
    my $user = $portal->browser;
    $user->sign_in(@DOE);
    my $here = thread_of($user, 'staff');
    my $form = form_of($user, $here);
    my $count = () = said($user, $here);
    ends($portal);
    my $answer = $user->post("$here/reply", { %$form, text => 'kept <words>' });
    is($answer->{status}, 303, 'too late');
    my $login = $user->follow($answer);
    like($login->{content}, qr/signed out after 15 minutes/, 'which is said');
    is($portal->value("SELECT COUNT(*) FROM draft WHERE body LIKE '%kept%'"), 0,
        'what was typed is not stored open');
    my $fields = Browser::form_fields($login->{content}, '/login');
    my $in = $user->post('/login', { %$fields, username => 'DoeJ',
        password => 'demo-portal-passphrase', altcha => $user->captcha('RIVERSIDE') });
    is($in->{headers}{location}, "$portal->{base}$here", 'they come back to it');
    my $page = $user->follow($in);
    like($page->{content}, qr{>kept &lt;words&gt;</textarea>}, 'and find it');
    like($page->{content}, qr/what you wrote before you were signed out/, 'in words');
    is(scalar(my @said = said($user, $here)), $count, 'it was not sent');
    $user->post("$here/reply", { %{ form_of($user, $here) }, text => 'kept words' });
    unlike($user->get($here)->{content}, qr/before you were signed out/,
        'once sent it is gone');
    return;
}

# Of 8000 characters, whatever they are, and with line breaks.
sub long_texts {
    return ('x' x 8000, "\x{44f}" x 8000, "\x{20ac}" x 8000, "\x{1f600}" x 8000,
        "\x{44f}\r\n" x 3999 . "\x{44f}\x{44f}");
}

# A page that has the whole text in it.
sub shows {
    my ($page, $text, $why) = @_;
    utf8::encode($text);
    ok(index($page->{content}, $text) >= 0, $why);
    return;
}

sub check_long {
    my ($portal) = @_;
    my $user = $portal->browser;
    $user->sign_in(@DOE);
    my $here = thread_of($user, 'staff');
    for my $text (long_texts()) {
        my $why = sprintf 'U+%04X', ord $text;
        my $answer = $user->post("$here/reply", { %{ form_of($user, $here) },
            text => $text });
        is($answer->{status}, 303, "a long message is sent: $why");
        ok((said($user, $here))[-1] eq $text, 'as it was written');
        shows($user->get($here), $text, 'and shown whole');

        $answer = $user->post("$here/reply", { %{ form_of($user, $here) },
            text => "$text." });
        is($answer->{status}, 400, 'one character more is not');
        shows($answer, ">$text.</textarea>", 'and not lost');
        ok((said($user, $here))[-1] eq $text, 'nothing was sent');
    }
    return;
}

# What is too long to be sent is still kept as it was typed.
sub check_long_draft {
    my ($portal) = @_;
    my $user = $portal->browser;
    $user->sign_in(@DOE);
    my $here = thread_of($user, 'staff');
    for my $text (long_texts(), "\x{44f}" x 8001) {
        my $form = form_of($user, $here);
        ends($portal);
        is($user->post("$here/reply", { %$form, text => $text })->{status}, 303,
            sprintf 'too late: U+%04X', ord $text);
        $user->sign_in(@DOE);
        shows($user->get($here), ">$text</textarea>", 'a long one is found again');
    }
    return;
}

# Only what the very session's form brought, and only for that account.
sub check_strangers {
    my ($portal) = @_;
    my ($doe, $lopez) = ($portal->browser, $portal->browser);
    $doe->sign_in(@DOE);
    $lopez->sign_in(@LOPEZ);
    my $here = thread_of($doe, 'staff');
    my $form = form_of($doe, $here);
    ends($portal);
    $doe->post("$here/reply", { %$form, csrf => 'x', text => 'forged' });
    $portal->browser->post("$here/reply", { %$form, text => 'no cookie' });
    $lopez->post("$here/reply", { %$form, text => 'another' });
    $doe->post("/staff/messages/$_/reply", { %$form, text => 'nowhere' })
        for 'A' x 22, 'B' x 22;
    is($portal->value('SELECT COUNT(*) FROM draft'), 0,
        'no draft of strangers, nor where there is no conversation');
    $portal->ctl(qw(disable RIVERSIDE staff DoeJ));
    $doe->post("$here/reply", { %$form, text => 'disabled' });
    is($portal->value('SELECT COUNT(*) FROM draft'), 0, 'nor of a disabled account');
    $portal->ctl(qw(enable RIVERSIDE staff DoeJ));
    $doe = $portal->browser;
    $doe->sign_in(@DOE);
    $form = form_of($doe, $here);
    ends($portal);
    $doe->post("$here/reply", { %$form, text => 'for my eyes' });
    my $twin = $portal->browser;
    $twin->sign_in(@LOPEZ);
    my $there = thread_of($twin, 'patient');
    unlike($twin->get($there)->{content}, qr/for my eyes/, 'others do not see it');
    $portal->run_sql('UPDATE draft SET saved_at = saved_at - 604800000000');
    $doe->sign_in(@DOE);
    unlike($doe->get($here)->{content}, qr/for my eyes/, 'after a week it is forgotten');
    return;
}

on_each_database(sub {
    my ($portal) = @_;

    check_reply($portal);
    check_draft($portal);
    check_strangers($portal);
    check_long($portal);
    check_long_draft($portal);
});

done_testing;
