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

static void write_all(const struct store *s, const bool *expected, struct forms *out)
{
    static const int topics[] = {0};
    const struct report r = {s, topics, 1, 0, 0, TEXT_ASCII, expected};
    *out = (struct forms){{0}, {0}, {0}};
    report_json(&r, &out->json);
    report_text(&r, &out->text);
    report_csv(&r, &out->csv);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identifiers_are_exact),
        cmocka_unit_test(what_never_came_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
