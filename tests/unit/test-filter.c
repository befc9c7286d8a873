/* Filters: what passes, what is refused and in which words, and that nothing typed can be dear. */
#include "base/clock.h"
#include "model/filter.h"
#include "model/match.h"
#include "model/rates.h"
#include "random.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define S 1000000LL

static const struct column columns[] = {
    {"pid", "pid", TYPE_INT, ROLE_KEY, UNIT_NONE, 0, 0, "Process."},
    {"queryid", "queryid", TYPE_INT, ROLE_KEY, UNIT_NONE, 0, 0, "Statement."},
    {"datname", "database", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 0, 0, "Database."},
    {"state", "state", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 0, 0, "State."},
    {"wait_event_type", "wait type", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 0, 0, "Kind of wait."},
    {"query", "query", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 0, 0, "Text."},
    {"age_s", "age", TYPE_REAL, ROLE_GAUGE, UNIT_SECONDS, 0, 0, "Age."},
    {"size", "size", TYPE_INT, ROLE_GAUGE, UNIT_BYTES, 0, 0, "Size."},
    {"hit", "hit", TYPE_REAL, ROLE_GAUGE, UNIT_FRACTION, 0, 0, "Share of hits."},
    {"ssl", "ssl", TYPE_BOOL, ROLE_LABEL, UNIT_NONE, 0, 0, "Encrypted."},
    {"lsn", "lsn", TYPE_LSN, ROLE_GAUGE, UNIT_BYTES, 0, 0, "Position."},
    {"backend_start", "since", TYPE_TIME, ROLE_GAUGE, UNIT_NONE, 0, 0, "Start."},
    {"calls", "calls", TYPE_INT, ROLE_COUNTER, UNIT_COUNT, 0, 0, "Calls."},
    {"exec_time", "time", TYPE_REAL, ROLE_COUNTER, UNIT_SECONDS, 0, 0, "Time."},
    {"reset", "reset", TYPE_TEXT, ROLE_EPOCH, UNIT_NONE, 0, 0, "Start of the counters."},
};
static const struct schema schema = {"sessions", COUNT_OF(columns), columns};

static const struct {
    int64_t pid, queryid;
    const char *texts[4];
    double age;
    int64_t size;
    double hit;
    int64_t ssl, lsn, since_us, calls;
    double time;
} people[] = {
    {4711,
     9007199254740993,
     {"shop", "idle in transaction", "Client", "update orders set Émile = 1"},
     724,
     10 << 20,
     0.992,
     1,
     0x50022e0,
     0,
     100,
     10},
    {5120,
     9007199254740992,
     {"shop", "active", "Lock", "ALTER TABLE orders"},
     30,
     1 << 30,
     0.5,
     0,
     0x60022e0,
     90 * S,
     1000,
     20},
    {5133,
     -1,
     {"pay|x", "active", "Lock", "select \"a\" from t where x = 'b c'"},
     2.5,
     4096,
     1,
     1,
     -1,
     99 * S,
     7,
     0},
};

/* One more row than people: all of it unknown but the pid. */
static struct frame *make(int64_t taken_us, int64_t calls, double seconds)
{
    struct frame_builder *b = frame_build(&schema);
    for (size_t i = 0; i < COUNT_OF(people); i++) {
        frame_build_row(b);
        frame_build_int(b, 0, people[i].pid);
        frame_build_int(b, 1, people[i].queryid);
        for (int k = 0; k < 4; k++)
            frame_build_text(b, 2 + k, people[i].texts[k], strlen(people[i].texts[k]));
        frame_build_real(b, 6, people[i].age);
        frame_build_int(b, 7, people[i].size);
        frame_build_real(b, 8, people[i].hit);
        frame_build_int(b, 9, people[i].ssl);
        frame_build_int(b, 10, people[i].lsn);
        frame_build_int(b, 11, people[i].since_us);
        frame_build_int(b, 12, people[i].calls + calls * (int64_t)i);
        frame_build_real(b, 13, people[i].time + seconds * (double)i);
        frame_build_text(b, 14, "secret", 6);
    }
    frame_build_row(b);
    frame_build_int(b, 0, 9);
    frame_build_int(b, 1, 9);
    return frame_seal(b, &(struct frame_head){.taken_us = taken_us, .wall_us = 100 * S, .epoch = 1});
}

/* The rows that pass, as digits: "013". */
static const char *passing(const char *text, const struct frame *f, const struct frame *rates, char out[8])
{
    struct err err = {{0}};
    struct filter *filter = filter_compile(text, &schema, &err);
    if (!filter)
        fail_msg("%s: %s", text, err.text);
    size_t n = 0;
    for (uint32_t row = 0; row < f->nrows; row++)
        if (filter_match(filter, f, row, rates))
            out[n++] = (char)('0' + row);
    out[n] = '\0';
    filter_free(filter);
    return out;
}

