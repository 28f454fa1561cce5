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
        for qw(app/home multi/page files/index);
    $portal->put_file("$_/one.txt", 'one') for qw(fallback index kept);
    $portal->put_file('app/part.html', 'the part');
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
    is($seen->{HTTP_X_CLINIC_TOKEN} // $seen->{HTTP_X_CLINICPORTAL_ROLE}, undef,
        "$what: nothing forged");
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
    check_cache($portal, $user);
}, base => '/portal', after_conf => \&places,
    modules => [qw(cgid include negotiation cache cache_disk)]);

done_testing;
