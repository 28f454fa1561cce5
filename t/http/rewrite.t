# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# Rules of mod_rewrite that lead into the portal and out of it.
use strict;
use warnings;
use FindBin ();
use lib "$FindBin::Bin/../lib";
use Test::More;

use ClinicTest;
use RawClient ();

sub raw_get {
    my ($portal, $path, $cookies) = @_;
    return RawClient::ask($portal, "GET $path HTTP/1.1\r\n"
        . "Host: elsewhere.example\r\nCookie: $cookies\r\n"
        . "Connection: close\r\n\r\n");
}

# A rule that leads into the portal from outside its Location.
sub rewritten_in {
    my ($portal) = @_;
    my $user = $portal->browser;
    my $home = $user->sign_in('RIVERSIDE', 'Staff', 'DoeJ');
    my $cookies = $user->cookie_header;

    is($home->{status}, 303, 'signed in');
    for my $path ('/shortcut', '/portal/staff/') {
        my $answer = raw_get($portal, $path, $cookies);
        is($answer->{status}, 200, "$path shows the home page");
        is($answer->{headers}{'cache-control'}, 'no-store',
            "$path is not kept by any cache");
        like($answer->{headers}{'content-security-policy'} // '',
            qr/frame-ancestors 'none'/, "$path stands in no frame");
    }
    return;
}

# A rule that leads out of it, to a path shorter than the portal's.
sub rewritten_out {
    my ($portal) = @_;
    my $answer = raw_get($portal, '/portal/out', 'a=b');

    is($answer->{status}, 200, 'the rule is followed');
    is($answer->{content}, "outside\n", 'to a file outside the portal');
    is(raw_get($portal, '/portal/file', 'a=b')->{content}, "outside\n",
        'as is one that names the file itself');
    return;
}

on_each_database(sub {
    my ($portal) = @_;
    open my $file, '>', "$portal->{dir}/www/o" or die "o: $!";
    print {$file} "outside\n";
    close $file or die "o: $!";
    rewritten_in($portal);
    rewritten_out($portal);
}, base => '/portal', server_conf => <<'END');
RewriteEngine On
RewriteRule ^/shortcut$ /portal/staff/ [PT]
RewriteRule ^/portal/out$ /o [PT]
RewriteRule ^/portal/file$ %{DOCUMENT_ROOT}/o
END

done_testing;
