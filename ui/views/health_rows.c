/* Makes the rows of the health page from what the store knows of a target. */
#include "ui/views/health.h"

#include "base/clock.h"
#include "base/format.h"
#include "model/grant.h"
#include "model/shape.h"
#include "ui/widgets/words.h"

#include <math.h>
#include <string.h>

static const struct column columns[H_COLUMNS] = {
    [H_NAME] = {"value", "value", TYPE_TEXT, ROLE_KEY, UNIT_NONE, 13, 0, "What is judged."},
    [H_NOW] = {"now", "now", TYPE_REAL, ROLE_GAUGE, UNIT_NONE, 8, 1,
               "Its value: seconds, a fraction, a number or a number per second, as its line prints it."},
    [H_VERDICT] = {"verdict", "verdict", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 8, 2, "fine, warning, critical or unknown; stale when its answer is; no limit when nothing judges it."},
    [H_RANK] = {"worst", "worst", TYPE_INT, ROLE_LABEL, UNIT_NONE, 0, 95, "The same as a number, to sort by: 4 is critical."},
    [H_AGE] = {"age", "age", TYPE_REAL, ROLE_GAUGE, UNIT_SECONDS, 0, 15, "Age of the answer that it comes from."},
    [H_RULE] = {"rule", "rule", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 33, 10, "The rule that gives the verdict."},
    [H_FROM] = {"from", "made of", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 40, 40, "What it was made of, or why it is not known."},
    [H_FORM] = {"form", "form", TYPE_INT, ROLE_EPOCH, UNIT_NONE, 0, 100, "How it is printed."},
    [H_PAGE] = {"page", "page", TYPE_INT, ROLE_EPOCH, UNIT_NONE, 0, 100, "The page that shows more."},
    [H_TARGET] = {"target", "target", TYPE_INT, ROLE_EPOCH, UNIT_NONE, 0, 100, "The target that that is of."},
    [H_OLD] = {"old", "old", TYPE_INT, ROLE_EPOCH, UNIT_NONE, 0, 100, "Whether its answer is stale."},
};

const struct schema health_schema = {"health", H_COLUMNS, columns};

const char *const health_pages[] = {
    [ON_SERVER] = "server", [ON_SESSIONS] = "sessions", [ON_REPLICATION] = "replication", [ON_QUEUES] = "queues",
    [ON_STATEMENTS] = "statements", [ON_POOLER] = "bouncer_pools", [ON_APP] = "app_pools"};

/* ---- one row ---- */

struct health_row health_begin(const struct health_making *m, const char *name, enum health_form form,
                               const struct target *target, const char *topic)
{
    struct health_row r = {.name = name, .form = form, .target = target, .now = NAN, .level = LEVEL_UNKNOWN};
    int i = topic ? store_find_topic(m->store, topic) : -1;
    if (i >= 0)
        r.sight = store_sight(m->store, target->id, i, m->now_us);
    return r;
}

bool health_is_known(struct health_row *r)
{
    if (r->sight.good)
        return true;
    words_short(&r->from, &r->sight, r->target, TEXT_UTF8);
    return false;
}

/* Our role may not see all that it is made of. */
bool health_is_partial(const struct health_making *m, const char *topic)
{
    int i = store_find_topic(m->store, topic);
    return i >= 0 && grant_missing(store_topic(m->store, i)->grant, &m->is->facts);
}

static const char *verdict_word(const struct health_row *r, bool old)
{
    return old ? "stale" : r->level == LEVEL_NOTE ? "no limit" : level_word(r->level);
}

static void put_text(struct frame_builder *b, int column, const char *text)
{
    if (text[0])
        frame_build_text(b, column, text, strlen(text));
}

