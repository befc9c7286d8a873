/* What the server does, for the health page: sessions, transactions and statements. */
#include "ui/views/health.h"

#include "base/clock.h"
#include "base/format.h"
#include "ui/views/sessions.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- sessions ---- */

struct seen {
    struct session_sums sums;
    unsigned slow;
    double worst_s;
    int64_t pid;
};

static struct seen look_at_sessions(const struct frame *f, double limit)
{
    int at[PAGE_NAMES_MAX];
    page_find_names(session_names, f->schema, at);
    struct seen s = {.sums = session_count(at, f), .worst_s = NAN};
    for (uint32_t row = 0; at[S_QUERY_AGE] >= 0 && row < f->nrows; row++) {
        double age = frame_number(f, row, at[S_QUERY_AGE]);
        bool worker = at[S_LEADER] >= 0 && frame_cell(f, row, at[S_LEADER])->known;
        if (!(age > limit) || worker || session_kind(at, f, row) != SESSION_ACTIVE)
            continue;
        s.slow++;
        if (age <= s.worst_s)
            continue;
        s.worst_s = age;
        s.pid = frame_cell(f, row, at[S_PID])->i;
    }
    return s;
}

static void add_connections(const struct health_making *m, struct health_row *r, const struct seen *s)
{
    struct health_row server = health_begin(m, "", FORM_COUNT, m->is, "server");
    double reserved = frame_named_number(server.sight.good, 0, "reserved");
    double most = frame_named_number(server.sight.good, 0, "max_connections") - (reserved > 0 ? reserved : 0);
    r->now = most > 0 ? s->sums.clients / most : NAN;
    buf_printf(&r->from, "%u of ", s->sums.clients);
    health_add(&r->from, format_count, most, " for ordinary roles");
}

static void add_slow(struct health_row *r, const struct seen *s)
{
    unsigned hidden = s->sums.kinds[SESSION_HIDDEN];
    r->now = s->slow > 0 || !hidden ? s->slow : NAN;
    r->level = s->slow ? LEVEL_WARN : hidden ? LEVEL_UNKNOWN : LEVEL_FINE;
    if (s->slow) {
        buf_puts(&r->from, "the longest runs for ");
        health_add(&r->from, format_duration, s->worst_s, "");
        buf_printf(&r->from, ", pid %lld", (long long)s->pid);
    }
    if (hidden)
        buf_printf(&r->from, "%s%u sessions are not visible", s->slow ? "; at least, as " : "", hidden);
}

static void add_sessions(const struct health_making *m)
{
    struct health_row used = health_begin(m, "connections", FORM_PERCENT, m->is, "sessions");
    struct health_row slow = health_begin(m, "slow queries", FORM_COUNT, m->is, "sessions");
    double limit = store_limit(m->store, m->target, LIMIT_SLOW_QUERY).warn;
    used.page = slow.page = ON_SESSIONS;
    buf_puts(&slow.rule, "warning > ");
    health_put_limit(&slow.rule, UNIT_SECONDS, limit);
    if (health_is_known(&used) && health_is_known(&slow)) {
        struct seen s = look_at_sessions(used.sight.derived ? used.sight.derived : used.sight.good, limit);
        add_connections(m, &used, &s);
        add_slow(&slow, &s);
    }
    health_judge_limit(m, &used, LIMIT_CONNECTIONS);
    health_end(m, &used);
    health_end(m, &slow);
}

/* ---- transactions ---- */

static double over_s(const struct frame *f)
{
    return f ? (double)f->over_us / US_PER_S : 0;
}

static void say_events(struct buf *out, double rate, double seconds, const char *what)
{
    if (isnan(rate)) {
        buf_puts(out, "there is no interval yet");
        return;
    }
    health_add(out, format_count, round(rate * seconds), what);
    health_add(out, format_duration, seconds, "");
}

static void add_transactions(const struct health_making *m)
{
    struct health_row all = health_begin(m, "transactions", FORM_RATE, m->is, "server");
    struct health_row bad = health_begin(m, "errors", FORM_RATE, m->is, "server");
    if (health_is_known(&all) && health_is_known(&bad)) {
        double seconds = over_s(all.sight.rates);
        all.level = bad.level = LEVEL_NOTE;
        bad.now = frame_named_number(bad.sight.rates, 0, "xact_rollback");
        all.now = frame_named_number(all.sight.rates, 0, "xact_commit") + bad.now;
        say_events(&all.from, all.now, seconds, " ended in ");
        say_events(&bad.from, bad.now, seconds, " rolled back in ");
    }
    health_end(m, &all);
    health_end(m, &bad);
}

