/* Queue definitions: all that ship load whole, users may change params, and every broken rule has its
 * sentence. */
#include "conf/queues.h"

#include "base/mem.h"
#include "config.h"
#include "conf/queue_sql.h"
#include "conf/yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#ifdef WITH_SANITIZERS
enum { SLOW = 10 };
#else
enum { SLOW = 1 };
#endif

static struct queue_book *shipped(bool actions)
{
    struct queue_book *book = queue_book_new();
    struct conf_errors errors = {0};
    char path[512];
    snprintf(path, sizeof(path), "%s/probes/queues", getenv("SRCDIR"));
    bool ok = queue_book_read_all(book, path, false, actions, &errors);
    struct buf report = {0};
    conf_errors_print(&errors, &report);
    assert_string_equal(buf_text(&report), "");
    assert_true(ok);
    buf_free(&report);
    conf_errors_free(&errors);
    return book;
}

static const struct queue_def *def_of(const struct queue_book *book, const char *id)
{
    struct queue_defs defs = queue_book_defs(book);
    for (size_t i = 0; i < defs.n; i++)
        if (strcmp(defs.list[i]->id, id) == 0)
            return defs.list[i];
    fail_msg("no definition %s", id);
    return NULL;
}

/* Numbers counted by hand from the reference definitions. */
struct expected {
    const char *id;
    size_t detect, sources, stuck, finished, params, actions, variants;
    bool expand, names, rls;
};

static const struct expected expected[] = {
    {"dbos", 2, 1, 1, 3, 3, 2, 0, false, false, false},
    {"delayed_job", 1, 1, 1, 0, 3, 3, 0, false, false, false},
    {"django_q", 3, 2, 0, 2, 0, 1, 0, false, false, false},
    {"django_tasks", 1, 1, 1, 2, 3, 2, 0, false, false, false},
    {"good_job", 2, 1, 1, 2, 3, 2, 0, false, false, false},
    {"graphile", 3, 1, 1, 0, 1, 3, 0, false, false, true},
    {"hatchet", 5, 4, 1, 0, 1, 0, 0, false, false, false},
    {"laravel", 1, 2, 1, 0, 3, 3, 0, false, false, false},
    {"oban", 1, 1, 1, 3, 3, 3, 0, false, false, false},
    {"orchestrator", 1, 1, 1, 2, 3, 4, 0, false, false, false},
    {"pgboss", 3, 3, 1, 3, 1, 2, 3, false, false, false},
    {"pgmq", 1, 1, 1, 0, 1, 2, 0, true, false, false},
    {"pgqueuer", 2, 1, 1, 2, 1, 2, 0, false, false, false},
    {"procrastinate", 3, 1, 1, 3, 3, 3, 0, false, false, false},
    {"que", 2, 1, 1, 2, 2, 3, 0, false, false, false},
    {"querator", 1, 1, 1, 0, 1, 1, 0, true, true, false},
    {"radgateway", 1, 1, 1, 3, 3, 2, 0, false, false, false},
    {"river", 2, 1, 1, 3, 4, 3, 0, false, false, false},
    {"solid_queue", 8, 5, 1, 1, 3, 3, 0, false, false, false},
};

static void all_that_ship_load_whole(void **state)
{
    (void)state;
    struct queue_book *book = shipped(true);
    assert_int_equal(queue_book_defs(book).n, COUNT_OF(expected));
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        const struct expected *e = &expected[i];
        const struct queue_def *d = def_of(book, e->id);
        assert_int_equal(d->ndetect, e->detect);
        assert_int_equal(d->nsources, e->sources);
        assert_int_equal(d->nstuck, e->stuck);
        assert_int_equal(d->nfinished, e->finished);
        assert_int_equal(d->nparams, e->params);
        assert_int_equal(d->nactions, e->actions);
        assert_int_equal(d->nvariants, e->variants);
        assert_int_equal(d->expand.n > 0, e->expand);
        assert_int_equal(d->names.n > 0, e->names);
        assert_int_equal(d->rls, e->rls);
        assert_true(d->verified && d->title && d->native);
    }
    queue_book_free(book);
}

