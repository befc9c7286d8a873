/* Frames: built row by row, sealed into one block. */
#include "model/frame.h"

#include "base/buf.h"
#include "base/hash.h"
#include "base/mem.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct frame_builder {
    const struct schema *schema;
    struct cell *cells;
    uint32_t nrows, room;
    struct buf text;
};

static const char *const status_words[FRAME_STATUS_COUNT_] = {"ok", "denied", "absent", "timeout", "lost", "failed"};

const char *frame_status_word(enum frame_status status)
{
    return status_words[status];
}

struct frame *frame_ref(const struct frame *f)
{
    struct frame *own = (struct frame *)f;
    if (own)
        own->refs++;
    return own;
}

void frame_unref(const struct frame *f)
{
    struct frame *own = (struct frame *)f;
    if (!own)
        return;
    assert(own->refs > 0);
    if (--own->refs == 0)
        free(own);
}

const struct cell *frame_cell(const struct frame *f, uint32_t row, int column)
{
    assert(row < f->nrows && column >= 0 && column < f->schema->ncolumns);
    return &f->cells[(size_t)row * f->schema->ncolumns + (size_t)column];
}

struct frame_text frame_text(const struct frame *f, uint32_t row, int column)
{
    const struct cell *c = frame_cell(f, row, column);
    assert(f->schema->columns[column].type == TYPE_TEXT);
    return c->known ? (struct frame_text){f->text + c->t.at, c->t.len} : (struct frame_text){"", 0};
}

double frame_number(const struct frame *f, uint32_t row, int column)
{
    const struct cell *c = frame_cell(f, row, column);
    if (!c->known || f->schema->columns[column].type == TYPE_TEXT)
        return NAN;
    switch (f->schema->columns[column].type) {
    case TYPE_REAL:
        return c->d;
    case TYPE_LSN:
        return (double)(uint64_t)c->i;
    default:
        return (double)c->i;
    }
}

static int find_column(const struct frame *f, uint32_t row, const char *name, bool text)
{
    int column = f && row < f->nrows ? schema_find(f->schema, name) : -1;
    return column >= 0 && (f->schema->columns[column].type == TYPE_TEXT) == text ? column : -1;
}

struct frame_text frame_named_text(const struct frame *f, uint32_t row, const char *name)
{
    int column = find_column(f, row, name, true);
    return column < 0 ? (struct frame_text){"", 0} : frame_text(f, row, column);
}

double frame_named_number(const struct frame *f, uint32_t row, const char *name)
{
    int column = find_column(f, row, name, false);
    return column < 0 ? NAN : frame_number(f, row, column);
}

bool frame_says(const struct frame *f, uint32_t row, const char *name, const char *word)
{
    struct frame_text t = frame_named_text(f, row, name);
    return t.len == strlen(word) && memcmp(t.bytes, word, t.len) == 0;
}

double frame_named_sum(const struct frame *f, const char *name)
{
    double all = NAN;
    for (uint32_t row = 0; f && row < f->nrows; row++) {
        double n = frame_named_number(f, row, name);
        all = isnan(n) ? all : isnan(all) ? n : all + n;
    }
    return all;
}

static bool same_cell(const struct frame *f, uint32_t a, const struct frame *g, uint32_t b, int column)
{
    const struct cell *x = frame_cell(f, a, column), *y = frame_cell(g, b, column);
    if (x->known != y->known)
        return false;
    if (f->schema->columns[column].type != TYPE_TEXT)
        return x->i == y->i;
    return x->t.len == y->t.len && memcmp(f->text + x->t.at, g->text + y->t.at, x->t.len) == 0;
}

bool frame_same_key(const struct frame *f, uint32_t a, const struct frame *g, uint32_t b)
{
    for (int i = 0, n = schema_keys(f->schema); i < n; i++)
        if (!same_cell(f, a, g, b, i))
            return false;
    return true;
}

uint64_t frame_key_hash(const struct frame *f, uint32_t row)
{
    uint64_t h = HASH_START;
    for (int i = 0, n = schema_keys(f->schema); i < n; i++) {
        const struct cell *c = frame_cell(f, row, i);
        h = hash_bytes(h, &c->known, sizeof(c->known));
        if (f->schema->columns[i].type == TYPE_TEXT)
            h = hash_bytes(h, f->text + c->t.at, c->t.len);
        else
            h = hash_bytes(h, &c->i, sizeof(c->i));
    }
    return h;
}

struct frame_builder *frame_build(const struct schema *schema)
{
    assert(schema->ncolumns > 0 && schema->ncolumns <= SCHEMA_COLUMNS_MAX);
    struct frame_builder *b = mem_new(sizeof(*b));
    b->schema = schema;
    return b;
}

