# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# A PgBouncer before a test's PostgreSQL, on a unix socket:
#
#     my $pooler = PgBouncer->new($portal->{postgres});
#     $pooler->start('session');
#     reconfigure($portal, pooler => $pooler);
#     $pooler->stop;
package PgBouncer;
use strict;
use warnings;

use File::Temp ();

use TestPostgres ();
use Wait         qw(wait_for);

my $PORT = 6432; # only names the socket

sub new {
    my ($class, $postgres) = @_;
    my $dir = File::Temp->newdir('clinicportal-pool-XXXXXX', TMPDIR => 1);
    chmod 0755, "$dir" or die "$dir: $!";
    if ($> == 0) {
        my (undef, undef, $uid, $gid) = getpwnam 'postgres';
        chown $uid, $gid, "$dir" or die "cannot give away $dir: $!";
    }
    return bless { dir => $dir, postgres => $postgres, owner => $$ }, $class;
}

# "session" or "transaction"; may be started again after a stop.
sub start {
    my ($self, $mode) = @_;
    $self->write_conf($mode);
    my $pid = fork // die "cannot fork: $!";
    if (!$pid) {
        exec TestPostgres::as_postgres(), 'pgbouncer', '-q', "$self->{dir}/conf"
            or die "pgbouncer: $!";
    }
    $self->{pid} = $pid;
    wait_for(sub { -S "$self->{dir}/.s.PGSQL.$PORT" ? 1 : undef });
    return;
}

sub write_conf {
    my ($self, $mode) = @_;
    open my $conf, '>', "$self->{dir}/conf" or die "conf: $!";
    print {$conf} <<"END";
[databases]
* = host=$self->{postgres}{dir} user=test
[pgbouncer]
pool_mode = $mode
auth_type = any
listen_addr =
listen_port = $PORT
unix_socket_dir = $self->{dir}
server_login_retry = 1
logfile = $self->{dir}/log
END
    close $conf or die "conf: $!";
    return;
}

# Words for mod_dbd's DBDParams.
sub params {
    my ($self) = @_;
    return "host=$self->{dir} port=$PORT dbname=postgres user=test";
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
    return if $$ != $self->{owner};
    local ($@, $?, $!);
    $self->stop;
    return;
}

1;
