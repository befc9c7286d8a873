/* The filter grammar. A filter is a row of terms; a term marked `other` is an alternative to the one
 * before. */
#include "model/filter.h"

#include "base/mem.h"
#include "base/suggest.h"
#include "base/text.h"
#include "model/term.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct filter {
    const struct schema *schema;
    size_t nterms;
    struct term terms[FILTER_TERMS_MAX];
};

/* ---- columns by the names that people use ---- */

static const struct {
    const char *said, *name;
} short_names[] = {
    {"db", "database"},          {"db", "datname"},      {"app", "application"},
    {"app", "application_name"}, {"user", "usename"},    {"user", "role"},
    {"wait", "wait_event_type"}, {"wait", "wait_event"}, {"q", "query"},
};

static bool is_shown(const struct column *c)
{
    return c->role != ROLE_EPOCH;
}

/* The column whose name or else heading this is; whole: all of it, else its beginning. -1 none, -2 several. */
static int find_by(const struct schema *s, const char *said, bool whole)
{
    size_t len = strlen(said);
    int found = -1;
    for (int i = 0; whole && i < s->ncolumns; i++)
        if (is_shown(&s->columns[i]) && strcasecmp(s->columns[i].name, said) == 0)
            return i;
    for (int i = 0; i < s->ncolumns; i++) {
        const struct column *c = &s->columns[i];
        bool hit = whole ? strcasecmp(c->heading, said) == 0
                         : strncasecmp(c->name, said, len) == 0 || strncasecmp(c->heading, said, len) == 0;
        if (!hit || !is_shown(c))
            continue;
        if (whole)
            return i;
        found = found == -1 ? i : -2;
    }
    return found;
}

static int find_short(const struct schema *s, const char *said)
{
    int found = -1;
    for (size_t i = 0; i < COUNT_OF(short_names) && found < 0; i++)
        if (strcasecmp(short_names[i].said, said) == 0)
            found = find_by(s, short_names[i].name, true);
    return found;
}

static bool no_column(const struct schema *s, const char *said, struct err *err)
{
    struct suggest near = suggest_start(said);
    for (int i = 0; i < s->ncolumns; i++)
        if (is_shown(&s->columns[i]))
            suggest_offer(&near, s->columns[i].name);
    char safe[64];
    text_copy(safe, sizeof(safe), said, strlen(said), TEXT_ASCII);
    if (near.best)
        return err_set(err, "There is no column \"%s\" here. Did you mean \"%s\"?", safe, near.best);
    return err_set(err, "There is no column \"%s\" here. Text with signs in it goes in quotes.", safe);
}

static bool find_column(const struct schema *s, const char *said, int *column, struct err *err)
{
    *column = find_by(s, said, true);
    if (*column < 0)
        *column = find_short(s, said);
    if (*column < 0)
        *column = find_by(s, said, false);
    if (*column == -2)
        return err_set(err, "More than one column here begins with \"%s\": write more of it.", said);
    return *column >= 0 || no_column(s, said, err);
}

/* ---- reading ---- */

