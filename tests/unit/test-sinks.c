/* The report's three forms: numbers are exact, and what never came says why. */
#include "sinks/report.h"

#include "base/attr.h"
#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct column columns[] = {
    {"id", "id", TYPE_INT, ROLE_KEY, UNIT_NONE, 0, 0, "A number that names something."},
    {"words", "words", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 0, 0, "Words."},
};
static const struct schema schema = {"one", COUNT_OF(columns), columns};

struct forms {
    struct buf json, text, csv;
};

static void write_to(const struct store *s, const bool *expected, int width, struct forms *out)
{
    static const int topics[] = {0, 1};
    const struct report r = {.store = s, .topics = topics, .ntopics = store_topics(s), .mode = TEXT_ASCII,
                             .expected = expected, .columns = width};
    *out = (struct forms){{0}, {0}, {0}};
    report_json(&r, &out->json);
    report_text(&r, &out->text);
    report_csv(&r, &out->csv);
}

static void write_all(const struct store *s, const bool *expected, struct forms *out)
{
    write_to(s, expected, 0, out);
}

static void forget(struct forms *f)
{
    buf_free(&f->json);
    buf_free(&f->text);
    buf_free(&f->csv);
}

static struct store *two_targets(void)
{
    struct store *s = store_new(1000);
    store_add_topic(s, &(struct topic){.name = "one", .title = "one", .help = "One.", .schema = &schema});
    store_add_target(s, "a", NULL, NULL);
    store_add_target(s, "b", NULL, NULL);
    return s;
}

static void identifiers_are_exact(void **state)
{
    (void)state;
    static const int64_t ids[] = {INT64_MAX, INT64_MIN + 1, -6234567890123456789};
    struct store *s = two_targets();
    for (size_t i = 0; i < COUNT_OF(ids); i++) {
        char number[32];
        struct forms f;
        struct frame_builder *b = frame_build(&schema);
        frame_build_row(b);
        frame_build_int(b, 0, ids[i]);
        store_publish(s, 0, 0, frame_seal(b, &(struct frame_head){.status = FRAME_OK}), NULL, NULL);
        write_all(s, (const bool[]){true, false}, &f);
        snprintf(number, sizeof(number), "%lld", (long long)ids[i]);
        assert_non_null(strstr(f.json.data, number));
        assert_non_null(strstr(f.text.data, number));
        assert_non_null(strstr(f.csv.data, number));
        forget(&f);
    }
    store_free(s);
}

