/* PgBouncer: clients that wait for a server connection, and databases that an administrator has closed. */
#include "rules/list.h"
#include "rules/say.h"

#include "model/health.h"

#include <math.h>
#include <string.h>

/* ---- databases that are closed on purpose ---- */

static bool same_text(struct frame_text a, struct frame_text b)
{
    return a.len == b.len && memcmp(a.bytes, b.bytes, a.len) == 0;
}

static bool is_paused(const struct rule_context *c, struct frame_text database)
{
    const struct frame *f = rule_frame(c, "bouncer_databases");
    for (uint32_t row = 0; f && row < f->nrows; row++)
        if (same_text(rule_text(f, row, "name"), database))
            return rule_number(f, row, "paused") > 0;
    return false;
}

/* Who waits in all pools of a database. */
struct queue {
    double clients, longest_s;
};

static struct queue queue_of(const struct rule_context *c, struct frame_text database)
{
    const struct frame *f = rule_frame(c, "bouncer_pools");
    struct queue q = {0, 0};
    for (uint32_t row = 0; f && row < f->nrows; row++) {
        double wait = rule_number(f, row, "maxwait_s"), clients = rule_number(f, row, "cl_waiting");
        if (!same_text(rule_text(f, row, "database"), database) || !(clients > 0))
            continue;
        q.clients += clients;
        q.longest_s = wait > q.longest_s ? wait : q.longest_s;
    }
    return q;
}

static void judge_database(const struct rule_context *c, const struct frame *f, uint32_t row)
{
    struct frame_text database = rule_text(f, row, "name");
    bool paused = rule_number(f, row, "paused") > 0;
    if (!paused && !(rule_number(f, row, "disabled") > 0))
        return;
    uint64_t subject = frame_key_hash(f, row);
    struct queue q = queue_of(c, database);
    enum level level = rule_level(c, subject, store_limit(c->store, c->target, LIMIT_POOL_WAIT), paused ? q.longest_s : 0);
    struct judgement j = say_begin(subject, level == LEVEL_CRIT ? level : LEVEL_WARN);
    buf_puts(&j.words, paused ? "PAUSED: database " : "DISABLED: database ");
    say_text(&j.words, database);
    if (paused && q.clients > 0) {
        buf_puts(&j.words, ": ");
        say_count(&j.words, q.clients);
        buf_puts(&j.words, q.clients == 1 ? " client waits, for " : " clients wait, the first for ");
        say_duration(&j.words, q.longest_s);
    } else {
        buf_puts(&j.words, paused ? " answers no client until RESUME" : " lets no new client in until ENABLE");
    }
    say_end(c, &j);
}

static void judge_databases(const struct rule_context *c)
{
    const struct frame *f = rule_frame(c, "bouncer_databases");
    for (uint32_t row = 0; row < f->nrows; row++)
        judge_database(c, f, row);
}

static const char *const databases[] = {"bouncer_databases", NULL};

const struct rule rule_closed = {
    .is = {"pooler_closed", "An administrator of PgBouncer has paused or disabled a database: its clients wait, or are refused.",
           "If nobody works on that server now, it was forgotten: RESUME or ENABLE it in the admin console.",
           "bouncer_databases"},
    .kind = TARGET_POOLER,
    .reads = databases,
    .steady = {1, 1},
    .judge = judge_databases,
};

/* ---- pools that are too small or stuck ---- */

static const char *const reads[] = {"bouncer_pools", NULL};

/* "all its 20 server connections are in use"; nothing when the numbers do not tell. */
static void say_cause(struct buf *out, const struct frame *f, uint32_t row)
{
    double active = rule_number(f, row, "sv_active"), login = rule_number(f, row, "sv_login");
    double free = rule_number(f, row, "sv_idle") + rule_number(f, row, "sv_used") + rule_number(f, row, "sv_tested");
    if (active > 0 && free == 0)
        buf_printf(out, active == 1 ? ": its %.0f server connection is in use"
                                    : ": all its %.0f server connections are in use", active);
    else if (active + free == 0 && login > 0)
        buf_puts(out, ": its server connection is still logging in");
    else if (active + free + login == 0)
        buf_puts(out, ": it has no server connection; is all of PgBouncer paused, or the server away?");
    else if (active == 0 && free > 0)
        buf_puts(out, ", although server connections are idle: it may be paused");
}

static void judge_pool(const struct rule_context *c, const struct frame *f, uint32_t row)
{
    double waiting = rule_number(f, row, "cl_waiting"), wait = rule_number(f, row, "maxwait_s");
    uint64_t subject = frame_key_hash(f, row);
    enum level level = rule_level(c, subject, store_limit(c->store, c->target, LIMIT_POOL_WAIT), wait);
    if (!(waiting > 0) || level == LEVEL_FINE || is_paused(c, rule_text(f, row, "database")))
        return;
    struct judgement j = say_begin(subject, level);
    j.value = wait;
    say_count(&j.words, waiting);
    buf_puts(&j.words, waiting == 1 ? " client waits for pool " : " clients wait for pool ");
    say_text(&j.words, rule_text(f, row, "database"));
    buf_putc(&j.words, '/');
    say_text(&j.words, rule_text(f, row, "user"));
    buf_puts(&j.words, waiting == 1 ? ", for " : ", the first for ");
    say_duration(&j.words, wait);
    say_cause(&j.words, f, row);
    say_end(c, &j);
}

static void judge_pools(const struct rule_context *c)
{
    const struct frame *f = rule_frame(c, "bouncer_pools");
    for (uint32_t row = 0; row < f->nrows; row++)
        judge_pool(c, f, row);
}

const struct rule rule_pooler = {
    .is = {"pooler_waits", "Clients of PgBouncer wait because no server connection of their pool is free.",
           "See what the connections do on the server: long transactions, waits for locks; only then make the pool larger.",
           "bouncer_pools"},
    .kind = TARGET_POOLER,
    .reads = reads,
    .steady = {1, 2},
    .judge = judge_pools,
};

static uint32_t whole(double n)
{
    return n > 0 ? n < UINT32_MAX ? (uint32_t)n : UINT32_MAX : 0;
}

static void judge_idle(const struct rule_context *c)
{
    const struct frame *f = rule_frame(c, "bouncer_pools");
    for (uint32_t row = 0; row < f->nrows; row++) {
        double idle = rule_number(f, row, "sv_idle") + rule_number(f, row, "sv_used");
        double open = idle + rule_number(f, row, "sv_active") + rule_number(f, row, "sv_tested");
        if (health_pool_idle(whole(open), whole(idle)) != HEALTH_WARN)
            continue;
        struct judgement j = say_begin(frame_key_hash(f, row), LEVEL_WARN);
        j.value = idle / open;
        buf_puts(&j.words, "pool ");
        say_text(&j.words, rule_text(f, row, "database"));
        buf_putc(&j.words, '/');
        say_text(&j.words, rule_text(f, row, "user"));
        buf_printf(&j.words, ": %.0f of its %.0f server connections are idle, over 80 %%", idle, open);
        say_end(c, &j);
    }
}

const struct rule rule_pooler_idle = {
    .is = {"pooler_idle", "Over 80 % of the server connections of a pool are idle: each is a process of the server's.",
           "Nothing, if it comes and goes with the traffic. Else a shorter server_idle_timeout, a smaller min_pool_size or "
           "default_pool_size.",
           "bouncer_pools"},
    .kind = TARGET_POOLER,
    .reads = reads,
    .steady = {5, 2},
    .judge = judge_idle,
};
