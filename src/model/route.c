/* Replicas come and go by a table of rules; reads go round those that are in. */
#include "model/route.h"

#include "base/attr.h"

#include <assert.h>
#include <math.h>

enum condition { ALWAYS, STANDBY_WITHIN, STANDBY_BEYOND, STANDBY_UNKNOWN, STANDBY, NOT_STANDBY };

/* The rule applies when its event has come `times` in a row with its condition holding. */
static const struct rule {
    enum replica_state from;
    enum replica_event event;
    enum condition condition;
    double lag_s; /* for STANDBY_WITHIN (inclusive) and STANDBY_BEYOND */
    uint8_t times;
    enum replica_state to;
} rules[] = {
    {REPLICA_UNKNOWN, REPLICA_PROBE_OK, STANDBY_WITHIN, 30, 1, REPLICA_PROBATION},
    {REPLICA_PROBATION, REPLICA_PROBE_OK, STANDBY_WITHIN, 30, 1, REPLICA_IN},
    {REPLICA_PROBATION, REPLICA_PROBE_OK, STANDBY_BEYOND, 30, 1, REPLICA_OUT_LAG},
    {REPLICA_PROBATION, REPLICA_PROBE_OK, STANDBY_UNKNOWN, 0, 1, REPLICA_OUT_LAG},
    {REPLICA_PROBATION, REPLICA_PROBE_FAIL, ALWAYS, 0, 1, REPLICA_OUT_DOWN},
    {REPLICA_IN, REPLICA_PROBE_OK, STANDBY_BEYOND, 30, 1, REPLICA_OUT_LAG},
    {REPLICA_IN, REPLICA_PROBE_OK, STANDBY_UNKNOWN, 0, 1, REPLICA_OUT_LAG},
    {REPLICA_IN, REPLICA_PROBE_OK, NOT_STANDBY, 0, 1, REPLICA_OUT_ROLE},
    {REPLICA_IN, REPLICA_CONN_LOST, ALWAYS, 0, 1, REPLICA_OUT_DOWN},
    {REPLICA_IN, REPLICA_REFUSED, ALWAYS, 0, 1, REPLICA_OUT_DOWN},
    {REPLICA_IN, REPLICA_ENDED, ALWAYS, 0, 1, REPLICA_OUT_DOWN},
    {REPLICA_IN, REPLICA_PROBE_TIMEOUT, ALWAYS, 0, 3, REPLICA_OUT_DOWN},
    {REPLICA_IN, REPLICA_SAMPLE_OLD, ALWAYS, 0, 1, REPLICA_UNKNOWN},
    {REPLICA_OUT_LAG, REPLICA_PROBE_OK, STANDBY_WITHIN, 10, 2, REPLICA_IN},
    {REPLICA_OUT_DOWN, REPLICA_PROBE_OK, STANDBY_WITHIN, 30, 2, REPLICA_IN},
    {REPLICA_OUT_ROLE, REPLICA_PROBE_OK, STANDBY, 0, 1, REPLICA_PROBATION},
};

static bool holds(const struct rule *rule, bool in_recovery, double lag_s)
{
    switch (rule->condition) {
    case STANDBY_WITHIN:
        return in_recovery && lag_s <= rule->lag_s;
    case STANDBY_BEYOND:
        return in_recovery && lag_s > rule->lag_s;
    case STANDBY_UNKNOWN:
        return in_recovery && isnan(lag_s);
    case STANDBY:
        return in_recovery;
    case NOT_STANDBY:
        return !in_recovery;
    case ALWAYS:
        break;
    }
    return true;
}

static uint8_t find_rule(enum replica_state state, enum replica_event event, bool in_recovery, double lag_s)
{
    uint8_t i = 0;
    while (i < COUNT_OF(rules) &&
           !(rules[i].from == state && rules[i].event == event && holds(&rules[i], in_recovery, lag_s)))
        i++;
    return i;
}

enum replica_state replica_tell(struct replica *r, enum replica_event event, bool in_recovery, double lag_s)
{
    uint8_t rule = find_rule(r->state, event, in_recovery, lag_s);
    bool again = r->run > 0 && r->rule == rule;
    r->rule = rule;
    r->run = rule == COUNT_OF(rules) ? 0 : again ? (uint8_t)(r->run + 1) : 1;
    if (r->run > 0 && r->run >= rules[rule].times) {
        r->state = rules[rule].to;
        r->run = 0;
    }
    return r->state;
}

const char *replica_state_word(enum replica_state state)
{
    static const char *const words[REPLICA_STATE_COUNT_] = {"UNKNOWN", "PROBATION", "IN",
                                                            "OUT_LAG", "OUT_DOWN",  "OUT_ROLE"};
    return words[state];
}

void route_start(struct route *r, uint32_t nreplicas)
{
    assert(nreplicas <= ROUTE_REPLICAS_MAX);
    *r = (struct route){.nreplicas = nreplicas, .primary_up = true};
}

int route_write(const struct route *r)
{
    return r->primary_up ? ROUTE_PRIMARY : ROUTE_NOHOST;
}

int route_read(struct route *r)
{
    for (uint32_t i = 0; i < r->nreplicas; i++) {
        uint32_t k = (r->next + i) % r->nreplicas;
        if (r->in[k]) {
            r->next = (k + 1) % r->nreplicas;
            return (int)k;
        }
    }
    return route_write(r);
}
