#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# SQLite locked by another writer, its file taken away, its disk full, a backup
# put in its place.
use strict;
use warnings;

use Test::More;

use ClinicTest;
use Crowd;
use Wait qw(wait_for);

# Another program that writes and does not finish. Who only reads notices
# nothing.
sub meet_lock {
    my ($portal, $crowd) = @_;
    my $reader = $portal->browser;
    $reader->sign_in(qw(RIVERSIDE Staff LeeC));
    my $dbh = $portal->dbh;
    $dbh->sqlite_busy_timeout(20_000);
    $crowd->meet('SQLite is locked', sub { $dbh->do('BEGIN IMMEDIATE') },
        sub { $dbh->do('ROLLBACK') }, during => sub {
            is($reader->get("/staff/$_")->{status}, 200, "reads on: $_")
                for '', 'schedule', 'documents';
        });
    return;
}

# Moved elsewhere and back, by mistake.
sub meet_removal {
    my ($portal, $crowd) = @_;
    my ($here, $there) = ($portal->params, "$portal->{dir}/elsewhere");
    mkdir $there or die "$there: $!";
    my $move = sub {
        my ($from, $to) = @_;
        for my $suffix ('', '-wal', '-shm') {
            rename "$from$suffix", "$to$suffix"
                or $!{ENOENT} or die "$from$suffix: $!";
        }
    };
    $crowd->meet('the file is gone', sub { $move->($here, "$there/file") },
        sub { $move->("$there/file", $here) });
    return;
}

# httpd may write no file beyond its first bytes, which is how a full disk looks
# to SQLite and needs no disk of its own.
sub meet_full_disk {
    my ($portal, $crowd) = @_;
    my $limit = sub {
        my @as_httpd = $> != 0 ? ()
            : qw(setpriv --reuid nobody --regid nogroup --clear-groups);
        ClinicTest::must(@as_httpd, 'prlimit', '--pid', $_,
            "--fsize=$_[0]:unlimited") for $portal->children;
    };
    $crowd->meet('the disk is full', sub { $limit->(4096) },
        sub { $limit->('unlimited') });
    return;
}

# Whoever has opened the old file would write to it for ever.
sub restore_backup {
    my ($portal) = @_;
    my ($file, $backup) = ($portal->params, "$portal->{dir}/backup");
    my $user = $portal->browser;
    $user->sign_in(qw(RIVERSIDE Staff DoeJ));
    my $count = $portal->value('SELECT COUNT(*) FROM message');
    (delete $portal->{dbh})->disconnect;
    ClinicTest::must('sqlite3', $file, ".backup $backup");
    unlink $file, "$file-wal", "$file-shm"; # as docs/operations.md says
    is($user->get('/staff/')->{status}, 503, 'without its file it asks to wait');
    ok(!-e $file, 'and makes no empty one');
    ClinicTest::must('install', $> == 0 ? ('-o', 'nobody') : (), $backup,
        "$file.new");
    rename "$file.new", $file or die "$file: $!";
    wait_for(sub { $user->get('/staff/')->{status} == 200 || undef });
    my $sessions = $portal->value('SELECT COUNT(*) FROM session');
    is($portal->browser->sign_in(qw(RIVERSIDE Patient mlopez))->{status}, 303,
        'a backup in its place is opened without a restart');
    is($portal->value('SELECT COUNT(*) FROM session'), $sessions + 1,
        'and that is what is written to');
    is($portal->value('SELECT COUNT(*) FROM message'), $count,
        'all that was in the backup is there');
    return;
}

on_each_database(sub {
    my ($portal) = @_;
    my $crowd = Crowd->start($portal);
    meet_lock($portal, $crowd);
    meet_removal($portal, $crowd);
    meet_full_disk($portal, $crowd);
    $crowd->part;
    restore_backup($portal);
    $portal->claim_seen(qw(CP0301 CP0303 CP0307 CP0801));
}, Crowd::options(drivers => ['sqlite3']));

done_testing;
