# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# Home, schedule, documents, messages and changes as a signed-in person gets
# them, in HTML and in JSON.
use strict;
use warnings;

use Test::More;

use ClinicTest;
use Fixture qw(world save many id_of);
use Wait    qw(pass_midnight);

# What a page of HTML says, without tags.
sub text_of {
    my ($answer) = @_;
    my ($text) = $answer->{content} =~ m{<main\b[^>]*>(.*)</main>}s;
    $text =~ s/<[^>]*>/ /g;
    $text =~ s/\s+/ /g;
    return Browser::unescape($text);
}

# Every string of a model that a person reads, without addresses and codes.
sub strings_of {
    my ($value, $name) = @_;
    return map { strings_of($_, $name) } @$value if ref $value eq 'ARRAY';
    return map { strings_of($value->{$_}, $_) } sort keys %$value
        if ref $value eq 'HASH';
    return if ref $value || !defined $value;
    return if $name =~ /^(?:id|message_id|.*_url|url|status|doc_status|content_type|date)$/
        || $name =~ /^(?:priority|folder)$/;
    return $value if $value =~ /[A-Za-z]/;
    return;
}

sub signed_in {
    my ($portal, @who) = @_;
    my $user = $portal->browser;
    is($user->sign_in(@who)->{status}, 303, "$who[2] of $who[0] signs in");
    return $user;
}

