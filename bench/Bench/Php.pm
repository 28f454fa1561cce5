# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# PHP-FPM with bench/home.php: the home page made by PHP, with the very
# statements the portal uses, opcache, connections that stay open, and four
# processes for each processor.
package Bench::Php;
use strict;
use warnings;

use File::Temp ();

use Wait qw(wait_for);

my @STATEMENTS = qw(session_find change_find schedule_staff message_unread
    document_waiting_staff);

# Of the catalog, as PDO understands it: it knows no types of parameters.
sub statements {
    my ($driver) = @_;
    my %text;
    for my $name (glob "$ENV{CP_DATA}/sql/*.sql") {
        open my $file, '<', $name or die "$name: $!\n";
        my $sql = do { local $/; <$file> };
        close $file or die "$name: $!\n";
        while ($sql =~ /^-- name: (\w+)(?: \((\w+)\))?\n(.*?)(?=^-- name: |\z)/gms) {
            my ($key, $for, $body) = ($1, $2, $3);
            next if defined $for && $for ne $driver;
            next if exists $text{$key} && !defined $for;
            $text{$key} = $body =~ s/--.*//gr =~ s/(:[a-z_]+):\w+/$1/gr;
        }
    }
    return map { ($_ => $text{$_} // die "no statement $_\n") } @STATEMENTS;
}

sub quoted {
    my ($text) = @_;
    return "'" . $text =~ s/([\\'])/\\$1/gr . "'";
}

# $portal: whose database it reads.
sub start {
    my ($class, $portal) = @_;
    my $dir = File::Temp->newdir('clinicportal-php-XXXXXX', TMPDIR => 1);
    chmod 0755, "$dir" or die "$dir: $!\n";
    my $self = bless { dir => $dir, socket => "$dir/php.sock" }, $class;
    my %sql = statements($portal->{driver});
    my $dsn = $portal->{driver} eq 'pgsql'
        ? 'pgsql:' . $portal->params =~ s/ /;/gr
        : 'sqlite:' . $portal->params;
    $self->write_file('settings.php', "<?php\nreturn ["
        . join(', ', map { "$_ => " . quoted($sql{ substr $_, 1, -1 }) }
            map { "'$_'" } sort keys %sql)
        . ", 'dsn' => " . quoted($dsn) . "];\n");
    $self->write_file('home.php', do {
        open my $file, '<', "$ENV{CP_SRCDIR}/bench/home.php" or die "home.php: $!\n";
        local $/;
        <$file>;
    });
    $self->write_file('php.ini', "zend_extension=opcache\nopcache.enable=1\n"
        . "opcache.validate_timestamps=0\nextension=pdo\n"
        . "extension=pdo_sqlite\nextension=pdo_pgsql\n");
    $self->write_conf;
    $self->launch;
    return $self;
}

sub write_file {
    my ($self, $name, $text) = @_;
    open my $file, '>', "$self->{dir}/$name" or die "$name: $!\n";
    print {$file} $text;
    close $file or die "$name: $!\n";
    return;
}

sub processes {
    chomp(my $processors = `nproc`);
    return 4 * $processors;
}

sub write_conf {
    my ($self) = @_;
    my $who = $> == 0 ? "user = nobody\ngroup = nogroup\n" : '';
    my $children = processes();
    $self->write_file('php.conf', <<"END");
[global]
error_log = $self->{dir}/php.log
daemonize = no
[www]
${who}listen = $self->{socket}
listen.mode = 0666
pm = static
pm.max_children = $children
END
    return;
}

sub launch {
    my ($self) = @_;
    my ($program) = sort glob '/usr/sbin/php-fpm*';
    die "no php-fpm\n" if !defined $program;
    my $pid = fork // die "cannot fork: $!\n";
    if (!$pid) {
        open STDERR, '>>', "$self->{dir}/php.out" or die "php.out: $!";
        exec $program, '-F', '-R', '-c', "$self->{dir}/php.ini", '-y',
            "$self->{dir}/php.conf" or die "$program: $!";
    }
    $self->{pid} = $pid;
    wait_for(sub { -S $self->{socket} ? 1 : undef });
    return;
}

# For httpd.conf; mod_proxy_fcgi keeps its connections. A connection that stays
# open takes a process, so that httpd's two children may not have more of them.
sub conf {
    my ($self) = @_;
    my $connections = processes() / 2;
    return <<"END";
<Location /php/home.php>
    Require all granted
    SetHandler "proxy:unix:$self->{socket}|fcgi://php/"
</Location>
Alias /php $self->{dir}
<Proxy "fcgi://php/" enablereuse=on max=$connections>
</Proxy>
END
}

sub stop {
    my ($self) = @_;
    my $pid = delete $self->{pid} or return;
    kill 'TERM', $pid;
    waitpid $pid, 0;
    return;
}

sub DESTROY {
    my ($self) = @_;
    local ($@, $?, $!);
    $self->stop;
    return;
}

1;
