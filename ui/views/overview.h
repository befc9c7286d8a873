/* The rows of the overview. A row reads one topic, and says a value, a few words, and how bad it is. Adding
 * one is a line in overview_rows.c and a small function. */
#ifndef UI_VIEWS_OVERVIEW_H
#define UI_VIEWS_OVERVIEW_H

#include "base/buf.h"
#include "ui/view.h"
#include "ui/widgets/table.h"

struct overview_line {
    enum row_mark mark;         /* ROW_UNKNOWN: the answer does not say */
    char value[40];             /* safe, 10 columns where there is little room */
    struct buf words;           /* may hold server text as it came */
    double top;                 /* of the sparkline: a limit; 0: none */
};

struct overview_input {
    const struct store *store;
    const struct target *target;
    int64_t now_us;
    enum text_mode mode;
    const struct frame *frame;  /* the newest good answer of the row's topic, derived where something is */
    const struct frame *rates;  /* its counters per second; NULL: unknown */
};

struct overview_row {
    const char *label;          /* at most 9 columns */
    const char *topic;          /* a topic that nobody answers here: the row is not drawn */
    const char *metric;         /* of the topic, for the sparkline; NULL: none */
    enum unit unit;             /* of the metric */
    const char *page;           /* what Enter opens, and with which filter; NULL: nothing, none */
    const char *filter;
    void (*fill)(const struct overview_input *in, struct overview_line *line);
};

extern const struct overview_row overview_rows[];       /* ends with a NULL label */

/* A number of another topic's first row, by name; NaN when it is not known. */
double overview_number(const struct overview_input *in, const char *topic, const char *column);

#endif
