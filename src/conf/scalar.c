/* From the text of one value to the value, by the row of its setting; and what a row takes, in words. */
#include "conf/scalar.h"

#include "base/mem.h"
#include "model/quantity.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WORD_BYTES_MAX 63

/* Everywhere else a bare number is in base units; in a file it would be a guess. */
static bool parse_with_unit(const char *s, enum unit unit, double *value)
{
    struct err err;
    bool bare = !s[strspn(s, "0123456789.")] && strcmp(s, "0") != 0;
    return !bare && quantity_parse(s, unit, value, &err) && *value >= 0;
}

bool parse_duration(const char *s, double *seconds)
{
    return parse_with_unit(s, UNIT_SECONDS, seconds);
}

bool parse_size(const char *s, int64_t *bytes)
{
    double value;
    if (!parse_with_unit(s, UNIT_BYTES, &value) || value >= 9e18)
        return false;
    *bytes = (int64_t)value;
    return true;
}

static bool parse_fraction(const char *s, double *fraction)
{
    struct err err;
    return quantity_parse(s, UNIT_FRACTION, fraction, &err) && *fraction >= 0 && *fraction <= 1;
}

static bool parse_int(const char *s, int64_t *value)
{
    size_t digits = strspn(s + (*s == '-'), "0123456789");
    char *end;
    errno = 0;
    *value = strtoll(s, &end, 10);
    return digits && !*end && !errno;
}

bool is_word(const char *s)
{
    size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.");
    return n && n <= WORD_BYTES_MAX && !s[n] && isalnum((unsigned char)*s);
}

bool is_one_of(const char *s, const char *const *names)
{
    for (; *names; names++)
        if (strcmp(s, *names) == 0)
            return true;
    return false;
}

/* ---- words for what is wanted ---- */

struct step {
    const char *word;
    double times;
};

static const struct step seconds_steps[] = {{"d", 86400}, {"h", 3600},  {"min", 60},
                                            {"s", 1},     {"ms", 1e-3}, {"us", 1e-6}};
static const struct step byte_steps[] = {
    {"TB", 0x1p40}, {"GB", 0x1p30}, {"MB", 0x1p20}, {"kB", 0x1p10}, {"B", 1}};

/* In the largest unit that leaves a whole number, else in the smallest: it can be read again as it was. */
static void add_steps(double v, const struct step *steps, size_t n, struct buf *out)
{
    size_t i = 0;
    double whole = v;
    for (; i < n - 1; i++) {
        whole = v / steps[i].times;
        if (whole >= 1 && fabs(whole - round(whole)) < 1e-9)
            break;
    }
    buf_printf(out, "%.15g %s", v / steps[i].times, steps[i].word);
}

static void add_number(const struct setting *row, double v, struct buf *out)
{
    if (row->type == SETTING_FRACTION)
        buf_printf(out, "%.9g %%", v * 100);
    else if (v == 0 || row->type == SETTING_INT)
        buf_printf(out, "%.15g", v);
    else if (row->type == SETTING_DURATION)
        add_steps(v, seconds_steps, COUNT_OF(seconds_steps), out);
    else
        add_steps(v, byte_steps, COUNT_OF(byte_steps), out);
}

static void add_range(const struct setting *row, struct buf *out)
{
    if (row->min == 0 && row->max == 0)
        return;
    if (row->type >= SETTING_TEXT) {
        buf_printf(out, row->type == SETTING_WORDS ? ", %.9g to %.9g of them" : ", %.9g to %.9g bytes long",
                   row->min, row->max);
        return;
    }
    buf_puts(out, ", from ");
    add_number(row, row->min, out);
    buf_puts(out, " to ");
    add_number(row, row->max, out);
}

static void add_names(const char *const *names, struct buf *out)
{
    for (const char *const *w = names; *w; w++)
        buf_printf(out, "%s%s", w == names ? "" : w[1] ? ", " : " or ", *w);
}