static void details_are_kept(void **state)
{
    (void)state;
    struct queue_book *book = shipped(true);
    const struct queue_def *d = def_of(book, "querator");
    assert_true(d->detect[0].pattern);
    assert_string_equal(d->detect[0].name, "^items_[0-9A-Za-z]{10,12}_[0-9]+$");
    assert_true(d->sources[0].expanded && d->stuck[0].expanded && d->actions[0].expanded);
    assert_int_equal(d->enqueued.kind, RATE_INSERTED);
    d = def_of(book, "pgmq");
    assert_int_equal(d->enqueued.kind, RATE_SEQUENCE);
    assert_string_equal(d->enqueued.sequence, "q_<queue>_msg_id_seq");
    assert_string_equal(d->functions[1].key, "pgmq");
    assert_string_equal(d->functions[1].value, "set_vt");
    d = def_of(book, "que");
    assert_true(d->actions[0].as_login && !d->actions[1].as_login);
    assert_true(d->version.n > 0);
    d = def_of(book, "pgboss");
    assert_true(!d->sources[0].scan && d->sources[1].scan && d->sources[2].scan);
    assert_int_equal(d->sources[0].cap, 100000);
    assert_string_equal(d->variants[2].column, "blocked");
    assert_int_equal(d->ncached, 7);
    d = def_of(book, "laravel");
    assert_string_equal(d->sources[1].needs, "failed_jobs");
    assert_string_equal(d->params[0].literal, "interval '90 s'");
    assert_string_equal(d->params[2].literal, "1000");
    queue_book_free(book);
    book = shipped(false);
    assert_int_equal(def_of(book, "que")->nactions, 0);
    queue_book_free(book);
}

static void a_user_may_change_params_and_zone(void **state)
{
    (void)state;
    struct queue_book *book = shipped(false);
    struct conf_errors errors = {0};
    const char *mine =
        "format: 1\nqueues:\n- id: radgateway\n  tz: Europe/Berlin\n  params:\n    stuck_after: 5 min\n";
    assert_true(queue_book_parse(book, "mine", mine, strlen(mine), false, &errors));
    const struct queue_def *d = def_of(book, "radgateway");
    assert_string_equal(d->params[0].literal, "interval '5 min'");
    assert_string_equal(d->params[1].literal, "interval '30 days'");
    assert_string_equal(d->tz, "Europe/Berlin");
    assert_int_equal(queue_book_defs(book).n, COUNT_OF(expected));
    queue_book_free(book);
}

#define START "format: 1\nqueues:\n"
#define GOOD GOOD_AS("x")
#define GOOD_AS(id)                                                                                      \
    "- id: " id "\n  title: X\n  detect:\n    jobs:\n    - id\n  sources:\n  - from: '{s}.jobs j'\n    queue: " \
    "j.q\n    states:\n"                                                                                   \
    "    - state: ready\n      since: j.at\n"

struct fault {
    const char *text, *report;
    size_t left;                /* definitions that are good all the same */
};

