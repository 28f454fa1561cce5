# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# One httpd with everything that is compared: the portal below /portal, static
# files, a file behind each guard, a PHP page; over HTTP/2 with TLS ("h2") and
# over plain HTTP/1.1 ("h1"). One person is signed in everywhere.
#
#     my $site = Bench::Site->start(driver => 'sqlite3', threads => 16);
#     my $home = $site->page('h2', 'home', '/staff/');    # for Bench::Run
package Bench::Site;
use strict;
use warnings;

use Bench::Php ();
use ClinicTest ();
use HTTP::Tiny ();

# mod_auth_form keeps its session by mod_session_dbd or mod_session_crypto, has
# an idle limit as the portal has one, and writes at each request (httpd's own
# way, "idle") or every ten minutes.
our @STOCK = qw(dbd-idle dbd crypto-idle crypto);
my $PASSPHRASE = 'of the site';
my @WHO = qw(RIVERSIDE Staff DoeJ);
my $FILE_BYTES = 4096;

sub start {
    my ($class, %option) = @_;
    my $self = bless { plain_port => ClinicTest::free_port() }, $class;
    my $portal = ClinicTest->start(threads => $option{threads}, children => 2,
        driver => $option{driver}, tls => 1, base => '/portal', passes => 0,
        postgres_options => { fsync => 'on' },
        modules => [qw(auth_form authn_file authz_user authz_host request
            session session_cookie session_crypto session_dbd proxy
            proxy_fcgi)],
        server_conf => "MaxKeepAliveRequests 0\n",
        # The answer's real cost to the server, found at once by the client.
        conf => "ClinicPortalCaptchaCost 5000 1 9\n",
        after_conf => sub { $self->conf($_[0]) });
    $self->{portal} = $portal;
    my $person = $portal->browser;
    my $answer = $person->sign_in(@WHO);
    die "cannot sign in: $answer->{status}\n" if $answer->{status} != 303;
    $self->{cookie}{h2} = $person->cookie_header;
    # A name for TLS alone.
    $self->{cookie}{h1} = $self->{cookie}{h2} =~ s/__Host-//gr;
    $self->{cookie}{$_} = $self->stock_cookie($_) for @STOCK;
    return $self;
}

sub conf {
    my ($self, $portal) = @_;
    $self->{php} = Bench::Php->start($portal);
    return <<"END" . guarded($portal) . $self->{php}->conf;
Listen 127.0.0.1:$self->{plain_port}
<VirtualHost 127.0.0.1:$self->{plain_port}>
    SSLEngine Off
    <Location /portal>
        ClinicPortal On
        ClinicPortalSecret file:$portal->{dir}/secret
        ClinicPortalRequireTLS Off
    </Location>
</VirtualHost>
<Location /metrics>
    Require local
    SetHandler clinicportal-metrics
</Location>
END
}

# One file, open and behind each guard.
sub guarded {
    my ($portal) = @_;
    my $dir = $portal->{dir};
    $portal->put_file("$_/file.txt", 'x' x $FILE_BYTES)
        for qw(open clinicportal form);
    open my $users, '>', "$dir/users" or die "users: $!\n";
    print {$users} 'DoeJ:', ClinicTest::must(qw(openssl passwd -apr1 stock));
    close $users or die "users: $!\n";
    $portal->run_sql('CREATE TABLE stock_session (id TEXT PRIMARY KEY,'
        . ' value TEXT, expiry BIGINT, next_id TEXT)');
    return join '', <<'END', map { stock($dir, $_) } @STOCK;
DBDPrepareSQL "DELETE FROM stock_session WHERE id = %s" deletesession
DBDPrepareSQL "UPDATE stock_session SET value = %s, expiry = %lld, next_id = %s WHERE id = %s" updatesession
DBDPrepareSQL "INSERT INTO stock_session (value, expiry, id) VALUES (%s, %lld, %s)" insertsession
DBDPrepareSQL "SELECT value FROM stock_session WHERE id = %s AND (expiry = 0 OR expiry > %lld)" selectsession
DBDPrepareSQL "DELETE FROM stock_session WHERE expiry != 0 AND expiry < %lld" cleansession
<Location /clinicportal>
    AuthType ClinicPortal
    ClinicPortalLogin /portal
    Require clinic-user
</Location>
<LocationMatch "^/form/[a-z-]+/login$">
    Require all granted
    SetHandler form-login-handler
    AuthFormLoginSuccessLocation /open/file.txt
</LocationMatch>
END
}

