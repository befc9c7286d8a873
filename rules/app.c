/* Connection pools of applications: none left, long waits for one, or far too many; and what the server sees of it. */
#include "rules/list.h"
#include "rules/say.h"

#include "model/health.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#define LOOKS_BACK 60       /* answers: how far a wait that has not ended is followed */

static const char *const reads[] = {"app_pools", NULL};

static uint32_t whole(double n)
{
    return n > 0 ? n < UINT32_MAX ? (uint32_t)n : UINT32_MAX : 0;
}

/* ---- who waits ---- */

struct waits {
    double waiting;         /* at this moment, at least */
    double count, seconds;  /* began, and took, since the answer before; NaN: there is none to compare with */
    double interval_s;
};

static bool same_pool(const struct frame *f, uint32_t row, const struct frame *past, uint32_t *at)
{
    for (*at = 0; past && past->epoch == f->epoch && *at < past->nrows; ++*at)
        if (frame_same_key(f, row, past, *at))
            return true;
    return false;
}

/* A wait is counted when it begins, and its time when it ends: while the time stands still none has ended, and who began
 * meanwhile still waits. */
static struct waits waits_of(const struct rule_context *c, const struct frame *f, uint32_t row)
{
    struct waits w = {.count = NAN, .seconds = NAN};
    double count = rule_number(f, row, "wait_count"), seconds = rule_number(f, row, "wait_duration_s");
    int topic = store_find_topic(c->store, "app_pools");
    uint32_t at;
    for (unsigned back = 1; back <= LOOKS_BACK; back++) {
        const struct frame *past = store_past(c->store, c->target, topic, back);
        if (!same_pool(f, row, past, &at))
            break;
        double began = count - rule_number(past, at, "wait_count");
        double took = seconds - rule_number(past, at, "wait_duration_s");
        if (back == 1) {
            w.interval_s = (double)(f->taken_us - past->taken_us) / 1e6;
            w.count = began >= 0 ? began : NAN;
            w.seconds = took >= 0 ? took : NAN;
        }
        if (!(took == 0 && began >= 0))
            break;
        w.waiting = began;
    }
    return w;
}

/* ---- what the server sees ---- */

struct seen {
    const struct target *server;    /* NULL: none of the group shows any session of the application */
    unsigned n, in_tx, locked, active;
    double oldest_s;                /* of those idle in transaction */
};

static void count_session(struct seen *s, const struct frame *f, uint32_t row)
{
    struct frame_text state = rule_text(f, row, "state"), wait = rule_text(f, row, "wait");
    bool in_tx = state.len >= 19 && memcmp(state.bytes, "idle in transaction", 19) == 0;
    s->n++;
    s->in_tx += in_tx;
    if (in_tx && rule_number(f, row, "state_age_s") > s->oldest_s)
        s->oldest_s = rule_number(f, row, "state_age_s");
    if (!rule_is(f, row, "state", "active"))
        return;
    if (wait.len >= 5 && memcmp(wait.bytes, "Lock:", 5) == 0)
        s->locked++;
    else
        s->active++;
}

static struct seen seen_by(const struct rule_context *c, const struct target *server)
{
    struct seen s = {.server = server};
    int topic = store_find_topic(c->store, "sessions");
    struct sight sight = topic < 0 ? (struct sight){0} : store_sight(c->store, server->id, topic, c->now_us);
    const struct frame *f = sight.state == SIGHT_FRESH ? sight.derived ? sight.derived : sight.good : NULL;
    for (uint32_t row = 0; f && row < f->nrows; row++)
        if (rule_is(f, row, "application", c->is->application))
            count_session(&s, f, row);
    return s;
}

/* The server of its group that has most of its sessions; for a replica's pool a standby goes first. */
static struct seen look_at_group(const struct rule_context *c, bool replica)
{
    struct seen best = {.server = NULL};
    bool best_fits = false;
    for (int i = 0; c->is->group && c->is->application && i < store_targets(c->store); i++) {
        const struct target *t = store_target(c->store, i);
        if (t == c->is || !t->group || strcmp(t->group, c->is->group) != 0 || t->facts.kind != TARGET_SERVER)
            continue;
        struct seen s = seen_by(c, t);
        bool fits = t->facts.standby == replica;
        if (s.n > 0 && (!best.server || fits > best_fits || (fits == best_fits && s.n > best.n))) {
            best = s;
            best_fits = fits;
        }
    }
    return best;
}

/* "; on shop-1: 9 idle in transaction 41 s": what most of them do, as a line has no room for more, and what to do about
 * it. */
static void say_cause(struct judgement *j, const struct seen *s)
{
    unsigned idle = s->n - s->in_tx - s->locked - s->active;
    if (!s->server)
        return;
    buf_printf(&j->words, "; on %s: ", s->server->name);
    if (s->in_tx >= s->locked && s->in_tx >= s->active && s->in_tx >= idle) {
        buf_printf(&j->words, "%u idle in transaction ", s->in_tx);
        say_duration(&j->words, floor(s->oldest_s));
        buf_puts(&j->advice, "Its transactions are open and do nothing: some part of it takes a connection and does not give "
                             "it back, or waits for something else meanwhile. A larger pool would only hide that.");
    } else if (s->locked >= s->active && s->locked >= idle) {
        buf_printf(&j->words, s->locked == 1 ? "%u waits for a lock" : "%u wait for locks", s->locked);
        buf_printf(&j->advice, "See on %s who holds the locks that its sessions wait for.", s->server->name);
    } else if (s->active >= idle) {
        buf_printf(&j->words, "%u active", s->active);
        buf_printf(&j->advice, "Its queries take the time: see on %s which they are.", s->server->name);
    } else {
        buf_printf(&j->words, "%u idle", idle);
        buf_puts(&j->advice, "The server waits for the application: it holds connections without a use for them.");
    }
}

