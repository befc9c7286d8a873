/* Joins an answer, its rates and a page's own columns into the one frame that the page shows. */
#include "ui/widgets/sheet.h"

#include "base/buf.h"
#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum source { FROM_BASE, FROM_RATES, FROM_EXTRA };

struct sheet {
    struct schema schema;
    struct column columns[SCHEMA_COLUMNS_MAX];
    struct {
        enum source source;
        int column;                 /* of its source; -1: the rates have no such column */
    } from[SCHEMA_COLUMNS_MAX];
    int first_total;                /* from here on names are our own */
    const struct schema *base;
    const struct schema *rates;
    const struct sheet_extra *extras;
    struct schema extra_schema;     /* of the extras alone: ncolumns 0 for none */
    struct column extra_columns[SCHEMA_COLUMNS_MAX];
    void *arg;
};

static void add_column(struct sheet *s, const struct column *column, enum source source, int from)
{
    int i = s->schema.ncolumns++;
    assert(i < SCHEMA_COLUMNS_MAX);
    s->columns[i] = *column;
    s->from[i].source = source;
    s->from[i].column = from;
}

static void add_base(struct sheet *s)
{
    for (int i = 0; i < s->base->ncolumns; i++) {
        struct column column = s->base->columns[i];
        if (column.role == ROLE_EPOCH)
            continue;
        if (column.role != ROLE_COUNTER) {
            add_column(s, &column, FROM_BASE, i);
            continue;
        }
        column.type = TYPE_REAL;
        add_column(s, &column, FROM_RATES, s->rates ? schema_find(s->rates, column.name) : -1);
    }
}

/* As far as there is room: a total is the first thing that a page can do without. */
static void add_totals(struct sheet *s)
{
    s->first_total = s->schema.ncolumns;
    for (int i = 0; i < s->base->ncolumns && s->schema.ncolumns < SCHEMA_COLUMNS_MAX; i++) {
        struct column column = s->base->columns[i];
        if (column.role != ROLE_COUNTER)
            continue;
        struct buf name = {0};
        buf_printf(&name, "%s_total", column.name);
        column.name = buf_take(&name);
        column.role = ROLE_GAUGE;
        column.priority = 100;
        add_column(s, &column, FROM_BASE, i);
    }
}

struct sheet *sheet_new(const struct schema *base, const struct schema *rates,
                        const struct sheet_extra *extras, void *arg)
{
    struct sheet *s = mem_new(sizeof(*s));
    s->base = base;
    s->rates = rates;
    s->extras = extras;
    s->arg = arg;
    add_base(s);
    for (int i = 0; extras && extras[i].column.name; i++) {
        assert(extras[i].column.type != TYPE_TEXT);
        add_column(s, &extras[i].column, FROM_EXTRA, i);
        s->extra_columns[s->extra_schema.ncolumns++] = extras[i].column;
    }
    s->extra_schema.name = base->name;
    s->extra_schema.columns = s->extra_columns;
    add_totals(s);
    s->schema.name = base->name;
    s->schema.columns = s->columns;
    return s;
}

void sheet_free(struct sheet *s)
{
    if (!s)
        return;
    for (int i = s->first_total; i < s->schema.ncolumns; i++)
        free((char *)s->columns[i].name);
    free(s);
}

const struct schema *sheet_schema(const struct sheet *s)
{
    return &s->schema;
}

/* The page's own columns as a frame of the same rows. NULL: there are none. */
static struct frame *make_extras(const struct sheet *s, const struct frame *base, const struct frame *rates)
{
    if (s->extra_schema.ncolumns == 0)
        return NULL;
    struct frame_builder *b = frame_build(&s->extra_schema);
    for (uint32_t row = 0; row < base->nrows; row++) {
        frame_build_row(b);
        for (int i = 0; i < s->extra_schema.ncolumns; i++)
            s->extras[i].fill(s->arg, b, i, base, rates, row);
    }
    return frame_seal(b, &(struct frame_head){.status = FRAME_OK});
}

struct parts {
    const struct frame *of[3];      /* by enum source; NULL: nothing is known of it */
};

static void fill_row(const struct sheet *s, struct cell *cells, const struct parts *parts, uint32_t row)
{
    for (int i = 0; i < s->schema.ncolumns; i++) {
        const struct frame *from = parts->of[s->from[i].source];
        if (from && s->from[i].column >= 0)
            cells[i] = *frame_cell(from, row, s->from[i].column);
    }
}

/* One block with the head and the cells; the text stays in base. */
static struct frame *join(const struct sheet *s, const struct parts *parts)
{
    const struct frame *base = parts->of[FROM_BASE];
    size_t bytes = sizeof(struct frame) + (size_t)base->nrows * s->schema.ncolumns * sizeof(struct cell);
    struct frame *f = mem_new(bytes);
    struct cell *cells = (struct cell *)(f + 1);
    *f = *base;
    f->schema = &s->schema;
    f->refs = 1;
    f->note = NULL;
    f->bytes = bytes;
    f->cells = cells;
    for (uint32_t row = 0; row < base->nrows; row++)
        fill_row(s, &cells[(size_t)row * s->schema.ncolumns], parts, row);
    return f;
}

struct frame *sheet_make(const struct sheet *s, const struct frame *base, const struct frame *rates)
{
    if (!schema_same(base->schema, s->base))
        return NULL;
    if (rates && (!s->rates || !schema_same(rates->schema, s->rates) || rates->nrows != base->nrows))
        rates = NULL;
    struct frame *extras = make_extras(s, base, rates);
    struct frame *f =
        join(s, &(struct parts){{[FROM_BASE] = base, [FROM_RATES] = rates, [FROM_EXTRA] = extras}});
    frame_unref(extras);
    return f;
}
