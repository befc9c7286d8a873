/* What the server says to a question: rows, a tag, or an error. Owned by whoever made it. */
#ifndef TESTS_FAULT_ANSWER_H
#define TESTS_FAULT_ANSWER_H

#include "tests/fault/link.h"

#include <stdbool.h>
#include <stddef.h>

struct answer_column {
    char *name;
    unsigned oid;
};

struct answer_cell {
    char *bytes;        /* NULL: null */
    size_t len;
};

struct answer {
    enum { ANSWER_ROWS, ANSWER_TAG, ANSWER_ERROR, ANSWER_EMPTY } kind;
    char tag[64];               /* of ANSWER_TAG: "SET" */
    char sqlstate[8];           /* of ANSWER_ERROR */
    char *message;
    size_t ncols, nrows;
    struct answer_column *cols;
    struct answer_cell *cells;  /* row by row */
};

void answer_free(struct answer *a);     /* what it holds; a is empty after */
void answer_copy(struct answer *to, const struct answer *from);
void answer_tag(struct answer *a, const char *tag);
void answer_error(struct answer *a, const char *sqlstate, const char *message);
void answer_column(struct answer *a, const char *name, unsigned oid);           /* before the first row */
void answer_row(struct answer *a);                                              /* of nulls */
struct answer_cell *answer_at(struct answer *a, size_t row, size_t col);
void answer_set(struct answer *a, size_t row, size_t col, const void *bytes, size_t len);   /* NULL: null */

/* Pieces of its way to the client. */
void answer_send_columns(const struct answer *a, struct link *l);       /* RowDescription, or NoData */
void answer_send_row(const struct answer *a, size_t row, struct link *l);
void answer_send_end(const struct answer *a, struct link *l);           /* CommandComplete or ErrorResponse */
void answer_send_rows(const struct answer *a, struct link *l);          /* all rows and the end */

void error_send(struct link *l, const char *severity, const char *sqlstate, const char *message,
                const char *detail);

/* Types by name, as in casts. */
unsigned type_oid(const char *name);            /* 25 (text) for those unknown */
bool type_is_text(unsigned oid);
const char *type_example(unsigned oid);         /* a healthy value */

/* Makes an answer up from the SQL alone: a tag for commands; for questions one row with the columns of its
 * outermost select list, named and typed as the list tells, true where it asks for these facts. */
struct guess_facts {
    const char *version, *user, *database;
    int pid;
};
void answer_guess(struct answer *a, const struct guess_facts *facts, const char *sql);

#endif
