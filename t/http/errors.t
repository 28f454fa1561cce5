# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# Requests that no browser sends, a database that is gone, and what the logs
# must not hold.
use strict;
use warnings;

use Test::More;

use ClinicTest;
use RawClient;

my @WHO = qw(RIVERSIDE Staff DoeJ);

# Bytes, the status that answers them, and why.
sub check_malformed {
    my ($portal) = @_;
    my $host = "Host: localhost:$portal->{port}\r\n";
    my $get = sub { "GET $_[0] HTTP/1.1\r\n$host" . ($_[1] // '') . "\r\n" };
    my @cases = (
        [$get->('/?clinicID=%'), 400, 'half an escape'],
        [$get->('/?clinicID=%4'), 400, 'half an escape, too'],
        [$get->('/?clinicID=%g1'), 400, 'no hex'],
        [$get->('/?clinicID=A%00B'), 400, 'NUL, escaped'],
        [$get->("/?clinicID=A\0B"), 400, 'NUL itself'],
        [$get->("/?clinicID=\xff\xfe"), 400, 'bytes that are no UTF-8'],
        [$get->('/?clinicID=%ed%a0%80'), 400, 'a surrogate'],
        [$get->('/?clinicID=' . 'A' x 7000), 400, 'a very long value'],
        [$get->('/?' . 'A' x 9000), 414, 'a very long query'],
        [$get->('/' . 'A' x 9000), 414, 'a very long path'],
        [$get->('/%2e%2e/%2e%2e/etc/passwd'), 400, 'dots, escaped'],
        [$get->('/../../etc/passwd'), 400, 'dots'],
        [$get->('/staff/%ff'), 404, 'a path that is no UTF-8'],
        [$get->('/help', "Cookie: clinicportal-visit=\xff\xfe\r\n"), 200,
            'a cookie that is no UTF-8'],
        [$get->('/help', 'Cookie: ' . 'a=b; ' x 1500 . "\r\n"), 200,
            'a thousand cookies'],
        [$get->('/help', 'Cookie: ' . 'a' x 9000 . "\r\n"), 400,
            'a cookie too long'],
        [$get->('/help', "User-Agent: \xff\e[31m\r\n"), 400, 'a control character'],
        [$get->('/help', "Host: other\r\n"), 400, 'two hosts'],
        [$get->('/help', "Accept: \r\n"), 200, 'an empty Accept'],
        ["GET /help HTTP/1.1\r\n\r\n", 400, 'HTTP/1.1 without Host'],
        ["GET /help HTTP/1.0\r\n\r\n", 200, 'HTTP/1.0 without Host'],
        ["get /help HTTP/1.1\r\n$host\r\n", 405, 'a method in small letters'],
        ["GET  /help\r\n\r\n", 400, 'two spaces'],
        ["\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400,
            'TLS to a plain port'],
        ["POST /login HTTP/1.1\r\n${host}Content-Length: -1\r\n\r\n", 400,
            'a length below zero'],
        ["POST /login HTTP/1.1\r\n${host}Content-Length: 5\r\nContent-Length: 6"
            . "\r\n\r\nhello", 400, 'two lengths'],
        ["POST /login HTTP/1.1\r\n${host}Content-Type: application/x-www-form-"
            . "urlencoded\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400,
            'a chunk of no size'],
        ["POST /login HTTP/1.1\r\n${host}Content-Type: application/x-www-form-"
            . "urlencoded\r\nTransfer-Encoding: gzip\r\n\r\nzz\r\n", 400,
            'a coding that nobody knows'],
        ["POST /login HTTP/1.1\r\n${host}\r\n", 415, 'a POST of nothing'],
    );
    for my $case (@cases) {
        my ($bytes, $status, $why) = @$case;
        my $answer = RawClient::ask($portal, $bytes);
        is($answer->{status}, $status, $why);
        unlike($answer->{content}, qr/root:|\xff|A{100}|\e/, 'echoes nothing');
    }
    return;
}

# What is left of one request must never be read as the next.
sub check_connection {
    my ($portal) = @_;
    my $host = "Host: localhost:$portal->{port}\r\n";
    my $post = "POST /login HTTP/1.1\r\n${host}Content-Type: application/"
        . "x-www-form-urlencoded\r\n";
    my $hidden = "GET /index.aspx?clinicID=LAKEVIEW HTTP/1.1\r\n$host\r\n";
    my $next = "GET /help HTTP/1.1\r\n$host\r\n";

    for my $type ('text/plain', 'application/x-www-form-urlencoded') {
        my $client = RawClient->new($portal);
        my $length = length $hidden;
        $client->send_bytes("POST /nothing HTTP/1.1\r\n${host}Content-Type: "
            . "$type\r\nContent-Length: $length\r\n\r\n$hidden$next");
        is($client->answer->{status}, 404, "a body nobody reads ($type)");
        my $second = $client->answer;
        like($second->{content}, qr/How to log in/, 'is not the next request');
    }
    my $client = RawClient->new($portal);
    $client->send_bytes("${post}Content-Length: 99999\r\n\r\n$hidden");
    is($client->answer->{status}, 413, 'a body announced as too long');
    $client->finish;
    is($client->answer, undef, 'and nothing of it is answered');

    $client = RawClient->new($portal);
    $client->send_bytes("${post}Content-Length: 400\r\n\r\ncsrf=half");
    $client->finish;
    my $half = $client->answer;
    is($half->{status}, 400, 'half a body');
    is(RawClient::ask($portal, $next)->{status}, 200, 'the portal goes on');

    $client = RawClient->new($portal);
    $client->send_bytes($next x 3);
    is_deeply([map { $client->answer->{status} } 1 .. 3], [200, 200, 200],
        'three requests at once have three answers');
    return;
}

# A name in Host never comes back as an address.
sub check_host {
    my ($portal) = @_;
    for my $path ('/', '/index.aspx?clinicID=RIVERSIDE', '/staff/', '/patient',
            '/assets', '/nothing') {
        for my $head ("Host: evil.example", "Host: evil.example:80\r\n"
                . 'X-Forwarded-Host: evil.example') {
            my $answer = RawClient::ask($portal,
                "GET $path HTTP/1.1\r\n$head\r\n\r\n");
            unlike($answer->{content}, qr/evil/, "$path does not name it");
            like($answer->{headers}{location} // '/', qr{^/(?!/)},
                'nor leads there');
        }
    }
    return;
}

# Takes the database away and brings it back.
sub without_database {
    my ($portal, $code) = @_;
    my @tables = qw(clinic session account captcha_spent audit_event);
    if ($portal->{driver} eq 'pgsql') {
        $portal->dbh->disconnect;
        delete $portal->{dbh};
        $portal->{postgres}->stop;
    }
    else {
        $portal->run_sql("ALTER TABLE $_ RENAME TO ${_}_gone") for @tables;
    }
    $code->();
    if ($portal->{driver} eq 'pgsql') {
        $portal->{postgres}->start;
    }
    else {
        $portal->run_sql("ALTER TABLE ${_}_gone RENAME TO $_") for @tables;
    }
    return;
}

sub is_unavailable {
    my ($answer, $why) = @_;
    is($answer->{status}, 503, "$why: 503");
    like($answer->{headers}{'retry-after'}, qr/^\d+$/, 'with Retry-After');
    is($answer->{headers}{'cache-control'}, 'no-store', 'kept by nobody');
    like($answer->{headers}{'content-security-policy'}, qr/frame-ancestors/,
        'guarded');
    like($answer->{content}, qr/\b[A-Z0-9]{4}-[A-Z0-9]{4}\b/, 'with a reference');
    unlike(Browser::without_fields($answer->{content}),
        qr/SQL|\btable\b|database|relation|passphrase/i, 'and no inside words');
    return;
}

sub check_database_gone {
    my ($portal) = @_;
    my $user = $portal->browser;
    is($user->sign_in(@WHO)->{status}, 303, 'signed in');
    my $home = $user->get('/staff/');
    my $guest = $portal->browser;
    my $form = $guest->sign_in_fields(@WHO);
    without_database($portal, sub {
        is_unavailable($guest->get('/index.aspx?clinicID=RIVERSIDE'), 'the door');
        is_unavailable($guest->post('/login', $form), 'signing in');
        is_unavailable($user->get('/staff/'), 'home');
        is_unavailable($user->json('/staff/schedule'), 'the schedule in JSON');
        is_unavailable($user->sign_out($home), 'signing out');
        is($guest->get('/')->{status}, 200, 'the clinic page needs none');
        is($guest->get('/help')->{status}, 200, 'nor does help');
        ok(exists $user->{cookies}{'clinicportal-staff'}, 'nobody is thrown out');
        ok(!exists $guest->{cookies}{'clinicportal-staff'}, 'nobody let in');
    });
    is($user->get('/staff/')->{status}, 200, 'it is back: still signed in');
    is($guest->sign_in(@WHO)->{status}, 303, 'and others can sign in');
    $portal->claim($portal->{driver} eq 'pgsql'
        ? qw(CP0301 CP0303 AH00629 AH00639 AH02655) : 'CP0303');
    $portal->claim_seen(qw(dbd:error dbd:crit)); # of children that begin then
    return;
}

# The form itself says so where signing in gets as far as that.
sub check_part_gone {
    my ($portal) = @_;
    my $user = $portal->browser;
    my $form = $user->sign_in_fields(@WHO);
    $portal->run_sql('ALTER TABLE captcha_spent RENAME TO captcha_gone');
    my $answer = $user->post('/login', $form);
    $portal->run_sql('ALTER TABLE captcha_gone RENAME TO captcha_spent');
    is_unavailable($answer, 'the box cannot be checked');
    like(Browser::alert_of($answer), qr/Logging in is not possible right now/,
        'in words');
    like($answer->{content}, qr/name="username" value="DoeJ"/, 'name kept');
    $form->{altcha} = $user->captcha('RIVERSIDE');
    is($user->post('/login', $form)->{status}, 303, 'the next try passes');
    return;
}

# Everything secret that went to and fro, in whole and in part.
sub check_logs {
    my ($portal) = @_;
    my $user = $portal->browser;
    my $canary = 'canary-Passphrase-4711';
    my $name = 'canary-user';
    $user->sign_in('RIVERSIDE', 'Staff', $name, $canary);
    my $form = $user->sign_in_fields(@WHO);
    is($user->post('/login', $form)->{status}, 303, 'signed in');
    my $page = $user->get('/staff/');
    my $csrf = Browser::form_fields($page->{content}, '/logout')->{csrf};
    my %cookies = %{ $user->{cookies} };
    $user->post('/login', { %$form, csrf => 'canary-token' });
    $user->post('/login', { %$form, x => $canary x 1000 });
    $user->get('/index.aspx?clinicID=canary%00user');
    $user->sign_out($page);
    $user->get('/staff/');

    my ($token) = $cookies{'clinicportal-staff'} =~ /\.(.*)/;
    my %secrets = (password => 'demo-portal-passphrase', wrong => $canary,
        'user name' => $name, session => $token, csrf => $csrf,
        'sign-in csrf' => $form->{csrf}, visit => $cookies{'clinicportal-visit'},
        captcha => substr($form->{altcha}, 0, 60), 'wrong csrf' => 'canary-token',
        hash => '$argon2');
    open my $file, '<', "$portal->{dir}/secret" or die "secret: $!";
    chomp($secrets{key} = <$file>);
    close $file or die "secret: $!";
    for my $log (qw(error access)) {
        my $text = $portal->log_text($log);
        cmp_ok(length $text, '>', 500, "the $log log is there");
        is(index($text, $secrets{$_}), -1, "and holds no $_")
            for sort keys %secrets;
    }
    my $audit = join ' ', map { map { $_ // '' } values %$_ }
        @{ $portal->audit };
    is(index($audit, $secrets{$_}), -1, "nor does the audit trail hold a $_")
        for sort keys %secrets;
    return;
}

on_each_database(sub {
    my ($portal) = @_;

    check_malformed($portal);
    check_connection($portal);
    check_host($portal);
    check_part_gone($portal);
    check_database_gone($portal);
    check_logs($portal);
    $portal->claim('AH10244');
}, server_conf => 'LogLevel info');

done_testing;
