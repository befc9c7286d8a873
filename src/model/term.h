/* One term of a filter, compiled: an operator, a column and what to compare it with. Part of the filter. */
#ifndef MODEL_TERM_H
#define MODEL_TERM_H

#include "base/attr.h"
#include "base/err.h"
#include "model/frame.h"
#include "model/match.h"

#include <stdbool.h>

enum term_op {
    TERM_ANYWHERE,      /* a word, in any column */
    TERM_FUZZY,         /* its letters, in any text */
    TERM_REGEX,         /* in any text */
    TERM_HAS,           /* col:x */
    TERM_EQUAL,
    TERM_LESS,
    TERM_LESS_EQUAL,
    TERM_MORE,
    TERM_MORE_EQUAL,
    TERM_COLUMN_REGEX
};

struct term {
    enum term_op op;
    bool negated;           /* of the term and those that extend it, together */
    bool other;             /* an alternative to the term before: joined by | */
    bool extends;           /* one more value for the term before: "state:active|idle" */
    int column;             /* -1: any */
    int rate_column;        /* of a counter: its column in the rates; else -1 */
    bool null;              /* compared with the unknown value */
    bool rate_only;         /* "/s" was said */
    bool whole;             /* compared with `integer` where the cell holds one, so that 64 bits stay exact */
    int64_t integer;
    double number;
    struct word word;
    struct pattern *pattern;
};

/* Fills in what the term compares with, from its op and column, which are set. quoted: then null is a
 * word. */
bool term_set_value(struct term *t, const struct schema *s, const char *value, bool quoted,
                    struct err *err) MUST_CHECK;
void term_free(struct term *t);
/* Before any "not". */
bool term_holds(const struct term *t, const struct frame *f, uint32_t row, const struct frame *rates);

#endif
