/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* person: no commands yet. */
#include "ctl/ctl.h"

const cp_ctl_command_t cp_ctl_person[] = {{NULL}};
