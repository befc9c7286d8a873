/* Whom we talk to: what TLS must do where the user has said nothing, and what came of it. Nothing here goes to a server
 * or looks up a name. Documentation: libpq, "SSL Support". */
#include "pg/connect.h"

#include "base/buf.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* In a list of hosts or addresses an empty one stands for libpq's default, which is a socket. */
static bool any_is_remote(const char *list)
{
    bool remote = false;
    while (list && list[0] && !remote) {
        struct buf one = {0};
        size_t len = strcspn(list, ",");
        buf_add(&one, list, len);
        remote = !host_is_local(buf_text(&one));
        buf_free(&one);
        list += len + (list[len] == ',');
    }
    return remote;
}

static bool goes_away(const PQconninfoOption *options)
{
    const char *address = conninfo_value(options, "hostaddr");
    return any_is_remote(address ? address : conninfo_value(options, "host"));
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

/* In the environment, because that is weaker than the conninfo and than a service, and stronger than libpq's own
 * default, which goes on in clear text when it is told to. */
void trust_prepare(const struct connect_to *to)
{
    PQconninfoOption *options = conninfo_merged(to);
    if (options && goes_away(options)) {
        bool verify = has_roots(options);
        setenv("PGSSLMODE", verify ? "verify-full" : "require", 0);
        if (!verify)
            setenv("PGREQUIREAUTH", "!password", 0);    /* from libpq 16 on */
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

enum { ASKS_CLEAR = 3, LOGGED_IN = 0, SASL_DONE = 12, REQUEST_LEAST = 9, DRIP_TRIES = 100, DRIP_US = 10000 };

static uint32_t int_at(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* An honest server waits for the answer to what it asks, so nothing may follow: a second request would be hidden behind
 * the first. */
static bool is_harmless(const unsigned char *bytes, size_t n)
{
    uint32_t code = int_at(bytes + 5);
    if (code == LOGGED_IN || code == SASL_DONE)
        return true;
    return code != ASKS_CLEAR && n <= 1 + (size_t)int_at(bytes + 1);
}

bool trust_allows(PGconn *conn)
{
    unsigned char bytes[4096] = {0};
    ssize_t n = 0;
    if (PQstatus(conn) != CONNECTION_AWAITING_RESPONSE || trust_of(conn) != TRUST_CLEAR)
        return true;
    for (int tries = 0; tries < DRIP_TRIES && n < REQUEST_LEAST; tries++) {
        usleep(tries > 0 ? DRIP_US : 0);
        n = recv(PQsocket(conn), bytes, sizeof(bytes), MSG_PEEK | MSG_DONTWAIT);
        if (n <= 0 || bytes[0] != 'R')
            return true;
    }
    return n >= REQUEST_LEAST && is_harmless(bytes, (size_t)n);
}
