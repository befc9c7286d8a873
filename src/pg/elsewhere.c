/* Where the conninfo leads at this moment, for who may not go there when two sessions of ours hang there already. libpq
 * is given the addresses that were judged, so that it does not look the names up a second time. */
#include "pg/connect.h"

#include "wire/peer.h"

#include <netdb.h>
#include <stdio.h>
#include <string.h>

#define DEFAULT_PORT "5432"

struct search {
    struct places *places;
    struct buf peers;           /* of all places, a line each */
    int n;
};

/* The item at which the rest of a list begins. */
static void put_item(struct buf *out, const char *rest, const char *otherwise)
{
    size_t len = rest ? strcspn(rest, ",") : 0;
    if (len > 0)
        buf_add(out, rest, len);
    else
        buf_puts(out, otherwise);
}

static void add_place(struct search *s, const char *host, const char *address, const char *port, const char *peer)
{
    struct places *p = s->places;
    const char *comma = s->n++ > 0 ? "," : "";
    buf_printf(&p->host, "%s%s", comma, host);
    buf_printf(&p->address, "%s%s", comma, address);
    buf_printf(&p->port, "%s%s", comma, port);
    buf_printf(&s->peers, "%s\n", peer);
}

/* Each address of a name; none when nobody knows it. An empty host stands for libpq's default, which is a socket. */
static void add_host(struct search *s, const char *host, const char *address, const char *port)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = address[0] ? AI_NUMERICHOST : 0};
    struct addrinfo *all = NULL;
    if (!address[0] && (!host[0] || host[0] == '/' || host[0] == '@')) {
        add_place(s, host, "", port, PEER_LOCAL);
        return;
    }
    if (getaddrinfo(address[0] ? address : host, port, &hints, &all) != 0)
        return;
    for (const struct addrinfo *a = all; a; a = a->ai_next) {
        char peer[PEER_BYTES], number[PEER_BYTES];
        peer_name(a->ai_addr, a->ai_addrlen, peer);
        snprintf(number, sizeof(number), "%.*s", (int)strcspn(peer, " "), peer);
        if (strcmp(peer, PEER_UNKNOWN) != 0)
            add_place(s, host, number, port, peer);
    }
    freeaddrinfo(all);
}

static void add_hosts(struct search *s, const PQconninfoOption *options)
{
    const char *hosts = conninfo_value(options, "host"), *addresses = conninfo_value(options, "hostaddr"),
               *ports = conninfo_value(options, "port");
    int n = list_length(addresses ? addresses : hosts);
    for (int i = 0; i < n; i++) {
        struct buf host = {0}, address = {0}, port = {0};
        put_item(&host, list_tail(hosts, i), "");
        put_item(&address, list_tail(addresses, i), "");
        put_item(&port, list_tail(ports, i), DEFAULT_PORT);
        add_host(s, buf_text(&host), buf_text(&address), buf_text(&port));
        buf_free(&host);
        buf_free(&address);
        buf_free(&port);
    }
}

bool places_find(struct places *p, const struct connect_to *to, struct refusal *r)
{
    struct search s = {.places = p};
    PQconninfoOption *options = conninfo_merged(to);
    *p = (struct places){0};
    if (options)
        add_hosts(&s, options);
    PQconninfoFree(options);
    bool crowded = peers_among(to->peers, buf_text(&s.peers)) >= SESSIONS_MAX, ok = s.n > 0 && !crowded;
    if (!ok)
        snprintf(r->words, sizeof(r->words), crowded ? "two sessions of ours are open there" : "nobody knows its name");
    buf_free(&s.peers);
    if (!ok)
        places_free(p);
    return ok;
}

void places_free(struct places *p)
{
    buf_free(&p->host);
    buf_free(&p->address);
    buf_free(&p->port);
}
