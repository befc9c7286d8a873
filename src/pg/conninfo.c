/* What a conninfo means, and what is wrong with it, as libpq reads it. Nothing here goes to a server or looks up a
 * name. */
#include "pg/connect.h"

#include "base/attr.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *conninfo_value(const PQconninfoOption *options, const char *keyword)
{
    for (; options->keyword; options++)
        if (strcmp(options->keyword, keyword) == 0 && options->val && options->val[0])
            return options->val;
    return NULL;
}

int list_length(const char *list)
{
    int n = 1;
    while (list && (list = strchr(list, ',')) != NULL) {
        list++;
        n++;
    }
    return n;
}

const char *list_tail(const char *list, int n)
{
    if (!list || list_length(list) == 1)
        return list;
    while (n-- > 0 && list)
        if ((list = strchr(list, ',')) != NULL)
            list++;
    return list;
}

/* ---- a password that would be taken for something else ---- */

static bool is_uri(const char *conninfo)
{
    return strncmp(conninfo, "postgresql://", 13) == 0 || strncmp(conninfo, "postgres://", 11) == 0;
}

/* Where a password holds a "/" or an "@", libpq takes the rest of it for a host, a port or a database, and finds no
 * fault. Two "@" side by side are the end of the password and a socket without a file. */
static bool is_torn(const char *uri)
{
    const char *host = strstr(uri, "://") + 3, *user_end = memchr(host, '@', strcspn(host, "/"));
    if (user_end)
        host = user_end + 1 + (user_end[1] == '@');
    const char *path = host + strcspn(host, "/?");
    return memchr(host, '@', (size_t)(path - host)) || (*path == '/' && memchr(path, '@', strcspn(path, "?")));
}

/* A URI of another kind, or one without its head: libpq takes it for the name of a database, and sends it. */
static bool is_foreign(const char *name)
{
    const char *colon = name ? strchr(name, ':') : NULL;
    return colon && (strstr(name, "://") || strchr(colon, '@'));
}

#define HEAD_WORDS "a URI has to begin with postgresql:// or postgres://"

/* What to do about it, without a word of it; NULL: nothing. */
static const char *misreading(const char *conninfo)
{
    const char *head = strstr(conninfo, "://");
    if (is_uri(conninfo))
        return is_torn(conninfo) ? "in the user and the password of a URI, write / as %2F and @ as %40" : NULL;
    if (head)
        return memchr(conninfo, '=', (size_t)(head - conninfo)) ? NULL : HEAD_WORDS;
    return !strchr(conninfo, '=') && is_foreign(conninfo) ? HEAD_WORDS : NULL;
}

/* The same, where a name has come in by a keyword, an option or the environment. */
static const char *misplaced(const PQconninfoOption *options, const char *conninfo)
{
    const char *host = conninfo_value(options, "host");
    bool wrong = (!is_uri(conninfo) && is_foreign(conninfo_value(options, "dbname"))) || (host && strstr(host, "://"));
    return wrong ? "a URI stands alone, in place of the conninfo: a host or a database is only a name" : NULL;
}

/* ---- faults ---- */

/* No value of the keyword that libpq judges last: what it complains about before that is wrong, and then it goes no
 * further. */
#define STOPPER "nothing-of-the-kind"

/* An error in a URI repeats all of it, and its password with it. False: it does not. */
static bool leave_out(char *words, const char *conninfo)
{
    char *at = conninfo[0] ? strstr(words, conninfo) : NULL;
    if (!at)
        return false;
    while (at > words && strchr(" :\"", at[-1]))
        at--;
    *at = '\0';
    return true;
}

static bool is_number(const char *text, size_t len)
{
    char *end;
    if (len == 0)
        return true;
    strtol(text, &end, 10);
    return end > text && (size_t)(end - text) + strspn(end, " ") >= len;
}

/* A doubt counts as a yes. */
static bool may_hold_secret(const char *conninfo)
{
    return strcasestr(conninfo, "pass") || strcasestr(conninfo, "secret") ||
           (strstr(conninfo, "://") && strchr(conninfo, '@'));
}

/* Where it cannot be taken apart, what libpq quotes of it may be a part of a password with a blank or a percent sign. That
 * may hold quotes too, so all goes up to the last; but "=" and "]" are what libpq looked for. */
static void leave_out_quotes(char *words, const char *conninfo)
{
    char *error = NULL;
    PQconninfoOption *options = PQconninfoParse(conninfo, &error);
    bool whole = options != NULL;
    PQconninfoFree(options);
    PQfreemem(error);
    if (whole || !may_hold_secret(conninfo))
        return;
    char *open = strchr(words, '"');
    while (open && (strncmp(open, "\"=\"", 3) == 0 || strncmp(open, "\"]\"", 3) == 0))
        open = strchr(open + 3, '"');
    char *close = open ? strrchr(open, '"') : NULL;
    if (open)
        memmove(open + 1, close > open ? close : "", close > open ? strlen(close) + 1 : 1);
}

