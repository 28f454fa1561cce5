# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# What a hospital puts in place of ours: views (ClinicPortalViews) and
# statements (ClinicPortalSQL), each only where it is said.
use strict;
use warnings;

use File::Temp qw(tempdir);
use Test::More;

use ClinicTest;
use Fixture qw(world save);

my $dir = tempdir('clinicportal-views-XXXXXX', TMPDIR => 1, CLEANUP => 1);

my $HELP = <<'END';
{{<layout}}
{{$title}}Brand help{{/title}}
{{$content}}
<h1>The brand of {{page.support}}</h1>
{{/content}}
{{/layout}}
END

# The version of an account, and ten and a hundred times that: the parameters
# in another order, repeated, or only one of them.
my $TEN = 'SELECT version * 10 AS \"version:int\" FROM account_change'
    . ' WHERE account_id = :account_id AND :clinic_id = clinic_id'
    . ' AND :account_id = account_id AND clinic_id = :clinic_id';
my $HUNDRED = 'SELECT version * 100 AS \"version:int\" FROM account_change'
    . ' WHERE account_id = :account_id';
my $WRONG = q(SELECT 'many' AS \"version:int\" FROM account_change)
    . ' WHERE account_id = :account_id';

sub mount {
    my ($path, $statement) = @_;
    return <<"END";
<Location /$path>
    Require all granted
    ClinicPortal On
    ClinicPortalSQL change_find "$statement"
</Location>
END
}

# The same portal seen at another path.
sub at {
    my ($portal, $path) = @_;
    return bless { %$portal, base => "/$path", owner => 0 }, 'ClinicTest';
}

sub check_views {
    my ($portal) = @_;
    my $own = $portal->browser;
    my $help = $own->get('/help');
    like($help->{content}, qr{<title>Brand help</title>}, 'our own help');
    like($help->{content}, qr{The brand of A &amp; B &lt;desk&gt;},
        'escaped as ever');
    unlike($help->{content}, qr/How to log in/, 'in place of the installed');
    like($own->get('/index.aspx?clinicID=RIVERSIDE')->{content},
        qr/Ring the brand's bell/, 'a piece of other views is ours, too');
    like($own->get('/index.aspx?clinicID=RIVERSIDE')->{content},
        qr/Log In to My Account/, 'what has no view of ours is installed');

    my $other = at($portal, 'hundred')->browser;
    unlike($other->get('/help')->{content}, qr/Brand help|the brand/,
        'and elsewhere nothing is branded');
    like($other->get('/help')->{content}, qr/How to log in/, 'at all');
    return;
}

sub version {
    my ($user) = @_;
    return $user->get('/staff/changes')->{headers}{etag};
}

# All of them use the same connections.
sub check_statements {
    my ($portal) = @_;
    my %by = (own => $portal->browser, map { $_ => at($portal, $_)->browser }
        qw(ten hundred));
    is($by{own}->sign_in('RIVERSIDE', 'Staff', 'DoeJ')->{status}, 303,
        'somebody signs in');
    $by{$_}{cookies} = $by{own}{cookies} for qw(ten hundred);
    my $version = $portal->value('SELECT version FROM account_change c JOIN'
        . ' account a ON a.account_id = c.account_id AND a.clinic_id ='
        . " c.clinic_id WHERE a.clinic_id = 'riverside' AND username = 'DoeJ'"
    );
    ok($version > 0, 'there is a version');
    for (1 .. 3) {
        is(version($by{own}), qq("$version"), 'ours where nothing is said');
        is(version($by{ten}), qq("${version}0"), 'theirs at the one path');
        is(version($by{hundred}), qq("${version}00"), 'theirs at the other');
    }
    my $wrong = at($portal, 'wrong')->browser;
    $wrong->{cookies} = $by{own}{cookies};
    my $answer = $wrong->get('/staff/changes');
    is($answer->{status}, 503, 'a column of another type is no answer');
    unlike($answer->{content}, qr/many/, 'and is not shown');
    $portal->claim('CP0306');
    return;
}

chmod 0755, $dir or die "$dir: $!";
Fixture::write_file("$dir/help.mustache", $HELP);
Fixture::write_file("$dir/contact.mustache", "Ring the brand's bell.\n");
Fixture::write_file("$dir/secret", 's' x 40);
chmod 0600, "$dir/secret" or die "$dir/secret: $!";

on_each_database(sub {
    my ($portal) = @_;
    check_views($portal);
    check_statements($portal);
}, data => save(world()), base => '/own',
    conf => "    ClinicPortalViews $dir\n"
        . qq(    ClinicPortalSupport "A & B <desk>"\n)
        . "    ClinicPortalSecret file:$dir/secret\n",
    server_conf => "ClinicPortalSecret file:$dir/secret\n"
        . "ClinicPortalRequireTLS Off\n" . mount('ten', $TEN)
        . mount('hundred', $HUNDRED) . mount('wrong', $WRONG));

done_testing;
