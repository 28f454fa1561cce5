#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# There is no memory for what a page is about: it is an error then, and no page
# with nothing in it.
use strict;
use warnings;

use Test::More;

use ClinicTest;
use Preload;

my $source = Preload->make('no_memory');
my %json = (headers => { Accept => 'application/json' });

on_each_database(sub {
    my ($portal) = @_;
    my $visitor = $portal->browser;
    $source->say('sign_in_url');
    my $page = $visitor->get('/help');
    is($page->{status}, 500, 'a page without what it is about');
    like($page->{content}, qr/\b[0-9A-Z]{4}-[0-9A-Z]{4}\b/,
        'is an error page, with its reference');
    $page = $visitor->get('/help', %json);
    is($page->{status}, 500, 'so is JSON without its data');
    like($page->{content}, qr/"error":\s*\{/, 'in its form');
    $source->say('code');
    is($visitor->get('/index.aspx?clinicID=RIVERSIDE')->{status}, 500,
        'nor is there a page that does not say of which clinic');
    $source->say_nothing;
    is($visitor->get('/help')->{status}, 200, 'then all is well again');
    like($visitor->get('/help', %json)->{content}, qr/"sign_in_url"/,
        'in JSON, too');
    $portal->claim('CP0601');
}, drivers => ['sqlite3'], preload => [$source->{library}],
    env => { CP_NO_MEMORY => $source->{file} });

done_testing;
