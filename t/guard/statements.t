#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# Every statement of conf/sql is named in the code, and every one the code
# names is there; a statement on a clinic's table binds the clinic.
use strict;
use warnings;

use Test::More;

my $top = $ENV{CP_SRCDIR} // '.';

sub slurp {
    my ($file) = @_;
    open my $in, '<', $file or die "$file: $!\n";
    local $/;
    return scalar <$in>;
}

my %sql;
for my $file (glob "$top/conf/sql/*.sql") {
    my (undef, @parts) = split /^-- name: /m, slurp($file);
    for my $part (@parts) {
        my ($name, $text) = $part =~ /\A(\w+)[^\n]*\n(.*)\z/s;
        $sql{$name} .= $text =~ s/^--.*\n//mgr;
    }
}
cmp_ok(scalar keys %sql, '>', 20, 'the statements are found');

my $code = join "\n", map { slurp($_) } glob "$top/src/*/*.c";
# A name may be put together: "import_has_" and a type.
my @starts = $code =~ /apr_pstrcat\([^;]*?"([a-z]+_[a-z_]*_)"/gs;
my @unused = grep {
    my $name = $_;
    $code !~ /"\Q$name\E"/ && !grep { index($name, $_) == 0 } @starts;
} sort keys %sql;
is_deeply(\@unused, [], 'every statement is used');

my @used = $code =~ /cp_db_(?:rows?|select|find|execute)\(\s*[^,;]+,\s*"(\w+)"/g;
cmp_ok(scalar @used, '>', 50, 'those used are found');
my @missing = grep { !exists $sql{$_} } @used;
is_deeply(\@missing, [], 'every statement used is there');

# Those that look for a clinic, sweep what is past its time everywhere, or find
# the next mail to go out, whichever clinic's it is, or only count.
my %is_for_all = map { $_ => 1 } qw(mail_due monitor_look monitor_figures),
    grep { /_prune$/ } keys %sql;
my @unbound = grep { !$is_for_all{$_} && $sql{$_} !~ /:clinic_id\b/ }
    sort keys %sql;
note("not bound to one clinic: @unbound");
is_deeply([grep { !/^clinics_list$/ } @unbound],
    [], 'every statement on records binds the clinic');

done_testing;
