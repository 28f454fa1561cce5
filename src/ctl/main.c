/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* clinicportalctl: administers a portal's database. Exit status 0, or 1 with
 * one line on standard error that says what failed and why. */
#include "ctl/ctl.h"

#include "base/status.h"

#include <apr_general.h>
#include <apr_strings.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The words typed so far, for the help that is nearest to them. */
static const char *words_of(const cp_ctl_t *ctl)
{
    if (ctl->command != NULL) {
        return ctl->command->words;
    }
    return cp_ctl_value(ctl, 0);
}

static int report(const cp_ctl_t *ctl, apr_status_t rv)
{
    const char *what = ctl->command == NULL ? "" : ctl->command->words;
    const char *why = ctl->why == NULL ? cp_status_text(rv) : ctl->why;

    (void)fprintf(stderr, "clinicportalctl%s%s: %s%s%s\n",
                  what[0] == '\0' ? "" : " ", what, why,
                  ctl->logged == NULL ? "" : ": ",
                  ctl->logged == NULL ? "" : ctl->logged);
    return EXIT_FAILURE;
}

/* A write that failed long ago has left its mark on the stream; the last one is
 * still to come, and some file systems tell of a failure only at the close. */
static int finish(cp_ctl_t *ctl, apr_status_t rv)
{
    if (rv == APR_SUCCESS && (ferror(stdout) != 0 || fclose(stdout) != 0)) {
        rv = cp_ctl_fail(ctl, APR_EGENERAL, "the answer could not be written");
    }
    return rv == APR_SUCCESS ? EXIT_SUCCESS : report(ctl, rv);
}

static int run(cp_ctl_t *ctl, int argc, const char *const *argv)
{
    apr_status_t rv;

    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        printf("clinicportalctl %s\n", CP_VERSION);
        return finish(ctl, APR_SUCCESS);
    }
    rv = cp_ctl_parse(ctl, argc, argv);
    if (rv == APR_INCOMPLETE) {
        cp_ctl_help(words_of(ctl));
        return finish(ctl, APR_SUCCESS);
    }
    if (rv != APR_SUCCESS && !ctl->is_json) {
        cp_ctl_help(words_of(ctl));
    }
    if (rv != APR_SUCCESS) {
        return report(ctl, rv);
    }
    rv = cp_ctl_connect(ctl);
    if (rv == APR_SUCCESS) {
        rv = ctl->command->run(ctl);
    }
    return finish(ctl, rv);
}

int main(int argc, const char *const *argv)
{
    cp_ctl_t ctl = {NULL};
    int status;

    (void)umask(umask(027) | 027); /* a new database is nobody else's */
    if (apr_app_initialize(&argc, &argv, NULL) != APR_SUCCESS ||
        apr_pool_create(&ctl.pool, NULL) != APR_SUCCESS) {
        (void)fprintf(stderr, "clinicportalctl: APR does not start\n");
        return EXIT_FAILURE;
    }
    status = run(&ctl, argc, argv);
    apr_pool_destroy(ctl.pool);
    apr_terminate();
    return status;
}
