/* The rows of the overview of a PgBouncer. Its own console, the database "pgbouncer", counts for nothing. */
#include "ui/views/overview.h"

#include "base/format.h"
#include "ui/views/probe_page.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static double number(const struct frame *f, uint32_t row, int column)
{
    return f && column >= 0 && frame_cell(f, row, column)->known ? frame_number(f, row, column) : 0;
}

static bool is(const struct frame *f, uint32_t row, int column, const char *word)
{
    struct frame_text t = column >= 0 ? frame_text(f, row, column) : (struct frame_text){"", 0};
    return t.len == strlen(word) && memcmp(t.bytes, word, t.len) == 0;
}

static double sum(const struct frame *values, const struct frame *f, const char *column, int name)
{
    double all = 0;
    int at = values ? schema_find(values->schema, column) : -1;
    for (uint32_t row = 0; at >= 0 && row < f->nrows; row++)
        if (!is(f, row, name, "pgbouncer"))
            all += number(values, row, at);
    return values && at >= 0 ? all : NAN;
}

static double pools_sum(const struct overview_input *in, const char *column)
{
    return sum(in->frame, in->frame, column, schema_find(in->frame->schema, "database"));
}

static void add_text(struct buf *out, const struct frame *f, uint32_t row, int column)
{
    struct frame_text t = column >= 0 ? frame_text(f, row, column) : (struct frame_text){"", 0};
    buf_add(out, t.bytes, t.len);
}

static void add_count(struct overview_line *line, const char *word, double n, enum text_mode mode)
{
    char text[FORMAT_ROOM];
    overview_add(&line->words, word, format_count(text, n, mode));
}

/* Clients that have asked and got no server connection: the first thing to look at. */
static void fill_waiting(const struct overview_input *in, struct overview_line *line)
{
    const struct frame *f = in->frame;
    char text[FORMAT_ROOM];
    int maxwait = schema_find(f->schema, "maxwait_s"), database = schema_find(f->schema, "database");
    double waiting = pools_sum(in, "cl_waiting"), longest = 0;
    uint32_t worst = 0;
    for (uint32_t row = 0; row < f->nrows; row++) {
        if (number(f, row, maxwait) > longest) {
            longest = number(f, row, maxwait);
            worst = row;
        }
    }
    snprintf(line->value, sizeof(line->value), "%s", format_count(text, waiting, in->mode));
    line->mark = page_mark(store_limit(in->store, in->target->id, LIMIT_POOL_WAIT), longest);
    if (longest <= 0)
        return;
    overview_add(&line->words, "longest", format_duration(text, longest, in->mode));
    buf_puts(&line->words, " in ");
    add_text(&line->words, f, worst, database);
    buf_putc(&line->words, '/');
    add_text(&line->words, f, worst, schema_find(f->schema, "user"));
}

static void fill_clients(const struct overview_input *in, struct overview_line *line)
{
    char text[FORMAT_ROOM];
    double active = pools_sum(in, "cl_active"), waiting = pools_sum(in, "cl_waiting");
    snprintf(line->value, sizeof(line->value), "%s", format_count(text, active + waiting, in->mode));
    add_count(line, "linked or idle", active, in->mode);
    add_count(line, "waiting", waiting, in->mode);
}

static void fill_servers(const struct overview_input *in, struct overview_line *line)
{
    static const char *const columns[][2] = {
        {"active", "sv_active"}, {"idle", "sv_idle"}, {"used", "sv_used"}, {"login", "sv_login"}};
    char text[FORMAT_ROOM];
    double all = 0;
    for (size_t i = 0; i < COUNT_OF(columns); i++) {
        double n = pools_sum(in, columns[i][1]);
        all += isnan(n) ? 0 : n;
        add_count(line, columns[i][0], n, in->mode);
    }
    snprintf(line->value, sizeof(line->value), "%s", format_count(text, all, in->mode));
}

static void fill_queries(const struct overview_input *in, struct overview_line *line)
{
    const struct frame *f = in->frame, *r = in->rates;
    int name = schema_find(f->schema, "database");
    char text[FORMAT_ROOM];
    snprintf(line->value, sizeof(line->value), "%s",
             format_rate(text, sum(r, f, "total_query_count", name), in->mode));
    overview_add(&line->words, "tx", format_rate(text, sum(r, f, "total_xact_count", name), in->mode));
    overview_add(&line->words, "in", format_bytes_rate(text, sum(r, f, "total_received", name), in->mode));
    overview_add(&line->words, "out", format_bytes_rate(text, sum(r, f, "total_sent", name), in->mode));
    double wait_us = sum(r, f, "total_wait_time", name), queries = sum(r, f, "total_query_count", name);
    if (wait_us > 0 && queries > 0)
        overview_add(&line->words, "mean wait", format_latency(text, wait_us / queries / 1e6, in->mode));
}

static void fill_databases(const struct overview_input *in, struct overview_line *line)
{
    static const char *const words[] = {"paused", "disabled"};
    const struct frame *f = in->frame;
    int name = schema_find(f->schema, "name");
    unsigned n = 0, bad = 0;
    for (uint32_t row = 0; row < f->nrows; row++) {
        n += !is(f, row, name, "pgbouncer");
        for (size_t i = 0; i < COUNT_OF(words); i++) {
            if (!(number(f, row, schema_find(f->schema, words[i])) > 0))
                continue;
            bad++;
            buf_printf(&line->words, "%s%s ", line->words.len ? "  " : "", words[i]);
            add_text(&line->words, f, row, name);
        }
    }
    line->mark = bad > 0 ? ROW_WARN : ROW_PLAIN;     /* who waits for it is another row */
    if (bad == 0)
        buf_puts(&line->words, "none paused or disabled");
    snprintf(line->value, sizeof(line->value), "%u", n);
}

const struct overview_row overview_pooler_rows[] = {
    {"waiting", false, "bouncer_pools", "waiting", UNIT_COUNT, false, 5, "bouncer_pools", "cl_waiting>0", fill_waiting},
    {"clients", false, "bouncer_pools", NULL, UNIT_NONE, false, 0, "bouncer_clients", NULL, fill_clients},
    {"servers", false, "bouncer_pools", "active", UNIT_COUNT, false, 10, "bouncer_servers", NULL, fill_servers},
    {"queries", false, "bouncer_stats", "queries", UNIT_COUNT, true, 10, "bouncer_stats", NULL, fill_queries},
    {"databases", false, "bouncer_databases", NULL, UNIT_NONE, false, 0, "bouncer_databases", NULL, fill_databases},
    {.label = NULL},
};
