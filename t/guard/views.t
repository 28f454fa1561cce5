#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# Views and what they load: every view is shown by some page or is part of
# one, everything named exists, and no view holds what the
# Content-Security-Policy would stop or what would let text become markup.
use strict;
use warnings;

use Test::More;

my $top = $ENV{CP_SRCDIR} // '.';

sub text_of {
    my ($path) = @_;
    open my $in, '<:raw', $path or die "$path: $!";
    local $/ = undef;
    return <$in>;
}

sub name_of {
    my ($path) = @_;
    return $path =~ s{.*/|\.mustache\z}{}gr;
}

# All that the pattern captures in the text.
sub found {
    my ($text, $pattern) = @_;
    my %found = map { $_ => 1 } $text =~ /$pattern/g;
    return sort keys %found;
}

my %view = map { name_of($_) => text_of($_) } glob "$top/conf/views/*.mustache";
my $code = join '', map { text_of($_) } glob "$top/src/{pages,web,guard}/*.c";

# ---- every view is used, every name has a view ------------------------------
my @shown = found($code, qr/cp_reply_view\(\s*req,\s*reply,\s*"(\w+)"/);
cmp_ok(scalar @shown, '>', 0, 'pages show views');
my @lost = grep { !exists $view{$_} } @shown;
is("@lost", '', 'every view that a page shows exists');

my %used;
my @next = @shown;
while (defined(my $name = shift @next)) {
    next if $used{$name}++;
    my @parts = found($view{$name} // '', qr/\{\{[<>]\s*([^\s}]+)/);
    my @absent = grep { !exists $view{$_} } @parts;
    is("@absent", '', "$name: its parents and partials exist");
    push @next, @parts;
}
my @unused = grep { !$used{$_} } sort keys %view;
is("@unused", '', 'every view is shown, or is part of one that is');

# ---- what no view may hold --------------------------------------------------
my @forbidden = (
    [qr/\{\{[{&]/, 'text that is not escaped'],
    [qr/<style\b/i, 'a style of its own'],
    [qr/<[^>]*\sstyle\s*=/i, 'a style attribute'],
    [qr/<script(?![^>]*\ssrc=)/i, 'a script of its own'],
    [qr/<[^>]*\son[a-z]+\s*=/i, 'an event attribute'],
    [qr/(?:javascript|data):[^\s]/i, 'an address that is content'],
    [qr/(?:src|href|action)="(?:https?:|\/|[^"{#])/i,
        'an address that does not come from the model'],
    [qr/<[^>]+=\{\{/, 'a value without quotes'],
);
for my $name (sort keys %view) {
    my @bad = map { $_->[1] } grep { $view{$name} =~ $_->[0] } @forbidden;
    is("@bad", '', "$name: nothing forbidden");
    my @posts = $view{$name} =~ /(<form\b[^>]*method="post".*?<\/form>)/gis;
    my @open = grep { !/name="csrf" value="\{\{page\.csrf\}\}"/ } @posts;
    is(scalar @open, 0, "$name: every form that posts carries the token");
}

# ---- the assets -------------------------------------------------------------
# What script/assets makes or copies from packages; the rest is in htdocs.
my %asset = map { $_ => 1 } qw(portal.css altcha.min.js altcha.css pbkdf2.js);
my %script = map { s{.*/}{}r => text_of($_) } glob "$top/htdocs/js/*";
my @own = (keys %script, map { s{.*/}{}r } glob "$top/htdocs/img/*");
$asset{$_} = 1 for @own;
my $all = join '', values %view;
my @named = found($all, qr/\{\{page\.assets\}\}\/([\w.-]+)/);
my @loaded = map { found($_, qr/"\.\/([\w.-]+)"/) } values %script;
my @gone = grep { !$asset{$_} } @named, @loaded;
is("@gone", '', 'every asset that is named exists');
my %wanted = map { $_ => 1 } @named, @loaded;
my @idle = grep { !$wanted{$_} } sort keys %asset;
is("@idle", '', 'every asset is named somewhere');

for my $name (sort keys %script) {
    my @bad = found($script{$name},
        qr/\b(innerHTML|outerHTML|insertAdjacentHTML|eval|Function|document\.write)\b/);
    is("@bad", '', "$name: makes no markup or code from text");
}

done_testing();
