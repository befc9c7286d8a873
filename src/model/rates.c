/* Rates of a frame's counters. The rows of the frame before are found through a hash table of their keys. */
#include "model/rates.h"

#include "base/mem.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct schema *rates_schema(const struct schema *s)
{
    struct column columns[SCHEMA_COLUMNS_MAX];
    uint16_t n = 0;
    for (int i = 0; i < s->ncolumns; i++) {
        if (s->columns[i].role != ROLE_COUNTER)
            continue;
        columns[n] = s->columns[i];
        columns[n].type = TYPE_REAL;
        columns[n++].role = ROLE_GAUGE;
    }
    return n ? schema_copy(&(struct schema){s->name, n, columns}) : NULL;
}

/* The rows of a frame by their keys: open addressing, a slot holds a row + 1. */
struct index {
    const struct frame *frame;
    uint32_t mask, *slots;
    bool *spent; /* by row: matched already, or one of several with the same key */
};

static bool key_is_known(const struct frame *f, uint32_t row)
{
    for (int i = 0, n = schema_keys(f->schema); i < n; i++)
        if (!frame_cell(f, row, i)->known)
            return false;
    return true;
}

/* The slot of the row with the same key as `row` of f, or the empty one where it would go. */
static uint32_t *find_slot(const struct index *x, const struct frame *f, uint32_t row)
{
    uint64_t h = frame_key_hash(f, row);
    uint32_t at = (uint32_t)(h ^ h >> 32) & x->mask;
    while (x->slots[at] && !frame_same_key(f, row, x->frame, x->slots[at] - 1))
        at = (at + 1) & x->mask;
    return &x->slots[at];
}

static void index_rows(struct index *x, const struct frame *f)
{
    uint32_t size = 8;
    while (size < f->nrows * 2)
        size *= 2;
    *x = (struct index){f, size - 1, mem_array(size, sizeof(*x->slots)),
                        mem_array(f->nrows, sizeof(*x->spent))};
    for (uint32_t row = 0; row < f->nrows; row++) {
        if (!key_is_known(f, row))
            continue;
        uint32_t *slot = find_slot(x, f, row);
        if (*slot)
            x->spent[*slot - 1] = true;
        else
            *slot = row + 1;
    }
}

static bool same_value(const struct frame *f, uint32_t a, const struct frame *g, uint32_t b, int column)
{
    const struct cell *x = frame_cell(f, a, column), *y = frame_cell(g, b, column);
    if (x->known != y->known || !x->known)
        return x->known == y->known;
    if (f->schema->columns[column].type != TYPE_TEXT)
        return x->i == y->i;
    struct frame_text s = frame_text(f, a, column), t = frame_text(g, b, column);
    return s.len == t.len && memcmp(s.bytes, t.bytes, s.len) == 0;
}

/* How much a counter has grown; NaN when one of the two is unknown. */
static double growth(const struct cell *now, const struct cell *before, enum type type)
{
    if (!now->known || !before->known)
        return NAN;
    if (type == TYPE_REAL)
        return now->d - before->d;
    uint64_t a = (uint64_t)now->i, b = (uint64_t)before->i;
    bool less = type == TYPE_LSN ? a < b : now->i < before->i;
    return less ? -(double)(b - a) : (double)(a - b);
}

/* Fills in how much each counter has grown. False when the row's counters are not those of before. */
static bool row_growth(const struct frame *now, uint32_t row, const struct frame *before, uint32_t old,
                       double *grown)
{
    for (int i = 0; i < now->schema->ncolumns; i++) {
        const struct column *c = &now->schema->columns[i];
        if (c->role == ROLE_EPOCH && !same_value(now, row, before, old, i))
            return false;
        if (c->role != ROLE_COUNTER)
            continue;
        *grown = growth(frame_cell(now, row, i), frame_cell(before, old, i), c->type);
        if (*grown++ < 0)
            return false;
    }
    return true;
}

static void build_row(struct frame_builder *b, const struct frame *now, uint32_t row, struct index *x,
                      double dt_s)
{
    frame_build_row(b);
    if (!x->frame || !key_is_known(now, row))
        return;
    uint32_t slot = *find_slot(x, now, row);
    if (slot == 0 || x->spent[slot - 1])
        return;
    x->spent[slot - 1] = true;
    double grown[SCHEMA_COLUMNS_MAX];
    if (!row_growth(now, row, x->frame, slot - 1, grown))
        return;
    for (int i = 0, k = 0; i < now->schema->ncolumns; i++)
        if (now->schema->columns[i].role == ROLE_COUNTER) {
            frame_build_real(b, k, grown[k] / dt_s);
            k++;
        }
}

static bool comparable(const struct frame *now, const struct frame *before)
{
    return before && before->status == FRAME_OK && now->epoch != 0 && now->epoch == before->epoch &&
           now->taken_us > before->taken_us;
}

struct frame *rates_frame(const struct schema *rates, const struct frame *now, const struct frame *before)
{
    assert(!before || schema_same(now->schema, before->schema));
    struct frame_builder *b = frame_build(rates);
    struct index x = {0};
    int64_t dt_us = 0;
    if (now->status == FRAME_OK && comparable(now, before)) {
        index_rows(&x, before);
        dt_us = now->taken_us - before->taken_us;
    }
    for (uint32_t row = 0; now->status == FRAME_OK && row < now->nrows; row++)
        build_row(b, now, row, &x, (double)dt_us / 1e6);
    free(x.slots);
    free(x.spent);
    struct frame *rated = frame_seal_as(b, now, now->nfound);
    rated->over_us = dt_us;
    return rated;
}
