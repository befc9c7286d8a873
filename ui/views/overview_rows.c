/* What each row of the overview says. Limits come from the store (model/limit.h). */
#include "ui/views/overview.h"

#include "base/format.h"
#include "model/grant.h"
#include "model/health.h"
#include "ui/views/queues.h"
#include "ui/views/replication.h"
#include "ui/views/sessions.h"
#include "ui/widgets/words.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define NO_ROW UINT32_MAX

double overview_number(const struct overview_input *in, const char *topic, const char *column)
{
    int t = store_find_topic(in->store, topic);
    if (t < 0 || !in->target)
        return NAN;
    const struct frame *f = store_sight(in->store, in->target->id, t, in->now_us).good;
    int at = f ? schema_find(f->schema, column) : -1;
    return at >= 0 && f->nrows > 0 ? frame_number(f, 0, at) : NAN;
}

/* ---- sessions ---- */

static void find_columns(const struct overview_input *in, int *at)
{
    page_find_names(session_names, in->frame->schema, at);
}

static bool is_ours(const struct overview_input *in, const int *at, uint32_t row)
{
    const struct facts *facts = &in->target->facts;
    static const char name[] = "pgvigil";
    if (facts->known && facts->backend_pid > 0 && frame_cell(in->frame, row, at[S_PID])->i == facts->backend_pid)
        return true;
    if (at[S_APPLICATION] < 0)
        return false;
    struct frame_text t = frame_text(in->frame, row, at[S_APPLICATION]);
    return t.len == strlen(name) && memcmp(t.bytes, name, t.len) == 0;
}

/* The row with the largest number in a column, but for our own; background processes count when all is true. */
static uint32_t largest(const struct overview_input *in, const int *at, int column, bool all)
{
    const struct frame *f = in->frame;
    uint32_t best = NO_ROW;
    for (uint32_t row = 0; column >= 0 && row < f->nrows; row++) {
        double n = frame_number(f, row, column);
        if (isnan(n) || (!all && session_kind(at, f, row) == SESSION_BACKGROUND) || is_ours(in, at, row))
            continue;
        if (best == NO_ROW || n > frame_number(f, best, column))
            best = row;
    }
    return best;
}

void overview_add_text(struct buf *out, const struct frame *f, uint32_t row, int column)
{
    if (column < 0)
        return;
    struct frame_text t = frame_text(f, row, column);
    buf_add(out, t.bytes, t.len);
}

static void add_duration(struct buf *out, double seconds, enum text_mode mode)
{
    char text[FORMAT_ROOM];
    buf_puts(out, format_duration(text, seconds, mode));
}

/* What is said of all sessions is said of those that we see. Nothing seen is not nothing. */
static bool part_hidden(const struct session_sums *sums, struct overview_line *line)
{
    if (sums->kinds[SESSION_HIDDEN] == 0)
        return false;
    if (line->mark == ROW_PLAIN)
        line->mark = ROW_UNKNOWN;
    return true;
}

static void say_hidden(const struct session_sums *sums, struct overview_line *line)
{
    snprintf(line->value, sizeof(line->value), "?");
    buf_printf(&line->words, "not known: %u sessions are not visible to this role", sums->kinds[SESSION_HIDDEN]);
}

/* "4711 billing" */
static void add_session(struct buf *out, const struct frame *f, uint32_t row, const int *at)
{
    buf_printf(out, "%lld ", (long long)frame_cell(f, row, at[S_PID])->i);
    overview_add_text(out, f, row, at[S_USER]);
}

/* As short as on the page of sessions. */
static void add_state(struct buf *out, const struct frame *f, uint32_t row, const int *at)
{
    if (session_kind(at, f, row) == SESSION_IN_TX)
        buf_puts(out, "idle in tx");
    else
        overview_add_text(out, f, row, at[S_STATE]);
}

static void add_sum(struct buf *out, const char *word, unsigned n)
{
    buf_printf(out, "%s%s %u", out->len ? "  " : "", word, n);
}

