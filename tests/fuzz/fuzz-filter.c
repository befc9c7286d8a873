/* A hostile filter on a hostile row. */
#include "fuzz.h"

#include "model/filter.h"
#include "model/rates.h"

#include <string.h>

static const struct column columns[] = {
    {"pid", "pid", TYPE_INT, ROLE_KEY, UNIT_NONE, 0, 0, "Process."},
    {"state", "state", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 0, 0, "State."},
    {"query", "query", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 0, 0, "Text."},
    {"age", "age", TYPE_REAL, ROLE_GAUGE, UNIT_SECONDS, 0, 0, "Age."},
    {"size", "size", TYPE_INT, ROLE_GAUGE, UNIT_BYTES, 0, 0, "Size."},
    {"hit", "hit", TYPE_REAL, ROLE_GAUGE, UNIT_FRACTION, 0, 0, "Share."},
    {"ssl", "ssl", TYPE_BOOL, ROLE_LABEL, UNIT_NONE, 0, 0, "Encrypted."},
    {"lsn", "lsn", TYPE_LSN, ROLE_GAUGE, UNIT_BYTES, 0, 0, "Position."},
    {"start", "start", TYPE_TIME, ROLE_GAUGE, UNIT_NONE, 0, 0, "Start."},
    {"calls", "calls", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 0, "Calls."},
    {"time", "time", TYPE_REAL, ROLE_COUNTER, UNIT_SECONDS, 0, 0, "Time."},
};
static const struct schema schema = {"fuzz", sizeof(columns) / sizeof(columns[0]), columns};

static struct frame *make(const char *text, size_t len, int64_t add)
{
    struct frame_builder *b = frame_build(&schema);
    for (int row = 0; row < 2; row++) {
        int64_t n = 0;
        memcpy(&n, text, len < sizeof(n) ? len : sizeof(n));
        frame_build_row(b);
        frame_build_int(b, 0, row);
        if (row == 1)
            continue;
        frame_build_text(b, 1, text, len / 2);
        frame_build_text(b, 2, text, len);
        frame_build_real(b, 3, (double)n / 1e6);
        frame_build_int(b, 4, n);
        frame_build_real(b, 5, (double)(n & 1023) / 1023);
        frame_build_int(b, 6, n & 1);
        frame_build_int(b, 7, n);
        frame_build_int(b, 8, n);
        frame_build_int(b, 9, (n & 0xffff) + add);
        frame_build_real(b, 10, (double)add);
    }
    return frame_seal(b, &(struct frame_head){.taken_us = add * 1000000, .wall_us = 1, .epoch = 1});
}

static void match_all(const struct filter *f, const char *text, size_t len)
{
    struct frame *before = make(text, len, 0), *now = make(text, len, 3);
    struct schema *s = rates_schema(&schema);
    struct frame *rates = rates_frame(s, now, before);
    unsigned passed = 0;
    for (uint32_t row = 0; row < now->nrows; row++) {
        passed += filter_match(f, now, row, NULL);
        passed += filter_match(f, now, row, rates);
    }
    FUZZ_CHECK(!filter_is_empty(f) || passed == 4);
    frame_unref(rates);
    frame_unref(before);
    frame_unref(now);
    schema_free(s);
}

/* The filter goes to the first line feed; the rest is the row. */
FUZZ_TARGET(filter)
{
    const uint8_t *end = len ? memchr(bytes, '\n', len) : NULL;
    size_t n = end ? (size_t)(end - bytes) : len;
    char filter[1024];
    if (n >= sizeof(filter))
        return;
    memcpy(filter, bytes, n);
    filter[n] = '\0';
    struct err err = {{0}};
    struct filter *f = filter_compile(filter, &schema, &err);
    FUZZ_CHECK(f || strlen(err.text) > 10);
    if (f)
        match_all(f, end ? (const char *)end + 1 : "", end ? len - n - 1 : 0);
    filter_free(f);
}
