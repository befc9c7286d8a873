/* What is known, and who wants to hear of it. */
#include "model/store.h"

#include "base/mem.h"
#include "model/messages.h"
#include "model/past.h"
#include "model/series_map.h"
#include "model/trace.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define LISTENERS_MAX 8

struct slot {
    const struct frame *good, *newest, *rates, *derived;
    struct timing timing;
    struct guard_state guard;
    struct guard_step *steps;   /* the newest GUARD_STEPS, the newest first; NULL: none */
    unsigned nsteps;
    unsigned asked;
};

/* What the user wants of a rule. */
struct choice {
    bool off;
    char *runbook;
};

struct known_target {
    struct target target;
    struct limit *limits;       /* its own; NULL: those of all */
    struct choice *choices;     /* likewise, one a rule */
    struct slot *slots;         /* one a topic */
    struct series_entry *series;
    struct trace trace;
};

struct store {
    struct known_target *targets;
    int ntargets;
    struct topic *topics;
    int ntopics;
    struct past past;
    struct messages messages;
    struct { store_listener *fn; void *arg; } listeners[LISTENERS_MAX];
    int nlisteners;
    struct limit limits[LIMIT_COUNT_];
    struct rule_info *rules;
    struct choice *choices;     /* one a rule */
    int nrules;
    struct verdict *verdict;
};

static const char *const sight_words[SIGHT_STATE_COUNT_] = {"no answer yet", "fresh", "stale", "failing"};

const char *sight_state_word(enum sight_state state)
{
    return sight_words[state];
}

struct store *store_new(size_t past_bytes)
{
    struct store *s = mem_new(sizeof(*s));
    s->past.budget = past_bytes;
    s->verdict = verdict_new();
    for (int i = 0; i < LIMIT_COUNT_; i++)
        s->limits[i] = limit_rows[i].preset;
    return s;
}

static void forget(struct known_target *t, int ntopics)
{
    for (int i = 0; i < ntopics; i++) {
        struct slot *slot = &t->slots[i];
        frame_unref(slot->good);
        frame_unref(slot->newest);
        frame_unref(slot->rates);
        frame_unref(slot->derived);
        slot->good = slot->newest = slot->rates = slot->derived = NULL;
    }
    series_map_free(t->series);
    t->series = NULL;
    trace_clear(&t->trace);
}

static void free_choices(struct choice *choices, int n)
{
    for (int i = 0; choices && i < n; i++)
        free(choices[i].runbook);
    free(choices);
}

static void free_target(struct known_target *t, int ntopics, int nrules)
{
    forget(t, ntopics);
    for (int i = 0; i < ntopics; i++)
        free(t->slots[i].steps);
    free(t->slots);
    free(t->limits);
    free_choices(t->choices, nrules);
    target_clear(&t->target);
}

void store_free(struct store *s)
{
    if (!s)
        return;
    for (int i = 0; i < s->ntargets; i++)
        free_target(&s->targets[i], s->ntopics, s->nrules);
    messages_clear(&s->messages);
    free(s->targets);
    verdict_free(s->verdict);
    free_choices(s->choices, s->nrules);
    free(s->rules);
    free(s->topics);
    past_clear(&s->past);
    free(s);
}

int store_add_target(struct store *s, const char *name, const char *group, const char *environment)
{
    s->targets = mem_resize(s->targets, (size_t)s->ntargets + 1, sizeof(*s->targets));
    struct known_target *t = &s->targets[s->ntargets];
    *t = (struct known_target){.target = {.id = s->ntargets, .name = mem_string(name), .group = mem_string(group),
                                          .environment = mem_string(environment)},
                               .slots = mem_array((size_t)s->ntopics, sizeof(struct slot))};
    return s->ntargets++;
}

int store_add_topic(struct store *s, const struct topic *topic)
{
    s->topics = mem_resize(s->topics, (size_t)s->ntopics + 1, sizeof(*s->topics));
    s->topics[s->ntopics] = *topic;
    for (int i = 0; i < s->ntargets; i++) {
        struct known_target *t = &s->targets[i];
        t->slots = mem_resize(t->slots, (size_t)s->ntopics + 1, sizeof(*t->slots));
        t->slots[s->ntopics] = (struct slot){0};
    }
    return s->ntopics++;
}

int store_add_rule(struct store *s, const struct rule_info *rule)
{
    s->rules = mem_resize(s->rules, (size_t)s->nrules + 1, sizeof(*s->rules));
    s->choices = mem_resize(s->choices, (size_t)s->nrules + 1, sizeof(*s->choices));
    s->rules[s->nrules] = *rule;
    s->choices[s->nrules] = (struct choice){false, NULL};
    return s->nrules++;
}

int store_rules(const struct store *s)
{
    return s->nrules;
}

const struct rule_info *store_rule(const struct store *s, int rule)
{
    assert(rule >= 0 && rule < s->nrules);
    return &s->rules[rule];
}

static const struct choice *choice_of(const struct store *s, int target, int rule)
{
    assert(rule >= 0 && rule < s->nrules);
    return s->targets[target].choices ? &s->targets[target].choices[rule] : &s->choices[rule];
}

