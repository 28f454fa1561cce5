/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The table of directives. */
#ifndef CP_DIRECTIVES_H
#define CP_DIRECTIVES_H

#include <httpd.h>
#include <http_config.h>

extern const command_rec cp_directives[];

#endif
