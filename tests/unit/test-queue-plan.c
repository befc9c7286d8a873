/* The planner: which questions follow from a made-up catalogue, and what the answers come to. */
#include "probes/queue_plan.h"

#include "base/mem.h"
#include "conf/queues.h"
#include "probes/queue_match.h"
#include "probes/queue_sql.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- a world without a server ---- */

struct world {
    struct queue_book *book;
    struct queue_plan_data data;
    void *plan;
    int64_t now_us;
};

static struct world *world_new(const char *extra)
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

static void world_free(struct world *w)
{
    queues_plan.close(w->plan);
    queue_names_free(w->data.names);
    queue_book_free(w->book);
    free(w);
}

static void text(struct frame_builder *b, int column, const char *s)
{
    if (s)
        frame_build_text(b, column, s, strlen(s));
}

static struct frame *seal(struct frame_builder *b, enum frame_status status, const char *note)
{
    return frame_seal(b, &(struct frame_head){.status = status, .note = note, .cost_us = 10, .epoch = 7});
}

/* One line of a catalogue. */
struct table {
    const char *schema, *name;
    int pattern;
    const char *kind;
    int64_t oid;
    bool usage, readable, hidden;
    int64_t estimate;
    const char *columns;
};

static struct frame *catalogue(const struct table *tables, size_t n)
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

struct count {
    const char *q, *st;
    int64_t n;
    double age;         /* NaN: none */
    bool capped;
};

static struct frame *counts(const struct count *c, size_t n)
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

static struct frame *trouble(const struct schema *schema, enum frame_status status, const char *note)
{
    return seal(frame_build(schema), status, note);
}

/* The next question must be this one; it is answered with that, which is taken. */
static char *ask(struct world *w, const char *label, struct frame *answer)
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

static struct frame *finish(struct world *w)
{
    struct plan_question q;
    if (queues_plan.next(w->plan, &q))
        fail_msg("one question too many: %s", q.label);
    return queues_plan.merge(w->plan);
}

static void begin(struct world *w)
{
    w->now_us += 2000000;
    queues_plan.begin(w->plan, w->now_us, false);
}

static int64_t row_of(const struct frame *f, const char *definition, const char *queue)
{
    for (uint32_t i = 0; i < f->nrows; i++)
        if (strcmp(frame_text(f, i, QUEUE_DEFINITION).bytes, definition) == 0 && strcmp(frame_text(f, i, QUEUE_QUEUE).bytes, queue) == 0)
            return i;
    fail_msg("no row %s %s", definition, queue);
    return -1;
}

#define UNKNOWN INT64_MIN

static void check(const struct frame *f, const char *definition, const char *queue, const char *column, int64_t value)
{
    const struct cell *c = frame_cell(f, (uint32_t)row_of(f, definition, queue), schema_find(f->schema, column));
    if (c->known != (value != UNKNOWN) || (c->known && c->i != value))
        fail_msg("%s of %s %s is %s%lld", column, definition, queue, c->known ? "" : "unknown, not ", (long long)(c->known ? c->i : value));
}

static void check_age(const struct frame *f, const char *definition, const char *queue, const char *column, double value)
{
    double v = frame_number(f, (uint32_t)row_of(f, definition, queue), schema_find(f->schema, column));
    assert_true(isnan(value) ? isnan(v) : fabs(v - value) < 1e-9);
}

static const char *note(const struct frame *f, const char *definition, const char *queue)
{
    return frame_text(f, (uint32_t)row_of(f, definition, queue), QUEUE_NOTE).bytes;
}

#define ORCHESTRATOR "task_id\nskill_name\ntask_type\nstatus\nattempt_count\nmax_attempts\nworker_id\nstarted_at\nended_at"
#define RAD "id\nstatus\nsession_id\nmessage\nexpires_at\nassigned_agent_id\nupdated_at"
#define ITEMS "id\nis_leased\nlease_deadline\nexpire_deadline\nenqueue_at\nattempts\nmax_attempts"
#define LARAVEL "id\nqueue\npayload\nattempts\nreserved_at\navailable_at\ncreated_at"
#define NONE NAN