void frame_build_row(struct frame_builder *b)
{
    size_t width = b->schema->ncolumns;
    if (b->nrows == b->room) {
        b->room = b->room ? b->room * 2 : 8;
        b->cells = mem_resize(b->cells, b->room, width * sizeof(struct cell));
    }
    memset(&b->cells[b->nrows * width], 0, width * sizeof(struct cell));
    b->nrows++;
}

static struct cell *newest(struct frame_builder *b, int column)
{
    assert(b->nrows > 0 && column >= 0 && column < b->schema->ncolumns);
    return &b->cells[(size_t)(b->nrows - 1) * b->schema->ncolumns + (size_t)column];
}

void frame_build_int(struct frame_builder *b, int column, int64_t value)
{
    struct cell *c = newest(b, column);
    assert(b->schema->columns[column].type != TYPE_TEXT && b->schema->columns[column].type != TYPE_REAL);
    c->known = true;
    c->i = value;
}

void frame_build_real(struct frame_builder *b, int column, double value)
{
    struct cell *c = newest(b, column);
    assert(b->schema->columns[column].type == TYPE_REAL);
    c->known = isfinite(value);
    c->d = c->known ? value : 0;
}

void frame_build_never(struct frame_builder *b, int column)
{
    frame_build_real(b, column, 0);
    newest(b, column)->d = INFINITY;
}

void frame_build_text(struct frame_builder *b, int column, const char *bytes, size_t len)
{
    struct cell *c = newest(b, column);
    assert(b->schema->columns[column].type == TYPE_TEXT);
    assert(b->text.len + len < UINT32_MAX);
    c->known = true;
    c->t.at = (uint32_t)b->text.len;
    c->t.len = (uint32_t)len;
    buf_add(&b->text, bytes, len);
    buf_putc(&b->text, '\0');
}

void frame_build_none(struct frame_builder *b, int column)
{
    *newest(b, column) = (struct cell){0};
}

void frame_build_copy(struct frame_builder *b, const struct frame *f, uint32_t row)
{
    frame_build_row(b);
    for (int i = 0; i < b->schema->ncolumns; i++) {
        const struct cell *c = frame_cell(f, row, i);
        if (!c->known)
            continue;
        if (b->schema->columns[i].type == TYPE_TEXT)
            frame_build_text(b, i, f->text + c->t.at, c->t.len);
        else
            *newest(b, i) = *c;
    }
}

uint32_t frame_build_rows(const struct frame_builder *b)
{
    return b->nrows;
}

size_t frame_build_bytes(const struct frame_builder *b)
{
    return b->text.len + (size_t)b->nrows * b->schema->ncolumns * sizeof(struct cell);
}

struct frame *frame_seal(struct frame_builder *b, const struct frame_head *head)
{
    size_t cells = (size_t)b->nrows * b->schema->ncolumns * sizeof(struct cell);
    size_t note = head->note ? strlen(head->note) + 1 : 0;
    size_t bytes = sizeof(struct frame) + cells + b->text.len + 1 + note;
    struct frame *f = mem_new(bytes);
    char *at = (char *)(f + 1);
    *f = (struct frame){.schema = b->schema, .refs = 1, .status = head->status, .taken_us = head->taken_us,
                        .wall_us = head->wall_us, .cost_us = head->cost_us, .epoch = head->epoch,
                        .server_role = head->server_role, .nrows = b->nrows, .bytes = bytes,
                        .nfound = head->nfound > b->nrows ? head->nfound : b->nrows};
    if (head->sqlstate)
        strncpy(f->sqlstate, head->sqlstate, sizeof(f->sqlstate) - 1);
    f->cells = (struct cell *)at;
    if (cells)
        memcpy(at, b->cells, cells);
    at += cells;
    f->text = at;
    if (b->text.len)
        memcpy(at, b->text.data, b->text.len);
    at += b->text.len + 1;
    if (note)
        f->note = memcpy(at, head->note, note);
    frame_build_drop(b);
    return f;
}

struct frame *frame_seal_as(struct frame_builder *b, const struct frame *f, uint32_t nfound)
{
    struct frame *own = frame_seal(b, &(struct frame_head){f->status, f->sqlstate, f->note, f->taken_us, f->wall_us,
                                                           f->cost_us, f->epoch, f->server_role, nfound});
    own->from = f->from;
    own->fallback = f->fallback;
    return own;
}

void frame_build_drop(struct frame_builder *b)
{
    free(b->cells);
    buf_free(&b->text);
    free(b);
}