/* Cut to fit only when the secrets are gone: half a quotation would not be known for one. */
static void fault_words(const char *message, const char *conninfo, char *words, size_t size)
{
    char *copy = mem_string(message);
    if (!leave_out(copy, conninfo))
        leave_out_quotes(copy, conninfo);
    session_words(copy, words, size);
    mem_forget(copy);
}

/* These are read when a connection is made: too late for us. In libpq's own words, without what may be of a password. */
static bool number_fault(const PQconninfoOption *options, bool secret, char *words, size_t size)
{
    static const char *const numbers[] = {"connect_timeout", "keepalives", "keepalives_idle", "keepalives_interval",
                                          "keepalives_count", "tcp_user_timeout"};
    const char *port = conninfo_value(options, "port");
    for (size_t len; port; port = port[len] ? port + len + 1 : NULL) {
        len = strcspn(port, ",");
        long n = len ? strtol(port, NULL, 10) : 1;
        int shown = secret ? 0 : (int)len;
        if (!is_number(port, len))
            snprintf(words, size, "invalid integer value \"%.*s\" for connection option \"port\"", shown, port);
        else if (n < 1 || n > 65535)
            snprintf(words, size, "invalid port number: \"%.*s\"", shown, port);
        else
            continue;
        return true;
    }
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        const char *value = conninfo_value(options, numbers[i]);
        if (!value || is_number(value, strlen(value)))
            continue;
        snprintf(words, size, "invalid integer value \"%s\" for connection option \"%s\"", secret ? "" : value, numbers[i]);
        return true;
    }
    return false;
}

/* Stopped before it goes anywhere, unless something is wrong before that. */
static PGconn *stopped_conn(const struct connect_to *to, bool *stopped)
{
    const char *const keywords[] = {"dbname", "host", "port", "user", "target_session_attrs", NULL};
    const char *const values[] = {to->conninfo, to->host, to->port, to->user, STOPPER, NULL};
    PGconn *conn = PQconnectStartParams(keywords, values, 1);
    *stopped = conn && strstr(PQerrorMessage(conn), STOPPER);
    return conn;
}

PQconninfoOption *conninfo_merged(const struct connect_to *to)
{
    bool stopped;
    PGconn *conn = stopped_conn(to, &stopped);
    PQconninfoOption *options = stopped ? PQconninfo(conn) : NULL;
    PQfinish(conn);
    return options;
}

bool session_fault(const struct connect_to *to, char *words, size_t size)
{
    bool stopped = false, wrong = true;
    const char *advice = misreading(to->conninfo);
    PGconn *conn = advice ? NULL : stopped_conn(to, &stopped);
    PQconninfoOption *options = conn ? PQconninfo(conn) : NULL;
    if (stopped && options && !advice)
        advice = misplaced(options, to->conninfo);
    if (advice)
        snprintf(words, size, "%s", advice);
    else if (stopped && options)
        wrong = number_fault(options, may_hold_secret(to->conninfo), words, size);
    else if (conn && !stopped)
        fault_words(PQerrorMessage(conn), to->conninfo, words, size);
    else
        wrong = false;
    PQconninfoFree(options);
    PQfinish(conn);
    return wrong;
}

/* PGHOSTADDR and the address in PGSERVICE's service would be stronger than the name of a host. */
void session_isolate(const struct connect_to *to)
{
    PQconninfoOption *given = PQconninfoParse(to->conninfo, NULL);
    if (to->host || (given && (conninfo_value(given, "host") || conninfo_value(given, "hostaddr")))) {
        unsetenv("PGHOST");
        unsetenv("PGHOSTADDR");
        unsetenv("PGSERVICE");
    }
    PQconninfoFree(given);
}

/* ---- its meaning ---- */

/* The first that is given: beside the conninfo, in it, or by libpq's defaults. */
static const char *choose(const char *beside, const PQconninfoOption *given, const PQconninfoOption *defaults,
                          const char *keyword, const char *otherwise)
{
    if (beside)
        return beside;
    const char *value = conninfo_value(given, keyword);
    if (!value)
        value = conninfo_value(defaults, keyword);
    return value ? value : otherwise;
}

void session_where(const struct connect_to *to, struct buf *out)
{
    const PQconninfoOption none = {0};
    bool is_conninfo = strchr(to->conninfo, '=') || strstr(to->conninfo, "://");
    PQconninfoOption *given = is_conninfo ? PQconninfoParse(to->conninfo, NULL) : NULL;
    if (is_conninfo && !given)
        return;
    PQconninfoOption *defaults = PQconndefaults();
    const PQconninfoOption *g = given ? given : &none, *d = defaults ? defaults : &none;
    const char *service = conninfo_value(g, "service");
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
