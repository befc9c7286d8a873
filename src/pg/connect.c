/* Connecting, by libpq's asynchronous calls and a waiting loop: it shows the phase, and with verbose errors set
 * in between a refused connection tells its SQLSTATE. Who waits here may wait for ever: the parent has the
 * deadline. */
#include "pg/connect.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* libpq waits for ever for an address that does not answer, and the parent would end us before the next one of
 * the name, or the next host of the list, is tried. */
#define ADDRESS_MS 1500

/* What we want unless the user says otherwise in the conninfo; see libpq, "Parameter Key Words". */
static const char *const our_keywords[] = {
    "fallback_application_name", "keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count",
    "tcp_user_timeout",          "gssencmode", "dbname",          "host",               "port",
    "user",                      "password",
};
#define NKEYWORDS (sizeof(our_keywords) / sizeof(our_keywords[0]))

/* What follows the severity, which the server gives in its own language and libpq ends with a colon and two
 * blanks; NULL: these are no words of a server's. */
static const char *after_severity(const char *message)
{
    const char *at = strstr(message, ":  ");
    return at ? at + 3 : NULL;
}

/* The SQLSTATE of verbose errors, as in "28P01: password ...". */
static bool has_sqlstate(const char *words)
{
    return strspn(words, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 5 && words[5] == ':';
}

/* Past "connection to server at "db1" (10.0.0.1), port 5432 failed: ". The page says where it connects to anyway, and
 * on a narrow one the reason would fall off its end. */
static const char *after_place(const char *message)
{
    static const char place[] = "connection to server ", end[] = " failed: ";
    const char *at = strncmp(message, place, sizeof(place) - 1) == 0 ? strstr(message, end) : NULL;
    return at ? at + sizeof(end) - 1 : message;
}

void session_words(const char *message, char *out, size_t size)
{
    const char *words = message ? after_severity(message) : NULL;
    if (!words)
        words = message ? after_place(message) : "";
    else if (has_sqlstate(words))
        words += 6 + strspn(words + 6, " ");
    snprintf(out, size, "%.*s", (int)strcspn(words, "\n"), words);
}

static void find_sqlstate(const char *message, char out[6])
{
    const char *words = after_severity(message);
    snprintf(out, 6, "%.5s", words && has_sqlstate(words) ? words : "");
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

/* False: this address was silent for too long. Its socket is shut down, which makes libpq go on to the next. */
static bool wait_for(const PGconn *conn, PostgresPollingStatusType want)
{
    bool opening = PQstatus(conn) == CONNECTION_STARTED;
    struct pollfd p = {.fd = PQsocket(conn), .events = want == PGRES_POLLING_READING ? POLLIN : POLLOUT};
    int n;
    do
        n = poll(&p, 1, opening ? ADDRESS_MS : -1);
    while (n < 0 && errno == EINTR);
    if (n == 0)
        shutdown(p.fd, SHUT_RDWR);
    return n != 0;
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
    bool silent = false;
    while (want != PGRES_POLLING_OK && want != PGRES_POLLING_FAILED) {
        progress(arg, phase_of(PQstatus(conn)), PQsocket(conn));
        silent |= !wait_for(conn, want);
        want = PQconnectPoll(conn);
    }
    if (want == PGRES_POLLING_OK)
        return conn;
    fill_refusal(conn, r);
    if (silent && !r->sqlstate[0] && !r->needs_password)
        snprintf(r->words, sizeof(r->words), "no connection within %.1f s", ADDRESS_MS / 1000.0);
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
