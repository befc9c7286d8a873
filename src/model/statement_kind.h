/* What a statement does, by its text: its first word, or after WITH its main verb. */
#ifndef MODEL_STATEMENT_KIND_H
#define MODEL_STATEMENT_KIND_H

#include <stddef.h>

enum statement_kind {
    STATEMENT_UNKNOWN,      /* the text does not tell: none, cut before its verb, or not begun as a statement */
    STATEMENT_SELECT,       /* also VALUES and TABLE, which are queries too */
    STATEMENT_INSERT,
    STATEMENT_UPDATE,
    STATEMENT_DELETE,
    STATEMENT_OTHER,        /* MERGE, COPY, BEGIN, CREATE and all the rest */
    STATEMENT_KIND_COUNT_
};

/* Any bytes; those after the verb are not looked at. A text may be cut at its end. */
enum statement_kind statement_kind(const char *text, size_t len);

const char *statement_kind_word(enum statement_kind kind);     /* "SELECT", "other" */

#endif
