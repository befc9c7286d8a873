/* From a definition to the statement that counts it: one arm for each source and expanded table, joined by
 * union all, summed outside. Finished rows are never read. */
#include "probes/queue_sql.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

static const char *const state_words[] = QUEUE_STATE_WORDS;

void sql_identifier(struct buf *out, const char *name)
{
    buf_putc(out, '"');
    for (; *name; name++)
        buf_printf(out, *name == '"' ? "\"\"" : "%c", *name);
    buf_putc(out, '"');
}

void sql_literal(struct buf *out, const char *text)
{
    buf_puts(out, strchr(text, '\\') ? " E'" : "'");
    for (; *text; text++)
        buf_printf(out, *text == '\'' ? "''" : *text == '\\' ? "\\\\" : "%c", *text);
    buf_putc(out, '\'');
}

/* A definition with a zone of its own compares local times: its now() is local too. */
static void put_text(struct buf *out, const char *text, const char *tz)
{
    for (const char *now; tz && (now = strstr(text, "now()")); text = now + 5) {
        buf_add(out, text, (size_t)(now - text));
        buf_puts(out, "(now() at time zone ");
        sql_literal(out, tz);
        buf_putc(out, ')');
    }
    buf_puts(out, text);
}

static const char *variant_value(const struct queue_variant *v, const char *key)
{
    for (size_t i = 0; v && i < v->nvalues; i++)
        if (strcmp(v->values[i].key, key) == 0)
            return v->values[i].value;
    return "null";
}

static void put_param(struct buf *out, const struct queue_def *def, const char *name)
{
    for (size_t i = 0; i < def->nparams; i++)
        if (strcmp(def->params[i].name, name) == 0)
            buf_puts(out, def->params[i].literal);
}

static void put_piece(struct buf *out, const struct queue_piece *piece, const struct queue_place *p)
{
    switch (piece->kind) {
    case PIECE_TEXT:
        put_text(out, piece->text, p->def->tz);
        break;
    case PIECE_SCHEMA:
        sql_identifier(out, p->schema);
        break;
    case PIECE_SCHEMA_LIT:
        sql_literal(out, p->schema);
        break;
    case PIECE_TABLE:
        assert(p->table);
        sql_identifier(out, p->schema);
        buf_putc(out, '.');
        sql_identifier(out, p->table);
        break;
    case PIECE_QUEUE:
        assert(p->queue);
        sql_literal(out, p->queue);
        break;
    case PIECE_VARIANT:
        put_text(out, variant_value(p->variant, piece->text), p->def->tz);
        break;
    case PIECE_PARAM:
        put_param(out, p->def, piece->text);
        break;
    }
}

void queue_sql_put(struct buf *out, const struct queue_sql *sql, const struct queue_place *place)
{
    for (size_t i = 0; i < sql->n; i++)
        put_piece(out, &sql->pieces[i], place);
}

/* A fragment may end in a comment: a new line ends that. */
static void put(struct buf *out, const char *before, const struct queue_sql *sql, const struct queue_place *p,
                const char *after)
{
    buf_puts(out, before);
    if (sql->n)
        queue_sql_put(out, sql, p);
    buf_printf(out, "\n%s", after);
}

static void put_since(struct buf *out, const struct queue_sql *since, const struct queue_place *p)
{
    put(out, "(", since, p, ")");
    if (p->def->tz) {
        buf_puts(out, "::timestamp at time zone ");
        sql_literal(out, p->def->tz);
    } else {
        buf_puts(out, "::timestamptz");
    }
}

bool queue_need_met(const struct queue_def *def, const bool *optional, const char *needs)
{
    for (size_t i = 0; needs && i < def->noptional; i++)
        if (strcmp(def->optional[i].name, needs) == 0)
            return optional[i];
    return !needs;
}

bool queue_has_slow(const struct queue_def *def)
{
    for (size_t i = 0; i < def->nsources; i++)
        if (def->sources[i].scan)
            return true;
    return false;
}

/* ---- arms ---- */

