/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Preloaded into httpd: while the file CP_NO_WATCH exists the module gets, as
 * the file says, no "thread", or no "descriptor" that wakes one. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

typedef int (*make_t)(unsigned, int);
typedef int (*create_t)(void **, void *, const void *, void *, void *);

static int lacks(const char *what)
{
    const char *name = getenv("CP_NO_WATCH");
    FILE *file = name == NULL ? NULL : fopen(name, "r");
    char word[32] = "";
    int found = file != NULL && fscanf(file, "%31s", word) == 1 &&
                strcmp(word, what) == 0;

    if (file != NULL) {
        (void)fclose(file);
    }
    return found;
}

int eventfd(unsigned count, int flags)
{
    if (lacks("descriptor")) {
        errno = EMFILE;
        return -1;
    }
    return ((make_t)dlsym(RTLD_NEXT, "eventfd"))(count, flags);
}

/* Only httpd's own threads begin. */
static int is_of_module(const void *run)
{
    Dl_info info;

    return dladdr(run, &info) != 0 &&
           strstr(info.dli_fname, "mod_clinicportal") != NULL;
}

int apr_thread_create(void **thread, void *attr, const void *run, void *data,
                      void *pool)
{
    if (is_of_module(run) && lacks("thread")) {
        return EAGAIN;
    }
    return ((create_t)dlsym(RTLD_NEXT, "apr_thread_create"))(thread, attr, run,
                                                             data, pool);
}
