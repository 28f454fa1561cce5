# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# The bytes of documents: whole, in parts, with the headers that keep a
# browser from running them, and what happens when a file is not as recorded.
use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use Test::More;

use ClinicTest;
use Fixture qw(world save id_of);

my $bytes = join '', "%PDF-1.4\n",
    map { pack 'N', $_ * 2_654_435_761 % 2**32 } 1 .. 700_000;

sub file_of {
    my ($portal, $title) = @_;
    return '/patient/documents/' . id_of($portal, 'document', $title)
        . '/file';
}

sub set {
    my ($portal, $column, $value) = @_;
    $portal->run_sql("UPDATE document SET $column = ? WHERE title = ?",
        $value, 'RV document large');
    return;
}

sub stored {
    my ($portal) = @_;
    return "$portal->{dir}/documents/" . $portal->value(
        'SELECT storage_key FROM document WHERE title = ?',
        'RV document large');
}

sub opened {
    my ($portal) = @_;
    return $portal->value("SELECT COUNT(*) FROM audit_event WHERE event ="
        . " 'read' AND entity_type = 'DocumentReference'");
}

sub check_whole {
    my ($portal, $user, $path) = @_;
    my $page = $path =~ s{/file$}{}r;
    is($user->json($page)->{json}{data}{is_new}, JSON::PP::true,
        'a document not opened yet is new');
    my $before = opened($portal);
    my $answer = $user->get($path);
    my $headers = $answer->{headers};

    is($answer->{status}, 200, 'the file comes');
    is(sha256_hex($answer->{content}), sha256_hex($bytes), 'byte by byte');
    is($headers->{'content-length'}, length $bytes, 'with its length');
    is($headers->{'content-type'}, 'application/pdf', 'its true type');
    is($headers->{etag}, '"' . sha256_hex($bytes) . '"', 'its digest as tag');
    is($headers->{'accept-ranges'}, 'bytes', 'and says it has parts');
    is($headers->{'x-content-type-options'}, 'nosniff', 'nosniff');
    like($headers->{'content-security-policy'},
        qr/^default-src 'none'; sandbox;/, 'sandbox, which opens nothing');
    is($headers->{'cache-control'}, 'no-store', 'not to be stored');
    unlike($headers->{'content-security-policy'}, qr/script-src/,
        'not the policy of pages');
    is(opened($portal), $before + 1, 'opening is on record');
    is($user->json($page)->{json}{data}{is_new}, JSON::PP::false,
        'and the document is not new any more');
    return $headers->{etag};
}

sub check_parts {
    my ($user, $path, $tag) = @_;
    my $size = length $bytes;
    my @parts = (
        ['bytes=0-0', 0, 1], ['bytes=100-199', 100, 100],
        ["bytes=@{[$size - 5]}-", $size - 5, 5], ['bytes=-7', $size - 7, 7],
        ["bytes=10-99999999", 10, $size - 10]);
    for my $part (@parts) {
        my ($range, $from, $length) = @$part;
        my $answer = $user->get($path, headers => { Range => $range });
        is($answer->{status}, 206, "$range is a part");
        is(sha256_hex($answer->{content}),
            sha256_hex(substr $bytes, $from, $length), 'the right one');
        is($answer->{headers}{'content-range'}, sprintf('bytes %d-%d/%d',
            $from, $from + $length - 1, $size), 'and says which');
        like($answer->{headers}{'content-disposition'}, qr/^attachment;/,
            'still an attachment');
        like($answer->{headers}{'content-security-policy'}, qr/sandbox/,
            'still in the sandbox');
    }
    my $multi = $user->get($path, headers => { Range => 'bytes=0-3,10-13' });
    is($multi->{status}, 206, 'two parts at once');
    like($multi->{headers}{'content-type'}, qr{^multipart/byteranges},
        'in one answer');
    like($multi->{content}, qr/\Q@{[substr $bytes, 10, 4]}\E/,
        'with the bytes');
    my $beyond = $user->get($path, headers => { Range => "bytes=$size-" });
    is($beyond->{status}, 416, 'beyond the end: 416');
    is($user->get($path, headers => { Range => 'bytes=0-3',
        'If-Range' => '"other"' })->{status}, 200,
        'a part of another version: the whole');
    is($user->get($path, headers => { Range => 'bytes=0-3',
        'If-Range' => $tag })->{status}, 206, 'of this one: the part');
    return;
}