static const struct fault faults[] = {
    {"", "f:1:1: The file is empty: begin it with format: 1.\n"},
    {"format: 2\nqueues: []\n",
     "f:1:9: Queue definitions begin with format: 1; this version of pgvigil reads no other.\n"},
    {"format: 1\nqueue: []\n", "f:1:1: The key \"queues\" is missing: a list of definitions.\nf:2:1: There "
                               "is no key \"queue\": did you mean \"queues\"?\n"},
    {START "- id: x\n", "f:3:3: The key \"title\" is missing here: a queue definition needs it.\n"
                        "f:3:3: The key \"detect\" is missing here: a queue definition needs it.\n"
                        "f:3:3: The key \"sources\" is missing here: a queue definition needs it.\n"},
    {START GOOD "  tittle: Y\n", "f:14:3: There is no key \"tittle\": did you mean \"title\"?\n"},
    {START GOOD GOOD, "f:14:7: The id \"x\" stands twice: it is first on line 3.\n", 1},
    {START GOOD "- id: y\n" GOOD_AS("z"), "f:14:3: The key \"title\" is missing here: a queue definition needs it.\n"
     "f:14:3: The key \"detect\" is missing here: a queue definition needs it.\n"
     "f:14:3: The key \"sources\" is missing here: a queue definition needs it.\n", 2},
    {START GOOD "  tz: UTC\n  tz: Europe/Berlin\n" GOOD_AS("z"),
     "f:15:3: The key \"tz\" stands twice: it is first on line 14; remove one.\n", 1},
    {START GOOD GOOD_AS("z") "  rls: &name true\n",
     "f:25:8: Anchors (&name) are not allowed: write the value where it is needed.\n", 1},
    {START "- id: x\n  title: X\n  detect:\n    jobs:\n    - id\n  sources:\n  - from: '{s}.jobs j'\n    "
           "queue: '{q}'\n"
           "    where: j.at < now()-{stuck}\n    states:\n    - state: reddy\n      since: j.at\n",
     "f:10:12: There is no placeholder {q} in queue: here are {s}, {s_lit}.\n"
     "f:11:12: There is no placeholder {stuck} in where: here are {s}, {s_lit}.\n"
     "f:13:14: There is no value \"reddy\": did you mean \"ready\"?\n"},
    {START "- id: x\n  title: X\n  detect:\n    jobs:\n    - id\n  sources:\n  - from: a\n    queue: b\n    "
           "needs: other\n    cost: scam\n"
           "    cap: 0\n    states:\n    - state: ready\n      since: j.at\n    - state: running\n      "
           "when: c\n      since: d\n",
     "f:11:12: needs names a table that is not under optional: add \"other\" there.\n"
     "f:12:11: There is no value \"scam\": did you mean \"scan\"?\n"
     "f:13:10: cap takes a whole number, from 1 to 10000000, not \"0\".\n"
     "f:15:7: A state without when takes every row that is left: it must be the last.\n"},
    {START GOOD "  verified: maybe\n  tz: 'a b'\n  rls: yes\n  rates:\n    done: n_tup_upd\n",
     "f:14:13: There is no value \"maybe\" here: there are real-client, real-migrations, real-schema, "
     "real-schema-dsl, real-ddl, "
     "real-schema-and-functions.\n"
     "f:15:7: tz takes the name of a time zone, such as Europe/Berlin.\n"
     "f:16:8: rls takes true or false, not \"yes\".\n"
     "f:18:11: A rate is n_tup_ins, n_tup_del, depth (of done), or sequence {s}.NAME, in which <queue> is the "
     "queue's name.\n"},
    {START GOOD "  rates:\n    enqueued: depth\n", "f:15:15: The rate depth is of done alone.\n"},
    {START GOOD "  rates:\n    done: depth\n",
     "f:15:11: The rate depth needs enqueued: n_tup_ins beside it.\n"},
    {START GOOD "  actions:\n    reset:\n      effect: e\n      sql: update {t} set a=1\n      run_as: "
                "root\n    explode:\n      effect: x\n      sql: y\n",
     "f:14:3: A definition with actions says under native what the queue does by itself.\n"
     "f:17:12: There is no placeholder {t} in sql: here are {s}, {s_lit}.\n"
     "f:18:15: There is no value \"root\" here: there are login, owner.\n"
     "f:19:5: There is no key \"explode\" here: there are reset, revive, retry_failed, release, "
     "archive_poison, cleanup.\n"},
    {START GOOD
     "  variants:\n    a:\n      when_column: joobs.x\n      k: '{s}.y'\n  detect_functions:\n  - read\n",
     "f:16:20: The table of when_column must be under detect or optional.\n"
     "f:17:10: A variant's value may not hold placeholders: they are put in once.\n"
     "f:19:3: Functions are written schema.function.\n"},
    {START "- id: x\n  title: X\n  detect:\n    '/^a(b)+$/':\n    - id\n  names:\n    detect:\n      q:\n    "
           "  - name\n    sql: select 1\n"
           "  sources:\n  - from: a\n    queue: b\n    states:\n    - state: stuck\n      since: d\n",
     "f:6:5: This pattern cannot be used: write /^...$/ with letters, digits, _, classes such as [0-9a-f], "
     "and + * ? {n} {n,m} "
     "behind one of them.\n"
     "f:8:3: names maps the queue names of expand: there is no expand here.\n"
     "f:17:7: stuck is counted by the section stuck, not by a source.\n"},
    {START GOOD "  finished:\n  - state: ready\n    from: x\n  params:\n    Keep: 1\n    t: 2\n",
     "f:15:5: A finished state is done, cancelled, failed or failed_log.\n"
     "f:18:5: A parameter's name is in small letters, digits and _, and not s, s_lit, t or q.\n"
     "f:19:5: A parameter's name is in small letters, digits and _, and not s, s_lit, t or q.\n"},
};

