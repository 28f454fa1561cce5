# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# How much work a password's hash is: what the administrator says, or what is
# usual; and a hash of other work is renewed at the next sign-in.
use strict;
use warnings;

use Test::More;

use ClinicTest;
use Fixture qw(reconfigure);

my @DOE = qw(RIVERSIDE Staff DoeJ);
my $PASSWORD = 'demo-portal-passphrase';

sub passes {
    my ($portal) = @_;
    my $hash = $portal->value('SELECT password_hash FROM account'
        . " WHERE clinic_id = 'riverside' AND kind = 'staff'"
        . " AND username = 'DoeJ'");
    return $hash =~ /\A\$argon2id\$v=19\$m=19456,t=(\d+),p=1\$/ ? $1 : $hash;
}

sub status_of {
    my ($portal, @password) = @_;
    return $portal->browser->sign_in(@DOE, @password)->{status};
}

sub check_passes {
    my ($portal) = @_;
    is(passes($portal), 10, 'an import makes them as is usual');
    is(status_of($portal), 303, 'they are good for a portal that says nothing');
    is(passes($portal), 10, 'which has them the same');

    reconfigure($portal, server_conf => "ClinicPortalPasswordPasses 11\n");
    is(status_of($portal), 303, 'a right password');
    is(passes($portal), 11, 'renews the hash as the server says');

    reconfigure($portal, conf => "ClinicPortalPasswordPasses 12\n");
    is(status_of($portal, 'wrong'), 403, 'a wrong password');
    is(passes($portal), 11, 'renews nothing');
    is(status_of($portal), 303, 'a right one');
    is(passes($portal), 12, 'renews the hash as the portal says');
    is(status_of($portal), 303, 'and is right still');

    my ($status, $said) = $portal->try_ctl("$PASSWORD\n", qw(--passes 3 passwd
        RIVERSIDE staff DoeJ));
    is($status, 0, 'a new password') or diag $said;
    is(passes($portal), 3, 'as the command line was told');
    ($status, $said) = $portal->try_ctl("$PASSWORD\n", qw(passwd RIVERSIDE staff
        DoeJ));
    is($status, 0, 'another') or diag $said;
    is(passes($portal), 10, 'as is usual');
    $portal->run_sql("UPDATE account SET password_hash = NULL");
    $portal->ctl('--passes', 4, 'import', $portal->{data}, '--documents',
        $portal->{documents});
    is(passes($portal), 4, 'an import as the command line was told');

    reconfigure($portal, conf => "ClinicPortalPasswordPasses 2\n");
    is(status_of($portal), 303, 'less work, too');
    is(passes($portal), 2, 'is for the administrator to say');
    return;
}

sub check_words {
    my ($portal) = @_;
    for my $words (1, 101, 'ten', '', -2) {
        my ($status, $said) = $portal->try_ctl('', '--passes', $words, 'clinic',
            'list');
        is($status, 1, "--passes '$words' is refused");
        like($said, qr/--passes is a number from 2 to 100/, 'with the reason');
    }
    return;
}

on_each_database(sub {
    my ($portal) = @_;
    check_passes($portal);
    check_words($portal);
}, passes => 0);

done_testing;