/* The planner's word on finished rows, n questions long; rows < 0: it does not say. */
static void ask_finished(struct world *w, const char *label, int n, int64_t rows)
{
    for (int i = 0; i < n; i++) {
        char plan[100];
        snprintf(plan, sizeof(plan), "[{\"Plan\": {\"Node Type\": \"Seq Scan\", %s%lld}}]", rows < 0 ? "\"x\": " : "\"Plan Rows\": ",
                 (long long)rows + i);
        struct frame_builder *b = frame_build(&queue_explain_schema);
        frame_build_row(b);
        text(b, 0, plan);
        char *sql = ask(w, label, seal(b, FRAME_OK, NULL));
        assert_memory_equal(sql, "explain (format json) select 1 from ", 36);
        free(sql);
    }
}

/* ---- tests ---- */

static void the_table_of_columns_is_right(void **state)
{
    (void)state;
    static const char *const words[] = QUEUE_STATE_WORDS;
    assert_int_equal(schema_keys(&queues_schema), 3);
    for (int i = 0; i < STATE_COUNT_; i++)
        assert_string_equal(queues_schema.columns[QUEUE_STATES + i].name, words[i]);
    for (int i = 0; i < QUEUE_WIDTH_; i++) {
        const struct column *c = &queues_schema.columns[i];
        assert_true(c->name && strlen(c->heading) <= 12 && c->help[strlen(c->help) - 1] == '.');
        assert_int_equal(schema_find(&queues_schema, c->name), i);
    }
}

static void one_catalogue_question_serves_all(void **state)
{
    (void)state;
    struct world *w = world_new(NULL);
    struct buf sql = {0};
    queue_catalogue_sql(&sql, &w->data.defs);
    assert_non_null(strstr(sql.data, "'good_jobs'"));
    assert_non_null(strstr(sql.data, "relname ~ '^items_[0-9A-Za-z]{10,12}_[0-9]+$'"));
    assert_non_null(strstr(sql.data, "'Worker'"));
    assert_non_null(strstr(sql.data, "p.proname = any(array['archive','read','set_vt']::name[])"));
    assert_non_null(strstr(sql.data, "'blocked'"));     /* a variant's column */
    buf_free(&sql);
    world_free(w);
}

static void an_empty_database_is_absent(void **state)
{
    (void)state;
    struct world *w = world_new(NULL);
    begin(w);
    free(ask(w, "queues: catalogue", catalogue(NULL, 0)));
    struct frame *f = finish(w);
    assert_int_equal(f->status, FRAME_ABSENT);
    assert_string_equal(f->note, "This database holds none of the 19 task queues that are defined.");
    frame_unref(f);
    world_free(w);
}

static void a_missing_column_is_no_match(void **state)
{
    (void)state;
    struct world *w = world_new(NULL);
    const struct table tables[] = {
        {"public", "tasks", -1, "r", 1, true, true, false, 5, "task_id\nstatus\nskill_names"},
        {"public", "a2a_tasks", 0, "r", 2, true, true, false, 5, RAD},       /* as a pattern, not by name */
    };
    begin(w);
    free(ask(w, "queues: catalogue", catalogue(tables, COUNT_OF(tables))));
    struct frame *f = finish(w);
    assert_int_equal(f->status, FRAME_ABSENT);
    frame_unref(f);
    world_free(w);
}

