# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# What configtest refuses of the services beside the portal: mail, views and
# data of one's own, and where answers to a remote CAPTCHA may come from.
use strict;
use warnings;

use File::Temp qw(tempdir);
use Test::More;

use ClinicTest;
use ConfigTest qw(refused accepted inside);
use Fixture    qw(world save);

my $dir; # of one database's run
my $on = qr/ClinicPortal On/;
my $origin = 'ClinicPortalOrigin https://portal.example';

sub mail {
    my ($lines) = @_;
    return inside("$origin\nClinicPortalMail $lines");
}

sub check_mail {
    my ($portal) = @_;
    my $mail = qr/ClinicPortalMail/;
    refused($portal, 'a mail server of no scheme', qr{smtps://HOST}, $mail,
        mail('mail.example portal@clinic.test'));
    refused($portal, 'a password in the address', qr/ClinicPortalMailLogin/,
        $mail, mail('smtps://me:secret@mail.example portal@clinic.test'));
    refused($portal, 'no origin', qr/ClinicPortalMail needs ClinicPortalOrigin/,
        $on, inside('ClinicPortalMail smtps://mail.example p@clinic.test'));
    refused($portal, 'a sender of no address', qr/"portal" is no mail address/,
        $on, mail('smtps://mail.example portal'));
    refused($portal, 'authorities that are nowhere',
        qr/ClinicPortalMailCAFile ".*no\.pem" cannot be read/, $on,
        mail("smtps://mail.example p\@clinic.test\n"
            . "ClinicPortalMailCAFile $dir/no.pem"));
    refused($portal, 'a password that is nowhere', qr/nowhere/, $on,
        mail("smtps://mail.example p\@clinic.test\n"
            . "ClinicPortalMailLogin me file:$dir/nowhere"));
    accepted($portal, 'a mail server', [],
        mail('smtp://mail.example:587 portal@clinic.test'));
    return;
}

# One's own templates stand in the folder "mail" of one's own views.
sub check_templates {
    my ($portal) = @_;
    my $server = "smtps://mail.example p\@clinic.test\nClinicPortalViews $dir";
    accepted($portal, 'views of one\'s own, none for mail', [], mail($server));
    mkdir "$dir/mail" or die "mail: $!";
    Fixture::write_file("$dir/mail/reset.mustache", "Hello\n\n{{#a}}");
    refused($portal, 'a template that is not closed', qr/\breset:3:1/, $on,
        mail($server));
    Fixture::write_file("$dir/mail/reset.mustache", "Hello\n\n{{url}}");
    accepted($portal, 'templates of one\'s own', [], mail($server));
    return;
}

sub check_captcha {
    my ($portal) = @_;
    Fixture::write_file("$dir/provider", 'p' x 40);
    chmod 0600, "$dir/provider" or die "provider: $!";
    my $lines = "ClinicPortalCaptcha turnstile\nClinicPortalCaptchaSiteKey key\n"
        . "ClinicPortalCaptchaSecret file:$dir/provider";
    accepted($portal, 'answers from the origin', [],
        inside("$origin\n$lines"));
    accepted($portal, 'answers from a name', [],
        inside("ClinicPortalCaptchaHost portal.example\n$lines"));
    return;
}

# What belongs to one server is inherited with it or not at all. That a password
# is asked for shows in that it is missed.
sub check_inherited {
    my ($portal) = @_;
    my $server = sub { "ClinicPortalMail smtps://$_[0] $_[1]\@clinic.test" };
    my $login = "ClinicPortalMailLogin me file:$dir/nowhere";
    my $none = "ClinicPortalMailCAFile $dir/no.pem";
    my $outer = $server->('mail.example', 'portal');
    my $beside = sub {
        my ($outside, @inner) = @_;
        return (server_conf => "$outside\n",
            conf => join '', map { "    $_\n" } $origin, @inner);
    };
    refused($portal, 'its password is nowhere', qr/nowhere/, $on,
        $beside->("$outer\n$login"));
    refused($portal, 'nor with another sender', qr/nowhere/, $on,
        $beside->("$outer\n$login", $server->('mail.example', 'other')));
    refused($portal, 'nor for the one server there is', qr/nowhere/, $on,
        $beside->($login, $outer));
    accepted($portal, 'another server has another login', [],
        $beside->("$outer\n$login", $server->('mail.test', 'portal')));
    accepted($portal, 'and other authorities', [],
        $beside->("$outer\n$none", $server->('mail.test', 'portal')));
    refused($portal, 'a login of its own', qr/nowhere/, $on,
        $beside->($outer, $server->('mail.test', 'portal'), $login));

    my @keys = ('ClinicPortalCaptchaSiteKey key',
        "ClinicPortalCaptchaSecret file:$dir/provider");
    my $provider = join "\n", 'ClinicPortalCaptcha turnstile', @keys;
    my $url = 'ClinicPortalCaptchaVerifyURL http://no.example';
    my $other = 'ClinicPortalCaptcha hcaptcha';
    accepted($portal, 'a provider from outside', [], $beside->($provider));
    accepted($portal, 'the same once more', [],
        $beside->($provider, 'ClinicPortalCaptcha turnstile'));
    accepted($portal, 'keys from outside', [],
        $beside->(join("\n", @keys), $other));
    refused($portal, 'another provider', qr/"hcaptcha" needs ClinicPortalCaptchaSiteKey/,
        $on, $beside->($provider, $other));
    refused($portal, 'its secret neither', qr/needs ClinicPortalCaptchaSecret/,
        $on, $beside->($provider, $other, $keys[0]));
    refused($portal, 'an address of no use', qr/must start with https/, $on,
        $beside->("$provider\n$url"));
    accepted($portal, 'is the other\'s alone', [],
        $beside->("$provider\n$url\nClinicPortalCaptchaCAFile $dir/no.pem",
            $other, @keys));
    return;
}

sub check_data {
    my ($portal) = @_;
    mkdir "$dir/data" or die "data: $!";
    ClinicTest::must('cp', '-R', "$ENV{CP_DATA}/.", "$dir/data");
    accepted($portal, 'data elsewhere', [], inside("ClinicPortalData $dir/data"));
    ClinicTest::must('rm', '-r', "$dir/data/schema");
    refused($portal, 'no schema in it', qr{cannot read the schema in .*/data/schema},
        $on, inside("ClinicPortalData $dir/data"));
    Fixture::write_file("$dir/data/sql/zz.sql", "-- name: clinic_find\nSELECT 1\n");
    refused($portal, 'a statement twice', qr/zz\.sql:\d+.*clinic_find/, $on,
        inside("ClinicPortalData $dir/data"));
    Fixture::write_file("$dir/data/sql/zz.sql", "-- \0\n");
    refused($portal, 'a file that is no text', qr/zz\.sql cannot be read/, $on,
        inside("ClinicPortalData $dir/data"));
    Fixture::write_file("$dir/data/sql/zz.sql", '-' x (1024 * 1024 + 1));
    refused($portal, 'a file that is too large',
        qr/zz\.sql cannot be read: the input is too large/, $on,
        inside("ClinicPortalData $dir/data"));
    return;
}

# A Location within the portal's that takes it away again.
sub check_places {
    my ($portal) = @_;
    accepted($portal, 'no portal below a path', [], after_conf =>
        "<Location /files>\nClinicPortal Off\n</Location>\n");
    accepted($portal, 'a path with a slash behind', [], after_conf =>
        "<Location /other/>\nClinicPortal On\nClinicPortalSecret"
        . " file:$portal->{dir}/secret\nClinicPortalRequireTLS Off\n"
        . "ClinicPortalCaptchaCost 10 1 9\n</Location>\n");
    return;
}

on_each_database(sub {
    my ($portal) = @_;
    $dir = tempdir('clinicportal-configtest-XXXXXX', TMPDIR => 1, CLEANUP => 1);
    check_mail($portal);
    check_templates($portal);
    check_captcha($portal);
    check_inherited($portal);
    check_data($portal);
    check_places($portal);
}, data => save(world()));

done_testing;
