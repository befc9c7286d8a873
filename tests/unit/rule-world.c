/* Servers that are made up, and what the rules say of them. */
#include "tests/unit/rule-world.h"

#include "base/clock.h"
#include "base/mem.h"
#include "probes/list.h"
#include "probes/queue_plan.h"
#include "rules/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define RULES_ROOM 64

struct world world;
static int64_t now_us;
static bool raised[RULES_ROOM];
static struct probe queues;
static const struct probe *probes[64];

static int64_t virtual_clock(void)
{
    return now_us;
}

static void list_probes(void)
{
    int n = 0;
    for (; probe_table[n]; n++)
        probes[n] = probe_table[n];
    queues = queues_probe(NULL);
    probes[n++] = &queues;
    probes[n] = NULL;
}

void world_version(int target, int version)
{
    struct facts f = {.known = true, .kind = TARGET_SERVER, .monitor = true, .version = version,
                      .system_id = (uint64_t)target + 1};
    store_set_facts(world.store, target, &f);
}

void world_facts(int target, uint64_t system_id, int64_t started_us, bool monitor)
{
    enum target_kind kind = target == POOLER ? TARGET_POOLER : target == APP ? TARGET_APP : TARGET_SERVER;
    struct facts f = {.known = true, .kind = kind, .monitor = monitor,
                      .standby = world.role[target] == SERVER_STANDBY, .version = 150000, .system_id = system_id,
                      .started_us = started_us, .user = mem_string("Mon\"itor"),
                      .host = mem_string(store_target(world.store, target)->name), .port = mem_string("5432")};
    store_set_facts(world.store, target, &f);
}

void world_link(int target, enum link_state state, const char *sqlstate, const char *words)
{
    struct link l = {.state = state, .since_us = now_us, .failures = state == LINK_UP ? 0 : 2, .connects = 1};
    snprintf(l.sqlstate, sizeof(l.sqlstate), "%s", sqlstate);
    snprintf(l.words, sizeof(l.words), "%s", words);
    store_set_link(world.store, target, &l);
}

void world_begin(void)
{
    world_begin_in("g", NULL, NULL);
}

void world_begin_in(const char *one, const char *two, const char *three)
{
    const struct engine_target targets[WORLD_TARGETS] = {{.name = "one", .conninfo = "", .group = one},
                                                         {.name = "two", .conninfo = "", .group = two},
                                                         {.name = "pooler", .conninfo = ""},
                                                         {.name = "three", .conninfo = "", .group = three},
                                                         {.name = "api", .conninfo = "", .group = "g", .app = true,
                                                          .application = "the api"}};
    struct err err;
    list_probes();
    world = (struct world){.role = {SERVER_PRIMARY, SERVER_STANDBY, SERVER_UNKNOWN, SERVER_STANDBY, SERVER_UNKNOWN}, .cost_us = 1000};
    world.engine = engine_new(&(struct engine_setup){.probes = probes, .rules = rule_table, .targets = targets,
                                                     .ntargets = WORLD_TARGETS, .watcher_fd = -1,
                                                     .past_bytes = PAST_BYTES(WORLD_TARGETS)}, &err);
    assert_non_null(world.engine);
    world.store = engine_store(world.engine);
    world.engine->clock = virtual_clock;
    now_us = 5000 * US_PER_S;
    for (int target = 0; target < WORLD_TARGETS; target++) {
        world_facts(target, (uint64_t)target + 1, 1, true);
        world_link(target, LINK_UP, "", "");
        for (int topic = 0; topic < store_topics(world.store); topic++)
            store_set_timing(world.store, target, topic, &(struct timing){.interval_us = 2 * US_PER_S,
                                                                          .deadline_us = US_PER_S});
    }
    engine_judge(world.engine);
}

void world_end(void)
{
    engine_free(world.engine);
}

