#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# There are no random bytes for a while: nothing that needs some is given out,
# and whoever is signed in reads on.
use strict;
use warnings;

use Test::More;

use ClinicTest;
use Crowd;
use Preload;

my $source = Preload->make('no_random');

on_each_database(sub {
    my ($portal) = @_;
    my $crowd = Crowd->start($portal);
    my $reader = $portal->browser;
    $reader->sign_in(qw(RIVERSIDE Staff LeeC));
    my $visitor = $portal->browser;
    $visitor->get('/index.aspx?clinicID=RIVERSIDE');
    $crowd->meet('there are no random bytes', sub { $source->say('none') },
        sub { $source->say_nothing }, during => sub {
        is($reader->get("/staff/$_")->{status}, 200, "reads on: $_")
            for '', 'schedule', 'documents';
        my $stranger = $portal->browser;
        my $page = $stranger->get('/index.aspx?clinicID=RIVERSIDE');
        is($page->{status}, 503, 'no sign-in page without a visit of its own');
        is_deeply($stranger->{cookies}, {}, 'nor a cookie');
        is($visitor->get('/captcha/challenge?clinicID=RIVERSIDE')->{status},
            503, 'nor a challenge');
        is($portal->value('SELECT COUNT(*) FROM session WHERE token_hash = ?',
            'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'),
            0, 'no session has an empty token');
    });
    $crowd->part;
    $portal->claim('CP0201');
    $portal->claim_seen(qw(CP0301 CP0303));
}, Crowd::options(preload => [$source->{library}],
    env => { CP_NO_RANDOM => $source->{file} }));

done_testing;
