/* The page of the server as a whole: every number with its meaning, in groups that belong together, beside each
 * other where the screen is wide. */
#include "ui/views/list.h"
#include "ui/views/probe_page.h"
#include "ui/widgets/cell.h"
#include "ui/widgets/words.h"

#include <stdio.h>
#include <string.h>

enum { LABEL = 14, VALUE = 12, TOTAL = 13, HELP_LEAST = 24, BESIDE_FROM = 160, GROUP_ROWS = 12 };

static const struct group {
    const char *title;
    const char *columns[GROUP_ROWS];
} groups[] = {
    {"this server", {"database", "standby", "started", "uptime_s", "timeline", "config_age_s", "pending_restart"}},
    {"connections", {"backends", "max_connections", "reserved", "sessions", "sessions_abandoned", "sessions_fatal",
                     "sessions_killed"}},
    {"transactions", {"xact_commit", "xact_rollback", "deadlocks", "conflicts"}},
    {"rows", {"tup_returned", "tup_fetched", "tup_inserted", "tup_updated", "tup_deleted"}},
    {"cache and temporary files", {"blks_hit", "blks_read", "temp_bytes", "temp_files", "checksum_failures"}},
    {"wal and checkpoints", {"wal_position", "wal_lsn", "checkpoints_timed", "checkpoints_requested"}},
    {"archiving", {"archived", "archived_age_s", "archive_failed", "archive_failed_age_s"}},
};

/* A column that a probe has grown since stands in none of them, and is shown all the same. */
static bool grouped(const struct column *is)
{
    size_t len = strlen(is->name);
    if (len > 6 && strcmp(is->name + len - 6, "_total") == 0)
        return true;
    for (size_t i = 0; i < COUNT_OF(groups); i++)
        for (int k = 0; k < GROUP_ROWS && groups[i].columns[k]; k++)
            if (strcmp(groups[i].columns[k], is->name) == 0)
                return true;
    return false;
}

struct pen {
    struct canvas *c;
    const struct frame *row;
    int column, columns;        /* of the screen, where this group stands */
    int line, top;              /* of the whole page */
    bool stale;
    struct buf text;
};

static void put(struct pen *p, int at, int width, enum role_name look, const char *text)
{
    int row = p->line - p->top;
    width = width < 0 || at + width > p->columns ? p->columns - at : width;
    if (row >= 0 && row < p->c->clip.rows && width > 0)
        canvas_text(p->c, row, p->column + at, width, p->stale ? LOOK_STALE : look, text);
}

static void put_right(struct pen *p, int at, int width, enum role_name look, const char *text)
{
    int row = p->line - p->top;
    if (row >= 0 && row < p->c->clip.rows && at + width <= p->columns)
        canvas_right(p->c, row, p->column + at, width, p->stale ? LOOK_STALE : look, text);
}

/* "of 1.2 M": what a counter's rate adds up to since its statistics began. */
static void put_total(struct pen *p, const char *name)
{
    char total[80];
    snprintf(total, sizeof(total), "%s_total", name);
    int column = schema_find(p->row->schema, total);
    if (column < 0 || !frame_cell(p->row, 0, column)->known)
        return;
    struct cell_print print = {p->c->mode, 0, 0};
    buf_clear(&p->text);
    cell_short(&p->text, p->row, 0, column, &print);
    put_right(p, LABEL + VALUE, TOTAL - 4, LOOK_LABEL, buf_text(&p->text));
    put(p, LABEL + VALUE + TOTAL - 3, 2, LOOK_HINT, "Σ");
}

/* Returns the lines that the meaning takes. */
static int put_help(struct pen *p, int at, const char *help)
{
    struct buf line = {0}, own = {0};
    size_t columns;
    int first = p->line;
    canvas_spell(p->c, &own, help);
    struct text_wrap wrap = text_wrap(buf_text(&own), own.len, (size_t)(p->columns - at - 1), p->c->mode);
    for (; text_wrap_next(&wrap, &line, &columns); p->line++)
        put(p, at, -1, LOOK_HINT, buf_text(&line));
    buf_free(&line);
    buf_free(&own);
    int used = p->line - first;
    p->line = first;
    return used > 0 ? used : 1;
}

static void draw_number(struct pen *p, const char *name)
{
    int column = schema_find(p->row->schema, name), used = 1, help_at = LABEL + VALUE + TOTAL + 1;
    if (column < 0)
        return;
    const struct column *is = &p->row->schema->columns[column];
    struct cell_print print = {p->c->mode, p->row->wall_us, 0};
    buf_clear(&p->text);
    enum role_name look = cell_short(&p->text, p->row, 0, column, &print);
    put(p, 1, LABEL - 2, LOOK_LABEL, is->heading);
    put_right(p, LABEL - 1, VALUE, look, buf_text(&p->text));
    put_total(p, name);
    if (p->columns >= help_at + HELP_LEAST)
        used = put_help(p, help_at, is->help);
    p->line += used;
}

