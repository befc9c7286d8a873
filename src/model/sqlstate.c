/* Failures and what to do about them, as tables. */
#include "model/sqlstate.h"

#include "base/attr.h"

#include <string.h>

/* Probe, write, reconnect, breaker; then what is not 0. */
#define DO(probe, write, reconnect, count, ...) {PROBE_##probe, WRITE_##write, reconnect, COUNT_##count, ##__VA_ARGS__}

enum { ERROR, FATAL };

/* clang-format off */
static const struct {
    const char *word;
    struct retry retry;
} client_failures[CLIENT_FAILURE_COUNT_] = {
    [CLIENT_CONNECT_REFUSED] = {"connect_refused", DO(RETRY, RETRY, true, FAIL, .why = "connection refused")},
    [CLIENT_CONNECT_TIMEOUT] = {"connect_timeout", DO(RETRY, RETRY, true, FAIL, .why = "no answer in time")},
    [CLIENT_DNS_FAIL] = {"dns_fail", DO(RETRY, RETRY, true, FAIL, .why = "name look-up failed")},
    [CLIENT_TLS_VERIFY_FAIL] = {"tls_verify_fail", DO(STOP, STOP, false, EXCLUDED, .why = "the certificate could not be verified")},
    [CLIENT_NO_PASSWORD_SUPPLIED] = {"no_password_supplied", DO(STOP, STOP, false, EXCLUDED, .why = "a password is needed")},
    [CLIENT_CONN_LOST_IDLE] = {"conn_lost_idle", DO(RETRY, RETRY, true, FAIL, .why = "connection lost while idle")},
    [CLIENT_CONN_LOST_IN_QUERY] = {"conn_lost_in_query", DO(RETRY, UNKNOWN, true, FAIL, .why = "connection lost in a query")},
    [CLIENT_CONN_LOST_IN_COMMIT] = {"conn_lost_in_commit", DO(RETRY, UNKNOWN, true, FAIL, .why = "connection lost in COMMIT")},
};

const struct sqlstate_row sqlstate_rows[] = {
    {"08000", FATAL, PHASE_ANY, DO(RETRY, UNKNOWN, true, FAIL)},
    {"08001", FATAL, PHASE_CONNECT, DO(RETRY, RETRY, true, FAIL)},
    {"08003", ERROR, PHASE_ANY, DO(RETRY, UNKNOWN, true, FAIL)},
    {"08004", FATAL, PHASE_CONNECT, DO(RETRY_SLOW, STOP, true, FAIL, .pause_s = 5)},
    {"08006", FATAL, PHASE_ANY, DO(RETRY, UNKNOWN, true, FAIL)},
    {"08007", ERROR, PHASE_COMMIT, DO(RETRY, UNKNOWN, true, FAIL, .why = "the outcome of the transaction is unknown")},
    {"08P01", FATAL, PHASE_CONNECT, DO(STOP, STOP, false, EXCLUDED, .why = "refused by a pooler, or not PostgreSQL")},
    {"08P01", FATAL, PHASE_QUERY, DO(RETRY_SLOW, UNKNOWN, true, FAIL, .pause_s = 5, .why = "protocol violation, or a pooler gave up")},
    {"40001", ERROR, PHASE_QUERY, DO(RETRY, RETRY, false, OK, .why = "conflict with another transaction or with recovery")},
    {"40001", FATAL, PHASE_QUERY, DO(RETRY, UNKNOWN, true, OK, .why = "conflict with another transaction or with recovery")},
    {"40P01", ERROR, PHASE_QUERY, DO(RETRY, RETRY, false, OK, .tries = 3, .why = "deadlock")},
    {"40002", ERROR, PHASE_QUERY, DO(STOP, STOP, false, OK)},
    {"40003", ERROR, PHASE_ANY, DO(RETRY, UNKNOWN, true, FAIL, .why = "the outcome of the statement is unknown")},
    {"53000", ERROR, PHASE_QUERY, DO(NEXT_TICK, STOP, false, FAIL)},
    {"53100", ERROR, PHASE_QUERY, DO(NEXT_TICK, STOP, false, FAIL, .critical = true, .why = "the disk is full")},
    {"53200", ERROR, PHASE_QUERY, DO(NEXT_TICK, STOP, false, FAIL, .why = "the server is out of memory")},
    {"53300", FATAL, PHASE_CONNECT, DO(RETRY_SLOW, STOP, true, FAIL, .pause_s = 5, .why = "too many connections")},
    {"53400", ERROR, PHASE_ANY, DO(STOP, STOP, false, OK)},
    {"55P03", ERROR, PHASE_QUERY, DO(NEXT_TICK, ASK, false, OK, .why = "locked by somebody else")},
    {"55006", ERROR, PHASE_QUERY, DO(NEXT_TICK, ASK, false, OK, .why = "in use")},
    {"55000", ERROR, PHASE_QUERY, DO(REDETECT, STOP, false, OK, .why = "not possible in the role the server has now")},
    {"57014", ERROR, PHASE_QUERY, DO(NEXT_TICK, ASK, false, SLOW, .why = "cancelled, or out of time")},
    {"57P01", FATAL, PHASE_ANY, DO(RETRY, UNKNOWN, true, FAIL, .why = "the session was ended")},
    {"57P02", FATAL, PHASE_ANY, DO(RETRY, UNKNOWN, true, FAIL, .why = "the server crashed")},
    {"57P03", FATAL, PHASE_CONNECT, DO(RETRY, RETRY, true, FAIL, .why = "the server is starting or stopping")},
    {"57P04", FATAL, PHASE_ANY, DO(STOP, STOP, false, EXCLUDED, .why = "the database was dropped")},
    {"57P05", FATAL, PHASE_ANY, DO(RETRY, RETRY, true, OK, .why = "idle for too long")},
    {"25P03", FATAL, PHASE_ANY, DO(RETRY, UNKNOWN, true, OK, .why = "idle in a transaction for too long")},
    {"25P04", FATAL, PHASE_ANY, DO(RETRY, UNKNOWN, true, OK, .why = "the transaction took too long")},
    {"25P02", ERROR, PHASE_QUERY, DO(ROLLBACK, ROLLBACK, false, OK)},
    {"25006", ERROR, PHASE_QUERY, DO(REDETECT, STOP, false, OK, .why = "the server is read-only: a standby")},
    {"28000", FATAL, PHASE_CONNECT, DO(STOP, STOP, false, EXCLUDED, .pause_s = 60, .why = "not allowed to connect")},
    {"28P01", FATAL, PHASE_CONNECT, DO(STOP, STOP, false, EXCLUDED, .pause_s = 60, .why = "wrong password")},
    {"3D000", FATAL, PHASE_CONNECT, DO(STOP, STOP, false, EXCLUDED, .why = "there is no such database")},
    {"42501", ERROR, PHASE_QUERY, DO(DISABLE, STOP, false, OK, .pause_s = 300, .why = "permission denied")},
    {"42P01", ERROR, PHASE_QUERY, DO(DISABLE, STOP, false, OK, .pause_s = 300, .why = "there is no such table")},
    {"42703", ERROR, PHASE_QUERY, DO(DISABLE, STOP, false, OK, .pause_s = 300, .why = "there is no such column")},
    {"42883", ERROR, PHASE_QUERY, DO(DISABLE, STOP, false, OK, .pause_s = 300, .why = "there is no such function")},
    {"42601", ERROR, PHASE_QUERY, DO(DISABLE, STOP, false, OK, .pause_s = 300)},
    {"22021", ERROR, PHASE_QUERY, DO(RAW_MODE, STOP, false, OK, .why = "text that is not valid in its encoding")},
    {"23505", ERROR, PHASE_QUERY, DO(STOP, STOP, false, OK)},
    {"22P02", ERROR, PHASE_QUERY, DO(DISABLE, STOP, false, OK, .pause_s = 300)},
    {"58030", ERROR, PHASE_QUERY, DO(NEXT_TICK, STOP, false, FAIL, .critical = true, .why = "I/O error")},
    {"58P01", ERROR, PHASE_QUERY, DO(NEXT_TICK, STOP, false, OK)},
    {"XX000", ERROR, PHASE_QUERY, DO(NEXT_TICK, STOP, false, OK)},
    {"XX001", ERROR, PHASE_QUERY, DO(NEXT_TICK, STOP, false, OK, .critical = true, .why = "data corrupted")},
    {"XX002", ERROR, PHASE_QUERY, DO(NEXT_TICK, STOP, false, OK, .critical = true, .why = "index corrupted")},
};

