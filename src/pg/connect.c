/* Connecting, by libpq's asynchronous calls and a waiting loop: it shows the phase, and with verbose errors set
 * in between a refused connection tells its SQLSTATE. Who waits here may wait for ever: the parent has the
 * deadline. */
#include "pg/connect.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What we want unless the user says otherwise in the conninfo; see libpq, "Parameter Key Words". */
static const char *const our_keywords[] = {
    "fallback_application_name", "keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count",
    "tcp_user_timeout",          "gssencmode", "dbname",          "password",
};
#define NKEYWORDS (sizeof(our_keywords) / sizeof(our_keywords[0]))

void session_words(const char *message, char *out, size_t size)
{
    static const char *const noise[] = {"FATAL:  ", "ERROR:  ", "PANIC:  "};
    const char *start = message ? message : "";
    for (size_t i = 0; i < sizeof(noise) / sizeof(noise[0]); i++) {
        const char *at = strstr(start, noise[i]);
        if (at) {
            start = at + strlen(noise[i]);
            break;
        }
    }
    if (strlen(start) > 7 && start[5] == ':' && start[6] == ' ')      /* the SQLSTATE of verbose errors */
        start += 5 + 1 + strspn(start + 6, " ");
    snprintf(out, size, "%.*s", (int)strcspn(start, "\n"), start);
}

/* "FATAL:  28P01: password ..." anywhere in the text. */
static void find_sqlstate(const char *message, char out[6])
{
    static const char *const severities[] = {"FATAL:  ", "ERROR:  ", "PANIC:  "};
    out[0] = '\0';
    for (size_t i = 0; i < sizeof(severities) / sizeof(severities[0]); i++) {
        const char *at = strstr(message, severities[i]);
        if (!at)
            continue;
        at += strlen(severities[i]);
        if (strspn(at, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 5 && at[5] == ':')
            snprintf(out, 6, "%.5s", at);
        return;
    }
}

static void fill_refusal(PGconn *conn, struct refusal *r)
{
    const char *message = conn ? PQerrorMessage(conn) : "out of memory";
    find_sqlstate(message, r->sqlstate);
    r->needs_password = conn && PQconnectionNeedsPassword(conn);
    session_words(message, r->words, sizeof(r->words));
    if (!r->words[0])
        snprintf(r->words, sizeof(r->words), "%s", "the connection failed without a word from the server");
}

static enum wire_phase phase_of(ConnStatusType status)
{
    return status == CONNECTION_STARTED || status == CONNECTION_NEEDED ? PHASE_CONNECT : PHASE_AUTHENTICATE;
}

static void wait_for(int fd, PostgresPollingStatusType want)
{
    struct pollfd p = {.fd = fd, .events = want == PGRES_POLLING_READING ? POLLIN : POLLOUT};
    poll(&p, 1, -1);
}

static void swallow_notice(void *arg, const PGresult *result)
{
    (void)arg;
    (void)result;
}

static PGconn *start(const char *conninfo, const char *password)
{
    const char *values[NKEYWORDS + 1] = {"pgvigil", "1", "2", "1", "2", "3000", "disable", conninfo, password};
    const char *keywords[NKEYWORDS + 1];
    memcpy(keywords, our_keywords, sizeof(our_keywords));
    keywords[NKEYWORDS] = NULL;
    return PQconnectStartParams(keywords, values, 1);
}

PGconn *connect_to(const char *conninfo, const char *password, session_progress *progress, void *arg,
                   struct refusal *r)
{
    progress(arg, PHASE_RESOLVE, -1);
    PGconn *conn = start(conninfo, password);
    if (!conn || PQstatus(conn) == CONNECTION_BAD) {
        fill_refusal(conn, r);
        PQfinish(conn);
        return NULL;
    }
    PQsetErrorVerbosity(conn, PQERRORS_VERBOSE);
    PQsetNoticeReceiver(conn, swallow_notice, NULL);
    PostgresPollingStatusType want = PGRES_POLLING_WRITING;
    while (want != PGRES_POLLING_OK && want != PGRES_POLLING_FAILED) {
        progress(arg, phase_of(PQstatus(conn)), PQsocket(conn));
        wait_for(PQsocket(conn), want);
        want = PQconnectPoll(conn);
    }
    if (want == PGRES_POLLING_OK)
        return conn;
    fill_refusal(conn, r);
    PQfinish(conn);
    return NULL;
}

static const char *option_value(const PQconninfoOption *options, const char *keyword)
{
    for (; options->keyword; options++)
        if (strcmp(options->keyword, keyword) == 0 && options->val && options->val[0])
            return options->val;
    return NULL;
}

static const char *or_else(const char *value, const char *fallback)
{
    return value ? value : fallback;
}

/* Two passes: libpq parses the string alone, then its defaults fill in the rest. */
void session_where(const char *conninfo, struct buf *out)
{
    bool is_conninfo = strchr(conninfo, '=') || strstr(conninfo, "://");
    PQconninfoOption *given = is_conninfo ? PQconninfoParse(conninfo, NULL) : NULL;
    PQconninfoOption *defaults = PQconndefaults();
    const PQconninfoOption none = {0};
    const PQconninfoOption *g = given ? given : &none, *d = defaults ? defaults : &none;
    const char *user = or_else(option_value(g, "user"), or_else(option_value(d, "user"), ""));
    const char *host = or_else(option_value(g, "host"), option_value(g, "hostaddr"));
    host = or_else(host, or_else(option_value(d, "host"), "local"));
    const char *port = or_else(option_value(g, "port"), or_else(option_value(d, "port"), "5432"));
    const char *database = is_conninfo ? option_value(g, "dbname") : conninfo[0] ? conninfo : NULL;
    database = or_else(database, or_else(option_value(d, "dbname"), user));
    const char *service = or_else(option_value(g, "service"), NULL);
    if (service)
        buf_printf(out, "service %s", service);
    else
        buf_printf(out, "%s@%s:%s/%s", user, host, port, database);
    PQconninfoFree(given);
    PQconninfoFree(defaults);
}
