/* Connection pools of applications: none left, long waits for one, or far too many; and what the server sees of it. */
#include "rules/list.h"
#include "rules/say.h"

#include "model/front.h"
#include "model/health.h"

#include <math.h>
#include <string.h>
#include <strings.h>

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
    for (unsigned back = 1; back <= store_topic(c->store, topic)->past; back++) {
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

/* "; on shop-1: 9 idle in transaction 41 s": what most of them do, as a line has no room for more, and what to do about
 * it. */
static void say_cause(const struct rule_context *c, struct judgement *j, const struct front_sessions *s)
{
    unsigned idle = s->n - s->in_tx - s->locked - s->active;
    if (s->server < 0)
        return;
    const char *server = store_target(c->store, s->server)->name;
    buf_printf(&j->words, "; on %s: ", server);
    if (s->in_tx >= s->locked && s->in_tx >= s->active && s->in_tx >= idle) {
        buf_printf(&j->words, "%u idle in transaction ", s->in_tx);
        say_duration(&j->words, floor(s->oldest_s));
        buf_puts(&j->advice, "Its transactions are open and do nothing: some part of it takes a connection and does not give "
                             "it back, or waits for something else meanwhile. A larger pool would only hide that.");
    } else if (s->locked >= s->active && s->locked >= idle) {
        buf_printf(&j->words, s->locked == 1 ? "%u waits for a lock" : "%u wait for locks", s->locked);
        buf_printf(&j->advice, "See on %s who holds the locks that its sessions wait for.", server);
    } else if (s->active >= idle) {
        buf_printf(&j->words, "%u active", s->active);
        buf_printf(&j->advice, "Its queries take the time: see on %s which they are.", server);
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

static bool is_replica(struct frame_text pool)
{
    return pool.len >= 7 && strncasecmp(pool.bytes, "replica", 7) == 0;
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
    struct front_sessions seen = front_of_app(c->store, c->target, is_replica(name), c->now_us);
    j.value = most > 0 ? in_use / most : NAN;
    buf_puts(&j.words, "pool ");
    say_text(&j.words, name);
    if (none)
        buf_puts(&j.words, ": no connection is open");
    else if (full != HEALTH_OK)
        say_exhausted(&j, &w, in_use);
    else
        say_slow(&j, &w, in_use, most);
    say_cause(c, &j, &seen);
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

/* ---- on the server that it uses ---- */

static int rule_of(const struct rule_context *c, const char *name)
{
    for (int i = 0; i < store_rules(c->store); i++)
        if (strcmp(store_rule(c->store, i)->name, name) == 0)
            return i;
    return -1;
}

static void say_pool(const struct rule_context *c, const struct target *app, const struct finding *f, uint64_t subject)
{
    struct judgement j = say_begin(subject, LEVEL_WARN);
    buf_printf(&j.words, "%s: %s", app->name, f->words);
    buf_puts(&j.advice, f->advice);
    if (!strpbrk(app->application, "\"\\"))
        buf_printf(&j.filter, "application=\"%s\"", app->application);
    say_end(c, &j);
}

/* Who looks at the server finds there what the application suffers from: its sessions are the cause, or wait for it. */
static void judge_users(const struct rule_context *c)
{
    int rule = rule_of(c, "app_pool"), topic = store_find_topic(c->store, "app_pools");
    for (int i = 0; i < store_targets(c->store); i++) {
        const struct target *app = store_target(c->store, i);
        const struct frame *f = app->application ? store_sight(c->store, i, topic, c->now_us).good : NULL;
        for (uint32_t row = 0; f && row < f->nrows; row++) {
            const struct finding *found = verdict_find(c->verdict, rule, i, frame_key_hash(f, row));
            bool replica = is_replica(rule_text(f, row, "pool"));
            int server = found ? front_of_app(c->store, i, replica, c->now_us).server : -1;
            uint64_t subject = frame_key_hash(f, row) + (uint64_t)i;
            if (found && (found->held || server < 0))
                rule_keep(c, subject);
            else if (found && server == c->target)
                say_pool(c, app, found, subject);
        }
    }
}

const struct rule rule_app_users = {
    .is = {"pool_of_app", "An application that uses this server has no connection left in its pool, or waits long for one.",
           "See what its sessions do here.", "sessions"},
    .kind = TARGET_SERVER,
    .steady = {1, 1},
    .judge = judge_users,
};

/* ---- connections without a use ---- */

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
