/* Which SQL fits which server, and what goes into it. */
#include "engine/variant.h"

#include "base/attr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct column columns[] = {{"key", "key", TYPE_INT, ROLE_KEY, UNIT_NONE, 0, 0, "Key."}};
static const struct schema schema = {"variant", COUNT_OF(columns), columns};
static const struct probe_sql by_server[] = {{120000, "twelve"}, {140000, "fourteen"}, {170000, "seventeen"}, {0, NULL}};
static const struct probe_sql by_extension[] = {
    {10000, "FROM {statements}.a"}, {10900, "FROM {statements}.b, {statements}.c"}, {0, NULL}};
static const struct probe server = {.name = "variant", .title = "v", .help = "V.", .schema = &schema,
                                    .kind = TARGET_SERVER, .sql = by_server};
static const struct probe extension = {.name = "extension", .title = "v", .help = "V.", .schema = &schema,
                                       .kind = TARGET_SERVER, .sql = by_extension, .needs = NEED_STATEMENTS,
                                       .by_extension = true};

static const char *chosen(const struct probe *pr, const struct facts *f)
{
    const struct probe_sql *sql = variant_choose(pr, f);
    return sql ? sql->sql : "none";
}

static void the_newest_that_fits_is_chosen(void **state)
{
    (void)state;
    static const struct {
        int version;
        const char *want;
    } cases[] = {
        {90600, "none"},       {119999, "none"},     {120000, "twelve"},    {120022, "twelve"},
        {139999, "twelve"},    {140000, "fourteen"}, {169999, "fourteen"},  {170000, "seventeen"},
        {190001, "seventeen"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct facts f = {.kind = TARGET_SERVER, .version = cases[i].version};
        assert_string_equal(chosen(&server, &f), cases[i].want);
        assert_int_equal(variant_absent(&server, &f) != NULL, cases[i].version < 120000);
    }
}

static void an_old_extension_on_a_new_server_counts(void **state)
{
    (void)state;
    static const struct {
        int version;
        const char *schema, *want;
    } cases[] = {
        {10600, "public", "FROM \"public\".a"},
        {10800, "stats", "FROM \"stats\".a"},
        {10900, "St\"ats", "FROM \"St\"\"ats\".b, \"St\"\"ats\".c"},
        {11200, "a b", "FROM \"a b\".b, \"a b\".c"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buf sql = {0};
        struct facts f = {.kind = TARGET_SERVER, .version = 180000, .nextensions = 2};
        f.extensions[0] = (struct extension){(char *)"plpgsql", (char *)"pg_catalog", 10000};
        f.extensions[1] = (struct extension){(char *)"pg_stat_statements", (char *)cases[i].schema, cases[i].version};
        assert_null(variant_absent(&extension, &f));
        variant_put(&sql, &extension, &f);
        assert_string_equal(buf_text(&sql), cases[i].want);
        buf_free(&sql);
    }
    assert_non_null(variant_absent(&extension, &(struct facts){.kind = TARGET_SERVER, .version = 180000}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_newest_that_fits_is_chosen),
        cmocka_unit_test(an_old_extension_on_a_new_server_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
