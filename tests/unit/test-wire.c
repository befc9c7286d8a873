/* The wire: what goes in comes out, however it is cut; what breaks the rules is refused. */
#include "wire/frames.h"
#include "wire/peer.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct column columns[] = {
    {"k", "k", TYPE_INT, ROLE_KEY, UNIT_NONE, 0, 0, "Key."},
    {"flag", "flag", TYPE_BOOL, ROLE_LABEL, UNIT_NONE, 0, 0, "Flag."},
    {"r", "r", TYPE_REAL, ROLE_GAUGE, UNIT_SECONDS, 0, 0, "Real."},
    {"t", "t", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 0, 0, "Text."},
    {"at", "at", TYPE_TIME, ROLE_LABEL, UNIT_NONE, 0, 0, "Time."},
    {"lsn", "lsn", TYPE_LSN, ROLE_GAUGE, UNIT_BYTES, 0, 0, "Position."},
    {"c1", "c1", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 0, "Counter."},
    {"c2", "c2", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 0, "Counter."},
    {"c3", "c3", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 0, "Counter."},
};
static const struct schema schema = {"things", COUNT_OF(columns), columns};

static uint64_t seed = 20261120;

static uint64_t next_random(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

static struct frame *random_frame(void)
{
    struct frame_builder *b = frame_build(&schema);
    for (unsigned rows = next_random() % 20; rows > 0; rows--) {
        frame_build_row(b);
        for (int i = 0; i < schema.ncolumns; i++) {
            char text[40];
            if (next_random() % 4 == 0)
                continue;
            if (columns[i].type == TYPE_TEXT) {
                size_t len = next_random() % sizeof(text);
                for (size_t j = 0; j < len; j++)
                    text[j] = (char)next_random();
                frame_build_text(b, i, text, len);
            } else if (columns[i].type == TYPE_REAL) {
                frame_build_real(b, i, (double)(int64_t)next_random() / 1e6);
            } else if (columns[i].type == TYPE_BOOL) {
                frame_build_int(b, i, next_random() % 2);
            } else {
                frame_build_int(b, i, (int64_t)(next_random() >> next_random() % 64));
            }
        }
    }
    return frame_seal(b, &(struct frame_head){
        .status = (enum frame_status)(next_random() % FRAME_STATUS_COUNT_),
        .note = next_random() % 2 ? "why\x1b" : NULL,
        .sqlstate = next_random() % 2 ? "42P01" : NULL, .taken_us = (int64_t)(next_random() >> 1),
        .wall_us = -5, .cost_us = 7, .epoch = next_random(), .server_role = SERVER_STANDBY, .nfound = 100});
}

static void assert_same_frame(const struct frame *f, const struct frame *g)
{
    assert_int_equal(f->nrows, g->nrows);
    assert_int_equal(f->nfound, g->nfound);
    assert_int_equal(f->status, g->status);
    assert_string_equal(f->sqlstate, g->sqlstate);
    assert_true((f->note == NULL) == (g->note == NULL));
    if (f->note)
        assert_string_equal(f->note, g->note);
    assert_true(f->taken_us == g->taken_us && f->wall_us == g->wall_us && f->cost_us == g->cost_us);
    assert_true(f->epoch == g->epoch && f->server_role == g->server_role);
    for (uint32_t row = 0; row < f->nrows; row++)
        for (int i = 0; i < schema.ncolumns; i++) {
            assert_int_equal(frame_cell(f, row, i)->known, frame_cell(g, row, i)->known);
            if (columns[i].type == TYPE_TEXT) {
                assert_int_equal(frame_text(f, row, i).len, frame_text(g, row, i).len);
                assert_memory_equal(frame_text(f, row, i).bytes, frame_text(g, row, i).bytes,
                                    frame_text(f, row, i).len);
            } else {
                assert_true(frame_cell(f, row, i)->i == frame_cell(g, row, i)->i);
            }
        }
}

/* Feeds in pieces of random size, as a pipe does. */
static void frames_survive_any_cut(void **state)
{
    (void)state;
    print_message("seed %llu\n", (unsigned long long)seed);
    for (int round = 0; round < 300; round++) {
        struct buf out = {0};
        struct frame *sent[5];
        wire_open(&out);
        for (int i = 0; i < 5; i++) {
            sent[i] = random_frame();
            wire_put_frame(&out, (unsigned)i, sent[i]);
        }
        struct wire_stream s = {0};
        struct wire_message m;
        int got = 0;
        for (size_t at = 0; at < out.len;) {
            size_t n = 1 + next_random() % 200;
            n = n < out.len - at ? n : out.len - at;
            wire_feed(&s, out.data + at, n);
            at += n;
            while (wire_next(&s, &m)) {
                unsigned id;
                assert_int_equal(m.type, WIRE_FRAME);
                assert_true(wire_get_frame_id(&m, &id));
                assert_int_equal(id, got);
                struct frame *f = wire_get_frame(&m, &schema);
                assert_non_null(f);
                assert_same_frame(sent[got], f);
                frame_unref(f);
                frame_unref(sent[got++]);
            }
        }
        assert_int_equal(got, 5);
        assert_false(s.broken);
        wire_stream_free(&s);
        buf_free(&out);
    }
}

/* One byte changed anywhere is noticed: no message comes out, or the stream waits for more. */
static void garbled_frames_are_refused(void **state)
{
    (void)state;
    for (int round = 0; round < 20000; round++) {
        struct buf out = {0};
        struct frame *f = random_frame();
        wire_open(&out);
        wire_put_frame(&out, 1, f);
        out.data[next_random() % out.len] ^= (char)(1 + next_random() % 255);
        struct wire_stream s = {0};
        struct wire_message m;
        wire_feed(&s, out.data, out.len);
        assert_false(wire_next(&s, &m));
        wire_stream_free(&s);
        frame_unref(f);
        buf_free(&out);
    }
}

/* A body that a liar has made, checksum and all, never gives a frame that claims more than it holds. */
static void lying_bodies_are_harmless(void **state)
{
    (void)state;
    unsigned refused = 0, rounds = 50000;
    for (unsigned round = 0; round < rounds; round++) {
        struct buf out = {0};
        struct frame *f = random_frame();
        wire_put_frame(&out, 1, f);
        for (int n = 1 + (int)(next_random() % 3); n > 0; n--)
            out.data[WIRE_HEAD_BYTES + next_random() % (out.len - WIRE_HEAD_BYTES)] = (char)next_random();
        struct wire_message m = {WIRE_FRAME, out.data + WIRE_HEAD_BYTES, out.len - WIRE_HEAD_BYTES - next_random() % 2};
        struct frame *g = wire_get_frame(&m, &schema);
        refused += g == NULL;
        if (g)
            assert_true((uint64_t)g->nrows * schema.ncolumns <= WIRE_CELLS_MAX);
        frame_unref(g);
        frame_unref(f);
        buf_free(&out);
    }
    assert_true(refused > rounds / 10 && refused < rounds);
}

static void what_is_too_long_is_broken(void **state)
{
    (void)state;
    static const char *const streams[] = {"PGVX\1\0", "PGVW\2\0", "PGVW\1\0\377\377\377\377\0\0\0\0\1",
                                          "PGVW\1\0\0\0\0\0\0\0\0\0\1",
                                          "PGVW\1\0\1\0\0\0\0\0\0\0\143"};
    static const size_t lengths[] = {6, 6, 15, 15, 15};
    for (size_t i = 0; i < COUNT_OF(streams); i++) {
        struct wire_stream s = {0};
        struct wire_message m;
        wire_feed(&s, streams[i], lengths[i]);
        assert_false(wire_next(&s, &m));
        assert_true(s.broken);
        wire_feed(&s, "more", 4);
        assert_false(wire_next(&s, &m));
        wire_stream_free(&s);
    }
}

static void numbers_round_trip(void **state)
{
    (void)state;
    static const int64_t values[] = {0, 1, -1, 63, 64, -64, -65, INT32_MAX, INT64_MAX, INT64_MIN};
    struct buf out = {0};
    for (size_t i = 0; i < COUNT_OF(values); i++)
        wire_put_int(&out, values[i]);
    wire_put_uint(&out, UINT64_MAX);
    struct wire_message m = {WIRE_FRAME, out.data, out.len};
    struct wire_body b = wire_body(&m);
    for (size_t i = 0; i < COUNT_OF(values); i++)
        assert_true(wire_int(&b) == values[i]);
    assert_true(wire_uint(&b) == UINT64_MAX);
    assert_true(wire_done(&b));
    assert_true(wire_uint(&b) == 0);
    assert_false(wire_done(&b));
    buf_free(&out);
}

static void schemas_questions_and_facts_round_trip(void **state)
{
    (void)state;
    struct buf out = {0};
    struct facts facts = {.kind = TARGET_SERVER, .version = 150020, .system_id = UINT64_MAX, .monitor = true,
                          .clock_us = -1234567890123, .version_text = mem_string("15.20"), .user = mem_string("mon\x1b"), .nextensions = 1};
    facts.extensions[0] = (struct extension){mem_string("pg_stat_statements"), mem_string("public"), 11000};
    wire_open(&out);
    wire_put_schema(&out, 3, &schema);
    wire_put_question(&out, &(struct question){.id = 9, .schema = 3, .max_rows = 10, .sql = (char *)"select 1"});
    wire_put_facts(&out, &facts);
    struct wire_stream s = {0};
    struct wire_message m;
    wire_feed(&s, out.data, out.len);

    unsigned number;
    assert_true(wire_next(&s, &m));
    struct schema *copy = wire_get_schema(&m, &number);
    assert_int_equal(number, 3);
    assert_true(schema_same(copy, &schema));
    schema_free(copy);

    struct question q;
    assert_true(wire_next(&s, &m));
    assert_true(wire_get_question(&m, &q));
    assert_int_equal(q.id, 9);
    assert_string_equal(q.sql, "select 1");
    free(q.sql);

    struct facts got;
    assert_true(wire_next(&s, &m));
    assert_true(wire_get_facts(&m, &got));
    assert_true(got.known && got.monitor && !got.superuser && got.system_id == UINT64_MAX);
    assert_true(got.clock_us == -1234567890123);
    assert_string_equal(got.extensions[0].name, "pg_stat_statements");
    assert_null(got.tls);
    facts_clear(&got);
    facts_clear(&facts);
    wire_stream_free(&s);
    buf_free(&out);
}

/* A server may call itself by a name of megabytes; every key would draw it. */
static void facts_are_cut(void **state)
{
    (void)state;
    static char name[1 << 20];
    memset(name, 'x', sizeof(name) - 1);
    struct facts f = {.known = true, .kind = TARGET_SERVER, .version_text = name, .user = name, .database = name,
                      .host = name, .port = name, .encoding = name, .tls = name}, g;
    struct buf b = {0};
    struct wire_stream s = {0};
    struct wire_message m;
    wire_open(&b);
    wire_put_facts(&b, &f);
    wire_feed(&s, b.data, b.len);
    assert_true(wire_next(&s, &m));
    assert_true(wire_get_facts(&m, &g));
    const char *const all[] = {g.version_text, g.user, g.database, g.host, g.port, g.encoding, g.tls};
    for (size_t i = 0; i < COUNT_OF(all); i++)
        assert_int_equal(strlen(all[i]), 255);
    facts_clear(&g);
    /* What the one large message took is not kept for good. */
    wire_feed(&s, "", 0);
    assert_true(s.in.room < 1 << 20);
    assert_false(s.broken);
    buf_free(&b);
    wire_stream_free(&s);
}

/* Who cannot be named may be anybody. */
static void peers_are_counted_among_places(void **state)
{
    (void)state;
    static const struct { const char *peers, *places; int n; } cases[] = {
        {"", "10.0.0.1 5432\n", 0},
        {"10.0.0.1 5432\n10.0.0.1 5432\n", "", 0},
        {"10.0.0.1 5432\n10.0.0.1 5432\n", "10.0.0.2 5432\n10.0.0.1 5432\n", 2},
        {"10.0.0.1 5432\n::1 5432\n", "::1 5432\n10.0.0.1 5432\n", 2},
        {"10.0.0.1 5432\n10.0.0.1 5432\n", "10.0.0.1 5433\n10.0.0.10 5432\n", 0},
        {"local\n?\n", "10.0.0.1 5432\n", 1},
        {"?\n?\n", "10.0.0.1 5432\n", 2},
        {"local\nlocal\n", "local\n", 2},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_int_equal(peers_among(cases[i].peers, cases[i].places), cases[i].n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_survive_any_cut),       cmocka_unit_test(garbled_frames_are_refused),
        cmocka_unit_test(lying_bodies_are_harmless),
        cmocka_unit_test(what_is_too_long_is_broken),   cmocka_unit_test(numbers_round_trip),
        cmocka_unit_test(schemas_questions_and_facts_round_trip),
        cmocka_unit_test(facts_are_cut),
        cmocka_unit_test(peers_are_counted_among_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
