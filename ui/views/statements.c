/* The page of statements: what the server spent its time on in the last interval. */
#include "base/clock.h"
#include "base/format.h"
#include "ui/views/list.h"
#include "ui/views/probe_page.h"
#include "ui/widgets/words.h"

static const char *const names[] = {"mean_s", "query", "busy", NULL};
enum { MEAN, QUERY, BUSY };

/* The texts may have come after the row: they are joined with the next answer, and shown at once. */
static const struct frame *late_texts(const struct page_context *context)
{
    int topic = store_find_topic(context->store, "statement_texts");
    if (topic < 0 || !context->target)
        return NULL;
    struct sight s = store_sight(context->store, context->target->id, topic, context->now_us);
    return s.derived ? s.derived : s.good;
}

static int64_t find_text(const struct frame *texts, const struct frame *f, uint32_t row)
{
    static const char *const keys[] = {"user_id", "database_id", "query_id"};
    for (uint32_t i = 0; texts && i < texts->nrows; i++) {
        bool same = true;
        for (size_t k = 0; k < COUNT_OF(keys) && same; k++) {
            int a = schema_find(texts->schema, keys[k]), b = schema_find(f->schema, keys[k]);
            same = a >= 0 && b >= 0 && frame_cell(texts, i, a)->i == frame_cell(f, row, b)->i;
        }
        if (same)
            return i;
    }
    return -1;
}

static void add_late_text(const struct page_context *context, const struct frame *f, uint32_t row,
                          enum text_mode mode, struct buf *out)
{
    const struct frame *texts = late_texts(context);
    int64_t found = find_text(texts, f, row);
    int column = found >= 0 ? schema_find(texts->schema, "query") : -1;
    if (column < 0 || !frame_cell(texts, (uint32_t)found, column)->known) {
        buf_puts(out, "(no text yet)");
        return;
    }
    struct frame_text t = frame_text(texts, (uint32_t)found, column);
    text_safe(out, t.bytes, t.len, mode);
}

/* A statement's mean is short: milliseconds say more than "0.0 s". */
static bool cell(void *arg, const struct frame *f, uint32_t row, int column, enum text_mode mode,
                 struct buf *out)
{
    const int *at = ((struct page_context *)arg)->at;
    char text[FORMAT_ROOM];
    if (column == at[QUERY] && !frame_cell(f, row, column)->known) {
        add_late_text(arg, f, row, mode, out);
        return true;
    }
    if (column != at[MEAN] || !frame_cell(f, row, column)->known)
        return false;
    buf_puts(out, format_latency(text, frame_number(f, row, column), mode));
    return true;
}

static unsigned without_text(const struct page_context *context, const struct frame *f)
{
    unsigned n = 0;
    for (uint32_t row = 0; context->at[QUERY] >= 0 && row < f->nrows; row++)
        n += !frame_cell(f, row, context->at[QUERY])->known && find_text(late_texts(context), f, row) < 0;
    return n;
}

/* When the texts of new statements come: they are dear to read, so they are read together. */
static void say_texts(const struct page_context *context, unsigned without, struct buf *out)
{
    int topic = store_find_topic(context->store, "statement_texts");
    if (topic < 0 || without == 0)
        return;
    struct sight s = store_sight(context->store, context->target->id, topic, context->now_us);
    buf_printf(out, "  %u without text", without);
    bool late = s.newest && s.newest->status == FRAME_TIMEOUT;
    if (s.newest && s.newest->status != FRAME_OK && !late) {
        buf_printf(out, ": texts are %s", frame_status_word(s.newest->status));
        return;
    }
    int64_t next = s.newest ? s.newest->taken_us + s.interval_us - context->now_us : 0;
    buf_puts(out, late ? ": too many to read in time, again " : s.slowed ? ": dear to read, texts follow " : ": texts follow ");
    buf_puts(out, next > 0 ? "in " : "now");
    if (next > 0)
        words_age(out, next + US_PER_S - 1, context->mode);
}

/* A table that is larger than an answer may be is not seen as a whole. */
static void say_cut(const struct page_context *context, struct buf *out)
{
    char read[FORMAT_ROOM], all[FORMAT_ROOM];
    int topic = store_find_topic(context->store, "statements");
    if (topic < 0 || !context->target)
        return;
    const struct frame *f = store_sight(context->store, context->target->id, topic, context->now_us).good;
    if (f && f->nfound > f->nrows)
        buf_printf(out, "  of %s the %s with the most time in all are read", format_whole(all, f->nfound),
                   format_whole(read, f->nrows));
}

static void head(const struct page_context *context, const struct frame *f, struct canvas *c)
{
    struct buf text = {0};
    char busy[FORMAT_ROOM];
    double sum = 0;
    for (uint32_t row = 0; context->at[BUSY] >= 0 && row < f->nrows; row++)
        sum += frame_number(f, row, context->at[BUSY]);
    buf_printf(&text, "%s of one backend busy with statements", format_percent(busy, sum, context->mode));
    if (f->nrows > 0)
        say_texts(context, without_text(context, f), &text);
    say_cut(context, &text);
    canvas_text(c, 0, 1, -1, LOOK_LABEL, f->nrows ? buf_text(&text) : "");
    buf_free(&text);
}

static const char *const shown[] = {
    "busy", "share", "calls_per_s", "mean_s", "rows_per_s", "hit_ratio", "read_blks_per_s", "temp_blks_per_s",
    "wal_bytes_per_s", "user", "database", "query", NULL};

static const struct probe_page page = {
    .topic = "statements",
    .names = names,
    .table = {.columns = shown, .sort = "busy", .descending = true, .cell = cell,
              .empty = "No rows yet: what runs from now on shows with the next answer."},
    .whole = "query",
    .head = head,
};

static struct view_state *open_page(const struct view_scene *scene)
{
    return probe_page_open(&page, scene);
}

static const char *const reads[] = {"statements", NULL}, *const also[] = {"statement_texts", NULL};
static const struct key_row keys[] = {PROBE_PAGE_KEYS, {.name = NULL}};

const struct view statements_view = {
    .name = "statements",
    .title = "statements",
    .help = "Normalised queries by the time that they took in the last interval. Busy is execution time a "
            "second: "
            "100 % is one backend busy all the time. What ran only once, in less than 0.1 s, is left out.",
    .digit = '6',
    .kind = VIEW_SERVER,
    .reads = reads,
    .also = also,
    .keys = keys,
    .open = open_page,
    PROBE_PAGE_METHODS,
};
