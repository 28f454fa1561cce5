# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# The front door: the address people have bookmarked, and what is typed there.
use strict;
use warnings;

use Test::More;

use ClinicTest;

my $CLINIC_PAGE = qr{<form\ method="get"\ action="[^"]*/index\.aspx">.*
    name="clinicID".*<button\ type="submit">Submit</button>}xs;
my $LOGIN_PAGE = qr{<button type="submit"[^>]*>Log In to My Account</button>};

# The tabs of a sign-in page: label => [link, is it the chosen one].
sub tabs_of {
    my ($answer) = @_;
    my %tabs;
    while ($answer->{content} =~
            m{<a href="([^"]*)"( aria-current="page")?>(\w+ Login)</a>}g) {
        $tabs{$3} = [Browser::unescape($1), defined $2 ? 1 : 0];
    }
    return \%tabs;
}

sub is_login_page {
    my ($portal, $answer, $code, $name, $kind, $why) = @_;
    my $base = $portal->{base};
    my $link = "$base/index.aspx?clinicID=$code&LoginType";
    is($answer->{status}, 200, $why);
    like($answer->{content}, $LOGIN_PAGE, 'the sign-in page');
    like($answer->{content}, qr{<h1>\Q$name\E</h1>}, "of $name");
    is_deeply(tabs_of($answer), {
        'Patient Login' => ["$link=Patient", $kind eq 'Patient' ? 1 : 0],
        'Staff Login' => ["$link=Staff", $kind eq 'Staff' ? 1 : 0],
    }, "both tabs, $kind chosen");
    my $form = Browser::form_fields($answer->{content}, "$base/login");
    is("$form->{clinicID} $form->{LoginType}", "$code $kind",
        'the form goes to that clinic and tab');
    return;
}

sub check_clinic_page {
    my ($portal, $user) = @_;
    my @paths = ('/', '/index.aspx', '/?LoginType=Staff', '/?utm_source=x',
        '/INDEX.ASPX');
    push @paths, '' if $portal->{base} ne '';
    for my $path (@paths) {
        my $answer = $portal->browser->get($path);
        is($answer->{status}, 200, "'$path' without a clinic");
        like($answer->{content}, $CLINIC_PAGE, 'asks for it');
        like($answer->{content}, qr{action="$portal->{base}/index\.aspx"},
            'and leads to the bookmark');
        unlike($answer->{content}, qr/role="alert"/, 'without a complaint');
    }
    like($user->get('/?LoginType=staff')->{content},
        qr/name="LoginType" value="Staff"/, 'the tab asked for is kept');
    return;
}

# RIVERSIDE opens the staff tab unless asked, LAKEVIEW the patients'.
sub check_login_page {
    my ($portal, $user) = @_;
    my @river = ('RIVERSIDE', 'Riverside Behavioral Health');
    my @lake = ('LAKEVIEW', 'Lakeview Counseling');
    my @cases = (
        ['/index.aspx?clinicID=RIVERSIDE&LoginType=Staff', @river, 'Staff'],
        ['/index.aspx?clinicID=RIVERSIDE&LoginType=Patient', @river, 'Patient'],
        ['/?clinicID=RIVERSIDE&LoginType=Staff', @river, 'Staff'],
        ['/Index.Aspx?CLINICid=riverSIDE&logintype=STAFF', @river, 'Staff'],
        ['/index.aspx?clinicid=riverside&LOGINTYPE=patient', @river, 'Patient'],
        ['/index.aspx?clinicID=RIVERSIDE', @river, 'Staff'],
        ['/index.aspx?clinicID=LAKEVIEW', @lake, 'Patient'],
        ['/index.aspx?clinicID=RIVERSIDE&LoginType=', @river, 'Staff'],
        ['/index.aspx?clinicID=LAKEVIEW&LoginType=admin', @lake, 'Patient'],
        ['/index.aspx?clinicID=LAKEVIEW&LoginType=Staff', @lake, 'Staff'],
        ['/index.aspx?utm_source=a&utm_source=b&clinicID=LAKEVIEW&x=%3Cb%3E',
            @lake, 'Patient'],
        ['/index.aspx?clinicID=%52IVERSIDE&&', @river, 'Staff'],
        ['/index.aspx?clinicID=LAKEVIEW&LoginType=%53taff', @lake, 'Staff'],
    );
    is_login_page($portal, $user->get($_->[0]), @{$_}[1 .. 3], $_->[0])
        for @cases;
    return;
}

