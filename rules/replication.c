/* Standbys: how far they are behind, which are gone, and what slots keep for them. */
#include "rules/list.h"
#include "rules/say.h"

#include "model/series.h"
#include "model/shape.h"
#include "model/trace.h"

#include <math.h>
#include <string.h>

static const char *const reads[] = {"replication", NULL};

#define TREND_US 60000000LL     /* what "grows" looks back over */
#define TREND    0.05           /* seconds of lag a second that are no trend */

/* Standbys that nobody has named are all called walreceiver: the address tells them apart. A pid would not stay. */
static uint64_t subject_named(struct frame_text name, struct frame_text client)
{
    struct buf both = {0};
    buf_add(&both, name.bytes, name.len);
    buf_putc(&both, '\n');
    buf_add(&both, client.bytes, client.len);
    uint64_t subject = rule_subject(both.data, both.len);
    buf_free(&both);
    return subject;
}

static uint64_t subject_of(const struct frame *f, uint32_t row)
{
    return subject_named(rule_text(f, row, "name"), rule_text(f, row, "client"));
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
    if (!rule_is(f, row, "kind", "receiver")) {
        say_text(out, rule_text(f, row, "name"));
        buf_putc(out, ' ');
    }
    buf_puts(out, "lags ");
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
    else if (rule_is(f, row, "lag_confidence", "estimate"))
        buf_puts(out, " (an estimate)");
}

/* So much is to go that the time cannot be what little is known of it. */
static void say_far(struct buf *out, const struct frame *f, uint32_t row)
{
    if (!rule_is(f, row, "kind", "receiver")) {
        say_text(out, rule_text(f, row, "name"));
        buf_puts(out, " is ");
    }
    say_bytes(out, rule_number(f, row, "lag_bytes"));
    buf_puts(out, rule_number(f, row, "paused") > 0 ? " behind: its replay is paused" : " behind, for a time that is not known yet");
}

static void say_silent(struct buf *out, const struct frame *f, uint32_t row)
{
    say_text(out, rule_text(f, row, "name"));
    buf_puts(out, " has been silent for ");
    say_duration(out, rule_number(f, row, "message_age_s"));
    buf_puts(out, ": how far it is behind is not known");
}

static void judge_lag_of(const struct rule_context *c, struct cluster_shape *shape, const struct frame *f, uint32_t row)
{
    double lag = rule_number(f, row, "lag_s");
    uint64_t subject = subject_of(f, row);
    struct limit limit = shape_lag_limit(c->store, shape, c->target, f, row, c->now_us);
    enum level level = rule_level(c, subject, limit, lag);
    bool bound = rule_number(f, row, "lag_at_least") > 0, far = bound && isnan(lag) && !isnan(limit.warn);
    bool blind = (isnan(lag) || bound) && rule_is(f, row, "lag_state", "receiver_stale");
    if (isnan(lag) && !blind && !far)
        rule_keep(c, subject);
    if (level == LEVEL_FINE && !blind && !far)
        return;
    struct judgement j = say_begin(subject, level == LEVEL_FINE ? LEVEL_WARN : level);
    j.value = lag;
    if (level > LEVEL_FINE)
        say_lag(c, &j.words, f, row, lag);
    else if (far)
        say_far(&j.words, f, row);
    else
        say_silent(&j.words, f, row);
    say_end(c, &j);
}

