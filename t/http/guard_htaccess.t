#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# Guards in .htaccess files and around single files: they let in whom they name,
# and what they may not say is refused.
use strict;
use warnings;

use Test::More;

use ClinicTest;

# What whoever writes an .htaccess must not have of its visitors: what lets him
# be them, at the portal or at another application.
my %SERVER_ONLY = (
    token => 'ClinicPortalToken https://charts.example',
    cookies => 'ClinicPortalPassCookies On',
    inside => "<If true>\nClinicPortalPassCookies On\n</If>",
);

# What the variables of check_set are.
my $SEEN = <<'END';
#!/usr/bin/perl
print "Content-Type: text/plain\r\n\r\n",
    join ' ', map { "$_=$ENV{$_}" } grep { /STOLEN|FORGED/ } sort keys %ENV;
END

sub put_htaccess {
    my ($portal, $name, $lines) = @_;
    $portal->put_file("plain/$name/page.txt", "the page of $name");
    $portal->put_file("plain/$name/.htaccess", $lines);
    return;
}

sub places {
    my ($portal) = @_;
    my $login = "AuthType ClinicPortal\nClinicPortalLogin";
    put_htaccess($portal, 'good', "$login $portal->{base} staff\n"
        . "ClinicPortalRemoteUser {user}\nClinicPortalHeaders X-Clinic- User\n"
        . "Require clinic-role supervisor\n");
    put_htaccess($portal, 'lost',
        "$login /nowhere\nRequire clinic-user\n");
    put_htaccess($portal, $_, "$login $portal->{base}\nRequire clinic-user\n"
        . "$SERVER_ONLY{$_}\n") for keys %SERVER_ONLY;
    put_htaccess($portal, 'kept', "AuthType None\nRequire all granted\n");
    $portal->put_file('plain/own.txt', 'by Files');
    $portal->put_file('setenv/seen.cgi', $SEEN, 0755);
    $portal->put_file('setenv/.htaccess', "SetEnvIf Cookie (.+) STOLEN=\$1\n"
        . "SetEnvIf X-Clinic-User (.+) FORGED=\$1\n");
    return <<"END";
<Directory $portal->{dir}/www/plain>
    AllowOverride AuthConfig
    <Files own.txt>
        $login $portal->{base}
        Require clinic-role supervisor
        ClinicPortalToken https://charts.example
        <If true>
            ClinicPortalPassCookies On
        </If>
    </Files>
</Directory>
<Directory $portal->{dir}/www/setenv>
    AllowOverride FileInfo
    Options +ExecCGI
    AddHandler cgi-script .cgi
</Directory>
<Location /setenv>
    $login $portal->{base}
    ClinicPortalHeaders X-Clinic-
    Require clinic-user
</Location>
ScriptSock $portal->{dir}/logs/cgid
<Location /plain/kept>
    $login $portal->{base}
    Require clinic-role supervisor
</Location>
END
}

sub get {
    my ($user, $path) = @_;
    my $answer = $user->get("/plain/$path", absolute => 1);
    return $answer->{status} == 200 ? $answer->{content} : $answer->{status};
}

sub check_guards {
    my ($portal, $user, $admin) = @_;
    is(get($user, 'good/page.txt'), 403, 'not this one');
    is(get($admin, 'good/page.txt'), 'the page of good', 'that one');
    is(get($portal->browser, 'good/page.txt'), 303, 'nobody: signs in');
    is(get($user, 'own.txt'), 403, 'a single file: not this one');
    is(get($admin, 'own.txt'), 'by Files', 'that one');
    is(get($user, 'lost/page.txt'), 500,
        'a portal that is nowhere opens nothing');
    is(get($user, 'kept/page.txt'), 403, 'a Location is not undone');
    is(get($admin, 'kept/page.txt'), 'the page of kept', 'it lets in its own');
    return;
}

# mod_setenvif reads headers before anybody is let in.
sub check_set {
    my ($portal, $user) = @_;
    my $path = '/setenv/seen.cgi';
    is($user->get($path, absolute => 1, headers => {
            'X-Clinic-User' => 'SmithA', Cookie => 'theme=dark; '
                . $user->cookie_header })->{content}, 'STOLEN=theme=dark',
        'SetEnvIf has no cookie of ours, and nothing forged');
    is($portal->browser->get($path, absolute => 1)->{status}, 303,
        'and the place is guarded');
    return;
}

sub check_server_only {
    my ($portal, $admin) = @_;
    for my $name (sort keys %SERVER_ONLY) {
        my ($word) = $SERVER_ONLY{$name} =~ /(ClinicPortal\w+)/;
        is(get($admin, "$name/page.txt"), 500, "$name: $word is refused");
        like($portal->log_text,
            qr{plain/\Q$name\E/\.htaccess: \Q$word\E not allowed (?:here|in)},
            'and the log says where and why');
    }
    return;
}

# Locations come last in httpd's order, so of a portal at / its own would have
# the last word.
on_each_database(sub {
    my ($portal) = @_;
    my ($user, $admin) = map { $portal->browser } 1, 2;
    $user->sign_in(qw(RIVERSIDE Staff DoeJ));
    $admin->sign_in(qw(RIVERSIDE Staff SmithA));
    check_guards($portal, $user, $admin);
    check_set($portal, $user);
    check_server_only($portal, $admin);
    $portal->claim('authz_core:error', 'CP0701', 'core:alert');
}, base => '/portal', after_conf => \&places,
    modules => ['cgid']);

done_testing;
