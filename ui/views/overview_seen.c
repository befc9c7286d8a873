/* One row of the overview. */
#include "ui/views/overview_seen.h"

#include "base/attr.h"
#include "base/clock.h"
#include "base/format.h"
#include "ui/widgets/spark.h"
#include "ui/widgets/words.h"

#include <stdio.h>
#include <string.h>

enum {
    AT_VALUE = 13,
    VALUE_ROOM = 64,
    SCALE_FROM = 160,           /* columns: sparklines say what a full column is */
    SCALE_WIDTH = 12
};

/* What is not on the screen is asked every 10 s: its samples speak for as long. A failure cuts the line all the same:
 * the engine writes it into the series. */
#define HOLD_LEAST_US (12 * US_PER_S)

void overview_seen_work_out(struct overview_seen *row, const struct overview_input *in)
{
    buf_clear(&row->line.words);
    row->line = (struct overview_line){.words = row->line.words};
    frame_unref(row->from);
    row->from = frame_ref(in->frame);
    if (in->frame)
        row->is->fill(in, &row->line);
}

const struct frame *overview_seen_frame(const struct overview_seen *row)
{
    return row->sight.derived ? row->sight.derived : row->sight.good;
}

static enum row_mark mark_of(const struct overview_seen *row)
{
    return row->from ? row->line.mark : ROW_UNKNOWN;
}

bool overview_seen_absent(const struct overview_seen *row, const struct facts *facts)
{
    const struct frame *newest = row->sight.newest;
    if (!row->from && row->is->standby && !(facts->known && facts->standby))
        return true;
    return (newest && newest->status == FRAME_ABSENT) || (row->from && row->line.none);
}

int overview_seen_severity(const struct overview_seen *row)
{
    static const int ranks[] = {[ROW_PLAIN] = 0, [ROW_DIM] = 0, [ROW_UNKNOWN] = 1, [ROW_WARN] = 2, [ROW_CRIT] = SEVERITY_WORST};
    int rank = ranks[mark_of(row)];
    return rank == 0 && row->stale ? 1 : rank;
}

/* ---- drawing ---- */

static int spark_columns(int columns)
{
    return columns < COMPACT_BELOW ? 0 : columns < 100 ? 10 : columns < 160 ? 20 : 60;
}

static const char *glyph_of(const struct overview_seen *row)
{
    static const char *const glyphs[] = {
        [ROW_PLAIN] = " ", [ROW_DIM] = "·", [ROW_WARN] = "!", [ROW_CRIT] = "‼", [ROW_UNKNOWN] = "?"};
    return row->stale ? "=" : glyphs[mark_of(row)];
}

static enum role_name look_of(const struct overview_seen *row)
{
    static const enum role_name looks[] = {
        [ROW_PLAIN] = LOOK_TEXT, [ROW_DIM] = LOOK_LABEL, [ROW_WARN] = LOOK_WARN,
        [ROW_CRIT] = LOOK_CRIT, [ROW_UNKNOWN] = LOOK_UNKNOWN};
    return row->stale ? LOOK_STALE : looks[mark_of(row)];
}

static void draw_scale(const struct overview_seen *row, struct canvas *c, int line, int at, double full)
{
    char text[FORMAT_ROOM];
    switch (row->is->unit) {
    case UNIT_BYTES:
        row->is->rate ? format_bytes_rate(text, full, c->mode) : format_bytes(text, full, c->mode);
        break;
    case UNIT_SECONDS:
        format_duration(text, full, c->mode);
        break;
    default:
        row->is->rate ? format_rate(text, full, c->mode) : format_count(text, full, c->mode);
    }
    canvas_textf(c, line, at, SCALE_WIDTH, row->stale ? LOOK_STALE : LOOK_LABEL, "≤ %s", text);
}

