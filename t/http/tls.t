# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# Over TLS: HSTS, HTTP/2, and what plain HTTP of the same host gets.
use strict;
use warnings;

use Test::More;

use ClinicTest;
use RawClient;

my $HSTS = 'max-age=31536000; includeSubDomains';

# An answer to a request on the plain port.
sub plain {
    my ($portal, $line, $headers, $body) = @_;
    my $length = length($body // '');
    return RawClient::ask({ port => $portal->{plain_port} },
        "$line HTTP/1.1\r\nHost: " . ($headers // 'localhost') . "\r\n"
        . ($length ? "Content-Type: application/x-www-form-urlencoded\r\n"
            . "Content-Length: $length\r\n" : '')
        . "\r\n" . ($body // ''));
}

# The same address by TLS, of the configured host, whatever Host says.
sub check_redirects {
    my ($portal) = @_;
    my $base = $portal->{base};
    my @targets = ("$base/", "$base/index.aspx?clinicID=RIVERSIDE&LoginType=Staff",
        "$base/staff/schedule?date=2026-03-08&view=week", "$base/help",
        "$base//evil.example/", "$base/nothing", "$base/index.aspx?clinicID=%zz");
    for my $target (@targets) {
        for my $head ('localhost', "evil.example\r\nX-Forwarded-Proto: https",
                "evil.example\r\nAccept: application/json") {
            my $answer = plain($portal, "GET $target", $head);
            is($answer->{status}, 301, "GET $target by plain HTTP");
            is($answer->{headers}{location}, $portal->origin . $target,
                'the same by TLS');
            ok(!exists $answer->{headers}{'set-cookie'}, 'sets no cookie');
            ok(!exists $answer->{headers}{'strict-transport-security'},
                'HSTS is for TLS only');
            is($answer->{headers}{'cache-control'}, 'no-store', 'not kept');
        }
    }
    return;
}

sub check_refusals {
    my ($portal) = @_;
    my $base = $portal->{base};
    my $user = $portal->browser;
    my $fields = $user->sign_in_fields('RIVERSIDE', 'Staff', 'DoeJ');
    my $body = $user->{http}->www_form_urlencode($fields);
    my $cookies = $user->cookie_header =~ s/__Host-//gr;
    my $since = $portal->count_audit;
    for my $target ("$base/login", "$base/logout", "$base/") {
        my $answer = plain($portal, "POST $target",
            "localhost\r\nCookie: $cookies", $body);
        is($answer->{status}, 403, "POST $target by plain HTTP is refused");
        like($answer->{content}, qr/This address is not secure/, 'in words');
        ok(!exists $answer->{headers}{location}, 'not sent on');
        ok(!exists $answer->{headers}{'set-cookie'}, 'sets no cookie');
        unlike($answer->{content}, qr/demo-portal-passphrase/, 'no echo');
    }
    is($portal->count_audit, $since, 'and nobody tried to sign in');
    is($user->post('/login', $fields)->{status}, 303, 'by TLS they can');
    my $session = $user->{cookies}{'__Host-clinicportal-staff'};
    ok($session, 'with a cookie of this host');
    for my $name ('clinicportal-staff', '__Host-clinicportal-staff') {
        is(plain($portal, "GET $base/staff/",
            "localhost\r\nCookie: $name=$session")->{status}, 301,
            'which is no use by plain HTTP');
    }
    is($user->get('/staff/', headers => { Cookie =>
        "clinicportal-staff=$session" })->{status}, 303,
        'nor without its prefix, which a plain page could plant');
    return;
}

sub check_hsts {
    my ($portal) = @_;
    my $user = $portal->browser;
    my $page = $user->get('/index.aspx?clinicID=RIVERSIDE');
    my ($asset) = $page->{content} =~ m{href="([^"]*/assets/[^"]*)"};
    my @answers = ($page, $user->get('/'), $user->get('/nothing'),
        $user->get('/staff/'), $user->get('/?clinicID=%zz'),
        $user->request('DELETE', '/'), $user->get('/a%2fb'),
        $user->get($asset, absolute => 1), $user->post('/login', {}));
    is_deeply([map { $_->{headers}{'strict-transport-security'} } @answers],
        [($HSTS) x @answers], 'HSTS on every answer');
    is($user->get('/help')->{headers}{'strict-transport-security'},
        'max-age=31536000', 'or what an administrator says instead');
    my $fields = $user->sign_in_fields('RIVERSIDE', 'Staff', 'SmithA');
    is($user->post('/login', $fields, headers => { Origin => $portal->origin,
        'Sec-Fetch-Site' => 'same-origin' })->{status}, 303, 'our own origin');
    my $plain = $portal->origin =~ s/^https/http/r;
    $fields = $portal->browser->sign_in_fields('RIVERSIDE', 'Staff', 'SmithA');
    is($user->post('/login', $fields, headers => { Origin => $plain })->{status},
        403, 'plain HTTP of the same host is another origin');
    return;
}

# By HTTP/2 the whole way in, with curl.
sub check_http2 {
    my ($portal) = @_;
    my $jar = "$portal->{dir}/jar";
    my $user = $portal->browser;
    my $curl = sub {
        my ($path, @more) = @_;
        my (undef, $said) = ClinicTest::capture('', 'curl', '-sS', '--http2',
            '--cacert', $portal->{ca}{ca}, '-b', $jar, '-c', $jar, '-w',
            '\n%{http_version} %{http_code} %{redirect_url}', @more,
            $portal->origin . $portal->{base} . $path);
        my ($content, $end) = $said =~ /^(.*)\n(.*)$/s;
        return ($content, $end);
    };
    my ($page, $end) = $curl->('/index.aspx?clinicID=RIVERSIDE&LoginType=Staff');
    is($end, '2 200 ', 'the sign-in page by HTTP/2');
    my ($challenge) = $curl->('/captcha/challenge?clinicID=RIVERSIDE');
    my %fields = (%{ Browser::form_fields($page, '/login') },
        username => 'DoeJ', password => 'demo-portal-passphrase',
        altcha => Altcha::solve(JSON::PP::decode_json($challenge)));
    (undef, $end) = $curl->('/login',
        map { ('--data-urlencode', "$_=$fields{$_}") } sort keys %fields);
    is($end, '2 303 ' . $portal->origin . "$portal->{base}/staff/", 'signs in');
    ($page, $end) = $curl->('/staff/');
    is($end, '2 200 ', 'and is in');
    like($page, qr/Welcome, /, 'at home');
    ($page, $end) = $curl->('/../app/page.txt');
    is("$page $end", 'guarded 2 200 ', 'in a guarded place, too');
    # The answer comes although the browser is still sending.
    my @ends = map { ($curl->('/login', '--data-binary', 'x' x 40000))[1] } 1 .. 20;
    is_deeply(\@ends, [('2 413 ') x 20], 'too much is too much');
    return;
}

# What a guarded place answers by plain HTTP.
sub check_guarded {
    my ($portal) = @_;
    my $answer = plain($portal, 'GET /app/page.txt');
    is("$answer->{status} $answer->{headers}{location}",
        '301 ' . $portal->origin . '/app/page.txt', 'guarded: the same by TLS');
    is(plain($portal, 'POST /app/page.txt', undef, 'a=b')->{status}, 403,
        'and nothing that was sent open');
    return;
}

sub guarded {
    my ($portal) = @_;
    $portal->put_file('app/page.txt', 'guarded');
    return "<Location /app>\nAuthType ClinicPortal\n"
        . "Require clinic-type staff\n</Location>\n"
        . "<Location /portal/help>\nHeader always edit"
        . qq( Strict-Transport-Security "; includeSubDomains" ""\n</Location>\n);
}

on_each_database(sub {
    my ($portal) = @_;

    check_guarded($portal);
    check_redirects($portal);
    check_refusals($portal);
    check_hsts($portal);
    # Which mod_http2 does not support on prefork.
    subtest 'HTTP/2' => sub { check_http2($portal) } if $portal->{mpm} ne 'prefork';
}, tls => 1, base => '/portal', after_conf => \&guarded);

# Where nothing says what the address with TLS is.
on_each_database(sub {
    my ($portal) = @_;
    my $page = $portal->browser->get('/index.aspx?clinicID=RIVERSIDE');
    is($page->{status}, 403, 'without TLS there is no way in');
    like($page->{content}, qr/This address is not secure/, 'in words');
    like($page->{content}, qr/Ring the help desk/, 'and whom to ask');
    unlike($page->{content}, qr/<a [^>]*href="(?!#)/, 'without a link that ends here');
}, drivers => ['sqlite3'], conf => "ClinicPortalRequireTLS On\n"
    . "ClinicPortalSupport 'Ring the help desk'\n");

done_testing;
