#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# However httpd comes to a guarded program (an index, a fallback, an error
# document, an include), the program sees no cookie of ours and nothing that a
# client made up, and what it says is kept by nobody.
use strict;
use warnings;

use JSON::PP qw(decode_json);
use Test::More;

use ClinicTest;

my $SHOW = <<'END';
#!/usr/bin/perl
use JSON::PP;
print "Content-Type: application/json\r\n\r\n",
    JSON::PP->new->canonical->encode(\%ENV);
END

sub files {
    my ($portal) = @_;
    $portal->put_file("$_.cgi", $SHOW, 0755)
        for qw(app/home multi/page files/index deny/env lost/env any/env
            patients/env);
    $portal->put_file("$_/one.txt", 'one') for qw(fallback index kept led);
    $portal->put_file('app/part.html', 'the part');
    $portal->put_file('lost/.htaccess', "ClinicPortalLogin /nowhere\n"
        . "ErrorDocument 500 /lost/env.cgi\n");
    $portal->put_file('staff/page.shtml',
        '<!--#include virtual="/patients/env.cgi" -->');
    $portal->put_file('any.shtml', '<!--#include virtual="/any/env.cgi" -->');
    # Old enough to be kept for a while.
    utime 1, 1, map { "$portal->{dir}/www/$_" } qw(app/part.html kept/one.txt)
        or die "utime: $!";
    mkdir "$portal->{dir}/cache" or die "cache: $!";
    chmod 0777, "$portal->{dir}/cache" or die "cache: $!";
    return;
}

sub places {
    my ($portal) = @_;
    my $www = "$portal->{dir}/www";
    my $guard = "AuthType ClinicPortal\nClinicPortalLogin $portal->{base}\n"
        . "ClinicPortalHeaders X-Clinic-\n";
    files($portal);
    return <<"END";
ScriptSock $portal->{dir}/logs/cgid
CacheRoot $portal->{dir}/cache
CacheEnable disk /kept
<Directory $www>
    Options +ExecCGI +Includes +MultiViews
    MultiviewsMatch Any
    AddHandler cgi-script .cgi
    AddOutputFilter INCLUDES .shtml
</Directory>
<Directory $www/fallback>
    FallbackResource /app/home.cgi
</Directory>
<Directory $www/index>
    DirectoryIndex /app/home.cgi
</Directory>
<Directory $www/kept>
    DirectoryIndex /app/part.html
</Directory>
<Directory $www/files>
    DirectoryIndex index.cgi
    <Files index.cgi>
        $guard
        Require all granted
    </Files>
</Directory>
<Directory $www/multi>
    <FilesMatch "\\.cgi\$">
        $guard
        Require clinic-user
    </FilesMatch>
</Directory>
<Location /app>
    $guard
    Require clinic-user
</Location>
<Location /deny>
    $guard
    Require clinic-user
    Order allow,deny
    Deny from all
    ErrorDocument 403 /deny/env.cgi
</Location>
<Directory $www/lost>
    AllowOverride All
</Directory>
<Location /lost>
    AuthType ClinicPortal
    ClinicPortalHeaders X-Clinic-
    Require clinic-user
</Location>
<Location /any>
    $guard
    Require clinic-user
    Order allow,deny
    Allow from all
    Satisfy Any
</Location>
<Directory $www/led>
    DirectoryIndex /any/env.cgi
</Directory>
<Location /staff>
    AuthType ClinicPortal
    ClinicPortalLogin $portal->{base} staff
    Require clinic-user
</Location>
<Location /patients>
    AuthType ClinicPortal
    ClinicPortalLogin $portal->{base} patient
    Require all granted
</Location>
<Location /index>
    AuthType ClinicPortal
    ClinicPortalLogin $portal->{base}
    ClinicPortalHeaders X-Other-
    Require all granted
</Location>
END
}

my %FORGED = ('X-Clinic-User' => 'SmithA', 'X-ClinicPortal-Role' => 'king',
    'X-Clinic-Token' => 'made-up');

