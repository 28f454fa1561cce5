# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# The headers of every answer, errors included, and of the assets; methods.
use strict;
use warnings;

use Test::More;

use ClinicTest;

my %ALWAYS = (
    'cache-control' => 'no-store',
    'x-content-type-options' => 'nosniff',
    'referrer-policy' => 'same-origin',
    'cross-origin-opener-policy' => 'same-origin',
);
my @CSP = ("default-src 'none'", "base-uri 'none'", "object-src 'none'",
    "form-action 'self'", "frame-ancestors 'none'", "script-src 'self'",
    "style-src 'self'", "require-trusted-types-for 'script'");

# What a page may do, by directive.
sub policy_of {
    my ($answer) = @_;
    my $csp = $answer->{headers}{'content-security-policy'} // '';
    return ref $csp ? ('two policies' => 1) : map { $_ => 1 } split /; /, $csp;
}

sub is_guarded {
    my ($answer, $status, $why, %other) = @_;
    my %headers = %{ $answer->{headers} };
    $headers{vary} =~ s/, ?/, /g if $headers{vary};
    my %expected = (%ALWAYS, %other);
    is($answer->{status}, $status, $why);
    is_deeply({ map { $_ => $headers{$_} } keys %expected }, \%expected,
        "$status: its headers");
    my %policy = policy_of($answer);
    is_deeply([grep { !$policy{$_} } @CSP], [], "$status: its policy");
    unlike(join(' ', keys %policy), qr/unsafe-inline|unsafe-eval|\*/,
        'nothing unsafe in it');
    ok(!exists $headers{'strict-transport-security'}, 'no HSTS without TLS');
    return;
}

sub check_pages {
    my ($portal, $out, $in) = @_;
    my $form = $out->sign_in_fields('RIVERSIDE', 'Staff', 'DoeJ');
    my %html = ('content-type' => 'text/html; charset=utf-8',
        vary => 'Accept, Cookie');
    my %json = (%html, 'content-type' => 'application/json; charset=utf-8');
    my %accept = (headers => { Accept => 'application/json' });
    my $version = $in->get('/staff/changes')->{headers}{etag};

    is_guarded($out->get('/'), 200, 'the clinic page', %html);
    is_guarded($out->get('/help'), 200, 'help', %html);
    is_guarded($out->get('/index.aspx?clinicID=RIVERSIDE'), 200, 'sign-in', %html);
    is_guarded($out->get('/captcha/challenge?clinicID=RIVERSIDE'), 200,
        'a challenge', %json);
    is_guarded($in->get('/staff/'), 200, 'home', %html);
    is_guarded($in->get('/staff/', %accept), 200, 'home in JSON', %json);
    is_guarded($in->get('/staff/changes', headers =>
        { 'If-None-Match' => $version }), 304, 'nothing new', etag => $version);
    is_guarded($out->get('/staff/'), 303, 'a page without a session');
    is_guarded($in->get('/index.aspx?clinicID=RIVERSIDE&LoginType=Staff'), 303,
        'who is in goes on');
    is_guarded($out->get('/?clinicID=%zz'), 400, 'a bad escape', %html);
    is_guarded($in->get('/staff/schedule?date=x', %accept), 400, 'a bad date',
        %json);
    is_guarded($out->get('/staff/', %accept), 401, 'a program, out', %json);
    is_guarded($out->post('/login', { %$form, password => 'x' }), 403,
        'a wrong password', %html);
    is_guarded($in->get('/nothing'), 404, 'nothing there', %html);
    is_guarded($out->get('/index.aspx?clinicID=NOSUCH'), 404, 'no clinic', %html);
    is_guarded($out->request('DELETE', '/help'), 405, 'a wrong method', %html);
    is_guarded($out->post('/login', { x => 'y' x 20000 }), 413, 'too much', %html);
    is_guarded($out->request('POST', '/login', content => 'x',
        headers => { 'Content-Type' => 'text/plain' }), 415, 'no form', %html);
    is_guarded($out->request('TRACE', '/'), 405, 'TRACE');
    return;
}

# Addresses that httpd refuses before it looks for the place they belong to.
sub check_odd_paths {
    my ($portal, $out) = @_;
    my %cases = ('/staff/%zz' => 400, '/%' => 400, '/a%2fb' => 404,
        '/staff/%00' => 404, '/staff/..%2f..%2fetc' => 404);
    $portal->claim('AH10244');
    for my $path (sort keys %cases) {
        is_guarded($out->get($path), $cases{$path}, $path);
    }
    return;
}