static void unknown_is_not_zero(void **state)
{
    (void)state;
    struct world *w = world_new(NULL);
    const struct table tables[] = {{"public", "tasks", -1, "r", 16400, true, true, false, 200, ORCHESTRATOR}};
    const struct count answer[] = {
        {"triage", "ready", 12, 370, false}, {"triage", "running", 3, 900, false}, {"triage", "stuck", 2, 900, false},
        {"template", "exhausted", 1, 50, false}, {"template", NULL, 4, NONE, false}, {"", "#dead", 77, NONE, false},
        {"", "#reset", 123, NONE, false},
    };
    begin(w);
    free(ask(w, "queues: catalogue", catalogue(tables, COUNT_OF(tables))));
    char *sql = ask(w, "queues: depth of orchestrator in public", counts(answer, COUNT_OF(answer)));
    assert_non_null(strstr(sql, "from \"public\".tasks j"));
    assert_non_null(strstr(sql, "j.started_at < now()-interval '10 min'"));
    assert_non_null(strstr(sql, "limit 100001"));
    assert_null(strstr(sql, "'finished'"));
    free(sql);
    ask_finished(w, "queues: finished of orchestrator in public", 2, 1000);
    struct frame *f = finish(w);
    assert_int_equal(f->status, FRAME_OK);
    assert_int_equal(f->nrows, 3);
    check(f, "orchestrator", "(all)", "failed", 1000);
    check(f, "orchestrator", "(all)", "done", 1001);
    check(f, "orchestrator", "(all)", "estimated", 1);
    check(f, "orchestrator", "(all)", "ready", UNKNOWN);
    check(f, "orchestrator", "triage", "failed", UNKNOWN);
    check(f, "orchestrator", "triage", "estimated", UNKNOWN);
    check(f, "orchestrator", "triage", "ready", 12);
    check(f, "orchestrator", "triage", "exhausted", 0);
    check(f, "orchestrator", "triage", "stuck", 2);
    check(f, "orchestrator", "triage", "retrying", UNKNOWN);
    check(f, "orchestrator", "triage", "done", UNKNOWN);
    check(f, "orchestrator", "triage", "dead", UNKNOWN);
    check(f, "orchestrator", "triage", "dead_tuples", 77);
    check(f, "orchestrator", "triage", "rows_estimate", 200);
    check(f, "orchestrator", "template", "ready", 0);
    check(f, "orchestrator", "template", "other", 4);
    check_age(f, "orchestrator", "triage", "oldest_s", 370);
    check_age(f, "orchestrator", "triage", "stuck_s", 900);
    check_age(f, "orchestrator", "template", "oldest_s", NONE);
    assert_int_equal(f->cost_us, 40);
    frame_unref(f);
    /* Drained, it stays, at zero; the catalogue is not asked again. */
    begin(w);
    free(ask(w, "queues: depth of orchestrator in public", counts(NULL, 0)));
    f = finish(w);
    assert_int_equal(f->nrows, 3);
    check(f, "orchestrator", "triage", "ready", 0);
    check(f, "orchestrator", "triage", "stuck", 0);
    frame_unref(f);
    /* Not counted: unknown, and why. */
    begin(w);
    free(ask(w, "queues: depth of orchestrator in public", trouble(&queue_depth_schema, FRAME_TIMEOUT, "250 ms were not enough")));
    f = finish(w);
    check(f, "orchestrator", "triage", "ready", UNKNOWN);
    check(f, "orchestrator", "triage", "other", UNKNOWN);
    assert_string_equal(note(f, "orchestrator", "triage"), "not counted in time: 250 ms were not enough");
    frame_unref(f);
    world_free(w);
}

static void what_may_not_be_read_says_the_grant(void **state)
{
    (void)state;
    struct world *w = world_new(NULL);
    const struct table tables[] = {
        {"My App", "a2a_tasks", -1, "r", 1, false, false, false, 993, RAD},
        {"g", "_private_jobs", -1, "r", 2, true, true, true, -1,
         "id\njob_queue_id\ntask_id\nrun_at\nattempts\nmax_attempts\nlocked_at\nlocked_by\nis_available\nkey"},
        {"g", "_private_job_queues", -1, "r", 3, true, true, true, 0, "id\nqueue_name\nlocked_at\nis_available"},
        {"g", "_private_tasks", -1, "r", 4, true, true, false, 0, "id\nidentifier"},
        {"public", "a2a_tasks", -1, "r", 5, true, false, false, 10, RAD},
    };
    begin(w);
    free(ask(w, "queues: catalogue", catalogue(tables, COUNT_OF(tables))));
    struct frame *f = finish(w);
    assert_int_equal(f->nrows, 3);
    assert_string_equal(note(f, "graphile", "(all)"),
                        "g._private_jobs hides its rows by row security: connect as its owner or as a role with BYPASSRLS; "
                        "g._private_job_queues hides its rows by row security: connect as its owner or as a role with BYPASSRLS");
    assert_string_equal(frame_text(f, 1, QUEUE_NOTE).bytes,
                        "no SELECT on \"My App\".a2a_tasks: GRANT USAGE ON SCHEMA \"My App\" TO monitor; "
                        "GRANT SELECT ON \"My App\".a2a_tasks TO monitor");
    assert_string_equal(frame_text(f, 2, QUEUE_NOTE).bytes,
                        "no SELECT on public.a2a_tasks: GRANT SELECT ON public.a2a_tasks TO monitor");
    check(f, "radgateway", "(all)", "ready", UNKNOWN);
    check(f, "radgateway", "(all)", "rows_estimate", 993);
    frame_unref(f);
    world_free(w);
}

