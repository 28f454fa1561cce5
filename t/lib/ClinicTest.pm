# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# A live portal for one test: its own directory, database, httpd.conf and
# httpd on a free port of the loopback, stopped by its own pid. Every live
# test runs on SQLite and on PostgreSQL:
#
#     use ClinicTest;
#     on_each_database(sub {
#         my ($portal) = @_;
#         my $user = $portal->browser;
#         is($user->get('/help')->{status}, 200, 'help is public');
#     }, base => '/portal', conf => "ClinicPortalSessionIdle 10m\n");
#
# base may be a list; then each is tried on each database. drivers => ['pgsql']
# is for a test that makes sense on that one alone.
# When the sub returns the error log must hold no line that it did not claim
# ($portal->claim('CP0602')), and no child may have died by a signal.
package ClinicTest;
use strict;
use warnings;

use DBI        ();
use Exporter   qw(import);
use File::Path qw(make_path);
use File::Temp ();
use IO::Socket::INET ();
use IPC::Open3 qw(open3);
use POSIX      ();
use Test::More;

use Browser      ();
use HttpdConf    ();
use TestPostgres ();
use Wait         qw(wait_for);

our @EXPORT = qw(on_each_database);


sub on_each_database {
    my ($code, %options) = @_;
    my $bases = ref $options{base} ? $options{base} : [$options{base} // ''];
    my $drivers = delete $options{drivers} // [qw(sqlite3 pgsql)];
    my %is_asked = map { $_ => 1 }
        split /,/, $ENV{CP_TEST_DRIVERS} // join ',', @$drivers;
    my @chosen = grep { $is_asked{$_} } @$drivers;
    plan(skip_all => "CP_TEST_DRIVERS leaves @$drivers out") if !@chosen;
    for my $driver (@chosen) {
        for my $base (@$bases) {
            subtest "$driver at $base/" => sub {
                my $portal = ClinicTest->start(%options, driver => $driver,
                    base => $base);
                $code->($portal);
                $portal->stop;
                $portal->log_is_clean;
            };
        }
    }
    return;
}

# Options: driver, base ("" or "/portal"), conf (lines inside the <Location>),
# server_conf (lines before it), after_conf (lines after it, or code that makes
# them of the portal), modules (names of httpd's to load besides), tls (1: HTTPS
# with a test CA), mpm, data (an import file; the demo's otherwise), threads
# (per child), children, keep_alive (of its browsers), preload (libraries) and
# env for httpd, passes of a password's hash (the fewest; 0: the product's own),
# postgres_options (of TestPostgres).
sub start {
    my ($class, %options) = @_;
    my $dir = File::Temp->newdir('clinicportal-XXXXXX', TMPDIR => 1);
    chmod 0755, "$dir" or die "cannot open $dir up: $!";
    my $self = bless {
        driver => 'sqlite3', base => '', conf => '', server_conf => '',
        after_conf => '', modules => [],
        mpm => $ENV{CP_TEST_MPM} // 'event', threads => 16, children => 1,
        data => "$ENV{CP_DATA}/demo/demo.json", passes => 2,
        postgres_options => {},
        %options, dir => $dir, owner => $$, claimed => [],
    }, $class;

    $self->{documents} = "$dir/documents";
    $self->{port} = free_port();
    $self->{plain_port} = free_port() if $self->{tls};
    make_path(map { "$dir/$_" } qw(db documents logs sanitizer www));
    chmod 0777, "$dir/sanitizer";
    $self->make_database;
    $self->ctl('secret', 'new', "$dir/secret");
    $self->make_files;
    $self->launch;
    return $self;
}

# One more httpd for this portal: the same PostgreSQL, documents and
# configuration, a copy of the secret. Its log is its own, and it is stopped on
# its own.
sub another_node {
    my ($self) = @_;
    my $dir = File::Temp->newdir('clinicportal-XXXXXX', TMPDIR => 1);
    chmod 0755, "$dir" or die "cannot open $dir up: $!";
    my $node = bless { %$self, dir => $dir, owner => $$, claimed => [],
        port => free_port() }, ref $self;
    make_path(map { "$dir/$_" } qw(logs sanitizer www));
    chmod 0777, "$dir/sanitizer";
    must('cp', '-p', "$self->{dir}/secret", "$dir/secret");
    $node->make_files;
    $node->launch;
    return $node;
}

sub free_port {
    my $socket = IO::Socket::INET->new(
        Listen => 1, LocalAddr => '127.0.0.1', LocalPort => 0, ReuseAddr => 1
    ) or die "no free port: $!";
    return $socket->sockport;
}

# Runs a command with the given input; returns its exit status and output.
sub capture {
    my ($input, @command) = @_;
    my $pid = open3(my $in, my $out, undef, @command);
    print {$in} $input;
    close $in or die "cannot write to $command[0]: $!";
    my $said = do { local $/; <$out> };
    waitpid $pid, 0;
    return ($? >> 8, $said // '');
}

sub must {
    my (@command) = @_;
    my ($status, $said) = capture('', @command);
    die "@command failed ($status):\n$said" if $status != 0;
    return $said;
}

# clinicportalctl on this portal's database; dies unless it succeeds.
sub ctl {
    my ($self, @words) = @_;
    return must($self->ctl_command, @words);
}

# The same, returning (exit status, output); $input goes to its standard input.
sub try_ctl {
    my ($self, $input, @words) = @_;
    return capture($input, $self->ctl_command, @words);
}

sub ctl_command {
    my ($self) = @_;
    return ($ENV{CP_CTL}, '--data', $ENV{CP_DATA}, '--db',
        "$self->{driver}:" . $self->params,
        $self->{passes} ? ('--passes', $self->{passes}) : ());
}

# A pooler is what stands before PostgreSQL.
sub params {
    my ($self) = @_;
    return "$self->{dir}/db/portal.sqlite" if $self->{driver} ne 'pgsql';
    return ($self->{pooler} // $self->{postgres})->params;
}

sub make_database {
    my ($self) = @_;
    if ($self->{driver} eq 'pgsql') {
        $self->{postgres} = TestPostgres->new(%{ $self->{postgres_options} });
    }
    $self->ctl('db', 'init');
    $self->ctl('import', $self->{data}, '--documents', $self->{documents});
    return;
}

# A file below the DocumentRoot, with the folders it needs.
sub put_file {
    my ($self, $name, $text, $mode) = @_;
    my $path = "$self->{dir}/www/$name";
    make_path($path =~ s{/[^/]+\z}{}r);
    open my $out, '>', $path or die "$path: $!";
    print {$out} $text;
    close $out or die "$path: $!";
    chmod $mode // 0644, $path or die "$path: $!";
    return;
}

# What httpd reads and writes. Started as root it gives its children to
# nobody, who must be able to write the database.
sub make_files {
    my ($self) = @_;
    if ($self->{tls}) {
        require TestCA;
        $self->{ca} = TestCA::make("$self->{dir}");
    }
    open my $conf, '>', "$self->{dir}/httpd.conf" or die "httpd.conf: $!";
    print {$conf} $self->configuration;
    close $conf or die "httpd.conf: $!";
    if ($> == 0) {
        must('chown', '-R', 'nobody:nogroup', grep { -d }
            "$self->{dir}/db", $self->{documents});
    }
    return;
}

sub configuration {
    my ($self) = @_;
    return HttpdConf::text($self);
}

sub httpd {
    my ($self) = @_;
    my $sbin = must('apxs', '-q', 'SBINDIR');
    my $name = must('apxs', '-q', 'PROGNAME');
    chomp($sbin, $name);
    return ("$sbin/$name", '-d', "$self->{dir}", '-f', "$self->{dir}/httpd.conf");
}

# (exit status, output) of httpd with these words. With script/test --asan the
# module is instrumented and httpd is not, so the sanitizers have to be there
# before it (with --helgrind, helgrind_order.c); memory of pools is never freed one
# by one, so leaks are not asked for. Each complaint becomes a file.
sub run_httpd {
    my ($self, @words) = @_;
    local %ENV = (%ENV, %{ $self->{env} // {} });
    $ENV{LD_PRELOAD} = join ' ', @{ $self->{preload} } if $self->{preload};
    if ($ENV{CP_PRELOAD}) {
        my $log = "log_path=$self->{dir}/sanitizer/report";
        $ENV{LD_PRELOAD} = join ' ', $ENV{CP_PRELOAD}, $ENV{LD_PRELOAD} // ();
        $ENV{ASAN_OPTIONS} = "$log:detect_leaks=0:detect_odr_violation=0";
        $ENV{UBSAN_OPTIONS} = "$log:print_stacktrace=1";
    }
    my @under = $ENV{CP_VALGRIND} ? (split(/ /, $ENV{CP_VALGRIND}),
        "--log-file=$self->{dir}/sanitizer/valgrind.%p") : ();
    return capture('', @under, $self->httpd, @words);
}

# How often httpd has begun to serve: it has all its children then, or one for
# each that ends, and heeds signals, which it forgets while it reads its
# configuration.
sub beginnings {
    my ($self) = @_;
    my $count = () = $self->log_text =~ /resuming normal operations/g;
    return $count;
}

# Starts httpd and waits until it answers.
sub launch {
    my ($self) = @_;
    my $before = $self->beginnings;
    my ($status, $said) = $self->run_httpd('-k', 'start');
    die "httpd does not start:\n$said" . $self->log_text if $status != 0;
    eval { wait_for(sub {
        $self->answers && $self->beginnings > $before ? 1 : undef }) }
        or die "httpd does not answer:\n" . $self->log_text;
    $self->{parent} = $self->pid;
    return;
}

sub answers {
    my ($self) = @_;
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
        PeerPort => $self->{port}, Timeout => 2) or return 0;
    return -e "$self->{dir}/httpd.pid";
}

# (exit status, output) of configtest, with these lines in the <Location>
# instead of the portal's own extra ones.
sub configtest {
    my ($self, %changes) = @_;
    my $other = bless { %$self, %changes }, ref $self;
    my $file = "$self->{dir}/configtest.conf";
    open my $conf, '>', $file or die "$file: $!";
    print {$conf} $changes{text} // $other->configuration;
    close $conf or die "$file: $!";
    delete $other->{owner};
    return $self->run_httpd('-f', $file, '-t');
}

sub pid {
    my ($self) = @_;
    open my $file, '<', "$self->{dir}/httpd.pid" or return;
    my $pid = <$file>;
    close $file or die "httpd.pid: $!";
    chomp $pid;
    return $pid;
}

# "graceful" (as logrotate does), "restart" or "graceful-stop".
sub control {
    my ($self, $word) = @_;
    my ($status, $said) = $self->run_httpd('-k', $word);
    die "httpd -k $word failed ($status):\n$said" if $status != 0;
    return;
}

sub children {
    my ($self) = @_;
    my (undef, $said) = capture('', 'ps', '-o', 'pid=', '--ppid', $self->pid);
    return $said =~ /\d+/g;
}

# As "graceful", and waits until every child there was is gone, so that what
# follows meets the new ones.
sub restart_gracefully {
    my ($self) = @_;
    my %old = map { $_ => 1 } $self->children;
    my $before = $self->beginnings;
    $self->control('graceful');
    eval { wait_for(sub { $self->beginnings > $before
        && !grep { $old{$_} } $self->children or undef }) }
        or die "a child outlives the graceful restart\n";
    return;
}

# Stops httpd and starts it again.
sub restart_fully {
    my ($self) = @_;
    $self->stop;
    $self->launch;
    return;
}

# By its own pid, gracefully (WINCH): told to stop at once, httpd takes a child
# down under workers that have sent their answer and are still tidying up.
# Waits until it is gone.
sub stop {
    my ($self) = @_;
    my $pid = $self->pid or return;
    kill 'WINCH', $pid;
    eval { wait_for(sub { -e "$self->{dir}/httpd.pid" ? undef : 1 }) }
        or die "httpd does not stop\n";
    delete $self->{parent};
    return;
}

sub DESTROY {
    my ($self) = @_;
    return if ($self->{owner} // 0) != $$;
    local ($@, $?, $!);
    if (!$self->{dir}) {
        # The script has died, and the folder has gone before us.
        kill 'TERM', $self->{parent} if $self->{parent};
        return;
    }
    eval { $self->stop; 1 } or warn $@;
    return;
}

# A new browser: its own cookies, no redirects followed.
sub browser {
    my ($self, %options) = @_;
    return Browser->new(portal => $self, %options);
}

sub origin {
    my ($self) = @_;
    return ($self->{tls} ? 'https' : 'http') . "://localhost:$self->{port}";
}

# A connection of ours to the same database, to look and to turn clocks back.
sub dbh {
    my ($self) = @_;
    my %always = (RaiseError => 1, PrintError => 0, AutoInactiveDestroy => 1);
    delete $self->{dbh} if $self->{dbh} && !$self->{dbh}->ping;
    return $self->{dbh} //= $self->{driver} eq 'pgsql'
        ? DBI->connect("dbi:Pg:dbname=postgres;host=$self->{postgres}{dir}",
            'test', '', \%always)
        : DBI->connect('dbi:SQLite:dbname=' . $self->params, '', '',
            { %always, sqlite_use_immediate_transaction => 1 });
}

# The value, row or rows of one query.
sub value {
    my ($self, $sql, @bind) = @_;
    return scalar $self->dbh->selectrow_array($sql, undef, @bind);
}

sub rows {
    my ($self, $sql, @bind) = @_;
    return $self->dbh->selectall_arrayref($sql, { Slice => {} }, @bind);
}

sub run_sql {
    my ($self, $sql, @bind) = @_;
    return $self->dbh->do($sql, undef, @bind);
}

# The audit trail from one moment on (what count_audit gave), oldest first.
sub audit {
    my ($self, $since) = @_;
    my $rows = $self->rows('SELECT * FROM audit_event ORDER BY recorded_at');
    return [@{$rows}[($since // 0) .. $#$rows]];
}

sub count_audit {
    my ($self) = @_;
    return $self->value('SELECT COUNT(*) FROM audit_event');
}

# "error" or "access".
sub log_text {
    my ($self, $which) = @_;
    my $name = "$self->{dir}/logs/" . ($which // 'error') . '.log';
    open my $file, '<', $name or return '';
    local $/;
    my $text = <$file>;
    close $file or die "$name: $!";
    return $text // '';
}

# This test expects log lines with these tags.
sub claim {
    my ($self, @tags) = @_;
    push @{ $self->{claimed} }, @tags;
    return;
}

# The same of those that were written, if that is up to chance.
sub claim_seen {
    my ($self, @tags) = @_;
    my $log = $self->log_text;
    $self->claim(grep { $log =~ /\b$_\b/ } @tags);
    return;
}

# Lines that may stand there and say nothing of the portal: TLS is not required
# on the loopback; httpd is at its limits in a crowd; httpd's own race of a
# worker with the end of its child (AH03093); mod_http2 does not like prefork
# (AH10034); and mod_ssl is from a newer Debian update than the machine's OpenSSL
# (AH01882).
my @harmless = qw(CP0112 AH00484 AH00286 AH03490 AH10159 AH03093 AH10034
    AH00161 AH01882);
# Under valgrind a transaction may last longer than others wait for SQLite.
push @harmless, 'database is locked' if $ENV{CP_VALGRIND};

sub complaints {
    my ($self) = @_;
    my @texts;
    for my $name (glob "$self->{dir}/sanitizer/*") {
        open my $file, '<', $name or die "$name: $!";
        push @texts, do { local $/; <$file> };
        close $file or die "$name: $!";
    }
    return join "\n", @texts;
}

# No child died by a signal; every line at warning and above is claimed, and
# every claim was met.
sub log_is_clean {
    my ($self) = @_;
    my @lines = split /\n/, $self->log_text;
    my @died = grep { /exit signal|AH0005[12]|core dump/ } @lines;
    my @loud = grep { /:(?:warn|error|crit|alert|emerg)\]/ } @lines;
    my @unclaimed = grep {
        my $line = $_;
        !grep { $line =~ /\b\Q$_\E\b/ } @{ $self->{claimed} }, @harmless;
    } @loud;
    my @unmet = grep { my $tag = $_; !grep { /\b\Q$tag\E\b/ } @lines }
        @{ $self->{claimed} };

    is(join("\n", @died), '', 'no child died by a signal');
    is($self->complaints, '', 'no sanitizer complains')
        if $ENV{CP_PRELOAD} || $ENV{CP_VALGRIND};
    is(join("\n", @unclaimed), '', 'the error log holds nothing unexpected');
    is(join("\n", @unmet), '', 'every log line claimed was written');
    return;
}

1;
