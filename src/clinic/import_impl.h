/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Private to the import: what its files share.
 *
 * The format is a table (import_fields.c): elements made of fields, each with
 * its type, its bounds and the parameter of the statements it goes to. Checking
 * walks the document along the table; loading makes the arguments of the
 * statements with the same table. */
#ifndef CP_IMPORT_IMPL_H
#define CP_IMPORT_IMPL_H

#include "base/calendar.h"
#include "clinic/import.h"

#include <apr_hash.h>

typedef enum cp_import_type_t {
    CP_IMPORT_LINE,   /* text without control characters */
    CP_IMPORT_TEXT,   /* text that may have line breaks and tabs */
    CP_IMPORT_WORD,   /* one of `of`, a list that ends with NULL */
    CP_IMPORT_WORDS,  /* an array of words, stored parted by spaces */
    CP_IMPORT_FLAG,   /* true or false */
    CP_IMPORT_COUNT,  /* 0 to max */
    CP_IMPORT_DATE,   /* YYYY-MM-DD */
    CP_IMPORT_MOMENT, /* becomes an integer, see import_moment */
    CP_IMPORT_ID,     /* the element's own; `of` is the type it is of */
    CP_IMPORT_REF,    /* the id of an element of the type `of` */
    CP_IMPORT_OBJECT, /* one element `of` */
    CP_IMPORT_LIST    /* an array of elements `of` */
} cp_import_type_t;

typedef struct cp_import_t cp_import_t;

/* Where in the document: clinics[0].appointments[3].start. Lives on the
 * stack of the walk, and becomes text only in an error. */
typedef struct cp_import_path_t {
    const struct cp_import_path_t *parent;
    const char *name;
    int index; /* in an array; -1 */
} cp_import_path_t;

typedef struct cp_import_field_t {
    const char *name;
    const char *param; /* of the statements; NULL: goes to none */
    cp_import_type_t type;
    int is_required;
    apr_size_t max; /* bytes of text, elements of an array; a count */
    const void *of;
    const char *otherwise; /* what absent text is, or a flag ("true"); NULL:
                            * null, and false */
} cp_import_field_t;

typedef struct cp_import_element_t {
    const cp_import_field_t *fields; /* ends with a NULL name */
    /* Before the members are looked at, in both passes; may be NULL. */
    void (*enter)(cp_import_t *import, const json_t *object,
                  const cp_import_path_t *path);
    /* What the fields cannot say of themselves, in the second pass. Must bear
     * members that are missing or of another type. May be NULL. */
    void (*check)(cp_import_t *import, const json_t *object,
                  const cp_import_path_t *path);
} cp_import_element_t;

typedef struct cp_import_content_t {
    const char *bytes;
    apr_size_t len;
} cp_import_content_t;

struct cp_import_t {
    apr_pool_t *pool;
    apr_time_t now;
    cp_import_report_t *report;
    json_t *document;
    int is_second_pass; /* of the check */
    apr_hash_t *ids;    /* of all elements: see cp_import_note_id */
    /* The clinic that is being checked or loaded. */
    const char *clinic_id;
    cp_calendar_t *calendar;
    const char *key; /* of its ids; NULL: not known yet */
    /* Only in cp_import_run: */
    cp_ctx_t *cx;
    const cp_import_input_t *input;
    int directory;              /* of documents, open; -1 */
    int lock;                   /* its lock file, which is held; -1 */
    apr_array_header_t *copied; /* const char *: the names of the copies */
    int named_count;            /* so many of them have it, from the first on */
    json_t *retired;      /* see import_retired.c; NULL without a directory */
    int has_new_retired;  /* it is not as it is on disk */
    apr_status_t failure; /* of a look into the database */
    apr_hash_t *touched;  /* people whose accounts see a change */
    apr_pool_t *scratch;  /* of the element that is being loaded */
    int is_loaded;        /* all but the COMMIT has worked */
};

/* ---- import_check.c ---- */

/* Note an error at path. Text of the document in it must have gone through
 * cp_import_quote. */
