# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# A person's browser for the live tests: keeps cookies as a browser does,
# follows no redirect by itself, fills in forms, solves the CAPTCHA.
package Browser;
use strict;
use warnings;

use HTTP::Tiny ();
use JSON::PP   ();

use Altcha ();
use Wait   ();

sub new {
    my ($class, %options) = @_;
    my $portal = $options{portal};
    my $self = bless { cookies => {}, headers => {}, origin => $portal->origin,
        %options }, $class;

    $self->{http} = HTTP::Tiny->new(
        max_redirect => 0, keep_alive =>
            $self->{keep_alive} // $portal->{keep_alive} // 1,
        timeout => 2 * Wait::SECONDS,
        agent => 'Mozilla/5.0 (test)', verify_SSL => 1,
        local_address => $self->{address},
        $portal->{tls}
            ? (SSL_options => { SSL_ca_file => $portal->{ca}{ca} }) : ());
    return $self;
}

sub cookie_header {
    my ($self) = @_;
    my $cookies = $self->{cookies};
    return join '; ', map { "$_=$cookies->{$_}" } sort keys %$cookies;
}

sub keep_cookies {
    my ($self, $answer) = @_;
    my $set = $answer->{headers}{'set-cookie'};
    for my $line (ref $set ? @$set : defined $set ? $set : ()) {
        my ($pair, @attributes) = split /;\s*/, $line;
        my ($name, $value) = split /=/, $pair, 2;
        if (grep { /^max-age=0$/i } @attributes) {
            delete $self->{cookies}{$name};
        }
        else {
            $self->{cookies}{$name} = $value;
        }
    }
    return;
}

# Any request to a path below the portal's base (or with absolute => 1 to any
# path of the server). Returns HTTP::Tiny's answer.
sub request {
    my ($self, $method, $path, %more) = @_;
    my $portal = $self->{portal};
    my $base = $more{absolute} ? '' : $portal->{base};
    my %headers = (%{ $self->{headers} }, %{ $more{headers} // {} });
    my $cookies = $self->cookie_header;

    $headers{Cookie} = $cookies if $cookies ne '' && !exists $headers{Cookie};
    my $answer = $self->{http}->request($method,
        $self->{origin} . $base . $path,
        { headers => \%headers,
          defined $more{content} ? (content => $more{content}) : () });
    die "no answer to $method $path: $answer->{content}"
        if $answer->{status} == 599;
    $self->keep_cookies($answer);
    return $answer;
}

sub get {
    my ($self, $path, %more) = @_;
    return $self->request('GET', $path, %more);
}

# Follows a Location of ours.
sub follow {
    my ($self, $answer) = @_;
    return $self->get($answer->{headers}{location}, absolute => 1);
}

sub json {
    my ($self, $path) = @_;
    my $answer = $self->get($path, headers => { Accept => 'application/json' });
    $answer->{json} = eval { JSON::PP::decode_json($answer->{content}) };
    return $answer;
}

# POST of a form: a hash or, to say a field twice, an array of pairs.
sub post {
    my ($self, $path, $fields, %more) = @_;
    my $content = $self->{http}->www_form_urlencode($fields);
    return $self->request('POST', $path, %more, content => $content,
        headers => { 'Content-Type' => 'application/x-www-form-urlencoded',
                     %{ $more{headers} // {} } });
}

# The hidden fields of the page's form that posts to a path ending so.
sub form_fields {
    my ($page, $action) = @_;
    my ($form) = $page =~ m{<form[^>]*action="[^"]*\Q$action\E"[^>]*>(.*?)</form>}s
        or die "no form for $action in:\n$page";
    my %fields;
    while ($form =~ /<input\b([^>]*)>/g) {
        my %attribute = $1 =~ /([a-z-]+)="([^"]*)"/g;
        next if ($attribute{type} // '') ne 'hidden';
        $fields{ $attribute{name} } = unescape($attribute{value} // '');
    }
    return \%fields;
}

# A page without its fields, for the tokens in them are random, and may hold any
# word.
sub without_fields {
    my ($content) = @_;
    return $content =~ s/<input[^>]*>//gr;
}

sub unescape {
    my ($text) = @_;
    my %entity = (amp => '&', lt => '<', gt => '>', quot => '"', '#39' => "'",
        '#x27' => "'");
    $text =~ s/&([a-z0-9#]+);/$entity{$1} \/\/ "&$1;"/ge;
    return $text;
}

# A solved CAPTCHA for that clinic's form. To tamper with it: code that changes
# the challenge before it is solved, code that changes the solution after.
sub captcha {
    my ($self, $clinic, @tampering) = @_;
    my $answer = $self->get("/captcha/challenge?clinicID=$clinic");
    die "no challenge: $answer->{status}" if $answer->{status} != 200;
    return Altcha::solve(JSON::PP::decode_json($answer->{content}), @tampering);
}

# The sign-in page's fields, filled in; change them before posting.
sub sign_in_fields {
    my ($self, $clinic, $type, $user, $password) = @_;
    my $page = $self->get("/index.aspx?clinicID=$clinic&LoginType=$type");
    die "no sign-in page: $page->{status}" if $page->{status} != 200;
    my $fields = form_fields($page->{content}, '/login');
    $fields->{username} = $user;
    $fields->{password} = $password // 'demo-portal-passphrase';
    $fields->{altcha} = $self->captcha($clinic);
    return $fields;
}

# Signs in as a person does; returns the answer to the POST.
sub sign_in {
    my ($self, @who) = @_;
    return $self->post('/login', $self->sign_in_fields(@who));
}

sub sign_out {
    my ($self, $page) = @_;
    return $self->post('/logout', form_fields($page->{content}, '/logout'));
}

# The text of the page's alert, tags taken out.
sub alert_of {
    my ($answer) = @_;
    my ($text) = $answer->{content} =~
        m{<([a-z]+)[^>]*role="alert"[^>]*>(.*?)</\1>}s ? $2 : '';
    $text =~ s/<[^>]*>//g;
    $text =~ s/\s+/ /g;
    return unescape($text);
}

1;