static void draw_graph(const struct overview_seen *row, const struct view_scene *scene, struct canvas *c, int line,
                       int at, int columns)
{
    const struct series *series = row->is->metric
        ? store_series(scene->store, scene->target, row->topic, row->is->metric, 0) : NULL;
    if (columns == 0 || !series)
        return;
    int64_t hold = row->sight.interval_us + row->sight.deadline_us;
    struct spark spark = {
        .series = series,
        .now_us = scene->now_us,
        .span_us = SPARK_SPAN_US,
        .hold_us = hold > HOLD_LEAST_US ? hold : HOLD_LEAST_US,
        .top = row->line.top,
        .least = row->is->least,
        .unit = row->is->unit,
        .look = row->stale ? LOOK_STALE : LOOK_GRAPH,
    };
    double full = spark_draw(c, line, at, columns, &spark);
    if (c->clip.columns >= SCALE_FROM && full > 0)
        draw_scale(row, c, line, at + columns + 1, full);
}

static void draw_words(const struct overview_seen *row, const struct view_scene *scene, struct canvas *c, int line,
                       int at)
{
    const struct target *target = store_target(scene->store, scene->target);
    struct buf words = {0};
    /* Of a lost connection the banner speaks once; the rows keep what was known last, which is worth more. */
    if (!row->from || (row->stale && target->link.state == LINK_UP)) {
        words_short(&words, &row->sight, target, c->mode);
        buf_puts(&words, row->from ? "  " : "");
    }
    buf_add(&words, buf_text(&row->line.words), row->line.words.len);
    canvas_sentence(c, line, at, -1, row->line.mark == ROW_PLAIN && !row->stale ? LOOK_TEXT : look_of(row),
               buf_text(&words), words.len);
    buf_free(&words);
}

static void print_value(const struct overview_seen *row, const struct canvas *c, char value[VALUE_ROOM])
{
    struct buf own = {0};
    canvas_spell(c, &own, row->from ? row->line.value : "?");
    snprintf(value, VALUE_ROOM, "%s", buf_text(&own));
    buf_free(&own);
}

static int width_of(const char *value)
{
    return canvas_width(value, VALUE_ROOM);
}

/* A number that is cut reads as another one. What stands behind it gives way: first its blanks, then all of it. */
static void draw_value(const struct overview_seen *row, struct canvas *c, int line, int room)
{
    static const char *const between[][2] = {{" of ", "/"}, {" > ", ">"}};
    char value[VALUE_ROOM];
    int at = AT_VALUE;
    print_value(row, c, value);
    if (at + width_of(value) > c->clip.columns)
        at = AT_LABEL + canvas_width(row->is->label, AT_VALUE) + 1;
    room = room < c->clip.columns - at ? room : c->clip.columns - at;
    for (size_t i = 0; i < COUNT_OF(between) && width_of(value) > room; i++) {
        char *sign = strstr(value, between[i][0]), *rest = sign ? sign + strlen(between[i][0]) : NULL;
        if (!sign)
            continue;
        *sign++ = between[i][1][0];
        memmove(sign, rest, strlen(rest) + 1);
        if (width_of(value) > room)
            sign[-1] = '\0';
    }
    canvas_text(c, line, at, room, look_of(row), width_of(value) > room ? "…" : value);
}

int overview_seen_width(const struct overview_seen *row, const struct canvas *c)
{
    char value[VALUE_ROOM];
    print_value(row, c, value);
    return width_of(value);
}

void overview_seen_draw(const struct overview_seen *row, const struct view_scene *scene, struct canvas *c, int line,
                        int value_width, bool selected)
{
    int graph = spark_columns(c->clip.columns), at = AT_VALUE + value_width + 1;
    canvas_text(c, line, AT_LABEL, AT_VALUE - AT_LABEL - 1, row->stale ? LOOK_STALE : LOOK_LABEL,
                row->is->label);
    draw_value(row, c, line, value_width);
    draw_graph(row, scene, c, line, at, graph);
    int scale = c->clip.columns >= SCALE_FROM ? SCALE_WIDTH : 0;
    int gap = c->clip.columns < 100 ? 1 : 2;
    draw_words(row, scene, c, line, graph > 0 ? at + graph + scale + gap : at);
    if (selected) {
        canvas_look(c, line, 0, c->clip.columns, LOOK_CURSOR);
        canvas_text(c, line, AT_SELECTED, 1, LOOK_CURSOR, "▸");
    }
    canvas_text(c, line, AT_GLYPH, 1, look_of(row), glyph_of(row));
}

