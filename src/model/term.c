/* One term of a filter: what it compares with, and whether a row satisfies it. */
#include "model/term.h"

#include "base/format.h"
#include "model/quantity.h"
#include "model/rate.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- compiling ---- */

static int rate_column_of(const struct schema *s, int column)
{
    int k = 0;
    for (int i = 0; i < column; i++)
        k += s->columns[i].role == ROLE_COUNTER;
    return s->columns[column].role == ROLE_COUNTER ? k : -1;
}

static bool wrong_operator(const struct column *c, const char *use, struct err *err)
{
    return err_set(err, "The column \"%s\" is %s.", c->name, use);
}

static bool set_bool(struct term *t, const struct column *c, const char *value, struct err *err)
{
    static const char *const words[] = {"no", "yes", "false", "true", "off", "on",
                                        "f",  "t",   "n",     "y",    "0",   "1"};
    if (t->op != TERM_HAS && t->op != TERM_EQUAL)
        return wrong_operator(c, "yes or no: compare it with : or =", err);
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (strcasecmp(words[i], value) == 0) {
            t->integer = (int64_t)(i % 2);
            t->number = (double)t->integer;
            return t->whole = true;
        }
    return wrong_operator(c, "yes or no", err);
}

static bool set_lsn(struct term *t, const struct column *c, const char *value, struct err *err)
{
    struct rate_sample sample;
    rate_read(&sample, RATE_LSN, value);
    if (!sample.known)
        return wrong_operator(c, "a WAL position such as 0/50022E0", err);
    t->integer = (int64_t)sample.value;
    t->number = (double)sample.value;
    return t->whole = true;
}

static bool read_whole(const char *value, int64_t *integer)
{
    const char *digits = value + (*value == '-');
    if (*digits == '\0' || strspn(digits, "0123456789") != strlen(digits))
        return false;
    errno = 0;
    *integer = strtoll(value, NULL, 10);
    return errno == 0;
}

static bool set_number(struct term *t, const struct column *c, const char *value, struct err *err)
{
    char copy[64];
    size_t len = strlen(value);
    if (len >= sizeof(copy))
        return err_set(err, "A number is at most %zu characters long.", sizeof(copy) - 1);
    memcpy(copy, value, len + 1);
    enum unit unit = c->type == TYPE_TIME ? UNIT_SECONDS : c->unit;
    if (c->role == ROLE_COUNTER && len > 2 && strcmp(copy + len - 2, "/s") == 0) {
        t->rate_only = true;
        copy[len -= 2] = '\0';
    }
    /* Seconds per second are shown as a share of the time. */
    if (c->role == ROLE_COUNTER && unit == UNIT_SECONDS && len > 0 && copy[len - 1] == '%') {
        t->rate_only = true;
        unit = UNIT_FRACTION;
    }
    t->whole = c->type == TYPE_INT && read_whole(copy, &t->integer);
    if (!t->whole)
        return quantity_parse(copy, unit, &t->number, err);
    t->number = (double)t->integer;
    return true;
}

static bool set_text(struct term *t, const struct column *c, const char *value, struct err *err)
{
    if (t->op != TERM_HAS && t->op != TERM_EQUAL)
        return wrong_operator(c, "a text: compare it with : = or ~", err);
    t->word = word_make(value, strlen(value));
    return true;
}

static bool set_pattern(struct term *t, const char *value, struct err *err)
{
    t->pattern = pattern_make(value, strlen(value), err);
    return t->pattern != NULL;
}

static bool set_column_value(struct term *t, const struct schema *s, const char *value, bool quoted,
                             struct err *err)
{
    const struct column *c = &s->columns[t->column];
    t->rate_column = rate_column_of(s, t->column);
    if (t->op == TERM_EQUAL && !quoted && strcasecmp(value, "null") == 0)
        return t->null = true;
    if (t->op == TERM_COLUMN_REGEX)
        return c->type == TYPE_TEXT ? set_pattern(t, value, err)
                                    : wrong_operator(c, "no text: ~ does not apply to it", err);
    switch (c->type) {
    case TYPE_TEXT:
        return set_text(t, c, value, err);
    case TYPE_BOOL:
        return set_bool(t, c, value, err);
    case TYPE_LSN:
        return set_lsn(t, c, value, err);
    default:
        return set_number(t, c, value, err);
    }
}

bool term_set_value(struct term *t, const struct schema *s, const char *value, bool quoted, struct err *err)
{
    if (t->op == TERM_REGEX)
        return set_pattern(t, value, err);
    if (t->op != TERM_ANYWHERE && t->op != TERM_FUZZY)
        return set_column_value(t, s, value, quoted, err);
    t->word = word_make(value, strlen(value));
    return true;
}

