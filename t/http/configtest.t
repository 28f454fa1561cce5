# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# What configtest refuses, with the line where it is wrong; what it warns of;
# and what it accepts.
use strict;
use warnings;

use File::Temp qw(tempdir);
use Test::More;

use ClinicTest;
use ConfigTest qw(refused accepted text inside);
use Fixture    qw(world save);

my $dir = tempdir('clinicportal-configtest-XXXXXX', TMPDIR => 1, CLEANUP => 1);

sub write_file {
    my ($name, $text, $mode) = @_;
    Fixture::write_file("$dir/$name", $text);
    chmod $mode // 0600, "$dir/$name" or die "$dir/$name: $!";
    return "$dir/$name";
}

sub check_words {
    my ($portal) = @_;
    my @rows = (
        ['Frobnicate On', qr/Invalid command 'ClinicPortalFrobnicate'/],
        ['Captcha sometimes', qr/"sometimes" must be one of altcha\|/],
        ['RequireTLS maybe', qr/must be On or Off/],
        (map { ["SessionIdle $_", qr/"\Q$_\E" must be a time/] }
            qw(soon 0 1y -5m 400d 15m5)),
        ['SessionMax 99999999999999999999', qr/must be a time/],
        # In milliseconds either is a number of its own kind elsewhere.
        (map { ["${_}Timeout 25d", qr/must be a time.*from 1 to 300 seconds/],
            ["${_}Timeout 301", qr/from 1 to 300 seconds/] }
            qw(Captcha Database)),
        (map { ["PasswordPasses $_", qr/must be a whole number from 2 to 100/] }
            qw(1 101 x)),
        ['PasswordSlots 0', qr/must be a whole number from 1/],
        ['PasswordSlots 4x', qr/must be a whole number/],
        ['LoginLimit planet 5 1m', qr/account, address or clinic/],
        ['LoginLimit account 0 1m', qr/must be a whole number/],
        ['LoginLimit account 5 soon', qr/must be a time/],
        ['LoginLimit account 5', qr/takes three arguments/],
        ['CaptchaCost 0', qr/must be a whole number/],
        ['CaptchaCost 10 5', qr/COST LEAST-TRIES MOST-TRIES/],
        ['CaptchaCost 10 9 5', qr/must not be below/],
        (map { ["Origin $_", qr/must be http or https, a host and at most a port/] }
            qw(portal.example https://a.example/b ftp://a.example
            https://u@a.example https://a.example?b https://:443
            https://a.example:65979 https://a.example:+443 https://a.example:0)),
        (map { ["Secret $_", qr{must be file:PATH or exec:}] }
            qw(plain file: exec:relative)),
        ['CaptchaSecret plain', qr/must be file:PATH/],
        ['SQL clinic_find', qr/takes two arguments/],
    );
    refused($portal, "ClinicPortal$_->[0]", $_->[1],
        qr/ClinicPortal\Q$_->[0]\E/, inside("ClinicPortal$_->[0]"))
        for @rows;
    accepted($portal, 'the longest waits', [], inside(
        "ClinicPortalCaptchaTimeout 300s\nClinicPortalDatabaseTimeout 5m"));
    return;
}

# A portal is mounted at a plain path.
sub check_places {
    my ($portal) = @_;
    my @rows = (
        ['ClinicPortal On', qr/not allowed here/],
        ["<LocationMatch ^/x>\nClinicPortal On\n</LocationMatch>",
            qr/belongs in a <Location/],
        ["<Location ~ ^/x>\nClinicPortal On\n</Location>",
            qr/belongs in a <Location/],
        ["<Directory $portal->{dir}/www>\nClinicPortal On\n</Directory>",
            qr/belongs in a <Location/],
        ["<VirtualHost 127.0.0.1:$portal->{port}>\n<If true>\n"
            . "ClinicPortal On\n</If>\n</VirtualHost>",
            qr/belongs in a <Location|not allowed/],
    );
    for my $row (@rows) {
        my ($place) = $row->[0] =~ /^([^\n]*)/;
        refused($portal, "mounted by $place", $row->[1], qr/ClinicPortal On/,
            server_conf => "$row->[0]\n");
    }
    return;
}

sub guarded {
    my (@lines) = @_;
    return join "\n", '<Location /app>', 'AuthType ClinicPortal',
        'ClinicPortalLogin /', @lines, '</Location>', '';
}

# Require clinic-... and what belongs to it.
sub check_guard {
    my ($portal) = @_;
    my @rows = (
        ['Require clinic-id', qr/takes one word or more/],
        ['Require clinic-id RIVER*SIDE', qr/"RIVER\*SIDE": a Clinic ID has/],
        ['Require clinic-id %{env:CLINIC}', qr/a Clinic ID has/],
        ['Require clinic-type nurse', qr/must be one of staff\|patient/],
        ['Require clinic-type', qr/takes one word or more/],
        ['Require clinic-role', qr/takes one word or more/],
        ['Require clinic-role Super.visor', qr/a role is a word of a-z/],
        ['Require clinic-role ' . 'r' x 33, qr/at most 32 long/],
        ['Require clinic-permission wizard', qr/the permissions are staff-portal/],
        ['Require clinic-permission', qr/takes one word or more/],
        ['Require clinic-factor finger', qr/must be one of any\|otp\|mail/],
        ['Require clinic-factor', qr/takes one word or more/],
        ['Require clinic-auth-age', qr/must be a time such as/],
        ['Require clinic-auth-age soon', qr/must be a time such as/],
        ['Require clinic-auth-age 10m 20m', qr/takes one time/],
        ['Require clinic-auth-age 0', qr/must be a time such as/],
        ['Require clinic-user DoeJ@RIVER.SIDE', qr/a Clinic ID has/],
        ['Require clinic-user @RIVERSIDE', qr/is no user name/],
        ['Require clinic-user DoeJ@RIVERSIDE/nurse',
            qr{"DoeJ\@RIVERSIDE/nurse": .*must be one of staff\|patient}],
        ['Require clinic-user DoeJ@RIVERSIDE/', qr/must be one of staff\|pat/],
        ['Require clinic-user DoeJ@/staff', qr/a Clinic ID has/],
        ['Require clinic-wizard on', qr/Unknown Authz provider: clinic-wizard/],
        ['ClinicPortalLogin portal', qr/names the portal by its path/],
        ['ClinicPortalLogin / nurses', qr/must be one of staff\|patient\|either/],
        ['ClinicPortalRemoteUser {clinic}', qr/must hold \{user\} or \{id\}/],
        ['ClinicPortalRemoteUser {user}{colour}', qr/knows \{clinic\}/],
        ['ClinicPortalHeaders "X Clinic"', qr/takes Off, or a prefix/],
        ['ClinicPortalHeaders X- Colour', qr/must be one of Clinic\|Type/],
        ['ClinicPortalToken app 2h', qr/from 5 to 3600 seconds/],
    );
    for my $row (@rows) {
        my ($word) = $row->[0] =~ /^(\S+ ?\S*)/;
        refused($portal, $row->[0], $row->[1], qr/^\Q$word\E/,
            after_conf => guarded($row->[0]));
    }
    refused($portal, 'a portal that is nowhere',
        qr/CP0105: .*no portal is mounted at \/nowhere/, qr/^ClinicPortalLogin/,
        after_conf => "<Location /app>\nAuthType ClinicPortal\n"
            . "ClinicPortalLogin /nowhere\nRequire clinic-user\n</Location>\n");
    accepted($portal, 'all the words', [], after_conf => guarded(
        'Require clinic-user', 'Require clinic-user DoeJ@RIVERSIDE "Ann Lee"',
        'Require clinic-user DoeJ@RIVERSIDE/staff "Ann Lee@lake-view/PATIENT"',
        'Require clinic-id riverside LAKE-VIEW', 'Require clinic-type STAFF',
        'Require clinic-role a-role', 'Require clinic-permission clinic-admin',
        'Require clinic-factor any OTP', 'Require clinic-auth-age 10m',
        'ClinicPortalRemoteUser "{clinic}\\{user}"', 'ClinicPortalHeaders Off',
        'ClinicPortalHeaders X-Who- user auth-time', 'ClinicPortalToken off',
        'ClinicPortalToken https://app.example 5s', 'ClinicPortalPassCookies On'));
    return;
}

sub check_secrets {
    my ($portal) = @_;
    my $good = write_file('good', 'g' x 40);
    my $linked = "$dir/linked";
    symlink $good, $linked or die "$linked: $!" if !-l $linked;
    my @rows = (
        ['short', 'file:' . write_file('short', 's' x 31),
            qr/shorter than 32 bytes/],
        ['short but for its line end',
            'file:' . write_file('line', 's' x 31 . "\n"), qr/shorter than 32/],
        ['empty', 'file:' . write_file('empty', ''), qr/shorter than 32/],
        ['readable by the group', 'file:' . write_file('group', 's' x 40, 0640),
            qr/group|others|owner/],
        ['readable by others', 'file:' . write_file('others', 's' x 40, 0604),
            qr/group|others|owner/],
        ['missing', "file:$dir/nowhere", qr/nowhere/],
        ['a link', "file:$linked", qr/linked/],
        ['a directory', "file:$dir", qr/\Q$dir\E/],
        ['of a program that fails', 'exec:/bin/false', qr{/bin/false failed}],
        ['of no program', "exec:$dir/nowhere", qr{nowhere}],
        ['of a program that says little', 'exec:/bin/true', qr/shorter/],
        ['previous one short', "file:$good file:$dir/short", qr/shorter/],
    );
    refused($portal, "a secret $_->[0]", $_->[2], qr/ClinicPortal On/,
        inside("ClinicPortalSecret $_->[1]")) for @rows;
    my ($said) = ($portal->configtest(
        inside("ClinicPortalSecret file:$dir/short")))[1];
    unlike($said, qr/ssss/, 'no secret is shown');
    like($said, qr{CP0101: \[localhost:\d+ /\S+:\d+\] ClinicPortal at /: },
        'but the host, the file, the line and the path');
    refused($portal, 'no secret', qr/needs ClinicPortalSecret.*secret new/,
        qr/ClinicPortal On/, text($portal, qr/^\s*ClinicPortalSecret.*\n/m,
            ''));
    return;
}

sub check_views_and_statements {
    my ($portal) = @_;
    mkdir "$dir/views" or die "views: $!" if !-d "$dir/views";
    my @views = (["{{#a}}\n  {{/b}}\n", qr/\bhelp\b.*2:3/, 'crossed tags'],
        ["one\n{{name", qr/\bhelp\b.*2:1/, 'an open tag'],
        ["{{>nowhere}}", qr/nowhere/, 'a partial that is not there']);
    for my $row (@views) {
        write_file('views/help.mustache', $row->[0], 0644);
        refused($portal, "a view with $row->[2]", $row->[1],
            qr/ClinicPortal On/, inside("ClinicPortalViews $dir/views"));
    }
    unlink "$dir/views/help.mustache";
    refused($portal, 'no views', qr/cannot read the views/,
        qr/ClinicPortal On/, inside("ClinicPortalViews $dir/nowhere"));

    my @sql = (
        ['nowhere "SELECT 1"', qr/there is no statement nowhere/],
        ['change_find "SELECT version FROM nowhere"', qr/change_find/],
        ['change_find "SELEC 1"', qr/change_find/],
        ['change_find "SELECT :elsewhere"', qr/no parameter :elsewhere/],
        ['change_find ""', qr/ClinicPortalSQL takes two arguments/]);
    refused($portal, "ClinicPortalSQL $_->[0]", $_->[1],
        qr/ClinicPortalSQL \Q$_->[0]\E/, inside("ClinicPortalSQL $_->[0]"))
        for @sql;
    return;
}

sub check_captcha {
    my ($portal) = @_;
    my $secret = write_file('provider', 'p' x 40);
    my $key = 'ClinicPortalCaptchaSiteKey the-key';
    my $with = "ClinicPortalCaptchaSecret file:$secret";
    my $test = write_file('test-key', "2x0000000000000000000000000000000AA\n");
    my @rows = (
        ["recaptcha\n$with", qr/"recaptcha" needs.*SiteKey/],
        ["hcaptcha\n$key", qr/"hcaptcha" needs.*CaptchaSecret/],
        ["hcaptcha\n$key\n$with\nClinicPortalCaptchaCAFile $dir/no.pem",
            qr/CaptchaCAFile ".*no\.pem" cannot be read/],
        ["turnstile\n$key\n$with\nClinicPortalCaptchaVerifyURL http://x.test/",
            qr/must start with https:/],
        ["turnstile\nClinicPortalCaptchaSiteKey 1x00000000000000000000AA\n"
            . $with, qr/public test keys/],
        ["turnstile\n$key\nClinicPortalCaptchaSecret file:$test",
            qr/public test keys/],
        ["turnstile\n$key\nClinicPortalCaptchaSecret file:$dir/short",
            qr/shorter/]);
    refused($portal, 'ClinicPortalCaptcha ' . ($_->[0] =~ s/\n/, /gr),
        $_->[1], qr/ClinicPortal On/, inside("ClinicPortalCaptcha $_->[0]"))
        for @rows;
    accepted($portal, 'a remote provider with its keys', [],
        inside("ClinicPortalCaptcha turnstile\n$key\n$with"));
    accepted($portal, 'test keys where that is said', ['CP0114'],
        inside("ClinicPortalCaptcha turnstile\n$key\n"
            . "ClinicPortalCaptchaSecret file:$test\n"
            . 'ClinicPortalCaptchaTestKeys On'));
    return;
}

# Another database of the same kind, without anything in it.
sub empty_database {
    my ($portal) = @_;
    if ($portal->{driver} eq 'pgsql') {
        $portal->{postgres}->psql('CREATE DATABASE empty');
        return $portal->params =~ s/dbname=\S+/dbname=empty/r;
    }
    Fixture::write_file("$portal->{dir}/db/empty.sqlite", '');
    return "$portal->{dir}/db/empty.sqlite";
}

sub check_database {
    my ($portal) = @_;
    my $needs = qr/needs a database: load mod_dbd and set DBDriver/;
    my $on = qr/ClinicPortal On/;
    refused($portal, 'no mod_dbd', $needs, $on,
        text($portal, qr/^(?:LoadModule dbd_module|DBD).*\n/m, ''));
    refused($portal, 'no DBDParams', $needs, $on,
        text($portal, qr/^DBDParams.*\n/m, ''));
    refused($portal, 'no DBDriver', $needs, $on,
        text($portal, qr/^DBDriver.*\n/m, ''));

    my $empty = empty_database($portal);
    refused($portal, 'no schema', qr/no schema of the portal.*db init/, $on,
        text($portal, qr/^DBDParams.*\n/m, qq(DBDParams "$empty"\n)));
    my $newest = $portal->value('SELECT max(version) FROM schema_version');
    my $set = 'UPDATE schema_version SET version = ? WHERE version = ?';
    my $text = $portal->configuration;
    $portal->run_sql($set, $newest + 1, $newest);
    refused($portal, 'a newer schema', qr/install the newer one/, $on,
        text => $text);
    $portal->run_sql($set, $newest, $newest + 1);
    my $kept = $portal->rows('SELECT * FROM schema_version WHERE version = ?',
        $newest)->[0];
    $portal->run_sql('DELETE FROM schema_version WHERE version = ?', $newest);
    my $old = $newest - 1;
    refused($portal, 'an old schema',
        qr/version $old, this software needs $newest; .*db migrate/, $on,
        text => $text);
    my @names = sort keys %$kept;
    $portal->run_sql('INSERT INTO schema_version (' . join(', ', @names)
        . ') VALUES (' . join(', ', ('?') x @names) . ')', @$kept{@names});

    refused($portal, 'documents in no directory', qr/is no directory/, $on,
        inside("ClinicPortalDocuments $dir/nowhere"));
    refused($portal, 'no data', qr/ClinicPortalData/, $on,
        inside("ClinicPortalData $dir"));
    return;
}

# The inner of two sections wins; what it does not say is the outer's.
sub check_nesting {
    my ($portal) = @_;
    my ($long, $short) = map { "ClinicPortalSessionIdle $_" } qw(31m 10m);
    my @rows = (
        ['nothing said', '', '', []],
        ['too long outside', $long, '', ['CP0110']],
        ['too long outside, right inside', $long, $short, []],
        ['right outside, too long inside', $short, $long, ['CP0110']],
        ['no CAPTCHA outside', 'ClinicPortalCaptcha off', '', ['CP0111']],
        ['no CAPTCHA outside, one inside', 'ClinicPortalCaptcha off',
            'ClinicPortalCaptcha altcha', []],
        ['one outside, none inside', 'ClinicPortalCaptcha altcha',
            'ClinicPortalCaptcha off', ['CP0111']],
        ['exactly thirty minutes', '', 'ClinicPortalSessionIdle 30m', []],
        ['shorter in all than idle', 'ClinicPortalSessionMax 10m',
            'ClinicPortalSessionIdle 11m', ['CP0113']],
        ['as long as idle', 'ClinicPortalSessionMax 10m', $short, []],
        ['test keys', '', 'ClinicPortalCaptchaTestKeys On', ['CP0114']],
        ['TLS, and no address for who comes without', '',
            'ClinicPortalRequireTLS On', ['CP0115']],
        ['TLS, and where', 'ClinicPortalOrigin https://portal.example',
            'ClinicPortalRequireTLS On', []],
        ['a previous secret outside, none inside', 'ClinicPortalSecret'
            . " file:$portal->{dir}/secret file:$dir/nowhere", '', []],
    );
    accepted($portal, $_->[0], $_->[3], server_conf => "$_->[1]\n",
        conf => "    $_->[2]\n") for @rows;
    accepted($portal, 'outside of a virtual host', ['CP0110'],
        server_conf => "$long\n<VirtualHost 127.0.0.1:$portal->{port}>\n"
            . "<Location /inner>\nClinicPortal On\nClinicPortalSecret"
            . " file:$portal->{dir}/secret\nClinicPortalRequireTLS Off\n"
            . "</Location>\n</VirtualHost>\n", conf => "    $short\n");
    return;
}

sub check_warnings {
    my ($portal) = @_;
    my $said = accepted($portal, 'the file the tests run with', []);
    like($said, qr/CP0112: \[[^]]*configtest\.conf:\d+\]/,
        'no TLS is warned of, with the line');
    # prefork has one thread.
    my @too_few = $portal->{mpm} eq 'prefork' ? () : 'CP0121';
    $said = accepted($portal, 'fewer connections than threads', \@too_few,
        text($portal, qr/^DBDMax.*\n/m, "DBDMax 4\n"));
    like($said, qr/DBDMax 4 is too low for ThreadsPerChild 16/, 'saying both')
        if @too_few;
    if ($portal->{driver} eq 'sqlite3') {
        refused($portal, 'a database file that is not there',
            qr/the database file does not exist/, qr/ClinicPortal On/,
            text($portal, qr/^DBDParams.*\n/m, "DBDParams $dir/nowhere\n"));
        return;
    }
    delete($portal->{dbh})->disconnect if $portal->{dbh};
    my $text = $portal->configuration;
    $portal->{postgres}->stop;
    $said = accepted($portal, 'a database that is away', ['CP0120'],
        text => $text);
    like($said, qr/until it is there/, 'saying what that means');
    $portal->{postgres}->start;
    $portal->claim_seen('dbd:error'); # the portal itself looks once a second
    return;
}

on_each_database(sub {
    my ($portal) = @_;
    if ($portal->{driver} eq 'sqlite3') {
        # None of this comes to the database.
        check_words($portal);
        check_places($portal);
        check_guard($portal);
        check_secrets($portal);
        check_captcha($portal);
    }
    check_views_and_statements($portal);
    check_database($portal);
    check_nesting($portal);
    check_warnings($portal);
}, data => save(world()));

done_testing;