/* ---- the pools ---- */

static void say_waits(struct buf *out, const struct waits *w)
{
    if (w->waiting > 0) {
        buf_puts(out, ", ");
        say_count(out, w->waiting);
        buf_puts(out, w->waiting == 1 ? " waits" : " wait");
    } else if (w->count > 0) {
        buf_puts(out, ", ");
        say_count(out, w->count);
        buf_puts(out, " had to wait in ");
        say_duration(out, round(w->interval_s));
    }
}

static void say_exhausted(struct judgement *j, const struct waits *w, double in_use)
{
    buf_puts(&j->words, ": all ");
    say_count(&j->words, in_use);
    buf_puts(&j->words, " in use");
    say_waits(&j->words, w);
}

static void say_slow(struct judgement *j, const struct waits *w, double in_use, double most)
{
    buf_puts(&j->words, ": a wait for a connection took ");
    say_duration(&j->words, w->seconds / w->count);
    buf_puts(&j->words, " on average, ");
    say_count(&j->words, w->count);
    buf_puts(&j->words, " times in ");
    say_duration(&j->words, round(w->interval_s));
    buf_printf(&j->words, most > 0 ? "; %.0f of %.0f are in use" : "; %.0f are in use", in_use, most);
}

static void judge_pool(const struct rule_context *c, const struct frame *f, uint32_t row)
{
    double in_use = rule_number(f, row, "in_use"), most = rule_number(f, row, "max_open");
    struct waits w = waits_of(c, f, row);
    double who = fmax(w.waiting, w.count > 0 ? w.count : 0);
    bool none = health_judge(HEALTH_OPEN_CONNS, rule_number(f, row, "open")) == HEALTH_CRIT;
    enum health_verdict full = none ? HEALTH_CRIT : health_pool_exhausted(whole(in_use), whole(most), whole(who));
    bool slow = w.count > 0 && health_pool_wait(w.seconds / w.count * 1e3, whole(w.count)) == HEALTH_WARN;
    struct frame_text name = rule_text(f, row, "pool");
    if (full == HEALTH_OK && !slow)
        return;
    struct judgement j = say_begin(frame_key_hash(f, row), full == HEALTH_CRIT ? LEVEL_CRIT : LEVEL_WARN);
    struct seen seen = look_at_group(c, name.len >= 7 && strncasecmp(name.bytes, "replica", 7) == 0);
    j.value = most > 0 ? in_use / most : NAN;
    buf_puts(&j.words, "pool ");
    say_text(&j.words, name);
    if (none)
        buf_puts(&j.words, ": no connection is open");
    else if (full != HEALTH_OK)
        say_exhausted(&j, &w, in_use);
    else
        say_slow(&j, &w, in_use, most);
    say_cause(&j, &seen);
    say_end(c, &j);
}

static void judge_pools(const struct rule_context *c)
{
    const struct frame *f = rule_frame(c, "app_pools");
    for (uint32_t row = 0; row < f->nrows; row++)
        judge_pool(c, f, row);
}

const struct rule rule_app_pool = {
    .is = {"app_pool", "An application's connection pool has no connection open or left, or the waits for one are long.",
           "See who holds the connections and what they do on the server. To see that here, watch the server as well, in "
           "the same group, and say in the target which application_name the sessions have.",
           "app_pools"},
    .kind = TARGET_APP,
    .reads = reads,
    .steady = {1, 2},
    .judge = judge_pools,
};

static void judge_idle(const struct rule_context *c)
{
    const struct frame *f = rule_frame(c, "app_pools");
    for (uint32_t row = 0; row < f->nrows; row++) {
        double open = rule_number(f, row, "open"), idle = rule_number(f, row, "idle");
        if (health_pool_idle(whole(open), whole(idle)) != HEALTH_WARN)
            continue;
        struct judgement j = say_begin(frame_key_hash(f, row), LEVEL_WARN);
        j.value = idle / open;
        buf_puts(&j.words, "pool ");
        say_text(&j.words, rule_text(f, row, "pool"));
        buf_printf(&j.words, ": %.0f of its %.0f connections are idle, over 80 %%", idle, open);
        say_end(c, &j);
    }
}

const struct rule rule_app_idle = {
    .is = {"app_idle", "Over 80 % of a pool's connections are idle: each is a process of the server's.",
           "Let fewer be kept idle, or for a shorter time: MaxIdleConns and ConnMaxIdleTime of a Go program.",
           "app_pools"},
    .kind = TARGET_APP,
    .reads = reads,
    .steady = {5, 2},
    .judge = judge_idle,
};
