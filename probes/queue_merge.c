/* Answers into the frame `queues`. Unknown is not zero: a state is a number only when every statement that
 * could have found such rows has answered. */
#include "probes/queue_state.h"

#include "base/map.h"
#include "base/mem.h"
#include "spec/probe.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const state_words[] = QUEUE_STATE_WORDS;

/* ---- counting ---- */

struct maybe {
    bool known;
    int64_t n;
};

struct age {
    bool known;
    double s;
};

/* What one queue comes to. */
struct tally {
    char *queue;
    bool named; /* it has a row of its own, not only counters of a shared table */
    bool dead, name_known;
    int64_t n[STATE_COUNT_], other;
    struct age oldest, running, stuck, next;
    struct maybe in, out, dead_tuples;
    bool capped;
    UT_hash_handle hh;
};

struct tallies {
    struct tally *all;
    struct maybe dead_tuples; /* of a table that serves all queues */
    struct maybe reset;
    bool cut; /* an answer was full */
};

static struct tally *tally_of(struct tallies *t, const struct plan_state *s, const struct match *m,
                              const char *hash)
{
    struct queue_name name = {hash, false};
    bool found = m->def->names.n && queue_names_find(s->data->names, m->def->id, hash, &name);
    struct tally *tally;
    HASH_FIND_STR(t->all, name.name, tally);
    if (!tally) {
        tally = mem_new(sizeof(*tally));
        tally->queue = mem_string(name.name);
        HASH_ADD_KEYPTR(hh, t->all, tally->queue, strlen(tally->queue), tally);
    }
    tally->dead = tally->dead || name.dead;
    tally->name_known = tally->name_known || found;
    return tally;
}

static void maybe_add(struct maybe *m, const struct cell *c)
{
    if (c->known) {
        m->known = true;
        m->n += c->i;
    }
}

static void age_max(struct age *a, double s)
{
    if (s >= 0 && (!a->known || s > a->s))
        *a = (struct age){true, s};
}

static void fold_counter(struct tallies *t, struct tally *tally, const char *what, const struct cell *n)
{
    if (strcmp(what, QUEUE_COUNT_IN) == 0)
        maybe_add(&tally->in, n);
    else if (strcmp(what, QUEUE_COUNT_OUT) == 0)
        maybe_add(&tally->out, n);
    else if (strcmp(what, QUEUE_COUNT_DEAD) == 0)
        maybe_add(*tally->queue ? &tally->dead_tuples : &t->dead_tuples, n);
    else if (strcmp(what, QUEUE_COUNT_RESET) == 0 && n->known)
        t->reset = (struct maybe){true, n->i};
}

static void fold_age(struct tally *tally, enum queue_state state, const struct frame *f, uint32_t row)
{
    const struct cell *c = frame_cell(f, row, DEPTH_AGE);
    if (!c->known)
        return;
    if (state == STATE_READY)
        age_max(&tally->oldest, c->d < 0 ? 0 : c->d);
    else if (state == STATE_RUNNING)
        age_max(&tally->running, c->d);
    else if (state == STATE_STUCK)
        age_max(&tally->stuck, c->d);
    else if ((state == STATE_SCHEDULED || state == STATE_RETRYING) && c->d <= 0 &&
             (!tally->next.known || -c->d < tally->next.s))
        tally->next = (struct age){true, -c->d};
}

static void fold_row(struct tallies *t, const struct plan_state *s, struct match *m, const struct frame *f,
                     uint32_t row)
{
    struct frame_text q = frame_text(f, row, DEPTH_Q), st = frame_text(f, row, DEPTH_ST);
    char *queue = frame_cell(f, row, DEPTH_Q)->known ? mem_bytes(q.bytes, q.len) : mem_string("(none)");
    const struct cell *n = frame_cell(f, row, DEPTH_N);
    bool counter = st.len && *st.bytes == '#';
    struct tally *tally = tally_of(t, s, m, !*queue && !counter ? "(none)" : queue);
    free(queue);
    if (counter) {
        fold_counter(t, tally, st.bytes, n);
        return;
    }
    tally->named = true;
    tally->capped = tally->capped || frame_cell(f, row, DEPTH_CAPPED)->i;
    for (int i = 0; i < STATE_COUNT_; i++)
        if (strcmp(state_words[i], st.bytes) == 0) {
            tally->n[i] += n->i;
            fold_age(tally, (enum queue_state)i, f, row);
            return;
        }
    tally->other += n->i;
}