/* "case when .. then A when .. then B else C end", where the last state needs no condition. */
static void put_case(struct buf *out, const struct queue_source *s, const struct queue_place *p, bool since)
{
    bool bare = !s->states[0].when.n;
    if (!bare)
        buf_puts(out, "case");
    for (size_t i = 0; i < s->nstates; i++) {
        const struct queue_when *w = &s->states[i];
        if (w->when.n)
            put(out, " when ", &w->when, p, "then ");
        else if (!bare)
            buf_puts(out, " else ");
        if (since)
            put_since(out, &w->since, p);
        else
            buf_printf(out, "'%s'", state_words[w->state]);
    }
    if (!bare)
        buf_puts(out, " end");
    buf_puts(out, since ? " since" : "::text st");
}

static void put_rows(struct buf *out, const struct queue_sql *from, const struct queue_sql *where,
                     int64_t cap, const struct queue_place *p)
{
    put(out, "\nfrom ", from, p, "");
    if (where->n)
        put(out, "where ", where, p, "");
    buf_printf(out, "limit %" PRId64 ") x group by 1, 2\n", cap + 1);
}

static void begin_arm(struct buf *out, size_t *arms, int64_t cap, const struct queue_sql *queue,
                      const struct queue_place *p)
{
    buf_printf(out,
               "%sselect q, st, count(*) n, min(since) oldest, sum(count(*)) over () > %" PRId64
               " capped\nfrom (",
               (*arms)++ ? "union all\n" : "", cap);
    put(out, "select left((", queue, p, ")::text, 200) q, ");
}

static void source_arm(struct buf *out, size_t *arms, const struct queue_source *s,
                       const struct queue_place *p)
{
    begin_arm(out, arms, s->cap, &s->queue, p);
    put_case(out, s, p, false);
    buf_puts(out, ", ");
    put_case(out, s, p, true);
    put_rows(out, &s->from, &s->where, s->cap, p);
}

#define STUCK_CAP 10000

static void stuck_arm(struct buf *out, size_t *arms, const struct queue_stuck *s, const struct queue_place *p)
{
    begin_arm(out, arms, STUCK_CAP, &s->queue, p);
    buf_puts(out, "'stuck'::text st, ");
    put_since(out, &s->since, p);
    buf_puts(out, " since");
    put_rows(out, &s->from, &s->where, STUCK_CAP, p);
}

/* ---- counters ---- */

/* A partitioned table has no counters of its own; its partitions have. */
static void stat_arm(struct buf *out, size_t *arms, const char *name, const char *function, int64_t oid,
                     const char *queue)
{
    buf_printf(out, "%sselect ", (*arms)++ ? "union all\n" : "");
    sql_literal(out, queue);
    buf_printf(out,
               "::text, '%s', sum(%s(o))::bigint, null::timestamptz, false from (select %" PRId64
               "::oid o union all select inhrelid from pg_inherits where inhparent = %" PRId64 "::oid) r\n",
               name, function, oid, oid);
}

/* The sequence of a queue whose name stands in its name, with lower case tried too. */
static void sequence_arm(struct buf *out, size_t *arms, const char *name, const char *pattern,
                         const char *schema, const char *queue)
{
    struct buf sequence = {0};
    const char *hole = strstr(pattern, "<queue>");
    buf_add(&sequence, pattern, hole ? (size_t)(hole - pattern) : strlen(pattern));
    if (hole)
        buf_printf(&sequence, "%s%s", queue, hole + 7);
    buf_printf(out, "%sselect ", (*arms)++ ? "union all\n" : "");
    sql_literal(out, queue);
    buf_printf(out,
               "::text, '%s', max(case when has_sequence_privilege(c.oid, 'SELECT') then "
               "pg_sequence_last_value(c.oid) end),"
               " null::timestamptz, false\nfrom pg_class c join pg_namespace n on n.oid = "
               "c.relnamespace\nwhere n.nspname = ",
               name);
    sql_literal(out, schema);
    buf_puts(out, " and c.relkind = 'S' and c.relname in (");
    sql_literal(out, buf_text(&sequence));
    buf_puts(out, ", lower(");
    sql_literal(out, buf_text(&sequence));
    buf_puts(out, "))\n");
    buf_free(&sequence);
}