static enum row_mark by_limit(const struct overview_input *in, enum limit_name name, double value)
{
    return page_mark(store_limit(in->store, in->target->id, name), value);
}

void overview_mark(struct overview_line *line, enum row_mark mark)
{
    if (mark == ROW_CRIT || (mark == ROW_WARN && line->mark != ROW_CRIT))
        line->mark = mark;
}

static void fill_sessions(const struct overview_input *in, struct overview_line *line)
{
    int at[PAGE_NAMES_MAX];
    find_columns(in, at);
    struct session_sums sums = session_count(at, in->frame);
    double reserved = overview_number(in, "server", "reserved");
    double most = overview_number(in, "server", "max_connections") - (reserved > 0 ? reserved : 0);
    snprintf(line->value, sizeof(line->value), "%u", sums.clients);
    if (most > 0) {
        snprintf(line->value, sizeof(line->value), "%u of %.0f", sums.clients, most);
        line->top = most;
        line->mark = by_limit(in, LIMIT_CONNECTIONS, sums.clients / most);
    }
    if (sums.kinds[SESSION_HIDDEN] + 1 < sums.clients) {
        add_sum(&line->words, "active", sums.kinds[SESSION_ACTIVE]);
        add_sum(&line->words, "idle", sums.kinds[SESSION_IDLE]);
        add_sum(&line->words, "in tx", sums.kinds[SESSION_IN_TX]);
        add_sum(&line->words, "waiting", sums.waiting);
    }
    if (part_hidden(&sums, line)) {
        const char *grant = store_topic(in->store, store_find_topic(in->store, "sessions"))->grant;
        add_sum(&line->words, "not visible", sums.kinds[SESSION_HIDDEN]);
        buf_printf(&line->words, "%s: ", grant_place(&in->target->facts));
        words_grant(&line->words, grant ? grant : "", &in->target->facts, in->mode);
    }
}

static void fill_blocked(const struct overview_input *in, struct overview_line *line)
{
    int at[PAGE_NAMES_MAX];
    const struct frame *f = in->frame;
    find_columns(in, at);
    struct session_sums sums = session_count(at, f);
    uint32_t root = largest(in, at, at[S_BLOCKS], true);
    bool hidden = part_hidden(&sums, line);
    snprintf(line->value, sizeof(line->value), hidden ? "≥%u" : "%u", sums.waiting);
    if (sums.waiting == 0 && hidden)
        say_hidden(&sums, line);
    if (sums.waiting == 0)
        return;
    line->mark = ROW_CRIT;
    if (root == NO_ROW || !(frame_number(f, root, at[S_BLOCKS]) > 0))
        return;
    buf_puts(&line->words, "behind ");
    if (at[S_TYPE] >= 0 && frame_says(f, root, "backend_type", "startup")) {
        buf_puts(&line->words, "replay of its primary's locks");
        return;
    }
    add_session(&line->words, f, root, at);
    buf_puts(&line->words, ", ");
    add_state(&line->words, f, root, at);
    double age = at[S_XACT_AGE] >= 0 ? frame_number(f, root, at[S_XACT_AGE]) : NAN;
    if (!isnan(age)) {
        buf_putc(&line->words, ' ');
        add_duration(&line->words, age, in->mode);
    }
}

static void fill_oldest(const struct overview_input *in, struct overview_line *line)
{
    int at[PAGE_NAMES_MAX];
    char text[FORMAT_ROOM];
    const struct frame *f = in->frame;
    find_columns(in, at);
    uint32_t oldest = largest(in, at, at[S_XACT_AGE], false), holder = largest(in, at, at[S_XMIN_AGE], true);
    struct session_sums sums = session_count(at, f);
    bool hidden = part_hidden(&sums, line);
    if (oldest == NO_ROW && hidden) {
        say_hidden(&sums, line);
        return;
    }
    if (oldest == NO_ROW) {
        snprintf(line->value, sizeof(line->value), "none");
        buf_puts(&line->words, "no transaction is open");
        return;
    }
    double age = frame_number(f, oldest, at[S_XACT_AGE]);
    snprintf(line->value, sizeof(line->value), hidden ? "≥%s" : "tx %s", format_duration(text, age, in->mode));
    overview_mark(line, by_limit(in, LIMIT_TRANSACTION_AGE, age));
    add_session(&line->words, f, oldest, at);
    if (holder == NO_ROW || !(frame_number(f, holder, at[S_XMIN_AGE]) >= 1))
        return;
    buf_printf(&line->words, "  horizon %lld, %s xids",
               (long long)frame_cell(f, holder, at[S_PID])->i,
               format_count(text, frame_number(f, holder, at[S_XMIN_AGE]), in->mode));
}

