/* How schemas, questions, facts and frames are laid out in a message. */
#include "wire/frames.h"

#include "base/clock.h"
#include "base/mem.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FACT_MAX 255        /* bytes of a fact in words; a name has 63 at most, a path 107 */
#define NOTE_MAX 4096       /* bytes of a frame's note that are read */

void wire_put_schema(struct buf *out, unsigned number, const struct schema *s)
{
    size_t mark = wire_begin(out, WIRE_SCHEMA);
    wire_put_uint(out, number);
    wire_put_string(out, s->name);
    wire_put_uint(out, s->ncolumns);
    for (int i = 0; i < s->ncolumns; i++) {
        const struct column *c = &s->columns[i];
        wire_put_string(out, c->name);
        wire_put_string(out, c->heading);
        wire_put_string(out, c->help);
        wire_put_uint(out, c->type);
        wire_put_uint(out, c->role);
        wire_put_uint(out, c->unit);
        wire_put_uint(out, c->width);
        wire_put_uint(out, c->priority);
    }
    wire_end(out, mark);
}

static char *required_string(struct wire_body *b, size_t max)
{
    char *s = wire_string(b);
    if (!s || strlen(s) > max)
        b->bad = true;
    return s;
}

static void get_column(struct wire_body *b, struct column *c)
{
    c->name = required_string(b, WIRE_NAME_MAX);
    c->heading = required_string(b, WIRE_NAME_MAX);
    c->help = required_string(b, 512);
    c->type = (enum type)wire_uint_max(b, TYPE_COUNT_ - 1);
    c->role = (enum role)wire_uint_max(b, ROLE_COUNT_ - 1);
    c->unit = (enum unit)wire_uint_max(b, UNIT_COUNT_ - 1);
    c->width = (uint8_t)wire_uint_max(b, UINT8_MAX);
    c->priority = (uint8_t)wire_uint_max(b, UINT8_MAX);
}

struct schema *wire_get_schema(const struct wire_message *m, unsigned *number)
{
    struct wire_body b = wire_body(m);
    *number = (unsigned)wire_uint_max(&b, 1u << 16);
    struct schema *s = mem_new(sizeof(*s));
    s->name = required_string(&b, WIRE_NAME_MAX);
    s->ncolumns = (uint16_t)wire_uint_max(&b, SCHEMA_COLUMNS_MAX);
    struct column *columns = mem_array(s->ncolumns, sizeof(*columns));
    s->columns = columns;
    for (int i = 0; i < s->ncolumns && !b.bad; i++)
        get_column(&b, &columns[i]);
    if (wire_done(&b) && s->ncolumns > 0)
        return s;
    schema_free(s);
    return NULL;
}

void wire_put_question(struct buf *out, const struct question *q)
{
    size_t mark = wire_begin(out, WIRE_ASK);
    wire_put_uint(out, q->id);
    wire_put_uint(out, q->schema);
    wire_put_uint(out, (unsigned)(q->simple | q->fenced << 1));
    wire_put_uint(out, q->max_rows);
    wire_put_uint(out, q->max_bytes);
    wire_put_string(out, q->sql);
    wire_put_string(out, q->parameter);
    wire_end(out, mark);
}

bool wire_get_question(const struct wire_message *m, struct question *q)
{
    struct wire_body b = wire_body(m);
    q->id = (unsigned)wire_uint_max(&b, UINT32_MAX);
    q->schema = (unsigned)wire_uint_max(&b, 1u << 16);
    uint64_t flags = wire_uint_max(&b, 3);
    q->simple = flags & 1;
    q->fenced = flags >> 1 & 1;
    q->max_rows = (uint32_t)wire_uint_max(&b, WIRE_CELLS_MAX);
    q->max_bytes = (uint32_t)wire_uint_max(&b, WIRE_MESSAGE_MAX);
    q->sql = wire_string(&b);
    q->parameter = wire_string(&b);
    if (wire_done(&b) && q->sql)
        return true;
    free(q->sql);
    free(q->parameter);
    q->sql = q->parameter = NULL;
    return false;
}

void wire_put_facts(struct buf *out, const struct facts *f)
{
    size_t mark = wire_begin(out, WIRE_FACTS);
    wire_put_uint(out, f->kind);
    wire_put_uint(out, (unsigned)(f->pooled | f->standby << 1 | f->superuser << 2 | f->monitor << 3));
    wire_put_int(out, f->version);
    wire_put_int(out, f->backend_pid);
    wire_put_int(out, f->started_us);
    wire_put_int(out, f->clock_us);
    wire_put_uint(out, f->system_id);
    wire_put_uint(out, f->database_oid);
    wire_put_string(out, f->version_text);
    wire_put_string(out, f->user);
    wire_put_string(out, f->database);
    wire_put_string(out, f->host);
    wire_put_string(out, f->port);
    wire_put_string(out, f->encoding);
    wire_put_string(out, f->tls);
    wire_put_uint(out, f->trust);
    wire_put_uint(out, (unsigned)f->nextensions);
    for (int i = 0; i < f->nextensions; i++) {
        wire_put_string(out, f->extensions[i].name);
        wire_put_string(out, f->extensions[i].schema);
        wire_put_int(out, f->extensions[i].version);
        wire_put_uint(out, f->extensions[i].oid);
    }
    wire_end(out, mark);
}

