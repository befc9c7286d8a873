/* The planned SQL of every definition that ships, and of one that only this test knows, asked of a real
 * server through the watcher's own code. Run by tests/sql/run-queues, which provides the server and its
 * tables. */
#include "base/mem.h"
#include "conf/queues.h"
#include "pg/ask.h"
#include "probes/queue_plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char own_yaml[] = "format: 1\nqueues:\n- id: outbox\n  title: A queue of our own\n  detect:\n   "
                               " outbox:\n    - id\n    - topic\n    - sent_at\n"
                               "    - tries\n  params:\n    tries_max: 5\n  sources:\n  - from: '{s}.outbox "
                               "j'\n    queue: j.topic\n    where: j.sent_at is null\n"
                               "    states:\n    - state: exhausted\n      when: j.tries > {tries_max}\n     "
                               " since: j.made_at\n    - state: ready\n"
                               "      since: j.made_at -- a comment\n  rates:\n    enqueued: n_tup_ins\n    "
                               "done: n_tup_del\n  native: nothing\n";

struct world {
    struct session session;
    struct queue_book *book;
    struct queue_plan_data data;
    void *plan;
    struct buf failures;
    int questions;
};

static void ignore(void *arg, enum wire_phase phase, int fd)
{
    (void)arg;
    (void)phase;
    (void)fd;
}

static void connect_as(struct world *w, const char *user)
{
    struct buf conninfo = {0};
    struct refusal r = {0};
    buf_printf(&conninfo, "%s user=%s", getenv("CONNINFO"), user);
    struct connect_to to = {.conninfo = conninfo.data};
    if (!session_open(&w->session, &to, NULL, ignore, NULL, &r))
        fail_msg("%s", r.words);
    buf_free(&conninfo);
}

static struct world *world_new(const char *user)
{
    struct world *w = mem_new(sizeof(*w));
    struct conf_errors errors = {0};
    char path[512];
    connect_as(w, user);
    w->book = queue_book_new();
    snprintf(path, sizeof(path), "%s/probes/queues", getenv("SRCDIR"));
    assert_true(queue_book_read_all(w->book, path, false, false, &errors));
    assert_true(queue_book_parse(w->book, "own", own_yaml, strlen(own_yaml), false, &errors));
    w->data = (struct queue_plan_data){queue_book_defs(w->book), queue_names_new()};
    w->plan = queues_plan.open(&w->data);
    return w;
}

static void world_free(struct world *w)
{
    queues_plan.close(w->plan);
    queue_names_free(w->data.names);
    queue_book_free(w->book);
    session_close(&w->session);
    buf_free(&w->failures);
    free(w);
}

static struct frame *answer(struct world *w, const struct plan_question *q)
{
    struct question question = {
        .id = 1, .fenced = !q->views, .max_rows = q->max_rows, .max_bytes = 1 << 20, .sql = (char *)q->sql};
    struct wire_stream stream = {0};
    struct wire_message message;
    struct buf out = {0};
    wire_open(&out);
    ask(&w->session, &question, q->schema, &out);
    wire_feed(&stream, out.data, out.len);
    assert_true(wire_next(&stream, &message));
    struct frame *f = wire_get_frame(&message, q->schema);
    assert_non_null(f);
    wire_stream_free(&stream);
    buf_free(&out);
    return f;
}

static struct frame *sample(struct world *w)
{
    struct plan_question q;
    queues_plan.begin(w->plan, 1000000, false);
    while (queues_plan.next(w->plan, &q)) {
        struct frame *f = answer(w, &q);
        w->questions++;
        if (f->status != FRAME_OK)
            buf_printf(&w->failures, "%s: %s\n%s\n", q.label, f->note ? f->note : "", q.sql);
        queues_plan.answer(w->plan, f);
        frame_unref(f);
    }
    return queues_plan.merge(w->plan);
}

static int64_t row_of(const struct frame *f, const char *definition, const char *schema, const char *queue)
{
    for (uint32_t i = 0; i < f->nrows; i++)
        if (strcmp(frame_text(f, i, QUEUE_DEFINITION).bytes, definition) == 0 &&
            strcmp(frame_text(f, i, QUEUE_SCHEMA).bytes, schema) == 0 &&
            strcmp(frame_text(f, i, QUEUE_QUEUE).bytes, queue) == 0)
            return i;
    fail_msg("no row %s %s %s", definition, schema, queue);
    return -1;
}

struct expected {
    const char *definition, *schema, *queue, *column;
    int64_t value; /* -1: unknown */
};

