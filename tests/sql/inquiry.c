/* Asks through the very code of the watcher, and reads the answer back through the engine's side of the wire. */
#include "tests/sql/inquiry.h"

#include "base/clock.h"
#include "base/mem.h"
#include "engine/variant.h"
#include "pg/ask.h"
#include "pg/decode.h"
#include "spec/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROLE_COLUMN "_standby"
#define ROWS_BYTES  (12u << 20)

static void no_progress(void *arg, enum wire_phase phase, int fd)
{
    (void)arg;
    (void)phase;
    (void)fd;
}

bool inquiry_open(struct session *s, const char *conninfo, const char *user, const char *database)
{
    struct refusal r;
    char *named = database ? conninfo_with(conninfo, "dbname", database) : mem_string(conninfo);
    struct connect_to to = {.conninfo = named, .user = (char *)user};
    bool ok = session_open(s, &to, NULL, no_progress, NULL, &r);
    if (!ok)
        printf("no session: %s\n", r.words);
    free(named);
    return ok;
}

/* ---- asking ---- */

static struct frame *read_frame(struct buf *out, const struct schema *schema)
{
    struct wire_stream in = {0};
    struct wire_message m;
    wire_feed(&in, out->data, out->len);
    struct frame *f = wire_next(&in, &m) ? wire_get_frame(&m, schema) : NULL;
    wire_stream_free(&in);
    buf_free(out);
    return f;
}

/* One question, its whole way: the watcher's code, the wire, the engine's reader. */
static struct frame *ask_question(const struct inquiry *q, struct question *question, const struct schema *schema)
{
    struct buf out = {0};
    question->id = 1;
    question->max_bytes = ROWS_BYTES;
    question->max_rows = question->max_rows ? question->max_rows : FRAME_ROWS_DEFAULT;
    wire_open(&out);
    ask(q->session, question, schema, &out);
    struct frame *f = read_frame(&out, schema);
    if (faults_check(q->faults, f != NULL, "the answer does not survive the wire")) {
        *q->errors += f->sqlstate[0] != '\0';
        return f;
    }
    return frame_seal(frame_build(schema), &(struct frame_head){.status = FRAME_FAILED});
}

static struct frame *ask_fixed(const struct inquiry *q)
{
    struct buf sql = {0}, parameter = {0};
    struct frame *f = NULL;
    const struct probe *pr = q->probe;
    struct probe_context context = publish_context(q->pilot, q->topic);
    if (!pr->parameter || pr->parameter(&context, &parameter)) {
        variant_put(&sql, pr, &q->session->facts);
        f = ask_question(q, &(struct question){.simple = pr->simple, .max_rows = pr->max_rows,
                                               .sql = (char *)buf_text(&sql),
                                               .parameter = pr->parameter ? (char *)buf_text(&parameter) : NULL},
                         pr->schema);
    }
    buf_free(&sql);
    buf_free(&parameter);
    return f;
}

/* A plan may swallow what goes wrong; only what somebody else has locked, or what the role may not see, may. */
static void check_answer(const struct inquiry *q, const struct plan_question *question, const struct frame *part)
{
    bool may = strcmp(part->sqlstate, "55P03") == 0 || (!q->all_seeing && part->status == FRAME_DENIED);
    faults_check(q->faults, part->status == FRAME_OK || may, "%s: %s: %s %s", question->label,
                 frame_status_word(part->status), part->sqlstate, part->note ? part->note : "");
}

/* As the engine does: begin; while (next) { ask; answer; } merge. look: called with each question, or NULL. */
static struct frame *ask_planned(const struct inquiry *q, void (*look)(const struct inquiry *, const struct plan_question *))
{
    const struct probe_plan *plan = q->probe->plan;
    void *state = plan->open(q->probe->plan_data);
    struct plan_question question;
    int64_t now = clock_boot_us();
    plan->begin(state, now, true);
    while (plan->next(state, &question)) {
        if (look)
            look(q, &question);
        struct question asked = {.sql = (char *)question.sql, .fenced = !question.views, .max_rows = question.max_rows};
        struct frame *part = ask_question(q, &asked, question.schema);
        check_answer(q, &question, part);
        plan->answer(state, part);
        frame_unref(part);
    }
    struct frame *f = plan->merge(state);
    plan->close(state);
    f->taken_us = now;
    return f;
}