static const struct {
    const char *filter, *rows;
} cases[] = {
    {"", "0123"},
    {"   ", "0123"},
    {"orders", "01"},
    {"ORDERS", ""},
    {"alter", "1"},
    {"ALTER", "1"},
    {"Alter", ""},
    {"émile", "0"},
    {"Émile", "0"},
    {"ÉMILE", ""},
    {"4711", "0"},
    {"0/500", "0"},
    {"secret", ""},
    {"!orders", "23"},
    {"!!orders", "01"},
    {"orders shop", "01"},
    {"orders active", "1"},
    {"update|alter", "01"},
    {"update | alter", "01"},
    {"lock|client orders", "01"},
    {"!orders|update", "023"},
    {"\"b c\"", "2"},
    {"\"\\\"a\\\"\"", "2"},
    {"\"pay|x\"", "2"},
    {"-f uos", "0"},
    {"-f slct", "2"},
    {"!-f slct", "013"},
    {"~^alter", "1"},
    {"~^(update|select)", "02"},
    {"re:^ALTER", "1"},
    {"!~orders", "23"},
    {"~\"b c\"", "2"},
    {"state:active", "12"},
    {"state:idle", "0"},
    {"state=idle", ""},
    {"state=\"idle in transaction\"", "0"},
    {"state!=active", "03"},
    {"state<>active", "03"},
    {"state:active|idle", "012"},
    {"!state:active|idle", "3"},
    {"state=active|x", "12"},
    {"state!=active|\"idle in transaction\"", "3"},
    {"state:idle | lock", "012"},
    {"state:active | !lock", "0123"},
    {"state:active|pid:4711", "012"},
    {"state=null", "3"},
    {"state!=null", "012"},
    {"state=\"null\"", ""},
    {"size=null", "3"},
    {"STATE:active", "12"},
    {"sta:active", "12"},
    {"database:shop", "01"},
    {"db:shop", "01"},
    {"wait:Lock", "12"},
    {"query~^alter.*s$", "1"},
    {"query!~^alter", "023"},
    {"pid:4711", "0"},
    {"pid:471", ""},
    {"pid>5000", "12"},
    {"pid!=4711", "123"},
    {"queryid=9007199254740993", "0"},
    {"queryid=9007199254740992", "1"},
    {"queryid<0", "2"},
    {"queryid:-1", "2"},
    {"age>30s", "0"},
    {"age>=30s", "01"},
    {"age>5m", "0"},
    {"age<12:04", "12"},
    {"age<=12:04", "012"},
    {"age>\"2 h 41\"", ""},
    {"size>1MB", "01"},
    {"size=1GB", "1"},
    {"size>=4kB", "012"},
    {"hit<99%", "1"},
    {"hit>=0.992", "02"},
    {"ssl:yes", "02"},
    {"ssl=no", "1"},
    {"ssl:off", "1"},
    {"lsn>0/50022E0", "12"},
    {"lsn<=0/50022E0", "0"},
    {"lsn=FFFFFFFF/FFFFFFFF", "2"},
    {"since>5s", "01"},
    {"since<95s", "12"},
    {"calls>100", "1"},
    {"calls>1/s", ""},
    {"12:04", ""},
    {"a::b", ""},
    {"db:shop state:active age>10s wait:Lock", "1"},
};

static void these_rows_pass(void **state)
{
    (void)state;
    struct frame *f = make(0, 0, 0);
    char out[8];
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        if (strcmp(passing(cases[i].filter, f, NULL, out), cases[i].rows) != 0)
            fail_msg("%s passes rows %s, not %s", cases[i].filter, out, cases[i].rows);
    frame_unref(f);
}

static void counters_are_compared_by_their_rates(void **state)
{
    (void)state;
    struct frame *before = make(0, 0, 0), *f = make(2 * S, 10, 1);
    struct schema *s = rates_schema(&schema);
    struct frame *rates = rates_frame(s, f, before);
    char out[8];
    assert_string_equal(passing("calls>4", f, rates, out), "12");
    assert_string_equal(passing("calls>=5/s", f, rates, out), "12");
    assert_string_equal(passing("calls>=10/s", f, rates, out), "2");
    assert_string_equal(passing("calls=0", f, rates, out), "0");
    assert_string_equal(passing("calls=null", f, rates, out), "3");
    assert_string_equal(passing("calls>100", f, NULL, out), "1");
    assert_string_equal(passing("time>=50%", f, rates, out), "12");
    assert_string_equal(passing("time>50%", f, NULL, out), "");
    assert_string_equal(passing("pid:4711", f, rates, out), "0");
    frame_unref(before);
    frame_unref(f);
    frame_unref(rates);
    schema_free(s);
}

