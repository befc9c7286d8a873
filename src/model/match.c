/* Substring, equality, fuzzy and regular expressions over hostile bytes. */
#include "model/match.h"

#include "base/mem.h"
#include "base/text.h"

#include <math.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <wctype.h>

enum { NOT_UTF8 = 0x110000, PATTERN_LETTERS_MAX = 2000, PATTERN_WAYS_MAX = 64, PATTERN_BOUND_MAX = 100, COST_MAX = 1000000000 };

/* The character at *at, which is not the end; a stray byte is a number of its own. */
static uint32_t next_code(const char **at, const char *end)
{
    uint32_t code;
    size_t len = text_decode(*at, (size_t)(end - *at), &code);
    if (len == 0)
        code = NOT_UTF8 + (unsigned char)**at;
    *at += len ? len : 1;
    return code;
}

static uint32_t fold(uint32_t code)
{
    if (code < 0x80)
        return code >= 'A' && code <= 'Z' ? code + 32 : code;
    return code < NOT_UTF8 ? (uint32_t)towlower((wint_t)code) : code;
}

static uint32_t next_folded(const struct word *w, const char **at, const char *end)
{
    uint32_t code = next_code(at, end);
    return w->exact ? code : fold(code);
}

/* back[i]: how many characters before the i-th are also the word's first ones. */
static void fill_back(struct word *w)
{
    w->back = mem_array(w->len, sizeof(*w->back));
    for (size_t i = 1, k = 0; i + 1 < w->len; i++) {
        while (k > 0 && w->codes[i] != w->codes[k])
            k = w->back[k];
        k += w->codes[i] == w->codes[k];
        w->back[i + 1] = k;
    }
}

struct word word_make(const char *bytes, size_t len)
{
    struct word w = {.codes = mem_array(len, sizeof(*w.codes))};
    for (const char *at = bytes, *end = bytes + len; at < end;) {
        uint32_t code = next_code(&at, end);
        w.exact |= fold(code) != code;
        w.codes[w.len++] = code;
    }
    fill_back(&w);
    return w;
}

void word_free(struct word *w)
{
    free(w->codes);
    free(w->back);
    *w = (struct word){0};
}

bool word_within(const struct word *w, const char *bytes, size_t len)
{
    size_t found = 0;
    for (const char *at = bytes, *end = bytes + len; at < end && found < w->len;) {
        uint32_t code = next_folded(w, &at, end);
        while (found > 0 && w->codes[found] != code)
            found = w->back[found];
        found += w->codes[found] == code;
    }
    return found == w->len;
}

bool word_equals(const struct word *w, const char *bytes, size_t len)
{
    const char *at = bytes, *end = bytes + len;
    for (size_t i = 0; i < w->len; i++)
        if (at == end || next_folded(w, &at, end) != w->codes[i])
            return false;
    return at == end;
}

bool word_scattered(const struct word *w, const char *bytes, size_t len)
{
    size_t found = 0;
    for (const char *at = bytes, *end = bytes + len; at < end && found < w->len;)
        found += next_folded(w, &at, end) == w->codes[found];
    return found == w->len;
}

struct pattern {
    regex_t regex;
};

/* What a part of an expression costs regcomp(), before it sees it. It copies what is repeated, and follows
 * every way through what can match nothing, so that nesting multiplies: ((a{99}){99}){99} is a million
 * letters, and ((a*|b*)(c*|d*)){9} has 2^18 ways. Doubles that stop at COST_MAX: an infinite one times 0 would be no
 * number, which is not too much of anything. */
struct cost {
    double letters; /* with all copies */
    double empty;   /* ways to match nothing */
    double ways;    /* ways through it that consume nothing, at its worst place */
};

struct scan {
    const char *at;
    const char *why; /* the first thing that is wrong; NULL: nothing is */
};

static struct cost scan_alternatives(struct scan *s, bool inside);

static double larger(double a, double b)
{
    return a > b ? a : b;
}

static double capped(double cost)
{
    return cost < COST_MAX ? cost : COST_MAX;
}

static void refuse_if(struct scan *s, bool wrong, const char *why)
{
    if (wrong && !s->why)
        s->why = why;
}

/* "{2,5}": stops at the }. */
static unsigned long scan_bound(struct scan *s, unsigned long *least)
{
    char *end;
    unsigned long most = *least = strtoul(s->at + 1, &end, 10);
    if (*end == ',') {
        unsigned long high = strtoul(end + 1, &end, 10);
        most = high > most ? high : most;
    }
    refuse_if(s, *end != '}', "its { is not closed; write \\{ for the sign itself");
    refuse_if(s, most > PATTERN_BOUND_MAX, "it repeats something more than 100 times");
    s->at = *end == '}' ? end : s->at;
    return most > 1 ? most : 1;
}

static struct cost repeated(struct cost c, unsigned long least, unsigned long times)
{
    double through = c.empty > 0 ? c.empty + 1 : 1;
    return (struct cost){capped(c.letters * (double)times),
                         c.empty > 0 ? capped(pow(through, (double)times)) : least == 0,
                         capped(pow(larger(c.ways, through), (double)times))};
}

