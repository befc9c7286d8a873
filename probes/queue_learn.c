/* What the planner learns from answers: which definitions fit, what their tables are called, what may be
 * read, and the counts as they came. */
#include "probes/queue_state.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

/* ---- keeping ---- */

void state_set(char **field, const char *text)
{
    char *copy = mem_string(text);
    free(*field);
    *field = copy;
}

void lane_clear(struct lane *lane)
{
    for (size_t i = 0; i < lane->n; i++)
        frame_unref(lane->frames[i]);
    free(lane->frames);
    free(lane->trouble);
    *lane = (struct lane){0};
}

static void tables_clear(struct match *m)
{
    for (size_t i = 0; i < m->ntables; i++) {
        free(m->tables[i].table);
        free(m->tables[i].queue);
    }
    free(m->tables);
    m->tables = NULL;
    m->ntables = 0;
}

void match_free(struct match *m)
{
    tables_clear(m);
    lane_clear(&m->fast);
    lane_clear(&m->slow);
    for (size_t i = 0; i < m->nseen; i++)
        free(m->seen[i]);
    free(m->seen);
    free(m->schema);
    free(m->optional);
    free(m->problem);
    free(m->remark);
    free(m->version);
    free(m->finished);
    free(m);
}

void places_clear(struct plan_state *s)
{
    for (size_t i = 0; i < s->nplaces; i++)
        free(s->places[i].schema);
    free(s->places);
    s->places = NULL;
    s->nplaces = 0;
}

size_t match_chunks(const struct match *m)
{
    return m->ntables ? (m->ntables + QUEUE_CHUNK - 1) / QUEUE_CHUNK : 1;
}

void match_seen(struct match *m, const char *queue)
{
    for (size_t i = 0; i < m->nseen; i++)
        if (strcmp(m->seen[i], queue) == 0)
            return;
    if (m->nseen == SEEN_MAX)
        return;
    m->seen = mem_resize(m->seen, m->nseen + 1, sizeof(*m->seen));
    m->seen[m->nseen++] = mem_string(queue);
}

/* ---- the catalogue's answer ---- */

static struct match *take_old(struct match **old, size_t n, const struct queue_def *def, const char *schema)
{
    for (size_t i = 0; i < n; i++)
        if (old[i] && old[i]->def == def && strcmp(old[i]->schema, schema) == 0) {
            struct match *m = old[i];
            old[i] = NULL;
            return m;
        }
    return NULL;
}

static void judge_optional(const struct catalogue *c, struct match *m)
{
    struct buf remark = {0};
    free(m->optional);
    m->optional = mem_array(m->def->noptional, sizeof(bool));
    for (size_t i = 0; i < m->def->noptional; i++) {
        const struct queue_table *t = &m->def->optional[i];
        int64_t row = catalogue_table(c, m->schema, t->name);
        m->optional[i] = row >= 0 && catalogue_has_columns(c, (uint32_t)row, t) &&
                         !queue_problem(c, t, 1, m->schema, &remark);
    }
    state_set(&m->remark, remark.len ? buf_text(&remark) : NULL);
    buf_free(&remark);
}

static bool has_cached(const struct catalogue *c, const struct match *m)
{
    const struct queue_def *def = m->def;
    int64_t row = def->cached_table ? catalogue_table(c, m->schema, def->cached_table) : -1;
    struct queue_table counters = {def->cached_table, false, def->cached_columns, def->ncached};
    return row >= 0 && def->ncached && catalogue_has_columns(c, (uint32_t)row, &counters);
}

static void judge_tables(const struct catalogue *c, struct match *m)
{
    const struct queue_table *first = &m->def->detect[0];
    int64_t row = first->pattern ? -1 : catalogue_table(c, m->schema, first->name);
    m->main_oid = row < 0 ? 0 : frame_cell(c->frame, (uint32_t)row, CATALOGUE_OID)->i;
    m->estimate = row < 0 ? -1 : frame_cell(c->frame, (uint32_t)row, CATALOGUE_ESTIMATE)->i;
    struct buf why = {0};
    bool closed = queue_problem(c, m->def->detect, m->def->ndetect, m->schema, &why);
    state_set(&m->problem, closed ? buf_text(&why) : NULL);
    buf_free(&why);
    judge_optional(c, m);
    m->cached = has_cached(c, m);
    m->variant = queue_choose_variant(c, m->def, m->schema);
    if (m->def->nvariants && !m->variant && !m->problem)
        state_set(&m->problem, "none of the versions that this definition knows");
}

static void add_match(struct plan_state *s, const struct catalogue *c, const struct queue_def *def,
                      char *schema, struct match **old, size_t nold)
{
    struct match *m = take_old(old, nold, def, schema);
    if (m) {
        free(schema);
    } else {
        m = mem_new(sizeof(*m));
        m->def = def;
        m->schema = schema;
        m->finished = mem_array(def->nfinished, sizeof(*m->finished));
        for (size_t i = 0; i < def->nfinished; i++)
            m->finished[i] = -1;
    }
    m->version_asked = m->expand_asked = false;
    judge_tables(c, m);
    s->matches = mem_resize(s->matches, s->nmatches + 1, sizeof(*s->matches));
    s->matches[s->nmatches++] = m;
}

static void match_definition(struct plan_state *s, const struct catalogue *c, size_t i, struct match **old,
                             size_t nold)
{
    const struct queue_def *def = s->data->defs.list[i];
    size_t room = MATCHES_MAX - s->nmatches, max = room < MATCHES_OF_ONE ? room : MATCHES_OF_ONE, n;
    char **schemas =
        catalogue_schemas(c, def->detect, def->ndetect, queue_first_pattern(&s->data->defs, i, false),
                          def->functions, def->nfunctions, max, &n);
    s->dropped = s->dropped || n == max;
    for (size_t k = 0; k < n; k++)
        add_match(s, c, def, schemas[k], old, nold);
    free(schemas);
}