void cp_import_fail(cp_import_t *import, const cp_import_path_t *path,
                    const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Likewise at a member of the object at path. */
void cp_import_fail_at(cp_import_t *import, const cp_import_path_t *path,
                       const char *name, const char *what);

/* Text as JSON writes it, in ASCII: nothing in it can play tricks on a
 * terminal. Cut after 64 bytes. */
const char *cp_import_quote(cp_import_t *import, const char *text);

/* Both passes over the document. */
void cp_import_walk(cp_import_t *import);

/* ---- import_fields.c ---- */

extern const cp_import_element_t cp_import_root;
extern const cp_import_element_t cp_import_clinic;
extern const cp_import_element_t cp_import_practitioner;
extern const cp_import_element_t cp_import_patient;
extern const cp_import_element_t cp_import_care;
extern const cp_import_element_t cp_import_staff;
extern const cp_import_element_t cp_import_patient_account;
extern const cp_import_element_t cp_import_appointment;
extern const cp_import_element_t cp_import_actor;
extern const cp_import_element_t cp_import_document;
extern const cp_import_element_t cp_import_thread;
extern const cp_import_element_t cp_import_member;
extern const cp_import_element_t cp_import_message;

/* ---- import_moment.c ---- */

/* A moment as docs/import.md has it, in the calendar's zone. CP_EINPUT. */
apr_status_t cp_import_moment(cp_calendar_t *calendar, apr_time_t now,
                              const char *text, apr_time_t *at, apr_pool_t *p);

/* ---- import_ids.c ---- */

/* Note an id of the clinic being checked. 0: it was there already. */
int cp_import_note_id(cp_import_t *import, const char *type, const char *id);

/* Whether it was noted, or the database has it. When the database fails it is
 * taken to be there, and import->failure says so. */
int cp_import_has_id(cp_import_t *import, const char *type, const char *id);

/* The public id: in import->scratch. import->key must be known. */
const char *cp_import_public_id(cp_import_t *import, const char *type,
                                const char *id);

/* Read the clinic's key into import->key; NULL when it has none. */
apr_status_t cp_import_find_key(cp_import_t *import);

/* Likewise, making it; in the transaction. */
apr_status_t cp_import_make_key(cp_import_t *import);

/* ---- import_args.c ---- */

/* The arguments of a statement for one element: clinic_id, and the parameters
 * of its fields. A new reference; NULL on failure. */
json_t *cp_import_args(cp_import_t *import, const cp_import_element_t *element,
                       const json_t *object);

/* Run a statement with them; *count may be NULL. */
apr_status_t cp_import_execute(cp_import_t *import, const char *statement,
                               json_t *args, int *count);

/* A practitioner or a patient who takes part. In import->scratch. */
typedef struct cp_import_person_t {
    const char *kind; /* "staff" or "patient" */
    const char *person;
} cp_import_person_t;

cp_import_person_t cp_import_person(cp_import_t *import, const json_t *actor);

/* Who sees a change. kind: "staff" or "patient"; or one of these, with any
 * person. */
#define CP_IMPORT_EVERYBODY "everybody"
#define CP_IMPORT_READERS "readers" /* of all documents */
void cp_import_touch(cp_import_t *import, const char *kind, const char *person);

/* Likewise the members kind (staff when there is none) and person of rows. */
void cp_import_touch_rows(cp_import_t *import, const json_t *rows);

/* ---- import_directory.c ---- */

/* Open the directory of documents, if there is one, keep other imports out of
 * it until it is left, and remove what one that was killed has left there
 * without a name. CP_EUNAVAILABLE: another import is in there and does not end;
 * or a code of the system. Each is logged. */
apr_status_t cp_import_enter_directory(cp_import_t *import);

/* Also what was not entered. */
void cp_import_leave_directory(cp_import_t *import);

/* Write a file there, under a temporary name which the final one replaces when
 * all is on disk. A code of the system. Uses import->scratch. */
apr_status_t cp_import_write_file(const cp_import_t *import, const char *name,
                                  const cp_import_content_t *content);

/* Likewise the copy of a document's file, but leave it to cp_import_name_copies
 * to give it its name. */
apr_status_t cp_import_write_copy(cp_import_t *import, const char *name,
                                  const cp_import_content_t *content);

/* Give all copies their names, on disk. From then on only the list of old files
 * tells of those that no document has. A code of the system, logged. Clears
 * import->scratch. */
apr_status_t cp_import_name_copies(cp_import_t *import);

/* Bring the names of the files to disk. A code of the system, logged. */
apr_status_t cp_import_sync_directory(const cp_import_t *import);

/* Remove the copies, with and without a name. Clears import->scratch. */
void cp_import_remove_copies(cp_import_t *import);

/* ---- import_retired.c ---- */

/* Read the list of the directory that was entered into import->retired. A code
 * of the system, CP_ETOOLARGE, or APR_EGENERAL (damaged); each is logged. */
apr_status_t cp_import_read_retired(cp_import_t *import);

/* List a file that the document has had until now, or is about to have.
 * APR_ENOMEM. */
apr_status_t cp_import_retire(cp_import_t *import, const char *name,
                              const char *document_id);

/* Bring the list to disk if it has changed; before the COMMIT. CP_ETOOLARGE: it
 * could not be read again; or a code of the system. Each is logged. Uses
 * import->scratch. */
apr_status_t cp_import_write_retired(cp_import_t *import);

/* After the COMMIT: the copies need not be listed any more; what has been for
 * long enough and is not in use is removed. What fails is logged. Clears
 * import->scratch. */
void cp_import_remove_retired(cp_import_t *import);

/* ---- import_file.c ---- */

/* Check and copy the file of every document, before the transaction begins.
 * What is wrong with one is noted as an error: CP_EINPUT. Or a code of the
 * system, logged. */
apr_status_t cp_import_copy_files(cp_import_t *import);

/* All of an open file, in p. APR_EBADPATH: it is not a plain one;
 * CP_ETOOLARGE: it has more than max bytes; or a code of the system. */
apr_status_t cp_import_read_all(int file, apr_off_t max,
                                cp_import_content_t *content, apr_pool_t *p);

/* ---- import_account.c ---- */

/* The checks of the two elements. */
void cp_import_check_staff(cp_import_t *import, const json_t *account,
                           const cp_import_path_t *path);
void cp_import_check_patient_account(cp_import_t *import, const json_t *account,
                                     const cp_import_path_t *path);

/* Hash the passwords of accounts that have none in the database yet, before
 * the transaction begins. */
apr_status_t cp_import_hash_passwords(cp_import_t *import);

/* ---- the loaders: one element each, in import->scratch. *count is not 0 when
 * it was new or has changed. ---- */

apr_status_t cp_import_load_staff(cp_import_t *import, json_t *object,
                                  int *count);
apr_status_t cp_import_load_patient_account(cp_import_t *import, json_t *object,
                                            int *count);
apr_status_t cp_import_load_appointment(cp_import_t *import, json_t *object,
                                        int *count);
apr_status_t cp_import_load_document(cp_import_t *import, json_t *object,
                                     int *count);
apr_status_t cp_import_load_thread(cp_import_t *import, json_t *object,
                                   int *count);

/* ---- import_load.c ---- */

/* All of it: the work of one transaction, baton is the import. */
apr_status_t cp_import_load(cp_db_t *db, void *baton);

#endif
