/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Documents for the tests of who may see which. */
#ifndef CP_T_CLINIC_PAPERS_H
#define CP_T_CLINIC_PAPERS_H

#include "clinic_reads.h"

#include "clinic/documents.h"

#define NOW apr_time_from_sec(1800000000)

typedef struct paper_t {
    int is_lakeview;
    const char *title;
    const char *patient_id;
    const char *author_id;
    const char *reviewer_id;
    int is_waiting;
    const char *status;
    const char *doc_status;
    apr_time_t released_at; /* 0: not released */
    const char *readers;    /* a letter for each reader who may see it, in the
                             * order of reader_t; "-" for one who may not */
} paper_t;

/*                       D S B T L N  at Lakeview: D B L */
static const paper_t papers[] = {
    {0, "Doe for Lopez", "p-lopez", "p-doe", NULL, 0, "current", "final", NOW,
     "D-B-L----"},
    {0, "not released", "p-lopez", "p-smith", NULL, 0, "current", "final", 0,
     "DSB------"},
    {0, "to be reviewed", "p-nguyen", "p-smith", "p-doe", 1, "current",
     "preliminary", 0, "DSB------"},
    {0, "reviewed", "p-nguyen", "p-smith", "p-doe", 0, "current", "final", NOW,
     "DSB--N---"},
    {0, "Smith for Nguyen", "p-nguyen", "p-smith", "p-boss", 1, "current",
     "amended", NOW - 1, "-SB--N---"},
    {0, "in error", "p-lopez", "p-doe", "p-doe", 1, "entered-in-error", "final",
     NOW, "---------"},
    {0, "content in error", "p-lopez", "p-doe", NULL, 0, "current",
     "entered-in-error", NOW, "---------"},
    {0, "reviewed in error", "p-nguyen", "p-smith", "p-doe", 0,
     "entered-in-error", "final", NOW, "---------"},
    {0, "review of content in error", "p-nguyen", "p-smith", "p-doe", 1,
     "current", "entered-in-error", NOW, "---------"},
    {0, "superseded", "p-lopez", "p-doe", NULL, 0, "superseded", "final", NOW,
     "D-B------"},
    {0, "released tomorrow", "p-lopez", "p-doe", NULL, 0, "current", "final",
     NOW + 1, "D-B------"},
    {0, "of the twin", "p-nguyen", "p-lopez", NULL, 0, "current", "final", 0,
     "--BT-----"},
    {0, "reviewed content in error", "p-nguyen", "p-smith", "p-doe", 0,
     "current", "entered-in-error", NOW, "---------"},
    {1, "Lake Doe for Lopez", "p-lopez", "p-doe", NULL, 0, "current", "final",
     NOW, "------DBL"},
    {1, "Lake Smith for Lopez", "p-lopez", "p-smith", NULL, 0, "current",
     "final", NOW, "-------BL"},
};

static inline const char *paper_id(clinic_test_t *test, size_t i)
{
    return id_of(test, "doc", (int)i);
}

static inline void add_paper(clinic_test_t *test, const char *id,
                             const paper_t *paper, apr_time_t created_at)
{
    change(test, "reads_add_document",
           json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s?, s:i, s:I, s:o,"
                     " s:s, s:i, s:s}",
                     "clinic_id", paper->is_lakeview ? "lakeview" : "riverside",
                     "id", id, "status", paper->status, "doc_status",
                     paper->doc_status, "title", paper->title, "patient_id",
                     paper->patient_id, "author_id", paper->author_id,
                     "reviewer_id", paper->reviewer_id, "is_waiting",
                     paper->is_waiting, "at", (json_int_t)created_at,
                     "released_at",
                     paper->released_at == 0 ? json_null()
                                             : json_integer(paper->released_at),
                     "content_type", "application/pdf", "size", 5,
                     "storage_key", "secret-key"));
}

/* All of them; and at Lakeview, under the same ids as those of Riverside, some
 * that everybody of the same name there may see. */
static inline void add_papers(clinic_test_t *test)
{
    paper_t mirror = {1, "mirror",  "p-lopez", "p-doe", "p-doe",
                      0, "current", "final",   NOW,     NULL};
    size_t i;

    test->fake->now = NOW;
    for (i = 0; i < ROWS(papers); i++) {
        add_paper(test, paper_id(test, i), &papers[i], NOW - (apr_time_t)i);
        if (!papers[i].is_lakeview) {
            mirror.is_waiting = (int)(i % 2);
            add_paper(test, paper_id(test, i), &mirror, NOW - (apr_time_t)i);
        }
    }
}

#endif