sub check_unknown {
    my ($portal, $user) = @_;
    $portal->run_sql("UPDATE clinic SET active = 0 WHERE clinic_id = 'lakeview'");
    for my $code (qw(NOSUCH nosuch LAKEVIEW R A-_9), 'R' x 32) {
        my $answer = $user->get("/index.aspx?clinicID=$code&LoginType=Staff");
        is($answer->{status}, 404, "$code is no clinic");
        like($answer->{content}, $CLINIC_PAGE, 'the clinic page again');
        like(Browser::alert_of($answer), qr/No clinic has this Clinic ID/,
            'says so');
        like($answer->{content}, qr/name="clinicID" value="\Q$code\E"/,
            'what was typed is kept');
        like($answer->{content}, qr/Help desk: extension 4357/, 'whom to ask');
        like($answer->{content}, qr/name="LoginType" value="Staff"/,
            'so is the tab');
    }
    $portal->run_sql("UPDATE clinic SET active = 1 WHERE clinic_id = 'lakeview'");
    return;
}

# What is malformed: nothing is guessed and nothing comes back raw.
sub check_malformed {
    my ($portal, $user) = @_;
    my $query = 'clinicID=RIVERSIDE&LoginType=Staff';
    my @cases = (
        ['clinicID=', 'empty'],
        ['clinicID', 'without a value'],
        ['clinicID=RIVER%20SIDE', 'with a space'],
        ['clinicID=-RIVER', 'starting with a dash'],
        ['clinicID=_RIVER', 'starting with an underscore'],
        ['clinicID=' . 'R' x 33, '33 letters'],
        ['clinicID=' . 'R' x 6000, '6000 letters'],
        ['clinicID=RIVERSIDE%0A', 'with a line break'],
        ['clinicID=%C3%89COLE', 'with a letter beyond ASCII'],
        ['clinicID=<script>alert(1)</script>', 'with a script'],
        ['clinicID=%3Cscript%3Ealert(1)%3C/script%3E', 'a script, escaped'],
        ["clinicID='OR'1'='1", 'with SQL'],
        ['clinicID=../../etc/passwd', 'with a path'],
        ['clinicID=RIVERSIDE%00', 'with NUL'],
        ['clinicID=%zz', 'with a bad escape'],
        ['clinicID=RIVERSIDE%', 'with half an escape'],
        ['clinicID=RIVERSIDE%f', 'with half an escape, too'],
        ['clinicID=%ff%fe', 'that is no UTF-8'],
        ['clinicID=%C0%AF', 'with overlong UTF-8'],
        ["$query&clinicID=RIVERSIDE", 'given twice'],
        ["$query&CLINICID=LAKEVIEW", 'given twice, in another case'],
        ["$query&logintype=Staff", 'with the tab given twice'],
        ["$query&LoginType=Pat%zz", 'with a bad escape in the tab'],
        ["$query&x=%zz", 'with a bad escape elsewhere'],
        ["$query&x=%00", 'with NUL elsewhere'],
        ["$query&x=%ff", 'with invalid UTF-8 elsewhere'],
        ["$query&" . 'a=1&' x 100, 'with a hundred parameters'],
    );
    for my $case (@cases) {
        my ($bad, $why) = @$case;
        my $answer = $user->get("/index.aspx?$bad");
        my $text = $answer->{content};
        is($answer->{status}, 400, "a clinic ID $why is refused");
        like($text, qr/That is not a Clinic ID|That address did not work/,
            'with words on what to do');
        unlike($text, qr/<script>alert|OR'1|etc.passwd|R{33}|\xff|\xc0\xaf/,
            'which echo nothing');
        unlike($text, $LOGIN_PAGE, 'and nothing is guessed');
    }
    my $json = $user->json('/index.aspx?clinicID=%zz');
    is($json->{status}, 400, 'a program gets the same status');
    is($json->{json}{error}{code}, 'bad-request', 'and JSON');
    like($json->{json}{error}{reference}, qr/^\w{4}-\w{4}$/, 'with a reference');
    return;
}

