# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# The httpd.conf of a live test, from what ClinicTest->start was told.
package HttpdConf;
use strict;
use warnings;

sub module_dir {
    my $dir = ClinicTest::must('apxs', '-q', 'LIBEXECDIR');
    chomp $dir;
    return $dir;
}

sub load_modules {
    my ($portal) = @_;
    my $dir = module_dir();
    my @names = ("mpm_$portal->{mpm}", qw(authz_core authn_core dbd mime dir
        alias headers log_config reqtimeout unixd deflate filter env setenvif rewrite),
        @{ $portal->{modules} });
    push @names, qw(socache_shmcb ssl http2) if $portal->{tls};
    return join '', map { "LoadModule ${_}_module $dir/mod_$_.so\n" }
        grep { -e "$dir/mod_$_.so" } @names;
}

sub mpm_settings {
    my ($portal) = @_;
    my ($threads, $children) = @$portal{qw(threads children)};
    return "StartServers $children\nMaxRequestWorkers 16\n"
        if $portal->{mpm} eq 'prefork';
    my $workers = $threads * $children;
    # Room for the children that a graceful restart leaves behind.
    my $limit = $children + 8;
    return "ServerLimit $limit\nStartServers $children\n"
        . "ThreadsPerChild $threads\nMaxRequestWorkers $workers\n"
        . "MinSpareThreads 1\nMaxSpareThreads $workers\n";
}

# HTTPS on the port, and plain HTTP of the same host on another.
sub tls_settings {
    my ($portal) = @_;
    return <<"END";
SSLEngine On
SSLSessionCache shmcb:$portal->{dir}/logs/ssl(65536)
Protocols h2 http/1.1
SSLCertificateFile $portal->{ca}{cert}
SSLCertificateKeyFile $portal->{ca}{key}
Listen 127.0.0.1:$portal->{plain_port}
<VirtualHost 127.0.0.1:$portal->{plain_port}>
    SSLEngine Off
</VirtualHost>
END
}

# Lines that name the portal's files are made when those are known.
sub after_conf {
    my ($portal) = @_;
    my $lines = $portal->{after_conf};
    return ref $lines ? $lines->($portal) : $lines;
}

# The place of an operator's handler, "health" or "metrics", which is
# mod_authz_host's to guard.
sub place_for {
    my ($name) = @_;
    return <<"END";
<Location /$name>
    SetHandler clinicportal-$name
    Require local
</Location>
END
}

sub text {
    my ($portal) = @_;
    my $path = $portal->{base} eq '' ? '/' : $portal->{base};
    my $tls = $portal->{tls} ? tls_settings($portal) : '';
    my $door = join "\n    ",
        $portal->{tls} || $portal->{has_origin}
            ? 'ClinicPortalOrigin ' . $portal->origin : (),
        $portal->{tls} ? () : 'ClinicPortalRequireTLS Off';
    return load_modules($portal) . mpm_settings($portal) . <<"END" . $tls . <<"END";
LoadModule clinicportal_module $ENV{CP_MODULE}
ServerRoot $portal->{dir}
ServerName localhost
Listen 127.0.0.1:$portal->{port}
PidFile $portal->{dir}/httpd.pid
DefaultRuntimeDir $portal->{dir}/logs
ErrorLog $portal->{dir}/logs/error.log
LogFormat '%h %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"' seen
CustomLog $portal->{dir}/logs/access.log seen
LogLevel notice clinicportal:info
GracefulShutdownTimeout 10
CoreDumpDirectory $portal->{dir}
DocumentRoot $portal->{dir}/www
<Directory $portal->{dir}/www>
    Require all granted
</Directory>
<IfModule unixd_module>
User nobody
Group nogroup
</IfModule>
DBDriver $portal->{driver}
DBDParams "@{[$portal->params]}"
DBDMax 32
DBDKeep 32
TypesConfig /dev/null
ClinicPortalData $ENV{CP_DATA}
ClinicPortalCaptchaCost 10 1 9
@{[$portal->{passes} ? "ClinicPortalPasswordPasses $portal->{passes}" : '']}
$portal->{server_conf}
END
<Location $path>
    Require all granted
    ClinicPortal On
    ClinicPortalSecret file:$portal->{dir}/secret
    ClinicPortalDocuments $portal->{documents}
    ClinicPortalSupport "Help desk: extension 4357"
    ClinicPortalLoginLimit address 1000 15m
    $door
$portal->{conf}
</Location>
@{[after_conf($portal)]}
END
}

1;
