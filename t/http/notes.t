#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# What the access log can tell: clinic, person, and the number that the person
# saw on an error page.
use strict;
use warnings;

use Test::More;

use ClinicTest;

sub log_lines {
    my ($portal) = @_;
    open my $file, '<', "$portal->{dir}/logs/notes.log" or die "notes.log: $!";
    chomp(my @lines = <$file>);
    return @lines;
}

sub line_for {
    my ($portal, $path) = @_;
    my ($line) = grep { /^\Q$portal->{base}$path\E / } log_lines($portal);
    return $line;
}

on_each_database(sub {
    my ($portal) = @_;
    my $base = $portal->{base};
    my $user = $portal->browser;
    $user->get('/index.aspx?clinicID=LAKEVIEW&LoginType=Staff');
    $user->sign_in(qw(RIVERSIDE Staff DoeJ));
    $user->get('/staff/');
    my $missing = $user->get('/staff/documents/AAAAAAAAAAAAAAAAAAAAAA');
    my ($reference) = $missing->{content} =~ /class="reference">([^<]+)</;
    my $denied = $user->get('/app/', absolute => 1);
    my ($other) = $denied->{content} =~ /class="reference">([^<]+)</;
    $user->get('/open/', absolute => 1);
    $user->get('/help');    # so that all before it is written

    my $doe = 'RIVERSIDE DoeJ@RIVERSIDE/staff';
    is(line_for($portal, '/index.aspx'), "$base/index.aspx LAKEVIEW - -",
        'a clinic, and nobody');
    is(line_for($portal, '/staff/'), "$base/staff/ $doe -", 'somebody');
    is(line_for($portal, '/staff/documents/AAAAAAAAAAAAAAAAAAAAAA'),
        "$base/staff/documents/AAAAAAAAAAAAAAAAAAAAAA $doe $reference",
        'an error, with its number');
    ok((grep { $_ eq "/app/ $doe $other" } log_lines($portal)),
        'a guarded place that refuses');
    ok((grep { $_ eq "/open/ $doe -" } log_lines($portal)), 'or lets through');
    $portal->claim('authz_core:error');
}, base => '/portal', after_conf => sub {
    my ($portal) = @_;
    mkdir "$portal->{dir}/www/$_" or die "$_: $!" for qw(app open);
    return <<"END";
LogFormat "%U %{clinicportal-clinic}n %{clinicportal-user}n %{clinicportal-reference}n" notes
CustomLog $portal->{dir}/logs/notes.log notes
<Location /app>
    AuthType ClinicPortal
    Require clinic-role nobody-has-it
</Location>
<Location /open>
    AuthType ClinicPortal
    Require clinic-user
</Location>
END
});

done_testing;
