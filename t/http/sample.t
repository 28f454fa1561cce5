# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# The sample configuration as installed, also with its lines for PostgreSQL:
# httpd accepts it and serves a page that asks the database.
use strict;
use warnings;

use Test::More;

use ClinicTest;
use ConfigTest qw(accepted);
use Fixture    ();

sub sample {
    open my $in, '<', "$ENV{CP_DATA}/clinicportal.conf" or die "sample: $!";
    local $/;
    my $text = <$in>;
    close $in or die "sample: $!";
    return $text;
}

# All that `from` matches; there has to be something.
sub change {
    my ($text, $from, $to) = @_;
    my $count = $text =~ s/$from/ref $to ? $to->($1) : $to/eg;
    die "no $from in the sample" if !$count;
    return $text;
}

# As docs/install.md says: the lines of the comment, and not SQLite's.
sub with_postgres {
    my ($portal, $text) = @_;
    my $here = $portal->params;
    $text = change($text, qr/^DBDriver sqlite3\nDBDParams .*\n/m, '');
    $text = change($text, qr/^# {3}(DBD\w+ .*)/m, sub { $_[0] });
    return change($text, qr/host=\S+ dbname=\S+ user=\S+/, $here);
}

# The sample with the addresses and files of this portal.
sub filled_in {
    my ($portal) = @_;
    my $text = sample();
    my $origin = $portal->origin;
    $text = $portal->{driver} eq 'pgsql' ? with_postgres($portal, $text)
        : change($text, qr{/var/lib/clinicportal/portal\.db}, $portal->params);
    $text = change($text, qr{\S+/mod_clinicportal\.so}, $ENV{CP_MODULE});
    $text = change($text, qr{/etc/clinicportal\.secret}, "$portal->{dir}/secret");
    $text = change($text, qr{/var/lib/clinicportal/documents},
        $portal->{documents});
    $text = change($text, qr/#ClinicPortalOrigin .*/,
        "ClinicPortalOrigin $origin");
    return change($text, qr/#(ClinicPortalRequireTLS Off)/, sub { $_[0] });
}

# httpd's own part of the test's configuration, and the sample.
sub with_sample {
    my ($portal) = @_;
    my $own = $portal->configuration;
    $own =~ s/^LoadModule (?:dbd|clinicportal)_module .*\n//mg;
    $own =~ s/^(?:DBD|ClinicPortal)\w+ .*\n//mg;
    $own =~ s{^<Location /portal>.*?^</Location>\n}{}ms;
    return $own . filled_in($portal) . "ClinicPortalData $ENV{CP_DATA}\n";
}

on_each_database(sub {
    my ($portal) = @_;
    my $text = with_sample($portal);
    accepted($portal, 'the sample', [], text => $text);

    Fixture::write_file("$portal->{dir}/httpd.conf", $text);
    $portal->restart_fully;
    my $answer = $portal->browser->get('/index.aspx?clinicID=RIVERSIDE');
    is($answer->{status}, 200, 'and a page comes from it');
    like($answer->{content}, qr/Riverside/, 'with the name of the clinic');
}, base => '/portal');

done_testing;