static struct frame *expansion(const char *const *tables, const char *const *queues, size_t n, bool second_closed)
{
    struct frame_builder *b = frame_build(&queue_expand_schema);
    for (size_t i = 0; i < n; i++) {
        frame_build_row(b);
        text(b, 0, tables[i]);
        text(b, 1, queues[i]);
        frame_build_int(b, 2, 500 + (int64_t)i);
        frame_build_int(b, 3, 1);
        frame_build_int(b, 4, !(second_closed && i == 1));
        frame_build_int(b, 5, 0);
        text(b, 7, "monitor");
    }
    return seal(b, FRAME_OK, NULL);
}

static struct frame *some_names(void)
{
    static const char *const hashes[] = {"1buPSdlPil", "HWpwuIDm9m"}, *const names[] = {"orders", "orders-dead"};
    struct frame_builder *b = frame_build(&queue_names_schema);
    for (int i = 0; i < 2; i++) {
        frame_build_row(b);
        text(b, 0, hashes[i]);
        text(b, 1, names[i]);
        frame_build_int(b, 2, i);
    }
    return seal(b, FRAME_OK, NULL);
}

static void hashes_get_names_and_dead_queues_are_dead(void **state)
{
    (void)state;
    struct world *w = world_new(NULL);
    static const char *const tables[] = {"items_1buPSdlPil_0", "items_1buPSdlPil_1", "items_HWpwuIDm9m_0", "items_F3g60QnuwJ_0"};
    static const char *const queues[] = {"1buPSdlPil", "1buPSdlPil", "HWpwuIDm9m", "F3g60QnuwJ"};
    const struct table found[] = {
        {"q", "items_1buPSdlPil_0", 0, "r", 1, true, true, false, 1, ITEMS},
        {"q", "items_1buPSdlPil_1", 0, "r", 1, true, true, false, 1, ITEMS},
        {"q", "queues", -1, "r", 1, true, true, false, 1, "name\nlease_timeout_ns\nexpire_timeout_ns\ndead_queue\npartition_info"},
    };
    const struct count answer[] = {
        {"1buPSdlPil", "ready", 6, 30, true}, {"1buPSdlPil", "scheduled", 2, -15, false}, {"1buPSdlPil", "running", 2, -40, false},
        {"HWpwuIDm9m", "ready", 3, 900, false}, {"F3g60QnuwJ", "ready", 1, -1, false},
        {"1buPSdlPil", "#in", 100, NONE, false}, {"1buPSdlPil", "#out", 90, NONE, false},
    };
    begin(w);
    free(ask(w, "queues: catalogue", catalogue(found, COUNT_OF(found))));
    free(ask(w, "queues: tables of querator in q", expansion(tables, queues, 4, false)));
    free(ask(w, "queues: names of querator in q", some_names()));
    char *sql = ask(w, "queues: depth of querator in q", counts(answer, COUNT_OF(answer)));
    assert_non_null(strstr(sql, "from \"q\".\"items_1buPSdlPil_1\" j"));
    assert_non_null(strstr(sql, "pg_stat_get_tuples_inserted"));
    free(sql);
    struct frame *f = finish(w);
    assert_int_equal(f->nrows, 3);
    check(f, "querator", "orders", "ready", 6);
    check(f, "querator", "orders", "dead", 0);
    check(f, "querator", "orders", "capped", 1);
    check(f, "querator", "orders", "enqueued", 100);
    check(f, "querator", "orders", "completed", 90);
    check_age(f, "querator", "orders", "next_s", 15);
    check_age(f, "querator", "orders", "running_s", NONE);      /* a lease's end, ahead */
    check(f, "querator", "orders-dead", "ready", 0);
    check(f, "querator", "orders-dead", "dead", 3);
    check_age(f, "querator", "orders-dead", "oldest_s", NONE);
    check(f, "querator", "F3g60QnuwJ", "dead", UNKNOWN);        /* nobody said its name */
    check_age(f, "querator", "F3g60QnuwJ", "oldest_s", 0);
    frame_unref(f);
    char *stuck;
    assert_true(queue_plan_stuck(w->plan, "querator", "q", "orders", &stuck));
    assert_non_null(strstr(stuck, "items_1buPSdlPil_1"));
    assert_null(strstr(stuck, "items_HWpwuIDm9m_0"));
    free(stuck);
    assert_false(queue_plan_stuck(w->plan, "querator", "q", "nobody", &stuck));
    world_free(w);
}

