/* The rows of the overview. A row reads one topic, and says a value, a few words, and how bad it is. Adding
 * one is a line in overview_rows.c and a small function. */
#ifndef UI_VIEWS_OVERVIEW_H
#define UI_VIEWS_OVERVIEW_H

#include "base/buf.h"
#include "ui/view.h"
#include "ui/widgets/table.h"

struct overview_line {
    enum row_mark mark;         /* ROW_UNKNOWN: the answer does not say */
    bool none;                  /* there is nothing of the kind on this server: the row is not drawn */
    char value[40];             /* safe; where there is little room what stands behind " of " or " > " gives way */
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
    bool standby;               /* only a standby has it */
    const char *topic;          /* one that nobody answers here, or that is absent there: the row is not drawn */
    const char *metric;         /* of the topic, for the sparkline; NULL: none */
    enum unit unit;             /* of the metric */
    bool rate;                  /* it is per second */
    double least;               /* that a full column of the sparkline stands for */
    const char *page;           /* what Enter opens, and with which filter; NULL: nothing, none */
    const char *filter;
    void (*fill)(const struct overview_input *in, struct overview_line *line);
};

extern const struct overview_row overview_rows[];       /* ends with a NULL label */
extern const struct overview_row overview_pooler_rows[];
extern const struct overview_row overview_app_rows[];

/* "  word value", or without the blanks when it is the first. */
void overview_add(struct buf *out, const char *word, const char *value);
void overview_add_text(struct buf *out, const struct frame *f, uint32_t row, int column);   /* as it came */
void overview_mark(struct overview_line *line, enum row_mark mark);                         /* unless it is marked worse */

void overview_fill_queues(const struct overview_input *in, struct overview_line *line);

/* ---- below the rows: the tables that matter, as many as there is room for ---- */

struct overview_parts;

struct overview_parts *overview_parts_open(const struct view_scene *scene);
void overview_parts_close(struct overview_parts *p);
/* Fills the canvas's clip from row `from` on. */
void overview_parts_draw(struct overview_parts *p, const struct view_scene *scene, struct canvas *c, int from);
/* The page of the part that was drawn at a row of the clip; NULL: none was. */
const char *overview_parts_at(const struct overview_parts *p, int row, int column);

/* A number of another topic's first row, by name; NaN when it is not known. */
double overview_number(const struct overview_input *in, const char *topic, const char *column);

#endif
