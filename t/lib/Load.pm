# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# People who sign in and read while a test does something to the server:
#
#     my $load = Load->start($portal, 4);
#     $load->enter(1);      # whatever is asked from now on is of phase 1
#     ... restart the database ...
#     $load->wait_for_a_round;                 # somebody got through meanwhile
#     $load->enter(2);
#     $load->finish;
#     my %seen = %{ $load->statuses(2) };      # status => how often
#     is_deeply([$load->unserved], [], 'everybody was served all the time');
#
# enter and finish wait until each person has made a whole round in the phase
# before.
package Load;
use strict;
use warnings;

use List::Util  qw(sum);
use POSIX       ();
use Time::HiRes qw(sleep time);

use Wait ();

my $WAIT_SECONDS = 2 * Wait::SECONDS;
my @people = (['RIVERSIDE', 'Staff', 'DoeJ'], ['LAKEVIEW', 'Staff', 'DoeJ'],
    ['RIVERSIDE', 'Patient', 'mlopez'], ['LAKEVIEW', 'Patient', 'mlopez']);

sub start {
    my ($class, $portal, $count) = @_;
    my $self = bless { portal => $portal, phase => 0, owner => $$,
        dir => File::Temp->newdir('clinicportal-load-XXXXXX', TMPDIR => 1) },
        $class;
    $self->note_phase;
    for my $number (0 .. $count - 1) {
        my $pid = fork // die "cannot fork: $!";
        if (!$pid) {
            eval { $self->work($number); 1 } or warn "client $number: $@";
            POSIX::_exit(0);
        }
        $self->{clients}{$number} = $pid;
    }
    return $self;
}

# By renaming, so that nobody reads half of it.
sub note_phase {
    my ($self) = @_;
    open my $file, '>', "$self->{dir}/new" or die "new: $!";
    print {$file} $self->{phase};
    close $file or die "new: $!";
    rename "$self->{dir}/new", "$self->{dir}/phase" or die "phase: $!";
    return;
}

sub read_phase {
    my ($self) = @_;
    open my $file, '<', "$self->{dir}/phase" or return 'end';
    my $phase = <$file>;
    close $file or die "phase: $!";
    return $phase;
}

sub work {
    my ($self, $number) = @_;
    open my $notes, '>>', "$self->{dir}/client-$number" or die "notes: $!";
    $notes->autoflush(1);
    while ((my $phase = $self->read_phase) ne 'end') {
        my @statuses = $self->round($number);
        # What saw the phase change may have met what changed it.
        $phase = 'between' if $self->read_phase ne $phase;
        print {$notes} join(' ', $phase, @statuses), "\n";
    }
    return;
}

# What each client does again and again; the statuses it met.
sub round {
    my ($self, $number) = @_;
    return visit($self->{portal}->browser, @{ $people[$number % @people] });
}

# Signs in, reads, signs out; the statuses, up to one that stops it.
sub visit {
    my ($browser, $clinic, $type, $user) = @_;
    my @statuses;
    my $ask = sub {
        my $answer = eval { $_[0]->() }
            // { status => $@ =~ /: (\d{3}) at/ ? $1 : 599, content => $@ };
        warn $answer->{content} if $answer->{status} == 599;
        push @statuses, $answer->{status};
        return $answer;
    };
    $ask->(sub { $browser->sign_in($clinic, $type, $user) });
    return @statuses if $statuses[0] != 303;
    my $home = '/' . lc $type;
    my $page = $ask->(sub { $browser->get("$home/") });
    $ask->(sub { $browser->get("$home/$_") })
        for qw(documents messages schedule changes);
    $ask->(sub { $browser->sign_out($page) }) if $page->{status} == 200;
    return @statuses;
}

sub rounds {
    my ($self, $number) = @_;
    open my $notes, '<', "$self->{dir}/client-$number" or return [];
    my @lines = <$notes>;
    close $notes or die "notes: $!";
    return [map { [split] } grep { /\n\z/ } @lines];
}

sub wait_for_all {
    my ($self) = @_;
    my $until = time + $WAIT_SECONDS;
    for my $number (keys %{ $self->{clients} }) {
        until (grep { $_->[0] eq $self->{phase} }
                @{ $self->rounds($number) }) {
            die "client $number is stuck\n" if time > $until;
            sleep 0.02;
        }
    }
    return;
}

# Everybody has ended the round that was under way.
sub wait_for_everybody {
    my ($self) = @_;
    my %before = map { $_ => scalar @{ $self->rounds($_) } }
        keys %{ $self->{clients} };
    my $until = time + $WAIT_SECONDS;
    for my $number (keys %before) {
        until (@{ $self->rounds($number) } > $before{$number}) {
            die "client $number is stuck\n" if time > $until;
            sleep 0.02;
        }
    }
    return;
}

sub wait_for_a_round {
    my ($self) = @_;
    my $count = sub { sum map { scalar @{ $self->rounds($_) } }
            keys %{ $self->{clients} } };
    my ($before, $until) = ($count->(), time + $WAIT_SECONDS);
    until ($count->() > $before) {
        die "everybody is stuck\n" if time > $until;
        sleep 0.02;
    }
    return;
}

sub enter {
    my ($self, $phase) = @_;
    $self->wait_for_all;
    $self->{phase} = $phase;
    $self->note_phase;
    return;
}

sub finish {
    my ($self) = @_;
    $self->wait_for_all;
    $self->stop;
    return;
}

sub stop {
    my ($self) = @_;
    unlink "$self->{dir}/phase";
    waitpid $_, 0 for values %{ $self->{clients} };
    $self->{stopped} = 1;
    return;
}

sub statuses {
    my ($self, $phase) = @_;
    my %count;
    for my $number (keys %{ $self->{clients} }) {
        for my $round (@{ $self->rounds($number) }) {
            my ($of, @statuses) = @$round;
            next if $of ne $phase;
            $count{$_}++ for @statuses;
        }
    }
    return \%count;
}

# The statuses that say somebody was not served, of all phases and between.
sub unserved {
    my ($self) = @_;
    my %seen = map { %{ $self->statuses($_) } } 0 .. $self->{phase}, 'between';
    return grep { !/^(?:200|303)$/ } sort keys %seen;
}

sub DESTROY {
    my ($self) = @_;
    return if $$ != $self->{owner} || $self->{stopped};
    local ($@, $?, $!);
    eval { $self->stop; 1 } or warn $@;
    return;
}

1;
