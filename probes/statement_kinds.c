/* Statements by kind: what SELECT, INSERT, UPDATE, DELETE and the rest did in the last interval.
 *
 * Costs the server nothing: it is made from the counters that `statements` reads, and from the beginnings of texts that
 * `statement_texts` brings with those that it reads anyway. The kind of a query id never changes: what was learned is
 * carried on from answer to answer, for the ids that are still counted. */
#include "probes/statement_kinds.h"

#include "base/attr.h"
#include "base/mem.h"
#include "model/statement_kind.h"
#include "probes/list.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ID, KIND };

static const struct column columns[] = {
    [ID] = {"query_id", "query id", TYPE_INT, ROLE_KEY, UNIT_NONE, 20, 0, "Identifier of the normalised query."},
    [KIND] = {"kind_number", "kind", TYPE_INT, ROLE_LABEL, UNIT_NONE, 0, 5,
              "1 SELECT, 2 INSERT, 3 UPDATE, 4 DELETE, 5 other; 0 when its text does not tell."},
};

static const struct schema schema = {"statement_kinds", COUNT_OF(columns), columns};

/* ---- what is known, in the order of the ids ---- */

static int64_t id_at(const struct frame *known, uint32_t row)
{
    return frame_cell(known, row, ID)->i;
}

static int64_t find(const struct frame *known, int64_t id)
{
    uint32_t from = 0, to = known ? known->nrows : 0;
    while (from < to) {
        uint32_t middle = from + (to - from) / 2;
        if (id_at(known, middle) < id)
            from = middle + 1;
        else
            to = middle;
    }
    return known && from < known->nrows && id_at(known, from) == id ? (int64_t)from : -1;
}

bool statement_is_known(const struct frame *kinds, int64_t query_id)
{
    return find(kinds, query_id) >= 0;
}

static enum statement_kind kind_of(const struct frame *known, int64_t id)
{
    int64_t row = find(known, id);
    return row < 0 ? STATEMENT_UNKNOWN : (enum statement_kind)frame_cell(known, (uint32_t)row, KIND)->i;
}

/* ---- learning ---- */

struct learned {
    int64_t id;
    enum statement_kind kind;
};

static int by_id(const void *a, const void *b)
{
    int64_t x = ((const struct learned *)a)->id, y = ((const struct learned *)b)->id;
    return (x > y) - (x < y);
}

/* A text that is lost for the moment may be there the next time: it is not learned from. */
static uint32_t learn(const struct frame *texts, struct learned *list)
{
    uint32_t n = 0;
    int id = schema_find(texts->schema, "query_id");
    int query = schema_find(texts->schema, "query"), head = schema_find(texts->schema, "head");
    for (uint32_t row = 0; row < texts->nrows; row++) {
        struct frame_text t = frame_text(texts, row, frame_cell(texts, row, query)->known ? query : head);
        if (t.len > 0)
            list[n++] = (struct learned){frame_cell(texts, row, id)->i, statement_kind(t.bytes, t.len)};
    }
    qsort(list, n, sizeof(*list), by_id);
    return n;
}

static void add_known(struct frame_builder *b, int64_t id, const struct learned *list, uint32_t n,
                      const struct frame *known)
{
    const struct learned *found = n ? bsearch(&(struct learned){.id = id}, list, n, sizeof(*list), by_id) : NULL;
    if (!found && !statement_is_known(known, id))
        return;
    frame_build_row(b);
    frame_build_int(b, ID, id);
    frame_build_int(b, KIND, found ? found->kind : kind_of(known, id));
}