static void a_closed_partition_is_said(void **state)
{
    (void)state;
    struct world *w = world_new(NULL);
    static const char *const tables[] = {"items_1buPSdlPil_0", "items_1buPSdlPil_1"}, *const queues[] = {"1buPSdlPil", "1buPSdlPil"};
    const struct table found[] = {{"q", "items_1buPSdlPil_0", 0, "r", 1, true, true, false, 1, ITEMS}};
    begin(w);
    free(ask(w, "queues: catalogue", catalogue(found, COUNT_OF(found))));
    free(ask(w, "queues: tables of querator in q", expansion(tables, queues, 2, true)));
    char *sql = ask(w, "queues: depth of querator in q", counts(NULL, 0));
    assert_null(strstr(sql, "items_1buPSdlPil_1"));
    free(sql);
    struct frame *f = finish(w);
    assert_string_equal(note(f, "querator", "1buPSdlPil"),
                        "no SELECT on q.\"items_1buPSdlPil_1\": GRANT SELECT ON q.\"items_1buPSdlPil_1\" TO monitor");
    check(f, "querator", "1buPSdlPil", "ready", 0);
    frame_unref(f);
    world_free(w);
}

static void many_partitions_are_asked_in_chunks(void **state)
{
    (void)state;
    struct world *w = world_new(NULL);
    const struct table found[] = {{"q", "items_aaaaaaaaaa_0", 0, "r", 1, true, true, false, 1, ITEMS}};
    enum { N = 150 };
    char names[N][32];
    const char *tables[N], *queues[N];
    for (int i = 0; i < N; i++) {
        snprintf(names[i], sizeof(names[i]), "items_aaaaaaaaaa_%d", i);
        tables[i] = names[i];
        queues[i] = "aaaaaaaaaa";
    }
    const struct count five = {"aaaaaaaaaa", "ready", 5, 10, false};
    begin(w);
    free(ask(w, "queues: catalogue", catalogue(found, 1)));
    free(ask(w, "queues: tables of querator in q", expansion(tables, queues, N, false)));
    for (int i = 0; i < 3; i++)
        free(ask(w, "queues: depth of querator in q", counts(&five, 1)));
    struct frame *f = finish(w);
    check(f, "querator", "aaaaaaaaaa", "ready", 15);
    frame_unref(f);
    begin(w);
    free(ask(w, "queues: depth of querator in q", counts(&five, 1)));
    free(ask(w, "queues: depth of querator in q", trouble(&queue_depth_schema, FRAME_FAILED, "deadlock")));
    free(ask(w, "queues: depth of querator in q", counts(&five, 1)));
    f = finish(w);
    check(f, "querator", "aaaaaaaaaa", "ready", UNKNOWN);       /* part of a sum is no sum */
    frame_unref(f);
    world_free(w);
}

#define PGBOSS(extra) \
    {"pgboss", "version", -1, "r", 1, true, true, false, 1, "version"}, \
    {"pgboss", "queue", -1, "r", 2, true, true, false, 1, "name\npolicy\ndead_letter"}, \
    {"pgboss", "job", -1, "p", 3, true, true, false, 900, \
     "id\nname\nstate\nretry_limit\nretry_count\nstart_after\nstarted_on\nsingleton_key\nkeep_until\ncompleted_on" extra}

