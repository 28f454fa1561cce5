#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# The directory of the documents cannot be read, loses a file, and is full when
# an import copies into it.
use strict;
use warnings;

use Test::More;

use ClinicTest;
use Crowd;
use Fixture qw(world save id_of);

my @PATIENT = qw(RIVERSIDE Patient mlopez);

sub file_of {
    my ($user, $portal) = @_;
    my $id = id_of($portal, 'document', 'RV document shared');
    return $user->get("/patient/documents/$id/file");
}

# Who reads other things notices nothing.
sub meet_unreadable {
    my ($portal, $crowd) = @_;
    my $user = $portal->browser;
    $user->sign_in(@PATIENT);
    is(file_of($user, $portal)->{status}, 200, 'a document is read');
    my $mode = (stat $portal->{documents})[2] & 07777;
    my $met = $crowd->meet('the documents cannot be read',
        sub { chmod 0, $portal->{documents} },
        sub { chmod $mode, $portal->{documents} }, is_felt => 0, during => sub {
            my $answer = file_of($user, $portal);
            is($answer->{status}, 503, 'a document is asked for: 503');
            like($answer->{headers}{'retry-after'}, qr/^[1-9]/, 'come again');
            like($answer->{content}, qr/\b[0-9A-Z]{4}-[0-9A-Z]{4}\b/,
                'with a reference');
            is($user->get('/patient/documents')->{status}, 200,
                'the list of them is there');
        });
    is_deeply([grep { !/^(?:200|303)$/ } sort keys %$met], [],
        'whoever reads other things notices nothing');
    is(file_of($user, $portal)->{status}, 200, 'then it is read again');
    return $user;
}

sub lose_file {
    my ($portal, $user) = @_;
    my $key = $portal->value(
        "SELECT storage_key FROM document WHERE title = 'RV document shared'");
    my $path = "$portal->{documents}/$key";
    rename $path, "$path.away" or die "$path: $!";
    is(file_of($user, $portal)->{status}, 503, 'a file is lost: 503');
    symlink "$path.away", $path or die "$path: $!";
    is(file_of($user, $portal)->{status}, 503, 'a link in its place: 503');
    unlink $path or die "$path: $!";
    rename "$path.away", $path or die "$path: $!";
    is(file_of($user, $portal)->{status}, 200, 'restored, it is read');
    return;
}

# A limit for the size of files stands for a disk without room.
sub import_into_full {
    my ($portal) = @_;
    my $more = world();
    $more->{clinics}[0]{code} = 'FULLSIDE';
    splice @{ $more->{clinics} }, 1;
    my $path = save($more);
    my @import = ($portal->ctl_command, 'import', $path, '--documents',
        $portal->{documents});
    my $before = () = glob "$portal->{documents}/*";
    my ($status, $said) = ClinicTest::capture('', 'sh', '-c',
        'trap "" XFSZ; ulimit -f 0; exec "$@"', 'sh', @import);
    isnt($status, 0, 'an import without room fails');
    like($said, qr/documents/, 'and says of what');
    is($portal->value("SELECT COUNT(*) FROM clinic WHERE code = 'FULLSIDE'"), 0,
        'nothing of it is in the database');
    is(() = glob("$portal->{documents}/*"), $before, 'nor half a file left');
    is((ClinicTest::capture('', @import))[0], 0, 'with room it goes through');
    return;
}

on_each_database(sub {
    my ($portal) = @_;
    my $crowd = Crowd->start($portal);
    my $user = meet_unreadable($portal, $crowd);
    $crowd->part;
    lose_file($portal, $user);
    # SQLite's own file would meet the limit first.
    import_into_full($portal) if $portal->{driver} eq 'pgsql';
    $portal->claim('CP0532');
}, Crowd::options());

done_testing;
