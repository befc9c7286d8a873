/* The text of a server's values, read strictly: what is not a value is unknown. */
#include "pg/decode.h"

#include "base/attr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void ints(void **state)
{
    (void)state;
    static const struct { const char *text; bool ok; int64_t value; } rows[] = {
        {"0", true, 0}, {"-7", true, -7}, {"9223372036854775807", true, INT64_MAX}, {" 12 ", true, 12},
        {"9223372036854775808", false, 0}, {"", false, 0}, {"1.5", false, 0}, {"1x", false, 0}, {"NaN", false, 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int64_t v = 99;
        assert_int_equal(decode_int(rows[i].text, &v), rows[i].ok);
        if (rows[i].ok)
            assert_true(v == rows[i].value);
    }
}

static void reals(void **state)
{
    (void)state;
    double v;
    assert_true(decode_real("1.5", &v) && v == 1.5);
    assert_true(decode_real("-1e3", &v) && v == -1000);
    assert_false(decode_real("NaN", &v));
    assert_false(decode_real("Infinity", &v));
    assert_false(decode_real("1e999", &v));
    assert_false(decode_real("", &v));
    assert_false(decode_real("1,5", &v));
}

static void times(void **state)
{
    (void)state;
    static const struct { const char *text; bool ok; int64_t us; } rows[] = {
        {"1970-01-01 00:00:00+00", true, 0},
        {"2026-11-20 23:57:54.123456+00", true, 1795219074123456},
        {"2026-11-20 23:57:54.1+00", true, 1795219074100000},
        {"2026-11-21 01:57:54+02", true, 1795219074000000},
        {"2026-11-20 20:27:54-03:30", true, 1795219074000000},
        {"2026-11-20 23:57:54 UTC", true, 1795219074000000},
        {"2026-11-20T23:57:54Z", true, 1795219074000000},
        {"2000-02-29 00:00:00", true, 951782400000000},
        {"294246-12-31 23:59:59+00", true, 9223371244799000000}, {"294247-01-11 00:00:00+00", false, 0},
        {"infinity", false, 0}, {"-infinity", false, 0}, {"0044-03-15 00:00:00+00 BC", false, 0},
        {"2026-13-01 00:00:00+00", false, 0}, {"2026-11-20 25:00:00+00", false, 0}, {"", false, 0},
        {"2026-11-20 23:57:54+00x", false, 0}, {"\x1b[2J", false, 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int64_t us = 0;
        if (decode_time(rows[i].text, &us) != rows[i].ok || us != rows[i].us)
            fail_msg("%s gives %lld", rows[i].text, (long long)us);
    }
}

static void positions(void **state)
{
    (void)state;
    int64_t v;
    assert_true(decode_lsn("0/50022E0", &v) && v == 0x50022e0);
    assert_true(decode_lsn("FFFFFFFF/FFFFFFFF", &v) && (uint64_t)v == UINT64_MAX);
    assert_false(decode_lsn("100000000/0", &v));
    assert_false(decode_lsn("0", &v));
    assert_false(decode_lsn("0/", &v));
    assert_false(decode_lsn("/0", &v));
    assert_false(decode_lsn("0/0 ", &v));
    assert_false(decode_lsn("-1/0", &v));
}

static void bools(void **state)
{
    (void)state;
    int64_t v;
    assert_true(decode_bool("t", &v) && v == 1);
    assert_true(decode_bool("off", &v) && v == 0);
    assert_false(decode_bool("banana", &v));
}

/* One cell of each type, through the wire and back. */
static void cells(void **state)
{
    (void)state;
    static const struct column columns[] = {
        {"i", "i", TYPE_INT, ROLE_KEY, UNIT_NONE, 0, 0, "I."},   {"b", "b", TYPE_BOOL, ROLE_LABEL, UNIT_NONE, 0, 0, "B."},
        {"r", "r", TYPE_REAL, ROLE_GAUGE, UNIT_NONE, 0, 0, "R."}, {"t", "t", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 0, 0, "T."},
        {"w", "w", TYPE_TIME, ROLE_LABEL, UNIT_NONE, 0, 0, "W."}, {"l", "l", TYPE_LSN, ROLE_GAUGE, UNIT_BYTES, 0, 0, "L."},
    };
    static const struct schema schema = {"cells", COUNT_OF(columns), columns};
    static const char *const good[] = {"42", "t", "2.5", "hi", "1970-01-01 00:00:01+00", "0/10"};
    static const char *const bad[] = {"x", "x", "x", NULL, "x", "x"};
    struct buf out = {0};
    struct wire_frame w;
    wire_frame_begin(&w, &out, 5, &schema);
    for (int row = 0; row < 2; row++) {
        wire_frame_row(&w);
        for (size_t i = 0; i < COUNT_OF(columns); i++) {
            const char *text = row ? bad[i] : good[i];
            decode_cell(&w, &columns[i], text, text ? strlen(text) : 0);
        }
    }
    wire_frame_end(&w, &(struct frame_head){.status = FRAME_OK});
    struct wire_message m = {WIRE_FRAME, out.data + WIRE_HEAD_BYTES, out.len - WIRE_HEAD_BYTES};
    struct frame *f = wire_get_frame(&m, &schema);
    assert_non_null(f);
    assert_int_equal(frame_cell(f, 0, 0)->i, 42);
    assert_int_equal(frame_cell(f, 0, 1)->i, 1);
    assert_true(frame_cell(f, 0, 2)->d == 2.5);
    assert_memory_equal(frame_text(f, 0, 3).bytes, "hi", 2);
    assert_int_equal(frame_cell(f, 0, 4)->i, 1000000);
    assert_int_equal(frame_cell(f, 0, 5)->i, 16);
    for (int i = 0; i < (int)COUNT_OF(columns); i++)
        assert_false(frame_cell(f, 1, i)->known);
    frame_unref(f);
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ints),      cmocka_unit_test(reals), cmocka_unit_test(times),
        cmocka_unit_test(positions), cmocka_unit_test(bools), cmocka_unit_test(cells),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
