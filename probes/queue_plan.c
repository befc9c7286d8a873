/* The planner's steps: which question is next, and what its answer changes. */
#include "probes/queue_plan.h"

#include "base/mem.h"
#include "probes/queue_state.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define CATALOGUE_EVERY_US (60 * 1000000LL)
#define NAMES_EVERY        300 /* samples */
#define SLOW_EVERY         10  /* samples */
#define FINISHED_EVERY     30  /* samples */

enum {
    STEP_CATALOGUE,
    STEP_VERSION,
    STEP_NAMES,
    STEP_EXPAND,        /* right before its tables are read: they come and go */
    STEP_LOCKS,
    STEP_FAST,
    STEP_SLOW,
    STEP_FINISHED,
    STEP_DONE
};

static void *plan_open(const void *data)
{
    struct plan_state *s = mem_new(sizeof(*s));
    s->data = data;
    s->catalogue_us = INT64_MIN;
    s->step = STEP_DONE;
    return s;
}

static void plan_close(void *state)
{
    struct plan_state *s = state;
    for (size_t i = 0; i < s->nmatches; i++)
        match_free(s->matches[i]);
    free(s->matches);
    places_clear(s);
    locks_forget(s);
    free(s->note);
    free(s->sql);
    free(s->label);
    free(s);
}

/* ---- steps ---- */

static struct lane *lane_of(struct plan_state *s, struct match *m)
{
    return s->step == STEP_SLOW ? &m->slow : &m->fast;
}

static void fail(struct plan_state *s, const struct frame *answer)
{
    s->status = answer->status;
    state_set(&s->note, answer->note);
    memcpy(s->sqlstate, answer->sqlstate, sizeof(s->sqlstate));
    s->stale = true;
    s->sample = 0;
    s->step = STEP_DONE;
}

static void gather(struct plan_state *s, const struct frame *answer)
{
    struct frame_head *h = &s->head;
    if (!s->any || answer->taken_us < h->taken_us) {
        h->taken_us = answer->taken_us;
        h->wall_us = answer->wall_us;
    }
    s->any = true;
    h->cost_us += answer->cost_us;
    h->epoch = answer->epoch;
    if (answer->server_role != SERVER_UNKNOWN)
        h->server_role = answer->server_role;
}

static void plan_answer(void *state, const struct frame *answer)
{
    struct plan_state *s = state;
    bool ok = answer->status == FRAME_OK;
    assert(s->step < STEP_DONE);
    gather(s, answer);
    if (answer->status == FRAME_LOST || (s->step == STEP_CATALOGUE && !ok)) {
        fail(s, answer);
        return;
    }
    if (s->step == STEP_CATALOGUE)
        take_catalogue(s, answer);
    else if (s->step == STEP_VERSION && ok)
        take_version(s->matches[s->at], answer);
    else if (s->step == STEP_EXPAND && ok)
        take_expanded(s->matches[s->at], answer);
    else if (s->step == STEP_EXPAND)
        take_no_expansion(s->matches[s->at], answer);
    else if (s->step == STEP_NAMES && ok)
        queue_names_learn(s->data->names, s->places[s->at].def->id, answer);
    else if (s->step == STEP_LOCKS)
        locks_take(s, answer);
    else if (s->step == STEP_FINISHED)
        take_finished(s->matches[s->at], s->chunk, answer);
    else if (s->step >= STEP_FAST)
        take_depth(s, s->matches[s->at], lane_of(s, s->matches[s->at]), answer);
    s->chunk++;
}

static void ask_expand(const struct match *m, struct buf *sql)
{
    struct queue_place place = {m->def, m->variant, m->schema, NULL, NULL};
    buf_puts(
        sql,
        "select x.relname::text as name, x.queue::text as queue, c.oid::bigint as oid,\n"
        "  has_schema_privilege(n.oid, 'USAGE') as usage, has_table_privilege(c.oid, 'SELECT') as readable,\n"
        "  row_security_active(c.oid) as hidden, c.reltuples::bigint as estimate, quote_ident(current_user) "
        "as role\n"
        "from (");
    queue_sql_put(sql, &m->def->expand, &place);
    buf_puts(sql, "\n) x join pg_namespace n on n.nspname = ");
    sql_literal(sql, m->schema);
    buf_printf(
        sql,
        "\njoin pg_class c on c.relnamespace = n.oid and c.relname = x.relname::name\norder by 1 limit %d",
        EXPANDED_MAX);
}