bool store_rule_is_off(const struct store *s, int target, int rule)
{
    return choice_of(s, target, rule)->off;
}

const char *store_runbook(const struct store *s, int target, int rule)
{
    return choice_of(s, target, rule)->runbook;
}

/* A target that has one of its own has all of its own, as those of all are now. */
void store_choose_rule(struct store *s, int target, int rule, bool off, const char *runbook)
{
    struct choice **own = target < 0 ? &s->choices : &s->targets[target].choices;
    if (!*own) {
        *own = mem_array((size_t)s->nrules, sizeof(**own));
        for (int i = 0; i < s->nrules; i++)
            (*own)[i] = (struct choice){s->choices[i].off, mem_string(s->choices[i].runbook)};
    }
    char *copy = mem_string(runbook);
    free((*own)[rule].runbook);
    (*own)[rule] = (struct choice){off, copy};
}

const struct verdict *store_verdict(const struct store *s)
{
    return s->verdict;
}

int store_targets(const struct store *s)
{
    return s->ntargets;
}

int store_topics(const struct store *s)
{
    return s->ntopics;
}

const struct target *store_target(const struct store *s, int target)
{
    assert(target >= 0 && target < s->ntargets);
    return &s->targets[target].target;
}

const struct topic *store_topic(const struct store *s, int topic)
{
    assert(topic >= 0 && topic < s->ntopics);
    return &s->topics[topic];
}

int store_find_target(const struct store *s, const char *name)
{
    for (int i = 0; i < s->ntargets; i++)
        if (strcmp(s->targets[i].target.name, name) == 0)
            return i;
    return -1;
}

int store_find_topic(const struct store *s, const char *name)
{
    for (int i = 0; i < s->ntopics; i++)
        if (strcmp(s->topics[i].name, name) == 0)
            return i;
    return -1;
}

static struct slot *slot_of(const struct store *s, int target, int topic)
{
    assert(target >= 0 && target < s->ntargets && topic >= 0 && topic < s->ntopics);
    return &s->targets[target].slots[topic];
}

static enum sight_state judge(const struct slot *slot, int64_t age_us)
{
    if (!slot->newest)
        return SIGHT_NONE;
    if (slot->newest->status != FRAME_OK)
        return SIGHT_FAILING;
    return age_us > slot->timing.interval_us + slot->timing.deadline_us ? SIGHT_STALE : SIGHT_FRESH;
}

struct sight store_sight(const struct store *s, int target, int topic, int64_t now_us)
{
    const struct slot *slot = slot_of(s, target, topic);
    int64_t age = slot->good ? now_us - slot->good->taken_us : -1;
    return (struct sight){
        .state = judge(slot, age), .good = slot->good, .rates = slot->rates, .derived = slot->derived,
        .newest = slot->newest, .age_us = age < 0 && slot->good ? 0 : age,
        .waiting_us = slot->timing.asked_us ? now_us - slot->timing.asked_us : -1,
        .interval_us = slot->timing.interval_us, .deadline_us = slot->timing.deadline_us,
        .cost_us = slot->timing.cost_us,
        .slowed = slot->timing.slowed, .skipped = slot->timing.skipped, .asked = slot->asked, .guard = slot->guard};
}

const struct guard_step *store_guard_step(const struct store *s, int target, int topic, unsigned back)
{
    const struct slot *slot = slot_of(s, target, topic);
    return back < slot->nsteps ? &slot->steps[back] : NULL;
}

const struct frame *store_past(const struct store *s, int target, int topic, unsigned back)
{
    return past_find(&s->past, target, topic, back);
}

const struct trace *store_trace(const struct store *s, int target)
{
    return &s->targets[target].trace;
}

void store_remember_source(struct store *s, int target, int source)
{
    struct trace *t = &s->targets[target].trace;
    t->received = s->targets[target].target.facts.system_id;
    t->source = source < 0 ? t->source : source + 1;
}

const struct frame *store_rate_base(const struct store *s, int target, int topic, int64_t taken_us)
{
    const struct frame *f = slot_of(s, target, topic)->good;
    for (unsigned back = 1; f && taken_us - f->taken_us < PAST_RATE_US; back++)
        f = store_past(s, target, topic, back);
    return f;
}

const struct series *store_series(const struct store *s, int target, int topic, const char *metric, uint64_t key)
{
    return series_map_find(s->targets[target].series, topic, metric, key);
}

const struct message *store_message(const struct store *s, unsigned i)
{
    return messages_at(&s->messages, i);
}

unsigned store_messages_total(const struct store *s)
{
    return s->messages.total;
}

struct limit store_limit(const struct store *s, int target, enum limit_name name)
{
    return s->targets[target].limits ? s->targets[target].limits[name] : s->limits[name];
}

void store_set_limit(struct store *s, int target, enum limit_name name, struct limit limit)
{
    struct limit **own = target < 0 ? NULL : &s->targets[target].limits;
    if (own && !*own) {
        *own = mem_array(LIMIT_COUNT_, sizeof(**own));
        memcpy(*own, s->limits, sizeof(s->limits));
    }
    (own ? *own : s->limits)[name] = limit;
}

