#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# Nobody is led away from this host by the address to come back to, whether it
# is what was asked for in a guarded location or given to the sign-in page.
use strict;
use warnings;

use MIME::Base64 qw(encode_base64url);
use Test::More;

use ClinicTest;
use RawClient;

# What browsers have been known to read as another host, or as script.
my $H = 'evil.example';
my @payloads = (
    "//$H", "//$H/", "//$H/%2e%2e", "//$H/app/", "///$H", "////$H", "/////$H/x",
    "/\\$H", "\\\\$H", "\\/$H", "/\\/$H", "//\\$H", "\\\\\\$H", "/\\\\$H/",
    "/%5c$H", "/%5C%5C$H", "/%2f$H", "/%2F%2F$H", "%2f%2f$H", "%5c%5c$H",
    "/%2e%2e//$H", "/..//$H", "/../..//$H", "/.//$H", "/%2e//$H", "/;//$H",
    "/app/..//$H", "/app/%2e%2e/%2f$H", "/app//$H/%2e%2e", "/app/\\..\\\\$H",
    "/app/../\\$H", "/app/%5c..%5c%5c$H", "/app/..%2f..%2f%2f$H",
    "http://$H", "https://$H", "http:/$H", "http:$H", "https:$H", "HTTP://$H",
    "http:\\\\$H", "https:/\\$H", "ht\ttp://$H", "http\n://$H", "\thttp://$H",
    " http://$H", "\x0bhttp://$H", "\x0c//$H", " //$H", "\t//$H", "\r//$H",
    "\n//$H", "/\t/$H", "/\n/$H", "/\r/$H", "/\x00/$H", "/\x0b/$H", "/\x0c/$H",
    "/%09/$H", "/%0a/$H", "/%0d/$H", "/%00/$H", "/%0a%0d//$H", "/%20//$H",
    "/\x{a0}/$H", "/%c0%af$H", "/%e0%80%af$H", "/%ef%bc%8f$H", "/%e3%80%82$H",
    "//user\@$H", "//localhost\@$H", "/\@$H", "http://localhost\@$H",
    "https://localhost:80\@$H/", "//localhost.$H", "//localhost%40$H",
    "//$H#\@localhost", "//$H?\@localhost", "//$H\\\@localhost", "//[::ffff:1.2.3.4]",
    "//1.2.3.4", "//0x01020304", "//16909060", "//%31%2e2.3.4", "//$H:80",
    "//$H:443/app/", "//www.$H/app", "//\x{ff45}vil.example",
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "javascript://$H/%0aalert(1)",
    "java\nscript:alert(1)", "\x01javascript:alert(1)", "/javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>", "vbscript:msgbox(1)",
    "file:///etc/passwd", "ftp://$H", "ws://$H", "mailto:a\@$H", "blob:http://$H/x",
    "/app/x\r\nLocation: http://$H", "/app/x%0d%0aLocation:%20http://$H",
    "/app/x\nSet-Cookie: a=b", "/app/%0d%0a%0d%0a<script>", "?//$H", "#//$H",
    "app//$H", ".//$H", "..//$H", "./\\$H", "", "/", "/app/" . 'a' x 5000,
    "/app/?u=" . 'b' x 9000, "<>//$H", "//$H\x{2028}", "/app/\x{2028}//$H",
    "{$H}", "//{$H}", "/%%2f$H", "/%25%32%66$H", "/%252f$H", "/app/%zz//$H",
);

# A Location may be anything that every browser takes to be on this host.
sub is_local {
    my ($portal, $location) = @_;
    my $origin = $portal->origin;
    return $location =~ m{\A(?:\Q$origin\E)?/(?![/\\])[\x21-\x7e]*\z}
        && $location !~ /\\/;
}

sub octets {
    my ($text) = @_;
    utf8::encode($text);
    return $text;
}