static void rate_arm(struct buf *out, size_t *arms, const char *name, const struct queue_rate *rate,
                     const char *schema, int64_t oid, const char *queue)
{
    if (rate->kind == RATE_SEQUENCE)
        sequence_arm(out, arms, name, rate->sequence, schema, queue);
    else if ((rate->kind == RATE_INSERTED || rate->kind == RATE_DELETED) && oid)
        stat_arm(out, arms, name,
                 rate->kind == RATE_INSERTED ? "pg_stat_get_tuples_inserted" : "pg_stat_get_tuples_deleted",
                 oid, queue);
}

/* Counters of one table; the name of a table that serves many queues is empty. */
static void counter_arms(struct buf *out, size_t *arms, const struct queue_depth *d, int64_t oid,
                         const char *queue)
{
    rate_arm(out, arms, QUEUE_COUNT_IN, &d->def->enqueued, d->schema, oid, queue);
    rate_arm(out, arms, QUEUE_COUNT_OUT, &d->def->done, d->schema, oid, queue);
    if (oid)
        stat_arm(out, arms, QUEUE_COUNT_DEAD, "pg_stat_get_dead_tuples", oid, queue);
}

static void all_counters(struct buf *out, size_t *arms, const struct queue_depth *d)
{
    for (size_t i = 0; i < d->ntables; i++)
        counter_arms(out, arms, d, d->tables[i].oid, d->tables[i].queue);
    if (!d->def->expand.n && d->first)
        counter_arms(out, arms, d, d->main_oid, "");
    if (*arms && d->first)
        buf_printf(out,
                   "union all\nselect '', '" QUEUE_COUNT_RESET
                   "', (extract(epoch from stats_reset) * 1000000)::bigint,"
                   " null::timestamptz, false from pg_stat_database where datname = current_database()\n");
}

/* ---- the statement ---- */

static void sources_at(struct buf *out, size_t *arms, const struct queue_depth *d,
                       const struct queue_place *p, bool expanded)
{
    for (size_t i = 0; i < d->def->nsources; i++) {
        const struct queue_source *s = &d->def->sources[i];
        if (s->expanded == expanded && s->scan == d->slow && queue_need_met(d->def, d->optional, s->needs))
            source_arm(out, arms, s, p);
    }
    bool slow = queue_has_slow(d->def);
    for (size_t i = 0; i < d->def->nstuck; i++) {
        const struct queue_stuck *s = &d->def->stuck[i];
        if (s->expanded == expanded && slow == d->slow && queue_need_met(d->def, d->optional, s->needs))
            stuck_arm(out, arms, s, p);
    }
}

bool queue_depth_sql(struct buf *out, const struct queue_depth *d)
{
    size_t arms = 0;
    struct buf inner = {0};
    struct queue_place place = {d->def, d->variant, d->schema, NULL, NULL};
    if (d->first)
        sources_at(&inner, &arms, d, &place, false);
    for (size_t i = 0; i < d->ntables; i++) {
        place.table = d->tables[i].table;
        place.queue = d->tables[i].queue;
        sources_at(&inner, &arms, d, &place, true);
    }
    if (!d->slow)
        all_counters(&inner, &arms, d);
    if (arms)
        buf_printf(out,
                   "select q, st, sum(n)::bigint n, min(oldest) oldest,\n"
                   "  case when isfinite(min(oldest)) then extract(epoch from now() - min(oldest))::float8 "
                   "end age,\n"
                   "  bool_or(capped) capped\nfrom (%s) y\ngroup by 1, 2 order by 3 desc nulls last limit %d",
                   buf_text(&inner), QUEUE_GROUPS_MAX);
    buf_free(&inner);
    return arms > 0;
}

#define STUCK_ROWS 200

