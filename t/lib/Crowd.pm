# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# People at a portal while a test breaks something under it:
#
#     on_each_database(sub {
#         my ($portal) = @_;
#         my $crowd = Crowd->start($portal);
#         $crowd->meet('a full disk', sub { fill() }, sub { clear() });
#         $crowd->part;
#     }, Crowd::options());
#
# Somebody signs in and out, somebody stays signed in and reads, two write to
# each other, and a stranger tries every door. Beside the plain statuses (see
# Load) there are these words, which no fault excuses:
#
#     way-in      a stranger got what needs a session
#     bare-503    a 503 that does not say when to come back, its reference or,
#                 in JSON, its code
#     signed-out  a session was lost
#     wrong-page  a 200 without what the page is for
#     lost-form   what somebody had written was not taken again
#
# Writers send the same form until it is acknowledged, as a person does who
# goes back and presses the button again.
package Crowd;
use strict;
use warnings;

use parent 'Load';

use Test::More;
use Time::HiRes qw(time);

use Fixture qw(world save id_of);
use Wait    qw(wait_for);

my $WELL = qr/^(?:200|303)$/;
my $PLAIN = qr/^(?:200|303|503)$/;
my $INEXCUSABLE = qr/^(?:way-in|bare-503|signed-out|wrong-page|lost-form)$/;
my $GUARDED = 'the guarded file';
my @parts = (\&visit_all, \&write_one, \&try_doors, \&read_on, \&write_one);
my %writers = (1 => [qw(RIVERSIDE Staff DoeJ)],
    4 => [qw(RIVERSIDE Patient mlopez)]);

# For ClinicTest->start; %more are others, of which conf is added.
sub options {
    my (%more) = @_;
    my $conf = delete $more{conf} // '';
    return (data => save(world()), after_conf => \&guarded_place,
        conf => "ClinicPortalLoginLimit clinic 100000 15m\n$conf", %more);
}

sub guarded_place {
    my ($portal) = @_;
    my $base = $portal->{base} || '/';
    $portal->put_file('guarded/file.txt', $GUARDED);
    return <<"END";
<Location /guarded>
    AuthType ClinicPortal
    ClinicPortalLogin $base
    Require clinic-user
</Location>
END
}

sub start {
    my ($class, $portal) = @_;
    $portal->{thread} = id_of($portal, 'thread', 'RV topic plan');
    $portal->{document} = id_of($portal, 'document', 'RV document shared');
    return $class->SUPER::start($portal, scalar @parts);
}

sub round {
    my ($self, $number) = @_;
    return $parts[$number]->($self, $number);
}

# ---- what the people do, in processes of their own ---------------------------

# The answer, or one with the status 599 if there was none.
sub ask {
    my ($code) = @_;
    return eval { $code->() } // { status => 599, content => $@, headers => {} };
}

