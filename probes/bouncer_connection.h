/* A connection of PgBouncer's, to a client or to a server: SHOW CLIENTS and SHOW SERVERS tell the same of both. */
#ifndef PROBES_BOUNCER_CONNECTION_H
#define PROBES_BOUNCER_CONNECTION_H

#include "spec/probe.h"

#include <string.h>

static const struct column bouncer_connection_columns[] = {
    {"ptr", "", TYPE_TEXT, ROLE_KEY, UNIT_NONE, 0, 99,
     "Address of the connection inside of PgBouncer; its name."},
    {"type", "type", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 4, 90, "C for a client, S for a server."},
    {"user", "user", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 12, 5, "Role."},
    {"database", "database", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 14, 6, "Database as PgBouncer names it."},
    {"state", "state", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 9, 3,
     "active, idle, used, waiting, login and so on."},
    {"addr", "address", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 15, 20, "Address of the other end."},
    {"port", "port", TYPE_INT, ROLE_LABEL, UNIT_NONE, 6, 50, "Port of the other end."},
    {"application_name", "application", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 14, 10,
     "application_name (from 1.18 on)."},
    {"connect_time", "connected", TYPE_TIME, ROLE_LABEL, UNIT_NONE, 0, 40, "When the connection was made."},
    {"request_time", "asked", TYPE_TIME, ROLE_LABEL, UNIT_NONE, 0, 30, "When the newest question was asked."},
    {"wait", "wait s", TYPE_INT, ROLE_GAUGE, UNIT_SECONDS, 0, 4,
     "Whole seconds that it has waited now; unknown of one that does not wait."},
    {"wait_us", "", TYPE_INT, ROLE_EPOCH, UNIT_NONE, 0, 99, "Microseconds of the wait."},
    {"close_needed", "closing", TYPE_BOOL, ROLE_LABEL, UNIT_NONE, 7, 60,
     "It will be closed as soon as it can be."},
    {"link", "linked to", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 0, 80,
     "ptr of the other half: server of a client, client of a server."},
    {"remote_pid", "pid", TYPE_INT, ROLE_LABEL, UNIT_NONE, 7, 8,
     "Process id at the other end: of a backend, or of a client on a Unix socket."},
    {"tls", "tls", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 10, 70,
     "Protocol and cipher; empty without encryption."},
};


/* PgBouncer fills in the wait of connections that do not wait too: our own seemed to have waited since it began. */
static inline struct frame *bouncer_connection_waits(const struct frame *now, const struct frame *before,
                                                     const struct probe_context *c)
{
    struct frame_builder *b = frame_build(now->schema);
    int state = schema_find(now->schema, "state"), wait = schema_find(now->schema, "wait");
    (void)before;
    (void)c;
    for (uint32_t row = 0; row < now->nrows; row++) {
        struct frame_text t = frame_text(now, row, state);
        frame_build_copy(b, now, row);
        if (t.len < 7 || memcmp(t.bytes, "waiting", 7) != 0)
            frame_build_none(b, wait);
    }
    return frame_seal_as(b, now, now->nfound);
}

#endif