void health_end(const struct health_making *m, struct health_row *r)
{
    bool old = r->sight.good && r->sight.state != SIGHT_FRESH;
    frame_build_row(m->b);
    put_text(m->b, H_NAME, r->name);
    frame_build_real(m->b, H_NOW, r->now);
    put_text(m->b, H_VERDICT, verdict_word(r, old));
    frame_build_int(m->b, H_RANK, r->level);
    if (r->sight.good)
        frame_build_real(m->b, H_AGE, (double)r->sight.age_us / US_PER_S);
    put_text(m->b, H_RULE, r->rule.len ? buf_text(&r->rule) : "");
    put_text(m->b, H_FROM, r->from.len ? buf_text(&r->from) : "");
    frame_build_int(m->b, H_FORM, r->form);
    frame_build_int(m->b, H_PAGE, r->page);
    frame_build_int(m->b, H_TARGET, r->target->id);
    frame_build_int(m->b, H_OLD, old);
    buf_free(&r->rule);
    buf_free(&r->from);
}

enum level health_level(enum health_verdict verdict)
{
    static const enum level levels[HEALTH_VERDICT_COUNT_] = {
        [HEALTH_OK] = LEVEL_FINE, [HEALTH_HEALTHY] = LEVEL_FINE, [HEALTH_WARN] = LEVEL_WARN,
        [HEALTH_UNHEALTHY] = LEVEL_WARN, [HEALTH_SLOW] = LEVEL_WARN, [HEALTH_STUCK] = LEVEL_WARN,
        [HEALTH_STALE] = LEVEL_WARN, [HEALTH_CRIT] = LEVEL_CRIT, [HEALTH_UNKNOWN] = LEVEL_UNKNOWN,
        [HEALTH_LOWSAMPLE] = LEVEL_UNKNOWN};
    return levels[verdict];
}

void health_add(struct buf *out, char *(*format)(char *, double, enum text_mode), double n, const char *after)
{
    char text[FORMAT_ROOM];
    buf_puts(out, format(text, n, TEXT_UTF8));
    buf_puts(out, after);
}

/* "80 %", "1 s", "12:00" */
void health_put_limit(struct buf *out, enum unit unit, double limit)
{
    if (unit == UNIT_FRACTION)
        buf_printf(out, "%g %%", limit * 100);
    else if (unit == UNIT_SECONDS && limit < 60)
        buf_printf(out, "%g s", limit);
    else
        health_add(out, unit == UNIT_SECONDS ? format_duration : format_count, limit, "");
}

void health_put_rule(struct buf *out, struct limit l, enum unit unit)
{
    if (!isnan(l.warn)) {
        buf_puts(out, "warning >= ");
        health_put_limit(out, unit, l.warn);
    }
    if (!isnan(l.crit)) {
        buf_puts(out, isnan(l.warn) ? "critical >= " : ", critical >= ");
        health_put_limit(out, unit, l.crit);
    }
}

enum level health_limit_level(struct limit l, double value)
{
    return isnan(value) ? LEVEL_UNKNOWN : value >= l.crit ? LEVEL_CRIT : value >= l.warn ? LEVEL_WARN : LEVEL_FINE;
}

void health_judge_limit(const struct health_making *m, struct health_row *r, enum limit_name name)
{
    struct limit l = store_limit(m->store, m->target, name);
    r->level = health_limit_level(l, r->now);
    health_put_rule(&r->rule, l, limit_rows[name].unit);
}

/* ---- the link ---- */

static bool is_down(const struct link *l)
{
    return l->state == LINK_WAITING || (l->state == LINK_CONNECTING && l->failures > 0);
}

static const char *cheapest(const struct target *t)
{
    return t->facts.kind == TARGET_POOLER ? "bouncer_pools" : t->facts.kind == TARGET_APP ? "app_pools" : "server";
}