/* Rates are counted over a second or more, which nobody waits for here: answers are as though so far apart. */
static void set_apart(const struct inquiry *q, struct frame *f)
{
    struct sight s = store_sight(q->pilot->engine->store, q->pilot->target, q->topic, f->taken_us);
    if (s.good && f->taken_us < s.good->taken_us + US_PER_S)
        f->taken_us = s.good->taken_us + US_PER_S;
}

struct frame *inquiry_ask(const struct inquiry *q, int64_t *took_us)
{
    int64_t sent = clock_boot_us();
    struct frame *f = q->probe->plan ? ask_planned(q, NULL) : ask_fixed(q);
    if (took_us)
        *took_us = clock_boot_us() - sent;
    if (f) {
        f->epoch = q->pilot->epoch;
        set_apart(q, f);
    }
    return f;
}

bool inquiry_is_absent(const struct inquiry *q, const struct frame *f)
{
    return q->probe->plan && f->status == FRAME_ABSENT && !f->sqlstate[0] && f->note;
}

void inquiry_publish(const struct inquiry *q, const struct frame *f)
{
    engine_tick(q->pilot->engine);
    publish_frame(q->pilot, q->topic, frame_ref(f));
}

/* ---- what the server announces ---- */

/* Object ids of types are fixed: src/include/catalog/pg_type.dat. */
enum { OID_BOOL = 16, OID_INT8 = 20, OID_INT2 = 21, OID_INT4 = 23, OID_OID = 26, OID_XID = 28, OID_FLOAT4 = 700,
       OID_FLOAT8 = 701, OID_TIMESTAMPTZ = 1184, OID_NUMERIC = 1700, OID_LSN = 3220, OID_XID8 = 5069,
       OID_TEXT = 25, OID_NAME = 19, OID_CHAR = 18, OID_VARCHAR = 1043, OID_BPCHAR = 1042, OID_JSON = 114 };

static bool type_fits(enum type type, Oid oid)
{
    switch (type) {
    case TYPE_BOOL:
        return oid == OID_BOOL;
    case TYPE_INT:
        return oid == OID_INT2 || oid == OID_INT4 || oid == OID_INT8 || oid == OID_OID || oid == OID_XID ||
               oid == OID_XID8;
    case TYPE_REAL:
        return oid == OID_FLOAT4 || oid == OID_FLOAT8 || oid == OID_NUMERIC || type_fits(TYPE_INT, oid);
    case TYPE_TEXT:
        return oid == OID_TEXT || oid == OID_NAME || oid == OID_CHAR || oid == OID_VARCHAR || oid == OID_BPCHAR ||
               oid == OID_JSON;
    case TYPE_TIME:
        return oid == OID_TIMESTAMPTZ;
    case TYPE_LSN:
        return oid == OID_LSN;
    default:
        return false;
    }
}

static void check_column(const struct inquiry *q, const struct schema *schema, const PGresult *r, int place, bool *seen,
                         bool *given)
{
    const char *name = PQfname(r, place);
    int i = schema_find(schema, name);
    if (strcmp(name, ROLE_COLUMN) == 0)
        return;
    if (!faults_check(q->faults, i >= 0 || q->probe->simple, "the SQL gives \"%s\", which the schema does not have", name))
        return;
    if (i < 0)
        return;                 /* a console's SHOW gives what it gives */
    faults_check(q->faults, !seen[i], "the SQL gives \"%s\" twice", name);
    seen[i] = given[i] = true;
    faults_check(q->faults, q->probe->simple || type_fits(schema->columns[i].type, PQftype(r, place)),
                 "\"%s\" is of type %u, which is no %s", name, PQftype(r, place),
                 type_word(schema->columns[i].type));
}