static void get_extensions(struct wire_body *b, struct facts *f)
{
    int n = (int)wire_uint_max(b, EXTENSIONS_MAX);
    for (int i = 0; i < n && !b->bad; i++) {
        struct extension *e = &f->extensions[f->nextensions++];
        e->name = required_string(b, 256);
        e->schema = required_string(b, 256);
        e->version = (int)wire_int(b);
        e->oid = (unsigned)wire_uint_max(b, UINT32_MAX);
    }
}

/* Words that are drawn again and again: what is longer than any of them may be is cut. */
static char *short_string(struct wire_body *b)
{
    char *s = wire_string(b);
    if (s && strlen(s) > FACT_MAX)
        s[FACT_MAX] = '\0';
    return s;
}

bool wire_get_facts(const struct wire_message *m, struct facts *f)
{
    struct wire_body b = wire_body(m);
    *f = (struct facts){.known = true};
    f->kind = (enum target_kind)wire_uint_max(&b, TARGET_APP);
    uint64_t flags = wire_uint_max(&b, 15);
    f->pooled = flags & 1;
    f->standby = flags >> 1 & 1;
    f->superuser = flags >> 2 & 1;
    f->monitor = flags >> 3 & 1;
    f->version = (int)wire_int(&b);
    f->backend_pid = (int)wire_int(&b);
    f->started_us = wire_int(&b);
    f->clock_us = wire_int(&b);
    if (f->clock_us < -CLOCK_MOST_US || f->clock_us > CLOCK_MOST_US)
        f->clock_us = 0;
    f->system_id = wire_uint(&b);
    f->database_oid = (unsigned)wire_uint_max(&b, UINT32_MAX);
    f->version_text = short_string(&b);
    f->user = short_string(&b);
    f->database = short_string(&b);
    f->host = short_string(&b);
    f->port = short_string(&b);
    f->encoding = short_string(&b);
    f->tls = short_string(&b);
    f->trust = (enum trust)wire_uint_max(&b, TRUST_COUNT_ - 1);
    get_extensions(&b, f);
    if (wire_done(&b) && f->kind != 0)
        return true;
    facts_clear(f);
    return false;
}

/* A frame's body: id, number of columns, then for each row the byte 1, a bitmap of its known cells and the
 * cells; the byte 0; the head. */

void wire_frame_begin(struct wire_frame *w, struct buf *out, unsigned id, const struct schema *schema)
{
    *w = (struct wire_frame){.out = out, .schema = schema, .column = schema->ncolumns};
    w->mark = wire_begin(out, WIRE_FRAME);
    wire_put_uint(out, id);
    wire_put_uint(out, schema->ncolumns);
}

void wire_frame_row(struct wire_frame *w)
{
    static const char zeros[SCHEMA_COLUMNS_MAX / 8];
    assert(w->column == w->schema->ncolumns);
    buf_putc(w->out, 1);
    w->row = w->out->len;
    buf_add(w->out, zeros, (size_t)(w->schema->ncolumns + 7) / 8);
    w->nrows++;
    w->column = 0;
}

static void known(struct wire_frame *w)
{
    assert(w->column < w->schema->ncolumns);
    w->out->data[w->row + (size_t)w->column / 8] |= (char)(1 << w->column % 8);
    w->column++;
}

void wire_frame_null(struct wire_frame *w)
{
    assert(w->column < w->schema->ncolumns);
    w->column++;
}

void wire_frame_int(struct wire_frame *w, int64_t v)
{
    known(w);
    wire_put_int(w->out, v);
}

void wire_frame_real(struct wire_frame *w, double v)
{
    known(w);
    wire_put_real(w->out, v);
}

void wire_frame_text(struct wire_frame *w, const char *bytes, size_t len)
{
    known(w);
    wire_put_text(w->out, bytes, len);
}

size_t wire_frame_bytes(const struct wire_frame *w)
{
    return w->out->len - w->mark;
}

