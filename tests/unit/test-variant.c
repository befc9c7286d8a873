/* Which SQL fits which server, what goes into it, and how long a question rests that cannot be answered. */
#include "engine/parts.h"
#include "engine/variant.h"

#include "base/attr.h"
#include "base/clock.h"

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

/* What will fail again is not asked at each tick: each time would be a line in the server's log. */
static void what_cannot_be_answered_rests(void **state)
{
    (void)state;
    static const struct {
        enum frame_status status;
        const char *sqlstate;
        bool rests;
    } cases[] = {
        {FRAME_OK, NULL, false},           {FRAME_DENIED, "42501", true},   {FRAME_ABSENT, "42P01", true},
        {FRAME_FAILED, "22021", true},     {FRAME_FAILED, "22P05", true},   {FRAME_FAILED, "22P02", true},
        {FRAME_FAILED, "42601", true},     {FRAME_FAILED, "XX000", false},  {FRAME_FAILED, "53200", false},
        {FRAME_FAILED, "55000", false},    {FRAME_FAILED, NULL, false},
        {FRAME_TIMEOUT, "57014", false},   {FRAME_TIMEOUT, "55P03", false}, {FRAME_LOST, "57P01", false},
    };
    const struct probe *const probes[] = {&server, NULL};
    struct engine_target target = {.name = "t", .conninfo = ""};
    struct err err;
    struct engine *e = engine_new(&(struct engine_setup){.probes = probes, .targets = &target, .ntargets = 1,
                                                         .watcher_fd = -1, .past_bytes = 10000}, &err);
    assert_non_null(e);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct tick *t = &e->pilots[0].ticks[0];
        struct frame *f = frame_seal(frame_build(&schema), &(struct frame_head){.status = cases[i].status,
                                                                                .sqlstate = cases[i].sqlstate});
        t->due_us = e->now_us + 2 * US_PER_S;
        schedule_answered(&e->pilots[0], 0, f);
        assert_int_equal((t->due_us - e->now_us) / US_PER_S, cases[i].rests ? 300 : 2);
        frame_unref(f);
    }
    engine_free(e);
}

/* As an answer of the topic that tells the role, some time later. */
static void answer_role(struct engine *e, int target, enum server_role role)
{
    e->now_us += US_PER_S;
    pilot_take_role(&e->pilots[target], role);
    publish_frame(&e->pilots[target], 0, frame_seal(frame_build(&schema), &(struct frame_head){
        .status = FRAME_OK, .taken_us = e->now_us, .server_role = role}));
}

/* A standby that is promoted under an open connection becomes the primary of those that follow it. */
static void a_promoted_standby_is_a_primary(void **state)
{
    (void)state;
    struct probe tells = server;
    tells.name = "server";
    const struct probe *const probes[] = {&tells, NULL};
    struct engine_target targets[] = {{.name = "a", .conninfo = ""}, {.name = "b", .conninfo = ""}};
    struct err err;
    struct engine *e = engine_new(&(struct engine_setup){.probes = probes, .targets = targets, .ntargets = 2,
                                                         .watcher_fd = -1, .past_bytes = 10000}, &err);
    assert_non_null(e);
    struct pilot *a = &e->pilots[0], *b = &e->pilots[1];
    for (int i = 0; i < 2; i++) {
        struct facts facts = {.known = true, .kind = TARGET_SERVER, .version = 150000, .system_id = 7, .standby = true};
        store_set_facts(e->store, i, &facts);
        answer_role(e, i, SERVER_STANDBY);
    }
    assert_null(publish_context(b, 0).primary);
    a->learn_us = e->now_us + 60 * US_PER_S;
    unsigned said = store_messages_total(e->store);
    answer_role(e, 0, SERVER_UNKNOWN);
    assert_null(publish_context(b, 0).primary);
    answer_role(e, 0, SERVER_PRIMARY);
    assert_ptr_equal(publish_context(b, 0).primary, a->positions);
    assert_null(publish_context(a, 0).primary);
    assert_true(a->learn_us == e->now_us);      /* what it can answer is learned anew */
    answer_role(e, 0, SERVER_PRIMARY);
    assert_int_equal(store_messages_total(e->store), said + 1);
    engine_free(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_newest_that_fits_is_chosen),
        cmocka_unit_test(an_old_extension_on_a_new_server_counts),
        cmocka_unit_test(what_cannot_be_answered_rests),
        cmocka_unit_test(a_promoted_standby_is_a_primary),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
