/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Tables of codes and what people call them. */
#ifndef CP_WORDS_H
#define CP_WORDS_H

typedef struct cp_word_t {
    const char *code;
    const char *text;
} cp_word_t;

/* The text of `code` in a table that ends with a NULL code, else `otherwise`.
 */
const char *cp_words_text(const cp_word_t *table, const char *code,
                          const char *otherwise);

#endif
