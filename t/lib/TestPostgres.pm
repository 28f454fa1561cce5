# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# A private PostgreSQL that lives as long as one test: its own data directory,
# a unix socket and no port. PostgreSQL refuses to run as root, so that root
# runs it as the user postgres.
package TestPostgres;
use strict;
use warnings;

use File::Basename qw(dirname);
use File::Temp     ();
use IPC::Open3     qw(open3);

my $START_SECONDS = 60;

# So that objects are destroyed, and their servers stopped, on these too.
$SIG{$_} ||= sub { exit 1 } for qw(INT TERM HUP PIPE);

# The directory with initdb and postgres, or undef.
sub bin_dir {
    my @found = grep { -x "$_/initdb" && -x "$_/postgres" }
        split(/:/, $ENV{PATH} // ''),
        reverse sort glob('/usr/lib/postgresql/*/bin');
    return $found[0];
}

# Why no server can be had here: undef when one can.
sub missing {
    return 'initdb and postgres are not installed' if !bin_dir();
    return 'there is no user postgres to run as'
        if $> == 0 && !defined getpwnam('postgres');
    return;
}

# Words that make a command run as postgres where that is needed.
sub as_postgres {
    return $> == 0
        ? qw(setpriv --reuid postgres --regid postgres --init-groups)
        : ();
}

# Quietly; dies with what the command said.
sub run {
    my @command = @_;
    my $pid = open3(my $in, my $out, undef, @command);
    close($in) or die "cannot close: $!";
    my $said = do { local $/; <$out> };
    waitpid $pid, 0;
    die "@command failed:\n$said" if $? != 0;
    return $said;
}

# Makes and starts one; fsync "on" lets it wait for the disk, as it does
# anywhere else.
sub new {
    my ($class, %option) = @_;
    my $missing = missing();
    die "$missing\n" if defined $missing;
    my $dir = File::Temp->newdir('clinicportal-pg-XXXXXX', TMPDIR => 1);
    my $self = bless { dir => $dir, bin => bin_dir(), owner => $$,
        fsync => 'off', %option }, $class;

    # So that httpd's children, who are somebody else, reach the socket.
    chmod 0755, "$dir" or die "cannot open $dir up: $!";
    if ($> == 0) {
        my (undef, undef, $uid, $gid) = getpwnam 'postgres';
        chown $uid, $gid, "$dir" or die "cannot give away $dir: $!";
    }
    run(as_postgres(), "$self->{bin}/initdb", '-D', "$dir/data", '-U', 'test',
        '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync');
    $self->start;
    return $self;
}

# pg_ctl waits until the server answers, or is gone.
sub pg_ctl {
    my ($self, @words) = @_;
    run(as_postgres(), "$self->{bin}/pg_ctl", '-D', "$self->{dir}/data", '-w',
        '-t', $START_SECONDS, '-l', "$self->{dir}/log", '-s', @words);
    return;
}

sub start {
    my ($self) = @_;
    my @settings = ("listen_addresses=''",
        "unix_socket_directories='$self->{dir}'", "fsync=$self->{fsync}",
        'max_connections=100', 'shared_buffers=64MB');
    $self->pg_ctl('-o', join(' ', map { "-c $_" } @settings), 'start');
    $self->{parent} = $self->pid;
    return;
}

sub stop {
    my ($self) = @_;
    $self->thaw;
    $self->pg_ctl('-m', 'fast', 'stop')
        if -e "$self->{dir}/data/postmaster.pid";
    delete $self->{parent};
    return;
}

# Of the process whose children serve.
sub pid {
    my ($self) = @_;
    open my $file, '<', "$self->{dir}/data/postmaster.pid" or return;
    my $pid = <$file>;
    close $file or die "postmaster.pid: $!";
    chomp $pid;
    return $pid;
}

# Breaks every connection; the settings stay.
sub restart_fast {
    my ($self) = @_;
    $self->stop;
    $self->start;
    return;
}

# Stops every process of it without ending one: it takes connections and says
# nothing, until it thaws.
sub freeze {
    my ($self) = @_;
    my $parent = $self->pid;
    kill 'STOP', $parent; # makes no more children
    my @all = ($parent, run('ps', '-o', 'pid=', '--ppid', $parent) =~ /\d+/g);
    kill 'STOP', @all;
    $self->{frozen} = \@all;
    return;
}

sub thaw {
    my ($self) = @_;
    my $frozen = delete $self->{frozen} // [];
    kill 'CONT', @$frozen;
    return;
}

# Words for mod_dbd's DBDParams.
sub params {
    my ($self) = @_;
    return "host=$self->{dir} dbname=postgres user=test";
}

# What psql prints for one SQL text: rows by line, columns by "|".
sub psql {
    my ($self, $sql) = @_;
    return run('psql', '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-h',
        "$self->{dir}", '-U', 'test', '-d', 'postgres', '-c', $sql);
}

# A shell command that does restart_fast from another process.
sub restart_command {
    my ($self) = @_;
    delete $self->{parent}; # it will be another
    return join ' ', as_postgres(), "$self->{bin}/pg_ctl", '-D',
        "$self->{dir}/data", '-w', '-s', '-m fast', '-t', $START_SECONDS, '-l',
        "$self->{dir}/log", 'restart';
}

# Also at the end of a script that died; not in its children.
sub DESTROY {
    my ($self) = @_;
    return if $$ != $self->{owner};
    local ($@, $?);
    if (!$self->{dir}) {
        # The script has ended, and the folder has gone before us.
        $self->thaw;
        kill 'INT', $self->{parent} if $self->{parent};
        return;
    }
    eval { $self->stop; 1 } or warn $@;
    return;
}

1;