static void add_error_rate(const struct health_making *m)
{
    struct health_row r = health_begin(m, "error rate", FORM_PERCENT, m->is, "server");
    buf_puts(&r.rule, "warning >= 5 %, of 20 or more");
    if (health_is_known(&r)) {
        double seconds = over_s(r.sight.rates);
        double failed = round(frame_named_number(r.sight.rates, 0, "xact_rollback") * seconds);
        double n = failed + round(frame_named_number(r.sight.rates, 0, "xact_commit") * seconds);
        enum health_verdict v = n > 0 && n < 1e18 ? health_error_rate((uint64_t)failed, (uint64_t)n) : HEALTH_UNKNOWN;
        r.now = n > 0 ? failed / n : NAN;
        r.level = health_level(v);
        if (n > 0) {
            health_add(&r.from, format_count, failed, " of ");
            health_add(&r.from, format_count, n, v == HEALTH_LOWSAMPLE ? " transactions: a low sample" : " transactions");
        } else {
            buf_puts(&r.from, isnan(n) ? "there is no interval yet" : "none ended: there is no share of nothing");
        }
    }
    health_end(m, &r);
}

/* ---- statements ---- */

/* Of what ran without its text being read yet nobody knows the kind. */
static bool some_are_unknown(const struct frame *f)
{
    for (uint32_t row = 0; row < f->nrows; row++)
        if (frame_says(f, row, "kind", "unknown") && frame_named_number(f, row, "statements") > 0)
            return true;
    return false;
}

/* "mean 1.20 ms, 63.0 % of the time, 43 statements" */
static void say_kind(struct buf *out, const struct frame *f, uint32_t row)
{
    double n = frame_named_number(f, row, "statements");
    if (!(n > 0)) {
        buf_puts(out, some_are_unknown(f) ? "none ran, of those whose text is known" : "none ran");
        return;
    }
    buf_puts(out, "mean ");
    health_add(out, format_latency, frame_named_number(f, row, "mean_s"), ", ");
    health_add(out, format_percent, frame_named_number(f, row, "share"), " of the time, ");
    health_add(out, format_count, n, n == 1 ? " statement" : " statements");
}

static void add_kind(const struct health_making *m, const struct frame *f, uint32_t row)
{
    char name[32];
    struct frame_text t = frame_text(f, row, schema_find(f->schema, "kind"));
    snprintf(name, sizeof(name), "  %.*s", (int)t.len, t.bytes);
    struct health_row r = health_begin(m, name, FORM_RATE, m->is, "statement_kinds");
    r.page = ON_STATEMENTS;
    r.level = LEVEL_NOTE;
    r.now = frame_named_number(f, row, "calls_per_s");
    say_kind(&r.from, f, row);
    health_end(m, &r);
}

static double time_of_all(const struct frame *f)
{
    double s = 0;
    for (uint32_t row = 0; row < f->nrows; row++)
        if (frame_named_number(f, row, "calls_per_s") > 0)
            s += frame_named_number(f, row, "calls_per_s") * frame_named_number(f, row, "mean_s");
    return s;
}

static void add_statements(const struct health_making *m)
{
    struct health_row calls = health_begin(m, "queries", FORM_RATE, m->is, "statement_kinds");
    struct health_row mean = health_begin(m, "latency", FORM_LATENCY, m->is, "statement_kinds");
    const struct frame *f = calls.sight.derived;
    calls.page = mean.page = ON_STATEMENTS;
    if (health_is_known(&calls) && health_is_known(&mean)) {
        double seconds = over_s(f);
        calls.level = mean.level = LEVEL_NOTE;
        calls.now = f ? frame_named_sum(f, "calls_per_s") : NAN;
        mean.now = calls.now > 0 ? time_of_all(f) / calls.now : NAN;
        if (health_is_partial(m, "statement_kinds"))
            buf_puts(&calls.from, "of this role alone: ");
        say_events(&calls.from, calls.now, seconds, " calls in ");
        buf_puts(&mean.from, calls.now > 0 ? "execution time by calls, of all kinds"
                             : isnan(calls.now) ? "there is no interval yet" : "none ran: there is no average of nothing");
    }
    health_end(m, &calls);
    health_end(m, &mean);
    for (uint32_t row = 0; f && row < f->nrows; row++)
        add_kind(m, f, row);
}

void health_judged_work(const struct health_making *m)
{
    add_sessions(m);
    add_error_rate(m);
}

void health_work(const struct health_making *m)
{
    add_transactions(m);
    add_statements(m);
}