static void fill_slow(const struct overview_input *in, struct overview_line *line)
{
    int at[PAGE_NAMES_MAX];
    const struct frame *f = in->frame;
    double limit = store_limit(in->store, in->target->id, LIMIT_SLOW_QUERY).warn;
    char words[FORMAT_ROOM];
    unsigned slow = 0;
    uint32_t worst = NO_ROW;
    find_columns(in, at);
    for (uint32_t row = 0; at[S_QUERY_AGE] >= 0 && row < f->nrows; row++) {
        double age = frame_number(f, row, at[S_QUERY_AGE]);
        bool worker = at[S_LEADER] >= 0 && frame_cell(f, row, at[S_LEADER])->known;
        if (session_kind(at, f, row) != SESSION_ACTIVE || !(age > limit) || worker)
            continue;
        slow++;
        if (worst == NO_ROW || age > frame_number(f, worst, at[S_QUERY_AGE]))
            worst = row;
    }
    struct session_sums sums = session_count(at, f);
    if (part_hidden(&sums, line) && slow == 0) {
        say_hidden(&sums, line);
        return;
    }
    bool whole = limit < 60 && limit == floor(limit);
    snprintf(words, sizeof(words), "%.0f s", limit);
    snprintf(line->value, sizeof(line->value), sums.kinds[SESSION_HIDDEN] ? "≥%u > %s" : "%u > %s", slow,
             whole ? words : format_duration(words, limit, in->mode));
    if (worst == NO_ROW)
        return;
    buf_puts(&line->words, "worst ");
    add_duration(&line->words, frame_number(f, worst, at[S_QUERY_AGE]), in->mode);
    buf_puts(&line->words, "  ");
    overview_add_text(&line->words, f, worst, at[S_QUERY]);
}

/* ---- the server as a whole ---- */

/* A number of the first row: of the rates when the column is a counter. */
static double first(const struct overview_input *in, const char *name, bool rate)
{
    const struct frame *f = rate ? in->rates : in->frame;
    int column = f ? schema_find(f->schema, name) : -1;
    return column >= 0 && f->nrows > 0 ? frame_number(f, 0, column) : NAN;
}

void overview_add(struct buf *out, const char *word, const char *value)
{
    buf_printf(out, "%s%s %s", out->len ? "  " : "", word, value);
}

/* part of part + rest, as "hit 99.2 %"; nothing happened: unknown. */
static void add_share(struct buf *out, const char *word, double part, double rest, enum text_mode mode)
{
    char text[FORMAT_ROOM];
    overview_add(out, word, format_percent(text, part + rest > 0 ? part / (part + rest) : NAN, mode));
}

static void fill_tps(const struct overview_input *in, struct overview_line *line)
{
    char text[FORMAT_ROOM];
    double commits = first(in, "xact_commit", true), rollbacks = first(in, "xact_rollback", true);
    snprintf(line->value, sizeof(line->value), "%s", format_rate(text, commits + rollbacks, in->mode));
    add_share(&line->words, "rollback", rollbacks, commits, in->mode);
    add_share(&line->words, "hit", first(in, "blks_hit", true), first(in, "blks_read", true), in->mode);
    overview_add(&line->words, "up", format_duration(text, first(in, "uptime_s", false), in->mode));
    double temp = first(in, "temp_bytes", true);
    if (temp > 0)
        overview_add(&line->words, "temp files", format_bytes_rate(text, temp, in->mode));
    double deadlocks = first(in, "deadlocks", true), broken = first(in, "checksum_failures", false);
    if (deadlocks > 0) {
        overview_add(&line->words, "deadlocks", format_rate(text, deadlocks, in->mode));
        line->mark = ROW_WARN;
    }
    if (broken > 0) {
        overview_add(&line->words, "broken pages", format_count(text, broken, in->mode));
        line->mark = ROW_CRIT;
    }
}