void option_expects(const struct setting *row, struct buf *out)
{
    static const char *const expected[SETTING_TYPE_COUNT_] = {
        [SETTING_BOOL] = "true or false",
        [SETTING_INT] = "a whole number",
        [SETTING_DURATION] = "a duration with its unit, such as 250 ms, 2 s, 10 min, 1 h or 7 d",
        [SETTING_SIZE] = "a size with its unit, such as 512 kB, 64 MB or 1 GB",
        [SETTING_FRACTION] = "a share, such as 80 % or 0.8",
        [SETTING_ENUM] = "one of ",
        [SETTING_TEXT] = "text",
        [SETTING_WORD] = "a word of letters, digits, \"_\", \"-\" and \".\", at most 63 long",
        [SETTING_WORDS] = "a list of words",
    };
    buf_puts(out, expected[row->type]);
    if (row->type == SETTING_ENUM)
        add_names(row->words, out);
    else if (row->type == SETTING_WORDS && row->words) {
        buf_puts(out, " out of ");
        add_names(row->words, out);
    }
    add_range(row, out);
}

/* ---- the value ---- */

static bool in_range(const struct setting *row, double v)
{
    return (row->min == 0 && row->max == 0) || (v >= row->min && v <= row->max);
}

static bool wrong(struct reader *r, const struct node *node, const struct setting *row)
{
    struct buf expected = {0};
    option_expects(row, &expected);
    const char *key = node->key ? node->key : row->key;
    if (row->secret || node->kind != NODE_SCALAR || node_is_empty(node))
        conf_error(r->errors, r->file, node->at, "%.60s takes %.300s, not %s.", key, buf_text(&expected),
                   node_kind_word(node));
    else
        conf_error(r->errors, r->file, node->at, "%.60s takes %.300s, not %s\"%.60s\".", key,
                   buf_text(&expected), node->quoted && row->type <= SETTING_INT ? "text in quotes, " : "",
                   node->text);
    buf_free(&expected);
    return false;
}

static void replace_string(char **field, const char *text)
{
    if (*field)
        mem_wipe(*field, strlen(*field));
    free(*field);
    *field = mem_string(text);
}

static bool read_number(const struct setting *row, const char *text, void *field)
{
    int64_t i = 0;
    double d = 0;
    bool whole = row->type == SETTING_INT || row->type == SETTING_SIZE;
    bool ok = row->type == SETTING_INT        ? parse_int(text, &i)
              : row->type == SETTING_SIZE     ? parse_size(text, &i)
              : row->type == SETTING_DURATION ? parse_duration(text, &d)
                                              : parse_fraction(text, &d);
    if (!ok || !in_range(row, whole ? (double)i : d))
        return false;
    if (whole)
        *(int64_t *)field = i;
    else
        *(double *)field = d;
    return true;
}

static bool read_enum(const struct setting *row, const char *text, int *field)
{
    for (int i = 0; row->words[i]; i++)
        if (strcmp(text, row->words[i]) == 0) {
            *field = i;
            return true;
        }
    return false;
}

/* The part that a file and the command line share; lists excepted. */
static bool set_scalar(const struct setting *row, const char *text, void *field)
{
    switch (row->type) {
    case SETTING_BOOL:
        if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
            return false;
        *(bool *)field = *text == 't';
        return true;
    case SETTING_ENUM:
        return read_enum(row, text, field);
    case SETTING_TEXT:
    case SETTING_WORD:
        if (row->type == SETTING_WORD ? !is_word(text) : !*text)
            return false;
        if (!in_range(row, (double)strlen(text)))
            return false;
        replace_string(field, text);
        return true;
    default:
        return read_number(row, text, field);
    }
}

static void words_free(struct words *w)
{
    for (size_t i = 0; i < w->n; i++)
        free(w->list[i]);
    free(w->list);
    *w = (struct words){0};
}

static bool words_hold(const struct words *w, const char *s)
{
    for (size_t i = 0; i < w->n; i++)
        if (strcmp(w->list[i], s) == 0)
            return true;
    return false;
}

static bool words_add(struct words *w, const struct setting *row, const char *text)
{
    if ((row->words ? !is_one_of(text, row->words) : !is_word(text)) || words_hold(w, text))
        return false;
    w->list = mem_resize(w->list, w->n + 1, sizeof(*w->list));
    w->list[w->n++] = mem_string(text);
    return true;
}

