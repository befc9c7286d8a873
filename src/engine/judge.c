/* From what is known to what is wrong: asks the rules, when their evidence is new or when a second has gone by. */
#include "engine/parts.h"

#include "base/clock.h"
#include "spec/rule.h"

#include <string.h>

#define EVERY_US  US_PER_S
#define RULES_MAX 128

enum evidence { EVIDENCE_FRESH, EVIDENCE_OLD, EVIDENCE_NONE };

/* Of the worst of the topics that the rule reads. What a server does not have is no evidence of anything. */
static enum evidence evidence_of(const struct engine *e, const struct rule *rule, int target)
{
    enum evidence worst = EVIDENCE_FRESH;
    for (int i = 0; rule->reads && rule->reads[i]; i++) {
        int topic = store_find_topic(e->store, rule->reads[i]);
        struct sight s = {0};
        if (topic >= 0)
            s = store_sight(e->store, target, topic, e->now_us);
        if (!s.good || s.newest->status == FRAME_ABSENT)
            return EVIDENCE_NONE;
        if (s.state != SIGHT_FRESH)
            worst = EVIDENCE_OLD;
    }
    return worst;
}

static bool concerns(const struct rule *rule, const struct target *t)
{
    return !rule->kind || (t->facts.known && t->facts.kind == rule->kind);
}

static void judge_rule(struct engine *e, int number, int target)
{
    const struct rule *rule = e->rules[number];
    struct verdict *v = store_verdict_book(e->store);
    if (store_rule_is_off(e->store, target, number))
        return;
    struct rule_context c = {
        .store = e->store, .target = target, .is = store_target(e->store, target), .now_us = e->now_us,
        .shape = engine_shape(e), .rule = number, .steady = e->hurry ? (struct steadiness){0} : rule->steady, .verdict = v};
    enum evidence evidence = evidence_of(e, rule, target);
    if (evidence == EVIDENCE_OLD) {
        verdict_hold(v, number, target);
        return;
    }
    verdict_begin(v, number, target);
    if (evidence == EVIDENCE_FRESH && concerns(rule, c.is))
        rule->judge(&c);
    verdict_end(v, c.steady, e->now_us);
}

/* ---- causes speak for their symptoms ---- */

static bool names(const char *const *list, const char *name)
{
    for (; *list; list++)
        if (strcmp(*list, name) == 0)
            return true;
    return false;
}

/* Of two that explain each other the first one does. */
static bool explains(const struct engine *e, int cause, int symptom)
{
    const char *const *list = e->rules[cause]->explains, *const *back = e->rules[symptom]->explains;
    if (cause == symptom || !list || (list[0] && !names(list, e->rules[symptom]->is.name)))
        return false;
    bool mutual = back && (!back[0] || names(back, e->rules[cause]->is.name));
    return !mutual || cause < symptom;
}

static void settle_causes(struct engine *e, int target)
{
    struct verdict *v = store_verdict_book(e->store);
    bool speaks[RULES_MAX];
    for (int i = 0; i < e->nrules; i++)
        speaks[i] = e->rules[i]->explains && verdict_of(v, i, target) >= LEVEL_UNKNOWN;
    for (int symptom = 0; symptom < e->nrules; symptom++) {
        bool by_another = false;
        for (int cause = 0; cause < e->nrules && !by_another; cause++)
            by_another = speaks[cause] && explains(e, cause, symptom);
        verdict_swallow(v, symptom, target, by_another);
    }
}

static void settle(struct engine *e, int target)
{
    settle_causes(e, target);
    store_judged(e->store, target);
}

void judge_answer(struct engine *e, int target, int topic)
{
    bool any = false;
    if (e->hurry)
        return;             /* one look is judged once, by engine_judge: what is told stays told for a while */
    for (int i = 0; i < e->nrules; i++) {
        const struct rule *rule = e->rules[i];
        if (!rule->reads || strcmp(rule->reads[0], e->probes[topic]->name) != 0)
            continue;
        judge_rule(e, i, target);
        any = true;
    }
    if (any)
        settle(e, target);
}

/* Rules that no answer asks, and those whose evidence has grown old meanwhile. */
void judge_time(struct engine *e)
{
    for (int target = 0; target < store_targets(e->store); target++) {
        for (int i = 0; i < e->nrules; i++)
            if (!e->rules[i]->reads)
                judge_rule(e, i, target);
            else if (evidence_of(e, e->rules[i], target) == EVIDENCE_OLD)
                verdict_hold(store_verdict_book(e->store), i, target);
        settle(e, target);
    }
}

/* All of it anew: a rule that looks at other servers was perhaps judged before those had answered. */
void engine_judge(struct engine *e)
{
    engine_tick(e);
    for (int target = 0; e->hurry && target < store_targets(e->store); target++)
        for (int i = 0; i < e->nrules; i++)
            if (e->rules[i]->reads)
                judge_rule(e, i, target);
    judge_time(e);
}

static void second_is_over(evutil_socket_t fd, short what, void *arg)
{
    struct engine *e = arg;
    (void)fd;
    (void)what;
    engine_tick(e);
    if (!e->paused && !e->hurry)
        judge_time(e);
}

static void verdict_moves(void *arg, enum change change, int target, int topic)
{
    (void)target;
    (void)topic;
    if (change == CHANGE_VERDICT)
        engine_stir(arg);
}

void judge_start(struct engine *e)
{
    struct timeval second = {EVERY_US / US_PER_S, 0};
    for (int i = 0; e->rules && e->rules[i] && i < RULES_MAX; i++, e->nrules++)
        store_add_rule(e->store, &e->rules[i]->is);
    if (e->nrules == 0)
        return;
    store_listen(e->store, verdict_moves, e);
    e->judging = event_new(e->base, -1, EV_PERSIST, second_is_over, e);
    event_add(e->judging, &second);
}

void judge_stop(struct engine *e)
{
    if (e->judging)
        event_free(e->judging);
}