static void what_cannot_be_understood_is_refused_with_a_sentence(void **state)
{
    (void)state;
    static const struct {
        const char *filter, *says;
    } rows[] = {
        {"stat_:x", "There is no column \"stat_\" here. Did you mean \"state\"?"},
        {"qurey:x", "Did you mean \"query\"?"},
        {"zzz:x", "Text with signs in it goes in quotes."},
        {"reset:x", "There is no column \"reset\""},
        {"s:x", "More than one column here begins with \"s\""},
        {"state:", "missing"},
        {"|x", "missing"},
        {"x|", "missing"},
        {"x||y", "missing"},
        {"-f ", "missing"},
        {"\"open", "not closed"},
        {"\"a\"b", "A blank is missing"},
        {"age > 5m", "without blanks"},
        {"age>5x", "\"5x\" is not a time such as"},
        {"age>5MB", "is not a time such as"},
        {"pid:x", "is not a plain number"},
        {"state>5", "compare it with : = or ~"},
        {"pid~5", "~ does not apply"},
        {"ssl>yes", "yes or no"},
        {"ssl:maybe", "yes or no"},
        {"lsn>5", "a WAL position"},
        {"~(", "cannot be used"},
        {"~a{", "cannot be used"},
        {"~(a)\\1", "back-references"},
        {"~((a{90}){90}){90}", "multiply out"},
        {"~((((((((((a+)+)+)+)+)+)+)+)+)+)+", "multiply out"},
        {"~a+++++++++++", "multiply out"},
        {"~a+b?*++++++++++", "multiply out"},
        {"~a{99}{99}", "multiply out"},
        {"~a{101}", "more than 100 times"},
        {"~((a*|b*)(c*|d*)){5}", "multiply out"},
        {"~((||||a+)+(b|c)*){5}", "multiply out"},
        {"~(a?){50}b", "multiply out"},
        {"~[[=a=]]", "not supported"},
        {"~[a", "not closed"},
        {"\033[31m:x\177 ~\033[", "cannot be used"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct err err = {{0}};
        struct filter *f = filter_compile(rows[i].filter, &schema, &err);
        if (f || !strstr(err.text, rows[i].says))
            fail_msg("%s: %s", rows[i].filter, f ? "was accepted" : err.text);
        assert_int_equal(err.text[strlen(err.text) - 1] == '.' || err.text[strlen(err.text) - 1] == '?', 1);
        assert_null(strchr(err.text, '\033'));
    }
}

static void long_filters_are_refused(void **state)
{
    (void)state;
    char text[FILTER_TEXT_MAX + 2];
    struct err err = {{0}};
    memset(text, 'x', sizeof(text));
    text[FILTER_TEXT_MAX + 1] = '\0';
    assert_null(filter_compile(text, &schema, &err));
    text[FILTER_TEXT_MAX] = '\0';
    struct filter *f = filter_compile(text, &schema, &err);
    assert_non_null(f);
    assert_false(filter_is_empty(f));
    filter_free(f);
    filter_free(NULL);
    for (int i = 0; i < FILTER_TEXT_MAX; i += 2)
        memcpy(text + i, "x ", 2);
    assert_null(filter_compile(text, &schema, &err));
    assert_non_null(strstr(err.text, "at most 32 terms"));
}

/* Words are looked for in linear time, whatever they and the text are. */
static void a_search_agrees_with_memmem(void **state)
{
    (void)state;
    struct random r = random_start("words");
    int found = 0;
    for (int i = 0; i < 50000; i++) {
        char hay[40], needle[8];
        size_t nhay = random_below(&r, sizeof(hay)), nneedle = random_below(&r, sizeof(needle));
        for (size_t k = 0; k < nhay; k++)
            hay[k] = (char)('a' + random_below(&r, 2));
        for (size_t k = 0; k < nneedle; k++)
            needle[k] = (char)('a' + random_below(&r, 2));
        struct word w = word_make(needle, nneedle);
        bool expected = nneedle == 0 || memmem(hay, nhay, needle, nneedle) != NULL;
        assert_int_equal(word_within(&w, hay, nhay), expected);
        found += expected;
        word_free(&w);
    }
    assert_true(found > 10000 && found < 49000);
}

static void nothing_typed_is_dear(void **state)
{
    (void)state;
    static const char *const patterns[] = {
        "(x+x+)+y",         "(a|a)*b",          "(.*)(.*)(.*)(.*)(.*)[^x]",
        "(a|b)*a(a|b){60}", "a?b?c?d?e?f?x",    "(x{10}){20}",
        "(.*.*=.*)",        "((a+)+(b|c)*){3}", "^(select|with)[[:space:]]+(.*)$"};
    char subject[8192];
    for (size_t i = 0; i < sizeof(subject); i++)
        subject[i] = "xxab\0=\xff\xc3"[i * 31 % 8];
    for (size_t i = 0; i < COUNT_OF(patterns); i++) {
        struct err err = {{0}};
        int64_t start = clock_boot_us();
        struct pattern *p = pattern_make(patterns[i], strlen(patterns[i]), &err);
        if (!p)
            fail_msg("%s: %s", patterns[i], err.text);
        pattern_match(p, subject, sizeof(subject));
        int64_t took = clock_boot_us() - start;
        printf("%s: %lld us\n", patterns[i], (long long)took);
        assert_true(took < 2 * S);
        pattern_free(p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(these_rows_pass),
        cmocka_unit_test(counters_are_compared_by_their_rates),
        cmocka_unit_test(what_cannot_be_understood_is_refused_with_a_sentence),
        cmocka_unit_test(long_filters_are_refused),
        cmocka_unit_test(a_search_agrees_with_memmem),
        cmocka_unit_test(nothing_typed_is_dear),
    };
    if (!setlocale(LC_CTYPE, "C.UTF-8")) {
        fputs("this test needs the locale C.UTF-8\n", stderr);
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