/* For the ids of an answer of `statements`: what was known, and what its texts have told since. */
static struct frame *make(const struct frame *f, const struct probe_context *c)
{
    struct frame_builder *b = frame_build(&schema);
    const struct frame *texts = probe_answer(c, "statement_texts"), *known = probe_answer(c, "statement_kinds");
    struct learned *list = mem_array(texts ? texts->nrows + 1 : 1, sizeof(*list));
    struct learned *ids = mem_array(f->nrows + 1, sizeof(*ids));
    uint32_t n = texts ? learn(texts, list) : 0;
    int id = schema_find(f->schema, "query_id");
    for (uint32_t row = 0; row < f->nrows; row++)
        ids[row].id = frame_cell(f, row, id)->i;
    qsort(ids, f->nrows, sizeof(*ids), by_id);
    for (uint32_t row = 0; row < f->nrows; row++)
        if (row == 0 || ids[row].id != ids[row - 1].id)
            add_known(b, ids[row].id, list, n, known);
    free(ids);
    free(list);
    return frame_seal_as(b, f, 0);
}

/* ---- what they did ---- */

enum { D_KIND, D_CALLS, D_SHARE, D_MEAN, D_STATEMENTS, D_COLUMNS };

static const struct column shown_columns[D_COLUMNS] = {
    [D_KIND] = {"kind", "kind", TYPE_TEXT, ROLE_KEY, UNIT_NONE, 8, 0,
                "SELECT, INSERT, UPDATE, DELETE, other, or unknown: its text was not read yet, or does not tell."},
    [D_CALLS] = {"calls_per_s", "calls/s", TYPE_REAL, ROLE_GAUGE, UNIT_COUNT, 0, 5, "Executions a second in the last interval."},
    [D_SHARE] = {"share", "share", TYPE_REAL, ROLE_GAUGE, UNIT_FRACTION, 0, 6,
                 "Its share of the execution time in the interval; unknown when nothing ran."},
    [D_MEAN] = {"mean_s", "mean", TYPE_REAL, ROLE_GAUGE, UNIT_SECONDS, 0, 7,
                "Mean execution time in the interval; unknown when none ran."},
    [D_STATEMENTS] = {"statements", "statements", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 8,
                      "Different statements that ran in the interval."},
};

static const struct schema shown_schema = {"statement_kinds", D_COLUMNS, shown_columns};

struct sums {
    double calls, exec_s;
    int64_t statements;
};

/* What ran inside of functions is counted with those that called it: time must not count twice. */
static void add_up(const struct frame *f, const struct frame *values, const struct frame *known, struct sums *sums)
{
    int id = schema_find(f->schema, "query_id"), top = schema_find(f->schema, "toplevel");
    int calls = schema_find(values->schema, "calls"), exec = schema_find(values->schema, "exec_s");
    for (uint32_t row = 0; row < f->nrows; row++) {
        double n = frame_number(values, row, calls), s = frame_number(values, row, exec);
        bool inside = frame_cell(f, row, top)->known && !frame_cell(f, row, top)->i;
        if (inside || !(n > 0 || s > 0))
            continue;
        struct sums *of = &sums[kind_of(known, frame_cell(f, row, id)->i)];
        of->calls += n > 0 ? n : 0;
        of->exec_s += s > 0 ? s : 0;
        of->statements++;
    }
}

static double total_s(const struct sums *sums)
{
    double all = 0;
    for (int k = 0; k < STATEMENT_KIND_COUNT_; k++)
        all += sums[k].exec_s;
    return all;
}

/* The unknown ones last. */
static enum statement_kind kind_in_order(int i)
{
    return (enum statement_kind)((i + 1) % STATEMENT_KIND_COUNT_);
}

static void put_kind(struct frame_builder *b, enum statement_kind kind, const struct sums *sums, int at_share, int at_mean)
{
    const char *word = statement_kind_word(kind);
    const struct sums *of = &sums[kind];
    double all = total_s(sums);
    frame_build_row(b);
    frame_build_text(b, D_KIND, word, strlen(word));
    frame_build_real(b, at_share, all > 0 ? of->exec_s / all : NAN);
    frame_build_real(b, at_mean, of->calls > 0 ? of->exec_s / of->calls : NAN);
}

static bool any_rate(const struct frame *rates)
{
    int calls = schema_find(rates->schema, "calls");
    for (uint32_t row = 0; row < rates->nrows; row++)
        if (!isnan(frame_number(rates, row, calls)))
            return true;
    return false;
}

