/* Small graphs: a sparkline over time, and a bar of what is used of a limit. They draw on one row of a
 * canvas, by the ladder that its terminal can show. A gap in the data is drawn as a gap ("·", in ASCII "?"),
 * never as zero. */
#ifndef UI_SPARK_H
#define UI_SPARK_H

#include "model/schema.h"
#include "model/series.h"
#include "ui/canvas.h"

#include <stdint.h>

#define SPARK_SPAN_US (300 * 1000000LL)     /* what a sparkline shows when nobody says otherwise */

struct spark {
    const struct series *series;    /* NULL: all gap */
    int64_t now_us;
    int64_t span_us;
    int64_t hold_us;                /* interval + deadline: how long a sample speaks for itself */
    double top;         /* the value of a full column, when there is a limit; 0: a round number that is at least */
    double least;       /* this, and the largest in sight: a scale that seldom moves */
    enum unit unit;     /* of the values: what is round */
    enum role_name look;
};

/* Draws columns wide. The newest is at the right. Returns the value of a full column, NaN when there is nothing
 * above zero. */
double spark_draw(struct canvas *c, int row, int column, int columns, const struct spark *spark);

/* The same from values at hand, oldest first, NaN for a gap: n of them, one a column, or two a column in
 * braille. */
double spark_values(struct canvas *c, int row, int column, int columns, const double *values, int n,
                    double top, enum role_name look);
/* The next round number: 1, 2, 3 or 5 times a power of ten; of bytes a power of two; of seconds as clocks have it. */
double spark_round(double value, enum unit unit);
/* How many values a sparkline of that many columns takes on this canvas. */
int spark_resolution(const struct canvas *c, int columns);

/* A horizontal bar: used of limit, both 0 or more; NaN draws a gap. From warn and crit (fractions of 1; 0:
 * none) on it takes their looks, and a thin mark shows where they begin. What is beyond the limit fills the
 * bar and ends in ">". */
void bar_draw(struct canvas *c, int row, int column, int columns, double used, double limit, double warn,
              double crit);

#endif
