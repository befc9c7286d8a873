/* Connecting, by libpq's asynchronous calls and a waiting loop: it shows the phase, and with verbose errors set
 * in between a refused connection tells its SQLSTATE. Who waits here may wait for ever: the parent has the
 * deadline. */
#include "pg/connect.h"

#include "base/attr.h"
#include "base/clock.h"
#include "model/sqlstate.h"

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
/* A host that takes the connection and then says nothing has this long when the conninfo names others to try: less
 * than the parent gives an attempt. libpq itself goes on only when nobody takes the connection. */
#define HOST_MS 2500

/* What we want unless the user says otherwise in the conninfo; see libpq, "Parameter Key Words". */
static const char *const our_keywords[] = {
    "fallback_application_name", "keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count",
    "tcp_user_timeout",          "gssencmode", "dbname",          "host",               "port",
    "user",                      "password",   "hostaddr",
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

/* Past the name of a function of libpq's. */
static const char *after_function(const char *words)
{
    static const char name[] = "fe_sendauth: ";
    return strncmp(words, name, sizeof(name) - 1) == 0 ? words + sizeof(name) - 1 : words;
}

/* The file of a Unix socket is nowhere else to be seen: who names no host must be told what was tried. */
static void say_socket(struct buf *out, const char *message)
{
    static const char place[] = "connection to server on socket \"";
    const char *path = strncmp(message, place, sizeof(place) - 1) == 0 ? message + sizeof(place) - 1 : NULL;
    const char *end = path ? strstr(path, "\" failed: ") : NULL;
    if (end)
        buf_printf(out, "%.*s: ", (int)(end - path), path);
}

#define ELSEWHERE "name another host by -h or host="

/* What a failure or a refusal leaves open, so that whoever reads it knows what to do next. */
static const struct {
    bool server;                /* words of a server's, not of libpq's */
    const char *begins, *has, *advice;
} advices[] = {
    {false, "/", "No such file", ": no server has that socket: start it, or " ELSEWHERE},
    {false, "/", "Connection refused", ": it was left behind by a server that is gone: start it, or " ELSEWHERE},
    {false, "/", "Permission denied", ": this user may not open that socket"},
    {false, "", "Connection refused", ": nobody listens there: start it, or look at host, port and listen_addresses"},
    {false, "", "could not translate host name", ": mend the name, or look at the DNS"},
    {false, "", "no password supplied", ": put one into ~/.pgpass or PGPASSWORD"},
    {false, "", " unreachable", ": look at the network, its routes and the VPN"},
    {false, "", "No route to host", ": look at the network, its routes and the VPN"},
    {false, "", "server closed the connection", ": it is ending, or no PostgreSQL listens there"},
    {false, "", "expected authentication request", ": no PostgreSQL listens there"},
    {false, "", "invalid response to SSL negotiation", ": no PostgreSQL listens there"},
    {true, "no pg_hba.conf entry", "", ": add a line for it there and reload"},
};

/* PgBouncer says no more than this to whom it does not let into its console. */
static bool is_bouncers(const char *words)
{
    static const char refusal[] = "not allowed";
    return strncmp(words, refusal, sizeof(refusal) - 1) == 0 && strchr("\n", words[sizeof(refusal) - 1]);
}

/* Of its first line. */
static const char *advice(const char *words, bool server)
{
    if (server && is_bouncers(words))
        return ": name this user under stats_users or admin_users in pgbouncer.ini";
    for (size_t i = 0; i < COUNT_OF(advices); i++) {
        const char *at = strstr(words, advices[i].has);
        if (advices[i].server == server && at && at <= words + strcspn(words, "\n") &&
            strncmp(words, advices[i].begins, strlen(advices[i].begins)) == 0)
            return advices[i].advice;
    }
    return "";
}

/* Of several hosts each has a line: the last that is not to be trusted tells more than one that is not there. */
static const char *telling_line(const char *message)
{
    for (const char *end; (end = strchr(message, '\n')) != NULL && trust_advice(end + 1);)
        message = end + 1;
    return message;
}

void session_words(const char *message, char *out, size_t size)
{
    const char *words = message ? after_severity(message) : NULL, *trust = message && !words ? trust_advice(message) : NULL;
    bool server = words != NULL;
    struct buf line = {0};
    if (trust)
        message = telling_line(message);
    if (!server && message && !trust)
        say_socket(&line, message);
    if (!server)
        words = message ? after_function(after_place(message)) : "";
    else if (has_sqlstate(words))
        words += 6 + strspn(words + 6, " ");
    if (trust)
        trust = trust_advice(words);
    buf_add(&line, words, strcspn(words, "\n"));
    snprintf(out, size, "%s%s", buf_text(&line), trust ? trust : advice(buf_text(&line), server));
    buf_free(&line);
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
    if (!after_severity(message) && trust_advice(message))
        snprintf(r->sqlstate, sizeof(r->sqlstate), "%s", SQLSTATE_UNTRUSTED);
    if (!r->words[0])
        snprintf(r->words, sizeof(r->words), "%s", "the connection failed without a word from the server");
}

static enum wire_phase phase_of(ConnStatusType status)
{
    return status == CONNECTION_STARTED || status == CONNECTION_NEEDED ? WIRE_CONNECT : WIRE_AUTHENTICATE;
}

/* False: the server was silent for too long, ms; -1: for ever. */
static bool wait_for(const PGconn *conn, PostgresPollingStatusType want, int ms)
{
    struct pollfd p = {.fd = PQsocket(conn), .events = want == PGRES_POLLING_READING ? POLLIN : POLLOUT};
    int n;
    do
        n = poll(&p, 1, ms);
    while (n < 0 && errno == EINTR);
    return n != 0;
}

static void swallow_notice(void *arg, const PGresult *result)
{
    (void)arg;
    (void)result;
}

/* ---- the hosts of a conninfo, which may be several ---- */

/* Lists as libpq takes them, stronger than what the conninfo says; NULL: as that says. */
struct hosts {
    const char *host, *hostaddr, *port;
    PQconninfoOption *options;      /* that the strings lie in; NULL: somebody else's */
};

static bool is_first(const char *list, const char *item)
{
    size_t len = list ? strcspn(list, ",") : 0;
    return item && strlen(item) == len && strncmp(list, item, len) == 0;
}

/* What is left of the hosts after the one that conn is at. False: nothing. Frees nothing of *h on failure. */
static bool next_hosts(PGconn *conn, struct hosts *h)
{
    PQconninfoOption *o = PQconninfo(conn);
    if (!o)
        return false;
    const char *host = conninfo_value(o, "host"), *address = conninfo_value(o, "hostaddr"), *port = conninfo_value(o, "port");
    int n = list_length(address ? address : host), at = 0;
    while (at < n && !(is_first(list_tail(host ? host : address, at), PQhost(conn)) &&
                       is_first(list_tail(port, at), PQport(conn))))
        at++;
    if (at + 1 >= n) {
        PQconninfoFree(o);
        return false;
    }
    PQconninfoFree(h->options);
    *h = (struct hosts){list_tail(host, at + 1), list_tail(address, at + 1), list_tail(port, at + 1), o};
    return true;
}

/* ---- an attempt ---- */

/* Later keywords are stronger than earlier ones, and than what dbname is expanded to. */
static PGconn *start(const struct connect_to *to, const struct hosts *h, const char *password)
{
    const char *values[NKEYWORDS + 1] = {"pgvigil", "1",          "2",     "1",     "2",      "3000",   "disable",
                                         to->conninfo, h->host, h->port, to->user, password, h->hostaddr};
    const char *keywords[NKEYWORDS + 1];
    memcpy(keywords, our_keywords, sizeof(our_keywords));
    keywords[NKEYWORDS] = NULL;
    return PQconnectStartParams(keywords, values, 1);
}

enum outcome { CONNECTED, REFUSED, SILENT_ADDRESS, SILENT_HOST, DISTRUSTED };

/* Until the server lets us in, refuses, is not to be trusted, or a host keeps us waiting while others are left. */
static enum outcome follow(PGconn *conn, bool others, session_progress *progress, void *arg, const char **objection)
{
    PostgresPollingStatusType want = PGRES_POLLING_WRITING;
    enum outcome failed = REFUSED;
    int64_t taken_us = 0;
    while (want != PGRES_POLLING_OK && want != PGRES_POLLING_FAILED) {
        bool opening = PQstatus(conn) == CONNECTION_STARTED;
        int64_t now_us = clock_boot_us();
        taken_us = opening ? 0 : taken_us ? taken_us : now_us;
        int64_t left_ms = HOST_MS - (now_us - taken_us) / US_PER_MS;
        progress(arg, phase_of(PQstatus(conn)), PQsocket(conn));
        if (!wait_for(conn, want, opening ? ADDRESS_MS : !others ? -1 : left_ms > 0 ? (int)left_ms : 0)) {
            if (!opening)
                return SILENT_HOST;
            shutdown(PQsocket(conn), SHUT_RDWR);        /* makes libpq go on to the next address */
            failed = SILENT_ADDRESS;
        }
        if ((*objection = trust_objection(conn)) != NULL)
            return DISTRUSTED;
        want = PQconnectPoll(conn);
    }
    return want == PGRES_POLLING_OK ? CONNECTED : failed;
}

static enum outcome attempt(PGconn *conn, bool others, session_progress *progress, void *arg, struct refusal *r)
{
    if (!conn || PQstatus(conn) == CONNECTION_BAD) {
        fill_refusal(conn, r);
        return REFUSED;
    }
    PQsetErrorVerbosity(conn, PQERRORS_VERBOSE);
    PQsetNoticeReceiver(conn, swallow_notice, NULL);
    const char *objection;
    enum outcome outcome = follow(conn, others, progress, arg, &objection);
    if (outcome == CONNECTED || outcome == SILENT_HOST)
        return outcome;
    if (outcome == DISTRUSTED) {
        *r = (struct refusal){.sqlstate = SQLSTATE_UNTRUSTED};
        snprintf(r->words, sizeof(r->words), "%s", objection);
        return REFUSED;
    }
    fill_refusal(conn, r);
    if (outcome == SILENT_ADDRESS && !r->sqlstate[0] && !r->needs_password)
        snprintf(r->words, sizeof(r->words), "no connection within %.1f s: a firewall drops it, or the machine is off",
                 ADDRESS_MS / 1000.0);
    return outcome;
}

PGconn *connect_start(const struct connect_to *to, const char *password, session_progress *progress, void *arg,
                      struct refusal *r)
{
    struct hosts hosts = {.host = to->host, .port = to->port};
    struct places places = {0};
    enum outcome outcome;
    PGconn *conn;
    trust_prepare(to);
    if (to->peers) {
        progress(arg, WIRE_RESOLVE, -1);
        if (!places_find(&places, to, r))
            return NULL;
        hosts = (struct hosts){buf_text(&places.host), buf_text(&places.address), buf_text(&places.port), NULL};
    }
    do {
        progress(arg, WIRE_RESOLVE, -1);
        conn = start(to, &hosts, password);
        struct hosts left = {0};
        bool others = conn && next_hosts(conn, &left);
        PQconninfoFree(left.options);
        outcome = attempt(conn, others, progress, arg, r);
        if (outcome == SILENT_HOST && !next_hosts(conn, &hosts)) {
            snprintf(r->words, sizeof(r->words), "the server did not let us in within %.1f s", HOST_MS / 1000.0);
            outcome = REFUSED;
        }
        if (outcome != CONNECTED) {
            PQfinish(conn);
            conn = NULL;
        }
    } while (outcome == SILENT_HOST);
    PQconninfoFree(hosts.options);
    places_free(&places);
    return conn;
}
