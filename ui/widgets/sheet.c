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

struct sheet *sheet_new(const struct schema *base, const struct schema *rates, const struct sheet_extra *extras,
                        void *arg)
{
    struct sheet *s = mem_new(sizeof(*s));
    s->base = base;
    s->rates = rates;
    s->extras = extras;
    s->arg = arg;
    add_base(s);
    for (int i = 0; extras && extras[i].column.name; i++)
        add_column(s, &extras[i].column, FROM_EXTRA, i);
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

static void copy_cell(struct frame_builder *b, int to, const struct frame *f, uint32_t row, int column)
{
    const struct cell *c = frame_cell(f, row, column);
    if (!c->known)
        return;
    switch (f->schema->columns[column].type) {
    case TYPE_TEXT:
        frame_build_text(b, to, f->text + c->t.at, c->t.len);
        break;
    case TYPE_REAL:
        frame_build_real(b, to, c->d);
        break;
    default:
        frame_build_int(b, to, c->i);
    }
}

static void make_row(const struct sheet *s, struct frame_builder *b, const struct frame *base,
                     const struct frame *rates, uint32_t row)
{
    frame_build_row(b);
    for (int i = 0; i < s->schema.ncolumns; i++) {
        int from = s->from[i].column;
        if (s->from[i].source == FROM_BASE)
            copy_cell(b, i, base, row, from);
        else if (s->from[i].source == FROM_EXTRA)
            s->extras[from].fill(s->arg, b, i, base, row);
        else if (rates && from >= 0)
            frame_build_real(b, i, frame_number(rates, row, from));
    }
}

struct frame *sheet_make(const struct sheet *s, const struct frame *base, const struct frame *rates)
{
    if (!schema_same(base->schema, s->base))
        return NULL;
    if (rates && (!s->rates || !schema_same(rates->schema, s->rates) || rates->nrows != base->nrows))
        rates = NULL;
    struct frame_builder *b = frame_build(&s->schema);
    for (uint32_t row = 0; row < base->nrows; row++)
        make_row(s, b, base, rates, row);
    return frame_seal(b, &(struct frame_head){
        .status = base->status, .sqlstate = base->sqlstate, .note = base->note, .taken_us = base->taken_us,
        .wall_us = base->wall_us, .cost_us = base->cost_us, .epoch = base->epoch,
        .server_role = base->server_role, .nfound = base->nfound});
}
