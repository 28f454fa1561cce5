# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# Applications of other kinds behind one httpd, each of which answers with what
# it was told: a Perl CGI program, PHP-FPM, a proxied HTTP server.
#
#     my $back = BackEnds->start;
#     ... $back->{echo}: address of the server, $back->{php}: a socket ...
#     $back->stop;
#
# Without PHP: start(php => 0).
package BackEnds;
use strict;
use warnings;

use File::Temp ();

use Wait qw(wait_for);

sub start {
    my ($class, %option) = @_;
    my $dir = File::Temp->newdir('clinicportal-back-XXXXXX', TMPDIR => 1);
    chmod 0755, "$dir" or die "$dir: $!";
    my $self = bless { dir => $dir }, $class;
    open my $hold, '|-', $^X, "$ENV{CP_SRCDIR}/t/fake/echo.pl", '--port-file',
        "$dir/port" or die "echo.pl: $!";
    $self->{hold} = $hold;
    $self->{echo} = 'http://127.0.0.1:' . wait_for(sub {
        open my $file, '<', "$dir/port" or return;
        return scalar <$file>;
    });
    $self->start_php if $option{php} // 1;
    return $self;
}

sub start_php {
    my ($self) = @_;
    my ($program) = sort glob '/usr/sbin/php-fpm*';
    die "no php-fpm\n" if !defined $program;
    my $who = $> == 0 ? "user = nobody\ngroup = nogroup\n" : '';
    $self->{php} = "$self->{dir}/php.sock";
    open my $conf, '>', "$self->{dir}/php.conf" or die "php.conf: $!";
    print {$conf} <<"END";
[global]
error_log = $self->{dir}/php.log
daemonize = no
[www]
${who}listen = $self->{php}
listen.mode = 0666
pm = static
pm.max_children = 2
END
    close $conf or die "php.conf: $!";
    my $pid = fork // die "cannot fork: $!";
    if (!$pid) {
        open STDERR, '>>', "$self->{dir}/php.out" or die "php.out: $!";
        exec $program, '-n', '-F', '-R', '-y', "$self->{dir}/php.conf"
            or die "$program: $!";
    }
    $self->{php_pid} = $pid;
    wait_for(sub { -S $self->{php} ? 1 : undef });
    return;
}

sub stop {
    my ($self) = @_;
    my $hold = delete $self->{hold} or return;
    close $hold or die "echo.pl ended badly: $?";
    if (my $pid = delete $self->{php_pid}) {
        kill 'TERM', $pid;
        waitpid $pid, 0;
    }
    return;
}

sub DESTROY {
    my ($self) = @_;
    local ($@, $?, $!);
    eval { $self->stop; 1 } or warn $@;
    return;
}

1;
