/* Who holds up whom: a finding for each session at the root of a chain of waits. */
#include "rules/list.h"
#include "rules/say.h"

#include "base/mem.h"
#include "model/trace.h"
#include "model/waits.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const reads[] = {"sessions", NULL};

#define WAIT_WARN_S  1
#define WAIT_CRIT_S  10
#define WAITERS_CRIT 5      /* sessions behind one root */

/* ---- for how long one waits ---- */

/* NaN: not known. From 14 on the server tells it, unless the wait has just begun or just ended. Before, only when the
 * session's question began: of one that is younger than this that is near enough; an older one may have worked until just
 * now, and earlier answers tell since when it did not. */
static double wait_of(const struct rule_context *c, const struct frame *f, uint32_t row)
{
    double told = rule_number(f, row, "wait_s"), age = rule_number(f, row, "query_age_s");
    if (!isnan(told) || c->is->facts.version >= 140000)
        return isnan(told) ? 0 : told;
    if (age <= WAIT_CRIT_S)
        return age;
    int64_t since_us = trace_waits_since(store_trace(c->store, c->target), f, row);
    return since_us == INT64_MIN ? NAN : fmin(age, (double)(f->taken_us - since_us) / 1e6);
}

/* ---- and behind whom ---- */

struct chains {
    const struct frame *f;
    double *longest;        /* of each row: the longest wait behind it; 0: nobody waits */
    bool *unsure;           /* of each row: one of those is not known, and was counted as worth a warning at least */
    unsigned prepared;      /* sessions that wait for a prepared transaction, which is no session */
    double prepared_wait;
    bool prepared_unsure;
};

/* Up through all that stand in its way. */
static void climb(struct chains *g, struct waits *w, uint32_t waiter, double wait)
{
    bool prepared, unsure = isnan(wait);
    uint32_t n = waits_climb(w, waiter, &prepared);
    wait = unsure ? WAIT_WARN_S : wait;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t row = w->reached[i];
        g->longest[row] = fmax(g->longest[row], wait);
        g->unsure[row] = g->unsure[row] || unsure;
    }
    g->prepared += prepared;
    g->prepared_unsure = g->prepared_unsure || (prepared && unsure);
    g->prepared_wait = prepared ? fmax(g->prepared_wait, wait) : g->prepared_wait;
}

static struct chains chains_of(const struct rule_context *c, const struct frame *f)
{
    struct chains g = {.f = f, .longest = mem_array(f->nrows, sizeof(*g.longest)),
                       .unsure = mem_array(f->nrows, sizeof(*g.unsure))};
    struct waits w;
    waits_find(&w, f, schema_find(f->schema, "pid"), schema_find(f->schema, "blocked_by"));
    for (uint32_t row = 0; row < f->nrows; row++)
        if (rule_text(f, row, "blocked_by").len > 0)
            climb(&g, &w, row, wait_of(c, f, row));
    waits_free(&w);
    return g;
}

static void chains_free(struct chains *g)
{
    free(g->longest);
    free(g->unsure);
}

/* ---- what is said ---- */

static enum level level_of(const struct rule_context *c, uint64_t subject, double wait, double waiters)
{
    enum level by_wait = rule_level(c, subject, (struct limit){WAIT_WARN_S, WAIT_CRIT_S}, wait);
    enum level by_number = rule_level(c, subject, (struct limit){1, WAITERS_CRIT}, waiters);
    return by_wait == LEVEL_FINE ? LEVEL_FINE : by_wait > by_number ? by_wait : by_number;
}

static void say_waiters(struct buf *out, double n)
{
    say_count(out, n);
    buf_puts(out, n == 1 ? " session waits behind " : " sessions wait behind ");
}

/* What is known to be long needs no excuse. */
static void say_unsure(struct buf *out, bool unsure, double wait)
{
    if (unsure && wait <= WAIT_WARN_S)
        buf_puts(out, "; since when is not known yet");
}

static void say_advice(struct buf *out, const struct frame *f, uint32_t row, double blocks)
{
    bool idle = strncmp(rule_text(f, row, "state").bytes, "idle", 4) == 0;
    double pid = rule_number(f, row, "pid");
    const char *then = blocks == 1 ? "goes" : "go";
    if (rule_is(f, row, "state", "idle"))
        buf_puts(out, "It runs nothing and is in no transaction: what it holds is an advisory lock of its session.");
    else if (idle)
        buf_puts(out, "It runs nothing: its application has not ended its transaction.");
    if (idle)
        buf_printf(out, " Ask its owner, or end pid %.0f; %.0f %s on then.", pid, blocks, then);
    else
        buf_printf(out, "It still runs: see what it does; when pid %.0f is cancelled, %.0f %s on.", pid, blocks, then);
}

