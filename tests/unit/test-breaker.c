/* The circuit breaker: the vectors, then random traces against a model that keeps every ticket it ever gave
 * (BREAKER_TRACES of the environment says how many, a million by default). */
#include "base/attr.h"
#include "model/breaker.h"
#include "random.h"
#include "tsv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define MS 1000LL

enum { TICKETS = 64 };

struct named_tickets {
    const char *names[TICKETS];
    struct breaker_ticket tickets[TICKETS];
    size_t n;
};

static struct breaker_ticket *ticket_named(struct named_tickets *all, const char *name)
{
    for (size_t i = 0; i < all->n; i++)
        if (strcmp(all->names[i], name) == 0)
            return &all->tickets[i];
    assert_true(all->n < TICKETS);
    all->names[all->n] = name;
    all->tickets[all->n] = (struct breaker_ticket){0};
    return &all->tickets[all->n++];
}

/* Does what a row says, and returns the word that the breaker answers. */
static const char *apply(struct breaker *b, struct named_tickets *all, const char *op, const char *name,
                         int64_t now)
{
    static const char *const reports[] = {"ok", "fail", "excl"};
    static const char *const answers[] = {"OK", "E_OPEN", "E_TOOMANY"};
    if (strcmp(op, "before") == 0)
        return answers[breaker_ask(b, now, ticket_named(all, name))];
    if (strcmp(op, "state") == 0) {
        breaker_state(b, now);
        return "-";
    }
    if (strcmp(op, "reach") == 0) {
        breaker_reachable(b, now);
        return "-";
    }
    enum breaker_result result = (enum breaker_result)tsv_word(op, reports, COUNT_OF(reports));
    return breaker_report(b, now, ticket_named(all, name), result) ? "COUNTED" : "STALE";
}

static struct breaker_settings read_settings(const struct tsv *t, size_t i)
{
    return (struct breaker_settings){
        .max_requests = (uint32_t)tsv_number(t, i, "max_req"),
        .interval_us = (int64_t)tsv_number(t, i, "interval_ms") * MS,
        .timeout_us = (int64_t)tsv_number(t, i, "timeout_ms") * MS,
        .trip = (uint32_t)tsv_number(t, i, "trip"),
        .budget_us = (int64_t)tsv_number(t, i, "budget_ms") * MS,
    };
}

static void vectors_hold(void **state)
{
    (void)state;
    struct tsv t = tsv_read("breaker.tsv");
    struct breaker b;
    struct named_tickets all = {.n = 0};
    for (size_t i = 0; i < t.nrows; i++) {
        if (i == 0 || strcmp(tsv_text(&t, i, "case"), tsv_text(&t, i - 1, "case")) != 0) {
            struct breaker_settings settings = read_settings(&t, i);
            breaker_start(&b, &settings, 0);
            all.n = 0;
        }
        const char *answer = apply(&b, &all, tsv_text(&t, i, "op"), tsv_text(&t, i, "ticket"),
                                   (int64_t)tsv_number(&t, i, "t_ms") * MS);
        if (strcmp(answer, tsv_text(&t, i, "expect_rc")) != 0)
            fail_msg("row %zu (%s): %s", i + 1, tsv_text(&t, i, "case"), answer);
        assert_int_equal("CHO"[b.state], *tsv_text(&t, i, "state"));
        assert_int_equal(b.generation, (uint64_t)tsv_number(&t, i, "gen"));
        const uint32_t counts[] = {b.counts.requests,      b.counts.successes,    b.counts.failures,
                                   b.counts.run_successes, b.counts.run_failures, b.counts.excluded};
        static const char *const columns[] = {"req", "succ", "fail", "csucc", "cfail", "excl"};
        for (size_t k = 0; k < COUNT_OF(columns); k++)
            if (counts[k] != (uint32_t)tsv_number(&t, i, columns[k]))
                fail_msg("row %zu (%s): %s is %u", i + 1, tsv_text(&t, i, "case"), columns[k], counts[k]);
    }
    tsv_free(&t);
}

/* ---- the model: tickets and results as a list; every number is counted from it when asked for ---- */

enum fate { OUT, DONE_OK, DONE_FAIL, DONE_EXCLUDED };

struct given {
    int64_t at;
    uint64_t generation;
    enum fate fate;
    int order; /* of the report within the trace */
};

struct model {
    struct breaker_settings s;
    char state;
    uint64_t generation;
    int64_t since;
    struct given given[TICKETS];
    int ngiven, reports;
};

static void model_enter(struct model *m, char state, int64_t now)
{
    m->state = state;
    m->since = now;
    m->generation++;
}

static uint32_t model_count(const struct model *m, int fate)
{
    uint32_t n = 0;
    for (int i = 0; i < m->ngiven; i++)
        n += m->given[i].generation == m->generation && (fate < 0 || m->given[i].fate == (enum fate)fate);
    return n;
}

/* How many of the newest results in a row have this fate; excluded ones do not count either way. */
static uint32_t model_run(const struct model *m, enum fate fate)
{
    uint32_t run = 0;
    int other = 0;
    for (int i = 0; i < m->ngiven; i++)
        if (m->given[i].generation == m->generation &&
            m->given[i].fate == (fate == DONE_OK ? DONE_FAIL : DONE_OK) && m->given[i].order > other)
            other = m->given[i].order;
    for (int i = 0; i < m->ngiven; i++)
        run +=
            m->given[i].generation == m->generation && m->given[i].fate == fate && m->given[i].order > other;
    return run;
}

