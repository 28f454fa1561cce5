#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# Other modules' statements on the same mod_dbd pool go on working when the
# portal has used a connection; and a virtual host whose DBD lines are for another
# module serves the portal from the database that the portal was configured with.
use strict;
use warnings;

use DBI ();
use MIME::Base64 qw(encode_base64);
use Test::More;

use ClinicTest;
use RawClient;

sub neighbour {
    my ($portal) = @_;
    chomp(my $hash = `openssl passwd -apr1 neighbour`);
    $portal->run_sql('CREATE TABLE neighbour (name TEXT PRIMARY KEY, hash TEXT)');
    $portal->run_sql("INSERT INTO neighbour VALUES ('anna', ?)", $hash);
    my $other = "$portal->{dir}/db/other.db";
    DBI->connect("dbi:SQLite:dbname=$other", '', '', { RaiseError => 1 })
        ->do('CREATE TABLE neighbour (name TEXT, hash TEXT)');
    chmod 0644, $other or die "$other: $!";
    $portal->put_file('basic/page.txt', 'by mod_authn_dbd');
    return <<"END";
<Location /basic>
    AuthType Basic
    AuthName neighbour
    AuthBasicProvider dbd
    AuthDBDUserPWQuery "SELECT hash FROM neighbour WHERE name = %s"
    Require valid-user
</Location>
<VirtualHost 127.0.0.1:$portal->{port}>
    ServerName localhost
</VirtualHost>
<VirtualHost 127.0.0.1:$portal->{port}>
    ServerName other.test
    DBDriver sqlite3
    DBDParams "$other"
</VirtualHost>
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
    my $client = RawClient->new($portal);
    $client->send_bytes(join "\r\n",
        "GET $portal->{base}/index.aspx?clinicID=RIVERSIDE HTTP/1.1",
        'Host: other.test', 'Connection: close', '', '');
    my $answer = $client->answer;
    is($answer->{status}, 200, 'a host with a database for others');
    like($answer->{content}, qr/Riverside Behavioral/, 'has the portal from its own');
}, base => '/portal', after_conf => \&neighbour,
    modules => [qw(auth_basic authn_dbd authz_user)]);

done_testing;