/* ---- writing ---- */

void store_listen(struct store *s, store_listener *fn, void *arg)
{
    assert(s->nlisteners < LISTENERS_MAX);
    s->listeners[s->nlisteners].fn = fn;
    s->listeners[s->nlisteners++].arg = arg;
}

void store_unlisten(struct store *s, store_listener *fn, void *arg)
{
    int n = 0;
    for (int i = 0; i < s->nlisteners; i++)
        if (s->listeners[i].fn != fn || s->listeners[i].arg != arg)
            s->listeners[n++] = s->listeners[i];
    s->nlisteners = n;
}

static void tell(struct store *s, enum change change, int target, int topic)
{
    for (int i = 0; i < s->nlisteners; i++)
        s->listeners[i].fn(s->listeners[i].arg, change, target, topic);
}

struct verdict *store_verdict_book(struct store *s)
{
    return s->verdict;
}

void store_judged(struct store *s, int target)
{
    if (verdict_changed(s->verdict))
        tell(s, CHANGE_VERDICT, target, -1);
}

void store_set_link(struct store *s, int target, const struct link *link)
{
    struct link *own = &s->targets[target].target.link;
    int64_t down_us = own->down_us ? own->down_us : link->since_us;
    *own = *link;
    own->down_us = link->state == LINK_UP ? 0 : down_us;
    tell(s, CHANGE_LINK, target, -1);
}

void store_set_application(struct store *s, int target, const char *application)
{
    struct target *t = &s->targets[target].target;
    free(t->application);
    t->application = mem_string(application);
}

void store_set_where(struct store *s, int target, const char *where)
{
    struct target *t = &s->targets[target].target;
    free(t->where);
    t->where = mem_string(where);
    tell(s, CHANGE_LINK, target, -1);
}

void store_set_facts(struct store *s, int target, struct facts *facts)
{
    struct target *t = &s->targets[target].target;
    facts_clear(&t->facts);
    t->facts = *facts;
    *facts = (struct facts){0};
    if (!t->first.host && !t->first.port) {
        t->first.host = mem_string(t->facts.host);
        t->first.port = mem_string(t->facts.port);
    }
    if (!t->first.system_id)
        t->first.system_id = t->facts.system_id;
    tell(s, CHANGE_LINK, target, -1);
}

void store_forget(struct store *s, int target)
{
    forget(&s->targets[target], s->ntopics);
    past_forget(&s->past, target);
    verdict_forget(s->verdict, target);
    tell(s, CHANGE_LINK, target, -1);
    store_judged(s, target);
}

void store_set_replica(struct store *s, int target, enum replica_state state)
{
    struct target *t = &s->targets[target].target;
    if (t->replica == state)
        return;
    t->replica = state;
    tell(s, CHANGE_LINK, target, -1);
}

static void replace(const struct frame **slot, const struct frame *f)
{
    frame_unref(*slot);
    *slot = f;
}

void store_publish(struct store *s, int target, int topic, struct frame *f, struct frame *rates,
                   struct frame *derived)
{
    struct slot *slot = slot_of(s, target, topic);
    slot->asked++;
    replace(&slot->newest, f);
    if (f->status == FRAME_OK) {
        replace(&slot->good, frame_ref(f));
        replace(&slot->rates, rates);
        replace(&slot->derived, derived);
        past_keep(&s->past, target, topic, f, s->topics[topic].past);
        trace_take(&s->targets[target].trace, s->topics[topic].name, f);
    } else {
        frame_unref(rates);
        frame_unref(derived);
    }
    tell(s, CHANGE_FRAME, target, topic);
}

void store_set_timing(struct store *s, int target, int topic, const struct timing *timing)
{
    slot_of(s, target, topic)->timing = *timing;
    tell(s, CHANGE_TIMING, target, topic);
}

void store_set_guard(struct store *s, int target, int topic, const struct guard_state *guard)
{
    slot_of(s, target, topic)->guard = *guard;
    tell(s, CHANGE_TIMING, target, topic);
}

void store_add_guard_step(struct store *s, int target, int topic, const struct guard_step *step)
{
    struct slot *slot = slot_of(s, target, topic);
    if (!slot->steps)
        slot->steps = mem_array(GUARD_STEPS, sizeof(*slot->steps));
    memmove(slot->steps + 1, slot->steps, (GUARD_STEPS - 1) * sizeof(*slot->steps));
    slot->steps[0] = *step;
    slot->nsteps += slot->nsteps < GUARD_STEPS;
    tell(s, CHANGE_TIMING, target, topic);
}

void store_add_point(struct store *s, int target, int topic, const char *metric, uint64_t key, int64_t at_us,
                     double value)
{
    series_map_add(&s->targets[target].series, topic, metric, key, at_us, value);
}

void store_set_unwritten(struct store *s, int target, const struct unwritten *unwritten)
{
    s->targets[target].target.unwritten = *unwritten;
}

void store_say(struct store *s, int64_t wall_us, enum severity severity, int target, const char *text)
{
    messages_say(&s->messages, &(struct message){wall_us, severity, target, 0, (char *)text});
    tell(s, CHANGE_MESSAGE, target, -1);
}
