#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# Other modules' statements on the same mod_dbd pool go on working when the
# portal has used a connection.
use strict;
use warnings;

use MIME::Base64 qw(encode_base64);
use Test::More;

use ClinicTest;

sub neighbour {
    my ($portal) = @_;
    chomp(my $hash = `openssl passwd -apr1 neighbour`);
    $portal->run_sql('CREATE TABLE neighbour (name TEXT PRIMARY KEY, hash TEXT)');
    $portal->run_sql("INSERT INTO neighbour VALUES ('anna', ?)", $hash);
    $portal->put_file('basic/page.txt', 'by mod_authn_dbd');
    return <<'END';
<Location /basic>
    AuthType Basic
    AuthName neighbour
    AuthBasicProvider dbd
    AuthDBDUserPWQuery "SELECT hash FROM neighbour WHERE name = %s"
    Require valid-user
</Location>
END
}

on_each_database(sub {
    my ($portal) = @_;
    my $login = 'Basic ' . encode_base64('anna:neighbour', '');
    my $user = $portal->browser;
    is($user->sign_in(qw(RIVERSIDE Staff DoeJ))->{status}, 303,
        'the portal uses the pool');
    for my $round (1 .. 8) {
        is($user->get('/staff/')->{status}, 200, 'the portal');
        my $answer = $user->get('/basic/page.txt', absolute => 1,
            headers => { Authorization => $login });
        is("$answer->{status} $answer->{content}", '200 by mod_authn_dbd',
            'and its neighbour');
    }
    is($portal->browser->get('/basic/page.txt', absolute => 1)->{status}, 401,
        'which guards as ever');
}, base => '/portal', after_conf => \&neighbour,
    modules => [qw(auth_basic authn_dbd authz_user)]);

done_testing;