# mod_session_dbd gives a session a new id whenever it writes it. The clients
# know only the first one, so that here the row keeps it.
sub stock {
    my ($dir, $name) = @_;
    my $store = $name =~ /^dbd/ ? "SessionDBDCookieName $name path=/"
        : "SessionCookieName $name path=/\nSessionCryptoPassphrase \"$PASSPHRASE\"";
    my $interval = $name =~ /idle/ ? '' : 'SessionExpiryUpdateInterval 600';
    return <<"END";
Alias /form/$name/file.txt $dir/www/form/file.txt
<Location /form/$name>
    AuthType form
    AuthName stock
    AuthFormProvider file
    AuthUserFile $dir/users
    AuthFormSitePassphrase "$PASSPHRASE"
    Require valid-user
    Session On
    SessionMaxAge 3600
    $interval
    $store
</Location>
END
}

# mod_auth_form takes the site's passphrase for the password once the session
# holds it, so that what is measured is the session alone.
sub stock_cookie {
    my ($self, $name) = @_;
    my $person = $self->{portal}->browser;
    my $answer = $person->post("/form/$name/login", { httpd_username => 'DoeJ',
        httpd_password => 'stock' }, absolute => 1);
    die "$name: cannot log in: $answer->{status}\n" if $answer->{status} != 302;
    return $person->cookie_header;
}

sub origin {
    my ($self, $protocol) = @_;
    return $protocol eq 'h2' ? $self->{portal}->origin
        : "http://localhost:$self->{plain_port}";
}

# Somebody's, who has not signed in.
sub browser {
    my ($self, $protocol) = @_;
    return $self->{portal}->browser(origin => $self->origin($protocol));
}

# What Bench::Run asks for; $who: a key of the cookies, or undef for nobody.
sub contestant {
    my ($self, $protocol, $name, $path, $who, %headers) = @_;
    $headers{Cookie} = $self->{cookie}{$who} if defined $who;
    return { name => $name, protocol => $protocol, headers => \%headers,
        path => $path, url => $self->origin($protocol) . $path };
}

sub page {
    my ($self, $protocol, $name, $path, %headers) = @_;
    return $self->contestant($protocol, $name, "/portal$path", $protocol,
        %headers);
}

# A static file of the size of a contestant's answer.
sub static_like {
    my ($self, $of) = @_;
    my %headers = %{ $of->{headers} };
    $headers{Cookie} = $headers{Cookie} =~ s/__Host-//gr if $headers{Cookie};
    my $answer = HTTP::Tiny->new->get($self->origin('h1') . $of->{path},
        { headers => \%headers });
    die "$of->{name}: $answer->{status}\n" if $answer->{status} != 200;
    my $bytes = length $answer->{content};
    $self->{portal}->put_file("$bytes.txt", 'x' x $bytes);
    return $self->contestant($of->{protocol}, $bytes, "/$bytes.txt");
}

# The processes whose time is counted: httpd, the database, PHP.
sub trees {
    my ($self) = @_;
    my $portal = $self->{portal};
    return [$portal->pid, $portal->{postgres} && $portal->{postgres}->pid,
        $self->{php}{pid}];
}

# What httpd logged, but for its starts.
sub complaints {
    my ($self) = @_;
    open my $log, '<', "$self->{portal}{dir}/logs/error.log" or return '';
    return grep { !/:notice\]/ } <$log>;
}

sub stop {
    my ($self) = @_;
    $self->{portal}->stop;
    $self->{php}->stop;
    return;
}

1;