/* Without an interval there is no row. */
static struct frame *derive(const struct frame *now, const struct frame *before, const struct probe_context *c)
{
    struct frame_builder *b = frame_build(&shown_schema);
    const struct frame *f = probe_answer(c, "statements"), *rates = probe_rates(c, "statements");
    struct sums sums[STATEMENT_KIND_COUNT_] = {{0}};
    (void)before;
    bool interval = f && rates && f->nrows > 0 && any_rate(rates);
    if (interval)
        add_up(f, rates, now, sums);
    for (int i = 0; interval && i < STATEMENT_KIND_COUNT_; i++) {
        enum statement_kind kind = kind_in_order(i);
        put_kind(b, kind, sums, D_SHARE, D_MEAN);
        frame_build_real(b, D_CALLS, sums[kind].calls);
        frame_build_int(b, D_STATEMENTS, sums[kind].statements);
    }
    struct frame *own = frame_seal_as(b, now, 0);
    own->over_us = interval ? rates->over_us : 0;
    return own;
}

/* ---- one look: the sums since the counters began ---- */

enum { L_KIND, L_CALLS, L_EXEC, L_SHARE, L_MEAN, L_STATEMENTS, L_COLUMNS };

static const struct column look_columns[L_COLUMNS] = {
    [L_KIND] = {"kind", "kind", TYPE_TEXT, ROLE_KEY, UNIT_NONE, 8, 0,
                "SELECT, INSERT, UPDATE, DELETE, other, or unknown: its text was not read, or does not tell."},
    [L_CALLS] = {"calls", "calls", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 5, "Executions since the counters began."},
    [L_EXEC] = {"exec_s", "exec", TYPE_REAL, ROLE_COUNTER, UNIT_SECONDS, 0, 6, "Time spent executing."},
    [L_SHARE] = {"share", "share", TYPE_REAL, ROLE_GAUGE, UNIT_FRACTION, 0, 6, "Its share of the execution time."},
    [L_MEAN] = {"mean_s", "mean", TYPE_REAL, ROLE_GAUGE, UNIT_SECONDS, 0, 7, "Mean execution time."},
    [L_STATEMENTS] = {"statements", "statements", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 8, "Different statements."},
};

static const struct schema look_schema = {"statement_kinds", L_COLUMNS, look_columns};

/* The texts have come after the statements. */
static struct frame *look(const struct frame *f, const struct probe_context *c)
{
    struct frame_builder *b = frame_build(&look_schema);
    const struct frame *all = probe_answer(c, "statements");
    struct frame *known = all ? make(all, c) : NULL;
    struct sums sums[STATEMENT_KIND_COUNT_] = {{0}};
    if (all)
        add_up(all, all, known, sums);
    for (int i = 0; i < STATEMENT_KIND_COUNT_; i++) {
        enum statement_kind kind = kind_in_order(i);
        put_kind(b, kind, sums, L_SHARE, L_MEAN);
        frame_build_int(b, L_CALLS, (int64_t)sums[kind].calls);
        frame_build_real(b, L_EXEC, sums[kind].exec_s);
        frame_build_int(b, L_STATEMENTS, sums[kind].statements);
    }
    frame_unref(known);
    return frame_seal_as(b, f, 0);
}

const struct probe probe_statement_kinds = {
    .name = "statement_kinds",
    .title = "statements by kind",
    .help = "What SELECT, INSERT, UPDATE, DELETE and other statements did in the last interval. It is made from the answers "
            "of statements and statement_texts and asks nothing itself; what runs inside of functions counts with its caller.",
    .schema = &schema,
    .kind = TARGET_SERVER,
    .needs = NEED_STATEMENTS,
    .interval_s = 10,
    .background_s = 60,
    .of = "statements",
    .make = make,
    .derived_schema = &shown_schema,
    .derive = derive,
    .look = look,
    .beside = "statements",
    .grant = "GRANT pg_read_all_stats TO {role}; GRANT USAGE ON SCHEMA {statements} TO {role}",
};
