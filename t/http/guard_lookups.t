#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# One look-up of the session for one request of a client, whatever httpd makes
# of it: sub-requests, includes, internal redirects, error documents.
use strict;
use warnings;

use Test::More;

use ClinicTest;

# session_find of PostgreSQL, counting how often it is run.
sub counting {
    open my $file, '<', "$ENV{CP_SRCDIR}/conf/sql/session.sql" or die "sql: $!";
    my $sql = do { local $/; <$file> };
    close $file or die "sql: $!";
    my ($text) = $sql =~ /^-- name: session_find \(pgsql\)\n(.*?)\n\n/ms;
    $text =~ s/^\s*FROM session s$/, nextval('look_ups') AS "look_up:int"\n  FROM session s/m
        or die 'session_find has changed';
    $text =~ s/\s+/ /g;
    $text =~ s/"/\\"/g;
    return "ClinicPortalSQL session_find \"$text\"\n";
}

sub applications {
    my ($portal) = @_;
    my $www = "$portal->{dir}/www";
    $portal->run_sql('CREATE SEQUENCE IF NOT EXISTS look_ups');
    my $include = '<!--#include virtual="/app/part.html" -->'
        . '<!--#include virtual="/other/part.html" -->';
    $portal->put_file('app/page.shtml', $include x 5);
    $portal->put_file("$_/part.html", 'part+') for qw(app other);
    $portal->put_file('app/index.html', 'index');
    $portal->put_file('other/404.html', 'not here');
    $portal->put_file("app/list/$_.txt", $_) for 1 .. 5;
    return <<"END";
<Directory $www>
    Options +Includes +Indexes
    AddOutputFilter INCLUDES .shtml
    DirectoryIndex no.html index.html
</Directory>
<Location /app>
    AuthType ClinicPortal
    Require clinic-user
    ErrorDocument 404 /other/404.html
</Location>
<Location /other>
    AuthType ClinicPortal
    Require clinic-type staff
</Location>
<Directory $www/app>
    RewriteEngine On
    RewriteRule ^twice\$ /other/part.html
</Directory>
END
}

sub check {
    my ($portal, $user, $path, $text) = @_;
    my $before = $portal->value("SELECT nextval('look_ups')");
    my $answer = $user->get($path, absolute => 1);
    like($answer->{content}, $text, "$path is answered");
    is($portal->value("SELECT nextval('look_ups')") - $before - 1, 1,
        "$path: one look-up");
    return;
}

my $portal = ClinicTest->start(driver => 'pgsql', base => '/portal',
    conf => counting(), after_conf => \&applications,
    modules => [qw(include autoindex)]);
my $user = $portal->browser;
$user->sign_in(qw(RIVERSIDE Staff DoeJ));
check($portal, $user, '/app/page.shtml', qr/^(?:part\+){10}$/);
check($portal, $user, '/app/', qr/^index$/);
check($portal, $user, '/app/list/', qr/5\.txt/);
check($portal, $user, '/app/nothing', qr/^not here$/);
check($portal, $user, '/app/twice', qr/^part\+$/);
check($portal, $user, '/app/part.html', qr/^part\+$/);
$portal->stop;
$portal->log_is_clean;

done_testing;
