/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Conversations for the tests of src/clinic/messages. */
#ifndef CP_T_CLINIC_TALK_H
#define CP_T_CLINIC_TALK_H

#include "clinic_reads.h"

#include "clinic/messages.h"

#define NOW apr_time_from_sec(1800000000)

static inline const char *clinic_of(reader_t who)
{
    return reads_people[who].is_lakeview ? "lakeview" : "riverside";
}

static inline void add_message(clinic_test_t *test, reader_t sender, int thread,
                               int n, const char *payload)
{
    change(test, "reads_add_message",
           json_pack("{s:s, s:s, s:I, s:s, s:s, s:s, s:s, s:s, s:s}",
                     "clinic_id", clinic_of(sender), "thread_id",
                     id_of(test, "thr", thread), "at",
                     (json_int_t)(NOW + n * MINUTE), "id",
                     id_of(test, "msg", 1000 * thread + n), "status",
                     payload == NULL ? "preparation" : "completed", "priority",
                     n == 9 ? "urgent" : "routine", "kind",
                     cp_kind_word(reads_people[sender].kind), "person_id",
                     reads_people[sender].person_id, "payload",
                     payload == NULL ? "a draft" : payload));
}

static inline void add_box(clinic_test_t *test, reader_t who, int thread,
                           apr_time_t at, int unread)
{
    change(test, "reads_add_mailbox",
           json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:i}", "clinic_id",
                     clinic_of(who), "kind",
                     cp_kind_word(reads_people[who].kind), "person_id",
                     reads_people[who].person_id, "id",
                     id_of(test, "thr", thread), "folder",
                     unread < 0 ? "archive" : "inbox", "at", (json_int_t)at,
                     "unread", abs(unread)));
}

static inline void add_thread(clinic_test_t *test, const char *clinic_id,
                              int thread)
{
    change(test, "reads_add_thread",
           json_pack("{s:s, s:s, s:s, s:s}", "clinic_id", clinic_id, "id",
                     id_of(test, "thr", thread), "topic",
                     apr_psprintf(test->cx.pool, "%s %d", clinic_id, thread),
                     "patient_id", thread % 2 ? "p-lopez" : "p-nguyen"));
}

/* Doe and Lopez talk in conversation 1. Around it is all that must not show
 * in it: another one of Lopez, others' boxes of the same, and people of the
 * same ids who talk under the same ids at the other clinic. */
static inline void add_usual(clinic_test_t *test)
{
    add_thread(test, "riverside", 1);
    add_message(test, LOPEZ, 1, 1, "May I come earlier?");
    add_message(test, DOE, 1, 2, "Yes, at nine.");
    add_box(test, DOE, 1, NOW + 2 * MINUTE, 0);
    add_box(test, LOPEZ, 1, NOW + 2 * MINUTE, 1);
    add_box(test, NGUYEN, 1, NOW + 2 * MINUTE, 1);
    add_thread(test, "riverside", 2);
    add_message(test, SMITH, 2, 20, "Another matter");
    add_message(test, LOPEZ, 2, 21, "Thank you");
    add_box(test, LOPEZ, 2, NOW, 1);
    add_box(test, TWIN, 2, NOW, 1);
    add_thread(test, "lakeview", 1);
    add_message(test, L_LOPEZ, 1, 1, "Hello from the lake");
    add_message(test, L_BOSS, 1, 2, "From the lake as well");
    add_message(test, L_BOSS, 1, 30, "Late from the lake");
    add_box(test, L_DOE, 1, NOW + MINUTE, 1);
    add_box(test, L_LOPEZ, 1, NOW + MINUTE, 2);
}

static inline apr_status_t open_as(clinic_test_t *test, reader_t who,
                                   json_t **model)
{
    return cp_messages_open(&test->cx, reader(test, who), id_of(test, "thr", 1),
                            model);
}

#endif