static void fill_wal(const struct overview_input *in, struct overview_line *line)
{
    char text[FORMAT_ROOM];
    double archived = first(in, "archived_age_s", false), failed = first(in, "archive_failed_age_s", false);
    double asked = first(in, "checkpoints_requested", true);
    bool fails = health_archiving_fails(archived, failed);
    snprintf(line->value, sizeof(line->value), "%s",
             format_bytes_rate(text, first(in, "wal_position", true), in->mode));
    if (fails) {
        line->mark = ROW_CRIT;
        buf_puts(&line->words, isnan(archived) ? "archiving fails, nothing went well yet" : "archiving fails, last good ");
        if (!isnan(archived))
            buf_printf(&line->words, "%s ago", format_duration(text, archived, in->mode));
    }
    if (!isnan(asked))
        overview_add(&line->words, first(in, "standby", false) > 0 ? "restartpoints" : "checkpoints",
                     asked > 0 ? "asked for: max_wal_size, or by hand" : "timed, fine");
    if (!fails && !isnan(archived)) {
        overview_add(&line->words, "archived", format_duration(text, archived, in->mode));
        buf_puts(&line->words, " ago");
    }
}

/* ---- replication ---- */

/* "standby-2 41.0 s" */
static void add_replica(struct buf *out, const struct overview_input *in, const int *at, uint32_t row)
{
    buf_puts(out, out->len ? "  " : "");
    overview_add_text(out, in->frame, row, at[R_NAME]);
    buf_putc(out, ' ');
    replication_put_lag(out, at, in->frame, row, in->mode);
}

static enum row_mark mark_of(const struct overview_input *in, const int *at, uint32_t row)
{
    return replication_mark(at, in->store, in->target->id, in->frame, row, in->now_us);
}

static bool receives(const struct overview_input *in, const int *at)
{
    for (uint32_t row = 0; row < in->frame->nrows; row++)
        if (replication_is(at, in->frame, row, "receiver"))
            return true;
    return false;
}

/* A standby without standbys of its own has no such row. */
static void fill_replicas(const struct overview_input *in, struct overview_line *line)
{
    int at[PAGE_NAMES_MAX];
    unsigned senders = 0;
    page_find_names(replication_names, in->frame->schema, at);
    for (uint32_t row = 0; row < in->frame->nrows; row++) {
        if (!replication_is(at, in->frame, row, "sender"))
            continue;
        senders++;
        overview_mark(line, mark_of(in, at, row));
        add_replica(&line->words, in, at, row);
    }
    line->none = senders == 0 && receives(in, at);
    snprintf(line->value, sizeof(line->value), senders ? "%u" : "none", senders);
}

/* "host:port"; of a socket its last folder is enough. */
static void add_sender(struct buf *out, const struct overview_input *in, const int *at, uint32_t row)
{
    if (at[R_SENDER] < 0 || !frame_cell(in->frame, row, at[R_SENDER])->known)
        return;
    struct frame_text t = frame_text(in->frame, row, at[R_SENDER]);
    const char *slash = t.len > 0 && t.bytes[0] == '/' ? memrchr(t.bytes, '/', t.len) : NULL;
    buf_puts(out, out->len ? "  from " : "from ");
    if (slash && slash > t.bytes)
        buf_puts(out, in->mode == TEXT_ASCII ? "..." : "…");
    buf_add(out, slash ? slash : t.bytes, slash ? t.len - (size_t)(slash - t.bytes) : t.len);
}

