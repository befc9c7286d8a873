/* From an answer to what is known: rates against the frame before, what the probe derives, and one point for each
 * sparkline. */
#include "engine/parts.h"

#include "base/clock.h"
#include "model/grant.h"
#include "model/lag.h"
#include "model/rates.h"

#include <math.h>
#include <string.h>

#define RATE_INTERVALS 3        /* that rates may be of; over more they are of no last interval */

static bool row_counts(const struct metric *m, const struct frame *f, uint32_t row)
{
    if (!m->where_column)
        return true;
    int column = schema_find(f->schema, m->where_column);
    if (column < 0 || !frame_cell(f, row, column)->known)
        return false;
    struct frame_text t = frame_text(f, row, column);
    return t.len == strlen(m->where_text) && memcmp(t.bytes, m->where_text, t.len) == 0;
}

/* The rows' words are not all for us to read: a count of them would be too small. */
static bool is_partial(const struct engine *e, int target, int topic)
{
    return grant_missing(e->probes[topic]->grant, &store_target(e->store, target)->facts);
}

static bool is_bound(const struct metric *m, const struct frame *f, uint32_t row)
{
    return m->bound && frame_named_number(f, row, m->bound) > 0;
}

/* The value that a row adds; NaN: unknown. With FOLD_COUNT and a column, known and not empty counts as one. */
static double row_value(const struct metric *m, const struct frame *f, uint32_t row)
{
    if (!m->column)
        return 1;
    int column = schema_find(f->schema, m->column);
    if (column < 0)
        return NAN;
    if (m->fold != FOLD_COUNT)
        return frame_number(f, row, column);
    if (f->schema->columns[column].type == TYPE_TEXT)
        return frame_text(f, row, column).len > 0;
    return frame_cell(f, row, column)->known;
}

static double fold(enum metric_fold how, double sum, double value)
{
    if (isnan(value))
        return sum;
    if (isnan(sum))
        return value;
    switch (how) {
    case FOLD_MAX:
        return value > sum ? value : sum;
    case FOLD_MIN:
        return value < sum ? value : sum;
    case FOLD_FIRST:
        return sum;
    default:
        return sum + value;
    }
}

/* A question without a good answer cuts the lines of its graphs. */
static void add_gaps(struct engine *e, int target, int topic, const struct probe *pr, int64_t at_us)
{
    for (const struct metric *m = pr->metrics; m && m->name; m++)
        if (store_series(e->store, target, topic, m->name, 0))
            store_add_point(e->store, target, topic, m->name, 0, at_us, NAN);
}

static void add_metric(struct engine *e, int target, int topic, const struct metric *m, const struct frame *f,
                       const struct frame *rates)
{
    const struct frame *values = m->rate ? rates : f;
    double all = m->fold == FOLD_COUNT ? 0 : NAN;
    bool unknown = m->fold == FOLD_COUNT && is_partial(e, target, topic);
    if (!values)
        return;
    for (uint32_t row = 0; row < f->nrows; row++) {
        if (!row_counts(m, f, row))
            continue;
        bool bound = is_bound(m, f, row);
        double v = bound ? NAN : row_value(m, values, row);
        if (m->by_key)
            store_add_point(e->store, target, topic, m->name, frame_key_hash(f, row), f->taken_us, v);
        unknown |= bound || (m->fold == FOLD_SUM && !m->rate && !m->sparse && isnan(v));   /* a sum of some is no sum */
        all = fold(m->fold, all, v);
    }
    store_add_point(e->store, target, topic, m->name, 0, f->taken_us, unknown ? NAN : all);
}

struct pilot *publish_primary(const struct pilot *p)
{
    int primary = cluster_source(engine_shape(p->engine), p->target);
    return primary < 0 ? NULL : &p->engine->pilots[primary];
}

struct probe_context publish_context(const struct pilot *p, int probe)
{
    const struct pilot *primary = publish_primary(p);
    return (struct probe_context){
        .facts = &store_target(p->engine->store, p->target)->facts, .now_us = p->engine->now_us,
        .interval_s = (double)schedule_interval_us(p, probe) / US_PER_S, .positions = p->positions,
        .primary = primary ? primary->positions : NULL,
        .primary_interval_s = primary ? (double)schedule_interval_us(primary, probe) / US_PER_S : 0,
        .store = p->engine->store, .target = p->target, .one_look = p->engine->hurry};
}