sub check_conditions {
    my ($user, $path, $tag) = @_;
    my $same = $user->get($path, headers => { 'If-None-Match' => $tag });
    is($same->{status}, 304, 'known already: 304');
    is(length($same->{content} // ''), 0, 'without the bytes');
    is($same->{headers}{etag}, $tag, 'with the tag');
    is($user->get($path, headers => { 'If-None-Match' => '"x"' })->{status},
        200, 'another one is known: all of it');
    is($user->get($path, headers => { 'If-Match' => '"x"' })->{status}, 412,
        'only if it were another: 412');
    my $head = $user->request('HEAD', $path);
    is($head->{status}, 200, 'HEAD answers');
    is(length($head->{content} // ''), 0, 'without the bytes');
    is($head->{headers}{'content-length'}, length $bytes, 'with the length');
    is($head->{headers}{etag}, $tag, 'and the tag');
    return;
}

# What the person is to save it as; quotes, lines and folders cannot be told.
sub check_names {
    my ($portal, $user, $path) = @_;
    my @names = (
        ['Report 1.pdf', 'Report%201.pdf', 'a plain name'],
        ["B\x{e9}fund \x{2713}.pdf", 'B%C3%A9fund%20%E2%9C%93.pdf', 'UTF-8'],
        ["a\r\nX-Evil: 1.pdf", undef, 'a line break'],
        ['a"; filename="evil.exe', undef, 'a quote'],
        ['../../etc/passwd', undef, 'a folder'],
        ['a%0d%0aX-Evil: 1', undef, 'an escape'],
    );
    for my $row (@names) {
        my ($name, $encoded, $why) = @$row;
        set($portal, 'file_name', $name);
        my $answer = $user->request('HEAD', $path);
        my $said = $answer->{headers}{'content-disposition'};
        is($answer->{status}, 200, "$why: the file comes");
        is($answer->{headers}{'x-evil'}, undef, 'no header of its own');
        like($said, qr{^attachment;\ filename="[^"\\/%]*";
            \ filename\*=UTF-8''[\w%.~-]+$}x, 'two quoted names');
        unlike($said, qr/%0[AD]|%2F|%22/i,
            'without a line, folder or quote');
        like($said, qr/UTF-8''\Q$encoded\E$/, 'exactly') if $encoded;
    }
    return;
}

sub check_tricks {
    my ($portal, $user, $path) = @_;
    my ($id) = $path =~ m{documents/([\w-]+)/};
    my $key = $portal->value(
        'SELECT storage_key FROM document WHERE document_id = ?', $id);
    my @tricks = ("documents/$key", "documents/$key/file",
        "documents/$id/file/..%2f..%2fsecret", "documents/%2e%2e/file",
        "documents/..%2f..%2fsecret/file", "documents/$id%00/file",
        "documents/$id/file%00.html", "documents/$id.pdf/file",
        "documents/$id/file/x", "documents/$id%2ffile",
        "documents/%252e%252e%252fsecret/file");
    for my $trick (@tricks) {
        my $answer = $user->get("/patient/$trick");
        like($answer->{status}, qr/^40[04]$/, "$trick leads nowhere");
        unlike($answer->{content}, qr/Index of|root:|\Q$key\E/,
            'and shows nothing');
    }
    my $folder = "$portal->{dir}/documents";
    for my $bad ('../secret', "$portal->{dir}/secret", '.', '..', '',
            '.hidden', 'link', 'pipe', 'sub') {
        symlink "$portal->{dir}/secret", "$folder/link" if $bad eq 'link';
        POSIX::mkfifo("$folder/pipe", 0666) if $bad eq 'pipe';
        mkdir "$folder/sub" if $bad eq 'sub';
        set($portal, 'storage_key', $bad);
        is($user->get($path)->{status}, 503, "stored as \"$bad\": refused");
    }
    set($portal, 'storage_key', $key);
    return;
}

sub check_damage {
    my ($portal, $user, $path) = @_;
    my $file = stored($portal);
    my $before = opened($portal);
    my %damage = (
        'cut short' => sub { truncate $file, 1000 },
        'grown' => sub { truncate $file, length($bytes) + 1 },
        'gone' => sub { unlink $file },
        'unreadable' => sub { mkdir $file },
    );
    $portal->claim('CP0532');
    for my $what ('cut short', 'grown', 'gone', 'unreadable') {
        ok($damage{$what}->(), "the file is $what");
        my $answer = $user->get($path);
        is($answer->{status}, 503, 'the answer is 503');
        like($answer->{headers}{'retry-after'}, qr/^\d+$/, 'with Retry-After');
        my ($reference) = $answer->{content} =~
            /class="reference">(\w{4}-\w{4})</;
        ok($reference, 'with a reference');
        like($portal->log_text, qr/CP0532.*\Q$reference\E/,
            'by which the log line is found');
        unlike($answer->{content}, qr/\Q$portal->{dir}\E/, 'and no path');
        my $json = $user->json($path);
        is($json->{json}{error}{code}, 'unavailable', 'in JSON, too');
    }
    is(opened($portal), $before, 'what was not given is not on record');
    return;
}

my $world = world();
push @{ $world->{clinics}[0]{documents} }, Fixture::document('RV', 'large',
    'mlopez', released => '2026-03-03T12:00', bytes => $bytes);

on_each_database(sub {
    my ($portal) = @_;
    my $user = $portal->browser;
    is($user->sign_in('RIVERSIDE', 'Patient', 'mlopez')->{status}, 303,
        'the patient signs in');
    my $path = file_of($portal, 'RV document large');
    my $tag = check_whole($portal, $user, $path);

    check_parts($user, $path, $tag);
    check_conditions($user, $path, $tag);
    check_names($portal, $user, $path);
    check_tricks($portal, $user, $path);
    check_damage($portal, $user, $path);
}, data => save($world));

done_testing;