static bool decodes(enum type type, const char *text)
{
    int64_t i;
    double d;
    switch (type) {
    case TYPE_BOOL:
        return decode_bool(text, &i);
    case TYPE_INT:
        return decode_int(text, &i);
    case TYPE_REAL:
        return decode_real(text, &d) || strcmp(text, "NaN") == 0 || strstr(text, "Infinity");
    case TYPE_TIME:
        return decode_time(text, &i) || strstr(text, "infinity");
    case TYPE_LSN:
        return decode_lsn(text, &i);
    default:
        return true;
    }
}

static void check_values(const struct inquiry *q, const struct schema *schema, const PGresult *r)
{
    for (int place = 0; place < PQnfields(r); place++) {
        int i = schema_find(schema, PQfname(r, place));
        for (int row = 0; row < PQntuples(r) && i >= 0; row++)
            if (!PQgetisnull(r, row, place) &&
                !faults_check(q->faults, decodes(schema->columns[i].type, PQgetvalue(r, row, place)),
                              "\"%s\" cannot be read: \"%s\"", PQfname(r, place), PQgetvalue(r, row, place)))
                break;
    }
}

static void check_result(const struct inquiry *q, const struct schema *schema, const PGresult *described, PGresult *rows,
                         bool *given)
{
    bool seen[SCHEMA_COLUMNS_MAX] = {false};
    for (int i = 0; i < PQnfields(described); i++)
        check_column(q, schema, described, i, seen, given);
    for (int i = 0; i < schema_keys(schema); i++)
        faults_check(q->faults, seen[i], "the SQL does not give \"%s\", a part of the key", schema->columns[i].name);
    if (faults_check(q->faults, PQresultStatus(rows) == PGRES_TUPLES_OK, "%s", PQresultErrorMessage(rows)))
        check_values(q, schema, rows);
    PQclear(rows);
}

static void check_prepared(const struct inquiry *q, const char *sql, const char *parameter, const struct schema *schema,
                           bool *given)
{
    PGconn *conn = q->session->conn;
    const char *const values[] = {parameter};
    PGresult *prepared = PQprepare(conn, "inquiry", sql, 0, NULL);
    PGresult *described = PQdescribePrepared(conn, "inquiry");
    if (faults_check(q->faults, PQresultStatus(prepared) == PGRES_COMMAND_OK, "%s", PQresultErrorMessage(prepared)))
        check_result(q, schema, described,
                     PQexecPrepared(conn, "inquiry", parameter != NULL, values, NULL, NULL, 0), given);
    PQclear(prepared);
    PQclear(described);
    PQclear(PQexecParams(conn, "DEALLOCATE inquiry", 0, NULL, NULL, NULL, NULL, 0));
}

static void check_part(const struct inquiry *q, const struct plan_question *question)
{
    bool given[SCHEMA_COLUMNS_MAX] = {false};
    check_prepared(q, question->sql, NULL, question->schema, given);
}

void inquiry_check_sql(const struct inquiry *q, bool *given)
{
    struct buf sql = {0}, parameter = {0};
    if (q->probe->plan) {
        frame_unref(ask_planned(q, check_part));
        return;
    }
    struct probe_context context = publish_context(q->pilot, q->topic);
    bool has = q->probe->parameter && q->probe->parameter(&context, &parameter);
    variant_put(&sql, q->probe, &q->session->facts);
    if (q->probe->simple) {
        PGresult *rows = PQexec(q->session->conn, buf_text(&sql));
        check_result(q, q->probe->schema, rows, rows, given);
    } else {
        check_prepared(q, buf_text(&sql), has ? buf_text(&parameter) : NULL, q->probe->schema, given);
    }
    buf_free(&sql);
    buf_free(&parameter);
}