void wire_frame_end(struct wire_frame *w, const struct frame_head *head)
{
    assert(w->column == w->schema->ncolumns);
    buf_putc(w->out, 0);
    wire_put_uint(w->out, head->status);
    wire_put_string(w->out, head->sqlstate && head->sqlstate[0] ? head->sqlstate : NULL);
    wire_put_string(w->out, head->note);
    wire_put_int(w->out, head->taken_us);
    wire_put_int(w->out, head->wall_us);
    wire_put_int(w->out, head->cost_us);
    wire_put_uint(w->out, head->epoch);
    wire_put_uint(w->out, head->server_role);
    wire_put_uint(w->out, head->nfound > w->nrows ? head->nfound : w->nrows);
    wire_end(w->out, w->mark);
}

static void put_cell(struct wire_frame *w, const struct frame *f, uint32_t row, int column)
{
    const struct cell *c = frame_cell(f, row, column);
    if (!c->known)
        wire_frame_null(w);
    else if (f->schema->columns[column].type == TYPE_TEXT)
        wire_frame_text(w, f->text + c->t.at, c->t.len);
    else if (f->schema->columns[column].type == TYPE_REAL)
        wire_frame_real(w, c->d);
    else
        wire_frame_int(w, c->i);
}

void wire_put_frame(struct buf *out, unsigned id, const struct frame *f)
{
    struct wire_frame w;
    wire_frame_begin(&w, out, id, f->schema);
    for (uint32_t row = 0; row < f->nrows; row++) {
        wire_frame_row(&w);
        for (int i = 0; i < f->schema->ncolumns; i++)
            put_cell(&w, f, row, i);
    }
    wire_frame_end(&w, &(struct frame_head){f->status, f->sqlstate, f->note, f->taken_us, f->wall_us, f->cost_us,
                                            f->epoch, f->server_role, f->nfound});
}

bool wire_get_frame_id(const struct wire_message *m, unsigned *id)
{
    struct wire_body b = wire_body(m);
    *id = (unsigned)wire_uint_max(&b, UINT32_MAX);
    return !b.bad;
}

static void get_cell(struct wire_body *b, struct frame_builder *fb, const struct schema *s, int column)
{
    switch (s->columns[column].type) {
    case TYPE_TEXT: {
        struct frame_text t = wire_text(b);
        if (!b->bad)
            frame_build_text(fb, column, t.bytes, t.len);
        break;
    }
    case TYPE_REAL:
        frame_build_real(fb, column, wire_real(b));
        break;
    case TYPE_BOOL:
        frame_build_int(fb, column, wire_int(b) != 0);
        break;
    default:
        frame_build_int(fb, column, wire_int(b));
    }
}

static void get_row(struct wire_body *b, struct frame_builder *fb, const struct schema *s)
{
    size_t bitmap = (size_t)(s->ncolumns + 7) / 8;
    if ((size_t)(b->end - b->at) < bitmap ||
        (uint64_t)(frame_build_rows(fb) + 1) * s->ncolumns > WIRE_CELLS_MAX) {
        b->bad = true;
        return;
    }
    const unsigned char *bits = b->at;
    b->at += bitmap;
    frame_build_row(fb);
    for (int i = 0; i < s->ncolumns && !b->bad; i++)
        if (bits[i / 8] >> i % 8 & 1)
            get_cell(b, fb, s, i);
}

static bool plain_sqlstate(const char *s)
{
    return !s || (strlen(s) == 5 && strspn(s, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 5);
}

struct frame *wire_get_frame(const struct wire_message *m, const struct schema *schema)
{
    struct wire_body b = wire_body(m);
    struct frame_builder *fb = frame_build(schema);
    wire_uint(&b);
    if (wire_uint(&b) != schema->ncolumns)
        b.bad = true;
    uint64_t more;
    while ((more = wire_uint_max(&b, 1)) == 1)
        get_row(&b, fb, schema);
    struct frame_head head = {.status = (enum frame_status)wire_uint_max(&b, FRAME_STATUS_COUNT_ - 1)};
    char *sqlstate = wire_string(&b), *note = wire_string(&b);
    if (note && strlen(note) > NOTE_MAX)
        note[NOTE_MAX] = '\0';
    head.sqlstate = sqlstate;
    head.note = note;
    head.taken_us = wire_int(&b);
    head.wall_us = wire_int(&b);
    head.cost_us = wire_int(&b);
    head.epoch = wire_uint(&b);
    head.server_role = (enum server_role)wire_uint_max(&b, SERVER_STANDBY);
    head.nfound = (uint32_t)wire_uint_max(&b, UINT32_MAX);
    struct frame *f = NULL;
    if (wire_done(&b) && plain_sqlstate(sqlstate))
        f = frame_seal(fb, &head);
    else
        frame_build_drop(fb);
    free(sqlstate);
    free(note);
    return f;
}