# As the request's own target, sent raw.
sub check_target {
    my ($portal) = @_;
    my @away;
    my ($redirected, $came_back) = (0, 0);
    for my $payload (@payloads) {
        my $line = octets($payload);
        next if $line =~ /[\r\n]/;    # that would be another request
        my $answer = RawClient::ask($portal,
            "GET $line HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            // next;
        my $location = $answer->{headers}{location} // next;
        $redirected++;
        push @away, "$payload -> $location" if !is_local($portal, $location);
        next if $location !~ /[?&]next=([^&]+)/;
        $came_back++;
        my $end = come_back($portal, $location);
        push @away, "$payload -> ... -> $end" if !is_local($portal, $end);
    }
    is_deeply(\@away, [], 'no address that is asked for leads away');
    cmp_ok($redirected, '>', 30, 'of many that lead to the sign-in page');
    cmp_ok($came_back, '>=', 5, 'and some that lead back');
    return;
}

# Where a signed-in person is sent by the sign-in page.
sub come_back {
    my ($portal, $location) = @_;
    my ($next) = $location =~ /[?&]next=([^&]+)/;
    return $portal->{person}->get("$portal->{base}/index.aspx?"
        . "clinicID=RIVERSIDE&LoginType=Staff&next=$next", absolute => 1)
        ->{headers}{location} // '/';
}

# As what the sign-in page is given, bare or dressed as ours.
sub check_next {
    my ($portal) = @_;
    my $user = $portal->{person};
    my $real = $portal->browser->get('/app/x', absolute => 1)
        ->{headers}{location} =~ /[?&]next=([^&]+)/ ? $1 : die 'no next';
    my @parts = split /\./, $real;
    is($user->get("/index.aspx?clinicID=RIVERSIDE&LoginType=Staff&next=$real")
        ->{headers}{location}, '/app/x', 'a genuine one leads there');
    my @away;
    for my $payload (@payloads) {
        my $text = encode_base64url(octets($payload));
        for my $next (octets($payload), $text,
                map { my @p = @parts; $p[$_] = $text; join '.', @p } 0 .. $#parts) {
            my $escaped = $next =~ s/([^A-Za-z0-9_.-])/sprintf '%%%02X', ord $1/ger;
            my $answer = $user->get(
                "/index.aspx?clinicID=RIVERSIDE&LoginType=Staff&next=$escaped");
            my $location = $answer->{headers}{location} // next;
            push @away, "$payload -> $location"
                if $location ne "$portal->{base}/staff/";
        }
    }
    is_deeply(\@away, [], 'nothing else leads anywhere but home');
    return;
}

# The page that asks whether to send a kept form links to where it came from.
sub check_resume {
    my ($portal) = @_;
    my $cookies = $portal->{person}->cookie_header;
    my @away;
    for my $payload (@payloads, '/app/x') {
        my $line = octets($payload) . '?clinicportal-resume=' . '0' x 22;
        next if $line =~ /[\r\n]/;
        my $answer = RawClient::ask($portal, "GET $line HTTP/1.1\r\n"
            . "Host: localhost\r\nAccept: text/html\r\nCookie: $cookies\r\n"
            . "Connection: close\r\n\r\n") // next;
        my ($link) = $answer->{content} =~ /class="button" href="([^"]*)"/
            or next;
        push @away, "$payload -> $link" if !is_local($portal, $link);
        is($link, '/app/x', 'back to the page') if $payload eq '/app/x';
        is($link, "$portal->{base}/staff/", 'home') if $payload eq "//$H/app/";
    }
    is_deeply(\@away, [], 'no page of a form that is gone leads away');
    return;
}

cmp_ok(scalar @payloads, '>=', 100, 'over a hundred payloads');
on_each_database(sub {
    my ($portal) = @_;
    $portal->{person} = $portal->browser;
    $portal->{person}->sign_in(qw(RIVERSIDE Staff DoeJ));
    ok(!is_local($portal, $_), "$_ would be seen")
        for "//$H", "/\\$H", "http://$H/", 'javascript:alert(1)';
    check_target($portal);
    check_next($portal);
    check_resume($portal);
    delete $portal->{person};
    # httpd's own words about what is no request.
    $portal->claim(grep { $portal->log_text =~ /\b$_\b/ }
        qw(AH10244 AH00127 AH00128 AH02429 AH00565 core:error));
}, base => '/portal', after_conf => <<'END');
<LocationMatch "^(?!/portal)">
    AuthType ClinicPortal
    ClinicPortalLogin /portal
    Require clinic-user
</LocationMatch>
END

done_testing;
