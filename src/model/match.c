/* Substring, equality, fuzzy and regular expressions over hostile bytes. */
#include "model/match.h"

#include "base/mem.h"
#include "base/text.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <wctype.h>

enum { NOT_UTF8 = 0x110000, PATTERN_FACTOR_MAX = 256, PATTERN_BOUND_MAX = 100 };

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

/* Reads "{2,5}" at p; false when it is no bound. *most is the larger number. */
static bool read_bound(const char **p, unsigned *most)
{
    char *end;
    unsigned long low = strtoul(*p + 1, &end, 10), high = low;
    if (*end == ',')
        high = strtoul(end + 1, &end, 10);
    if (*end != '}')
        return false;
    *most = low > high ? (unsigned)(low < 1000 ? low : 1000) : (unsigned)(high < 1000 ? high : 1000);
    *p = end;
    return true;
}

/* Steps over a bracket expression, whose signs mean nothing to us. False when it is open or has [. [= in it. */
static bool skip_bracket(const char **p)
{
    const char *q = *p + 1;
    q += *q == '^';
    q += *q == ']';
    for (; *q && *q != ']'; q++) {
        if (q[0] == '[' && (q[1] == '.' || q[1] == '='))
            return false;
        if (q[0] == '[' && q[1] == ':') {
            q = strstr(q + 2, ":]");
            if (!q)
                return false;
            q++;
        }
    }
    *p = q;
    return *q == ']';
}

/* regcomp() copies what is repeated, so nested repetition multiplies: ((a{99}){99}){99} is a million letters,
 * and so is a+ inside forty brackets. Says why not, or NULL. */
static const char *too_dear(const char *text)
{
    unsigned groups = 1, letters = 1;
    bool after_many = false;        /* the sign before closed a group, or repeats by itself */
    for (const char *p = text; *p; p++) {
        unsigned times = 1;
        bool group = *p == ')';
        if (*p == '\\') {
            if (p[1] >= '1' && p[1] <= '9')
                return "back-references are not supported";
            p += p[1] != '\0';
        } else if (*p == '[') {
            if (!skip_bracket(&p))
                return "its brackets are not closed, or hold [. or [=";
        } else if (*p == '+') {
            times = 2;
        } else if (*p == '{' && !read_bound(&p, &times)) {
            return "its { is not closed; write \\{ for the sign itself";
        }
        times = times ? times : 1;
        if (times > PATTERN_BOUND_MAX)
            return "it repeats something more than 100 times";
        if (after_many)
            groups = groups * times < 1000000 ? groups * times : 1000000;
        else if (times > letters)
            letters = times;
        if (groups * letters > PATTERN_FACTOR_MAX)
            return "its repetitions multiply out to too much";
        after_many = group || strchr("*+?}", *p);
    }
    return NULL;
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
    const char *why = too_dear(copy);
    if (why)
        return refuse(copy, why, err);
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
