/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Preloaded into httpd: while the file CP_NO_RANDOM exists there are no random
 * bytes to be had from OpenSSL. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

int RAND_bytes(unsigned char *buf, int num)
{
    int (*real)(unsigned char *, int) =
        (int (*)(unsigned char *, int))dlsym(RTLD_NEXT, "RAND_bytes");
    const char *flag = getenv("CP_NO_RANDOM");

    return flag != NULL && access(flag, F_OK) == 0 ? 0 : real(buf, num);
}