static void add_ping(const struct health_making *m)
{
    const char *topic = cheapest(m->is);
    struct health_row r = health_begin(m, "ping", FORM_LATENCY, m->is, topic);
    const struct link *l = &m->is->link;
    bool late = r.sight.newest && r.sight.newest->status == FRAME_TIMEOUT;
    buf_puts(&r.rule, health_metric_rule(HEALTH_PING_MS));
    r.page = m->is->facts.kind == TARGET_POOLER ? ON_POOLER : m->is->facts.kind == TARGET_APP ? ON_APP : ON_SERVER;
    if (is_down(l) || late) {
        r.level = health_level(health_judge(HEALTH_PING_MS, INFINITY));
        r.sight.good = NULL;
        buf_puts(&r.from, late ? "no answer in time" : "no connection for ");
        if (!late)
            words_age(&r.from, m->now_us - (l->down_us ? l->down_us : l->since_us), TEXT_UTF8);
        if (l->words[0])
            buf_printf(&r.from, ": %s", l->words);
    } else if (health_is_known(&r)) {
        r.now = (double)r.sight.good->cost_us / US_PER_S;
        r.level = health_level(health_judge(HEALTH_PING_MS, r.now * 1e3));
        buf_printf(&r.from, "the question %s, there and back", topic);
    }
    health_end(m, &r);
}

/* The oldest of the answers that this page reads, by their own intervals. */
static void add_sample_age(const struct health_making *m)
{
    static const char *const topics[] = {"server", "sessions", "replication", "queues", "bouncer_pools", "app_pools"};
    struct health_row r = health_begin(m, "sample age", FORM_INTERVALS, m->is, NULL);
    const char *oldest = NULL;
    buf_puts(&r.rule, health_metric_rule(HEALTH_SAMPLE_AGE_INTERVALS));
    for (size_t i = 0; i < sizeof(topics) / sizeof(topics[0]); i++) {
        int topic = store_find_topic(m->store, topics[i]);
        struct sight s = topic < 0 ? (struct sight){0} : store_sight(m->store, m->is->id, topic, m->now_us);
        double age = s.good && s.interval_us > 0 ? (double)s.age_us / (double)s.interval_us : NAN;
        if (isnan(age) || age <= r.now)
            continue;
        r.now = age;
        oldest = topics[i];
    }
    r.level = health_level(health_judge(HEALTH_SAMPLE_AGE_INTERVALS, r.now));
    if (oldest)
        buf_printf(&r.from, "intervals since %s was answered", oldest);
    else
        buf_puts(&r.from, "nothing was answered yet");
    health_end(m, &r);
}

static void add_breakers(const struct health_making *m)
{
    struct health_row r = health_begin(m, "breakers", FORM_DURATION, m->is, NULL);
    unsigned guarded = 0, closed = 0;
    buf_puts(&r.rule, health_metric_rule(HEALTH_BREAKER_OPEN_S));
    for (int topic = 0; topic < store_topics(m->store); topic++) {
        struct guard_state g = store_sight(m->store, m->is->id, topic, m->now_us).guard;
        double open_s = (double)(m->now_us - g.since_us) / US_PER_S;
        if (!g.guarded || ++guarded < 1)
            continue;
        closed += g.state == BREAKER_CLOSED;
        if (g.state == BREAKER_CLOSED)
            continue;
        enum level level = health_level(g.state == BREAKER_OPEN ? health_judge(HEALTH_BREAKER_OPEN_S, open_s)
                                                                : health_breaker_half_open());
        r.level = level > r.level ? level : r.level;
        r.now = isnan(r.now) || open_s > r.now ? open_s : r.now;
        buf_printf(&r.from, "%s%s %s", r.from.len ? ", " : "", store_topic(m->store, topic)->name,
                   breaker_state_word(g.state));
    }
    if (guarded > 0 && closed == guarded)
        r.level = LEVEL_FINE;
    if (guarded == 0)
        buf_puts(&r.from, "no dear question is asked");
    else
        buf_printf(&r.from, "%s%u of %u closed", r.from.len ? ", " : "", closed, guarded);
    health_end(m, &r);
}

/* ---- replication ---- */

static bool is_kind(const struct frame *f, uint32_t row, const char *kind)
{
    struct frame_text t = frame_text(f, row, schema_find(f->schema, "kind"));
    return t.len == strlen(kind) && memcmp(t.bytes, kind, t.len) == 0;
}

/* A lag that nobody can tell is no good sign, unless it is our role that may not know. */
static enum level lag_level(const struct health_making *m, struct limit limit, double lag)
{
    if (!isnan(lag))
        return health_limit_level(limit, lag);
    return isnan(limit.warn) || health_is_partial(m, "replication") ? LEVEL_UNKNOWN : LEVEL_WARN;
}

