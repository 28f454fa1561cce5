# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# A certificate authority that lives as long as one test: makes it and a
# server certificate for localhost and 127.0.0.1, with the openssl command.
package TestCA;
use strict;
use warnings;

# Runs quietly; on failure dies with what openssl said.
sub run_openssl {
    my @args = @_;
    my $pid = open(my $out, '-|') // die "cannot fork: $!";
    if (!$pid) {
        open(STDERR, '>&', \*STDOUT) or die "cannot redirect: $!";
        exec('openssl', @args) or die "cannot run openssl: $!";
    }
    my $said = do { local $/; <$out> };
    close($out) or die "openssl @args failed:\n$said";
    return;
}

sub write_file {
    my ($path, $text) = @_;
    open(my $file, '>', $path) or die "cannot write $path: $!";
    print {$file} $text;
    close($file) or die "cannot write $path: $!";
    return;
}

# TestCA::make($dir, @names): $dir exists; @names are further host names the
# certificate is good for. Returns { ca, cert, key }: paths in $dir. Call it
# again with another directory for an authority that nobody trusts.
sub make {
    my ($dir, @names) = @_;
    my %path = (ca => "$dir/ca.pem", cert => "$dir/server.pem",
                key => "$dir/server.key");
    my @key_kind = qw(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes);
    my $alternatives = join ',', 'IP:127.0.0.1',
        map { "DNS:$_" } 'localhost', @names;

    run_openssl('req', '-x509', @key_kind, '-keyout', "$dir/ca.key",
        '-out', $path{ca}, '-days', '2', '-subj', '/CN=Test authority',
        '-addext', 'keyUsage=critical,keyCertSign');
    run_openssl('req', @key_kind, '-keyout', $path{key},
        '-out', "$dir/server.csr", '-subj', '/CN=localhost');
    write_file("$dir/server.ext",
        "basicConstraints=critical,CA:FALSE\n"
            . "extendedKeyUsage=serverAuth\n"
            . "subjectAltName=$alternatives\n");
    run_openssl('x509', '-req', '-in', "$dir/server.csr", '-CA', $path{ca},
        '-CAkey', "$dir/ca.key", '-CAcreateserial', '-days', '2',
        '-extfile', "$dir/server.ext", '-out', $path{cert});
    return \%path;
}

1;