static void slow_sources_have_a_lane_and_an_age(void **state)
{
    (void)state;
    struct world *w = world_new(NULL);
    const struct table found[] = {PGBOSS("\nexpire_in\nexpire_seconds\nblocked")};
    const struct count fast = {"mail", "ready", 5, 10, false};
    const struct count slow[] = {{"mail", "running", 2, 30, false}, {"mail", "stuck", 1, 3000, false}};
    begin(w);
    free(ask(w, "queues: catalogue", catalogue(found, COUNT_OF(found))));
    char *sql = ask(w, "queues: depth of pgboss in pgboss", counts(&fast, 1));
    assert_non_null(strstr(sql, "j.state<'active' and not j.blocked"));     /* the last variant that fits */
    assert_null(strstr(sql, "state='active'"));
    free(sql);
    sql = ask(w, "queues: slow depth of pgboss in pgboss", counts(slow, 2));
    assert_non_null(strstr(sql, "j.started_on + j.expire_seconds*interval '1 s' + interval '60 s' < now()"));
    free(sql);
    ask_finished(w, "queues: finished of pgboss in pgboss", 3, -1);
    struct frame *f = finish(w);
    check(f, "pgboss", "mail", "running", 2);
    check(f, "pgboss", "mail", "stuck", 1);
    frame_unref(f);
    for (int i = 1; i < 10; i++) {
        begin(w);
        free(ask(w, "queues: depth of pgboss in pgboss", counts(&fast, 1)));
        f = finish(w);
        check(f, "pgboss", "mail", "running", 2);
        check_age(f, "pgboss", "mail", "slow_age_s", (double)w->now_us / 1e6);  /* these answers say "taken at 0" */
        frame_unref(f);
    }
    begin(w);
    free(ask(w, "queues: depth of pgboss in pgboss", counts(&fast, 1)));
    free(ask(w, "queues: slow depth of pgboss in pgboss", trouble(&queue_depth_schema, FRAME_TIMEOUT, NULL)));
    f = finish(w);
    check(f, "pgboss", "mail", "ready", 5);
    check(f, "pgboss", "mail", "running", UNKNOWN);
    check(f, "pgboss", "mail", "stuck", UNKNOWN);
    check(f, "pgboss", "mail", "other", UNKNOWN);
    frame_unref(f);
    world_free(w);
}

static void optional_tables_and_shared_counters(void **state)
{
    (void)state;
    struct world *w = world_new(NULL);
    const struct table found[] = {
        {"public", "jobs", -1, "r", 9, true, true, false, 1, LARAVEL},
        {"public", "failed_jobs", -1, "r", 10, true, false, false, 1, "id\nuuid\nconnection\nqueue\npayload\nexception\nfailed_at"},
        {"two", "jobs", -1, "r", 11, true, true, false, 1, LARAVEL},
    };
    const struct count answer[] = {{"mail", "ready", 5, 10, false}, {"", "#in", 40, NONE, false}, {"", "#reset", 3, NONE, false}};
    begin(w);
    free(ask(w, "queues: catalogue", catalogue(found, COUNT_OF(found))));
    char *sql = ask(w, "queues: depth of laravel in public", counts(answer, COUNT_OF(answer)));
    assert_null(strstr(sql, "failed_jobs"));
    free(sql);
    free(ask(w, "queues: depth of laravel in two", counts(NULL, 0)));
    struct frame *f = finish(w);
    assert_int_equal(f->nrows, 3);
    check(f, "laravel", "mail", "failed", UNKNOWN);
    check(f, "laravel", "mail", "enqueued", UNKNOWN);
    check(f, "laravel", "(all)", "enqueued", 40);
    check(f, "laravel", "(all)", "ready", UNKNOWN);
    check(f, "laravel", "(all)", "stats_reset", 3);
    assert_non_null(strstr(note(f, "laravel", "mail"), "GRANT SELECT ON public.failed_jobs TO monitor"));
    assert_string_equal(frame_text(f, 2, QUEUE_SCHEMA).bytes, "two");
    assert_int_equal(frame_cell(f, 2, QUEUE_STATES + STATE_READY)->i, 0);
    assert_true(frame_cell(f, 2, QUEUE_STATES + STATE_READY)->known);
    frame_unref(f);
    world_free(w);
}

static void functions_are_part_of_a_match(void **state)
{
    (void)state;
    static const char *const functions[] = {"read", "set_vt", "archive"};
    for (size_t n = 0; n <= 3; n++) {
        struct world *w = world_new(NULL);
        struct table found[4] = {{"pgmq", "meta", -1, "r", 9, true, true, false, 1, "queue_name\nis_partitioned\nis_unlogged\ncreated_at"}};
        for (size_t i = 0; i < n; i++)
            found[1 + i] = (struct table){"pgmq", functions[i], -1, "F", 0, false, false, false, 0, NULL};
        begin(w);
        free(ask(w, "queues: catalogue", catalogue(found, 1 + n)));
        if (n == 3) {
            static const char *const table[] = {"q_a"}, *const queue[] = {"A"};
            free(ask(w, "queues: tables of pgmq in pgmq", expansion(table, queue, 1, false)));
            char *sql = ask(w, "queues: depth of pgmq in pgmq", counts(NULL, 0));
            assert_non_null(strstr(sql, "c.relname in ('q_A_msg_id_seq', lower('q_A_msg_id_seq'))"));
            free(sql);
        }
        struct frame *f = finish(w);
        assert_int_equal(f->status, n == 3 ? FRAME_OK : FRAME_ABSENT);
        frame_unref(f);
        world_free(w);
    }
}

