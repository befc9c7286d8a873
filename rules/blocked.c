/* Who holds up whom: a finding for each session at the root of a chain of waits. */
#include "rules/list.h"
#include "rules/say.h"

#include "base/mem.h"
#include "model/trace.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const reads[] = {"sessions", NULL};

#define WAIT_WARN_S  1
#define WAIT_CRIT_S  10
#define WAITERS_CRIT 5      /* sessions behind one root */

/* ---- for how long one waits ---- */

/* The server does not say since when a session waits, only when its question began. Of one that is younger than this
 * that is near enough; an older one may have worked until just now, and earlier answers tell since when it did not. */
static double wait_of(const struct rule_context *c, const struct frame *f, uint32_t row)
{
    double age = rule_number(f, row, "query_age_s");
    int64_t since_us = age > WAIT_CRIT_S ? trace_waits_since(store_trace(c->store, c->target), f, row) : INT64_MIN;
    return since_us == INT64_MIN ? age : fmin(age, (double)(f->taken_us - since_us) / 1e6);
}

/* ---- and behind whom ---- */

struct chains {
    const struct frame *f;
    int64_t *pids;          /* of each row */
    double *longest;        /* of each row: the longest wait behind it; 0: nobody waits */
    uint32_t *seen;         /* the waiter, counted from 1, that came by last */
    uint32_t *queue;
    unsigned prepared;      /* sessions that wait for a prepared transaction, which is no session */
    double prepared_wait;
};

static uint32_t row_of(const struct chains *g, int64_t pid)
{
    uint32_t row = 0;
    while (row < g->f->nrows && g->pids[row] != pid)
        row++;
    return row;
}

/* Up through all that stand in its way, each once. */
static void climb(struct chains *g, uint32_t waiter, double wait)
{
    uint32_t head = 0, tail = 0;
    bool prepared = false;
    g->queue[tail++] = waiter;
    g->seen[waiter] = waiter + 1;
    while (head < tail) {
        struct frame_text t = rule_text(g->f, g->queue[head++], "blocked_by");
        char *end;
        for (const char *at = t.bytes; at < t.bytes + t.len; at = end) {
            long pid = strtol(at, &end, 10);
            uint32_t row = end > at && pid > 0 ? row_of(g, pid) : g->f->nrows;
            if (end == at)
                break;
            prepared = prepared || pid == 0;
            if (row == g->f->nrows || g->seen[row] == waiter + 1)
                continue;
            g->seen[row] = waiter + 1;
            g->longest[row] = fmax(g->longest[row], wait);
            g->queue[tail++] = row;
        }
    }
    g->prepared += prepared;
    g->prepared_wait = prepared ? fmax(g->prepared_wait, wait) : g->prepared_wait;
}

static struct chains chains_of(const struct rule_context *c, const struct frame *f)
{
    struct chains g = {f, mem_array(f->nrows, sizeof(int64_t)), mem_array(f->nrows, sizeof(double)),
                       mem_array(f->nrows, sizeof(uint32_t)), mem_array(f->nrows, sizeof(uint32_t)), 0, 0};
    int pid = schema_find(f->schema, "pid");
    for (uint32_t row = 0; row < f->nrows; row++)
        g.pids[row] = pid >= 0 && frame_cell(f, row, pid)->known ? frame_cell(f, row, pid)->i : -1;
    for (uint32_t row = 0; row < f->nrows; row++)
        if (rule_text(f, row, "blocked_by").len > 0)
            climb(&g, row, wait_of(c, f, row));
    return g;
}

static void chains_free(struct chains *g)
{
    free(g->pids);
    free(g->longest);
    free(g->seen);
    free(g->queue);
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

static void judge_root(const struct rule_context *c, const struct frame *f, uint32_t row, double wait)
{
    double blocks = rule_number(f, row, "blocks");
    uint64_t subject = frame_key_hash(f, row);
    enum level level = level_of(c, subject, wait, blocks);
    if (level == LEVEL_FINE)
        return;
    struct judgement j = say_begin(subject, level);
    j.value = blocks;
    say_waiters(&j.words, blocks);
    say_session(&j.words, f, row);
    say_advice(&j.advice, f, row, blocks);
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
            judge_root(c, f, row, g.longest[row]);
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
