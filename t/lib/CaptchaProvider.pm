# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# A remote CAPTCHA provider for one test (t/fake/siteverify.pl), which answers
# as the token says:
#
#     my $provider = CaptchaProvider->start;
#     ... $provider->conf ...        # for httpd.conf, without ClinicPortalCaptcha
#     $provider->sent;               # what it was asked
#     $provider->stop;
package CaptchaProvider;
use strict;
use warnings;

use File::Temp ();
use JSON::PP   qw(decode_json);

use Fixture ();
use TestCA  ();
use Wait    qw(wait_for);

our $SECRET = 'shibboleth-of-the-provider-0123456789';

sub start {
    my ($class) = @_;
    my $dir = File::Temp->newdir('clinicportal-fake-XXXXXX', TMPDIR => 1);
    # httpd's children read the authorities, as nobody.
    chmod 0755, "$dir" or die "cannot open $dir up: $!";
    my $self = bless { dir => $dir, owner => $$, %{ TestCA::make("$dir") } },
        $class;
    mkdir "$dir/other" or die "$dir/other: $!";
    $self->{stranger} = TestCA::make("$dir/other")->{ca};
    Fixture::write_file("$dir/secret", "$SECRET\n");
    chmod 0600, "$dir/secret" or die "$dir/secret: $!";
    my $pid = fork // die "cannot fork: $!";
    if (!$pid) {
        exec($^X, "$ENV{CP_SRCDIR}/t/fake/siteverify.pl", '--port-file',
            "$dir/port", '--cert', $self->{cert}, '--key', $self->{key},
            '--log', "$dir/log", '--lifetime', 10 * Wait::SECONDS)
            or die "cannot start the fake: $!";
    }
    $self->{pid} = $pid;
    $self->{port} = wait_for(sub {
        open my $file, '<', "$dir/port" or return;
        my $port = <$file> // return;
        chomp $port;
        return $port;
    });
    return $self;
}

sub conf {
    my ($self, %option) = @_;
    my $timeout = $option{timeout} // '1s';
    return <<"END";
ClinicPortalCaptchaSiteKey the-site-key
ClinicPortalCaptchaSecret file:$self->{dir}/secret
ClinicPortalCaptchaVerifyURL https://localhost:$self->{port}/siteverify
ClinicPortalCaptchaCAFile $self->{ca}
ClinicPortalCaptchaHost localhost portal.example
ClinicPortalCaptchaTimeout $timeout
END
}

sub sent {
    my ($self) = @_;
    open my $file, '<', "$self->{dir}/log" or return;
    my @sent = map { decode_json($_) } <$file>;
    close $file or die "log: $!";
    return @sent;
}

# How often it was asked.
sub count {
    my ($self) = @_;
    my @sent = $self->sent;
    return scalar @sent;
}

sub stop {
    my ($self) = @_;
    my $pid = delete $self->{pid} or return;
    kill 'TERM', $pid;
    waitpid $pid, 0;
    return;
}

# Only in the process that started it: the children of that must not end it.
sub DESTROY {
    my ($self) = @_;
    return if $$ != $self->{owner};
    local ($@, $?, $!);
    $self->stop;
    return;
}

1;