/* How far this standby is behind. */
static void fill_lag(const struct overview_input *in, struct overview_line *line)
{
    int at[PAGE_NAMES_MAX];
    char text[FORMAT_ROOM];
    const struct frame *f = in->frame;
    page_find_names(replication_names, f->schema, at);
    line->none = !receives(in, at);
    for (uint32_t row = 0; row < f->nrows; row++) {
        if (!replication_is(at, f, row, "receiver"))
            continue;
        double lag = at[R_LAG] >= 0 ? frame_number(f, row, at[R_LAG]) : NAN;
        double bytes = at[R_BEHIND] >= 0 ? frame_number(f, row, at[R_BEHIND]) : NAN;
        overview_mark(line, mark_of(in, at, row));
        if (isnan(lag) && line->mark == ROW_PLAIN)
            line->mark = ROW_UNKNOWN;
        struct buf value = {0};
        replication_put_lag(&value, at, f, row, in->mode);
        snprintf(line->value, sizeof(line->value), "%s", buf_text(&value));
        buf_free(&value);
        overview_add_text(&line->words, f, row, at[R_CONDITION]);
        if (bytes > 0)
            overview_add(&line->words, "behind", format_bytes(text, bytes, in->mode));
        add_sender(&line->words, in, at, row);
    }
}

static void fill_slots(const struct overview_input *in, struct overview_line *line)
{
    int at[PAGE_NAMES_MAX];
    char text[FORMAT_ROOM];
    unsigned slots = 0;
    double most = NAN;
    page_find_names(replication_names, in->frame->schema, at);
    for (uint32_t row = 0; row < in->frame->nrows; row++) {
        if (!replication_is(at, in->frame, row, "slot"))
            continue;
        double retained = at[R_RETAINED] >= 0 ? frame_number(in->frame, row, at[R_RETAINED]) : NAN;
        enum row_mark mark = mark_of(in, at, row);
        slots++;
        overview_mark(line, mark);
        most = isnan(most) || retained > most ? retained : most;
        if (mark != ROW_PLAIN) {
            buf_puts(&line->words, line->words.len ? "  unhealthy " : "unhealthy ");
            overview_add_text(&line->words, in->frame, row, at[R_NAME]);
        }
    }
    snprintf(line->value, sizeof(line->value), "%u", slots);
    line->none = slots == 0;
    if (most > 0)
        overview_add(&line->words, slots > 1 ? "retain up to" : "retains", format_bytes(text, most, in->mode));
}

#define MB (1024.0 * 1024)

const struct overview_row overview_rows[] = {
    {"tps", false, "server", "commits", UNIT_COUNT, true, 10, "server", NULL, fill_tps},
    {"sessions", false, "sessions", "total", UNIT_COUNT, false, 10, "sessions", NULL, fill_sessions},
    {"blocked", false, "sessions", "blocked", UNIT_COUNT, false, 5, "sessions", "blocks>0|blocked_by!=null",
     fill_blocked},
    {"oldest", false, "sessions", "oldest_xact", UNIT_SECONDS, false, 10, "sessions", "xact_age_s>0", fill_oldest},
    {"replicas", false, "replication", "lag", UNIT_SECONDS, false, 10, "replication", "kind=sender", fill_replicas},
    {"lag", true, "replication", "lag", UNIT_SECONDS, false, 10, "replication", NULL, fill_lag},
    {"slots", false, "replication", "retained", UNIT_BYTES, false, 16 * MB, "replication", "kind=slot", fill_slots},
    {"queues", false, "queues", "ready", UNIT_COUNT, false, 10, "queues", NULL, overview_fill_queues},
    {"slow", false, "sessions", NULL, UNIT_NONE, false, 0, "sessions", "state=active query_age_s>1s", fill_slow},
    {"wal", false, "server", "wal", UNIT_BYTES, true, MB / 16, "server", NULL, fill_wal},
    {.label = NULL},
};