static void a_broken_rule_has_its_sentence(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(faults); i++) {
        struct queue_book *book = queue_book_new();
        struct conf_errors errors = {0};
        struct buf report = {0};
        assert_false(queue_book_parse(book, "f", faults[i].text, strlen(faults[i].text), true, &errors));
        conf_errors_print(&errors, &report);
        assert_string_equal(buf_text(&report), faults[i].report);
        assert_int_equal(queue_book_defs(book).n, faults[i].left);
        buf_free(&report);
        conf_errors_free(&errors);
        queue_book_free(book);
    }
}

static const struct fault changes[] = {
    {"- id: orchestrator\n  params:\n    stuck_after: 7\n    kep: 1 day\n    batch: many\n",
     "f:5:18: stuck_after takes an interval such as 10 min, not \"7\".\n"
     "f:6:5: There is no key \"kep\": did you mean \"keep\"?\n"
     "f:7:12: batch takes a whole number, not \"many\".\n"},
    {"- id: orchestrator\n  title: Mine\n", NULL},
    {"- id: orchestrator\n  tz: 'x;y'\n",
     "f:4:7: tz takes the name of a time zone, such as Europe/Berlin.\n"},
};

static void a_user_may_change_nothing_else(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(changes); i++) {
        struct queue_book *book = shipped(false);
        struct conf_errors errors = {0};
        struct buf text = {0}, report = {0};
        buf_printf(&text, START "%s", changes[i].text);
        assert_false(queue_book_parse(book, "f", text.data, text.len, false, &errors));
        conf_errors_print(&errors, &report);
        if (changes[i].report)
            assert_string_equal(buf_text(&report), changes[i].report);
        else
            assert_non_null(
                strstr(buf_text(&report), "f:4:3: The definition \"orchestrator\" is there already ("));
        assert_string_equal(def_of(book, "orchestrator")->params[0].literal, "interval '10 min'");
        buf_free(&text);
        buf_free(&report);
        conf_errors_free(&errors);
        queue_book_free(book);
    }
}

static void braces_that_are_no_placeholders_stay(void **state)
{
    (void)state;
    struct queue_book *book = queue_book_new();
    struct conf_errors errors = {0};
    const char *text = START "- id: x\n  title: X\n  detect:\n    jobs:\n    - id\n  params:\n    p: it's\n  "
                             "sources:\n  - from: '{s}.jobs j'\n"
                             "    queue: |-\n      case when a ~ '^[a]{1,2}$' then '{}' else '{\"k\":1}' || "
                             "{p} end\n    states:\n    - state: ready\n"
                             "      since: j.at\n";
    assert_true(queue_book_parse(book, "f", text, strlen(text), false, &errors));
    const struct queue_sql *sql = &queue_book_defs(book).list[0]->sources[0].queue;
    assert_int_equal(sql->n, 3);
    assert_string_equal(sql->pieces[0].text, "case when a ~ '^[a]{1,2}$' then '{}' else '{\"k\":1}' || ");
    assert_int_equal(sql->pieces[1].kind, PIECE_PARAM);
    assert_string_equal(sql->pieces[2].text, " end");
    assert_string_equal(queue_book_defs(book).list[0]->params[0].literal, "'it''s'");
    queue_book_free(book);
}

