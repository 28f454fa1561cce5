#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# Every log line has a tag of its own, and docs/log-messages.md says what each
# means at which level and what to do about it.
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

my %level_of = (CP_LOG_ERROR => 'error', CP_LOG_WARNING => 'warn',
    CP_LOG_NOTICE => 'notice', CP_LOG_INFO => 'info', APLOG_CRIT => 'crit',
    APLOG_WARNING => 'warn', APLOG_ERR => 'error', APLOG_NOTICE => 'notice');
my (%seen, @untagged, %level);

for my $file (glob "$top/src/*/*.c") {
    my $text = slurp($file);
    while ($text =~ /\b(cp_log|ap_log_r?error)\(([^;]*);/gs) {
        my ($call, $arguments) = ($1, $2);
        next if $arguments =~ /^const cp_port_t|"%s(?: \(reference %s\))?",\s+text/;
        if ($arguments !~ /CP_TAG\((\d{4})\)/) {
            push @untagged, "$file: $call(" . substr($arguments, 0, 60);
            next;
        }
        my $tag = $1;
        $seen{$tag}++;
        my ($word) = $arguments =~ /\b((?:CP_LOG|APLOG)_(?!MARK)[A-Z]+)\b/;
        $level{$tag} = $level_of{$word // ''} // 'unknown';
    }
}
cmp_ok(scalar keys %seen, '>', 20, 'the log lines are found');
is_deeply(\@untagged, [], 'every log line has a tag');
is_deeply([grep { $seen{$_} > 1 } sort keys %seen], [],
    'no tag stands in two places');

my %documented = slurp("$top/docs/log-messages.md") =~
    /^\| CP(\d{4}) \| (\w+) \| .+ \| .+ \|$/mg;
is_deeply([sort keys %documented], [sort keys %seen],
    'each tag has its row, and each row its tag');
is_deeply([grep { $documented{$_} ne ($level{$_} // '') } sort keys %documented],
    [], 'the levels are the ones of the code');

my %named = map { $_ => 1 } map { slurp($_) =~ /\bCP(\d{4})\b/g }
    glob "$top/README.md $top/docs/*.md $top/t/*/*.t";
is_deeply([grep { !$seen{$_} } sort keys %named], [],
    'documents and tests name no other');

done_testing;
