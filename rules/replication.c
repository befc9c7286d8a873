/* Standbys: how far they are behind, which are gone, what slots keep for them, and who is primary. */
#include "rules/list.h"
#include "rules/say.h"

#include "model/series.h"

#include <math.h>

static const char *const reads[] = {"replication", NULL};
static const char *const reads_server[] = {"server", NULL};

#define TREND_US 60000000LL     /* what "grows" looks back over */
#define TREND    0.05           /* seconds of lag a second that are no trend */

static uint64_t subject_of(const struct frame *f, uint32_t row)
{
    struct frame_text name = rule_text(f, row, "name");
    return rule_subject(name.bytes, name.len);
}

/* ---- lag ---- */

static void say_trend(const struct rule_context *c, struct buf *out, const struct frame *f, uint32_t row)
{
    const struct series *s = store_series(c->store, c->target, store_find_topic(c->store, "replication"), "lag",
                                          frame_key_hash(f, row));
    double slope = s ? series_slope(s, c->now_us, TREND_US) : NAN;
    if (slope > TREND)
        buf_puts(out, " and grows");
    else if (slope < -TREND)
        buf_puts(out, " and shrinks");
}

static void say_lag(const struct rule_context *c, struct buf *out, const struct frame *f, uint32_t row, double lag)
{
    double bytes = rule_number(f, row, "lag_bytes");
    if (rule_is(f, row, "kind", "receiver"))
        buf_puts(out, "lags ");
    else {
        say_text(out, rule_text(f, row, "name"));
        buf_puts(out, " lags ");
    }
    if (rule_number(f, row, "lag_at_least") > 0)
        buf_puts(out, "at least ");
    say_duration(out, lag);
    say_trend(c, out, f, row);
    if (bytes > 0) {
        buf_puts(out, ", ");
        say_bytes(out, bytes);
        buf_puts(out, " behind");
    }
    if (rule_number(f, row, "paused") > 0)
        buf_puts(out, ": its replay is paused");
    else if (!rule_is(f, row, "lag_confidence", "exact"))
        buf_puts(out, " (an estimate)");
}

static void judge_lag_of(const struct rule_context *c, const struct frame *f, uint32_t row)
{
    double lag = rule_number(f, row, "lag_s");
    uint64_t subject = subject_of(f, row);
    enum level level = rule_level(c, subject, store_limit(c->store, LIMIT_REPLICATION_LAG), lag);
    bool blind = isnan(lag) && rule_is(f, row, "lag_state", "receiver silent");
    if (level == LEVEL_FINE && !blind)
        return;
    struct judgement j = say_begin(subject, blind ? LEVEL_WARN : level);
    j.value = lag;
    if (blind) {
        say_text(&j.words, rule_text(f, row, "name"));
        buf_puts(&j.words, " has been silent for ");
        say_duration(&j.words, rule_number(f, row, "message_age_s"));
        buf_puts(&j.words, ": how far it is behind is not known");
    } else {
        say_lag(c, &j.words, f, row, lag);
    }
    say_end(c, &j);
}

static void judge_lag(const struct rule_context *c)
{
    const struct frame *f = rule_frame(c, "replication");
    for (uint32_t row = 0; row < f->nrows; row++)
        if (rule_is(f, row, "kind", "sender") || rule_is(f, row, "kind", "receiver"))
            judge_lag_of(c, f, row);
}

const struct rule rule_lag = {
    .is = {"lag", "A standby is behind: who reads there reads the past, and a failover would lose it or wait for it.",
           "Look at its disks, its CPU, long queries there that hold up replay, and the line between the two.",
           "replication"},
    .kind = TARGET_SERVER,
    .reads = reads,
    .steady = {1, 2},
    .judge = judge_lag,
};

/* ---- standbys that are gone ---- */

static void judge_slot(const struct rule_context *c, const struct frame *f, uint32_t row)
{
    bool lost = rule_is(f, row, "wal_status", "lost"), near = rule_is(f, row, "wal_status", "unreserved");
    bool physical = rule_is(f, row, "slot_type", "physical");
    double retained = rule_number(f, row, "retained_bytes"), active = rule_number(f, row, "active");
    if (!lost && !near && !(active == 0))
        return;
    struct judgement j = say_begin(subject_of(f, row), lost || near ? LEVEL_CRIT : LEVEL_WARN);
    j.value = retained;
    buf_puts(&j.words, physical ? "standby lost: " : "subscriber lost: ");
    buf_puts(&j.words, active == 0 ? "nobody uses slot " : "slot ");
    say_text(&j.words, rule_text(f, row, "name"));
    if (lost)
        buf_puts(&j.words, "; its WAL is gone: who used it must be built anew");
    else if (near)
        buf_puts(&j.words, "; its WAL goes with the next checkpoint");
    else if (retained > 0) {
        buf_puts(&j.words, ", which keeps ");
        say_bytes(&j.words, retained);
        buf_puts(&j.words, " of WAL");
    }
    buf_puts(&j.filter, "kind=slot");
    say_end(c, &j);
}

static void judge_receiver(const struct rule_context *c, const struct frame *f, uint32_t row)
{
    if (!rule_is(f, row, "lag_state", "disconnected"))
        return;
    struct judgement j = say_begin(1, LEVEL_WARN);
    buf_puts(&j.words, "receives nothing: it has no connection to its primary");
    double bytes = rule_number(f, row, "lag_bytes");
    if (bytes > 0) {
        buf_puts(&j.words, ", and is ");
        say_bytes(&j.words, bytes);
        buf_puts(&j.words, " behind");
    }
    buf_puts(&j.advice, "Look at primary_conninfo, and at the log of this standby for why its receiver ended.");
    say_end(c, &j);
}