/* Replay on a standby takes the locks of the primary's transactions. What it waits for itself the server does not say
 * with pg_blocking_pids, only that it waits: for a lock, or for another conflict with who reads there. */
static bool replay_waits(const struct frame *f, uint32_t row)
{
    struct frame_text wait = rule_text(f, row, "wait");
    return (wait.len > 5 && memcmp(wait.bytes, "Lock:", 5) == 0) || memmem(wait.bytes, wait.len, "RecoveryConflict", 16) ||
           memmem(wait.bytes, wait.len, "BufferPin", 9);
}

/* It takes no signal, and the standby goes down with it: so its pid is not named, and nobody is sent there. */
static void say_replay(const struct rule_context *c, struct judgement *j, bool waits)
{
    const struct cluster_node *primary = rule_primary(c);
    const char *name = primary ? rule_node_name(c, primary) : "the primary";
    if (waits) {
        buf_puts(&j->words, "replay, which waits itself for a session here");
        buf_puts(&j->advice, "Look for the oldest transaction on this standby, and ask its owner; max_standby_streaming_delay "
                             "says how long replay waits for it.");
        return;
    }
    buf_printf(&j->words, "replay: it holds a lock that a transaction on %s took", name);
    buf_printf(&j->advice, "Find it on %s, where pg_locks shows its AccessExclusiveLock: they go on when it has committed or "
                           "rolled back and that is replayed. If none has it there any more, replay is late or paused. Leave "
                           "the startup process alone: the standby goes down with it.", name);
}

static void judge_root(const struct rule_context *c, const struct chains *g, uint32_t row)
{
    const struct frame *f = g->f;
    double blocks = rule_number(f, row, "blocks");
    uint64_t subject = frame_key_hash(f, row);
    enum level level = level_of(c, subject, g->longest[row], blocks);
    if (level == LEVEL_FINE)
        return;
    struct judgement j = say_begin(subject, level);
    j.value = blocks;
    say_waiters(&j.words, blocks);
    if (rule_is(f, row, "backend_type", "startup")) {
        say_replay(c, &j, replay_waits(f, row));
    } else {
        say_session(&j.words, f, row);
        say_advice(&j.advice, f, row, blocks);
    }
    say_unsure(&j.words, g->unsure[row], g->longest[row]);
    buf_printf(&j.filter, "pid=%.0f|blocked_by!=null", rule_number(f, row, "pid"));
    say_end(c, &j);
}

static void judge_prepared(const struct rule_context *c, const struct chains *g)
{
    static const char name[] = "prepared transaction";
    uint64_t subject = rule_subject(name, sizeof(name) - 1);
    enum level level = level_of(c, subject, g->prepared_wait, g->prepared);
    if (level == LEVEL_FINE)
        return;
    struct judgement j = say_begin(subject, level);
    j.value = g->prepared;
    say_waiters(&j.words, g->prepared);
    buf_puts(&j.words, "a prepared transaction that nobody has finished");
    say_unsure(&j.words, g->prepared_unsure, g->prepared_wait);
    buf_puts(&j.advice, "Find it in pg_prepared_xacts, ask who prepared it, then COMMIT PREPARED or ROLLBACK PREPARED it.");
    buf_puts(&j.filter, "blocked_by!=null");
    say_end(c, &j);
}

static void judge_blocked(const struct rule_context *c)
{
    const struct frame *f = rule_frame(c, "sessions");
    struct chains g = chains_of(c, f);
    for (uint32_t row = 0; row < f->nrows; row++)
        if (rule_number(f, row, "blocks") > 0 && rule_text(f, row, "blocked_by").len == 0)
            judge_root(c, &g, row);
    judge_prepared(c, &g);
    chains_free(&g);
}

const struct rule rule_blocked = {
    .is = {"blocked", "Sessions wait for a lock that another one holds; those behind them wait too.",
           "Look at the session at the root: whether it works or only holds.", "sessions"},
    .kind = TARGET_SERVER,
    .reads = reads,
    .steady = {1, 2},
    .judge = judge_blocked,
};
