# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# The two clinics of the live tests, as an import document. Every text says
# whose it is: it begins with RV or LV, by clinic, so that a leak between
# clinics or people can be searched for.
#
#   RIVERSIDE  staff DoeJ (cares for mlopez), SmithA (documents-all), LeeC
#              (cares for nobody); patients mlopez, tnguyen
#   LAKEVIEW   staff DoeJ, patient mlopez: other people with the same names
package Fixture;
use strict;
use warnings;

use Exporter   qw(import);
use File::Temp ();
use JSON::PP   ();

our @EXPORT_OK = qw(world save many reconfigure id_of $PASSWORD);
our $PASSWORD = 'demo-portal-passphrase';

my $PDF = "%PDF-1.4\n" . join('', map { chr } 0 .. 255) . "\n%%EOF\n";

sub practitioner {
    my ($id) = @_;
    return { practitioner => $id };
}

sub patient {
    my ($id) = @_;
    return { patient => $id };
}

sub staff_account {
    my ($id, $username, @permissions) = @_;
    return { practitioner => $id, username => $username,
        password => $PASSWORD,
        permissions => ['staff-portal', @permissions] };
}

sub patient_account {
    my ($id) = @_;
    return { patient => $id, username => $id, password => $PASSWORD,
        permissions => ['patient-portal'] };
}

# Of that day, with all texts set.
sub appointment {
    my ($mark, $id, $start, $end, @participants) = @_;
    return { id => $id, status => 'booked', start => $start, end => $end,
        serviceType => "$mark service $id", description => "$mark about $id",
        location => "$mark room $id", comment => "$mark comment $id",
        patientInstruction => "$mark instruction $id",
        participant => \@participants };
}

sub document {
    my ($mark, $id, $patient, %more) = @_;
    return { id => $id, docStatus => 'final', title => "$mark document $id",
        category => "$mark category $id", patient => $patient,
        author => 'doe', date => '2026-03-02T09:30', file => "$mark-$id.pdf",
        file_name => "$mark $id.pdf", bytes => "$PDF$mark $id", %more };
}

sub thread {
    my ($mark, $id, $patient, %more) = @_;
    return { id => $id, topic => "$mark topic $id", patient => $patient,
        participant => [practitioner('doe'),
            { patient => $patient, unread => 2 }],
        messages => [
            { id => "$id-1", sent => '2026-03-02T08:15',
              sender => practitioner('doe'), payload => "$mark first $id" },
            { id => "$id-2", sent => '2026-03-02T08:45',
              sender => practitioner('doe'), payload => "$mark second $id" },
        ], %more };
}

sub riverside {
    return {
        code => 'RIVERSIDE', name => 'RV Riverside Clinic',
        time_zone => 'America/New_York',
        practitioners => [
            { id => 'doe', name => 'RV Jane Doe, PhD' },
            { id => 'smith', name => 'RV Ann Smith, MD' },
            { id => 'lee', name => 'RV Chris Lee, LCSW' }],
        patients => [{ id => 'mlopez', name => 'RV Maria Lopez' },
            { id => 'tnguyen', name => 'RV Tom Nguyen' }],
        care_team => [{ practitioner => 'doe', patient => 'mlopez' }],
        staff => [staff_account('doe', 'DoeJ'),
            staff_account('smith', 'SmithA', 'documents-all'),
            staff_account('lee', 'LeeC')],
        patient_accounts => [map { patient_account($_) } qw(mlopez tnguyen)],
        appointments => [
            appointment('RV', 'today', 'today 10:00', 'today 10:50',
                practitioner('doe'), patient('mlopez')),
            appointment('RV', 'winter', '2026-03-07T09:00',
                '2026-03-07T09:50', practitioner('doe'), patient('mlopez')),
            appointment('RV', 'summer', '2026-03-08T09:00',
                '2026-03-08T09:50', practitioner('doe'), patient('mlopez')),
            appointment('RV', 'late', '2026-03-07T23:30',
                '2026-03-08T00:15', practitioner('doe'), patient('mlopez'))],
        documents => [
            document('RV', 'shared', 'mlopez', released => '2026-03-03T12:00',
                file_name => "B\x{e9}fund \x{2713}.pdf"),
            document('RV', 'held', 'mlopez', reviewer => 'doe',
                waiting => JSON::PP::true)],
        threads => [thread('RV', 'plan', 'mlopez')],
    };
}

sub lakeview {
    return {
        code => 'LAKEVIEW', name => 'LV Lakeview Clinic',
        time_zone => 'America/Los_Angeles',
        practitioners => [{ id => 'doe', name => 'LV John Doe, LMFT' }],
        patients => [{ id => 'mlopez', name => 'LV Miguel Lopez' }],
        care_team => [{ practitioner => 'doe', patient => 'mlopez' }],
        staff => [staff_account('doe', 'DoeJ', 'documents-all')],
        patient_accounts => [patient_account('mlopez')],
        appointments => [
            appointment('LV', 'winter', '2026-03-07T09:00',
                '2026-03-07T09:50', practitioner('doe'), patient('mlopez'))],
        documents => [document('LV', 'shared', 'mlopez',
            released => '2026-03-03T12:00')],
        threads => [thread('LV', 'plan', 'mlopez')],
    };
}

sub world {
    return { clinics => [riverside(), lakeview()] };
}

# $count released documents and conversations more for tnguyen of RIVERSIDE,
# five of each at one moment.
sub many {
    my ($world, $count) = @_;
    my $clinic = $world->{clinics}[0];
    for my $i (1 .. $count) {
        my $at = sprintf '2026-02-01T09:%02d', int($i / 5);
        push @{ $clinic->{documents} }, document('RV', "many-$i", 'tnguyen',
            author => 'smith', date => $at, released => '2026-02-03T12:00',
            file => 'RV-many.pdf');
        push @{ $clinic->{threads} }, thread('RV', "many-$i", 'tnguyen',
            participant => [practitioner('smith'), patient('tnguyen')],
            messages => [{ id => "many-$i", sent => $at,
                sender => practitioner('smith'), payload => "RV said $i" }]);
    }
    return $world;
}

# Writes the world with its files; returns the import file's path. All of it
# goes away with the test.
sub save {
    my ($world) = @_;
    my $dir = File::Temp::tempdir('clinicportal-data-XXXXXX', TMPDIR => 1,
        CLEANUP => 1);
    for my $document (map { @{ $_->{documents} // [] } }
            @{ $world->{clinics} }) {
        write_file("$dir/$document->{file}", delete $document->{bytes});
    }
    write_file("$dir/import.json",
        JSON::PP->new->utf8->canonical->encode($world));
    return "$dir/import.json";
}

sub write_file {
    my ($path, $bytes) = @_;
    open my $file, '>:raw', $path or die "$path: $!";
    print {$file} $bytes;
    close $file or die "$path: $!";
    return;
}

# The public id of what was imported: document by title, thread by topic,
# appointment by description.
sub id_of {
    my ($portal, $table, $text) = @_;
    my %text_of = (document => 'title', thread => 'topic',
        appointment => 'description');
    return $portal->value(
        "SELECT ${table}_id FROM $table WHERE $text_of{$table} = ?", $text)
        // die "no $table $text";
}

# Another httpd.conf for a portal that runs, in force at once.
sub reconfigure {
    my ($portal, %changes) = @_;
    @$portal{ keys %changes } = values %changes;
    write_file("$portal->{dir}/httpd.conf", $portal->configuration);
    $portal->restart_fully;
    return;
}

1;
