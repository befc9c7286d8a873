/* What stands in front of a server: an application, told by the sessions that have its application_name, and a PgBouncer,
 * told by the addresses of its databases. What cannot be told is told of no server. */
#ifndef MODEL_FRONT_H
#define MODEL_FRONT_H

#include "model/store.h"

/* The sessions of an application on one server. */
struct front_sessions {
    int server;                     /* target; -1: none of its group shows any */
    unsigned n, in_tx, locked, active;
    double oldest_s;                /* of those idle in transaction: since when; 0: none */
};

/* The server of the application's group that has most of its sessions; for a replica's pool a standby goes first. */
struct front_sessions front_of_app(const struct store *s, int app, bool replica, int64_t now_us);

/* Whether a PgBouncer's database at that host and port is on this server. host "": a Unix socket. Names of one machine
 * that differ are not taken for one, but for the pooler's own machine. */
bool front_serves(const struct facts *pooler, struct frame_text host, int64_t port, const struct facts *server);

#endif
