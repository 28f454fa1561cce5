/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* For Prometheus, in its text format 0.0.4. */
#ifndef CP_MONITOR_METRICS_H
#define CP_MONITOR_METRICS_H

#include <httpd.h>

/* All that this httpd has counted since it was started, and what was seen last
 * in the databases. Never waits for a database. */
int cp_metrics_answer(request_rec *r);

#endif
