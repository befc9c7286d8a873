/* The pools of connections that a target has, or that lead to it: of PgBouncer, and of applications. */
#include "ui/views/health.h"

#include "base/clock.h"

#include <math.h>
#include <string.h>

/* The worst of all pools in one respect. */
struct worst {
    struct health_row row;
    unsigned pools;
};

static uint32_t whole(double n)
{
    return n > 0 ? n < UINT32_MAX ? (uint32_t)n : UINT32_MAX : 0;
}

static void put(struct buf *out, const struct frame *f, uint32_t row, const char *column)
{
    struct frame_text t = frame_text(f, row, schema_find(f->schema, column));
    buf_add(out, t.bytes, t.len);
}

/* "shop/web of pooler": keeps a pool that is worse than what was seen before. Takes `from`. */
static void consider(struct worst *w, const struct target *t, const struct sight *s, uint32_t row, double now,
                     enum level level, struct buf *from)
{
    bool app = t->facts.kind == TARGET_APP;
    bool first = w->pools++ == 0;
    bool more = now > w->row.now || (isnan(w->row.now) && !isnan(now));
    if (!first && (level < w->row.level || (level == w->row.level && !more))) {
        buf_free(from);
        return;
    }
    buf_free(&w->row.from);
    w->row.target = t;
    w->row.page = app ? ON_APP : ON_POOLER;
    w->row.sight = *s;
    w->row.now = now;
    w->row.level = level;
    put(&w->row.from, s->good, row, app ? "pool" : "database");
    if (!app) {
        buf_putc(&w->row.from, '/');
        put(&w->row.from, s->good, row, "user");
    }
    buf_printf(&w->row.from, " of %s: %s", t->name, buf_text(from));
    buf_free(from);
}

enum { IN_USE, WAIT, IDLE, RESPECTS };

/* PgBouncer tells how long the first in the queue has waited; its pools grow by themselves, so that one in full use is
 * nothing by itself. */
static void look_at_pooler(struct worst *worst, const struct target *t, const struct sight *s, struct limit limit)
{
    const struct frame *f = s->derived ? s->derived : s->good;
    struct sight of = *s;
    of.good = f;
    for (uint32_t row = 0; row < f->nrows; row++) {
        double idle = frame_named_number(f, row, "sv_idle") + frame_named_number(f, row, "sv_used");
        double open = idle + frame_named_number(f, row, "sv_active") + frame_named_number(f, row, "sv_tested");
        double waiting = frame_named_number(f, row, "cl_waiting"), wait = frame_named_number(f, row, "maxwait_s");
        struct buf from = {0};
        buf_printf(&from, "%.0f wait now", waiting);
        wait = waiting > 0 ? wait : 0;
        consider(&worst[WAIT], t, &of, row, wait, health_limit_level(limit, wait), &from);
        buf_printf(&from, "%.0f of %.0f idle", idle, open);
        consider(&worst[IDLE], t, &of, row, open > 0 ? idle / open : NAN,
                 health_level(health_pool_idle(whole(open), whole(idle))), &from);
    }
}

static void look_at_waits(struct worst *w, const struct target *t, const struct sight *s, uint32_t row)
{
    double waits = frame_named_number(s->rates, row, "wait_count"), took = frame_named_number(s->rates, row, "wait_duration_s");
    struct buf from = {0};
    if (isnan(waits))
        buf_puts(&from, "there is no interval yet");
    else if (waits > 0)
        buf_printf(&from, "%.1f waits/s", waits);
    else
        buf_puts(&from, "nobody had to wait");
    enum health_verdict v = isnan(waits) ? HEALTH_UNKNOWN : health_pool_wait(took / waits * 1e3, waits > 0);
    consider(w, t, s, row, waits > 0 ? took / waits : NAN, health_level(v), &from);
}

static void look_at_app(struct worst *worst, const struct target *t, const struct sight *s)
{
    const struct frame *f = s->good;
    for (uint32_t row = 0; row < f->nrows; row++) {
        double open = frame_named_number(f, row, "open"), in_use = frame_named_number(f, row, "in_use");
        double idle = frame_named_number(f, row, "idle"), most = frame_named_number(f, row, "max_open");
        double waits = frame_named_number(s->rates, row, "wait_count");
        struct buf from = {0};
        enum level full = health_level(health_pool_exhausted(whole(in_use), whole(most), waits > 0));
        enum level none = health_level(health_judge(HEALTH_OPEN_CONNS, open));
        buf_printf(&from, "%.0f in use of %.0f that are open", in_use, open);
        if (most > 0)
            buf_printf(&from, ", at most %.0f", most);
        consider(&worst[IN_USE], t, s, row, most > 0 ? in_use / most : NAN, none > full ? none : full, &from);
        look_at_waits(&worst[WAIT], t, s, row);
        buf_printf(&from, "%.0f of %.0f idle", idle, open);
        consider(&worst[IDLE], t, s, row, open > 0 ? idle / open : NAN,
                 health_level(health_pool_idle(whole(open), whole(idle))), &from);
    }
}

/* Itself, or what is of the same group as the server that it leads to. */
static bool leads_to(const struct target *t, const struct target *is)
{
    bool same = t->group && is->group && strcmp(t->group, is->group) == 0;
    return t == is || (same && is->facts.kind != TARGET_POOLER && is->facts.kind != TARGET_APP);
}

/* PgBouncer tells the wait of the first in the queue, for which there is a limit; an application the average of all. */
static void say_wait_rule(const struct health_making *m, struct health_row *r)
{
    if (r->target->facts.kind == TARGET_APP)
        buf_puts(&r->rule, "warning > 500 ms on average");
    else
        health_put_rule(&r->rule, store_limit(m->store, r->target->id, LIMIT_POOL_WAIT), UNIT_SECONDS);
}

void health_pools(const struct health_making *m)
{
    struct worst worst[RESPECTS] = {
        [IN_USE] = {.row = health_begin(m, "pool in use", FORM_PERCENT, m->is, NULL)},
        [WAIT] = {.row = health_begin(m, "pool wait", FORM_LATENCY, m->is, NULL)},
        [IDLE] = {.row = health_begin(m, "pool idle", FORM_PERCENT, m->is, NULL)}};
    static const char *const rules[RESPECTS] = {
        [IN_USE] = "warning full, critical with waits", [IDLE] = "warning > 80 %, of 5 or more"};
    int pooler = store_find_topic(m->store, "bouncer_pools"), app = store_find_topic(m->store, "app_pools");
    for (int i = 0; i < store_targets(m->store); i++) {
        const struct target *t = store_target(m->store, i);
        int topic = t->facts.kind == TARGET_POOLER ? pooler : t->facts.kind == TARGET_APP ? app : -1;
        struct sight s = topic < 0 ? (struct sight){0} : store_sight(m->store, i, topic, m->now_us);
        if (!s.good || !leads_to(t, m->is))
            continue;
        if (topic == pooler)
            look_at_pooler(worst, t, &s, store_limit(m->store, i, LIMIT_POOL_WAIT));
        else
            look_at_app(worst, t, &s);
    }
    for (int i = 0; i < RESPECTS; i++) {
        if (i == IN_USE && worst[i].pools == 0)
            continue;
        if (i == WAIT)
            say_wait_rule(m, &worst[i].row);
        else
            buf_puts(&worst[i].row.rule, rules[i]);
        if (worst[i].pools == 0)
            buf_puts(&worst[i].row.from, "no pooler and no application of its group is watched");
        health_end(m, &worst[i].row);
    }
}
