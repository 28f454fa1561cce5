# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# A mail server for one test (t/fake/smtpd.py), and what it received.
package MailServer;
use strict;
use warnings;

use File::Temp  ();
use MIME::QuotedPrint ();

use TestCA ();
use Wait   qw(wait_for);

# Options: smtps => 1.
sub start {
    my ($class, %option) = @_;
    my $dir = File::Temp->newdir('clinicportal-mail-XXXXXX', TMPDIR => 1);
    chmod 0755, "$dir" or die "$dir: $!";
    mkdir "$dir/mails" or die "$dir/mails: $!";
    my $tls = TestCA::make("$dir");
    my $self = bless { dir => $dir, seen => 0, ca => $tls->{ca}, tls => $tls,
        scheme => $option{smtps} ? 'smtps' : 'smtp' }, $class;
    $self->launch;
    write_password("$dir/password");
    return $self;
}

# Starts it, the second time at the port it had.
sub launch {
    my ($self) = @_;
    my ($dir, $tls) = @$self{qw(dir tls)};
    unlink "$dir/port";
    my $pid = open my $hold, '|-', '/usr/bin/python3',
        "$ENV{CP_SRCDIR}/t/fake/smtpd.py", '--port-file', "$dir/port",
        '--cert', $tls->{cert}, '--key', $tls->{key}, '--mails', "$dir/mails",
        '--user', 'portal', '--password', 'mail-password',
        '--port', $self->{port} // 0,
        $self->{scheme} eq 'smtps' ? '--smtps' : ();
    die "smtpd.py: $!" if !$pid;
    $self->{hold} = $hold;
    $self->{port} = wait_for(sub { read_file("$dir/port") });
    return;
}

sub write_password {
    my ($path) = @_;
    open my $file, '>', $path or die "$path: $!";
    print {$file} "mail-password\n";
    close $file or die "$path: $!";
    chmod 0600, $path or die "$path: $!";
    return;
}

sub read_file {
    my ($path) = @_;
    open my $file, '<', $path or return;
    my $text = do { local $/; <$file> };
    chomp $text;
    return $text;
}

# The lines of a portal's configuration that make it send here.
sub conf {
    my ($self) = @_;
    return "ClinicPortalMail $self->{scheme}://localhost:$self->{port}"
        . " portal\@clinic.test\n"
        . "ClinicPortalMailLogin portal file:$self->{dir}/password\n"
        . "ClinicPortalMailCAFile $self->{ca}\n";
}

# The next message: { headers => {...}, text, to, raw }.
sub next_mail {
    my ($self) = @_;
    my $path = sprintf '%s/mails/%04d', $self->{dir}, ++$self->{seen};
    my $raw = wait_for(sub { read_file($path) });
    my ($head, $body) = split /\n\n/, $raw, 2;
    $head =~ s/\n[ \t]+/ /g;
    my %header = map { /^([\w-]+):\s*(.*)/ ? (lc $1, $2) : () } split /\n/, $head;
    my $text = MIME::QuotedPrint::decode_qp($body);
    my ($link) = $text =~ m{^(https?://\S+/reset\?\S+)$}m;
    return { headers => \%header, to => $header{'x-rcpt'}, text => $text,
        link => $link, raw => $raw };
}

# How many messages there are.
sub count {
    my ($self) = @_;
    return scalar grep { !/\.tmp$/ } glob "$self->{dir}/mails/*";
}

sub stop {
    my ($self) = @_;
    my $hold = delete $self->{hold} or return;
    local $SIG{PIPE} = 'IGNORE'; # it may have died
    print {$hold} "\n"; # other processes may hold the pipe open
    close $hold;
    return;
}

sub DESTROY {
    my ($self) = @_;
    local ($?, $!);
    $self->stop;
    return;
}

1;
