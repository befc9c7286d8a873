/* What to do after a failure: the vectors and the table must be one. */
#include "base/attr.h"
#include "model/sqlstate.h"
#include "tsv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const char *const probes[] = {"RETRY",   "RETRY_SLOW", "NEXT_TICK", "STOP",
                                     "DISABLE", "REDETECT",   "RAW_MODE",  "ROLLBACK"};
static const char *const writes[] = {"RETRY", "UNKNOWN", "ASK", "STOP", "ROLLBACK"};
static const char *const counts[] = {"FAIL", "OK", "EXCLUDED", "SLOW"};
static const char *const phases[] = {"connect", "query", "commit", "any"};

static int client_failure(const char *phase)
{
    for (int i = 0; i < CLIENT_FAILURE_COUNT_; i++)
        if (strcmp(client_failure_word((enum client_failure)i), phase) == 0)
            return i;
    fail_msg("there is no client failure %s", phase);
    return -1;
}

static void check_row(const struct tsv *t, size_t i, const struct retry *retry)
{
    if (strcmp(probes[retry->probe], tsv_text(t, i, "probe_action")) != 0 ||
        strcmp(writes[retry->write], tsv_text(t, i, "write_action")) != 0 ||
        strcmp(retry->reconnect ? "Y" : "N", tsv_text(t, i, "reconnect")) != 0 ||
        strcmp(counts[retry->breaker], tsv_text(t, i, "breaker")) != 0)
        fail_msg("row %zu: %s %s differs", i + 1, tsv_text(t, i, "sqlstate"), tsv_text(t, i, "phase"));
    assert_int_equal(retry->critical, strstr(tsv_text(t, i, "note"), "CRIT") != NULL);
    assert_int_equal(retry->tries, strstr(tsv_text(t, i, "note"), "max 3") ? 3 : 0);
    if (strstr(tsv_text(t, i, "note"), "/5 s"))
        assert_int_equal(retry->pause_s, 5);
    if (strstr(tsv_text(t, i, "note"), "/60 s"))
        assert_int_equal(retry->pause_s, 60);
    if (retry->probe == PROBE_DISABLE)
        assert_int_equal(retry->pause_s, 300);
    if (retry->probe == PROBE_RETRY_SLOW)
        assert_true(retry->pause_s > 0);
}

static void vectors_hold(void **state)
{
    (void)state;
    struct tsv t = tsv_read("retry_sqlstate.tsv");
    size_t with_state = 0;
    for (size_t i = 0; i < t.nrows; i++) {
        const char *sqlstate = tsv_text(&t, i, "sqlstate"), *phase = tsv_text(&t, i, "phase");
        if (*sqlstate == '-') {
            check_row(&t, i, client_failure_retry((enum client_failure)client_failure(phase)));
            continue;
        }
        with_state++;
        bool fatal = strcmp(tsv_text(&t, i, "severity"), "FATAL") == 0;
        enum failure_phase p = (enum failure_phase)tsv_word(phase, phases, COUNT_OF(phases));
        for (int k = PHASE_CONNECT; k < PHASE_ANY; k++)
            if (p == PHASE_ANY || p == (enum failure_phase)k)
                check_row(&t, i, sqlstate_retry(sqlstate, fatal, (enum failure_phase)k));
    }
    assert_int_equal(with_state, sqlstate_nrows);
    assert_int_equal(t.nrows - with_state, CLIENT_FAILURE_COUNT_);
    tsv_free(&t);
}

static void what_no_row_names_gets_a_careful_answer(void **state)
{
    (void)state;
    assert_int_equal(sqlstate_retry("57000", true, PHASE_QUERY)->write, WRITE_UNKNOWN);
    assert_true(sqlstate_retry("57000", true, PHASE_QUERY)->reconnect);
    assert_int_equal(sqlstate_retry("57000", true, PHASE_CONNECT)->write, WRITE_STOP);
    assert_int_equal(sqlstate_retry("42P07", false, PHASE_QUERY)->probe, PROBE_DISABLE);
    assert_int_equal(sqlstate_retry("53999", false, PHASE_QUERY)->breaker, COUNT_FAIL);
    assert_int_equal(sqlstate_retry("P0001", false, PHASE_QUERY)->probe, PROBE_NEXT_TICK);
    assert_int_equal(sqlstate_retry("08999", false, PHASE_QUERY)->write, WRITE_UNKNOWN);
    assert_int_equal(sqlstate_retry("40001", false, PHASE_COMMIT)->write, WRITE_RETRY);
    assert_int_equal(sqlstate_retry("", false, PHASE_QUERY)->write, WRITE_STOP);
}

/* A write is repeated only where it is proven that nothing was done. */
static void writes_are_repeated_only_by_proof(void **state)
{
    (void)state;
    static const char *const proven[] = {"08001", "57P03", "57P05", "40001", "40P01"};
    for (size_t i = 0; i < sqlstate_nrows; i++) {
        bool known = false;
        for (size_t k = 0; k < COUNT_OF(proven); k++)
            known |= strcmp(sqlstate_rows[i].sqlstate, proven[k]) == 0;
        assert_true(known || sqlstate_rows[i].retry.write != WRITE_RETRY);
    }
    assert_int_equal(client_failure_retry(CLIENT_CONN_LOST_IN_QUERY)->write, WRITE_UNKNOWN);
    assert_int_equal(client_failure_retry(CLIENT_CONN_LOST_IN_COMMIT)->write, WRITE_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_hold),
        cmocka_unit_test(what_no_row_names_gets_a_careful_answer),
        cmocka_unit_test(writes_are_repeated_only_by_proof),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
