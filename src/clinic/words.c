/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Tables of codes and what people call them. */
#include "clinic/words.h"

#include <string.h>

const char *cp_words_text(const cp_word_t *table, const char *code,
                          const char *otherwise)
{
    for (; table->code != NULL; table++) {
        if (strcmp(table->code, code) == 0) {
            return table->text;
        }
    }
    return otherwise;
}
