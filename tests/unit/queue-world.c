/* The made-up world of the queue planner's tests. */
#include "queue-world.h"

#include "base/mem.h"
#include "probes/queue_match.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct world *world_new(const char *extra)
{
    struct world *w = mem_new(sizeof(*w));
    struct conf_errors errors = {0};
    char path[512];
    w->book = queue_book_new();
    snprintf(path, sizeof(path), "%s/probes/queues", getenv("SRCDIR"));
    assert_true(queue_book_read_all(w->book, path, false, false, &errors));
    if (extra)
        assert_true(queue_book_parse(w->book, "extra", extra, strlen(extra), false, &errors));
    w->data = (struct queue_plan_data){queue_book_defs(w->book), queue_names_new()};
    w->plan = queues_plan.open(&w->data);
    w->now_us = 1000000;
    return w;
}

void world_free(struct world *w)
{
    queues_plan.close(w->plan);
    queue_names_free(w->data.names);
    queue_book_free(w->book);
    free(w);
}

void text(struct frame_builder *b, int column, const char *s)
{
    if (s)
        frame_build_text(b, column, s, strlen(s));
}

struct frame *seal(struct frame_builder *b, enum frame_status status, const char *note)
{
    return frame_seal(b, &(struct frame_head){.status = status, .note = note, .cost_us = 10, .epoch = 7});
}

struct frame *catalogue(const struct table *tables, size_t n)
{
    struct frame_builder *b = frame_build(&queue_catalogue_schema);
    for (size_t i = 0; i < n; i++) {
        const struct table *t = &tables[i];
        frame_build_row(b);
        text(b, CATALOGUE_SCHEMA, t->schema);
        text(b, CATALOGUE_NAME, t->name);
        frame_build_int(b, CATALOGUE_PATTERN, t->pattern);
        text(b, CATALOGUE_KIND, t->kind);
        text(b, CATALOGUE_ROLE, "monitor");
        if (*t->kind == 'F')
            continue;
        frame_build_int(b, CATALOGUE_OID, t->oid);
        frame_build_int(b, CATALOGUE_USAGE, t->usage);
        frame_build_int(b, CATALOGUE_READABLE, t->readable);
        frame_build_int(b, CATALOGUE_HIDDEN, t->hidden);
        frame_build_int(b, CATALOGUE_ESTIMATE, t->estimate);
        text(b, CATALOGUE_COLUMNS, t->columns);
    }
    return seal(b, FRAME_OK, NULL);
}

struct frame *counts(const struct count *c, size_t n)
{
    struct frame_builder *b = frame_build(&queue_depth_schema);
    for (size_t i = 0; i < n; i++) {
        frame_build_row(b);
        text(b, 0, c[i].q);
        text(b, 1, c[i].st);
        frame_build_int(b, 2, c[i].n);
        if (!isnan(c[i].age))
            frame_build_real(b, 4, c[i].age);
        frame_build_int(b, 5, c[i].capped);
    }
    return seal(b, FRAME_OK, NULL);
}

struct frame *trouble(const struct schema *schema, enum frame_status status, const char *note)
{
    return seal(frame_build(schema), status, note);
}

/* The next question must be this one; it is answered with that, which is taken. */
char *ask(struct world *w, const char *label, struct frame *answer)
{
    struct plan_question q;
    if (!queues_plan.next(w->plan, &q))
        fail_msg("no question, but %s is missing", label);
    assert_string_equal(q.label, label);
    assert_ptr_equal(q.schema, answer->schema);
    char *sql = mem_string(q.sql);
    queues_plan.answer(w->plan, answer);
    frame_unref(answer);
    return sql;
}

struct frame *finish(struct world *w)
{
    struct plan_question q;
    if (queues_plan.next(w->plan, &q))
        fail_msg("one question too many: %s", q.label);
    return queues_plan.merge(w->plan);
}

void begin(struct world *w)
{
    w->now_us += 2000000;
    queues_plan.begin(w->plan, w->now_us, false);
}

int64_t row_of(const struct frame *f, const char *definition, const char *queue)
{
    for (uint32_t i = 0; i < f->nrows; i++)
        if (strcmp(frame_text(f, i, QUEUE_DEFINITION).bytes, definition) == 0 &&
            strcmp(frame_text(f, i, QUEUE_QUEUE).bytes, queue) == 0)
            return i;
    fail_msg("no row %s %s", definition, queue);
    return -1;
}

void check(const struct frame *f, const char *definition, const char *queue, const char *column,
           int64_t value)
{
    const struct cell *c =
        frame_cell(f, (uint32_t)row_of(f, definition, queue), schema_find(f->schema, column));
    if (c->known != (value != UNKNOWN) || (c->known && c->i != value))
        fail_msg("%s of %s %s is %s%lld", column, definition, queue, c->known ? "" : "unknown, not ",
                 (long long)(c->known ? c->i : value));
}

void check_age(const struct frame *f, const char *definition, const char *queue, const char *column,
               double value)
{
    double v = frame_number(f, (uint32_t)row_of(f, definition, queue), schema_find(f->schema, column));
    assert_true(isnan(value) ? isnan(v) : fabs(v - value) < 1e-9);
}

const char *note(const struct frame *f, const char *definition, const char *queue)
{
    return frame_text(f, (uint32_t)row_of(f, definition, queue), QUEUE_NOTE).bytes;
}

/* The planner's word on finished rows, n questions long; rows < 0: it does not say. */
void ask_finished(struct world *w, const char *label, int n, int64_t rows)
{
    for (int i = 0; i < n; i++) {
        char plan[100];
        snprintf(plan, sizeof(plan), "[{\"Plan\": {\"Node Type\": \"Seq Scan\", %s%lld}}]",
                 rows < 0 ? "\"x\": " : "\"Plan Rows\": ", (long long)rows + i);
        struct frame_builder *b = frame_build(&queue_explain_schema);
        frame_build_row(b);
        text(b, 0, plan);
        char *sql = ask(w, label, seal(b, FRAME_OK, NULL));
        assert_memory_equal(sql, "explain (format json) select 1 from ", 36);
        free(sql);
    }
}
