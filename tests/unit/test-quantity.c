/* Numbers with units: what people write is read, what is shown can be read back. */
#include "model/quantity.h"
#include "random.h"

#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    enum unit unit;
    const char *text;
    double value;
} good[] = {
    {UNIT_SECONDS, "30", 30},
    {UNIT_SECONDS, "30s", 30},
    {UNIT_SECONDS, "5m", 300},
    {UNIT_SECONDS, " 5 min ", 300},
    {UNIT_SECONDS, "2h", 7200},
    {UNIT_SECONDS, "12 d", 1036800},
    {UNIT_SECONDS, "500ms", 0.5},
    {UNIT_SECONDS, "85µs", 85e-6},
    {UNIT_SECONDS, "85 us", 85e-6},
    {UNIT_SECONDS, "1h30m", 5400},
    {UNIT_SECONDS, "2 h 41", 9660},
    {UNIT_SECONDS, "1d 2h 3m 4s", 93784},
    {UNIT_SECONDS, "1m30", 90},
    {UNIT_SECONDS, "12:04", 724},
    {UNIT_SECONDS, "1:02:03", 3723},
    {UNIT_SECONDS, "-0.4 s", -0.4},
    {UNIT_BYTES, "4096", 4096},
    {UNIT_BYTES, "10 MB", 10485760},
    {UNIT_BYTES, "1.5GB", 1610612736},
    {UNIT_BYTES, "64kB", 65536},
    {UNIT_BYTES, "64 KiB", 65536},
    {UNIT_BYTES, "2T", 2199023255552.0},
    {UNIT_COUNT, "1,204", 1204},
    {UNIT_COUNT, "1,234,567", 1234567},
    {UNIT_COUNT, "1.2 M", 1200000},
    {UNIT_COUNT, "120k", 120000},
    {UNIT_XIDS, "200M", 2e8},
    {UNIT_FRACTION, "50%", 0.5},
    {UNIT_FRACTION, "50 %", 0.5},
    {UNIT_FRACTION, "0.5", 0.5},
    {UNIT_FRACTION, "150%", 1.5},
    {UNIT_FRACTION, "99.2 %", 0.992},
    {UNIT_NONE, "42", 42},
    {UNIT_NONE, "-1.5", -1.5},
    {UNIT_NONE, "0.1", 0.1},
};

static void what_people_write_is_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        struct err err = {{0}};
        double x = NAN;
        if (!quantity_parse(good[i].text, good[i].unit, &x, &err))
            fail_msg("%s: %s", good[i].text, err.text);
        if (!(fabs(x - good[i].value) <= 1e-12 * fabs(good[i].value)))
            fail_msg("%s is %.17g", good[i].text, x);
    }
}

static void the_rest_is_refused_with_a_sentence(void **state)
{
    (void)state;
    static const struct {
        enum unit unit;
        const char *text;
    } bad[] = {
        {UNIT_SECONDS, ""},
        {UNIT_SECONDS, "s"},
        {UNIT_SECONDS, "5x"},
        {UNIT_SECONDS, "5 m m"},
        {UNIT_SECONDS, "5s 3m"},
        {UNIT_SECONDS, "12:4"},
        {UNIT_SECONDS, "12:99"},
        {UNIT_SECONDS, "1:02:03:04"},
        {UNIT_SECONDS, "10MB"},
        {UNIT_SECONDS, "--5"},
        {UNIT_SECONDS, "5 s s"},
        {UNIT_SECONDS, "5s 3"},
        {UNIT_BYTES, "10 XB"},
        {UNIT_BYTES, "1,2 MB"},
        {UNIT_BYTES, "5m5"},
        {UNIT_BYTES, "1e9"},
        {UNIT_BYTES, "0x10"},
        {UNIT_BYTES, "inf"},
        {UNIT_BYTES, "nan"},
        {UNIT_COUNT, "12,34"},
        {UNIT_COUNT, ",5"},
        {UNIT_COUNT, "1,2345"},
        {UNIT_COUNT, "5."},
        {UNIT_COUNT, ".5"},
        {UNIT_FRACTION, "50"},
        {UNIT_FRACTION, "1.01"},
        {UNIT_NONE, "5k"},
        {UNIT_NONE, "5 5"},
        {UNIT_NONE, "99999999999999999999999999999999999"},
        {UNIT_COUNT, "\033[31m"},
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct err err = {{0}};
        double x;
        if (quantity_parse(bad[i].text, bad[i].unit, &x, &err))
            fail_msg("\"%s\" was read as %g", bad[i].text, x);
        assert_true(strlen(err.text) > 10 && err.text[strlen(err.text) - 1] == '.');
        assert_null(strchr(err.text, '\033'));
    }
}

