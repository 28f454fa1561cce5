# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# Who may see what: every address with an id, asked for by everybody; and no
# text of one clinic or person on a page of another.
use strict;
use warnings;

use Test::More;

use ClinicTest;
use Fixture qw(world save id_of);

my %people = (
    owner => ['RIVERSIDE', 'Patient', 'mlopez'],
    'other patient' => ['RIVERSIDE', 'Patient', 'tnguyen'],
    'namesake patient' => ['LAKEVIEW', 'Patient', 'mlopez'],
    clinician => ['RIVERSIDE', 'Staff', 'DoeJ'],
    'namesake clinician' => ['LAKEVIEW', 'Staff', 'DoeJ'],
    'sees all documents' => ['RIVERSIDE', 'Staff', 'SmithA'],
    'cares for nobody' => ['RIVERSIDE', 'Staff', 'LeeC'],
);

# By address below /staff or /patient: who gets it. Everybody else gets 404.
my @matrix = (
    ['documents/%s', 'document', 'RV document shared',
        'owner', 'clinician', 'sees all documents'],
    ['documents/%s/file', 'document', 'RV document shared',
        'owner', 'clinician', 'sees all documents'],
    ['documents/%s', 'document', 'RV document held',
        'clinician', 'sees all documents'],
    ['documents/%s/file', 'document', 'RV document held',
        'clinician', 'sees all documents'],
    ['documents/%s', 'document', 'LV document shared',
        'namesake patient', 'namesake clinician'],
    ['documents/%s/file', 'document', 'LV document shared',
        'namesake patient', 'namesake clinician'],
    ['messages/%s', 'thread', 'RV topic plan', 'owner', 'clinician'],
    ['messages/%s', 'thread', 'LV topic plan',
        'namesake patient', 'namesake clinician'],
);

sub home_of {
    my ($who) = @_;
    return '/' . lc $people{$who}[1];
}

# An answer without what differs from one request to the next.
sub bare {
    my ($answer) = @_;
    my $text = $answer->{content};
    $text =~ s/\b[0-9A-Z]{4}-[0-9A-Z]{4}\b/REFERENCE/g;
    $text =~ s/name="csrf" value="[^"]*"/CSRF/g;
    $text =~ s{<p [^>]* id="session-end" .*? </p>}{SESSION END}xs;
    return "$answer->{status} $text";
}

sub sign_everybody_in {
    my ($portal) = @_;
    my %browsers;
    for my $who (sort keys %people) {
        $browsers{$who} = $portal->browser;
        is($browsers{$who}->sign_in(@{ $people{$who} })->{status}, 303,
            "$who signs in");
    }
    return \%browsers;
}

sub check_row {
    my ($portal, $browsers, $row) = @_;
    my ($pattern, $table, $text, @allowed) = @$row;
    my $id = id_of($portal, $table, $text);
    my %may = map { $_ => 1 } @allowed;

    for my $who (sort keys %people) {
        my $path = home_of($who) . '/' . sprintf $pattern, $id;
        my $answer = $browsers->{$who}->get($path);
        my $wanted = $may{$who} ? 200 : 404;
        is($answer->{status}, $wanted, "$who asks for $pattern ($text)");
        next if $may{$who};
        my $missing = $path;
        $missing =~ s/\Q$id\E/reverse $id/e;
        is(bare($answer), bare($browsers->{$who}->get($missing)),
            'as if there were none');
        is($browsers->{$who}->json($path)->{json}{error}{code}, 'not-found',
            'in JSON, too');
    }
    check_signed_out($portal, sprintf $pattern, $id);
    return;
}

sub check_signed_out {
    my ($portal, $path) = @_;
    for my $home ('/staff', '/patient') {
        my $nobody = $portal->browser;
        is($nobody->get("$home/$path")->{status}, 303,
            'signed out: to the login page');
        my $answer = $nobody->json("$home/$path");
        is($answer->{status}, 401, 'signed out: 401 in JSON');
        unlike($answer->{content}, qr/\b[RL]V /, 'with nothing in it');
    }
    return;
}

