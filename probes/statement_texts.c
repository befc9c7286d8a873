/* The texts of the statements that are shown. Any read with texts loads the server's whole file of them and copies it,
 * above work_mem into a temporary file; so they are asked for in one go, at most once a minute. How large the file is
 * only a superuser can ask: what the last read cost tells it to everybody. 0.3 s, some 100 MB, is the most for once a
 * minute; what is dearer comes less often, down to once in ten minutes. */
#include "base/attr.h"
#include "base/buf.h"
#include "base/mem.h"
#include "probes/list.h"
#include "probes/statement_look.h"

#include <stdlib.h>

static const struct column columns[] = {
    {"user_id", "user id", TYPE_INT, ROLE_KEY, UNIT_NONE, 0, 0, "Role's OID."},
    {"database_id", "db id", TYPE_INT, ROLE_KEY, UNIT_NONE, 0, 0, "Database's OID."},
    {"query_id", "query id", TYPE_INT, ROLE_KEY, UNIT_NONE, 20, 0, "Identifier of the normalised query."},
    {"query", "query", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 0, 0, "Normalised text, at most 4096 characters of it."},
};

static const struct schema schema = {"statement_texts", COUNT_OF(columns), columns};

/* $1 holds query ids. Text of roles that we may not see is left out. */
static const struct probe_sql sql[] = {
    {0, "SELECT DISTINCT ON (s.userid, s.dbid, s.queryid) s.userid::int8 AS user_id, s.dbid::int8 AS database_id,"
        " s.queryid AS query_id, left(s.query, 4096) AS query FROM {statements}.pg_stat_statements(true) s"
        " WHERE s.queryid = ANY ($1::int8[])"},
    {0, NULL},
};

#define TEXTS_MAX 50

/* Without an interval nothing is busy: those that have cost the most. */
static bool parameter_of_look(const struct probe_context *c, struct buf *out)
{
    const struct frame *f = probe_answer(c, "statements");
    int id = f ? schema_find(f->schema, "query_id") : -1;
    if (id < 0 || f->nrows == 0)
        return false;
    uint32_t *rows = mem_array(f->nrows, sizeof(*rows)), n = statement_ranks(f, rows);
    for (uint32_t i = 0; i < n && i < STATEMENT_LOOK_MAX; i++)
        buf_printf(out, "%s%lld", i ? "," : "{", (long long)frame_cell(f, rows[i], id)->i);
    buf_putc(out, '}');
    free(rows);
    return true;
}

static bool parameter(const struct probe_context *c, struct buf *out)
{
    if (c->one_look)
        return parameter_of_look(c, out);
    const struct frame *shown = probe_frame(c, "statements");
    int id = shown ? schema_find(shown->schema, "query_id") : -1;
    if (id < 0 || shown->nrows == 0 || schema_find(shown->schema, "share") < 0)
        return false;
    buf_putc(out, '{');
    for (uint32_t row = 0; row < shown->nrows && row < TEXTS_MAX; row++)
        buf_printf(out, "%s%lld", row ? "," : "", (long long)frame_cell(shown, row, id)->i);
    buf_putc(out, '}');
    return true;
}

const struct probe probe_statement_texts = {
    .name = "statement_texts",
    .dear = true,
    .title = "statement texts",
    .help = "Texts of the 50 busiest statements. Each read loads the server's whole file of texts: at most once a "
            "minute, and less often when that takes more than 0.3 s, down to once in ten minutes.",
    .schema = &schema,
    .kind = TARGET_SERVER,
    .needs = NEED_STATEMENTS,
    .interval_s = 60,
    .background_s = 600,
    .share = 0.005,
    .max_rows = 200,
    .sql = sql,
    .parameter = parameter,
    .beside = "statements",
    .grant = "GRANT pg_read_all_stats TO {role}; GRANT USAGE ON SCHEMA {statements} TO {role}",
};