static void fold_lane(struct tallies *t, const struct plan_state *s, struct match *m, const struct lane *lane)
{
    for (size_t i = 0; i < lane->n; i++) {
        const struct frame *f = lane->frames[i];
        for (uint32_t row = 0; f && row < f->nrows; row++)
            fold_row(t, s, m, f, row);
        t->cut = t->cut || (f && f->nrows >= QUEUE_GROUPS_MAX);
    }
}

static void tallies_free(struct tallies *t)
{
    struct tally *tally, *next;
    HASH_ITER (hh, t->all, tally, next) {
        HASH_DEL(t->all, tally);
        free(tally->queue);
        free(tally);
    }
}

static int by_queue(const struct tally *a, const struct tally *b)
{
    return strcmp(a->queue, b->queue);
}

/* ---- what is known ---- */

static void judge(bool *present, bool *broken, enum queue_state state, const struct lane *lane)
{
    present[state] = true;
    broken[state] = broken[state] || !lane->complete;
}

/* A state is known when every lane that may hold such rows is complete. */
static void known_states(const struct match *m, bool *known)
{
    bool present[STATE_COUNT_] = {false}, broken[STATE_COUNT_] = {false};
    for (size_t i = 0; i < m->def->nsources; i++) {
        const struct queue_source *s = &m->def->sources[i];
        if (queue_need_met(m->def, m->optional, s->needs))
            for (size_t k = 0; k < s->nstates; k++)
                judge(present, broken, s->states[k].state, s->scan ? &m->slow : &m->fast);
    }
    for (size_t i = 0; i < m->def->nstuck; i++)
        if (queue_need_met(m->def, m->optional, m->def->stuck[i].needs))
            judge(present, broken, STATE_STUCK, queue_has_slow(m->def) ? &m->slow : &m->fast);
    for (int i = 0; i < STATE_COUNT_; i++)
        known[i] = present[i] && !broken[i];
}

/* ---- rows ---- */

static void put_text(struct frame_builder *b, int column, const char *text)
{
    if (text)
        frame_build_text(b, column, text, strlen(text));
}

static void put_maybe(struct frame_builder *b, int column, struct maybe m)
{
    if (m.known)
        frame_build_int(b, column, m.n);
}

static void put_age(struct frame_builder *b, int column, struct age age, bool known)
{
    if (known && age.known)
        frame_build_real(b, column, age.s);
}

static void note_part(struct buf *note, const char *part)
{
    if (part)
        buf_printf(note, "%s%s", note->len ? "; " : "", part);
}

static void put_row_head(struct frame_builder *b, const struct plan_state *s, const struct match *m,
                         const char *queue, const char *note)
{
    frame_build_row(b);
    put_text(b, QUEUE_DEFINITION, m->def->id);
    put_text(b, QUEUE_QUEUE, queue);
    put_text(b, QUEUE_SCHEMA, m->schema);
    put_text(b, QUEUE_TITLE, m->def->title);
    put_text(b, QUEUE_VERSION, m->version);
    put_text(b, QUEUE_NOTE, note && *note ? note : NULL);
    if (m->estimate >= 0)
        frame_build_int(b, QUEUE_ESTIMATE, m->estimate);
    if (m->slow.complete && s->now_us >= m->slow.taken_us)
        frame_build_real(b, QUEUE_SLOW_AGE, (double)(s->now_us - m->slow.taken_us) / 1e6);
}

