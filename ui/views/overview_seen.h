/* A row of the overview as it was worked out from an answer, how bad it is, and how it is drawn. */
#ifndef UI_VIEWS_OVERVIEW_SEEN_H
#define UI_VIEWS_OVERVIEW_SEEN_H

#include "ui/views/overview.h"

enum {
    AT_SELECTED = 0, AT_GLYPH = 1, AT_LABEL = 3,
    VALUE_WIDTH = 10,           /* at least; where there is room the column grows to what is in it */
    COMPACT_BELOW = 60,         /* columns: without sparklines, and marked rows alone */
    SEVERITY_WORST = 3
};

/* A row as it was worked out from an answer; kept until the next one. */
struct overview_seen {
    const struct overview_row *is;
    int topic;
    const struct frame *from;   /* NULL: nothing yet */
    int64_t made_us;
    struct overview_line line;
    struct sight sight;         /* of the drawing under way: borrowed from the store */
    bool stale;
};

void overview_seen_work_out(struct overview_seen *row, const struct overview_input *in);
/* The answer to work it out from by now; NULL: there is none. */
const struct frame *overview_seen_frame(const struct overview_seen *row);
/* What the server does not have is no trouble; what could not be asked is. */
bool overview_seen_absent(const struct overview_seen *row, const struct facts *facts);
/* 0: it is fine, and can be left out where there is no room. */
int overview_seen_severity(const struct overview_seen *row);
/* Columns of its value on this canvas. */
int overview_seen_width(const struct overview_seen *row, const struct canvas *c);
/* The value in value_width columns: what does not fit is not cut, but said shorter. */
void overview_seen_draw(const struct overview_seen *row, const struct view_scene *scene, struct canvas *c, int line,
                        int value_width, bool selected);

#endif