static void place_names(struct plan_state *s, const struct catalogue *c, size_t i)
{
    const struct queue_def *def = s->data->defs.list[i];
    size_t n = 0;
    if (!def->names.n)
        return;
    char **schemas = catalogue_schemas(c, def->names_detect, def->nnames_detect,
                                       queue_first_pattern(&s->data->defs, i, true), NULL, 0, 8, &n);
    for (size_t k = 0; k < n; k++) {
        struct buf why = {0};
        if (queue_problem(c, def->names_detect, def->nnames_detect, schemas[k], &why)) {
            for (size_t m = 0; m < s->nmatches; m++)
                if (s->matches[m]->def == def && !s->matches[m]->remark)
                    state_set(&s->matches[m]->remark, buf_text(&why));
            free(schemas[k]);
        } else {
            s->places = mem_resize(s->places, s->nplaces + 1, sizeof(*s->places));
            s->places[s->nplaces++] = (struct names_place){def, schemas[k]};
        }
        buf_free(&why);
    }
    free(schemas);
}

void take_catalogue(struct plan_state *s, const struct frame *answer)
{
    struct match **old = s->matches;
    size_t nold = s->nmatches;
    struct catalogue c;
    catalogue_open(&c, answer);
    s->matches = NULL;
    s->nmatches = 0;
    s->dropped = false;
    places_clear(s);
    for (size_t i = 0; i < s->data->defs.n && s->nmatches < MATCHES_MAX; i++) {
        match_definition(s, &c, i, old, nold);
        place_names(s, &c, i);
    }
    catalogue_close(&c);
    for (size_t i = 0; i < nold; i++)
        if (old[i])
            match_free(old[i]);
    free(old);
    s->catalogue_us = s->now_us;
    s->stale = false;
}

/* ---- the other answers ---- */

static void describe_trouble(const struct frame *answer, struct buf *out)
{
    buf_puts(out, answer->status == FRAME_TIMEOUT ? "not counted in time" : "not counted");
    if (answer->note && *answer->note)
        buf_printf(out, ": %.300s", answer->note);
}

void take_expanded(struct match *m, const struct frame *answer)
{
    size_t closed = 0;
    struct buf why = {0};
    tables_clear(m);
    m->tables = mem_array(answer->nrows, sizeof(*m->tables));
    for (uint32_t i = 0; i < answer->nrows; i++) {
        struct frame_text name = frame_text(answer, i, 0), queue = frame_text(answer, i, 1);
        if (!name.len || !queue.len || !frame_cell(answer, i, 2)->known)
            continue;
        bool usage = frame_cell(answer, i, 3)->i != 0;
        if (!usage || !frame_cell(answer, i, 4)->i || frame_cell(answer, i, 5)->i) {
            if (!closed++ && frame_cell(answer, i, 5)->i)
                buf_printf(&why, "%.63s hides its rows by row security", name.bytes);
            else if (closed == 1)
                queue_grant(&why, m->schema, name.bytes, usage, frame_text(answer, i, 7).bytes, answer->server_role);
            continue;
        }
        m->tables[m->ntables++] = (struct queue_expanded){
            mem_bytes(name.bytes, name.len), mem_bytes(queue.bytes, queue.len), frame_cell(answer, i, 2)->i};
    }
    if (closed > 1)
        buf_printf(&why, "; and so for %zu tables more", closed - 1);
    if (closed && !m->ntables)
        state_set(&m->problem, buf_text(&why));
    else
        state_set(&m->remark, closed ? buf_text(&why) : NULL);
    buf_free(&why);
}

void take_depth(struct plan_state *s, struct match *m, struct lane *lane, const struct frame *answer)
{
    if (s->chunk == 0) {
        size_t n = match_chunks(m);
        lane_clear(lane);
        lane->frames = mem_array(n, sizeof(*lane->frames));
        lane->n = n;
        lane->complete = true;
        lane->taken_us = answer->taken_us;
    }
    if (answer->status == FRAME_OK) {
        lane->frames[s->chunk] = frame_ref(answer);
        lane->taken_us = answer->taken_us < lane->taken_us ? answer->taken_us : lane->taken_us;
        return;
    }
    struct buf why = {0};
    describe_trouble(answer, &why);
    state_set(&lane->trouble, buf_text(&why));
    buf_free(&why);
    lane->complete = false;
    if (strcmp(answer->sqlstate, "42P01") == 0 || strcmp(answer->sqlstate, "42703") == 0 ||
        strcmp(answer->sqlstate, "42501") == 0) {
        s->stale = true; /* a table, a column or a right went away: look again */
        s->gone_us = s->now_us;
    }
    if (strcmp(answer->sqlstate, "55P03") == 0)
        s->locked_us = s->now_us;
}

void take_version(struct match *m, const struct frame *answer)
{
    struct frame_text version = answer->nrows ? frame_text(answer, 0, 0) : (struct frame_text){"", 0};
    free(m->version);
    m->version = version.len ? mem_bytes(version.bytes, version.len) : NULL;
}

void take_no_expansion(struct match *m, const struct frame *answer)
{
    struct buf why = {0};
    describe_trouble(answer, &why);
    state_set(&m->remark, buf_text(&why));
    buf_free(&why);
}

void take_finished(struct match *m, size_t i, const struct frame *answer)
{
    bool ok = answer->status == FRAME_OK && answer->nrows;
    struct frame_text plan = ok ? frame_text(answer, 0, 0) : (struct frame_text){"", 0};
    m->finished[i] = queue_plan_rows(plan.bytes, plan.len);
}