static void what_never_came_says_why(void **state)
{
    (void)state;
    static const struct {
        enum link_state state;
        const char *words, *status, *note;
    } rows[] = {
        {LINK_WAITING, "no pg_hba.conf entry", "lost", "no pg_hba.conf entry"},
        {LINK_PASSWORD, "no password supplied", "lost", "no password supplied"},
        {LINK_UP, "", "timeout", "no answer in time"},
        {LINK_NONE, "", "lost", "no answer in time"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct store *s = two_targets();
        struct forms f;
        struct link link = {.state = rows[i].state};
        struct facts facts = {.known = true, .kind = TARGET_SERVER};
        snprintf(link.words, sizeof(link.words), "%s", rows[i].words);
        store_set_link(s, 0, &link);
        store_set_facts(s, 0, &facts);
        write_all(s, (const bool[]){true, false}, &f);
        const char *const all[] = {f.json.data, f.text.data, f.csv.data};
        for (size_t k = 0; k < COUNT_OF(all); k++) {
            assert_non_null(strstr(all[k], rows[i].status));
            assert_non_null(strstr(all[k], rows[i].note));
        }
        assert_non_null(strstr(f.json.data, "\"frames\": []"));     /* of the one that need not answer */
        forget(&f);
        store_free(s);
    }
}

/* ---- what is missing ---- */

#define GRANT "GRANT pg_monitor TO plain;"

static struct store *one_server(bool monitor, bool standby, enum frame_status status, uint32_t rows)
{
    struct store *s = store_new(1000);
    struct facts facts = {.known = true, .kind = TARGET_SERVER, .monitor = monitor, .standby = standby, .user = strdup("plain")};
    store_add_topic(s, &(struct topic){.name = "one", .title = "one", .help = "One.", .schema = &schema,
                                       .grant = "GRANT pg_monitor TO {role}"});
    store_add_target(s, "a", NULL, NULL);
    store_set_link(s, 0, &(struct link){.state = LINK_UP});
    store_set_facts(s, 0, &facts);
    struct frame_builder *b = frame_build(&schema);
    for (uint32_t i = 0; i < rows; i++)
        frame_build_row(b);
    store_publish(s, 0, 0, frame_seal(b, &(struct frame_head){.status = status, .note = status ? "no right" : NULL}),
                  NULL, NULL);
    return s;
}

static void the_exact_grant_is_said(void **state)
{
    (void)state;
    static const struct {
        bool monitor, standby;
        enum frame_status status;
        uint32_t rows;
        const char *note;       /* NULL: there is nothing to say */
    } rows[] = {
        {false, false, FRAME_OK, 2, "partly hidden; to see all: " GRANT},
        {false, false, FRAME_OK, 0, "partly hidden; to see all: " GRANT},
        {false, true, FRAME_OK, 2, "partly hidden; to see all, on its primary: " GRANT},
        {true, false, FRAME_OK, 2, NULL},
        {false, false, FRAME_DENIED, 0, "to see it: " GRANT},
        {true, false, FRAME_DENIED, 0, "to see it: " GRANT},
        {true, true, FRAME_DENIED, 0, "to see it, on its primary: " GRANT},
        {false, false, FRAME_ABSENT, 0, NULL},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct store *s = one_server(rows[i].monitor, rows[i].standby, rows[i].status, rows[i].rows);
        struct forms f;
        write_all(s, (const bool[]){true}, &f);
        const char *const all[] = {f.json.data, f.text.data, f.csv.data};
        for (size_t k = 0; k < COUNT_OF(all); k++) {
            assert_true(!rows[i].note == !strstr(all[k], "GRANT"));
            if (rows[i].note)
                assert_non_null(strstr(all[k], rows[i].note));
        }
        assert_true(rows[i].status != FRAME_OK || strstr(f.json.data, "\"status\": \"ok\""));
        forget(&f);
        store_free(s);
    }
}

/* ---- the circuit breaker before a question ---- */

static void a_breaker_and_its_changes_are_told(void **state)
{
    (void)state;
    struct store *s = one_server(true, false, FRAME_OK, 1);
    struct forms f;
    write_all(s, (const bool[]){true}, &f);
    assert_null(strstr(f.json.data, "breaker"));
    assert_null(strstr(f.text.data, "breaker"));
    forget(&f);
    store_set_guard(s, 0, 0, &(struct guard_state){.guarded = true, .state = BREAKER_OPEN, .failures = 5, .trips = 1});
    store_add_guard_step(s, 0, 0, &(struct guard_step){.from = BREAKER_CLOSED, .to = BREAKER_OPEN, .why = "5 failures"});
    write_all(s, (const bool[]){true}, &f);
    assert_non_null(strstr(f.json.data, "\"state\": \"open\""));
    assert_non_null(strstr(f.json.data, "\"from\": \"closed\""));
    assert_non_null(strstr(f.json.data, "\"why\": \"5 failures\""));
    assert_non_null(strstr(f.text.data, "its circuit breaker is open: 5 failures in a row, opened 1 time\n"));
    assert_non_null(strstr(f.text.data, " ago from closed to open: 5 failures\n"));
    forget(&f);
    store_free(s);
}

/* ---- long texts ---- */

static const struct column noted[] = {
    {"queue", "queue", TYPE_TEXT, ROLE_KEY, UNIT_NONE, 0, 0, "Its name."},
    {"note", "note", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 0, 0, "Why."},
    {"query", "query", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 0, 0, "Words."},
};
static const struct schema noted_schema = {"noted", COUNT_OF(noted), noted};

#define LONG_NOTE "no SELECT on orchestrator.tasks: GRANT USAGE ON SCHEMA orchestrator TO plain; GRANT SELECT"
#define LONG_QUERY "SELECT aaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbbbbb, ccccccccccccccccccccc, ddddddddddddddd FROM t"

static struct store *with_notes(void)
{
    static const char *const queues[] = {"mail", "images", "thumbs"};
    struct store *s = store_new(1000);
    struct frame_builder *b = frame_build(&noted_schema);
    store_add_topic(s, &(struct topic){.name = "noted", .title = "noted", .help = "N.", .schema = &noted_schema});
    store_add_target(s, "a", NULL, NULL);
    store_set_link(s, 0, &(struct link){.state = LINK_UP});
    struct facts facts = {.known = true, .kind = TARGET_SERVER};
    store_set_facts(s, 0, &facts);
    for (size_t i = 0; i < COUNT_OF(queues); i++) {
        frame_build_row(b);
        frame_build_text(b, 0, queues[i], strlen(queues[i]));
        if (i != 1)
            frame_build_text(b, 1, LONG_NOTE, strlen(LONG_NOTE));
        frame_build_text(b, 2, LONG_QUERY, strlen(LONG_QUERY));
    }
    store_publish(s, 0, 0, frame_seal(b, &(struct frame_head){.status = FRAME_OK}), NULL, NULL);
    return s;
}

static void nothing_is_cut_where_there_is_no_terminal(void **state)
{
    (void)state;
    struct store *s = with_notes();
    struct forms f;
    write_to(s, (const bool[]){true}, 0, &f);
    assert_non_null(strstr(f.text.data, LONG_QUERY "\n"));
    assert_non_null(strstr(f.csv.data, "probe,target,taken,status,answer_note,queue,note,query\r\n"));
    assert_non_null(strstr(f.text.data, "\n  mail and 1 more: " LONG_NOTE "\n"));
    forget(&f);
    write_to(s, (const bool[]){true}, 60, &f);
    assert_null(strstr(f.text.data, LONG_QUERY));
    assert_non_null(strstr(f.text.data, "\n  mail and 1 more: no SELECT on orchestrator.tasks: GRANT\n    USAGE ON SCHEMA"));
    forget(&f);
    store_free(s);
}

/* ---- a connection that is not there ---- */

static unsigned times(const char *text, const char *words)
{
    unsigned n = 0;
    for (; (text = strstr(text, words)) != NULL; text++)
        n++;
    return n;
}

static void the_reason_is_said_once(void **state)
{
    (void)state;
    for (int known = 0; known < 2; known++) {
        struct store *s = two_targets();
        struct facts facts = {.known = known, .kind = TARGET_SERVER};
        struct forms f;
        store_add_topic(s, &(struct topic){.name = "two", .title = "two", .help = "Two.", .schema = &schema});
        store_set_link(s, 0, &(struct link){.state = LINK_WAITING, .words = "no route to it"});
        store_set_facts(s, 0, &facts);
        write_all(s, (const bool[]){true, true, false, false}, &f);
        assert_int_equal(times(f.text.data, "no route to it"), 1);
        assert_int_equal(times(f.json.data, "no route to it"), 2);
        forget(&f);
        store_free(s);
    }
}

/* A standby's answer under its primary's name, and one that a standby should have given. */
static void who_answered_is_said(void **state)
{
    (void)state;
    for (int fallback = 0; fallback < 2; fallback++) {
        struct store *s = two_targets();
        struct forms f;
        struct frame *frame = frame_seal(frame_build(&schema), &(struct frame_head){.status = FRAME_OK});
        frame->from = fallback ? 0 : 2;
        frame->fallback = fallback;
        store_publish(s, 0, 0, frame, NULL, NULL);
        store_publish(s, 1, 0, frame_seal(frame_build(&schema), &(struct frame_head){.status = FRAME_OK}), NULL, NULL);
        write_all(s, (const bool[]){true, true}, &f);
        assert_int_equal(times(f.json.data, "\"from\": \"b\""), !fallback);
        assert_int_equal(times(f.json.data, "\"fallback\": true"), fallback);
        assert_int_equal(times(f.json.data, "\"fallback\""), fallback);
        assert_int_equal(times(f.text.data, "0 rows, from b\n"), !fallback);
        assert_int_equal(times(f.text.data, "from the primary: no standby was seen to be fit"), fallback);
        forget(&f);
        store_free(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identifiers_are_exact),
        cmocka_unit_test(what_never_came_says_why),
        cmocka_unit_test(the_exact_grant_is_said),
        cmocka_unit_test(a_breaker_and_its_changes_are_told),
        cmocka_unit_test(nothing_is_cut_where_there_is_no_terminal),
        cmocka_unit_test(the_reason_is_said_once),
        cmocka_unit_test(who_answered_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