# Signed in there with that kind: straight on; anywhere else: the page.
sub check_signed_in {
    my ($portal) = @_;
    my $user = $portal->browser;
    my $base = $portal->{base};
    is($user->sign_in('RIVERSIDE', 'Staff', 'DoeJ')->{status}, 303, 'in');
    for my $path ('clinicID=RIVERSIDE&LoginType=Staff',
            'clinicID=riverside&LoginType=STAFF', 'clinicID=RIVERSIDE') {
        my $answer = $user->get("/index.aspx?$path");
        is($answer->{status}, 303, "$path goes straight on");
        is($answer->{headers}{location}, "$base/staff/", 'to the home page');
    }
    for my $path ('clinicID=RIVERSIDE&LoginType=Patient',
            'clinicID=LAKEVIEW&LoginType=Staff', 'clinicID=LAKEVIEW') {
        is($user->get("/index.aspx?$path")->{status}, 200,
            "$path shows its page");
    }
    my $json = $user->json('/index.aspx?clinicID=RIVERSIDE&LoginType=Staff');
    is($json->{status}, 303, 'a program is sent on, too');

    my $patient = $portal->browser;
    is($patient->sign_in('LAKEVIEW', 'Patient', 'mlopez')->{status}, 303, 'in');
    my $answer = $patient->get('/index.aspx?clinicID=LAKEVIEW');
    is($answer->{headers}{location}, "$base/patient/", 'a patient, too');
    is($user->request('HEAD', '/index.aspx?clinicID=LAKEVIEW')->{status}, 200,
        'HEAD works');
    return;
}

sub check_elsewhere {
    my ($portal, $user) = @_;
    for my $path ('/nothing', '/index.asp', '/index.aspx/x', '/staffs', '/staffs/',
            '/doctor/', '/captcha', '/assets/', '/assets/../nothing') {
        is($user->get($path)->{status}, 404, "nothing at $path");
    }
    if ($portal->{base} ne '') {
        is($user->get("$portal->{base}x/", absolute => 1)->{status}, 404,
            'the portal ends where its name does');
    }
    like($user->get('/help')->{content}, qr/How to log in/, 'help is public');
    return;
}

# Whoever guards a path means that path: another spelling of it leads there. Only
# the address that people have bookmarked is answered in any.
sub check_spelling {
    my ($portal) = @_;
    my $base = $portal->{base};
    my $user = $portal->browser;
    my $id = 'aB' x 11;
    my %exact = (
        '/Patient/Schedule?date=2026-01-01&x=%3Cb%3E' =>
            '/patient/schedule?date=2026-01-01&x=%3Cb%3E',
        '/HELP?' => '/help?', '/help/..//Help' => '/help',
        '/Staff' => '/staff', '/STAFF/' => '/staff/',
        '/%53taff/Schedule/?date=2026-01-01' => '/staff/schedule/?date=2026-01-01',
        "/Patient/Documents/$id/FILE" => "/patient/documents/$id/file",
    );
    is($user->sign_in('RIVERSIDE', 'Staff', 'DoeJ')->{status}, 303, 'in');
    for my $path (sort keys %exact) {
        for my $method (qw(GET HEAD)) {
            my $answer = $user->request($method, $path);
            is($answer->{status}, 301, "$method $path is elsewhere");
            is($answer->{headers}{location}, "$base$exact{$path}", 'spelled so');
        }
    }
    my $form = $portal->browser->sign_in_fields('RIVERSIDE', 'Staff', 'DoeJ');
    is($user->post('/Login', $form)->{status}, 404, 'a form goes to its address');
    is($user->get($_)->{status}, 404, "nothing at $_")
        for '/Login', '/Staffs', '/Staff/Nothing', '/Staff/Messages/short',
            '/Assets/';
    return;
}

# A section of httpd's for one path holds for all of its spellings.
sub check_section {
    my ($portal) = @_;
    my $user = $portal->browser;
    is($user->sign_in('RIVERSIDE', 'Staff', 'DoeJ')->{status}, 303, 'in');
    is($user->get('/staff/schedule')->{status}, 200, 'a page');
    is($user->get('/staff/documents')->{status}, 403, 'one that is closed');
    for my $path ('/staff/Documents', '/Staff/documents', '/STAFF/DOCUMENTS/') {
        my $answer = $user->get($path);
        is($answer->{status}, 301, "$path is elsewhere");
        is($user->follow($answer)->{status}, 403, 'and closed there');
    }
    $portal->claim('AH01630');
    return;
}

my $CLOSED = sub {
    my ($portal) = @_;
    return "<Location $portal->{base}/staff/documents>\n"
        . "Require all denied\n</Location>\n";
};

on_each_database(sub {
    my ($portal) = @_;
    my $user = $portal->browser;

    check_clinic_page($portal, $user);
    check_login_page($portal, $user);
    check_unknown($portal, $user);
    check_malformed($portal, $user);
    check_signed_in($portal);
    check_elsewhere($portal, $user);
    check_spelling($portal);
    check_section($portal);
}, base => ['', '/portal'], after_conf => $CLOSED);

done_testing;
