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
    "tcp_user_timeout",          "gssencmode", "dbname",          "host",               "port",
    "user",                      "password",
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
    return status == CONNECTION_STARTED || status == CONNECTION_NEEDED ? WIRE_CONNECT : WIRE_AUTHENTICATE;
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

/* Later keywords are stronger than earlier ones, and than what dbname is expanded to. */
static PGconn *start(const struct connect_to *to, const char *password)
{
    const char *values[NKEYWORDS + 1] = {"pgvigil", "1",      "2",      "1",      "2",     "3000",
                                         "disable", to->conninfo, to->host, to->port, to->user, password};
    const char *keywords[NKEYWORDS + 1];
    memcpy(keywords, our_keywords, sizeof(our_keywords));
    keywords[NKEYWORDS] = NULL;
    return PQconnectStartParams(keywords, values, 1);
}

PGconn *connect_start(const struct connect_to *to, const char *password, session_progress *progress, void *arg,
                      struct refusal *r)
{
    progress(arg, WIRE_RESOLVE, -1);
    PGconn *conn = start(to, password);
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

/* The first that is given: beside the conninfo, in it, or by libpq's defaults. */
static const char *choose(const char *beside, const PQconninfoOption *given, const PQconninfoOption *defaults,
                          const char *keyword, const char *otherwise)
{
    if (beside)
        return beside;
    const char *value = option_value(given, keyword);
    if (!value)
        value = option_value(defaults, keyword);
    return value ? value : otherwise;
}

void session_where(const struct connect_to *to, struct buf *out)
{
    const PQconninfoOption none = {0};
    bool is_conninfo = strchr(to->conninfo, '=') || strstr(to->conninfo, "://");
    PQconninfoOption *given = is_conninfo ? PQconninfoParse(to->conninfo, NULL) : NULL;
    PQconninfoOption *defaults = PQconndefaults();
    const PQconninfoOption *g = given ? given : &none, *d = defaults ? defaults : &none;
    const char *service = option_value(g, "service");
    const char *user = choose(to->user, g, d, "user", "");
    const char *name = !is_conninfo && to->conninfo[0] ? to->conninfo : NULL;
    if (service)
        buf_printf(out, "service %s", service);
    else
        buf_printf(out, "%s@%s:%s/%s", user, choose(to->host, g, d, "host", "local"),
                   choose(to->port, g, d, "port", "5432"), choose(name, g, d, "dbname", user));
    PQconninfoFree(given);
    PQconninfoFree(defaults);
}
