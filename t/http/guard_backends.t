#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# Guarded applications of every kind: what they learn of the person, what they
# never see, and one look-up of the session for all of it.
use strict;
use warnings;

use Digest::SHA qw(sha256);
use JSON::PP    qw(decode_json);
use MIME::Base64 qw(decode_base64url encode_base64url);
use Test::More;

use BackEnds;
use ClinicTest;

my $back = BackEnds->start;

my $CGI = <<'END';
#!/usr/bin/perl
use JSON::PP;
my $body = ''; read STDIN, $body, $ENV{CONTENT_LENGTH} // 0;
print "Content-Type: application/json\r\n\r\n",
    JSON::PP->new->canonical->encode({ %ENV, BODY => $body });
END
my $PHP = <<'END';
<?php header('Content-Type: application/json');
$_SERVER['BODY'] = file_get_contents('php://input');
echo json_encode($_SERVER);
END

sub applications {
    my ($portal) = @_;
    my $www = "$portal->{dir}/www";
    my $base = $portal->{base} || '/';
    $portal->put_file('app/cgi/show', $CGI, 0755);
    $portal->put_file('app/php/show.php', $PHP);
    $portal->put_file('app/ssi/page.shtml',
        '<!--#echo var="CLINICPORTAL_CLINIC" -->'
        . '+<!--#include virtual="part.html" -->+<!--#include virtual="/app/ssi/part.html" -->');
    $portal->put_file('app/ssi/part.html', 'part');
    $portal->put_file('app/dir/index.html', 'the index');
    $portal->put_file('app/dir/list/one.txt', 'one');
    $portal->put_file('app/rewrite/RIVERSIDE.txt', 'for Riverside');
    $portal->put_file('app/doc/403.txt', 'the administrator says no');
    $portal->put_file('denied/page.txt', 'never shown');
    mkdir "$www/app/dav" or die "dav: $!";
    chmod 0777, "$www/app/dav" or die "dav: $!";
    chmod 0777, "$portal->{dir}/db" or die "db: $!";
    return <<"END";
ScriptSock $portal->{dir}/logs/cgid
DAVLockDB $portal->{dir}/db/dav
<Location /app>
    AuthType ClinicPortal
    ClinicPortalLogin $base
    Require clinic-user
</Location>
<Directory $www/app>
    Options +Includes +Indexes
</Directory>
<Directory $www/app/cgi>
    SetHandler cgi-script
    Options +ExecCGI
</Directory>
<Directory $www/app/php>
    SetHandler "proxy:unix:$back->{php}|fcgi://localhost/"
</Directory>
<Directory $www/app/ssi>
    AddOutputFilter INCLUDES .shtml
</Directory>
<Directory $www/app/dav>
    Dav On
</Directory>
<Directory $www/app/rewrite>
    Options +FollowSymLinks
    RewriteEngine On
    RewriteRule ^mine\$ %{ENV:CLINICPORTAL_CLINIC}.txt
    RewriteRule ^elsewhere\$ /app/dir/index.html
</Directory>
<Location /app/proxy/>
    ProxyPass $back->{echo}/seen/
    ClinicPortalHeaders X-Clinic-
    ClinicPortalToken https://charts.example 30s
</Location>
<Location /app/quiet/>
    ProxyPass $back->{echo}/quiet/
    ClinicPortalRemoteUser {id}
</Location>
<Location /app/some/>
    ProxyPass $back->{echo}/some/
    ClinicPortalHeaders X-Clinic- Clinic Role
    ClinicPortalPassCookies On
</Location>
<Location /app/open/>
    ProxyPass $back->{echo}/open/
    ClinicPortalHeaders X-Clinic-
    Require all granted
</Location>
<If "%{QUERY_STRING} == 'print'">
    Header set X-Printed-For "%{CLINICPORTAL_NAME}e"
</If>
CustomLog $portal->{dir}/logs/who.log "%U %u %{CLINICPORTAL_CLINIC}e"
<Location /denied>
    AuthType ClinicPortal
    ClinicPortalLogin $base
    Require clinic-role nobody-has-it
    ErrorDocument 403 /app/doc/403.txt
</Location>
END
}

my %doe = (CLINIC => 'RIVERSIDE', TYPE => 'staff', USER => 'DoeJ',
    NAME => 'Jane Doe, LCSW', ROLE => 'clinical', FACTOR => '');

