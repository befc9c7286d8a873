/* The texts of the statements that are shown. Any read with texts loads the server's whole file of them and copies it,
 * above work_mem into a temporary file; so they are asked for in one go, at most once a minute. How large the file is
 * only a superuser can ask: what the last read cost tells it to everybody. 0.3 s, some 100 MB, is the most for once a
 * minute; what is dearer comes less often, down to once in ten minutes. */
#include "base/attr.h"
#include "base/buf.h"
#include "base/mem.h"
#include "probes/list.h"
#include "probes/statement_kinds.h"
#include "probes/statement_look.h"

#include <stdlib.h>

static const struct column columns[] = {
    {"user_id", "user id", TYPE_INT, ROLE_KEY, UNIT_NONE, 0, 0, "Role's OID."},
    {"database_id", "db id", TYPE_INT, ROLE_KEY, UNIT_NONE, 0, 0, "Database's OID."},
    {"query_id", "query id", TYPE_INT, ROLE_KEY, UNIT_NONE, 20, 0, "Identifier of the normalised query."},
    {"query", "query", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 0, 0, "Normalised text, at most 4096 characters of it."},
    {"head", "head", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 0, 0,
     "Of those that are not shown: as much of the beginning as tells the kind of statement."},
};

enum { QUERY = 3, HEAD };

static const struct schema schema = {"statement_texts", COUNT_OF(columns), columns};

#define TEXTS_MAX 50        /* the first ids of the parameter, as in the SQL below */
#define KINDS_MAX 1000      /* the further ones, of which the kind alone is wanted */

/* $1 holds query ids. Text of roles that we may not see is left out. What begins with a word shows its kind by that; a
 * comment has to be passed over first, and after WITH the verb comes late. A thousand further ids add 5 ms to the 55 that
 * a file of 21 MB takes; the join is what keeps it so, as = ANY looks through all ids for each statement before 14. */
static const struct probe_sql sql[] = {
    {0, "SELECT DISTINCT ON (w.n, s.userid, s.dbid) s.userid::int8 AS user_id, s.dbid::int8 AS database_id,"
        " s.queryid AS query_id, CASE WHEN w.n <= 50 THEN left(s.query, 4096) END AS query,"
        " CASE WHEN w.n <= 50 THEN NULL WHEN left(s.query, 64) ~* '^[[:space:](]*with([^a-z0-9_$]|$)'"
        " THEN left(s.query, 4096) WHEN left(s.query, 64) ~ '^[[:space:](]*(--|/[*])' THEN left(s.query, 1024)"
        " ELSE coalesce(substring(left(s.query, 64) from '^[[:space:](]*[A-Za-z]+'), '') END AS head"
        " FROM {statements}.pg_stat_statements(true) s JOIN (SELECT id, min(n) AS n FROM unnest($1::int8[])"
        " WITH ORDINALITY u(id, n) GROUP BY id) w ON w.id = s.queryid ORDER BY w.n, s.userid, s.dbid"},
    {0, NULL},
};

static void put_id(struct buf *out, const struct frame *f, uint32_t row)
{
    buf_printf(out, "%s%lld", out->len > 1 ? "," : "",
               (long long)frame_cell(f, row, schema_find(f->schema, "query_id"))->i);
}

/* Without an interval nothing is busy: those that have cost the most. */
static bool parameter_of_look(const struct probe_context *c, struct buf *out)
{
    const struct frame *f = probe_answer(c, "statements");
    if (!f || f->nrows == 0 || schema_find(f->schema, "query_id") < 0)
        return false;
    uint32_t *rows = mem_array(f->nrows, sizeof(*rows)), n = statement_ranks(f, rows);
    buf_putc(out, '{');
    for (uint32_t i = 0; i < n && i < TEXTS_MAX + KINDS_MAX; i++)
        put_id(out, f, rows[i]);
    buf_putc(out, '}');
    free(rows);
    return true;
}

struct candidate {
    double exec_s;              /* a second; -1: it did not run */
    uint32_t row;
};

static int busiest_first(const void *a, const void *b)
{
    double x = ((const struct candidate *)a)->exec_s, y = ((const struct candidate *)b)->exec_s;
    return (x < y) - (x > y);
}

/* Of what kind they are never changes, so that it is asked once: first of those that took the most time. */
static void put_unknown(const struct probe_context *c, struct buf *out)
{
    const struct frame *f = probe_answer(c, "statements"), *rates = probe_rates(c, "statements");
    const struct frame *known = probe_answer(c, "statement_kinds");
    int id = f ? schema_find(f->schema, "query_id") : -1, exec = rates ? schema_find(rates->schema, "exec_s") : -1;
    if (id < 0 || exec < 0)
        return;
    struct candidate *list = mem_array(f->nrows, sizeof(*list));
    uint32_t n = 0;
    for (uint32_t row = 0; row < f->nrows; row++) {
        double s = frame_number(rates, row, exec);
        if (!statement_is_known(known, frame_cell(f, row, id)->i))
            list[n++] = (struct candidate){s > 0 ? s : -1, row};
    }
    qsort(list, n, sizeof(*list), busiest_first);
    for (uint32_t i = 0; i < n && i < KINDS_MAX; i++)
        put_id(out, f, list[i].row);
    free(list);
}

static bool parameter(const struct probe_context *c, struct buf *out)
{
    if (c->one_look)
        return parameter_of_look(c, out);
    const struct frame *shown = probe_frame(c, "statements");
    if (!shown || shown->nrows == 0 || schema_find(shown->schema, "share") < 0)
        return false;
    buf_putc(out, '{');
    for (uint32_t row = 0; row < shown->nrows && row < TEXTS_MAX; row++)
        put_id(out, shown, row);
    put_unknown(c, out);
    buf_putc(out, '}');
    return true;
}

/* The texts alone. */
static struct frame *derive(const struct frame *now, const struct frame *before, const struct probe_context *c)
{
    struct frame_builder *b = frame_build(&schema);
    (void)before;
    (void)c;
    for (uint32_t row = 0; row < now->nrows; row++)
        if (!frame_cell(now, row, HEAD)->known)
            frame_build_copy(b, now, row);
    return frame_seal_as(b, now, 0);
}

const struct probe probe_statement_texts = {
    .name = "statement_texts",
    .dear = true,
    .title = "statement texts",
    .help = "Texts of the 50 busiest statements, and the beginnings of up to 1,000 others whose kind is not known yet. Each "
            "read loads the server's whole file of texts: at most once a minute, and less often when that takes more than "
            "0.3 s, down to once in ten minutes.",
    .schema = &schema,
    .kind = TARGET_SERVER,
    .needs = NEED_STATEMENTS,
    .interval_s = 60,
    .background_s = 600,
    .share = 0.005,
    .max_rows = 2000,
    .sql = sql,
    .parameter = parameter,
    .derived_schema = &schema,
    .derive = derive,
    .beside = "statements",
    .grant = "GRANT pg_read_all_stats TO {role}; GRANT USAGE ON SCHEMA {statements} TO {role}",
};
