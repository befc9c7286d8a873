/* Draws sparklines and bars. A value is scaled to a step of the ladder; one that is above zero always shows,
 * and what is not known is a gap. */
#include "ui/widgets/spark.h"

#include "base/attr.h"

#include <math.h>
#include <string.h>

#define SPARK_MAX 512       /* columns; wider graphs are cut at the left */

static const char *const ascii_steps[] = {" ", ".", ":", "-", "=", "+", "*", "#"};
static const char *const block_steps[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

/* A step of 0 to steps - 1. What is next to nothing is at the bottom, with zero. */
static int step_of(double value, double top, int steps)
{
    if (!(value > top / 1000) || !(top > 0))
        return 0;
    double step = ceil(value / top * (steps - 1));
    return step < 1 ? 1 : step > steps - 1 ? steps - 1 : (int)step;
}

static double largest(const double *values, int n)
{
    double top = NAN;
    for (int i = 0; i < n; i++)
        if (!isnan(values[i]) && !(values[i] <= top))
            top = values[i];
    return top;
}

double spark_round(double value, enum unit unit)
{
    static const double steps[] = {1, 2, 3, 5, 10}, clock[] = {1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600};
    double power;
    if (!(value > 0))
        return 0;
    if (unit == UNIT_BYTES)
        return exp2(ceil(log2(value)));
    for (size_t i = 0; unit == UNIT_SECONDS && value > 0.5 && i < COUNT_OF(clock); i++)
        if (value <= clock[i])
            return clock[i];
    power = pow(10, floor(log10(value)));
    for (size_t i = 0; i < COUNT_OF(steps); i++)
        if (value <= steps[i] * power)
            return steps[i] * power;
    return 10 * power;
}

static void gap(struct canvas *c, int row, int column, enum role_name look)
{
    canvas_text(c, row, column, 1, look == LOOK_STALE ? look : LOOK_BORDER,
                c->glyphs == GLYPHS_ASCII ? "?" : "·");
}

static void one_cell(struct canvas *c, int row, int column, double value, double top, enum role_name look)
{
    if (isnan(value))
        gap(c, row, column, look);
    else if (c->glyphs == GLYPHS_ASCII)
        canvas_text(c, row, column, 1, look, ascii_steps[step_of(value, top, COUNT_OF(ascii_steps))]);
    else
        canvas_text(c, row, column, 1, look, block_steps[step_of(value, top, COUNT_OF(block_steps))]);
}

/* Dots of a braille cell, from the bottom up: https://www.unicode.org/charts/PDF/U2800.pdf */
static unsigned braille_dots(double value, double top, bool right)
{
    static const unsigned left_dots[] = {0x40, 0x04, 0x02, 0x01}, right_dots[] = {0x80, 0x20, 0x10, 0x08};
    unsigned dots = 0;
    if (isnan(value))
        return 0;
    for (int i = 0, n = step_of(value, top, 4); i <= n && i < 4; i++)
        dots |= right ? right_dots[i] : left_dots[i];
    return dots;
}

static void braille_cell(struct canvas *c, int row, int column, const double pair[2], double top,
                         enum role_name look)
{
    if (isnan(pair[0]) && isnan(pair[1])) {
        gap(c, row, column, look);
        return;
    }
    unsigned dots = braille_dots(pair[0], top, false) | braille_dots(pair[1], top, true);
    char utf8[4] = {(char)0xe2, (char)(0xa0 | dots >> 6), (char)(0x80 | (dots & 0x3f)), 0};
    canvas_text(c, row, column, 1, look, utf8);
}

int spark_resolution(const struct canvas *c, int columns)
{
    return c->glyphs == GLYPHS_BRAILLE ? 2 * columns : columns;
}

double spark_values(struct canvas *c, int row, int column, int columns, const double *values, int n,
                    double top, enum role_name look)
{
    double full = top > 0 ? top : largest(values, n);
    int each = spark_resolution(c, 1), free_columns = columns - (n + each - 1) / each;
    for (int i = 0; i < columns; i++) {
        int at = (i - free_columns) * each;
        if (at < 0 || at >= n) {
            gap(c, row, column + i, look);
        } else if (each == 2) {
            double pair[2] = {values[at], at + 1 < n ? values[at + 1] : NAN};
            braille_cell(c, row, column + i, pair, full, look);
        } else {
            one_cell(c, row, column + i, values[at], full, look);
        }
    }
    return full;
}

double spark_draw(struct canvas *c, int row, int column, int columns, const struct spark *spark)
{
    double values[2 * SPARK_MAX];
    if (columns > SPARK_MAX)
        columns = SPARK_MAX;
    if (columns < 1)
        return NAN;
    int n = spark_resolution(c, columns);
    if (spark->series) {
        /* Buckets begin at multiples of their width, so that a column keeps its value while it moves left. */
        int64_t each = spark->span_us / n > 0 ? spark->span_us / n : 1;
        int64_t until = (spark->now_us + each - 1) / each * each;
        series_buckets(spark->series, until, each * n, spark->hold_us, values, (size_t)n, SERIES_MAX);
    } else {
        for (int i = 0; i < n; i++)
            values[i] = NAN;
    }
    double most = largest(values, n), top = spark->top;
    if (!(top > 0))
        top = spark_round(most > spark->least ? most : spark->least, spark->unit);
    spark_values(c, row, column, columns, values, n, top, spark->look);
    return most > 0 ? top : NAN;
}

static enum role_name bar_look(double part, double warn, double crit)
{
    if (crit > 0 && part >= crit)
        return LOOK_CRIT;
    return warn > 0 && part >= warn ? LOOK_WARN : LOOK_GRAPH;
}

static void threshold(struct canvas *c, int row, int column, int columns, int filled, double at)
{
    int mark = (int)(at * columns);
    if (at > 0 && mark >= filled && mark < columns)
        canvas_text(c, row, column + mark, 1, LOOK_LABEL, c->glyphs == GLYPHS_ASCII ? "|" : "│");
}

void bar_draw(struct canvas *c, int row, int column, int columns, double used, double limit, double warn,
              double crit)
{
    bool ascii = c->glyphs == GLYPHS_ASCII;
    if (columns < 1)
        return;
    if (isnan(used) || !(limit > 0)) {
        canvas_fill(c, row, column, 1, columns, LOOK_UNKNOWN, ascii ? "?" : "·");
        return;
    }
    double part = used / limit;
    int filled = part >= 1 ? columns : (int)(part * columns);
    if (used > 0 && filled == 0)
        filled = 1;
    canvas_fill(c, row, column, 1, columns, LOOK_BORDER, ascii ? "." : "░");
    canvas_fill(c, row, column, 1, filled, bar_look(part, warn, crit), ascii ? "#" : "█");
    threshold(c, row, column, columns, filled, warn);
    threshold(c, row, column, columns, filled, crit);
    if (part > 1)
        canvas_text(c, row, column + columns - 1, 1, LOOK_CRIT, ">");
}