/* ---- what came ---- */

struct hashed {
    uint64_t hash;
    uint32_t row;
};

static int by_hash(const void *a, const void *b)
{
    uint64_t x = ((const struct hashed *)a)->hash, y = ((const struct hashed *)b)->hash;
    return (x > y) - (x < y);
}

static struct hashed *hash_rows(const struct frame *f)
{
    struct hashed *rows = mem_array(f->nrows + 1, sizeof(*rows));
    for (uint32_t i = 0; i < f->nrows; i++)
        rows[i] = (struct hashed){frame_key_hash(f, i), i};
    qsort(rows, f->nrows, sizeof(*rows), by_hash);
    return rows;
}

static void check_identity(const struct inquiry *q, const struct frame *f, const char *which)
{
    struct hashed *rows = hash_rows(f);
    int keys = schema_keys(f->schema);
    for (uint32_t i = 0; i + 1 < f->nrows; i++)
        if (!faults_check(q->faults, !frame_same_key(f, rows[i].row, f, rows[i + 1].row),
                          "rows %u and %u of %s have the same key", rows[i].row, rows[i + 1].row, which))
            break;
    faults_check(q->faults, keys > 0 || f->nrows <= 1, "%s has %u rows and no key", which, f->nrows);
    for (uint32_t i = 0; i < f->nrows && q->all_seeing; i++)
        for (int k = 0; k < keys; k++)
            if (!faults_check(q->faults, frame_cell(f, i, k)->known, "row %u of %s has no \"%s\", a part of its key", i,
                              which, f->schema->columns[k].name))
                i = f->nrows - 1;
    free(rows);
}

static void note_given(const struct probe *pr, const struct frame *f, bool *given)
{
    for (int c = 0; c < f->schema->ncolumns; c++) {
        int i = schema_find(pr->schema, f->schema->columns[c].name);
        for (uint32_t row = 0; row < f->nrows && i >= 0 && !given[i]; row++)
            given[i] = frame_cell(f, row, c)->known;
    }
}

static void check_derived(const struct inquiry *q, const struct frame *now, const struct frame *d, bool *given)
{
    faults_check(q->faults, schema_same(d->schema, q->probe->derived_schema), "what was derived is in another schema");
    faults_check(q->faults, d->status == now->status && d->taken_us == now->taken_us,
                 "what was derived has another status or age");
    check_identity(q, d, "the derived frame");
    note_given(q->probe, d, given);
}

void inquiry_check_frames(const struct inquiry *q, const struct frame *f, bool *given)
{
    const struct engine *e = q->pilot->engine;
    struct sight s = store_sight(e->store, q->pilot->target, q->topic, e->now_us);
    check_identity(q, f, "the frame");
    note_given(q->probe, f, given);
    if (q->probe->derive && faults_check(q->faults, s.derived != NULL, "nothing was derived"))
        check_derived(q, s.good, s.derived, given);
}

/* ---- two views of the same ---- */

static const struct hashed *find_row(const struct hashed *rows, const struct frame *g, const struct frame *f, uint32_t row)
{
    struct hashed key = {frame_key_hash(f, row), 0};
    const struct hashed *found = bsearch(&key, rows, g->nrows, sizeof(key), by_hash);
    return found && frame_same_key(f, row, g, found->row) ? found : NULL;
}

void inquiry_hidden(const struct frame *f, const struct frame *g, unsigned *hidden)
{
    struct hashed *rows = hash_rows(g);
    for (uint32_t row = 0; row < f->nrows; row++) {
        const struct hashed *other = find_row(rows, g, f, row);
        for (int c = 0; c < f->schema->ncolumns && other; c++)
            hidden[c] += frame_cell(f, row, c)->known && !frame_cell(g, other->row, c)->known;
    }
    free(rows);
}