static void a_lost_session_loses_the_sample_only(void **state)
{
    (void)state;
    struct world *w = world_new(NULL);
    const struct table tables[] = {{"public", "tasks", -1, "r", 1, true, true, false, 2, ORCHESTRATOR}};
    begin(w);
    free(ask(w, "queues: catalogue", trouble(&queue_catalogue_schema, FRAME_TIMEOUT, "late")));
    struct frame *f = finish(w);
    assert_int_equal(f->status, FRAME_TIMEOUT);
    assert_string_equal(f->note, "late");
    frame_unref(f);
    begin(w);
    free(ask(w, "queues: catalogue", catalogue(tables, 1)));
    free(ask(w, "queues: depth of orchestrator in public", trouble(&queue_depth_schema, FRAME_LOST, "gone")));
    f = finish(w);
    assert_int_equal(f->status, FRAME_LOST);
    assert_int_equal(f->nrows, 0);
    frame_unref(f);
    begin(w);
    free(ask(w, "queues: catalogue", catalogue(tables, 1)));
    free(ask(w, "queues: depth of orchestrator in public", counts(NULL, 0)));
    ask_finished(w, "queues: finished of orchestrator in public", 2, 0);
    f = finish(w);
    assert_int_equal(f->status, FRAME_OK);
    check(f, "orchestrator", "(all)", "ready", 0);
    frame_unref(f);
    world_free(w);
}

static void a_zone_of_its_own_is_used(void **state)
{
    (void)state;
    struct world *w = world_new("format: 1\nqueues:\n- id: radgateway\n  tz: Europe/Berlin\n");
    const struct table tables[] = {{"public", "a2a_tasks", -1, "r", 1, true, true, false, 2, RAD}};
    begin(w);
    free(ask(w, "queues: catalogue", catalogue(tables, 1)));
    char *sql = ask(w, "queues: depth of radgateway in public", counts(NULL, 0));
    assert_non_null(strstr(sql, "j.expires_at < (now() at time zone 'Europe/Berlin')"));
    assert_non_null(strstr(sql, "(j.updated_at\n)::timestamp at time zone 'Europe/Berlin'"));
    free(sql);
    ask_finished(w, "queues: finished of radgateway in public", 3, 5);
    frame_unref(finish(w));
    world_free(w);
}

static void names_are_quoted_whatever_they_are(void **state)
{
    (void)state;
    struct buf out = {0};
    sql_identifier(&out, "a\"b'c\\");
    sql_literal(&out, "a\"b'c");
    sql_literal(&out, "a\\'; drop");
    assert_string_equal(out.data, "\"a\"\"b'c\\\"" "'a\"b''c'" " E'a\\\\''; drop'");
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_of_columns_is_right),
        cmocka_unit_test(one_catalogue_question_serves_all),
        cmocka_unit_test(an_empty_database_is_absent),
        cmocka_unit_test(a_missing_column_is_no_match),
        cmocka_unit_test(unknown_is_not_zero),
        cmocka_unit_test(what_may_not_be_read_says_the_grant),
        cmocka_unit_test(hashes_get_names_and_dead_queues_are_dead),
        cmocka_unit_test(a_closed_partition_is_said),
        cmocka_unit_test(many_partitions_are_asked_in_chunks),
        cmocka_unit_test(slow_sources_have_a_lane_and_an_age),
        cmocka_unit_test(optional_tables_and_shared_counters),
        cmocka_unit_test(functions_are_part_of_a_match),
        cmocka_unit_test(a_lost_session_loses_the_sample_only),
        cmocka_unit_test(a_zone_of_its_own_is_used),
        cmocka_unit_test(names_are_quoted_whatever_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