/* What is shown is rounded, so what is read back differs by a few percent at most. */
static void what_is_shown_can_be_read_back(void **state)
{
    (void)state;
    static const enum unit units[] = {UNIT_SECONDS, UNIT_BYTES, UNIT_COUNT, UNIT_FRACTION, UNIT_NONE};
    struct random r = random_start("quantities");
    int done = 0;
    for (int i = 0; i < 100000; i++) {
        enum unit unit = units[random_below(&r, COUNT_OF(units))];
        double x = pow(10, random_unit(&r) * 12 - 1), back;
        char out[FORMAT_ROOM];
        quantity_format(out, x, unit, TEXT_UTF8);
        if (*out == '>' || *out == '<')
            continue;
        struct err err;
        if (!quantity_parse(out, unit, &back, &err))
            fail_msg("%g is shown as %s, which cannot be read: %s", x, out, err.text);
        double near = unit == UNIT_SECONDS && x > 172800 ? 0.5 : 0.06;
        if (fabs(back - x) > fmax(near * x, unit == UNIT_FRACTION ? 0.001 : 0.5))
            fail_msg("%g is shown as %s, which is %g", x, out, back);
        done++;
    }
    assert_true(done > 50000);
}

static void cells_are_shown_by_their_type(void **state)
{
    (void)state;
    static const struct column columns[] = {
        {"pid", "pid", TYPE_INT, ROLE_KEY, UNIT_NONE, 0, 0, "Process."},
        {"ok", "ok", TYPE_BOOL, ROLE_GAUGE, UNIT_NONE, 0, 0, "Fine."},
        {"lsn", "lsn", TYPE_LSN, ROLE_GAUGE, UNIT_BYTES, 0, 0, "Position."},
        {"since", "since", TYPE_TIME, ROLE_GAUGE, UNIT_NONE, 0, 0, "Start."},
        {"size", "size", TYPE_INT, ROLE_GAUGE, UNIT_BYTES, 0, 0, "Size."},
        {"ratio", "ratio", TYPE_REAL, ROLE_GAUGE, UNIT_FRACTION, 0, 0, "Share."},
        {"name", "name", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 0, 0, "Name."},
    };
    static const struct schema schema = {"cells", COUNT_OF(columns), columns};
    static const char *const expected[] = {
        "-7123456789012345678", "yes", "0/50022E0", "12:04", "212 MB", "99.2 %", "–"};
    struct frame_builder *b = frame_build(&schema);
    frame_build_row(b);
    frame_build_int(b, 0, -7123456789012345678);
    frame_build_int(b, 1, 1);
    frame_build_int(b, 2, 0x50022e0);
    frame_build_int(b, 3, 1000000000);
    frame_build_int(b, 4, 212 << 20);
    frame_build_real(b, 5, 0.992);
    frame_build_row(b);
    struct frame *f = frame_seal(b, &(struct frame_head){.wall_us = 1724000000});
    char out[FORMAT_ROOM];
    for (size_t i = 0; i < COUNT_OF(columns); i++) {
        assert_string_equal(quantity_format_cell(out, f, 0, (int)i, TEXT_UTF8), expected[i]);
        assert_string_equal(quantity_format_cell(out, f, 1, (int)i, TEXT_UTF8), "–");
    }
    frame_unref(f);
    assert_string_equal(quantity_format_rate(out, 3.1 * 1048576, UNIT_BYTES, TEXT_UTF8), "3.1 MB/s");
    assert_string_equal(quantity_format_rate(out, 0.42, UNIT_SECONDS, TEXT_UTF8), "42.0 %");
    assert_string_equal(quantity_format_rate(out, 88, UNIT_COUNT, TEXT_UTF8), "88.0/s");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_people_write_is_read),
        cmocka_unit_test(the_rest_is_refused_with_a_sentence),
        cmocka_unit_test(what_is_shown_can_be_read_back),
        cmocka_unit_test(cells_are_shown_by_their_type),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