/* What no row names. */
static const struct retry fatal_at_connect = DO(RETRY, STOP, true, FAIL);
static const struct retry fatal_later = DO(RETRY, UNKNOWN, true, FAIL);
static const struct retry wrong_question = DO(DISABLE, STOP, false, OK, .pause_s = 300);
static const struct retry resources = DO(NEXT_TICK, STOP, false, FAIL);
static const struct retry other_error = DO(NEXT_TICK, STOP, false, OK);
/* clang-format on */

const size_t sqlstate_nrows = COUNT_OF(sqlstate_rows);

static bool is_class(const char *sqlstate, const char *class)
{
    return strncmp(sqlstate, class, 2) == 0;
}

static const struct retry *by_class(const char *sqlstate, bool fatal, enum failure_phase phase)
{
    if (fatal)
        return phase == PHASE_CONNECT ? &fatal_at_connect : &fatal_later;
    if (is_class(sqlstate, "08"))
        return &fatal_later;
    if (is_class(sqlstate, "42") || is_class(sqlstate, "22") || is_class(sqlstate, "0A"))
        return &wrong_question;
    return is_class(sqlstate, "53") || is_class(sqlstate, "58") ? &resources : &other_error;
}

static const struct retry *find(const char *sqlstate, bool fatal, enum failure_phase phase)
{
    for (size_t i = 0; i < sqlstate_nrows; i++) {
        const struct sqlstate_row *row = &sqlstate_rows[i];
        if (row->fatal == fatal && (row->phase == phase || row->phase == PHASE_ANY) &&
            strcmp(row->sqlstate, sqlstate) == 0)
            return &row->retry;
    }
    return NULL;
}

const struct retry *sqlstate_retry(const char *sqlstate, bool fatal, enum failure_phase phase)
{
    if (strcmp(sqlstate, SQLSTATE_UNTRUSTED) == 0)
        return client_failure_retry(CLIENT_TLS_VERIFY_FAIL);
    const struct retry *retry = find(sqlstate, fatal, phase);
    /* An ERROR from COMMIT has rolled back, as one from a query has. */
    if (!retry && phase == PHASE_COMMIT && !fatal)
        retry = find(sqlstate, fatal, PHASE_QUERY);
    return retry ? retry : by_class(sqlstate, fatal, phase);
}

const struct retry *client_failure_retry(enum client_failure failure)
{
    return &client_failures[failure].retry;
}

const char *client_failure_word(enum client_failure failure)
{
    return client_failures[failure].word;
}
