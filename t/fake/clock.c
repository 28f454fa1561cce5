/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Preloaded into httpd: its clock is ahead by the seconds in the file CP_CLOCK.
 * Neither allocates nor locks: the sanitizers ask for the time while they do
 * (libfaketime hangs there). Intervals go on as they were. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long ahead_s(void)
{
    char text[24] = "";
    const char *name = getenv("CP_CLOCK");
    int file = name == NULL ? -1
                            : (int)syscall(SYS_openat, AT_FDCWD, name,
                                           O_RDONLY | O_CLOEXEC);

    if (file >= 0) {
        (void)!syscall(SYS_read, file, text, sizeof(text) - 1);
        (void)syscall(SYS_close, file);
    }
    return strtol(text, NULL, 10);
}

int clock_gettime(clockid_t id, struct timespec *at)
{
    int failed = (int)syscall(SYS_clock_gettime, id, at);

    if (!failed && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) {
        at->tv_sec += ahead_s();
    }
    return failed;
}

int gettimeofday(struct timeval *at, void *zone)
{
    struct timespec now;
    int failed = clock_gettime(CLOCK_REALTIME, &now);

    at->tv_sec = now.tv_sec;
    at->tv_usec = now.tv_nsec / 1000;
    return failed;
}

time_t time(time_t *at)
{
    struct timespec now = {0, 0};

    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (at != NULL) {
        *at = now.tv_sec;
    }
    return now.tv_sec;
}
