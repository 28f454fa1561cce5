/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* secret: makes the file for ClinicPortalSecret. */
#include "ctl/ctl.h"

#include "base/status.h"

static apr_status_t make_secret(cp_ctl_t *ctl)
{
    const char *path = cp_ctl_value(ctl, 0);
    char why[128];
    apr_status_t rv = cp_keys_write_new(path, &ctl->port, ctl->pool);

    if (APR_STATUS_IS_EEXIST(rv)) {
        return cp_ctl_fail(ctl, rv, "%s exists: a secret is never overwritten",
                           path);
    }
    if (rv != APR_SUCCESS) {
        return cp_ctl_fail(ctl, rv, "%s: %s", path,
                           rv >= APR_OS_START_USERERR
                               ? cp_status_text(rv)
                               : apr_strerror(rv, why, sizeof(why)));
    }
    cp_ctl_say(ctl, json_pack("{s:s}", "file", path),
               "a new secret is in %s: ClinicPortalSecret file:%s", path, path);
    return rv;
}

const cp_ctl_command_t cp_ctl_secret[] = {
    {"secret new", "FILE",
     "Write a new random secret, readable by its owner alone.", CP_CTL_NOTHING,
     make_secret},
    {NULL}};