static void patterns_are_tame(void **state)
{
    (void)state;
    static const char *const good[] = {"^a$", "^items_[0-9A-Za-z]{10,12}_[0-9]+$", "^q_.*$", "^x[a_-]?y{3}$"};
    static const char *const bad[] = {
        "",       "a",         "^$",       "^a",    "a$",     "^(a)$",
        "^a|b$",  "^a{1,64}$", "^a{2,1}$", "^a**$", "^[^a]$", "^[]$",
        "^a\\d$", "^a$b$",     "^'$",      "^a{$",  "^[a$",   "^a{99999999999999999999}$"};
    for (size_t i = 0; i < COUNT_OF(good); i++)
        assert_true(queue_pattern_ok(good[i]));
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (queue_pattern_ok(bad[i]))
            fail_msg("%s", bad[i]);
}

/* A definition that repeats one line as often as a file can hold it, @ being its number. */
struct shape {
    const char *head, *line, *tail;
};

static const struct shape shapes[] = {
    {START "- id: x\n  params:\n", "    p@: 1\n", ""},
    {START "- id: x\n  title: X\n  detect:\n", "    t@: [a]\n", ""},
    {START "- id: x\n  title: X\n  detect:\n    t:\n", "    - c@\n", ""},
    {START "- id: x\n  title: X\n  params: {p: 1}\n  detect: {t: [a]}\n  sources:\n  - from: ", "{p}{x@}",
     "\n"},
    {START "- id: x\n  title: X\n  params: {p: 1}\n  detect: {t: [a]}\n  sources:\n  - from: ", "{p}", "\n"},
    {START, "- id: x@\n", ""},
    {START "- id: x\n  title: X\n", "  k@: 1\n", ""},
    {START,
     "- {id: a@, title: X, detect: {t: [a]}, sources: [{from: a, queue: b, states: [{state: ready, since: "
     "c}]}]}\n",
     ""},
    {START "- id: x\n  title: X\n  detect: {t: [a]}\n  variants:\n", "    v@: {when_column: t.a, k: b}\n",
     ""},
};

static void put_line(struct buf *out, const char *line, size_t n)
{
    for (; *line; line++)
        if (*line == '@')
            buf_printf(out, "%zu", n);
        else
            buf_putc(out, *line);
}

static void no_definition_is_dear(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(shapes); i++) {
        struct queue_book *book = queue_book_new();
        struct conf_errors errors = {0};
        struct buf text = {0};
        buf_puts(&text, shapes[i].head);
        for (size_t n = 0; text.len < QUEUES_BYTES_MAX - 200; n++)
            put_line(&text, shapes[i].line, n);
        buf_puts(&text, shapes[i].tail);
        clock_t start = clock();
        bool ok = queue_book_parse(book, "f", text.data, text.len, true, &errors);
        double ms = (double)(clock() - start) * 1000 / CLOCKS_PER_SEC;
        assert_true(ok == (errors.n == 0) && errors.n <= CONF_ERRORS_MAX);
        if (ms > 100 * SLOW)
            fail_msg("shape %zu took %.0f ms", i, ms);
        conf_errors_free(&errors);
        buf_free(&text);
        queue_book_free(book);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_that_ship_load_whole),
        cmocka_unit_test(details_are_kept),
        cmocka_unit_test(a_user_may_change_params_and_zone),
        cmocka_unit_test(a_broken_rule_has_its_sentence),
        cmocka_unit_test(a_user_may_change_nothing_else),
        cmocka_unit_test(braces_that_are_no_placeholders_stay),
        cmocka_unit_test(patterns_are_tame),
        cmocka_unit_test(no_definition_is_dear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