static void judge_lag(const struct rule_context *c)
{
    const struct frame *f = rule_frame(c, "replication");
    struct cluster_shape shape = {0};   /* not the engine's, which may be of the answer before */
    for (uint32_t row = 0; row < f->nrows; row++)
        if (rule_is(f, row, "kind", "sender") || rule_is(f, row, "kind", "receiver"))
            judge_lag_of(c, &shape, f, row);
    cluster_shape_free(&shape);
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

/* "; two is out of reach": of the standbys that are watched the one that it may be, if it is the only one. */
static void say_who(const struct rule_context *c, struct buf *out)
{
    const struct cluster_node *mine = rule_node(c), *lost = NULL;
    for (int i = 0; mine->cluster >= 0 && i < c->shape->n; i++) {
        const struct cluster_node *n = &c->shape->nodes[i];
        bool gone = n->role == SERVER_STANDBY && (!n->up || n->link == CLUSTER_CUT);
        if (n == mine || n->same != i || n->cluster != mine->cluster || !gone)
            continue;
        if (lost)
            return;
        lost = n;
    }
    if (lost)
        buf_printf(out, lost->up ? "; %s receives nothing" : "; %s is out of reach", rule_node_name(c, lost));
}

static void say_slot(struct buf *out, const struct frame *f, uint32_t row)
{
    bool lost = rule_is(f, row, "wal_status", "lost"), near = rule_is(f, row, "wal_status", "unreserved");
    bool used = rule_number(f, row, "active") > 0;
    double retained = rule_number(f, row, "retained_bytes");
    if (!near || !used)
        buf_puts(out, rule_is(f, row, "slot_type", "physical") ? "standby lost: " : "subscriber lost: ");
    buf_puts(out, used || lost ? "slot " : "nobody uses slot ");
    say_text(out, rule_text(f, row, "name"));
    if (lost)
        buf_puts(out, " has no WAL any more: who used it must be built anew");
    else if (near)
        buf_puts(out, used ? " is about to be lost: its WAL goes with the next checkpoint"
                           : ", and its WAL goes with the next checkpoint");
    else if (retained > 0) {
        buf_puts(out, ", which keeps ");
        say_bytes(out, retained);
        buf_puts(out, " of WAL");
    }
}

/* A slot that has no position was never used. */
static void judge_slot(const struct rule_context *c, const struct frame *f, uint32_t row)
{
    bool lost = rule_is(f, row, "wal_status", "lost"), near = rule_is(f, row, "wal_status", "unreserved");
    bool waits = isnan(rule_number(f, row, "replay_lsn")) || trace_slot_is_spare(store_trace(c->store, c->target), f, row);
    bool unused = rule_number(f, row, "active") == 0 && !waits;
    if (!lost && !near && !unused)
        return;
    struct judgement j = say_begin(subject_of(f, row), lost || near ? LEVEL_CRIT : LEVEL_WARN);
    j.value = rule_number(f, row, "retained_bytes");
    say_slot(&j.words, f, row);
    if (unused && rule_is(f, row, "slot_type", "physical"))
        say_who(c, &j.words);
    buf_puts(&j.filter, "kind=slot");
    say_end(c, &j);
}

static void judge_receiver(const struct rule_context *c, const struct frame *f, uint32_t row)
{
    if (!rule_is(f, row, "lag_state", "disconnected"))
        return;
    struct judgement j = say_begin(1, LEVEL_WARN);
    const struct cluster_node *primary = rule_primary(c);
    buf_puts(&j.words, "receives nothing: ");
    if (primary)
        buf_printf(&j.words, primary->up ? "it has no connection to its primary %s" : "its primary %s is out of reach",
                   rule_node_name(c, primary));
    else
        buf_puts(&j.words, "it has no connection to its primary");
    double bytes = rule_number(f, row, "lag_bytes");
    if (bytes > 0) {
        buf_puts(&j.words, ", and is ");
        say_bytes(&j.words, bytes);
        buf_puts(&j.words, " behind");
    }
    buf_puts(&j.advice, "Look at primary_conninfo, and at the log of this standby for why its receiver ended.");
    say_end(c, &j);
}

/* ---- those without a slot leave nothing behind but our memory of them ---- */

#define LOST_US 86400000000LL   /* for how long one that is gone is news: who meant it has no way to say so */

/* Another server of the cluster has sent to it since, or does now. */
static bool went_over(const struct rule_context *c, const struct trace_standby *gone)
{
    const struct cluster_node *mine = rule_node(c);
    for (int i = 0; mine->cluster >= 0 && i < c->shape->n; i++) {
        const struct cluster_node *n = &c->shape->nodes[i];
        const struct trace_standby *there =
            n->same != mine->same && n->cluster == mine->cluster
                ? trace_standby(store_trace(c->store, i), gone->name, gone->client) : NULL;
        if (there && there->seen_us > gone->seen_us)
            return true;
    }
    return false;
}

/* Of one that had a slot the slot tells; when that was dropped, somebody meant it. */
static void judge_gone(const struct rule_context *c, const struct trace_standby *gone, int64_t now_us)
{
    int64_t lost_us = now_us - gone->seen_us;
    if (gone->slot || lost_us <= 0 || went_over(c, gone))
        return;
    struct frame_text name = {gone->name, (uint32_t)strlen(gone->name)}, client = {gone->client, (uint32_t)strlen(gone->client)};
    struct judgement j = say_begin(subject_named(name, client), lost_us < LOST_US ? LEVEL_WARN : LEVEL_NOTE);
    buf_puts(&j.words, "standby lost: ");
    say_text(&j.words, name);
    buf_puts(&j.words, " has received nothing for ");
    say_duration(&j.words, floor((double)lost_us / 1e6));
    say_who(c, &j.words);
    buf_puts(&j.advice, "Look whether it runs and reaches this server. If it is gone for good: after a day this is no more than "
                        "a note, and pgvigil forgets it when it is started anew.");
    say_end(c, &j);
}

static void judge_standbys(const struct rule_context *c)
{
    const struct frame *f = rule_frame(c, "replication");
    for (uint32_t row = 0; row < f->nrows; row++) {
        if (rule_is(f, row, "kind", "receiver"))
            judge_receiver(c, f, row);
        if (rule_is(f, row, "kind", "slot"))
            judge_slot(c, f, row);
    }
    const struct trace *t = store_trace(c->store, c->target);
    for (unsigned i = 0; i < t->nstandbys; i++)
        judge_gone(c, &t->standbys[i], f->taken_us);
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