struct reader {
    const char *at;
    const struct schema *schema;
    struct err *err;
    char value[FILTER_TEXT_MAX + 1];
    bool quoted;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_blanks(struct reader *r)
{
    while (is_blank(*r->at))
        r->at++;
}

static bool read_quoted(struct reader *r)
{
    size_t n = 0;
    for (r->at++; *r->at != '"'; r->at++) {
        if (r->at[0] == '\\' && (r->at[1] == '"' || r->at[1] == '\\'))
            r->at++;
        if (*r->at == '\0')
            return err_set(r->err, "A quotation mark is not closed.");
        r->value[n++] = *r->at;
    }
    r->at++;
    r->value[n] = '\0';
    return true;
}

/* Reads a value up to a blank or |; bars: a | belongs to it. */
static bool read_value(struct reader *r, bool bars)
{
    r->quoted = *r->at == '"';
    if (r->quoted)
        return read_quoted(r);
    size_t n = 0;
    while (*r->at && !is_blank(*r->at) && (bars || *r->at != '|'))
        r->value[n++] = *r->at++;
    r->value[n] = '\0';
    return n > 0 ||
           err_set(r->err, "Something to look for is missing at the end, or beside a \"|\" or an operator.");
}

/* Longer ones first. */
static const struct comparison {
    const char *sign;
    enum term_op op;
    bool negated;
} comparisons[] = {
    {"!=", TERM_EQUAL, true},        {"!~", TERM_COLUMN_REGEX, true}, {">=", TERM_MORE_EQUAL, false},
    {"<=", TERM_LESS_EQUAL, false},  {"<>", TERM_EQUAL, true},        {":", TERM_HAS, false},
    {"=", TERM_EQUAL, false},        {">", TERM_MORE, false},         {"<", TERM_LESS, false},
    {"~", TERM_COLUMN_REGEX, false},
};

static const struct comparison *comparison_at(const char *at)
{
    if (at[0] == ':' && at[1] == ':')
        return NULL;
    for (size_t i = 0; i < COUNT_OF(comparisons); i++)
        if (strncmp(at, comparisons[i].sign, strlen(comparisons[i].sign)) == 0)
            return &comparisons[i];
    return NULL;
}

static size_t name_length(const char *at)
{
    size_t n = 0;
    while ((at[n] >= 'a' && at[n] <= 'z') || (at[n] >= 'A' && at[n] <= 'Z') || at[n] == '_' ||
           (n > 0 && at[n] >= '0' && at[n] <= '9'))
        n++;
    return n;
}

/* "col:value" and its kind. False when it is not one, or is wrong; then *wrong is true. */
static bool read_comparison(struct reader *r, struct term *t, bool *wrong)
{
    size_t len = name_length(r->at);
    const struct comparison *op = comparison_at(r->at + len);
    *wrong = false;
    if (len == 0 || !op)
        return false;
    char name[FILTER_TEXT_MAX + 1];
    memcpy(name, r->at, len);
    name[len] = '\0';
    r->at += len + strlen(op->sign);
    t->op = op->op;
    t->negated ^= op->negated;
    *wrong = !find_column(r->schema, name, &t->column, r->err) || !read_value(r, t->op == TERM_COLUMN_REGEX);
    return !*wrong;
}

static bool starts(const struct reader *r, const char *sign)
{
    return strncmp(r->at, sign, strlen(sign)) == 0;
}

static bool read_free_term(struct reader *r, struct term *t)
{
    if (starts(r, "-f") && is_blank(r->at[2])) {
        t->op = TERM_FUZZY;
        r->at += 2;
        skip_blanks(r);
        return read_value(r, false);
    }
    if (starts(r, "~") || starts(r, "re:")) {
        t->op = TERM_REGEX;
        r->at += *r->at == '~' ? 1 : 3;
        return read_value(r, true);
    }
    if (strchr("<>=:", *r->at) && *r->at)
        return err_set(r->err, "Write a comparison without blanks: age>5m.");
    t->op = TERM_ANYWHERE;
    return read_value(r, false);
}

/* like: the term before, whose column a bare alternative is about ("state:active|idle"); NULL for none. */
static bool read_term(struct reader *r, struct term *t, const struct term *like)
{
    t->column = t->rate_column = -1;
    while (r->at[0] == '!' && r->at[1] && !is_blank(r->at[1])) {
        t->negated = !t->negated;
        like = NULL;
        r->at++;
    }
    bool wrong = false;
    if (starts(r, "re:") || !read_comparison(r, t, &wrong)) {
        if (wrong || !read_free_term(r, t))
            return false;
        if (like && t->op == TERM_ANYWHERE) {
            t->op = like->op;
            t->column = like->column;
            t->extends = true;
            t->other = false;
        }
    }
    return term_set_value(t, r->schema, r->value, r->quoted, r->err);
}

/* Steps over blanks and at most one bar. True when the next term is an alternative; *tight: without
 * blanks. */
static bool read_bar(struct reader *r, bool *tight)
{
    const char *start = r->at;
    skip_blanks(r);
    *tight = false;
    if (*r->at != '|')
        return false;
    bool close = r->at == start;
    r->at++;
    *tight = close && !is_blank(*r->at);
    skip_blanks(r);
    return true;
}

static bool read_terms(struct reader *r, struct filter *f)
{
    skip_blanks(r);
    for (bool other = false, tight = false; *r->at || other; other = read_bar(r, &tight)) {
        if (f->nterms == FILTER_TERMS_MAX)
            return err_set(r->err, "A filter has at most %d terms.", FILTER_TERMS_MAX);
        struct term *t = &f->terms[f->nterms];
        const struct term *before = f->nterms ? t - 1 : NULL;
        f->nterms++;
        t->other = other;
        bool lists = tight && (before->op == TERM_HAS || before->op == TERM_EQUAL);
        if (!read_term(r, t, lists ? before : NULL))
            return false;
        if (*r->at && *r->at != '|' && !is_blank(*r->at))
            return err_set(r->err, "A blank is missing after a quotation mark.");
    }
    return true;
}

struct filter *filter_compile(const char *text, const struct schema *schema, struct err *err)
{
    if (strlen(text) > FILTER_TEXT_MAX) {
        err_set(err, "A filter is at most %d bytes long.", FILTER_TEXT_MAX);
        return NULL;
    }
    struct filter *f = mem_new(sizeof(*f));
    f->schema = schema;
    struct reader r = {.at = text, .schema = schema, .err = err};
    if (read_terms(&r, f))
        return f;
    filter_free(f);
    return NULL;
}

void filter_free(struct filter *f)
{
    if (!f)
        return;
    for (size_t i = 0; i < f->nterms; i++)
        term_free(&f->terms[i]);
    free(f);
}

bool filter_is_empty(const struct filter *f)
{
    return f->nterms == 0;
}

/* The term at *i with those that extend it; *i ends behind them. */
static bool match_term(const struct filter *f, size_t *i, const struct frame *frame, uint32_t row,
                       const struct frame *rates)
{
    bool negated = f->terms[*i].negated, hit = false;
    do
        hit = hit || term_holds(&f->terms[*i], frame, row, rates);
    while (++*i < f->nterms && f->terms[*i].extends);
    return hit != negated;
}

bool filter_match(const struct filter *f, const struct frame *frame, uint32_t row, const struct frame *rates)
{
    assert(frame->schema->ncolumns == f->schema->ncolumns);
    for (size_t i = 0; i < f->nterms;) {
        bool any = match_term(f, &i, frame, row, rates);
        while (i < f->nterms && f->terms[i].other)
            any = match_term(f, &i, frame, row, rates) || any;
        if (!any)
            return false;
    }
    return true;
}