static void ask_version(const struct match *m, struct buf *sql)
{
    struct queue_place place = {m->def, m->variant, m->schema, NULL, NULL};
    buf_puts(sql, "select v::text as version from (");
    queue_sql_put(sql, &m->def->version, &place);
    buf_puts(sql, "\n) x(v) limit 1");
}

static void ask_names(const struct names_place *p, struct buf *sql)
{
    struct queue_place place = {p->def, NULL, p->schema, NULL, NULL};
    buf_puts(sql, "select hash::text, name::text, is_dead::boolean from (");
    queue_sql_put(sql, &p->def->names, &place);
    buf_puts(sql, "\n) x limit 10000");
}

static struct queue_depth depth_of(const struct match *m, bool slow, size_t chunk)
{
    size_t from = chunk * QUEUE_CHUNK, left = m->ntables > from ? m->ntables - from : 0;
    return (struct queue_depth){m->def,
                                m->variant,
                                m->schema,
                                m->optional,
                                slow,
                                m->tables ? m->tables + from : NULL,
                                left < QUEUE_CHUNK ? left : QUEUE_CHUNK,
                                chunk == 0,
                                m->main_oid};
}

/* When nothing is left to ask, nothing is left of what was answered. */
static bool ask_depth(struct plan_state *s, struct match *m, struct buf *sql)
{
    struct queue_depth depth = depth_of(m, s->step == STEP_SLOW, s->chunk);
    if (queue_depth_sql(sql, &depth))
        return true;
    if (s->chunk == 0)
        lane_clear(lane_of(s, m));
    return false;
}

/* The next finished state that can be asked for; chunk moves on to it. */
static bool ask_finished(struct plan_state *s, const struct match *m, struct buf *sql)
{
    struct queue_depth depth = depth_of(m, false, 0);
    for (; s->chunk < m->def->nfinished; s->chunk++) {
        const struct queue_finished *f = &m->def->finished[s->chunk];
        if (f->expanded || !queue_need_met(m->def, m->optional, f->needs))
            continue;
        queue_finished_sql(sql, &depth, f);
        return true;
    }
    return false;
}

/* The question of the present place, if there is one. */
static bool ask(struct plan_state *s, struct buf *sql, struct plan_question *q)
{
    struct match *m = s->at < s->nmatches && s->step != STEP_NAMES ? s->matches[s->at] : NULL;
    bool first = s->chunk == 0;
    switch (s->step) {
    case STEP_CATALOGUE:
        if (!first)
            return false;
        queue_catalogue_sql(sql, &s->data->defs);
        *q = (struct plan_question){"catalogue", NULL, &queue_catalogue_schema, CATALOGUE_ROWS_MAX};
        return true;
    case STEP_VERSION:
        if (!first || m->problem || m->version_asked || !m->def->version.n)
            return false;
        m->version_asked = true;
        ask_version(m, sql);
        *q = (struct plan_question){"version", NULL, &queue_version_schema, 1};
        return true;
    case STEP_EXPAND:
        if (!first || m->problem || m->expand_asked || !m->def->expand.n)
            return false;
        m->expand_asked = true;
        ask_expand(m, sql);
        *q = (struct plan_question){"tables", NULL, &queue_expand_schema, EXPANDED_MAX};
        return true;
    case STEP_NAMES:
        if (!first || !s->names_due)
            return false;
        ask_names(&s->places[s->at], sql);
        *q = (struct plan_question){"names", NULL, &queue_names_schema, 10000};
        return true;
    case STEP_LOCKS:
        return first && locks_ask(s, sql, q);
    case STEP_FINISHED:
        *q = (struct plan_question){"finished", NULL, &queue_explain_schema, 1};
        return !m->problem && !locks_hold(s, m) && ask_finished(s, m, sql);
    default:
        if (m->problem || s->chunk >= match_chunks(m))
            return false;
        if (locks_hold(s, m)) {
            locks_refuse(lane_of(s, m));
            return false;
        }
        *q = (struct plan_question){s->step == STEP_SLOW ? "slow depth" : "depth", NULL, &queue_depth_schema,
                                    QUEUE_GROUPS_MAX};
        return ask_depth(s, m, sql);
    }
}

static size_t places_in(const struct plan_state *s)
{
    return s->step == STEP_CATALOGUE || s->step == STEP_LOCKS ? 1 : s->step == STEP_NAMES ? s->nplaces : s->nmatches;
}

static void next_step(struct plan_state *s)
{
    s->at = s->chunk = 0;
    s->step++;
    if (s->step == STEP_SLOW && !s->slow_turn)
        s->step++;
    if (s->step == STEP_FINISHED && !s->finished_turn)
        s->step++;
}

