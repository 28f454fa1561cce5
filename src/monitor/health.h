/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* For load balancers: is this httpd alive, and should it get requests? */
#ifndef CP_MONITOR_HEALTH_H
#define CP_MONITOR_HEALTH_H

#include <httpd.h>

/* 200 or 503, with {"status": "pass"} or {"status": "fail", "output": why}. An
 * address that ends in /live only asks whether httpd answers; any other,
 * whether the databases of this virtual host's portals (of all, if it has none)
 * have answered within the last CP_SEEN_GOOD_FOR, and this process can sign
 * people in. Never waits for a database. */
int cp_health_answer(request_rec *r);

#endif