static void put_states(struct frame_builder *b, const struct match *m, const struct tally *t,
                       const bool *known)
{
    for (int i = 0; i < STATE_COUNT_; i++)
        if (known[i])
            frame_build_int(b, QUEUE_STATES + i, t->n[i]);
    if (known[STATE_READY] && t->name_known) {
        int64_t ready = t->n[STATE_READY];
        frame_build_int(b, QUEUE_STATES + STATE_READY, t->dead ? 0 : ready);
        frame_build_int(b, QUEUE_STATES + STATE_DEAD, t->n[STATE_DEAD] + (t->dead ? ready : 0));
    }
    if (m->fast.complete && (m->slow.complete || !queue_has_slow(m->def)))
        frame_build_int(b, QUEUE_OTHER, t->other);
    put_age(b, QUEUE_OLDEST, t->oldest, known[STATE_READY] && !t->dead);
    put_age(b, QUEUE_RUNNING, t->running, known[STATE_RUNNING]);
    put_age(b, QUEUE_STUCK, t->stuck, known[STATE_STUCK]);
    put_age(b, QUEUE_NEXT, t->next, known[STATE_SCHEDULED] || known[STATE_RETRYING]);
}

static bool has_estimates(const struct match *m)
{
    for (size_t i = 0; i < m->def->nfinished; i++)
        if (m->finished[i] >= 0)
            return true;
    return false;
}

static void put_estimates(struct frame_builder *b, const struct match *m)
{
    int64_t sums[STATE_COUNT_] = {0};
    for (size_t i = 0; i < m->def->nfinished; i++)
        if (m->finished[i] >= 0) {
            sums[m->def->finished[i].state] += m->finished[i];
            frame_build_int(b, QUEUE_STATES + m->def->finished[i].state, sums[m->def->finished[i].state]);
        }
    frame_build_int(b, QUEUE_ESTIMATED, 1);
}

static void put_tally(struct frame_builder *b, const struct plan_state *s, const struct match *m,
                      const struct tallies *all, const struct tally *t, const bool *known, const char *note)
{
    bool counters = m->fast.complete;
    put_row_head(b, s, m, *t->queue ? t->queue : "(all)", note);
    if (t->named)
        put_states(b, m, t, known);
    if (t->named)
        frame_build_int(b, QUEUE_CAPPED, t->capped);
    if (!*t->queue && has_estimates(m))
        put_estimates(b, m);
    if (!counters)
        return;
    put_maybe(b, QUEUE_ENQUEUED, t->in);
    put_maybe(b, QUEUE_COMPLETED, t->out);
    put_maybe(b, QUEUE_DEAD_TUPLES, t->dead_tuples.known ? t->dead_tuples : all->dead_tuples);
    put_maybe(b, QUEUE_RESET, all->reset);
}

static char *note_of(const struct plan_state *s, const struct match *m, const struct tallies *t)
{
    struct buf note = {0};
    note_part(&note, m->problem);
    if (!m->problem) {
        note_part(&note, m->fast.trouble);
        note_part(&note,
                  m->slow.trouble && (!m->fast.trouble || strcmp(m->fast.trouble, m->slow.trouble) != 0)
                      ? m->slow.trouble
                      : NULL);
        note_part(&note, m->remark);
        note_part(&note, t->cut ? "more than 1,000 queues: the largest are counted" : NULL);
    }
    note_part(&note, s->dropped ? "more schemas fit than are asked" : NULL);
    return buf_take(&note);
}

