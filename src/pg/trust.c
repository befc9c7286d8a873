/* Whom we talk to: what TLS must do where the user has said nothing, and what came of it. Nothing here goes to a server
 * or looks up a name. Documentation: libpq, "SSL Support". */
#include "pg/connect.h"

#include "base/buf.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* Cuts the first off a list, which may be NULL. */
static void take_first(const char **list, struct buf *out)
{
    size_t len = *list ? strcspn(*list, ",") : 0;
    buf_clear(out);
    buf_add(out, *list ? *list : "", len);
    *list = *list && (*list)[len] ? *list + len + 1 : NULL;
}

/* Both are lists. Where no address is given the name is looked up, and where no name is, it is libpq's default: a socket. */
static bool goes_away(const PQconninfoOption *options)
{
    const char *hosts = conninfo_value(options, "host"), *addresses = conninfo_value(options, "hostaddr");
    struct buf host = {0}, address = {0};
    bool away = false;
    while ((hosts || addresses) && !away) {
        take_first(&hosts, &host);
        take_first(&addresses, &address);
        away = !host_is_local(buf_text(address.len ? &address : &host));
    }
    buf_free(&host);
    buf_free(&address);
    return away;
}

/* Of the certificate authorities that the user trusts: named, or where libpq looks for them. */
static bool has_roots(const PQconninfoOption *options)
{
    struct buf path = {0};
    struct stat st;
    const char *home = getenv("HOME");
    const struct passwd *user = home && home[0] ? NULL : getpwuid(geteuid());
    if (conninfo_value(options, "sslrootcert"))
        return true;
    buf_printf(&path, "%s/.postgresql/root.crt", user ? user->pw_dir : home ? home : "");
    bool there = stat(buf_text(&path), &st) == 0;
    buf_free(&path);
    return there;
}

/* In clear text, or encrypted for whoever it is; with authorities at hand libpq verifies by them where encryption is
 * required. */
static bool may_be_anybody(const char *mode, bool roots)
{
    return strncmp(mode, "verify", 6) != 0 && !(roots && strcmp(mode, "require") == 0);
}

/* In the environment, because that is weaker than the conninfo and than a service, and stronger than libpq's own
 * default, which goes on in clear text when it is told to. */
void trust_prepare(const struct connect_to *to)
{
    PQconninfoOption *options = conninfo_merged(to);
    if (options && goes_away(options)) {
        bool roots = has_roots(options);
        setenv("PGSSLMODE", roots ? "verify-full" : "require", 0);
        PQconninfoOption *now = conninfo_merged(to);
        const char *mode = now ? conninfo_value(now, "sslmode") : NULL;
        if (!mode || may_be_anybody(mode, roots))
            setenv("PGREQUIREAUTH", "!password", 0);    /* from libpq 16 on */
        PQconninfoFree(now);
    }
    PQconninfoFree(options);
}

/* Bound to the channel, SCRAM proves that who has the password's verifier is also who holds the certificate. */
static bool is_verified(PGconn *conn)
{
    PQconninfoOption *options = PQconninfo(conn);
    const char *mode = options ? conninfo_value(options, "sslmode") : NULL;
    const char *binding = options ? conninfo_value(options, "channel_binding") : NULL;
    bool verified = (mode && strcmp(mode, "verify-full") == 0) || (binding && strcmp(binding, "require") == 0);
    PQconninfoFree(options);
    return verified;
}

enum trust trust_of(PGconn *conn)
{
    const char *host = PQhost(conn), *address = PQhostaddr(conn);
    if (host_is_local(address && address[0] ? address : host))
        return TRUST_LOCAL;
    if (PQgssEncInUse(conn))
        return TRUST_VERIFIED;
    if (!PQsslInUse(conn))
        return TRUST_CLEAR;
    return is_verified(conn) ? TRUST_VERIFIED : TRUST_UNVERIFIED;
}

/* ---- what libpq says when the other end is not to be trusted; its words are never translated here ---- */