static char *label_of(const struct plan_state *s, const char *what)
{
    struct buf label = {0};
    buf_printf(&label, "queues: %s", what);
    if (s->step == STEP_NAMES)
        buf_printf(&label, " of %s in %s", s->places[s->at].def->id, s->places[s->at].schema);
    else if (s->step != STEP_CATALOGUE && s->step != STEP_LOCKS)
        buf_printf(&label, " of %s in %s", s->matches[s->at]->def->id, s->matches[s->at]->schema);
    return buf_take(&label);
}

static bool looks_into_views(const struct plan_state *s)
{
    return s->step == STEP_NAMES ? s->places[s->at].def->views : s->step != STEP_CATALOGUE && s->matches[s->at]->def->views;
}

static bool plan_next(void *state, struct plan_question *question)
{
    struct plan_state *s = state;
    struct buf sql = {0};
    while (s->step < STEP_DONE) {
        if (s->at >= places_in(s)) {
            next_step(s);
        } else if (ask(s, &sql, question)) {
            free(s->sql);
            free(s->label);
            question->sql = s->sql = buf_take(&sql);
            question->views = looks_into_views(s);
            question->label = s->label = label_of(s, question->label);
            return true;
        } else {
            s->at++;
            s->chunk = 0;
        }
    }
    return false;
}

static void plan_begin(void *state, int64_t now_us, bool fresh)
{
    struct plan_state *s = state;
    bool due =
        fresh || s->stale || s->catalogue_us == INT64_MIN || now_us - s->catalogue_us >= CATALOGUE_EVERY_US;
    for (size_t i = 0; i < s->nmatches; i++)
        if (s->gone_us && now_us - s->gone_us < UNSETTLED_US)
            s->matches[i]->expand_asked = false;
    if (fresh)
        s->sample = 0;
    s->now_us = now_us;
    locks_forget(s);
    s->step = due ? STEP_CATALOGUE : STEP_VERSION;
    s->at = s->chunk = 0;
    s->names_due = s->sample % NAMES_EVERY == 0;
    s->finished_turn = s->sample % FINISHED_EVERY == 0;
    s->slow_turn = s->sample % SLOW_EVERY == 0;
    s->sample++;
    s->status = FRAME_OK;
    state_set(&s->note, NULL);
    s->sqlstate[0] = '\0';
    s->head = (struct frame_head){.taken_us = now_us};
    s->any = false;
}

static struct frame *plan_merge(void *state)
{
    return queue_merge(state);
}

const struct probe_plan queues_plan = {plan_open, plan_close, plan_begin, plan_next, plan_answer, plan_merge};

/* ---- a detail page's questions ---- */

static bool is_queue(const struct plan_state *s, const struct match *m, const char *hash, const char *queue)
{
    struct queue_name name;
    if (queue_names_find(s->data->names, m->def->id, hash, &name))
        return strcmp(name.name, queue) == 0;
    return strcmp(hash, queue) == 0;
}

static const struct match *find_match(const struct plan_state *s, const char *definition, const char *schema)
{
    for (size_t i = 0; i < s->nmatches; i++) {
        const struct match *m = s->matches[i];
        if (strcmp(m->def->id, definition) == 0 && strcmp(m->schema, schema) == 0 && !m->problem)
            return m;
    }
    return NULL;
}

bool queue_plan_cached(const void *state, const char *definition, const char *schema, char **sql)
{
    const struct match *m = find_match(state, definition, schema);
    if (!m || !m->cached)
        return false;
    struct buf out = {0};
    queue_cached_sql(&out, m->def, schema);
    *sql = buf_take(&out);
    return true;
}

bool queue_plan_stuck(const void *state, const char *definition, const char *schema, const char *queue,
                      char **sql)
{
    const struct plan_state *s = state;
    const struct match *m = find_match(s, definition, schema);
    if (!m)
        return false;
    struct queue_expanded *tables = mem_array(m->ntables, sizeof(*tables));
    size_t n = 0;
    for (size_t t = 0; t < m->ntables && n < QUEUE_CHUNK; t++)
        if (is_queue(s, m, m->tables[t].queue, queue))
            tables[n++] = m->tables[t];
    struct queue_depth depth = depth_of(m, false, 0);
    depth.tables = tables;
    depth.ntables = n;
    struct buf out = {0};
    bool found = queue_stuck_sql(&out, m->def->expand.n ? NULL : queue, &depth);
    free(tables);
    if (found)
        *sql = buf_take(&out);
    return found;
}