/* Queues that had rows once stay, at 0; without any queue there is one row for the whole. */
static void add_quiet_queues(struct tallies *t, const struct plan_state *s, struct match *m)
{
    for (size_t i = 0; i < m->nseen; i++)
        tally_of(t, s, m, m->seen[i])->named = true;
    for (size_t i = 0; i < m->ntables; i++)
        tally_of(t, s, m, m->tables[i].queue)->named = true;
    struct tally *tally, *next;
    bool any = false;
    HASH_ITER (hh, t->all, tally, next) {
        if (tally->named && !m->def->expand.n)
            match_seen(m, tally->queue);
        any = any || tally->named;
    }
    struct tally *whole;
    HASH_FIND_STR(t->all, "", whole);
    bool needed = has_estimates(m) || (whole && (whole->in.known || whole->out.known));
    if (!any || needed)
        whole = tally_of(t, s, m, "");
    if (!any)
        whole->named = true;
    else if (whole && !needed) {
        HASH_DEL(t->all, whole);
        free(whole->queue);
        free(whole);
    }
}

/* Rows that are not finished; false: not all of them are known. Stuck rows are among the running ones. */
static bool whole_depth(const struct match *m, const struct tallies *t, int64_t *depth)
{
    bool whole = m->fast.complete && (m->slow.complete || !queue_has_slow(m->def)) && !t->cut;
    *depth = 0;
    for (const struct tally *tally = t->all; tally; tally = tally->hh.next) {
        whole = whole && !tally->capped;
        *depth += tally->other;
        for (int i = 0; i < STATE_COUNT_; i++)
            *depth += i == STATE_STUCK ? 0 : tally->n[i];
    }
    return whole;
}

/* On the row of the whole, for the counter is that of a table which serves all queues. */
static double done_rate(const struct plan_state *s, struct match *m, const struct tallies *t, double *in)
{
    struct queue_level now = {.time_us = s->now_us, .reset = t->reset.n};
    struct tally *whole;
    HASH_FIND_STR(t->all, "", whole);
    *in = NAN;
    if (m->def->done.kind != RATE_DEPTH || !whole || !whole->in.known || !whole_depth(m, t, &now.depth))
        return NAN;
    now.enqueued = whole->in.n;
    return queue_flow_done(&m->flow, &now, in);
}

static void merge_match(struct frame_builder *b, const struct plan_state *s, struct match *m, uint32_t *found)
{
    struct tallies t = {0};
    bool known[STATE_COUNT_] = {false};
    if (!m->problem) {
        fold_lane(&t, s, m, &m->fast);
        fold_lane(&t, s, m, &m->slow);
        add_quiet_queues(&t, s, m);
        known_states(m, known);
        HASH_SORT(t.all, by_queue);
    }
    char *note = note_of(s, m, &t);
    double in, done = done_rate(s, m, &t, &in);
    if (m->problem) {
        put_row_head(b, s, m, "(all)", note);
        (*found)++;
    }
    struct tally *tally, *next;
    HASH_ITER (hh, t.all, tally, next) {
        if (frame_build_rows(b) < FRAME_ROWS_DEFAULT) {
            put_tally(b, s, m, &t, tally, known, note);
            if (!*tally->queue) {
                frame_build_real(b, QUEUE_DONE_RATE, done);
                frame_build_real(b, QUEUE_IN_RATE, in);
            }
        }
        (*found)++;
    }
    free(note);
    tallies_free(&t);
}

struct frame *queue_merge(struct plan_state *s)
{
    struct frame_builder *b = frame_build(&queues_schema);
    struct frame_head head = s->head;
    uint32_t found = 0;
    char none[120];
    head.status = s->status;
    head.sqlstate = *s->sqlstate ? s->sqlstate : NULL;
    head.note = s->note;
    if (s->status == FRAME_OK && s->catalogue_us == INT64_MIN) {
        head.status = FRAME_TIMEOUT;
        head.note = "The catalogue has not answered yet.";
    } else if (s->status == FRAME_OK && !s->nmatches) {
        snprintf(none, sizeof(none), "This database holds none of the %zu task queues that are defined.",
                 s->data->defs.n);
        head.status = FRAME_ABSENT;
        head.note = none;
    }
    for (size_t i = 0; head.status == FRAME_OK && i < s->nmatches; i++)
        merge_match(b, s, s->matches[i], &found);
    head.nfound = found;
    return frame_seal(b, &head);
}