static const struct {
    const char *has, *advice;
} distrusts[] = {
    {"does not support SSL", ": switch ssl on there, or say sslmode=disable to send all in clear text"},
    {"certificate verify failed", ": sslrootcert is of another authority, or somebody stands between"},
    {"does not match host name", ": name the host as its certificate does, or somebody stands between"},
    {"root certificate file", ": put it there, or name another by sslrootcert"},
    {"channel binding", ""},
    {"auth method", ""},
};

const char *trust_advice(const char *words)
{
    for (size_t i = 0; i < COUNT_OF(distrusts); i++)
        if (strstr(words, distrusts[i].has))
            return distrusts[i].advice;
    return NULL;
}

/* ---- a password in clear text ---- */

/* Whoever listens on the way would have it, and whoever stands there can ask for it. */
#define CLEAR_WORDS "the server wants the password in clear text over a line that is not encrypted: it was not sent"
#define HIDDEN_WORDS                                                                                                   \
    "the server does not say plainly what it asks for, over a line that is not encrypted: the password was not sent"

enum { ASKS_CLEAR = 3, LOGGED_IN = 0, SASL_DONE = 12, HEADER = 5, REQUEST_LEAST = 9, ERROR_MOST = 30000, DRIP_TRIES = 100,
       DRIP_US = 10000 };

enum asked { PLAINLY, IN_PART, HIDDEN, IN_CLEAR };

static uint32_t int_at(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* libpq takes in all that has come, and answers request after request without asking us in between. So nothing may lie
 * there but whole messages, and nothing behind a request: an honest server waits for the answer. After an error libpq
 * answers no more; one without a length is of a server that cannot fork. */
static enum asked judge(const unsigned char *bytes, size_t n)
{
    for (size_t len; n > 0; bytes += len, n -= len) {
        bool request = bytes[0] == 'R', error = bytes[0] == 'E';
        if (!request && !error && bytes[0] != 'v')
            return HIDDEN;
        if (n < HEADER)
            return IN_PART;
        len = 1 + (size_t)int_at(bytes + 1);
        if (error && len > ERROR_MOST)
            return PLAINLY;
        if (len < (request ? REQUEST_LEAST : HEADER))
            return HIDDEN;
        if (n < len)
            return IN_PART;
        uint32_t code = request ? int_at(bytes + HEADER) : SASL_DONE;
        if (error || code == LOGGED_IN)
            return PLAINLY;
        if (code == ASKS_CLEAR)
            return IN_CLEAR;
        if (code != SASL_DONE)
            return n == len ? PLAINLY : HIDDEN;
    }
    return PLAINLY;
}

/* What it says to our wish for encryption is one letter; what lies behind a no would be taken for the log-in. */
static enum asked judge_letter(const unsigned char *bytes, size_t n)
{
    return n > 1 && bytes[0] == 'N' ? HIDDEN : PLAINLY;
}

const char *trust_objection(PGconn *conn)
{
    unsigned char bytes[4096];
    ConnStatusType status = PQstatus(conn);
    bool letter = status == CONNECTION_SSL_STARTUP || status == CONNECTION_GSS_STARTUP;
    enum asked asked = IN_PART;
    if ((!letter && status != CONNECTION_AWAITING_RESPONSE) || trust_of(conn) != TRUST_CLEAR)
        return NULL;
    for (int tries = 0; tries < DRIP_TRIES && asked == IN_PART; tries++) {
        usleep(tries > 0 ? DRIP_US : 0);
        ssize_t n = recv(PQsocket(conn), bytes, sizeof(bytes), MSG_PEEK | MSG_DONTWAIT);
        if (n <= 0)
            asked = n < 0 && errno == EAGAIN ? IN_PART : PLAINLY;       /* that it has hung up is libpq's to tell */
        else
            asked = letter ? judge_letter(bytes, (size_t)n) : judge(bytes, (size_t)n);
    }
    return asked == PLAINLY ? NULL : asked == IN_CLEAR ? CLEAR_WORDS : HIDDEN_WORDS;
}
