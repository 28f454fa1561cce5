#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# There are no random bytes for a while: nothing that needs some is given out,
# and whoever is signed in reads on.
use strict;
use warnings;

use File::Temp qw(tempdir);
use Test::More;

use ClinicTest;
use Crowd;

my $dir = tempdir('clinicportal-random-XXXXXX', TMPDIR => 1, CLEANUP => 1);
chmod 0755, $dir or die "$dir: $!";
my $flag = "$dir/none";
ClinicTest::must(qw(cc -shared -fPIC -o), "$dir/no_random.so",
    "$ENV{CP_SRCDIR}/t/fake/no_random.c", '-ldl');

on_each_database(sub {
    my ($portal) = @_;
    my $crowd = Crowd->start($portal);
    my $reader = $portal->browser;
    $reader->sign_in(qw(RIVERSIDE Staff LeeC));
    my $visitor = $portal->browser;
    $visitor->get('/index.aspx?clinicID=RIVERSIDE');
    $crowd->meet('there are no random bytes', sub {
        open my $file, '>', $flag or die "$flag: $!";
        close $file or die "$flag: $!";
    }, sub { unlink $flag or die "$flag: $!" }, during => sub {
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
}, Crowd::options(preload => ["$dir/no_random.so"],
    env => { CP_NO_RANDOM => $flag }));

done_testing;