sub check_methods {
    my ($portal, $out, $in) = @_;
    my %allow = ('/' => 'GET, HEAD', '/index.aspx' => 'GET, HEAD',
        '/help' => 'GET, HEAD', '/login' => 'POST', '/logout' => 'POST',
        '/captcha/challenge' => 'GET, HEAD', '/staff/' => 'GET, HEAD',
        '/patient/messages' => 'GET, HEAD');
    for my $path (sort keys %allow) {
        my @wrong = ('PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND', 'BREW',
            $allow{$path} eq 'POST' ? ('GET', 'HEAD') : 'POST');
        for my $method (@wrong) {
            my $answer = $in->request($method, $path);
            is($answer->{status}, 405, "$method $path");
            is($answer->{headers}{allow}, $allow{$path}, "allows $allow{$path}");
        }
        my $trace = $in->request('TRACE', $path);
        is($trace->{status}, 405, "TRACE $path");
        is($trace->{headers}{allow}, $allow{$path}, "allows $allow{$path}");
        unlike($trace->{content}, qr/clinicportal-staff/, 'echoes no cookie');
    }
    for my $path ('/', '/help', '/staff/', '/staff/documents', '/nothing') {
        my $get = $in->get($path);
        my $head = $in->request('HEAD', $path);
        is($head->{status}, $get->{status}, "HEAD $path");
        is(length($head->{content} // ''), 0, 'has no body');
        is($head->{headers}{$_}, $get->{headers}{$_}, "the same $_") for
            'content-type', 'cache-control', 'content-security-policy';
    }
    return;
}

# Every asset that a page names: there, typed, kept for a year by its hash.
sub check_assets {
    my ($portal, $out, $in) = @_;
    my $pages = join '', map { $_->{content} }
        $out->get('/index.aspx?clinicID=RIVERSIDE'), $in->get('/staff/');
    my %assets = map { $_ => 1 }
        $pages =~ m{(?:src|href)="([^"]*/assets/[^"]*)"}g;
    my %type = (css => 'text/css; charset=utf-8', svg => 'image/svg+xml',
        js => 'text/javascript; charset=utf-8');
    cmp_ok(scalar keys %assets, '>=', 6, 'pages have assets');
    for my $path (sort keys %assets) {
        my $answer = $out->get($path, absolute => 1);
        my ($suffix) = $path =~ /\.(\w+)$/;
        like($path, qr{^\Q$portal->{base}\E/assets/[0-9a-f]{16}/}, $path);
        is_guarded($answer, 200, 'is there', 'content-type' => $type{$suffix},
            'cache-control' => 'public, max-age=31536000, immutable');
        my $tag = $answer->{headers}{etag};
        is($out->get($path, absolute => 1,
            headers => { 'If-None-Match' => $tag })->{status}, 304, 'or known');
        ok(!exists $answer->{headers}{'set-cookie'}, 'sets no cookie');
        is_guarded($out->request('POST', $path, absolute => 1), 405,
            'not posted to', allow => 'GET, HEAD');
    }
    my ($some) = sort keys %assets;
    (my $old = $some) =~ s{/assets/\w+/}{/assets/0000000000000000/};
    my ($dir) = $some =~ m{^(.*/)};
    for my $path ($old, "${some}x", "$dir../../demo/demo.json",
            "$dir.htaccess", substr($dir, 0, -1) . '/nothing.css') {
        is_guarded($out->get($path, absolute => 1), 404, "nothing at $path");
    }
    is_guarded($out->get($dir, absolute => 1), 404, 'no list of assets');
    return;
}

# Where the portal is mounted below a path, the rest of the server is not its
# business.
sub check_elsewhere {
    my ($portal, $out) = @_;
    my $answer = $out->get('/elsewhere', absolute => 1);
    is($answer->{status}, 404, 'another part of the server');
    ok(!exists $answer->{headers}{'content-security-policy'},
        'gets no headers of the portal');
    return;
}

on_each_database(sub {
    my ($portal) = @_;
    my $out = $portal->browser;
    my $in = $portal->browser;

    is($in->sign_in('RIVERSIDE', 'Staff', 'DoeJ')->{status}, 303, 'signed in');
    check_pages($portal, $out, $in);
    check_odd_paths($portal, $out);
    check_methods($portal, $out, $in);
    check_assets($portal, $out, $in);
    check_elsewhere($portal, $out) if $portal->{base} ne '';
}, base => ["", "/portal"]);

done_testing;
