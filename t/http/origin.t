# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# An origin that names its port: browsers leave a scheme's own port out.
use strict;
use warnings;

use Test::More;

use ClinicTest;

# Where it is mounted, what is configured, which origins are that one, and which
# are another.
my @ORIGINS = (
    ['http', 'http://clinic.example:80', ['http://clinic.example'],
        ['https://clinic.example', 'http://clinic.example:8080']],
    ['https', 'https://Clinic.example:443/', ['https://clinic.example'],
        ['http://clinic.example', 'https://clinic.example:80']],
    ['six', 'https://[2001:db8::443]:443', ['https://[2001:db8::443]'],
        ['https://[2001:db8:']],
    ['none', 'https://clinic.example:', ['https://clinic.example'],
        ['https://clinic.example:']],
    ['other', 'http://clinic.example:443', ['http://clinic.example:443'],
        ['http://clinic.example']],
);

sub mount {
    my ($path, $origin) = @_;
    return <<"END";
<Location /$path>
    Require all granted
    ClinicPortal On
    ClinicPortalRequireTLS Off
    ClinicPortalOrigin $origin
</Location>
END
}

sub answer_to {
    my ($portal, $path, $origin) = @_;
    my $there = bless { %$portal, base => "/$path", owner => 0 }, 'ClinicTest';
    my $user = $there->browser;
    my $fields = $user->sign_in_fields('RIVERSIDE', 'Staff', 'DoeJ');
    return $user->post('/login', $fields, headers => { Origin => $origin });
}

on_each_database(sub {
    my ($portal) = @_;
    for my $row (@ORIGINS) {
        my ($path, $configured, $own, $others) = @$row;
        is(answer_to($portal, $path, $_)->{status}, 303, "$_ is $configured")
            for @$own;
        is(answer_to($portal, $path, $_)->{status}, 403, "$_ is not")
            for @$others;
    }
}, drivers => ['sqlite3'], after_conf => sub {
    my ($portal) = @_;
    return "ClinicPortalSecret file:$portal->{dir}/secret\n"
        . join '', map { mount(@$_[0, 1]) } @ORIGINS;
});

done_testing;
