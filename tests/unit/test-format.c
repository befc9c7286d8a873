/* Numbers for people: what they look like, and that none is wider than it says. */
#include "base/format.h"
#include "random.h"

#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

typedef char *(*form)(char out[FORMAT_ROOM], double x, enum text_mode mode);

static const struct {
    form form;
    double x;
    const char *expected;
} rows[] = {
    {format_duration, 0, "0.0 s"},
    {format_duration, 0.4, "0.4 s"},
    {format_duration, 41, "41.0 s"},
    {format_duration, 59.94, "59.9 s"},
    {format_duration, 59.96, "1:00"},
    {format_duration, 60, "1:00"},
    {format_duration, 724.9, "12:04"},
    {format_duration, 3599.99, "59:59"},
    {format_duration, 9660, "2 h 41"},
    {format_duration, 172799, "47 h 59"},
    {format_duration, 172800, "2 d"},
    {format_duration, 12 * 86400.0, "12 d"},
    {format_duration, 1e9, "31 y"},
    {format_duration, 1e300, ">999 y"},
    {format_duration, -INFINITY, "<-999 y"},
    {format_duration, -0.01, "0.0 s"},
    {format_duration, -2, "-2.0 s"},
    {format_duration, NAN, "–"},
    {format_latency, 0, "0 µs"},
    {format_latency, 85e-6, "85 µs"},
    {format_latency, 0.9996e-3, "1.00 ms"},
    {format_latency, 4.123e-3, "4.12 ms"},
    {format_latency, 9.999e-3, "10.0 ms"},
    {format_latency, 41.26e-3, "41.3 ms"},
    {format_latency, 0.4121, "412 ms"},
    {format_latency, 0.9996, "1.0 s"},
    {format_latency, 90, "1:30"},
    {format_bytes, 0, "0 B"},
    {format_bytes, 812, "812 B"},
    {format_bytes, 1000, "1.0 kB"},
    {format_bytes, 65536, "64 kB"},
    {format_bytes, 212.0 * (1 << 20), "212 MB"},
    {format_bytes, 1.1 * (1 << 30), "1.1 GB"},
    {format_bytes, 1023.9 * (1 << 30), "1.0 TB"},
    {format_bytes, 9.96 * (1 << 20), "10 MB"},
    {format_bytes, -1.5 * (1 << 20), "-1.5 MB"},
    {format_bytes, 1e25, ">999 EB"},
    {format_bytes, -1e25, "<-999 EB"},
    {format_bytes, NAN, "–"},
    {format_duration, INFINITY, "∞"},
    {format_count, 0, "0"},
    {format_count, 7, "7"},
    {format_count, 3.2, "3.2"},
    {format_count, 999, "999"},
    {format_count, 999.6, "1,000"},
    {format_count, 1204, "1,204"},
    {format_count, 20000, "20,000"},
    {format_count, 99999, "99,999"},
    {format_count, 99999.7, "100 k"},
    {format_count, 120400, "120 k"},
    {format_count, 1.2e6, "1.2 M"},
    {format_count, 14e9, "14 G"},
    {format_count, 1e30, ">999 P"},
    {format_count, -1204, "-1,204"},
    {format_rate, 0, "0.0/s"},
    {format_rate, 0.001, "<0.1/s"},
    {format_rate, 88, "88.0/s"},
    {format_rate, 1204, "1,204/s"},
    {format_rate, 1.2e6, "1.2 M/s"},
    {format_rate, -4.12, "-4.1/s"},
    {format_rate, NAN, "–"},
    {format_bytes_rate, 3.1 * (1 << 20), "3.1 MB/s"},
    {format_bytes_rate, 0.2, "0 B/s"},
    {format_percent, 0, "0 %"},
    {format_percent, 1, "100 %"},
    {format_percent, 0.992, "99.2 %"},
    {format_percent, 0.99999, "99.9 %"},
    {format_percent, 0.0000001, "<0.1 %"},
    {format_percent, 0.003, "0.3 %"},
    {format_percent, 1.5, "150.0 %"},
    {format_percent, 20, "2000 %"},
    {format_percent, 1000, ">9999 %"},
    {format_percent, -0.0000001, ">-0.1 %"},
    {format_percent, NAN, "–"},
};

static void numbers_look_like_this(void **state)
{
    (void)state;
    char out[FORMAT_ROOM];
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_string_equal(rows[i].form(out, rows[i].x, TEXT_UTF8), rows[i].expected);
    assert_string_equal(format_latency(out, 85e-6, TEXT_ASCII), "85 us");
    assert_string_equal(format_count(out, NAN, TEXT_ASCII), "-");
}

static void positions_and_whole_numbers(void **state)
{
    (void)state;
    char out[FORMAT_ROOM];
    assert_string_equal(format_lsn(out, 0x50022e0), "0/50022E0");
    assert_string_equal(format_lsn(out, UINT64_MAX), "FFFFFFFF/FFFFFFFF");
    assert_int_equal(strlen(out), FORMAT_WIDTH_LSN);
    assert_string_equal(format_whole(out, 0), "0");
    assert_string_equal(format_whole(out, 999), "999");
    assert_string_equal(format_whole(out, 1234567), "1,234,567");
    assert_string_equal(format_whole(out, INT64_MIN), "-9,223,372,036,854,775,808");
    assert_int_equal(strlen(out), FORMAT_WIDTH_WHOLE + 1);
}

static const struct {
    form form;
    size_t width;
} forms[] = {
    {format_duration, FORMAT_WIDTH_DURATION}, {format_latency, FORMAT_WIDTH_LATENCY},
    {format_bytes, FORMAT_WIDTH_BYTES},       {format_count, FORMAT_WIDTH_COUNT},
    {format_rate, FORMAT_WIDTH_RATE},         {format_bytes_rate, FORMAT_WIDTH_BYTES_RATE},
    {format_percent, FORMAT_WIDTH_PERCENT},
};

static void none_is_wider_than_it_says(void **state)
{
    (void)state;
    struct random r = random_start("number widths");
    size_t widest[COUNT_OF(forms)] = {0};
    for (int i = 0; i < 300000; i++) {
        double x = pow(10, random_unit(&r) * 40 - 12) * (i % 3 == 0 ? -1 : 1);
        if (i % 4 == 0)
            x = round(x);
        for (size_t k = 0; k < COUNT_OF(forms); k++) {
            char out[FORMAT_ROOM];
            forms[k].form(out, x, i & 1 ? TEXT_UTF8 : TEXT_ASCII);
            size_t width = text_columns(out, strlen(out), TEXT_UTF8);
            if (width > forms[k].width + (x < 0))
                fail_msg("%.17g is shown as %s", x, out);
            if (x >= 0 && width > widest[k])
                widest[k] = width;
        }
    }
    for (size_t k = 0; k < COUNT_OF(forms); k++)
        assert_int_equal(widest[k], forms[k].width);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_look_like_this),
        cmocka_unit_test(positions_and_whole_numbers),
        cmocka_unit_test(none_is_wider_than_it_says),
    };
    if (!setlocale(LC_CTYPE, "C.UTF-8")) {
        fputs("this test needs the locale C.UTF-8\n", stderr);
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
