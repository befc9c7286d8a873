/* The page of tables: the ones that matter by size, dead rows, changes, scans or age. */
#include "base/format.h"
#include "ui/views/list.h"
#include "ui/views/probe_page.h"
#include "ui/widgets/words.h"

static const char *const names[] = {"size_bytes", "size_exact", "dead_ratio", "dead_rows", "locked", NULL};
enum { SIZE, EXACT, DEAD_RATIO, DEAD, LOCKED };

static double number(const struct frame *f, uint32_t row, int column)
{
    return column >= 0 && frame_cell(f, row, column)->known ? frame_number(f, row, column) : 0;
}

/* A fifth of the rows dead, and enough of them to matter: autovacuum is behind. */
static enum row_mark mark(void *arg, const struct frame *f, uint32_t row)
{
    const int *at = ((struct page_context *)arg)->at;
    if (number(f, row, at[LOCKED]) > 0)
        return ROW_WARN;
    return number(f, row, at[DEAD_RATIO]) >= 0.2 && number(f, row, at[DEAD]) >= 10000 ? ROW_WARN : ROW_PLAIN;
}

/* A size from page counts is an estimate, and says so. */
static bool cell(void *arg, const struct frame *f, uint32_t row, int column, enum text_mode mode,
                 struct buf *out)
{
    const int *at = ((struct page_context *)arg)->at;
    char text[FORMAT_ROOM];
    if (column != at[SIZE] || !frame_cell(f, row, column)->known || number(f, row, at[EXACT]) > 0)
        return false;
    buf_printf(out, "~%s", format_bytes(text, frame_number(f, row, column), mode));
    return true;
}

static bool sight_of(const struct page_context *context, const char *name, struct sight *out)
{
    int topic = store_find_topic(context->store, name);
    if (topic < 0)
        return false;
    *out = store_sight(context->store, context->target->id, topic, context->now_us);
    return true;
}

/* " from standby-1": who answered in the place of this server, or that nobody could. */
static void say_source(const struct page_context *context, const struct frame *f, struct buf *out)
{
    if (f->from) {
        buf_puts(out, " from ");
        text_safe_string(out, store_target(context->store, f->from - 1)->name, context->mode);
    } else if (f->fallback) {
        buf_puts(out, ", no standby fit");
    }
}

/* "50 of 20,000 tables: full pass 35 s ago, exact sizes 12 s ago from standby-1" */
static void head(const struct page_context *context, const struct frame *f, struct canvas *c)
{
    struct buf text = {0};
    struct sight s;
    char shown[FORMAT_ROOM], all[FORMAT_ROOM];
    format_whole(shown, f->nrows);
    if (f->nfound > f->nrows)
        buf_printf(&text, "%s of %s tables", shown, format_whole(all, f->nfound));
    else
        buf_printf(&text, "all %s tables", shown);
    if (sight_of(context, "table_ranks", &s) && s.good) {
        buf_puts(&text, ": full pass ");
        words_age(&text, s.age_us, context->mode);
        buf_puts(&text, " ago");
    }
    if (sight_of(context, "table_sizes", &s) && s.good) {
        buf_puts(&text, ", exact sizes ");
        words_age(&text, s.age_us, context->mode);
        buf_puts(&text, " ago");
        say_source(context, s.good, &text);
    }
    canvas_text(c, 0, 1, -1, LOOK_LABEL, f->nrows ? buf_text(&text) : "");
    buf_free(&text);
}

static const char *const shown[] = {"table",        "schema",    "size_bytes", "dead_rows",     "dead_ratio",
                                    "vacuum_age_s", "seq_scans", "seq_rows",   "idx_scans",     "inserts",
                                    "updates",      "deletes",   "live_rows",  "analyze_age_s", "frozen_age",
                                    "locked",       NULL};

static const struct probe_page page = {
    .topic = "tables",
    .names = names,
    .table = {.columns = shown, .sort = "size_bytes", .descending = true, .mark = mark, .cell = cell,
              .empty = "No rows yet: which tables matter is being found out."},
    .head = head,
};

static struct view_state *open_page(const struct view_scene *scene)
{
    return probe_page_open(&page, scene);
}

static const char *const reads[] = {"tables", NULL}, *const also[] = {"table_ranks", "table_sizes", NULL};
static const struct key_row keys[] = {PROBE_PAGE_KEYS, {.name = NULL}};

const struct view tables_view = {
    .name = "tables",
    .title = "tables",
    .help = "The tables that matter by size, dead rows, changes, scans or age. ~ is an estimate from page counts; exact "
            "sizes of a primary are asked of a standby that is watched too and fit. ! has many dead rows, or is locked "
            "exclusively.",
    .digit = '7',
    .kind = VIEW_SERVER,
    .argument = "OID",
    .reads = reads,
    .also = also,
    .keys = keys,
    .open = open_page,
    PROBE_PAGE_METHODS,
};
