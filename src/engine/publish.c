/* From an answer to what is known: rates against the frame before, what the probe derives, and one point for each
 * sparkline. */
#include "engine/parts.h"

#include "base/clock.h"
#include "model/rates.h"

#include <math.h>
#include <string.h>

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

static void add_metric(struct engine *e, int target, int topic, const struct metric *m, const struct frame *f,
                       const struct frame *rates)
{
    const struct frame *values = m->rate ? rates : f;
    double all = m->fold == FOLD_COUNT ? 0 : NAN;
    if (!values)
        return;
    for (uint32_t row = 0; row < f->nrows; row++) {
        if (!row_counts(m, f, row))
            continue;
        double v = row_value(m, values, row);
        if (m->by_key)
            store_add_point(e->store, target, topic, m->name, frame_key_hash(f, row), f->taken_us, v);
        all = fold(m->fold, all, v);
    }
    store_add_point(e->store, target, topic, m->name, 0, f->taken_us, all);
}

void publish_frame(struct engine *e, int target, int probe, struct frame *f)
{
    const struct probe *pr = e->probes[probe];
    const struct topic *topic = store_topic(e->store, probe);
    struct sight before = store_sight(e->store, target, probe, f->taken_us);
    struct frame *rates = NULL, *derived = NULL;
    if (f->status == FRAME_OK && topic->rates_schema)
        rates = rates_between(before.good, f, topic->rates_schema);
    if (f->status == FRAME_OK && pr->derive)
        derived = pr->derive(f, before.good);
    for (const struct metric *m = pr->metrics; m && m->name && f->status == FRAME_OK; m++)
        add_metric(e, target, probe, m, f, rates);
    store_publish(e->store, target, probe, f, rates, derived);
    engine_stir(e);
}

static void publish_empty(struct engine *e, int target, int probe, enum frame_status status, const char *sqlstate,
                          const char *words)
{
    struct frame_head head = {.status = status, .sqlstate = sqlstate, .note = words, .taken_us = e->now_us,
                              .wall_us = clock_wall_us()};
    publish_frame(e, target, probe, frame_seal(frame_build(e->probes[probe]->schema), &head));
}

void publish_lost(struct engine *e, int target, const char *sqlstate, const char *words)
{
    for (int i = 0; i < e->nprobes; i++) {
        struct sight s = store_sight(e->store, target, i, e->now_us);
        if (s.newest && s.newest->status != FRAME_LOST && s.newest->status != FRAME_TIMEOUT)
            publish_empty(e, target, i, FRAME_LOST, sqlstate, words);
    }
}

void publish_timeout(struct engine *e, int target, int probe, const char *words)
{
    publish_empty(e, target, probe, FRAME_TIMEOUT, NULL, words);
}
