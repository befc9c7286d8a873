/* Ways to find a word in hostile bytes. Part of the filter; smart case throughout: a word without capitals
 * matches both cases. Case is folded by towlower(), and so by LC_CTYPE; bytes that are not UTF-8 match
 * themselves. */
#ifndef MODEL_MATCH_H
#define MODEL_MATCH_H

#include "base/attr.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A word, one number a character. */
struct word {
    uint32_t *codes;
    size_t *back;       /* Knuth, Morris and Pratt's table, so that a search is linear */
    size_t len;
    bool exact;         /* it has a capital */
};

struct word word_make(const char *bytes, size_t len);
void word_free(struct word *w);
/* An empty word is in everything. */
bool word_within(const struct word *w, const char *bytes, size_t len);
bool word_equals(const struct word *w, const char *bytes, size_t len);
/* Its characters occur in this order. */
bool word_scattered(const struct word *w, const char *bytes, size_t len);

/* A POSIX extended regular expression whose cost is bounded before regcomp() sees it: no back-references, no
 * collating elements, no repetition that multiplies out to too much. */
struct pattern;

enum { PATTERN_TEXT_MAX = 128, PATTERN_SUBJECT_MAX = 4096 };

/* NULL: err says why. */
struct pattern *pattern_make(const char *text, size_t len, struct err *err) MUST_CHECK;
void pattern_free(struct pattern *p);
/* Looks at the first PATTERN_SUBJECT_MAX bytes; a zero byte counts as a blank. */
bool pattern_match(const struct pattern *p, const char *bytes, size_t len);

#endif