# One page in both forms: same strings, both framed by clinic and person.
sub check_both_forms {
    my ($user, $path, $clinic, $person) = @_;
    my $html = $user->get($path);
    my $json = $user->json($path);

    is($html->{status}, 200, "$path answers");
    like($html->{headers}{'content-type'}, qr{^text/html}, "$path is HTML");
    like($json->{headers}{'content-type'}, qr{^application/json},
        "$path is JSON where that is asked for");
    is_deeply([sort keys %{ $json->{json} }], [qw(data page)],
        "$path has data and page");
    like($html->{content}, qr{<form[^>]*method="post"[^>]*/logout"},
        "$path has a logout button");
    like($html->{content}, qr{class="brand">.*?\Q$clinic\E}, "$path: clinic");
    like($html->{content}, qr{class="who"><a[^>]*>\Q$person\E}, "$path: person");
    is($json->{json}{page}{clinic}{name}, $clinic, "$path: clinic, JSON");
    is($json->{json}{page}{person}{name}, $person, "$path: person, JSON");
    my $all = join ' ', $html->{content};
    utf8::decode($all);
    $all = Browser::unescape($all);
    my @missing = grep { index($all, $_) < 0 }
        strings_of($json->{json}{data}, '');
    is_deeply(\@missing, [], "$path says in HTML what it says in JSON");
    return $json->{json}{data};
}

sub check_home {
    my ($staff, $patient) = @_;
    my $data = check_both_forms($staff, '/staff/', 'RV Riverside Clinic',
        'RV Jane Doe, PhD');
    my ($today) = @{ $data->{today}{appointments} };
    is($today->{with}, 'RV Maria Lopez', 'staff see whom they meet today');
    like($today->{starts_at}, qr/T10:00:00-0[45]:00$/,
        'at the time of the clinic, with its offset');
    is($data->{waiting}{count}, 1, 'one document to review');

    $data = check_both_forms($patient, '/patient/', 'RV Riverside Clinic',
        'RV Maria Lopez');
    is($data->{today}{appointments}[0]{with}, 'RV Jane Doe, PhD',
        'the patient sees whom to meet');
    is($data->{unread}{count}, 2, 'two unread messages');
    is($data->{waiting}{documents}[0]{title}, 'RV document shared',
        'the document not opened yet');
    return;
}

# ICU puts a narrow no-break space between the time and AM or PM.
sub plain {
    my ($text) = @_;
    $text =~ s/\x{202f}/ /g;
    return $text;
}

sub days_of {
    my ($user, $query) = @_;
    my $data = $user->json("/staff/schedule?$query")->{json}{data};
    return map {
        my $day = $_;
        map { "$day->{date} $_->{starts_at} $_->{ends_at} "
            . plain($_->{time_text}) }
            @{ $day->{appointments} }
    } @{ $data->{days} };
}

# Clocks went forward in New York on 8 March 2026.
sub check_schedule {
    my ($user) = @_;
    is_deeply([days_of($user, 'date=2026-03-07')],
        ["2026-03-07 2026-03-07T09:00:00-05:00 2026-03-07T09:50:00-05:00 "
            . '9:00 AM',
         '2026-03-07 2026-03-07T23:30:00-05:00 2026-03-08T00:15:00-05:00 '
            . '11:30 PM'],
        'the day before: five hours behind; past midnight stays its day');
    is_deeply([days_of($user, 'date=2026-03-08&view=day')],
        ['2026-03-08 2026-03-08T09:00:00-04:00 2026-03-08T09:50:00-04:00 '
            . '9:00 AM'], 'the day itself: nine by the new time');
    is_deeply([days_of($user, 'date=2026-03-05&view=week')],
        [days_of($user, 'date=2026-03-07')],
        'the week before, from Sunday to Saturday');
    is_deeply([days_of($user, 'date=2026-03-14&view=week')],
        [days_of($user, 'date=2026-03-08')], 'the week that begins with it');

    my $week = check_both_forms($user,
        '/staff/schedule?date=2026-03-05&view=week', 'RV Riverside Clinic',
        'RV Jane Doe, PhD');
    is(scalar @{ $week->{days} }, 7, 'a week has seven days');
    like($week->{next_url}, qr/date=2026-03-12&view=week/, 'the next week');
    like($week->{previous_url}, qr/date=2026-02-26/, 'the previous week');

    my %zone = ('2026-03-07' => 'Eastern Standard Time',
        '2026-03-08' => 'Eastern Daylight Time',
        '2026-03-08&view=week' => 'Eastern Daylight Time');
    is($user->json("/staff/schedule?date=$_")->{json}{data}{zone_text},
        $zone{$_}, "$_: the name of the time that holds") for sort keys %zone;

    my $empty = $user->get('/staff/schedule?date=2025-01-01');
    like(text_of($empty), qr/No appointments this day\. See the whole week/,
        'an empty day says so and where to look');
    like(text_of($user->get('/staff/schedule?date=2025-01-01&view=week')),
        qr/No appointments this week\. See the next week/, 'so does a week');
    return;
}

sub check_refusals {
    my ($user) = @_;
    my @bad = (
        'schedule?date=2026-02-30', 'schedule?date=2026-2-3',
        'schedule?date=tomorrow', 'schedule?date=', 'schedule?date=2026-03-08Z',
        'schedule?date=99999-01-01', 'schedule?view=month', 'schedule?view=',
        'schedule?view=day&view=day', 'schedule?date=%zz',
        'schedule?date=2026-03-08%00', 'documents?after=x', 'documents?after=',
        'documents?after=AAAA', 'messages?after=%ff', 'messages?folder=trash',
        'messages?folder=inbox&Folder=inbox',
        'messages?after=' . 'A' x 5000);
    for my $path (@bad) {
        my $answer = $user->get("/staff/$path");
        is($answer->{status}, 400, substr("$path is refused", 0, 60));
        my $json = $user->json("/staff/$path")->{json};
        is($json->{error}{code}, 'bad-request', 'in JSON, too')
            or diag explain $json;
    }
    my $none = 'A' x 22;
    for my $path ("documents/$none", "documents/$none/file",
            "messages/$none", 'documents/x', 'nothing') {
        my $answer = $user->json("/staff/$path");
        is($answer->{status}, 404, "$path is not found");
        like($answer->{json}{error}{reference}, qr/^\w{4}-\w{4}$/,
            'with a reference');
    }
    is($user->get('/staff/schedule?utm_source=x')->{status}, 200,
        'an unknown parameter is ignored');
    return;
}

sub version_of {
    my ($user) = @_;
    return $user->get('/patient/changes')->{headers}{etag};
}

# The version that a page says it has, in both forms.
sub is_of_version {
    my ($user, $path, $tag, $why) = @_;
    my ($said) = $user->get($path)->{content} =~ /data-version="(\d+)"/;
    is(qq("$said"), $tag, $why);
    is($user->json($path)->{json}{page}{version}, $tag =~ s/"//gr, 'in JSON');
    return;
}

# The unread count falls and the version rises when a conversation is read.
sub check_reading {
    my ($portal, $patient) = @_;
    my $id = id_of($portal, 'thread', 'RV topic plan');
    my $tag = version_of($patient);
    my $same = $patient->get('/patient/changes',
        headers => { 'If-None-Match' => $tag });

    like($tag, qr/^"\d+"$/, 'the version is a strong ETag');
    is_deeply($patient->json('/patient/changes')->{json},
        { data => { version => $tag =~ s/"//gr }, page => {} },
        'its JSON has the shape of every other');
    is($same->{status}, 304, 'nothing new: 304');
    is(length($same->{content} // ''), 0, 'without a body');
    is($same->{headers}{etag}, $tag, 'with the version');
    my $head = $patient->request('HEAD', '/patient/changes');
    is($head->{headers}{etag}, $tag, 'HEAD tells the version, too');

    my $data = check_both_forms($patient, '/patient/messages',
        'RV Riverside Clinic', 'RV Maria Lopez');
    is($data->{threads}[0]{unread}, 2, 'the list shows what is unread');
    is($data->{threads}[0]{excerpt}, 'RV second plan', 'and the newest words');
    is(version_of($patient), $tag, 'looking at lists changes nothing');

    is_of_version($patient, '/patient/messages', $tag, 'a page has its version');

    my $opened = $patient->json("/patient/messages/$id")->{json}{page}{version};
    isnt(qq("$opened"), $tag, 'reading raises the version');
    is(qq("$opened"), version_of($patient), 'which the page has already');
    $data = check_both_forms($patient, "/patient/messages/$id",
        'RV Riverside Clinic', 'RV Maria Lopez');
    is_deeply([map { $_->{payload} } @{ $data->{messages} }],
        ['RV first plan', 'RV second plan'], 'oldest message first');
    like($data->{messages}[0]{sent_at}, qr/^2026-03-02T08:15:00-05:00$/,
        'with the clinic\'s offset');
    is($patient->get('/patient/changes',
        headers => { 'If-None-Match' => $tag })->{status}, 200,
        'so that an open page hears of it');
    is($patient->json('/patient/')->{json}{data}{unread}{count}, 0,
        'nothing is unread any more');
    like(text_of($patient->get('/patient/')), qr/No unread messages\./,
        'and the page says so');
    is($portal->value("SELECT COUNT(*) FROM audit_event WHERE event = 'read'"
        . ' AND entity_id = ?', $id) > 0, 1, 'reading is on record');
    return;
}

# All pages of a list, by its own links.
sub walk {
    my ($user, $path, $list) = @_;
    my (@ids, @sizes, @moments);
    while (defined $path && @sizes < 10) {
        my $data = $user->json($path)->{json}{data};
        push @ids, map { $_->{id} } @{ $data->{$list} };
        push @moments, map { $_->{created_at} // $_->{last_message_at} }
            @{ $data->{$list} };
        push @sizes, scalar @{ $data->{$list} };
        $path = $data->{older_url};
    }
    return (\@ids, \@sizes, \@moments);
}

sub check_paging {
    my ($portal) = @_;
    my $user = signed_in($portal, 'RIVERSIDE', 'Patient', 'tnguyen');
    for my $list (qw(documents threads)) {
        my $path = '/patient/' . ($list eq 'threads' ? 'messages' : $list);
        my ($ids, $sizes, $moments) = walk($user, $path, $list);
        my %seen = map { $_ => 1 } @$ids;

        is_deeply($sizes, [25, 25, 10], "$list: pages of 25");
        is(scalar keys %seen, 60, "$list: no gap and no repeat");
        is_deeply($moments, [sort { $b cmp $a } @$moments],
            "$list: newest first");
    }
    my $first = $user->get('/patient/documents');
    my ($older) = $first->{content} =~ /href="([^"]*)">Older</;
    unlike($first->{content}, qr/>Newest</, 'the first page has no Newest');
    my $second = $user->get($older, absolute => 1);
    like($second->{content}, qr/>Newest</, 'the second has');

    my $data = $user->json('/patient/documents')->{json}{data};
    my $where = $data->{older_url};
    my $before = $user->json($where)->{json}{data}{documents};
    $portal->run_sql("UPDATE document SET status = 'superseded' WHERE"
        . ' document_id = ?', $data->{documents}[0]{id});
    is_deeply($user->json($where)->{json}{data}{documents}, $before,
        'a row that goes meanwhile hides no other');

    my $lonely = signed_in($portal, 'RIVERSIDE', 'Staff', 'LeeC');
    my %empty = ('/staff/documents' => 'No documents yet.',
        '/staff/messages' => 'No messages yet.',
        '/staff/' => 'No appointments today.');
    for my $page (sort keys %empty) {
        like(text_of($lonely->get($page)), qr/\Q$empty{$page}\E/,
            "$page says that it is empty");
    }
    return;
}

pass_midnight();
on_each_database(sub {
    my ($portal) = @_;
    my $staff = signed_in($portal, 'RIVERSIDE', 'Staff', 'DoeJ');
    my $patient = signed_in($portal, 'RIVERSIDE', 'Patient', 'mlopez');

    check_home($staff, $patient);
    check_schedule($staff);
    check_refusals($staff);
    check_reading($portal, $patient);
    my $id = id_of($portal, 'document', 'RV document held');
    check_both_forms($staff, $_, 'RV Riverside Clinic', 'RV Jane Doe, PhD')
        for '/staff/documents', "/staff/documents/$id", '/staff/messages';
    check_paging($portal);
    $portal->ctl(qw(clinic set RIVERSIDE --locale de-DE));
    like($staff->get('/staff/')->{content}, qr/<html lang="en">/,
        'the words are English, whatever the dates are');
    my $out = $staff->sign_out($staff->get('/staff/'));
    is($out->{status}, 303, 'the logout button works');
    is($staff->get('/staff/')->{status}, 303, 'and ends the session');
}, data => save(many(world(), 60)));

done_testing;