static void model_time(struct model *m, int64_t now)
{
    int64_t patience = m->s.timeout_us > m->s.budget_us ? m->s.timeout_us : m->s.budget_us;
    if (m->state == 'C' && m->s.interval_us > 0 && now > m->since + m->s.interval_us) {
        model_enter(m, 'C', now);
    } else if (m->state == 'O' && now > m->since + m->s.timeout_us) {
        model_enter(m, 'H', now);
    } else if (m->state == 'H' && m->s.budget_us > 0) {
        for (int i = 0; i < m->ngiven; i++)
            if (m->given[i].generation == m->generation && m->given[i].fate == OUT &&
                now > m->given[i].at + patience) {
                model_enter(m, 'O', now);
                return;
            }
    }
}

static enum breaker_answer model_ask(struct model *m, int64_t now)
{
    model_time(m, now);
    if (m->state == 'O')
        return BREAKER_IS_OPEN;
    if (m->state == 'H' && model_count(m, -1) - model_count(m, DONE_EXCLUDED) >= m->s.max_requests)
        return BREAKER_TOO_MANY;
    m->given[m->ngiven++] = (struct given){now, m->generation, OUT, 0};
    return BREAKER_OK;
}

static bool model_report(struct model *m, int ticket, int64_t now, enum breaker_result result)
{
    static const enum fate fates[] = {DONE_OK, DONE_FAIL, DONE_EXCLUDED};
    model_time(m, now);
    struct given *g = &m->given[ticket];
    bool fresh = g->generation == m->generation && g->fate == OUT;
    if (g->fate == OUT) {
        g->fate = fates[result];
        g->order = ++m->reports;
    }
    if (!fresh)
        return false;
    if (result == BREAKER_FAILURE && (m->state == 'H' || model_run(m, DONE_FAIL) >= m->s.trip))
        model_enter(m, 'O', now);
    else if (result == BREAKER_SUCCESS && m->state == 'H' && model_run(m, DONE_OK) >= m->s.max_requests)
        model_enter(m, 'C', now);
    return true;
}

static void check_same(const struct breaker *b, const struct model *m, long trace)
{
    const struct breaker_counts c = {model_count(m, -1),        model_count(m, DONE_OK),
                                     model_count(m, DONE_FAIL), model_run(m, DONE_OK),
                                     model_run(m, DONE_FAIL),   model_count(m, DONE_EXCLUDED)};
    if ("CHO"[b->state] != m->state || b->generation != m->generation ||
        memcmp(&b->counts, &c, sizeof(c)) != 0)
        fail_msg("trace %ld: the breaker is %c in generation %llu, the model %c in %llu", trace,
                 "CHO"[b->state], (unsigned long long)b -> generation, m -> state,
                 (unsigned long long)m -> generation);
}

static struct breaker_settings random_settings(struct random *r)
{
    return (struct breaker_settings){
        .max_requests = 1 + random_below(r, 3),
        .interval_us = random_below(r, 2) ? 5 + random_below(r, 20) : 0,
        .timeout_us = 1 + random_below(r, 10),
        .trip = 1 + random_below(r, 3),
        .budget_us = random_below(r, 3) ? 1 + random_below(r, 15) : 0,
    };
}

static void run_trace(struct random *r, long trace, unsigned seen[3])
{
    struct model m = {.s = random_settings(r)};
    struct breaker b;
    struct breaker_ticket tickets[TICKETS];
    int64_t now = random_below(r, 10);
    breaker_start(&b, &m.s, now);
    model_enter(&m, 'C', now);
    for (int step = 0, steps = 4 + (int)random_below(r, 24); step < steps; step++) {
        now += random_below(r, 3) ? random_below(r, 3) : random_below(r, 15);
        unsigned op = random_below(r, 8);
        if (op < 3) {
            struct breaker_ticket ticket;
            enum breaker_answer expected = model_ask(&m, now), answer = breaker_ask(&b, now, &ticket);
            assert_int_equal(answer, expected);
            if (answer == BREAKER_OK)
                tickets[m.ngiven - 1] = ticket;
        } else if (op < 6 && m.ngiven > 0) {
            int which = (int)random_below(r, (uint32_t)m.ngiven);
            enum breaker_result result = (enum breaker_result)random_below(r, 3);
            bool expected = model_report(&m, which, now, result);
            assert_int_equal(breaker_report(&b, now, &tickets[which], result), expected);
        } else if (op == 6) {
            model_time(&m, now);
            breaker_state(&b, now);
        } else {
            model_time(&m, now);
            if (m.state == 'O')
                model_enter(&m, 'H', now);
            breaker_reachable(&b, now);
        }
        check_same(&b, &m, trace);
        seen[b.state]++;
    }
}

static void random_traces_agree_with_the_model(void **state)
{
    (void)state;
    struct random r = random_start("breaker traces");
    const char *wanted = getenv("BREAKER_TRACES");
    long n = wanted ? atol(wanted) : 1000000;
    unsigned seen[3] = {0};
    for (long trace = 0; trace < n; trace++)
        run_trace(&r, trace, seen);
    printf("%ld traces: closed %u, half-open %u, open %u\n", n, seen[0], seen[1], seen[2]);
    assert_true(seen[0] > 0 && seen[1] > 0 && seen[2] > 0);
}

static void a_ticket_counts_once(void **state)
{
    (void)state;
    struct breaker b;
    struct breaker_ticket ticket;
    breaker_start(&b, &breaker_default, 0);
    assert_int_equal(breaker_ask(&b, 1, &ticket), BREAKER_OK);
    assert_true(breaker_report(&b, 2, &ticket, BREAKER_FAILURE));
    assert_false(breaker_report(&b, 3, &ticket, BREAKER_FAILURE));
    assert_int_equal(b.counts.failures, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_hold),
        cmocka_unit_test(a_ticket_counts_once),
        cmocka_unit_test(random_traces_agree_with_the_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
