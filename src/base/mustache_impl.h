/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Private to the Mustache engine: the compiled form, which the renderer
 * walks, and the set that holds it.
 *
 * A template is one array of instructions. The body of a section, block or
 * parent stands right behind its instruction, so that "the next one" is
 * op + 1 + op->n_inside. */
#ifndef CP_MUSTACHE_IMPL_H
#define CP_MUSTACHE_IMPL_H

#include "base/mustache.h"

#include <apr_hash.h>
#include <apr_tables.h>

typedef enum cp_mustache_op_kind_t {
    CP_MUSTACHE_TEXT,
    CP_MUSTACHE_ESCAPED,  /* {{name}} */
    CP_MUSTACHE_RAW,      /* {{{name}}} and {{&name}} */
    CP_MUSTACHE_SECTION,  /* {{#name}} */
    CP_MUSTACHE_INVERTED, /* {{^name}} */
    CP_MUSTACHE_PARTIAL,  /* {{>name}} */
    CP_MUSTACHE_PARENT, /* {{<name}}; its body is only blocks, the arguments */
    CP_MUSTACHE_BLOCK   /* {{$name}} */
} cp_mustache_op_kind_t;

typedef struct cp_mustache_template_t cp_mustache_template_t;

typedef struct cp_mustache_op_t {
    cp_mustache_op_kind_t kind;
    unsigned int is_bol : 1;   /* the first output of a line of the template */
    unsigned int is_alone : 1; /* a standalone tag: puts out only its body */
    int n_inside;              /* instructions of the body */
    const char *text; /* text, or the indentation of what is put here */
    apr_size_t len;
    const char *const *path; /* the parts of a dotted name */
    int n_path;              /* 0: "." */
    int block;               /* a number per block name of the set */
    const cp_mustache_template_t *target; /* of a partial or parent */
} cp_mustache_op_t;

struct cp_mustache_template_t {
    const char *name;
    const cp_mustache_op_t *ops; /* NULL: not compiled (yet), or absent */
    int n_ops;
    int is_absent;    /* the loader does not have it */
    const char *from; /* the template that first referred to it, and where */
    int line;
    int column;
};

struct cp_mustache_t {
    apr_pool_t *p;
    cp_mustache_loader_t load;
    void *baton;
    int is_strict;
    apr_hash_t *by_name;     /* of cp_mustache_template_t */
    apr_array_header_t *all; /* the same, in the order of the references */
    apr_hash_t *blocks;      /* name of a block -> its number (int *) */
};

/* The entry of `name`; made at the first mention, which is at `line` and
 * `column` of `from`. */
cp_mustache_template_t *cp_mustache_refer(cp_mustache_t *set, const char *name,
                                          const char *from, int line,
                                          int column);

/* The number that stands for the block `name` in this set. */
int cp_mustache_block_number(cp_mustache_t *set, const char *name);

/* Parse text into the template's instructions. CP_EINPUT: *error says where
 * and why, in the set's pool. Only `scratch` holds what is not kept. */
apr_status_t cp_mustache_parse(cp_mustache_t *set, cp_mustache_template_t *into,
                               const char *text, const char **error,
                               apr_pool_t *scratch);

#endif