/* By tests/sql/queues.sql. */
static const struct expected all[] = {
    {"orchestrator", "orch", "triage", "ready", 15},
    {"orchestrator", "orch", "triage", "exhausted", 1},
    {"orchestrator", "orch", "template", "ready", 4},
    {"orchestrator", "orch", "triage", "running", 5},
    {"orchestrator", "orch", "triage", "stuck", 3},
    {"orchestrator", "orch", "triage", "done", -1},
    {"querator", "My Items", "orders", "ready", 2},
    {"querator", "My Items", "orders", "scheduled", 1},
    {"querator", "My Items", "orders", "running", 2},
    {"querator", "My Items", "orders", "stuck", 1},
    {"querator", "My Items", "orders", "expired", 1},
    {"querator", "My Items", "orders-dead", "dead", 2},
    {"querator", "My Items", "orders-dead", "ready", 0},
    {"querator", "My Items", "emails", "ready", 0},
    {"querator", "My Items", "orders", "enqueued", 6},
    {"querator", "My Items", "orders", "completed", 0},
    {"radgateway", "rad", "agent", "ready", 1},
    {"radgateway", "rad", "agent", "expired", 1},
    {"radgateway", "rad", "agent", "waiting", 1},
    {"radgateway", "rad", "a2a", "stuck", 1},
    {"pgboss", "pgboss", "mail", "ready", 1},
    {"pgboss", "pgboss", "mail", "scheduled", 1},
    {"pgboss", "pgboss", "mail", "retrying", 1},
    {"pgboss", "pgboss", "mail", "running", 1},
    {"pgboss", "pgboss", "mail", "blocked", 1},
    {"pgboss", "pgboss", "mail", "stuck", 1},
    {"pgboss", "boss10", "(all)", "ready", 0},
    {"graphile", "gw", "send", "ready", 1},
    {"graphile", "gw", "send", "stuck", 1},
    {"graphile", "gw", "(all)", "enqueued", 2},
    {"river", "river", "default", "ready", 1},
    {"river", "river", "slow", "blocked", 1},
    {"river", "river", "default", "stuck", 1},
    {"oban", "oban", "default", "ready", 1},
    {"oban", "oban", "default", "stuck", 1},
    {"solid_queue", "solid", "default", "ready", 1},
    {"solid_queue", "solid", "low", "blocked", 1},
    {"solid_queue", "solid", "default", "stuck", 1},
    {"solid_queue", "solid", "default", "failed", 0},
    {"good_job", "good", "default", "ready", 1},
    {"good_job", "good", "default", "stuck", 1},
    {"que", "que", "default", "ready", 1},
    {"que", "que", "default", "retrying", 1},
    {"delayed_job", "dj", "default", "ready", 1},
    {"delayed_job", "dj", "default", "stuck", 1},
    {"procrastinate", "pro", "default", "ready", 1},
    {"procrastinate", "pro", "default", "blocked", 1},
    {"procrastinate", "pro", "default", "stuck", 1},
    {"pgqueuer", "pgq", "fetch", "ready", 1},
    {"pgqueuer", "pgq", "fetch", "stuck", 1},
    {"dbos", "dbos", "(none)", "ready", 1},
    {"dbos", "dbos", "(none)", "stuck", 1},
    {"django_tasks", "dt", "default", "ready", 1},
    {"django_tasks", "dt", "default", "stuck", 1},
    {"django_q", "dq", "default", "running", 1},
    {"django_q", "dq", "(schedule)", "overdue", 1},
    {"django_q", "dq", "(schedule)", "scheduled", 1},
    {"django_q", "dq", "default", "stuck", -1},
    {"pgmq", "pgmq", "Mails", "ready", 1},
    {"pgmq", "pgmq", "Mails", "running", 1},
    {"pgmq", "pgmq", "Mails", "stuck", 1},
    {"pgmq", "pgmq", "Mails", "enqueued", 3},
    {"laravel", "lara", "default", "ready", 1},
    {"laravel", "lara", "default", "stuck", 1},
    {"laravel", "lara", "default", "failed", 1},
    {"hatchet", "hat", "a:b", "ready", 1},
    {"hatchet", "hat", "(all)", "running", 1},
    {"hatchet", "hat", "(all)", "stuck", 1},
    {"outbox", "own", "mail", "ready", 1},
    {"outbox", "own", "mail", "exhausted", 1},
    {"outbox", "own", "push", "ready", 1},
    {"outbox", "own", "push", "exhausted", 0},
    {"outbox", "own", "push", "failed", -1},
    {"outbox", "own", "(all)", "enqueued", 3},
};