/* Positions of the WAL are kept exactly, for the lag of those that follow: any frame with the columns tells them. */
static void keep_position(struct pilot *p, const struct frame *f)
{
    int lsn = schema_find(f->schema, "wal_lsn");
    if (lsn < 0 || f->schema->columns[lsn].type != TYPE_LSN)
        return;
    for (uint32_t row = 0; row < f->nrows; row++)
        if (frame_cell(f, row, lsn)->known) {
            lag_ring_push(p->positions, f->taken_us, (uint64_t)frame_cell(f, row, lsn)->i);
            return;
        }
}

/* What is made from an answer comes right after it, and fails when it fails. */
static void publish_made(struct pilot *p, int probe, const struct frame *f)
{
    const struct probe *pr = p->engine->probes[probe];
    struct probe_context context = publish_context(p, probe);
    if (f->status == FRAME_OK) {
        publish_frame(p, probe, pr->make(f, &context));
        return;
    }
    struct frame_head head = {.status = f->status, .sqlstate = f->sqlstate, .note = f->note, .taken_us = f->taken_us,
                              .wall_us = f->wall_us, .epoch = f->epoch};
    publish_frame(p, probe, frame_seal(frame_build(pr->schema), &head));
}

static void publish_all_made(struct pilot *p, const char *from, const struct frame *f)
{
    for (int i = 0; i < p->engine->nprobes; i++)
        if (p->engine->probes[i]->of && strcmp(p->engine->probes[i]->of, from) == 0)
            publish_made(p, i, f);
}

const struct frame *publish_base(const struct pilot *p, int probe, int64_t taken_us)
{
    const struct frame *base = store_rate_base(p->engine->store, p->target, probe, taken_us);
    int64_t interval_us = schedule_interval_us(p, probe), pace_us = p->ticks[schedule_source(p->engine, probe)].pace_us;
    int64_t most_us = RATE_INTERVALS * (pace_us > interval_us ? pace_us : interval_us) + QUESTION_DEADLINE_US;
    return base && taken_us - base->taken_us <= most_us ? base : NULL;
}

void publish_frame(struct pilot *p, int probe, struct frame *f)
{
    struct engine *e = p->engine;
    const struct probe *pr = e->probes[probe];
    const struct topic *topic = store_topic(e->store, probe);
    const struct frame *before = publish_base(p, probe, f->taken_us);
    struct frame *rates = NULL, *derived = NULL;
    bool ok = f->status == FRAME_OK;
    if (ok && !f->from)
        keep_position(p, f);
    if (ok && topic->rates_schema)
        rates = rates_frame(topic->rates_schema, f, before);
    if (ok && pr->derive) {
        struct probe_context context = publish_context(p, probe);
        context.rates = rates;
        derived = pr->derive(f, before, &context);
    }
    const struct frame *shown = derived && derived->schema == f->schema ? derived : f;
    for (const struct metric *m = pr->metrics; m && m->name && ok; m++)
        add_metric(e, p->target, probe, m, shown, rates);
    if (!ok)
        add_gaps(e, p->target, probe, pr, f->taken_us);
    store_publish(e->store, p->target, probe, frame_ref(f), rates, derived);
    publish_all_made(p, pr->name, f);
    frame_unref(f);
    judge_answer(e, p->target, probe);
    engine_stir(e);
}

static void publish_empty(struct pilot *p, int probe, enum frame_status status, const char *sqlstate,
                          const char *words)
{
    struct frame_head head = {.status = status, .sqlstate = sqlstate, .note = words, .taken_us = p->engine->now_us,
                              .wall_us = clock_wall_us()};
    publish_frame(p, probe, frame_seal(frame_build(p->engine->probes[probe]->schema), &head));
}

void publish_lost(struct pilot *p, const char *sqlstate, const char *words)
{
    for (int i = 0; i < p->engine->nprobes; i++) {
        struct sight s = store_sight(p->engine->store, p->target, i, p->engine->now_us);
        if (s.newest && s.newest->status != FRAME_LOST && s.newest->status != FRAME_TIMEOUT)
            publish_empty(p, i, FRAME_LOST, sqlstate, words);
    }
}

void publish_timeout(struct pilot *p, int probe, const char *words)
{
    publish_empty(p, probe, FRAME_TIMEOUT, NULL, words);
}