/* "this standby: estimate", "of standby-1, or more": how sure it is. */
static void say_lag(struct buf *out, const struct frame *f, uint32_t row, bool standby)
{
    struct frame_text name = frame_named_text(f, row, standby ? "lag_confidence" : "name");
    buf_clear(out);
    buf_puts(out, standby ? "this standby: " : "of ");
    buf_add(out, name.bytes, name.len);
    if (isnan(frame_named_number(f, row, "lag_s")))
        buf_puts(out, standby ? "" : ", how far is not known");
    else if (!standby && frame_named_number(f, row, "lag_at_least") > 0)
        buf_puts(out, ", or more");
}

/* How far this standby is behind, or the one that is furthest behind this server, by the limit of the one that lags. */
static void add_lag(const struct health_making *m)
{
    struct health_row r = health_begin(m, "lag", FORM_DURATION, m->is, "replication");
    const struct frame *f = r.sight.derived ? r.sight.derived : r.sight.good;
    bool standby = f && f->server_role ? f->server_role == SERVER_STANDBY : m->is->facts.standby, any = false;
    struct limit by = store_limit(m->store, m->target, LIMIT_REPLICATION_LAG);
    struct cluster_shape shape = {0};
    r.page = ON_REPLICATION;
    for (uint32_t row = 0; f && row < f->nrows; row++) {
        if (!is_kind(f, row, standby ? "receiver" : "sender") || frame_says(f, row, "state", "backup"))
            continue;
        double lag = frame_named_number(f, row, "lag_s");
        struct limit limit = shape_lag_limit(m->store, &shape, m->target, f, row, m->now_us);
        enum level level = lag_level(m, limit, lag);
        if (any && (level < r.level || (level == r.level && !(lag > r.now))))
            continue;
        any = true;
        r.now = lag;
        r.level = level;
        by = limit;
        say_lag(&r.from, f, row, standby);
    }
    cluster_shape_free(&shape);
    health_put_rule(&r.rule, by, UNIT_SECONDS);
    if (!any && health_is_known(&r)) {
        r.level = standby ? LEVEL_WARN : LEVEL_FINE;
        buf_puts(&r.from, standby ? "it receives from nobody" : "no standby follows");
    }
    health_end(m, &r);
}

/* ---- queues ---- */

static void add_stuck(const struct health_making *m)
{
    struct health_row r = health_begin(m, "stuck tasks", FORM_COUNT, m->is, "queues");
    const struct frame *f = r.sight.good;
    r.page = ON_QUEUES;
    if (health_is_known(&r)) {
        r.now = f->nrows ? frame_named_sum(f, "stuck") : 0;
        if (f->nrows)
            buf_printf(&r.from, "of %u queues, by their definitions", f->nrows);
        else
            buf_puts(&r.from, "there is no queue");
    }
    int original = shape_original(m->store, m->target, m->now_us);
    if (original >= 0) {
        r.level = LEVEL_NOTE;
        buf_printf(&r.rule, "judged on %s, whose tasks they are", store_target(m->store, original)->name);
    } else {
        health_judge_limit(m, &r, LIMIT_STUCK_TASKS);
    }
    health_end(m, &r);
}

/* First what a limit judges. */
struct frame *health_rows_make(const struct store *store, int target, int64_t now_us)
{
    struct health_making m = {store, target, store_target(store, target), now_us, frame_build(&health_schema)};
    bool server = m.is->facts.kind != TARGET_POOLER && m.is->facts.kind != TARGET_APP;
    add_ping(&m);
    if (server) {
        health_judged_work(&m);
        add_lag(&m);
        add_stuck(&m);
    }
    health_pools(&m);
    add_breakers(&m);
    add_sample_age(&m);
    if (server)
        health_work(&m);
    return frame_seal(m.b, &(struct frame_head){.status = FRAME_OK, .taken_us = now_us});
}
