# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# usage: perl -It/lib t/lib/serve.pl OPTIONS     (t/lib/portal.mjs starts it)
# A live portal for a test that is not written in Perl. OPTIONS is a JSON
# object for ClinicTest->start. Says where the portal is as one line of JSON,
# then obeys one line of JSON after another, each with an answer, until its
# input ends: {"sql": [STATEMENT, VALUES...]}, {"claim": [TAGS...]},
# {"ctl": [WORDS...]}, {"mail": 1} for the next mail (option "mail": true).
# With the option "app": true guarded applications are there: /app/ for whoever
# is signed in, /fresh/ for a password of the last five minutes, /coded/ with a
# second factor, /closed/ for nobody.
# The exit status tells whether httpd stopped in peace and its error log
# holds nothing unexpected.
use strict;
use warnings;

use JSON::PP ();
use Test::More;

use BackEnds   ();
use ClinicTest ();
use MailServer ();

my $json = JSON::PP->new->canonical;
my $options = $json->decode($ARGV[0] // '{}');
my $builder = Test::More->builder;
$builder->output(\*STDERR);
STDOUT->autoflush(1);

sub answer {
    print $json->encode($_[0]), "\n";
    return;
}

my $mail = delete $options->{mail} ? MailServer->start : undef;
if ($mail) {
    $options->{conf} .= $mail->conf;
    $options->{has_origin} = 1;
}
my $back = delete $options->{app} ? BackEnds->start(php => 0) : undef;
if ($back) {
    my %require = (app => 'clinic-user', fresh => 'clinic-auth-age 5m',
        coded => 'clinic-factor any', closed => 'clinic-role nobody-has-it');
    $options->{after_conf} = join '', map { <<"END" } sort keys %require;
<Location /$_/>
    ProxyPass $back->{echo}/$_/
    AuthType ClinicPortal
    Require $require{$_}
</Location>
END
    $options->{modules} = [qw(proxy proxy_http)];
}
my $portal = ClinicTest->start(%$options);
answer({ origin => $portal->origin, base => $portal->{base},
    dir => "$portal->{dir}" });
while (my $line = <STDIN>) {
    my $order = $json->decode($line);
    if ($order->{claim}) {
        $portal->claim(@{ $order->{claim} });
        answer({});
    }
    elsif ($order->{ctl}) {
        answer({ said => $portal->ctl(@{ $order->{ctl} }) });
    }
    elsif ($order->{mail}) {
        my $got = $mail->next_mail;
        answer({ map { $_ => $got->{$_} } qw(to text link) });
    }
    else {
        answer({ rows => 0 + $portal->run_sql(@{ $order->{sql} }) });
    }
}
$portal->stop;
$mail->stop if $mail;
$back->stop if $back;
$portal->log_is_clean;
done_testing();