# All pages that need no id, and those of what is on them.
sub pages_of {
    my ($browser, $home) = @_;
    my @paths = map { "$home/$_" } '', 'schedule?date=2026-03-07',
        'schedule?date=2026-03-07&view=week', 'documents', 'messages',
        'changes';
    for my $list (qw(documents messages)) {
        push @paths, $browser->get("$home/$list")->{content} =~
            m{href="($home/$list/[\w-]+)"}g;
    }
    return @paths;
}

sub everything {
    my ($browser, $home) = @_;
    return join "\n", map { ($browser->get($_)->{content},
        $browser->json($_)->{content}) } pages_of($browser, $home);
}

sub check_texts {
    my ($browsers) = @_;
    my %all = map { $_ => everything($browsers->{$_}, home_of($_)) }
        keys %people;

    for my $who (sort keys %people) {
        my $other = $people{$who}[0] eq 'RIVERSIDE' ? 'LV' : 'RV';
        my $own = $other eq 'LV' ? 'RV' : 'LV';
        like($all{$who}, qr/\b$own /, "$who sees texts of the own clinic");
        unlike($all{$who}, qr/\b$other /, "$who sees none of the other");
        next if $people{$who}[1] eq 'Staff';
        unlike($all{$who}, qr/[RL]V comment/, "$who sees no staff comment");
        unlike($all{$who}, qr/"comment"/, 'nor that there is one');
        unlike($all{$who}, qr/[RL]V document held/,
            "$who sees no unreleased document");
    }
    like($all{clinician}, qr/RV comment winter/, 'staff see the comment');
    like($all{clinician}, qr/RV document held/, 'and what is not released');
    like($all{owner}, qr/RV document shared/, 'the patient what is released');
    like($all{owner}, qr/RV instruction winter/, 'and the instruction');
    unlike($all{'other patient'},
        qr/Maria|RV (?:about|document|topic|first|instruction)/,
        'another patient sees nothing of it');
    unlike($all{'cares for nobody'},
        qr/Maria|RV (?:about|document|topic|first|instruction)/,
        'nor do staff without a part in it');
    unlike($all{'sees all documents'}, qr/RV (?:about|topic|first)/,
        'documents-all is about documents only');
    return;
}

# The one's cookie under the other's name and address.
sub check_crossed_cookies {
    my ($portal, $browsers) = @_;
    for my $pair (['owner', 'clinician'], ['clinician', 'owner']) {
        my ($who, $other) = @$pair;
        my $mine = 'clinicportal-' . lc $people{$who}[1];
        my $theirs = 'clinicportal-' . lc $people{$other}[1];
        my $token = $browsers->{$who}{cookies}{$mine};
        ok($token, "$who has a cookie of that kind");

        my $stranger = $portal->browser;
        $stranger->{cookies} = { $mine => $token };
        is($stranger->get(home_of($who) . '/')->{status}, 200,
            'which opens its own pages');
        is($stranger->get(home_of($other) . '/')->{status}, 303,
            'and not those of the other kind');
        $stranger->{cookies} = { $theirs => $token };
        is($stranger->json(home_of($other) . '/')->{status}, 401,
            'nor under the other name');
    }
    return;
}

# What is let go at a moment to come is not there yet.
sub check_release {
    my ($portal, $owner) = @_;
    my $id = id_of($portal, 'document', 'RV document held');
    my $set = 'UPDATE document SET released_at = ? WHERE document_id = ?';

    $portal->run_sql($set, (time + 3600) * 1_000_000, $id);
    is($owner->get("/patient/documents/$id")->{status}, 404,
        'to be released in an hour: not yet');
    is($owner->get("/patient/documents/$id/file")->{status}, 404,
        'nor its bytes');
    $portal->run_sql($set, (time - 3600) * 1_000_000, $id);
    is($owner->get("/patient/documents/$id")->{status}, 200,
        'released an hour ago: there');
    $portal->run_sql($set, undef, $id);
    is($owner->get("/patient/documents/$id")->{status}, 404,
        'taken back: gone again');
    return;
}

on_each_database(sub {
    my ($portal) = @_;
    my $browsers = sign_everybody_in($portal);

    check_texts($browsers);
    check_row($portal, $browsers, $_) for @matrix;
    check_crossed_cookies($portal, $browsers);
    check_release($portal, $browsers->{owner});
}, data => save(world()));

done_testing;