#define WORDS_MAX 500

static bool read_words(struct reader *r, const struct node *node, const struct setting *row,
                       struct words *field)
{
    if (node->kind != NODE_LIST || node->n > WORDS_MAX || !in_range(row, (double)node->n))
        return wrong(r, node, row);
    struct words w = {0};
    bool ok = true;
    for (const struct node *c = node->first; c; c = c->next) {
        if (c->kind == NODE_BROKEN || (c->kind == NODE_SCALAR && words_add(&w, row, c->text)))
            continue;
        ok = false;
        if (c->kind == NODE_SCALAR && words_hold(&w, c->text))
            conf_error(r->errors, r->file, c->at, "\"%.60s\" stands twice in this list: remove one.",
                       c->text);
        else if (c->kind == NODE_SCALAR && row->words)
            unknown_word(r, c, row->words);
        else
            wrong(r, c, row);
    }
    if (!ok) {
        words_free(&w);
        return false;
    }
    words_free(field);
    *field = w;
    return true;
}

bool option_read(struct reader *r, const struct node *node, const struct setting *row, void *field)
{
    if (node->kind == NODE_BROKEN)
        return false;
    if (row->type == SETTING_WORDS)
        return read_words(r, node, row, field);
    bool plain_only = row->type <= SETTING_INT; /* "true" and "1" in quotes are text */
    if (node->kind != NODE_SCALAR || (plain_only && node->quoted) || !set_scalar(row, node->text, field)) {
        if (node->kind == NODE_SCALAR && row->type == SETTING_ENUM && *node->text)
            unknown_word(r, node, row->words);
        else
            wrong(r, node, row);
        return false;
    }
    return true;
}

bool option_set_text(const struct setting *row, const char *text, void *field)
{
    if (row->type != SETTING_WORDS)
        return set_scalar(row, text, field);
    struct words w = {0};
    char *copy = mem_string(text), *rest = copy;
    bool ok = true;
    for (char *word; ok && (word = strsep(&rest, ", "));)
        ok = !*word || words_add(&w, row, word);
    free(copy);
    ok = ok && in_range(row, (double)w.n);
    words_free(ok ? field : &w);
    if (ok)
        *(struct words *)field = w;
    return ok;
}

void option_free(const struct setting *row, void *field)
{
    if (row->type == SETTING_WORDS)
        words_free(field);
    else if (row->type == SETTING_TEXT || row->type == SETTING_WORD)
        replace_string(field, NULL);
}

static void show_text(const char *text, struct buf *out)
{
    if (is_word(text) && strcmp(text, "true") != 0 && strcmp(text, "false") != 0) {
        buf_puts(out, text);
        return;
    }
    buf_putc(out, '\'');
    for (; *text; text++)
        buf_printf(out, *text == '\'' ? "''" : "%c", *text);
    buf_putc(out, '\'');
}

void option_show(const struct setting *row, const void *field, struct buf *out)
{
    const struct words *w = field;
    switch (row->type) {
    case SETTING_BOOL:
        buf_puts(out, *(const bool *)field ? "true" : "false");
        break;
    case SETTING_INT:
        buf_printf(out, "%" PRId64, *(const int64_t *)field);
        break;
    case SETTING_SIZE:
        add_number(row, (double)*(const int64_t *)field, out);
        break;
    case SETTING_DURATION:
    case SETTING_FRACTION:
        add_number(row, *(const double *)field, out);
        break;
    case SETTING_ENUM:
        buf_puts(out, row->words[*(const int *)field]);
        break;
    case SETTING_WORDS:
        for (size_t i = 0; i < w->n; i++)
            buf_printf(out, "%s%s", i ? ", " : "[", w->list[i]);
        buf_puts(out, w->n ? "]" : "[]");
        break;
    default:
        show_text(*(char *const *)field, out);
    }
}

bool option_is_set(const struct setting *row, const void *field)
{
    return (row->type != SETTING_TEXT && row->type != SETTING_WORD) || *(char *const *)field;
}
