/* A line of text being edited: UTF-8, one letter (with its marks) at a time. Only what is safe to draw gets
 * in. */
#ifndef UI_LINE_H
#define UI_LINE_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

#define LINE_MAX_BYTES 4096     /* longer input is not taken */

struct line {
    char text[LINE_MAX_BYTES + 1]; /* zero-terminated; a fixed place, so that a secret leaves no copies */
    size_t len;
    size_t at;                          /* the cursor, a byte offset between letters */
};

void line_set(struct line *l, const char *text);            /* the cursor goes to the end */
void line_wipe(struct line *l);
/* Inserts at the cursor what is safe of the bytes; line ends and tabs become a blank, other control bytes and
 * what is not UTF-8 are dropped. false: nothing went in. */
bool line_insert(struct line *l, const char *bytes, size_t len);
/* One key: a letter, Left, Right, Home, End, BS, Del, C-a C-b C-d C-e C-f C-h C-k C-u C-w.
 * false: it means nothing to an editor. */
bool line_key(struct line *l, uint32_t key);

/* What was typed before, newest last. */
#define LINE_HISTORY_MAX 50
struct line_history {
    char *entries[LINE_HISTORY_MAX];
    int n;
    int at;             /* while walking: index of the entry shown; n: the new line */
    char *kept;         /* the new line, while an old one is shown */
};

void line_history_add(struct line_history *h, const char *text);    /* not twice in a row, not when empty */
void line_history_rewind(struct line_history *h);                   /* before a new edit */
/* step -1: older, +1: newer. false: there is none. */
bool line_history_walk(struct line_history *h, struct line *l, int step);
void line_history_free(struct line_history *h);

#endif