static void stuck_rows(struct buf *out, size_t *arms, const struct queue_stuck *s,
                       const struct queue_place *p, const char *only)
{
    static const struct queue_piece null = {PIECE_TEXT, "null"};
    static const struct queue_sql nothing = {&null, 1};
    put(out, (*arms)++ ? "union all\n(select left((" : "(select left((", &s->id, p, ")::text, 200) id, ");
    put(out, "left((", &s->queue, p, ")::text, 200) queue, ");
    put(out, "left((", s->kind.n ? &s->kind : &nothing, p, ")::text, 200) kind, ");
    put(out, "left((", s->owner.n ? &s->owner : &nothing, p, ")::text, 200) owner, ");
    put_since(out, &s->since, p);
    put(out, " since\nfrom ", &s->from, p, "");
    put(out, "where (", &s->where, p, ")\n");
    if (only) {
        put(out, "and left((", &s->queue, p, ")::text, 200) = ");
        sql_literal(out, only);
        buf_putc(out, '\n');
    }
    buf_printf(out, "order by since nulls last limit %d)\n", STUCK_ROWS);
}

bool queue_stuck_sql(struct buf *out, const char *only, const struct queue_depth *d)
{
    size_t arms = 0;
    struct buf inner = {0};
    for (size_t i = 0; i < d->def->nstuck; i++) {
        const struct queue_stuck *s = &d->def->stuck[i];
        if (!queue_need_met(d->def, d->optional, s->needs))
            continue;
        for (size_t t = 0; t < (s->expanded ? d->ntables : 1); t++) {
            struct queue_place place = {d->def, d->variant, d->schema,
                                        s->expanded ? d->tables[t].table : NULL,
                                        s->expanded ? d->tables[t].queue : NULL};
            stuck_rows(&inner, &arms, s, &place, only);
        }
    }
    if (arms)
        buf_printf(out,
                   "select id, queue, kind, owner, since,\n"
                   "  case when isfinite(since) then extract(epoch from now() - since)::float8 end age\n"
                   "from (%s) y order by since nulls last limit %d",
                   buf_text(&inner), STUCK_ROWS);
    buf_free(&inner);
    return arms > 0;
}

/* ---- cached ---- */

static const char *key_of(const struct queue_def *def)
{
    const struct queue_table *lists[] = {def->detect, def->optional};
    size_t counts[] = {def->ndetect, def->noptional};
    for (int l = 0; l < 2; l++)
        for (size_t i = 0; i < counts[l]; i++)
            if (strcmp(lists[l][i].name, def->cached_table) == 0 && lists[l][i].ncolumns)
                return lists[l][i].columns[0];
    return def->cached_columns[0];
}

void queue_cached_sql(struct buf *out, const struct queue_def *def, const char *schema)
{
    buf_puts(out, "select left(c.");
    sql_identifier(out, key_of(def));
    buf_puts(out, "::text, 200) as queue, v.counter, v.value from ");
    sql_identifier(out, schema);
    buf_putc(out, '.');
    sql_identifier(out, def->cached_table);
    buf_puts(out, " c, lateral (values ");
    for (size_t i = 0; i < def->ncached; i++) {
        buf_puts(out, i ? ", (" : "(");
        sql_literal(out, def->cached_columns[i]);
        buf_puts(out, ", c.");
        sql_identifier(out, def->cached_columns[i]);
        buf_puts(out, "::text)");
    }
    buf_printf(out, ") v(counter, value) order by 1, 2 limit %d", QUEUE_GROUPS_MAX);
}

/* ---- finished ---- */

void queue_finished_sql(struct buf *out, const struct queue_depth *d, const struct queue_finished *f)
{
    struct queue_place place = {d->def, d->variant, d->schema, NULL, NULL};
    put(out, "explain (format json) select 1 from ", &f->from, &place, "");
    if (f->where.n)
        put(out, "where ", &f->where, &place, "");
}

int64_t queue_plan_rows(const char *json, size_t len)
{
    static const char key[] = "\"Plan Rows\":";
    const char *p = memmem(json, len, key, sizeof(key) - 1);
    if (!p)
        return -1;
    int64_t rows = 0;
    p += sizeof(key) - 1;
    size_t left = len - (size_t)(p - json);
    for (; left && *p == ' '; left--)
        p++;
    if (!left || *p < '0' || *p > '9')
        return -1;
    for (; left && *p >= '0' && *p <= '9' && rows < INT64_MAX / 10 - 1; p++, left--)
        rows = rows * 10 + (*p - '0');
    return rows;
}
