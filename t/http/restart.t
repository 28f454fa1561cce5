# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# httpd restarts: people stay signed in, nothing is left behind. And two
# virtual hosts with databases of their own on one httpd, which never mix.
use strict;
use warnings;

use Test::More;

use ClinicTest;
use Fixture qw(world save reconfigure);
use Load;
use Wait qw(wait_for);

my $GRACEFULLY = 5;
my $CHILDREN = 2;

sub is_signed_in {
    my ($user, $when) = @_;
    my $page = $user->get('/staff/');
    is($page->{status}, 200, "signed in $when");
    return $page;
}

sub check_people {
    my ($portal) = @_;
    my $user = $portal->browser;
    is($user->sign_in('RIVERSIDE', 'Staff', 'DoeJ')->{status}, 303,
        'somebody signs in');
    my $fields = $portal->browser;
    my $form = $fields->sign_in_fields('LAKEVIEW', 'Patient', 'mlopez');

    $portal->restart_gracefully;
    is_signed_in($user, 'after a graceful restart');
    is($fields->post('/login', $form)->{status}, 303,
        'a form from before it, with its CAPTCHA, still signs in');
    restart_at_once($portal);
    is_signed_in($user, 'after a restart');
    $portal->restart_fully;
    my $page = is_signed_in($user, 'after a stop and a start');
    is($user->sign_out($page)->{status}, 303,
        'and a logout button from before works');
    is($user->get('/staff/')->{status}, 303, 'signed out');
    return;
}

# As an administrator does it, not waiting for anybody.
sub restart_at_once {
    my ($portal) = @_;
    my %old = map { $_ => 1 } $portal->children;
    $portal->control('restart');
    wait_for(sub { (grep { $old{$_} } $portal->children) ? undef : 1 });
    wait_for(sub {
        eval { $portal->browser->get('/help')->{status} == 200 } || undef });
    return;
}

sub count_children {
    my ($portal) = @_;
    my @children = $portal->children;
    return scalar @children;
}

sub open_files {
    my ($pid) = @_;
    my @files = glob "/proc/$pid/fd/*";
    return scalar @files;
}

# Nobody is turned away meanwhile, and the parent holds nothing more than
# before.
sub check_graceful_under_load {
    my ($portal) = @_;
    my $parent = $portal->pid;
    $portal->restart_gracefully;
    my $files = open_files($parent);
    my $load = Load->start($portal, 2);
    $load->enter(1);
    $portal->restart_gracefully for 1 .. $GRACEFULLY;
    $load->enter(2);
    $load->finish;
    for my $phase (0, 1, 2) {
        my $statuses = $load->statuses($phase);
        is_deeply([grep { !/^(?:200|303)$/ } keys %$statuses], [],
            "phase $phase: everybody is served") or diag explain $statuses;
    }
    is($portal->pid, $parent, 'the parent is the same');
    # Fewer when an old child was slow to go: httpd then starts no other before
    # it needs one. prefork has as many as it finds it needs.
    ok(eval { wait_for(sub {
        count_children($portal) <= $CHILDREN ? 1 : undef }) },
        'with no more children') if $portal->{mpm} ne 'prefork';
    is(open_files($parent), $files, 'and as many open files');
    my ($asleep) = grep { /^State:\s+Z/ } map { state_of($_) }
        $portal->children;
    is($asleep, undef, 'none of them a zombie');
    return;
}

sub state_of {
    my ($pid) = @_;
    open my $file, '<', "/proc/$pid/status" or return;
    my @lines = grep { /^State/ } <$file>;
    close $file or die "status: $!";
    return @lines;
}

# The same clinic codes and user names, other people.
sub other_world {
    my $world = world();
    $world->{clinics}[0]{name} = 'XX Elsewhere';
    $world->{clinics}[0]{practitioners}[0]{name} = 'XX Jill Doe';
    $world->{clinics}[0]{threads}[0]{topic} = 'XX topic';
    return $world;
}

# A virtual host at the other portal's port, with the other's database.
sub vhost {
    my ($other) = @_;
    return <<"END";
Listen 127.0.0.1:$other->{port}
<VirtualHost 127.0.0.1:$other->{port}>
    ServerName localhost
    DBDriver $other->{driver}
    DBDParams "@{[$other->params]}"
    DBDMax 32
    <Location />
        Require all granted
        ClinicPortal On
        ClinicPortalSecret file:$other->{dir}/secret
        ClinicPortalDocuments $other->{dir}/documents
        ClinicPortalRequireTLS Off
    </Location>
</VirtualHost>
END
}

sub check_two_hosts {
    my ($portal) = @_;
    my $other = ClinicTest->start(driver => $portal->{driver},
        data => save(other_world()));
    $other->stop;
    reconfigure($portal, server_conf => "ServerLimit 16\n" . vhost($other));

    my ($here, $there) = ($portal->browser, $other->browser);
    is($_->sign_in('RIVERSIDE', 'Staff', 'DoeJ')->{status}, 303,
        'the same name signs in on both hosts') for $here, $there;
    my (@here, @there);
    for my $path (map { ("/staff/$_") x 5 } '', qw(documents messages)) {
        push @here, $here->get($path);
        push @there, $there->get($path);
    }
    my $text_here = join '', map { $_->{content} } @here;
    my $text_there = join '', map { $_->{content} } @there;
    like($text_here, qr/RV Riverside Clinic/, 'here is here');
    like($text_here, qr/RV topic plan/, 'with its messages');
    unlike($text_here, qr/\bXX /, 'and nothing of there');
    like($text_there, qr/XX Elsewhere/, 'there is there');
    like($text_there, qr/XX topic/, 'with its messages');
    unlike($text_there, qr/RV Riverside|RV topic|RV Jane/,
        'and nothing of here');

    my $stranger = $other->browser;
    $stranger->{cookies} = { %{ $here->{cookies} } };
    is($stranger->get('/staff/')->{status}, 303,
        'a session of here is none there');
    is($portal->value('SELECT COUNT(*) FROM session'), 1,
        'each has its own sessions') or diag explain
        $portal->rows('SELECT * FROM session');
    is($other->value('SELECT COUNT(*) FROM session'), 1, 'and so has it');
    return $other;
}

my @kept; # what httpd's children open until it stops
on_each_database(sub {
    my ($portal) = @_;
    check_people($portal);
    check_graceful_under_load($portal);
    $portal->run_sql('DELETE FROM session');
    push @kept, check_two_hosts($portal);
}, data => save(world()), children => $CHILDREN, threads => 8,
    # A form sent on a kept connection while its child ends is sent again by
    # browsers, and not by HTTP::Tiny.
    keep_alive => 0,
    # Old and new children side by side.
    server_conf => "ServerLimit 16\n");

done_testing;