sub check_variables {
    my ($user, $path, $what) = @_;
    my $answer = $user->get($path, absolute => 1, headers => {
        'X-ClinicPortal-User' => 'SmithA', 'Cookie' => 'theme=dark; '
            . $user->cookie_header . '; clinicportal-theme=red' });
    is($answer->{status}, 200, "$what answers");
    my $seen = decode_json($answer->{content});
    is($seen->{REMOTE_USER}, 'DoeJ@RIVERSIDE/staff', "$what: REMOTE_USER");
    is($seen->{AUTH_TYPE}, 'ClinicPortal', "$what: AUTH_TYPE");
    is($seen->{"CLINICPORTAL_$_"}, $doe{$_}, "$what: $_") for sort keys %doe;
    like($seen->{CLINICPORTAL_PERMISSIONS}, qr/\bstaff-portal\b/,
        "$what: permissions");
    like($seen->{CLINICPORTAL_ID}, qr/^[\w-]{22}$/, "$what: public id");
    like($seen->{CLINICPORTAL_AUTH_TIME}, qr/^\d{10}$/, "$what: when");
    is($seen->{HTTP_COOKIE}, 'theme=dark; clinicportal-theme=red',
        "$what sees no cookie of ours, and all others");
    is($seen->{HTTP_X_CLINICPORTAL_USER}, undef, "$what: nothing forged");
    return;
}