static void draw_group(struct pen *p, const struct group *group)
{
    put(p, 0, -1, LOOK_TITLE, group->title);
    p->line++;
    for (int i = 0; i < GROUP_ROWS && group->columns[i]; i++)
        draw_number(p, group->columns[i]);
    p->line++;
}

static void draw_others(struct pen *p)
{
    bool any = false;
    for (int i = 0; i < p->row->schema->ncolumns; i++) {
        const struct column *is = &p->row->schema->columns[i];
        if (grouped(is))
            continue;
        if (!any)
            put(p, 0, -1, LOOK_TITLE, "more");
        p->line += !any;
        any = true;
        draw_number(p, is->name);
    }
    p->line += any;
}

static void say_breaker(struct buf *out, const struct guard_state *g, int64_t now_us, enum text_mode mode)
{
    buf_puts(out, breaker_state_word(g->state));
    if (g->state != BREAKER_CLOSED) {
        buf_puts(out, " for ");
        words_age(out, now_us - g->since_us, mode);
    }
    if (g->failures > 0)
        buf_printf(out, ", %u failure%s in a row", g->failures, g->failures == 1 ? "" : "s");
    if (g->trips > 0)
        buf_printf(out, ", opened %u time%s", g->trips, g->trips == 1 ? "" : "s");
    if (g->state == BREAKER_OPEN && g->until_us > now_us) {
        buf_puts(out, ", tried again in ");
        words_age(out, g->until_us - now_us, mode);
    }
}

/* "14 s ago from closed to open: 5 failures in a row, the last: timeout" */
static void draw_steps(struct pen *p, const struct page_context *context, int topic)
{
    const struct guard_step *step;
    for (unsigned i = 0; (step = store_guard_step(context->store, context->target->id, topic, i)) != NULL; i++) {
        buf_clear(&p->text);
        words_age(&p->text, context->now_us - step->at_us, p->c->mode);
        buf_printf(&p->text, " ago from %s to %s: %s", breaker_state_word(step->from), breaker_state_word(step->to), step->why);
        put(p, LABEL + 4, -1, LOOK_HINT, buf_text(&p->text));
        p->line++;
    }
}

static void draw_breaker(struct pen *p, const struct page_context *context, int topic, const struct guard_state *g)
{
    buf_clear(&p->text);
    say_breaker(&p->text, g, context->now_us, p->c->mode);
    put(p, 1, LABEL + 2, LOOK_LABEL, store_topic(context->store, topic)->name);
    put(p, LABEL + 4, -1, g->state == BREAKER_CLOSED ? LOOK_TEXT : LOOK_WARN, buf_text(&p->text));
    p->line++;
    draw_steps(p, context, topic);
}

/* Before each question of ours that may be dear. */
static void draw_breakers(struct pen *p, const struct page_context *context)
{
    bool any = false;
    for (int topic = 0; context->target && topic < store_topics(context->store); topic++) {
        struct guard_state g = store_sight(context->store, context->target->id, topic, context->now_us).guard;
        if (!g.guarded)
            continue;
        if (!any)
            put(p, 0, -1, LOOK_TITLE, "circuit breakers before dear questions");
        p->line += !any;
        any = true;
        draw_breaker(p, context, topic, &g);
    }
    p->line += any;
}

/* On a wide screen the first groups stand at the left, the others at the right. */
static int whole_row(const void *context, const struct frame *row, struct canvas *c, int top, bool stale)
{
    bool beside = c->clip.columns >= BESIDE_FROM;
    int half = beside ? c->clip.columns / 2 : c->clip.columns, lines[2] = {0, 0};
    struct pen p = {.c = c, .row = row, .columns = half, .top = top, .stale = stale};
    for (size_t i = 0; i < COUNT_OF(groups); i++) {
        int side = beside && 2 * i >= COUNT_OF(groups);
        p.column = side * half;
        p.line = lines[side];
        draw_group(&p, &groups[i]);
        lines[side] = p.line;
    }
    draw_others(&p);
    draw_breakers(&p, context);
    lines[beside] = p.line;
    buf_free(&p.text);
    return (lines[0] > lines[1] ? lines[0] : lines[1]) - 1;
}

static const struct probe_page page = {.topic = "server", .single = true, .whole_row = whole_row};

static struct view_state *open_page(const struct view_scene *scene)
{
    return probe_page_open(&page, scene);
}

static const char *const reads[] = {"server", NULL};
static const struct key_row keys[] = {PROBE_PAGE_KEYS, {.name = NULL}};

const struct view server_view = {
    .name = "server",
    .title = "server",
    .help = "The server as a whole: role, age, room for connections, and what all databases did together, per second. "
            "Σ is what a rate adds up to since the statistics began.",
    .digit = '8',
    .kind = VIEW_SERVER,
    .reads = reads,
    .keys = keys,
    .open = open_page,
    PROBE_PAGE_METHODS,
};
