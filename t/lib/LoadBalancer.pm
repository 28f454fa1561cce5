# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# Two nodes of one portal and the load balancer before them, both set up with
# the very lines of docs/nodes.md:
#
#     my $balancer = LoadBalancer->start(conf => "...");
#     my ($one, $two) = $balancer->nodes;
#     $balancer->browser(address => '127.0.0.2')->get('/');
#     $balancer->drain($one); ... $balancer->resume($one);
#     $balancer->finish;     # stops all, and looks at their logs
#
# The options are those of ClinicTest, for the nodes. The balancer's own address
# is 127.0.0.1; a client that is to be told from it needs another.
package LoadBalancer;
use strict;
use warnings;

use parent -norequire, 'ClinicTest';

use File::Temp ();
use Test::More;

use ClinicTest ();
use TestCA     ();
use Wait       qw(wait_for);

# The lines for a node and for the balancer.
sub documented {
    open my $file, '<', "$ENV{CP_SRCDIR}/docs/nodes.md" or die "nodes.md: $!";
    my $text = do { local $/; <$file> };
    close $file or die "nodes.md: $!";
    my @blocks = $text =~ /^```apache\n(.*?)^```/gms;
    die "nodes.md: not the two blocks there were\n" if @blocks != 2;
    return @blocks;
}

sub start {
    my ($class, %options) = @_;
    my $dir = File::Temp->newdir('clinicportal-XXXXXX', TMPDIR => 1);
    chmod 0755, "$dir" or die "cannot open $dir up: $!";
    mkdir "$dir/$_" or die "$dir/$_: $!" for qw(logs sanitizer);
    my ($of_node, $of_balancer) = documented();
    my $self = bless { dir => $dir, owner => $$, claimed => [], base => '',
        tls => 1, mpm => 'event', threads => 32, children => 1,
        modules => [qw(authz_host proxy proxy_http slotmem_shm proxy_balancer
            lbmethod_bybusyness watchdog proxy_hcheck)],
        port => ClinicTest::free_port(), ca => TestCA::make("$dir"),
        lines => $of_balancer }, $class;
    my $node = ClinicTest->start(driver => 'pgsql', %options,
        modules => [@{ $options{modules} // [] }, qw(remoteip authz_host)],
        after_conf => $of_node =~ s/10\.0\.0\.5/127.0.0.1/gr,
        conf => 'ClinicPortalOrigin ' . $self->origin . "\n"
            . "ClinicPortalRequireTLS On\n" . ($options{conf} // ''));
    $self->{nodes} = [$node, $node->another_node];
    open my $conf, '>', "$dir/httpd.conf" or die "httpd.conf: $!";
    print {$conf} $self->configuration;
    close $conf or die "httpd.conf: $!";
    $self->launch;
    $self->wait_for_state($_, \&says_ready) for $self->nodes;
    return $self;
}

sub nodes {
    my ($self) = @_;
    return @{ $self->{nodes} };
}

# The documented lines with this test's names instead of those in there.
sub lines {
    my ($self) = @_;
    my $text = $self->{lines};
    my ($one, $two) = map { "127.0.0.1:$_->{port}" } $self->nodes;
    my %is = ('10.0.0.11:8080' => $one, '10.0.0.12:8080' => $two,
        '*:443' => "127.0.0.1:$self->{port}", 'portal.example' => 'localhost',
        'Listen 443' => "Listen 127.0.0.1:$self->{port}",
        '/etc/ssl/portal.pem' => $self->{ca}{cert},
        '/etc/ssl/private/portal.key' => $self->{ca}{key},
        '10.0.0.0/24' => '127.0.0.1');
    for my $name (sort keys %is) {
        $text =~ s/\Q$name\E/$is{$name}/g or die "nodes.md: no $name\n";
    }
    return $text;
}

sub configuration {
    my ($self) = @_;
    my $dir = $self->{dir};
    return HttpdConf::load_modules($self) . HttpdConf::mpm_settings($self)
        . <<"END" . $self->lines;
ServerRoot $dir
ServerName localhost
PidFile $dir/httpd.pid
DefaultRuntimeDir $dir/logs
ErrorLog $dir/logs/error.log
LogLevel notice
SSLSessionCache shmcb:$dir/logs/ssl(65536)
<IfModule unixd_module>
User nobody
Group nogroup
</IfModule>
TypesConfig /dev/null
GracefulShutdownTimeout 10
END
}

# What the administrator sees.
sub manager {
    my ($self, %set) = @_;
    my $user = $self->browser;
    my $path = '/balancer-manager';
    my @referer = (headers => { Referer => $self->origin . $path });
    my $page = $user->get($path, @referer);
    return $page->{content} if !%set;
    my ($nonce) = $page->{content} =~ /nonce=([\w-]+)/ or die 'no nonce';
    return $user->post($path, { b => 'portal', nonce => $nonce, %set },
        @referer)->{content};
}

sub set_draining {
    my ($self, $node, $is_on) = @_;
    $self->manager(w => "http://127.0.0.1:$node->{port}",
        w_status_N => $is_on);
    return;
}

# What the balancer says of a node: "Init Ok".
sub state_of {
    my ($self, $node) = @_;
    my $page = $self->manager;
    my ($row) = $page =~
        m{(<tr>\s*<td><a[^>]*>http://127\.0\.0\.1:$node->{port}</a></td>.*?</tr>)}s
        or die "no $node->{port} in\n$page";
    my @cells = $row =~ m{<td[^>]*>(.*?)</td>}gs;
    return $cells[5];
}

sub says_ready {
    my ($state) = @_;
    return $state =~ /^Init (?:Drn )?Ok/;
}

sub is_ready {
    my ($self, $node) = @_;
    return says_ready($self->state_of($node));
}

# No new requests. How many are under way cannot be asked: mod_proxy_balancer
# counts them without a lock, and may say 1 for ever (httpd 2.4.71).
sub drain {
    my ($self, $node) = @_;
    $self->set_draining($node, 1);
    $self->wait_for_state($node, sub { $_[0] =~ /Drn/ });
    return;
}

# Once it is ready by its own word and the balancer's.
sub resume {
    my ($self, $node) = @_;
    wait_for(sub {
        $node->browser->get('/health/ready')->{status} == 200 || undef });
    $self->wait_for_state($node, \&says_ready);
    $self->set_draining($node, 0);
    return;
}

sub wait_for_state {
    my ($self, $node, $is_wanted) = @_;
    my $state;
    eval { wait_for(sub {
        $state = $self->state_of($node);
        $is_wanted->($state) || undef;
    }) } or die "a node stays at $state:\n", $node->log_text;
    return;
}

sub finish {
    my ($self) = @_;
    $_->stop for $self, $self->nodes;
    $self->claim_seen('AH00957'); # a check of a node that was down
    $_->log_is_clean for $self, $self->nodes;
    return;
}

1;