/* Standbys without a slot leave nothing behind but our memory of their number. */
static double most_senders(const struct rule_context *c)
{
    double most = NAN, buckets[1];
    const struct series *s =
        store_series(c->store, c->target, store_find_topic(c->store, "replication"), "senders", 0);
    if (s) {
        series_buckets(s, c->now_us, 5 * TREND_US, c->now_us, buckets, 1, SERIES_MAX);
        most = buckets[0];
    }
    return most;
}

static void judge_standbys(const struct rule_context *c)
{
    const struct frame *f = rule_frame(c, "replication");
    unsigned senders = 0, gone = 0;
    for (uint32_t row = 0; row < f->nrows; row++) {
        senders += rule_is(f, row, "kind", "sender");
        if (rule_is(f, row, "kind", "receiver"))
            judge_receiver(c, f, row);
        if (!rule_is(f, row, "kind", "slot"))
            continue;
        gone += rule_number(f, row, "active") == 0;
        judge_slot(c, f, row);
    }
    double most = most_senders(c);
    if (!(most > senders + gone))
        return;
    struct judgement j = say_begin(2, LEVEL_WARN);
    buf_printf(&j.words, "standby lost: %u of the %.0f that received a few minutes ago", senders, most);
    say_end(c, &j);
}

const struct rule rule_standbys = {
    .is = {"standby_lost", "A standby that was there receives no WAL any more.",
           "Look whether it runs and reaches this server; a slot that nobody will use again fills the disk: drop it.",
           "replication"},
    .kind = TARGET_SERVER,
    .reads = reads,
    .steady = {1, 1},
    .judge = judge_standbys,
};

/* ---- who is primary ---- */

#define ROLE_US 300000000LL     /* for how long a change of role is news */

static void judge_role(const struct rule_context *c)
{
    int topic = store_find_topic(c->store, "server");
    const struct frame *now = rule_frame(c, "server"), *before;
    enum server_role was = SERVER_UNKNOWN;
    int64_t since_us = now->taken_us;
    for (unsigned back = 1; (before = store_past(c->store, c->target, topic, back)) != NULL; back++) {
        if (c->now_us - before->taken_us > ROLE_US)
            break;
        if (before->server_role == now->server_role)
            since_us = before->taken_us;
        else if (before->server_role != SERVER_UNKNOWN) {
            was = before->server_role;
            break;
        }
    }
    if (was == SERVER_UNKNOWN || now->server_role == SERVER_UNKNOWN)
        return;
    struct judgement j = say_begin(0, LEVEL_WARN);
    buf_puts(&j.words, now->server_role == SERVER_PRIMARY ? "was promoted: it is a primary since "
                                                          : "became a standby: it receives since ");
    say_duration(&j.words, (double)(c->now_us - since_us) / 1e6);
    buf_puts(&j.words, " ago");
    say_end(c, &j);
}

const struct rule rule_role = {
    .is = {"role_changed", "The server was a standby and is a primary, or the other way round.",
           "If nobody meant it: see that the old primary takes no writes, and that applications found the new one.",
           "server"},
    .kind = TARGET_SERVER,
    .reads = reads_server,
    .steady = {1, 1},
    .judge = judge_role,
};

static void judge_split(const struct rule_context *c)
{
    const struct frame *mine = rule_server(c, c->is);
    for (int i = 0; mine && mine->server_role == SERVER_PRIMARY && i < store_targets(c->store); i++) {
        const struct target *t = store_target(c->store, i);
        const struct frame *theirs = rule_same_cluster(c->is, t) ? rule_server(c, t) : NULL;
        if (!theirs || theirs->server_role != SERVER_PRIMARY)
            continue;
        struct judgement j = say_begin((uint64_t)i + 1, LEVEL_CRIT);
        buf_printf(&j.words, "two primaries of one cluster: this one (timeline %.0f) and %s (timeline %.0f)",
                   rule_number(mine, 0, "timeline"), t->name, rule_number(theirs, 0, "timeline"));
        say_end(c, &j);
    }
}

const struct rule rule_split = {
    .is = {"split_brain", "Two servers with one system identifier both take writes: what is written to the one is not in "
                          "the other.",
           "Stop writes to the one with the lower timeline at once; then pg_rewind it, or build it anew.", "server"},
    .kind = TARGET_SERVER,
    .steady = {2, 2},
    .judge = judge_split,
};

/* A standby on an older timeline than the primary of its cluster does not follow it. */
static void judge_timeline(const struct rule_context *c)
{
    const struct frame *theirs, *mine = rule_server(c, c->is);
    const struct target *primary = rule_primary(c, &theirs);
    double line = rule_number(mine, 0, "timeline");
    if (!primary || !(line > 0) || !(rule_number(theirs, 0, "timeline") > line))
        return;
    struct judgement j = say_begin(0, LEVEL_WARN);
    buf_printf(&j.words, "still on timeline %.0f, while its primary %s is on %.0f", line, primary->name,
               rule_number(theirs, 0, "timeline"));
    say_end(c, &j);
}

const struct rule rule_timeline = {
    .is = {"timeline", "A standby has stayed on the timeline of before a promotion: it gets nothing of what is written now.",
           "Set recovery_target_timeline = 'latest' and let it reach the new primary; if it went further than the fork, "
           "pg_rewind it.",
           "server"},
    .kind = TARGET_SERVER,
    .steady = {2, 2},
    .judge = judge_timeline,
};
