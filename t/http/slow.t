# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# Forms that do not arrive in time.
use strict;
use warnings;

use JSON::PP ();
use Test::More;

use ClinicTest;
use RawClient;

# The answer to this head, and to what follows it while the client stays.
sub answer_to {
    my ($portal, $path, $headers, $bytes) = @_;
    my $client = RawClient->new($portal);
    my $head = "POST $path HTTP/1.1\r\nHost: localhost:$portal->{port}\r\n"
        . "Content-Type: application/x-www-form-urlencoded\r\n"
        . join '', map { "$_\r\n" } @$headers;
    $client->send_bytes("$head\r\n$bytes");
    return ($client->answer, $client);
}

sub check_slow {
    my ($portal) = @_;
    my @cases = (
        ['a body cut short', ['Content-Length: 400'], 'csrf=half'],
        ['a chunk cut short', ['Transfer-Encoding: chunked'], "9\r\ncsrf"],
        ['a body that never comes', ['Content-Length: 400'], ''],
    );
    for my $case (@cases) {
        my ($why, $headers, $bytes) = @$case;
        my ($answer, $client) = answer_to($portal, '/login', $headers, $bytes);
        is($answer->{status}, 408, $why);
        like($answer->{content}, qr{<h1[^>]*>The connection was too slow</h1>},
            'says what it was');
        like($answer->{content}, qr/nothing was saved/i, 'and what became of it');
        is($client->answer, undef, 'and no more is read');
    }
    my ($answer) = answer_to($portal, '/login',
        ['Content-Length: 400', 'Accept: application/json'], 'csrf=half');
    is($answer->{status}, 408, 'a program');
    is(JSON::PP::decode_json($answer->{content})->{error}{code}, 'too-slow',
        'has a code');
    return;
}

# A form for an application, which the portal would keep over the sign-in.
sub check_guarded {
    my ($portal) = @_;
    my ($answer) = answer_to($portal, '/app/save', ['Content-Length: 400',
        'Accept: text/html', 'Sec-Fetch-Mode: navigate',
        'Sec-Fetch-Site: same-origin'], 'x=half');
    is($answer->{status}, 408, 'half a form to be kept');
    like($answer->{content}, qr/nothing was saved/i, 'is not');
    is($portal->value('SELECT COUNT(*) FROM kept_request'), 0, 'indeed');
    return;
}

on_each_database(sub {
    my ($portal) = @_;
    check_slow($portal);
    check_guarded($portal);
    is($portal->browser->get('/help')->{status}, 200, 'the portal goes on');
}, drivers => ['sqlite3'], server_conf => "RequestReadTimeout body=1\n",
    after_conf => <<'END');
<Location /app/>
    AuthType ClinicPortal
    ClinicPortalLogin /
    Require clinic-user
</Location>
END

done_testing;