# What the program was told at that path.
sub told {
    my ($user, $path, $what) = @_;
    my $answer = $user->get($path, absolute => 1, headers => { %FORGED,
        Cookie => join '; ', 'theme=dark', $user->cookie_header || () });
    my $seen = eval { decode_json($answer->{content}) };
    ok($seen, "$what: the program answers")
        or diag "$answer->{status} $answer->{content}";
    return ($seen // {}, $answer);
}

sub sees_nothing {
    my ($seen, $what) = @_;
    is($seen->{HTTP_COOKIE}, 'theme=dark', "$what: no cookie of ours");
    is(join(' ', grep { /CLINICPORTAL_ROLE|CLINIC_TOKEN|HTTP_X_CLINIC_USER/
                && $seen->{$_} =~ /king|made-up|SmithA/ } sort keys %$seen), '',
        "$what: nothing forged");
    is(join(' ', grep { $seen->{$_} =~ /clinicportal-staff=/ } sort keys %$seen),
        '', "$what: nor in any variable");
    return;
}

sub check_led {
    my ($portal, $user) = @_;
    my %path = (FallbackResource => '/fallback/nothing',
        DirectoryIndex => '/index/', MultiViews => '/multi/page',
        Files => '/files/');
    for my $way (sort keys %path) {
        my ($seen, $answer) = told($user, $path{$way}, $way);
        sees_nothing($seen, $way);
        is($seen->{HTTP_X_CLINIC_USER}, 'DoeJ', "$way: who it is");
        is($seen->{REMOTE_USER}, 'DoeJ@RIVERSIDE/staff', "$way: REMOTE_USER");
        is($seen->{CLINICPORTAL_USER}, 'DoeJ', "$way: variables");
        is($answer->{headers}{'cache-control'}, 'private', "$way: private");
    }
    my ($seen) = told($portal->browser, $path{Files}, 'nobody');
    sees_nothing($seen, 'nobody');
    is($seen->{HTTP_X_CLINIC_USER}, undef, 'nobody is SmithA');
    is($portal->browser->get($path{$_}, absolute => 1)->{status}, 401,
        "$_ opens nothing") for qw(DirectoryIndex FallbackResource);
    return;
}

# Programs that run though nobody was asked who it is.
sub check_not_asked {
    my ($portal, $user) = @_;
    my @asks = (['ErrorDocument 403', 403, '/deny/x'],
        ['ErrorDocument 500', 500, '/lost/x'],
        ['Satisfy Any', 200, '/any/env.cgi'],
        ['Satisfy Any, included', 200, '/any.shtml'],
        ['Satisfy Any, an index', 200, '/led/']);
    for my $ask (@asks) {
        my ($what, $status, $path) = @$ask;
        for my $browser ($user, $portal->browser) {
            my ($seen, $answer) = told($browser, $path, $what);
            is($answer->{status}, $status, "$what: $status");
            sees_nothing($seen, $what);
            is($seen->{HTTP_X_CLINIC_USER} // $seen->{REMOTE_USER}, undef,
                "$what: nobody");
        }
    }
    unlike($user->get('/any.shtml', absolute => 1)->{content},
        qr/clinicportal-staff=/, 'nor where there is no other cookie');
    return;
}

# A part for patients in a page for staff.
sub check_other_kind {
    my ($user) = @_;
    my ($seen) = told($user, '/staff/page.shtml', 'a part for patients');
    is(join(' ', grep { /^(?:CLINICPORTAL|REMOTE_USER|AUTH_TYPE)/ }
        sort keys %$seen), '', 'a member of staff is nobody there');
    return;
}

# An index that is in a guarded place.
sub check_cache {
    my ($portal, $user) = @_;
    my $nobody = $portal->browser;
    my $answer = $user->get('/kept/', absolute => 1);
    is("$answer->{status} $answer->{content}", '200 the part', 'an index');
    is($answer->{headers}{'cache-control'}, 'private', 'is private');
    is($nobody->get('/kept/', absolute => 1)->{status}, 401,
        'the cache does not have it');
    is($user->get('/kept/one.txt', absolute => 1)->{content}, 'one', 'others');
    like($nobody->get('/kept/one.txt', absolute => 1)->{headers}{age} // '',
        qr/^\d+$/, 'it has');
    return;
}

on_each_database(sub {
    my ($portal) = @_;
    my $user = $portal->browser;
    $user->sign_in(qw(RIVERSIDE Staff DoeJ));
    check_led($portal, $user);
    check_not_asked($portal, $user);
    check_other_kind($user);
    check_cache($portal, $user);
    $portal->claim('access_compat:error', 'CP0701');
}, base => '/portal', after_conf => \&places,
    modules => [qw(access_compat cgid include negotiation cache
        cache_disk)]);

done_testing;