# A form sent after the session had ended, and sent on after sign-in, is what the
# program would have got at once.
sub check_kept {
    my ($portal, $path, $what) = @_;
    my $user = $portal->browser;
    my %browser = (Accept => 'text/html', 'Sec-Fetch-Mode' => 'navigate');
    $user->sign_in(qw(RIVERSIDE Staff DoeJ));
    my %sent = (a => 'x y', b => "\xc3\xbc");
    my $now = decode_json($user->post("$path?q=1", \%sent, absolute => 1,
        headers => \%browser)->{content});
    $portal->run_sql('UPDATE session SET last_seen_at = 1');
    my $answer = $user->post("$path?q=1", \%sent, absolute => 1,
        headers => \%browser);
    my $page = $user->get($answer->{headers}{location}, absolute => 1);
    my $fields = Browser::form_fields($page->{content}, '/login');
    @$fields{qw(username password)} = ('DoeJ', 'demo-portal-passphrase');
    $fields->{altcha} = $user->captcha('RIVERSIDE');
    my $address = $user->post('/login', $fields)->{headers}{location};
    $page = $user->get($address, absolute => 1);
    my ($csrf) = $page->{content}
        =~ /narrow">\s*<input[^>]*name="csrf" value="([^"]*)"/;
    my $later = decode_json($user->post($address, { csrf => $csrf },
        absolute => 1, headers => \%browser)->{content});
    is($later->{$_}, $now->{$_}, "$what, kept: $_") for qw(REQUEST_URI
        QUERY_STRING REQUEST_METHOD CONTENT_TYPE CONTENT_LENGTH BODY
        REMOTE_USER);
    return;
}

sub headers_seen {
    my ($user, $path, %headers) = @_;
    my $answer = $user->get($path, absolute => 1, headers => \%headers);
    is($answer->{status}, 200, "$path answers");
    return (decode_json($answer->{content})->{headers}, $answer);
}

sub check_proxy {
    my ($user) = @_;
    my ($seen, $answer) = headers_seen($user, '/app/proxy/x?y=1',
        'X-Clinic-User' => 'SmithA', 'x_clinic_role' => 'supervisor',
        'X-Clinic_Name' => 'Somebody', 'X-ClinicPortal-Clinic' => 'LAKEVIEW',
        'X-Clinic-Colour' => 'blue');
    is($seen->{'x-clinic-' . lc}, $doe{$_}, "header $_") for sort keys %doe;
    is_deeply([grep { /_/ } keys %$seen], [], 'and none that looks like one');
    is($seen->{'x-clinicportal-clinic'}, undef, 'nor one of the usual prefix');
    is($seen->{'x-clinic-colour'}, 'blue', "others' headers stay");
    for my $by (', ', ';', ' ;') {
        my ($kept) = headers_seen($user, '/app/proxy/', Connection => join($by,
            qw(keep-alive X-Clinic-User x-clinic-ROLE X-Clinic-Token X-Other)),
            'X-Other' => 'hop');
        is($kept->{"x-clinic-\L$_"}, $doe{$_}, "$_ cannot be taken away by '$by'")
            for qw(USER ROLE);
        ok($kept->{'x-clinic-token'}, 'nor the token');
        is($kept->{'x-other'}, undef, 'what is for this hop alone is');
    }
    is($seen->{cookie}, undef, 'the back end sees no cookie of ours');
    is($answer->{headers}{'cache-control'}, 'private, max-age=30',
        'no shared cache keeps the answer');
    like($answer->{headers}{vary}, qr/\bCookie\b/, 'which depends on cookies');
    check_token($user, $seen->{'x-clinic-token'});

    ($seen) = headers_seen($user, '/app/quiet/', 'X-ClinicPortal-User' => 'me');
    is_deeply([grep { /^x-clinic/ } keys %$seen], [], 'no header unasked');
    ($seen) = headers_seen($user, '/app/some/');
    is_deeply([sort grep { /^x-clinic-/ } keys %$seen],
        ['x-clinic-clinic', 'x-clinic-role'], 'those that are asked for');
    like($seen->{cookie}, qr/clinicportal-staff=/, 'cookies where asked for');
    return;
}

# Verified by OpenSSL, with the key of the portal's key set.
sub check_token {
    my ($user, $token) = @_;
    my ($head, $body, $signature) = split /\./, $token // '..';
    my ($key) = @{ decode_json($user->get('/jwks.json')->{content})->{keys} };
    my $header = decode_json(decode_base64url($head));
    is("$header->{alg} $header->{typ} $header->{kid}", "EdDSA JWT $key->{kid}",
        'the token says how it is signed');
    is("$key->{kty} $key->{crv}", 'OKP Ed25519', 'the key says what it is');
    is($key->{kid}, encode_base64url(sha256(
        qq({"crv":"Ed25519","kty":"OKP","x":"$key->{x}"}))), 'and its name');
    my $claims = decode_json(decode_base64url($body));
    is("$claims->{aud} $claims->{clinic} $claims->{type} $claims->{name}",
        "https://charts.example RIVERSIDE staff $doe{NAME}", 'claims');
    is($claims->{exp} - $claims->{iat}, 30, 'good for as long as was said');
    is_deeply($claims->{roles}, ['clinical'], 'roles');
    is_deeply($claims->{amr}, ['pwd'], 'how the person signed in');
    my $dir = File::Temp->newdir;
    my %file = (key => pack('H*', '302a300506032b6570032100')
            . decode_base64url($key->{x}),
        text => "$head.$body", signature => decode_base64url($signature),
        forged => "$head." . encode_base64url('{}'));
    for my $name (keys %file) {
        open my $out, '>:raw', "$dir/$name" or die "$name: $!";
        print {$out} $file{$name};
        close $out or die "$name: $!";
    }
    my $verify = sub {
        my ($status) = ClinicTest::capture('', qw(openssl pkeyutl -verify -pubin
            -rawin -keyform DER -inkey), "$dir/key", '-sigfile',
            "$dir/signature", '-in', "$dir/$_[0]");
        return $status;
    };
    is($verify->('text'), 0, 'the signature is right');
    isnt($verify->('forged'), 0, 'and not of another text');
    return;
}

sub check_open {
    my ($portal, $user) = @_;
    my ($seen) = headers_seen($user, '/app/open/');
    is($seen->{'x-clinic-user'}, 'DoeJ', 'open to all, it learns who it is');
    is($seen->{cookie}, undef, 'and sees no cookie of ours');
    ($seen) = headers_seen($portal->browser, '/app/open/',
        'X-Clinic-User' => 'DoeJ');
    is($seen->{'x-clinic-user'}, undef, 'or that it is nobody');
    return;
}

sub log_of {
    my ($portal) = @_;
    open my $file, '<', "$portal->{dir}/logs/who.log" or return '';
    local $/ = undef;
    return <$file>;
}

sub check_inside {
    my ($portal, $user) = @_;
    my $get = sub { $user->get($_[0], absolute => 1) };
    is($get->('/app/ssi/page.shtml')->{content}, 'RIVERSIDE+part+part',
        'server-side includes');
    is($get->('/app/dir/')->{content}, 'the index', 'mod_dir');
    like($get->('/app/dir/list/')->{content}, qr/one\.txt/, 'mod_autoindex');
    is($get->('/app/rewrite/mine')->{content}, 'for Riverside',
        'mod_rewrite reads the variables');
    is($get->('/app/rewrite/elsewhere')->{content}, 'the index',
        'an internal redirect to another guarded place');
    is($get->('/app/dir/?print')->{headers}{'x-printed-for'}, $doe{NAME},
        'mod_headers reads them, too');
    ok((grep { $_ eq '/app/cgi/show DoeJ@RIVERSIDE/staff RIVERSIDE' }
            split /\n/, log_of($portal)), 'and the log');
    my $answer = $get->('/denied/page.txt');
    is("$answer->{status} $answer->{content}",
        '403 the administrator says no', 'ErrorDocument 403');
    my $nobody = $portal->browser;
    is($nobody->get('/app/ssi/page.shtml', absolute => 1)->{status}, 303,
        'not signed in: nothing of it');
    is($nobody->get('/denied/page.txt', absolute => 1)->{status}, 303,
        'nor where the error document is guarded');
    return;
}

sub curl {
    my ($portal, $user, $method, $path, @more) = @_;
    my ($status, $said) = ClinicTest::capture('', 'curl', '-sS', '-X', $method,
        '-o', '-', '-w', '\n%{http_code}', '-b', $user->cookie_header, @more,
        $portal->origin . $path);
    my ($content, $code) = $said =~ /\A(.*)\n(\d+)\z/s;
    return ($code, $content);
}

sub check_dav {
    my ($portal, $user) = @_;
    my $nobody = $portal->browser;
    my $file = "$portal->{dir}/upload";
    open my $out, '>', $file or die "$file: $!";
    print {$out} 'a note';
    close $out or die "$file: $!";
    my ($code, $content) = curl($portal, $user, 'PUT', '/app/dav/note.txt',
        '-T', $file);
    is($code, 201, 'WebDAV: a file is put');
    ($code, $content) = curl($portal, $user, 'PROPFIND', '/app/dav/',
        '-H', 'Depth: 1');
    is($code, 207, 'the folder is listed');
    like($content, qr/note\.txt/, 'with it');
    ($code) = curl($portal, $user, 'COPY', '/app/dav/note.txt',
        '-H', 'Destination: ' . $portal->origin . '/app/dav/copy.txt');
    is($code, 201, 'copied');
    ($code, $content) = curl($portal, $user, 'GET', '/app/dav/copy.txt');
    is("$code $content", '200 a note', 'read');
    ($code) = curl($portal, $user, 'DELETE', '/app/dav/copy.txt');
    is($code, 204, 'removed');
    for my $method (qw(PUT PROPFIND DELETE OPTIONS)) {
        ($code, $content) = curl($portal, $nobody, $method,
            '/app/dav/note.txt');
        is("$code " . (decode_json($content)->{error}{code} // ''),
            '401 signed-out', "$method: not signed in");
    }
    return;
}

sub check_end {
    my ($portal, $user) = @_;
    my $path = '/app/dir/';
    is($user->get($path, absolute => 1)->{status}, 200, 'before');
    my $old = $user->cookie_header;
    $user->sign_out($user->get('/staff/'));
    is($user->get($path, absolute => 1, headers => { Cookie => $old })->{status},
        303, 'after logout nothing is served, even to the old cookie');
    $user->sign_in(qw(RIVERSIDE Staff DoeJ));
    is($user->get($path, absolute => 1)->{status}, 200, 'signed in again');
    $portal->ctl(qw(disable RIVERSIDE staff DoeJ));
    is($user->get($path, absolute => 1)->{status}, 303, 'after disabling, too');
    return;
}

on_each_database(sub {
    my ($portal) = @_;
    my $user = $portal->browser;
    $user->sign_in(qw(RIVERSIDE Staff DoeJ));
    check_variables($user, '/app/cgi/show', 'CGI');
    check_variables($user, '/app/php/show.php', 'PHP-FPM');
    check_kept($portal, '/app/cgi/show', 'CGI');
    check_kept($portal, '/app/php/show.php', 'PHP-FPM');
    $user->sign_in(qw(RIVERSIDE Staff DoeJ));
    check_proxy($user);
    check_open($portal, $user);
    check_inside($portal, $user);
    check_dav($portal, $user);
    check_end($portal, $user);
    $portal->claim('authz_core:error');
}, base => ['', '/portal'], after_conf => \&applications,
    modules => [qw(authz_user cgid proxy proxy_http proxy_fcgi include dav
        dav_fs autoindex)]);
$back->stop;

done_testing;