static void set_cell(struct frame_builder *b, const struct schema *s, char *cell)
{
    char *value = strchr(cell, '=');
    assert_non_null(value);
    *value++ = '\0';
    int column = schema_find(s, cell);
    if (column < 0)
        fail_msg("%s has no column %s", s->name, cell);
    if (s->columns[column].type == TYPE_TEXT)
        frame_build_text(b, column, value, strlen(value));
    else if (s->columns[column].type == TYPE_REAL)
        frame_build_real(b, column, strtod(value, NULL));
    else
        frame_build_int(b, column, strtoll(value, NULL, 10));
}

static void publish(int target, int topic, struct frame_builder *b, enum frame_status status,
                    const char *sqlstate, const char *note)
{
    struct frame_head head = {.status = status, .sqlstate = sqlstate, .note = note, .taken_us = now_us, .wall_us = now_us,
                              .cost_us = world.cost_us, .epoch = 1, .server_role = world.role[target]};
    engine_tick(world.engine);
    publish_frame(&world.engine->pilots[target], topic, frame_seal(b, &head));
    for (int i = 0; rule_table[i]; i++)
        raised[i] = raised[i] || world_finding(rule_table[i]->is.name, target);
}

void world_answer(int target, const char *topic, const char *rows)
{
    int i = store_find_topic(world.store, topic);
    const struct schema *s = store_topic(world.store, i)->schema;
    struct frame_builder *b = frame_build(s);
    char *text = mem_string(rows ? rows : ""), *lines, *cells;
    for (char *row = strtok_r(text, "\n", &lines); row; row = strtok_r(NULL, "\n", &lines)) {
        frame_build_row(b);
        for (char *cell = strtok_r(row, "|", &cells); cell; cell = strtok_r(NULL, "|", &cells))
            set_cell(b, s, cell);
    }
    free(text);
    publish(target, i, b, FRAME_OK, NULL, NULL);
}

void world_fail(int target, const char *topic, enum frame_status status, const char *note)
{
    int i = store_find_topic(world.store, topic);
    publish(target, i, frame_build(store_topic(world.store, i)->schema), status, NULL, note);
}

void world_error(int target, const char *topic, const char *sqlstate, const char *note)
{
    int i = store_find_topic(world.store, topic);
    publish(target, i, frame_build(store_topic(world.store, i)->schema), FRAME_FAILED, sqlstate, note);
}

void world_pass(double seconds)
{
    for (int64_t end_us = now_us + (int64_t)(seconds * 1e6); now_us < end_us;) {
        now_us = end_us - now_us < US_PER_S ? end_us : now_us + US_PER_S;
        engine_judge(world.engine);
        for (int i = 0; rule_table[i]; i++)
            for (int target = 0; target < WORLD_TARGETS; target++)
                raised[i] = raised[i] || world_finding(rule_table[i]->is.name, target);
    }
}

void world_answer_for(double seconds, int target, const char *topic, const char *rows)
{
    for (double s = 0; s < seconds; s += 2) {
        world_answer(target, topic, rows);
        world_pass(2);
    }
    world_answer(target, topic, rows);
}

const struct finding *world_finding(const char *rule, int target)
{
    const struct finding *list[256];
    unsigned n = verdict_list(store_verdict(world.store), target, true, list, 256);
    for (unsigned i = 0; i < n && i < 256; i++)
        if (strcmp(store_rule(world.store, list[i]->rule)->name, rule) == 0)
            return list[i];
    return NULL;
}

void world_expect(const char *rule, int target, enum level level, const char *words)
{
    const struct finding *f = world_finding(rule, target);
    if (!words) {
        if (f)
            fail_msg("%s: %s is still shown: %s", rule, level_word(f->level), f->words);
        return;
    }
    if (!f)
        fail_msg("%s: nothing is shown, wanted: %s", rule, words);
    assert_string_equal(f->words, words);
    if (f->level != level)
        fail_msg("%s is %s, wanted %s", rule, level_word(f->level), level_word(level));
}

bool world_has_raised(const char *rule)
{
    for (int i = 0; rule_table[i]; i++)
        if (strcmp(rule_table[i]->is.name, rule) == 0)
            return raised[i];
    return false;
}