void term_free(struct term *t)
{
    word_free(&t->word);
    pattern_free(t->pattern);
}

/* ---- matching ---- */

static bool cell_matches(const struct term *t, const struct frame *f, uint32_t row, int column)
{
    const struct cell *cell = frame_cell(f, row, column);
    const struct column *c = &f->schema->columns[column];
    if (!cell->known || c->role == ROLE_EPOCH)
        return false;
    if (c->type == TYPE_TEXT) {
        struct frame_text text = frame_text(f, row, column);
        size_t len = text.len < PATTERN_SUBJECT_MAX ? text.len : PATTERN_SUBJECT_MAX;
        return t->op == TERM_REGEX   ? pattern_match(t->pattern, text.bytes, len)
               : t->op == TERM_FUZZY ? word_scattered(&t->word, text.bytes, len)
                                     : word_within(&t->word, text.bytes, text.len);
    }
    if (t->op != TERM_ANYWHERE || !(c->type == TYPE_LSN || (c->type == TYPE_INT && c->unit == UNIT_NONE)))
        return false;
    char digits[FORMAT_ROOM];
    quantity_format_cell(digits, f, row, column, TEXT_ASCII);
    return word_within(&t->word, digits, strlen(digits));
}

static bool row_matches(const struct term *t, const struct frame *f, uint32_t row)
{
    for (int i = 0; i < f->schema->ncolumns; i++)
        if (cell_matches(t, f, row, i))
            return true;
    return false;
}

static bool text_matches(const struct term *t, const struct frame *f, uint32_t row)
{
    struct frame_text text = frame_text(f, row, t->column);
    if (t->op == TERM_COLUMN_REGEX)
        return pattern_match(t->pattern, text.bytes, text.len);
    if (t->op == TERM_HAS)
        return word_within(&t->word, text.bytes, text.len);
    return word_equals(&t->word, text.bytes, text.len);
}

/* What a number satisfies: less, equal or more than the term's. */
static bool satisfied(enum term_op op, bool less, bool equal)
{
    switch (op) {
    case TERM_LESS:
        return less;
    case TERM_LESS_EQUAL:
        return less || equal;
    case TERM_MORE:
        return !less && !equal;
    case TERM_MORE_EQUAL:
        return !less;
    default:
        return equal;
    }
}

static bool real_satisfies(const struct term *t, double x)
{
    if (isnan(x))
        return false;
    bool equal = fabs(x - t->number) <= 1e-9 * fmax(1e-6, fabs(t->number));
    return satisfied(t->op, x < t->number && !equal, equal);
}

/* A counter that a page works out stands behind those of the answer, and holds its rate itself. */
static bool in_rates(const struct term *t, const struct frame *rates)
{
    return t->rate_column >= 0 && rates && t->rate_column < rates->schema->ncolumns;
}

static bool number_matches(const struct term *t, const struct frame *f, uint32_t row,
                           const struct frame *rates)
{
    if (t->rate_column >= 0 && !rates && t->rate_only)
        return false;
    if (in_rates(t, rates))
        return row < rates->nrows && real_satisfies(t, frame_number(rates, row, t->rate_column));
    const struct cell *cell = frame_cell(f, row, t->column);
    if (!cell->known)
        return false;
    enum type type = f->schema->columns[t->column].type;
    if (type == TYPE_TIME)
        return real_satisfies(t, ((double)f->wall_us - (double)cell->i) / 1e6);
    if (type == TYPE_LSN)
        return satisfied(t->op, (uint64_t)cell->i < (uint64_t)t->integer, cell->i == t->integer);
    if (t->whole && type != TYPE_REAL)
        return satisfied(t->op, cell->i < t->integer, cell->i == t->integer);
    return real_satisfies(t, frame_number(f, row, t->column));
}

static bool is_null(const struct term *t, const struct frame *f, uint32_t row, const struct frame *rates)
{
    if (in_rates(t, rates))
        return row >= rates->nrows || isnan(frame_number(rates, row, t->rate_column));
    return !frame_cell(f, row, t->column)->known;
}

bool term_holds(const struct term *t, const struct frame *f, uint32_t row, const struct frame *rates)
{
    if (t->column < 0)
        return row_matches(t, f, row);
    if (t->null)
        return is_null(t, f, row, rates);
    if (f->schema->columns[t->column].type == TYPE_TEXT)
        return frame_cell(f, row, t->column)->known && text_matches(t, f, row);
    return number_matches(t, f, row, rates);
}
