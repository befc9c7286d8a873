/* Statements as one look sees them. There are no rates, so what is shown are the sums since the last reset, and the
 * order is that of the time spent. */
#include "probes/statement_look.h"

#include "base/attr.h"
#include "base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    USER_ID, DB_ID, QUERY_ID, TOPLEVEL, USER, DATABASE, CALLS, EXEC, MEAN, SHARE, PLAN, ROWS, HIT, READ, DIRTIED, TEMP,
    READ_TIME, WAL, QUERY, COLUMNS
};

static const struct column columns[COLUMNS] = {
    [USER_ID] = {"user_id", "user id", TYPE_INT, ROLE_KEY, UNIT_NONE, 0, 90, "Role's OID."},
    [DB_ID] = {"database_id", "db id", TYPE_INT, ROLE_KEY, UNIT_NONE, 0, 90, "Database's OID."},
    [QUERY_ID] = {"query_id", "query id", TYPE_INT, ROLE_KEY, UNIT_NONE, 20, 80, "Identifier of the normalised query."},
    [TOPLEVEL] = {"toplevel", "top", TYPE_BOOL, ROLE_KEY, UNIT_NONE, 5, 85, "Whether it ran by itself, not inside a function."},
    [USER] = {"user", "user", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 10, 40, "Role that ran it."},
    [DATABASE] = {"database", "database", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 10, 45, "Database where it ran."},
    [CALLS] = {"calls", "calls", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 10, "Executions."},
    [EXEC] = {"exec_s", "exec", TYPE_REAL, ROLE_COUNTER, UNIT_SECONDS, 0, 5, "Time spent executing."},
    [MEAN] = {"mean_s", "mean", TYPE_REAL, ROLE_GAUGE, UNIT_SECONDS, 0, 8, "Mean execution time."},
    [SHARE] = {"share", "share", TYPE_REAL, ROLE_GAUGE, UNIT_FRACTION, 0, 7, "Its share of the execution time of all statements."},
    [PLAN] = {"plan_s", "plan", TYPE_REAL, ROLE_COUNTER, UNIT_SECONDS, 0, 60, "Time spent planning."},
    [ROWS] = {"rows", "rows", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 20, "Rows returned or changed."},
    [HIT] = {"blks_hit", "hits", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 50, "Shared blocks found in the cache."},
    [READ] = {"blks_read", "reads", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 30, "Shared blocks read."},
    [DIRTIED] = {"blks_dirtied", "dirtied", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 65, "Shared blocks dirtied."},
    [TEMP] = {"temp_blks", "temp", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 35, "Temporary blocks written."},
    [READ_TIME] = {"read_s", "read time", TYPE_REAL, ROLE_COUNTER, UNIT_SECONDS, 0, 55, "Time spent reading blocks."},
    [WAL] = {"wal_bytes", "wal", TYPE_INT, ROLE_COUNTER, UNIT_BYTES, 0, 32, "Bytes of WAL generated."},
    [QUERY] = {"query", "query", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 0, 3, "Normalised text."},
};

static const struct schema schema = {"statements", COLUMNS, columns};

static double number(const struct frame *f, uint32_t row, const char *name)
{
    int column = schema_find(f->schema, name);
    return column < 0 ? NAN : frame_number(f, row, column);
}

/* ---- their order ---- */

struct cost {
    double s;
    uint32_t row;
};

static int dearest_first(const void *a, const void *b)
{
    const struct cost *x = a, *y = b;
    return x->s != y->s ? (x->s < y->s) - (x->s > y->s) : (x->row > y->row) - (x->row < y->row);
}

uint32_t statement_ranks(const struct frame *f, uint32_t *rows)
{
    struct cost *costs = mem_array(f->nrows, sizeof(*costs));
    for (uint32_t i = 0; i < f->nrows; i++) {
        double s = number(f, i, "exec_s");
        costs[i] = (struct cost){isnan(s) ? -1 : s, i};
    }
    qsort(costs, f->nrows, sizeof(*costs), dearest_first);
    for (uint32_t i = 0; i < f->nrows; i++)
        rows[i] = costs[i].row;
    free(costs);
    return f->nrows;
}

/* ---- a row ---- */

static void copy_cell(struct frame_builder *b, int to, const struct frame *f, uint32_t row)
{
    int from = schema_find(f->schema, columns[to].name);
    if (from < 0 || f->schema->columns[from].type != columns[to].type || !frame_cell(f, row, from)->known)
        return;
    if (columns[to].type == TYPE_TEXT)
        frame_build_text(b, to, frame_text(f, row, from).bytes, frame_text(f, row, from).len);
    else if (columns[to].type == TYPE_REAL)
        frame_build_real(b, to, frame_cell(f, row, from)->d);
    else
        frame_build_int(b, to, frame_cell(f, row, from)->i);
}

static bool same_statement(const struct frame *f, uint32_t row, const struct frame *texts, uint32_t i)
{
    static const char *const keys[] = {"user_id", "database_id", "query_id"};
    for (size_t k = 0; k < COUNT_OF(keys); k++) {
        int a = schema_find(f->schema, keys[k]), b = schema_find(texts->schema, keys[k]);
        if (a < 0 || b < 0 || frame_cell(f, row, a)->i != frame_cell(texts, i, b)->i)
            return false;
    }
    return true;
}

static void add_text(struct frame_builder *b, const struct frame *f, uint32_t row, const struct frame *texts)
{
    for (uint32_t i = 0; texts && i < texts->nrows; i++)
        if (same_statement(f, row, texts, i)) {
            copy_cell(b, QUERY, texts, i);
            return;
        }
}

struct frame *statement_look(const struct frame *f, const struct probe_context *c)
{
    struct frame_builder *b = frame_build(&schema);
    const struct frame *texts = probe_answer(c, "statement_texts");
    uint32_t *rows = mem_array(f->nrows, sizeof(*rows)), n = statement_ranks(f, rows);
    double total = 0;
    for (uint32_t i = 0; i < n; i++)
        total += number(f, i, "exec_s") > 0 ? number(f, i, "exec_s") : 0;
    for (uint32_t i = 0; i < n && i < STATEMENT_LOOK_MAX; i++) {
        double exec = number(f, rows[i], "exec_s"), calls = number(f, rows[i], "calls");
        frame_build_row(b);
        for (int to = 0; to < COLUMNS; to++)
            copy_cell(b, to, f, rows[i]);
        frame_build_real(b, MEAN, calls > 0 ? exec / calls : NAN);
        frame_build_real(b, SHARE, total > 0 ? exec / total : NAN);
        add_text(b, f, rows[i], texts);
    }
    free(rows);
    return frame_seal_as(b, f, f->nfound);
}