/* The repetitions behind a part; there may be several. */
static struct cost scan_repetitions(struct scan *s, struct cost c)
{
    for (; *s->at && strchr("*+?{", *s->at) && !s->why; s->at++) {
        unsigned long least = *s->at == '+', times = *s->at == '+' ? 2 : 1;
        if (*s->at == '{')
            times = scan_bound(s, &least);
        if (*s->at == '*' || *s->at == '?')
            c = (struct cost){c.letters, c.empty + 1, larger(c.ways, c.empty + 1)};
        else
            c = repeated(c, least, times);
    }
    return c;
}

/* A bracket expression, whose signs mean nothing to us; goes to behind it. */
static void scan_bracket(struct scan *s)
{
    const char *q = s->at + 1;
    q += *q == '^';
    q += *q == ']';
    for (; *q && *q != ']' && !s->why; q++) {
        refuse_if(s, q[0] == '[' && (q[1] == '.' || q[1] == '='), "[. and [= are not supported");
        const char *close = q[0] == '[' && q[1] == ':' ? strstr(q + 2, ":]") : NULL;
        q = close ? close + 1 : q;
    }
    refuse_if(s, *q == '\0', "a bracket is not closed");
    s->at = *q ? q + 1 : q;
}

static struct cost scan_part(struct scan *s)
{
    struct cost letter = {1, 0, 1}, nothing = {1, 1, 1};
    char c = *s->at;
    if (c == '[') {
        scan_bracket(s);
        return letter;
    }
    s->at++;
    if (c == '(') {
        struct cost group = scan_alternatives(s, true);
        s->at += *s->at == ')';
        return group;
    }
    if (c != '\\')
        return c == '^' || c == '$' ? nothing : letter;
    refuse_if(s, *s->at >= '1' && *s->at <= '9', "back-references are not supported");
    bool anchor = *s->at && strchr("bB<>`'", *s->at);
    s->at += *s->at != '\0';
    return anchor ? nothing : letter;
}

static struct cost scan_sequence(struct scan *s, bool inside)
{
    struct cost all = {0, 1, 1};
    while (*s->at && *s->at != '|' && !(inside && *s->at == ')') && !s->why) {
        struct cost c = scan_repetitions(s, scan_part(s));
        all = (struct cost){all.letters + c.letters, capped(all.empty * c.empty), capped(all.ways * c.ways)};
    }
    return all;
}

static struct cost scan_alternatives(struct scan *s, bool inside)
{
    struct cost all = scan_sequence(s, inside);
    while (*s->at == '|' && !s->why) {
        s->at++;
        struct cost c = scan_sequence(s, inside);
        all = (struct cost){all.letters + c.letters + 1, all.empty + c.empty, larger(all.ways, c.ways)};
    }
    all.ways = larger(all.ways, all.empty);
    refuse_if(s, all.letters > PATTERN_LETTERS_MAX || all.ways > PATTERN_WAYS_MAX,
              "its repetitions multiply out to too much");
    return all;
}

/* The letter after a backslash is no letter. */
static bool has_capital(const char *text)
{
    bool capital = false;
    for (const char *at = text, *end = text + strlen(text); at < end;) {
        bool escape = *at == '\\';
        uint32_t code = next_code(&at, end);
        if (escape && at < end)
            next_code(&at, end);
        else
            capital |= fold(code) != code;
    }
    return capital;
}

static struct pattern *refuse(const char *text, const char *why, struct err *err)
{
    char safe[64];
    text_copy(safe, sizeof(safe), text, strlen(text), TEXT_ASCII);
    err_set(err, "The regular expression \"%s\" cannot be used: %s.", safe, why);
    return NULL;
}

struct pattern *pattern_make(const char *text, size_t len, struct err *err)
{
    char copy[PATTERN_TEXT_MAX + 1];
    if (len > PATTERN_TEXT_MAX || memchr(text, '\0', len)) {
        err_set(err, "A regular expression is at most %d bytes long.", PATTERN_TEXT_MAX);
        return NULL;
    }
    memcpy(copy, text, len);
    copy[len] = '\0';
    struct scan scan = {copy, NULL};
    scan_alternatives(&scan, false);
    if (scan.why)
        return refuse(copy, scan.why, err);
    struct pattern *p = mem_new(sizeof(*p));
    int failed = regcomp(&p->regex, copy, REG_EXTENDED | REG_NOSUB | (has_capital(copy) ? 0 : REG_ICASE));
    if (failed) {
        char words[128];
        regerror(failed, &p->regex, words, sizeof(words));
        free(p);
        return refuse(copy, words, err);
    }
    return p;
}

void pattern_free(struct pattern *p)
{
    if (!p)
        return;
    regfree(&p->regex);
    free(p);
}

bool pattern_match(const struct pattern *p, const char *bytes, size_t len)
{
    char subject[PATTERN_SUBJECT_MAX + 1];
    if (len > PATTERN_SUBJECT_MAX)
        len = PATTERN_SUBJECT_MAX;
    for (size_t i = 0; i < len; i++)
        subject[i] = bytes[i] ? bytes[i] : ' ';
    subject[len] = '\0';
    return regexec(&p->regex, subject, 0, NULL, 0) == 0;
}