static void every_definition_counts_on_a_real_server(void **state)
{
    (void)state;
    struct world *w = world_new("postgres");
    struct frame *f = sample(w);
    assert_string_equal(buf_text(&w->failures), "");
    assert_int_equal(f->status, FRAME_OK);
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        const struct expected *e = &all[i];
        uint32_t row = (uint32_t)row_of(f, e->definition, e->schema, e->queue);
        const struct cell *c = frame_cell(f, row, schema_find(f->schema, e->column));
        if (c->known != (e->value >= 0) || (c->known && c->i != e->value))
            fail_msg("%s of %s %s: %lld, note %s", e->column, e->definition, e->queue,
                     c->known ? (long long)c->i : -1LL, frame_text(f, row, QUEUE_NOTE).bytes);
    }
    double oldest = frame_number(f, (uint32_t)row_of(f, "outbox", "own", "mail"), QUEUE_OLDEST);
    assert_true(oldest >= 42 && oldest < 120);
    uint32_t whole = (uint32_t)row_of(f, "orchestrator", "orch", "(all)");
    assert_true(frame_cell(f, whole, QUEUE_ESTIMATED)->i &&
                frame_cell(f, whole, QUEUE_STATES + STATE_FAILED)->known);
    assert_string_equal(frame_text(f, (uint32_t)row_of(f, "oban", "oban", "default"), QUEUE_VERSION).bytes,
                        "12");
    frame_unref(f);
    int first = w->questions;
    f = sample(w);
    assert_true(w->questions - first < first);
    assert_string_equal(buf_text(&w->failures), "");
    frame_unref(f);
    world_free(w);
}

static void stuck_rows_can_be_listed(void **state)
{
    (void)state;
    struct world *w = world_new("postgres");
    frame_unref(sample(w));
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        const struct expected *e = &all[i];
        if (strcmp(e->column, "stuck") != 0 || e->value < 1)
            continue;
        char *sql = NULL;
        assert_true(queue_plan_stuck(w->plan, e->definition, e->schema, e->queue, &sql));
        struct frame *f = answer(w, &(struct plan_question){"stuck", sql, &queue_stuck_schema, 200});
        if (f->status != FRAME_OK || f->nrows != e->value)
            fail_msg("%s: %u rows: %s\n%s", e->definition, f->nrows, f->note ? f->note : "", sql);
        frame_unref(f);
        free(sql);
    }
    world_free(w);
}

static void a_systems_own_counters_can_be_read(void **state)
{
    (void)state;
    struct world *w = world_new("postgres");
    char *sql = NULL;
    frame_unref(sample(w));
    assert_false(queue_plan_cached(w->plan, "orchestrator", "orch", &sql));
    assert_false(queue_plan_cached(w->plan, "pgboss", "boss10", &sql)); /* its table has no such columns */
    assert_true(queue_plan_cached(w->plan, "pgboss", "pgboss", &sql));
    struct frame *f = answer(w, &(struct plan_question){"cached", sql, &queue_cached_schema, 200});
    assert_int_equal(f->status, FRAME_OK);
    assert_int_equal(f->nrows, 7);
    assert_string_equal(frame_text(f, 0, 0).bytes, "mail");
    assert_string_equal(frame_text(f, 0, 1).bytes, "active_count");
    assert_string_equal(frame_text(f, 0, 2).bytes, "4");
    frame_unref(f);
    free(sql);
    world_free(w);
}

static void a_plain_role_is_told_what_to_grant(void **state)
{
    (void)state;
    struct world *w = world_new("monitor");
    struct frame *f = sample(w);
    assert_string_equal(buf_text(&w->failures), "");
    assert_int_equal(f->status, FRAME_OK);
    assert_int_equal(
        frame_cell(f, (uint32_t)row_of(f, "orchestrator", "orch", "triage"), QUEUE_STATES + STATE_READY)->i,
        15);
    uint32_t row = (uint32_t)row_of(f, "radgateway", "rad", "(all)");
    assert_false(frame_cell(f, row, QUEUE_STATES + STATE_READY)->known);
    assert_string_equal(frame_text(f, row, QUEUE_NOTE).bytes,
                        "no SELECT on rad.a2a_tasks: GRANT SELECT ON rad.a2a_tasks TO monitor");
    row = (uint32_t)row_of(f, "pgmq", "pgmq", "(all)");
    assert_string_equal(frame_text(f, row, QUEUE_NOTE).bytes,
                        "no SELECT on pgmq.meta: GRANT USAGE ON SCHEMA pgmq TO monitor; GRANT SELECT ON "
                        "pgmq.meta TO monitor");
    row = (uint32_t)row_of(f, "querator", "My Items", "(all)");
    assert_non_null(strstr(frame_text(f, row, QUEUE_NOTE).bytes,
                           "GRANT USAGE ON SCHEMA \"My Items\" TO monitor; GRANT SELECT ON \"My Items\"."));
    frame_unref(f);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_definition_counts_on_a_real_server),
        cmocka_unit_test(stuck_rows_can_be_listed),
        cmocka_unit_test(a_systems_own_counters_can_be_read),
        cmocka_unit_test(a_plain_role_is_told_what_to_grant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
