/* Filters that people type, on the rows of a frame.
 *
 *   foo            somewhere in the row: in a text, a plain number or a WAL position
 *   "foo bar"      the same, blanks and signs included; \" and \\ inside
 *   -f foo         its letters in this order somewhere in a text (fuzzy)
 *   ~regex         POSIX extended; also re:regex. Goes to the next blank, unless quoted
 *   col:x          the column has x: text holds it, a number or yes/no equals it
 *   col=x  col!=x  equals; "null" is the unknown value
 *   col>x  col>=x  col<x  col<=x     a number, with the column's unit: age>5m size>=1.5GB hit<99%
 *   col~regex  col!~regex
 *   !term          not
 *   a b            both          a|b   either: binds closer than the blank, so  db:app state:active|idle
 *                  is db:app and (state:active or state:idle); state!=active|idle is neither of the two
 *
 * Smart case: small letters match both cases, a capital makes the term exact. A column goes by its name, its
 * heading, the beginning of one (if no other begins so), or a short name (db, app, user, state, wait). A
 * counter is compared by its rate per second when the rates are at hand, as it is shown; "calls>10/s" says so
 * and is false without them. A time is compared by its age. An unknown value satisfies only != and "=null".
 *
 * Filters and rows are both hostile: what either can cost is bounded. */
#ifndef MODEL_FILTER_H
#define MODEL_FILTER_H

#include "base/attr.h"
#include "base/err.h"
#include "model/frame.h"
#include "model/schema.h"

#include <stdbool.h>

enum {
    FILTER_TEXT_MAX = 512,      /* bytes of a filter */
    FILTER_TERMS_MAX = 32,
    FILTER_SUBJECT_MAX = 4096   /* bytes of a cell that a regular expression or a fuzzy term looks at */
};

struct filter;

/* NULL when it cannot be understood. Blank text gives a filter that every row passes. The schema is borrowed,
 * and must outlive the filter. */
struct filter *filter_compile(const char *text, const struct schema *schema, struct err *err) MUST_CHECK;
void filter_free(struct filter *f);         /* NULL is fine */
bool filter_is_empty(const struct filter *f);

/* Does the row pass? The frame's schema is the filter's. rates: from rates_frame() of this frame, or NULL. */
bool filter_match(const struct filter *f, const struct frame *frame, uint32_t row, const struct frame *rates);

#endif