sub is_bare {
    my ($answer) = @_;
    return 1 if ($answer->{headers}{'retry-after'} // '') !~ /^[1-9]\d*$/;
    return 1 if $answer->{content} !~ /\b[0-9A-Z]{4}-[0-9A-Z]{4}\b/;
    return ($answer->{headers}{'content-type'} // '') =~ /json/
        && $answer->{content} !~ /"code":\s*"unavailable"/;
}

# What the answer was, in a word.
sub word_for {
    my ($answer, $expected) = @_;
    my $status = $answer->{status};
    return 'bare-503' if $status == 503 && is_bare($answer);
    return 'signed-out' if $status == 401 || $status == 303
        && ($answer->{headers}{location} // '') =~ /index\.aspx/;
    return 'wrong-page' if $status == 200 && $answer->{content} !~ $expected;
    return $status;
}

sub visit_all {
    my ($self) = @_;
    return Load::visit($self->{portal}->browser, qw(LAKEVIEW Staff DoeJ));
}

# Signed in once; who is not yet tries again.
sub signed_in {
    my ($self, @who) = @_;
    return if $self->{user};
    my $user = $self->{portal}->browser;
    my $answer = ask(sub { $user->sign_in(@who) });
    $self->{user} = $user if $answer->{status} == 303;
    return $answer->{status} == 599 && $answer->{content} =~ /: (\d{3}) at/
        ? $1 : word_for($answer, qr/./);
}

sub read_on {
    my ($self) = @_;
    my @words = $self->signed_in(qw(RIVERSIDE Patient tnguyen));
    my $user = $self->{user} or return @words;
    my $get = sub { my @get = @_; ask(sub { $user->get(@get) }) };
    push @words, word_for($get->('/patient/'), qr/RV Tom Nguyen/),
        word_for($get->('/patient/documents',
            headers => { Accept => 'application/json' }), qr/"documents"/),
        word_for($get->('/guarded/file.txt', absolute => 1), qr/^$GUARDED$/);
    return @words;
}

# One message, sent until it is acknowledged.
sub write_one {
    my ($self, $number) = @_;
    my @words = $self->signed_in(@{ $writers{$number} });
    my $user = $self->{user} or return @words;
    my $path = '/' . lc($writers{$number}[1])
        . "/messages/$self->{portal}{thread}";
    $self->write_down('asking', $number, time);
    if (!$self->{form}) {
        my $page = ask(sub { $user->get($path) });
        push @words, word_for($page, qr/RV topic plan/);
        return @words if $page->{status} != 200;
        $self->{form} = { %{ Browser::form_fields($page->{content},
            "$path/reply") }, text => "fault $number-" . ++$self->{written} };
    }
    my $answer = ask(sub { $user->post("$path/reply", $self->{form}) });
    push @words, $answer->{status} =~ /^4/ ? 'lost-form'
        : word_for($answer, qr/./);
    if ($words[-1] eq '303') {
        $self->write_down('acknowledged', $number, $self->{form}{text});
        delete $self->{form};
    }
    return @words;
}

# A line for the test, of what somebody does.
sub write_down {
    my ($self, $what, $number, $text) = @_;
    open my $file, '>>', "$self->{dir}/$what-$number" or die "$what: $!";
    print {$file} "$text\n";
    close $file or die "$what: $!";
    return;
}

# Without a session, with a forged one, with a password that is wrong.
sub try_doors {
    my ($self) = @_;
    my $portal = $self->{portal};
    my @words;
    for my $cookies ({}, { 'clinicportal-staff' => 'riverside.' . 'P' x 43,
            'clinicportal-patient' => 'riverside.' . 'P' x 43 }) {
        for my $door (['/staff/'], ['/patient/messages'],
                ["/patient/documents/$portal->{document}/file"],
                ['/guarded/file.txt', absolute => 1]) {
            my $stranger = $portal->browser(cookies => {%$cookies});
            my $answer = ask(sub { $stranger->get(@$door) });
            push @words, $answer->{status} == 200 ? 'way-in'
                : $answer->{status} == 303 ? 303 : word_for($answer, qr/./);
        }
    }
    my $guesser = $portal->browser;
    my $answer = ask(sub {
        $guesser->sign_in(qw(RIVERSIDE Staff SmithA), 'a wrong password') });
    push @words, $answer->{status} == 303 || grep({ /staff|patient/ }
        keys %{ $guesser->{cookies} }) ? 'way-in' : ();
    return @words;
}

# ---- what the test sees of it ------------------------------------------------

# Breaks something under them and mends it again; then they are served as
# before, without a restart. Options: during (code that runs while it is
# broken), allowed (words beside 200, 303 and 503, until all are served again),
# is_felt (0: nobody need meet a 503). Returns what they met up to the mending.
sub meet {
    my ($self, $what, $break, $mend, %option) = @_;
    my $before = $self->{phase};
    $self->enter($before + 1);
    $break->($self);
    $self->{phase} = $before + 2;
    $self->note_phase;
    $option{during}->() if $option{during};
    $self->wait_until_felt if $option{is_felt} // 1;
    $self->enter($before + 3);
    $mend->($self);
    $self->wait_until_well($what);
    my $allowed = $option{allowed} // qr/(?!)/;
    my $met = $self->met($before + 1 .. $self->{phase}, 'between');
    is_deeply([grep { !/$PLAIN/ && !/$allowed/ } sort keys %$met], [],
        "$what: people are served or asked to wait") or diag explain $met;
    return $self->met($before + 1 .. $before + 3, 'between');
}

# What was met in these phases, and how often.
sub met {
    my ($self, @phases) = @_;
    my %met;
    for my $phase (@phases) {
        my $of = $self->statuses($phase);
        $met{$_} += $of->{$_} for keys %$of;
    }
    return \%met;
}

sub wait_until_felt {
    my ($self) = @_;
    wait_for(sub { $self->statuses($self->{phase})->{503} });
    return;
}

sub is_well {
    my ($self, $phase) = @_;
    my $words = $self->statuses($phase);
    return %$words && !grep { !/$WELL/ } keys %$words;
}

# Until everybody has made a round without a word of the fault.
sub wait_until_well {
    my ($self, $what) = @_;
    my $is_well = eval {
        wait_for(sub {
            my $phase = $self->{phase};
            $self->enter($phase + 1);
            return $self->is_well($phase) ? 1 : undef;
        });
    };
    ok($is_well, "$what: once it is mended everybody is served again")
        or diag explain $self->statuses($self->{phase} - 1);
    return;
}

# The lines of these people.
sub written_down {
    my ($self, $what, @numbers) = @_;
    my @all;
    for my $name (map { "$self->{dir}/$what-$_" } @numbers) {
        open my $file, '<', $name or next;
        chomp(my @lines = grep { /\n\z/ } <$file>);
        close $file or die "$name: $!";
        push @all, @lines;
    }
    return @all;
}

# Until each writer has begun to ask for something from now on.
sub wait_for_writers {
    my ($self) = @_;
    my $now = time;
    wait_for(sub {
        my @last = map { ($self->written_down('asking', $_))[-1] // 0 } keys %writers;
        return grep({ $_ <= $now } @last) ? undef : 1;
    });
    return;
}

# They leave, and what they wrote is looked at: what was acknowledged is there
# once, nothing is there twice, and nothing by half.
sub part {
    my ($self) = @_;
    my $portal = $self->{portal};
    $self->finish;
    is_deeply([grep { /$INEXCUSABLE/ } $self->unserved], [],
        'no session, text or page was lost, and no stranger let in');
    my @acknowledged = $self->written_down('acknowledged', keys %writers);
    my %count = map { $_->{payload} => $_->{times} } @{ $portal->rows(
        'SELECT payload, COUNT(*) AS "times" FROM message'
        . " WHERE payload LIKE 'fault %' GROUP BY payload") };
    cmp_ok(scalar @acknowledged, '>', 5, 'messages were written');
    is_deeply([grep { !$count{$_} } @acknowledged], [], 'none of them is lost');
    is_deeply([grep { $count{$_} != 1 } sort keys %count], [],
        'nor is any there twice');
    is($portal->value("SELECT COUNT(*) FROM audit_event"
        . " WHERE event = 'message-sent'"), scalar keys %count,
        'each is in the audit trail, once');
    return;
}

1;
