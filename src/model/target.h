/* What is known of a target: a server, one of its databases, a PgBouncer, or an application. Strings are owned by
 * the struct that holds them; those that came from a server are hostile text. */
#ifndef MODEL_TARGET_H
#define MODEL_TARGET_H

#include "model/route.h"

#include <stdbool.h>
#include <stdint.h>

enum target_kind {
    TARGET_SERVER = 1,      /* PostgreSQL itself, directly or through a pooler */
    TARGET_POOLER = 2,      /* the admin console of PgBouncer */
    TARGET_APP = 3          /* an application that tells of its connection pools by HTTP */
};

/* How far the line to it can be trusted. */
enum trust {
    TRUST_UNKNOWN,
    TRUST_LOCAL,             /* it does not leave this machine: a socket, or the loopback interface */
    TRUST_VERIFIED,          /* encrypted, and the server has proved to be the one that was named */
    TRUST_UNVERIFIED,        /* encrypted, but somebody may stand between */
    TRUST_CLEAR,             /* anybody on the way can read it */
    TRUST_COUNT_
};

struct extension {
    char *name;
    char *schema;
    int version;            /* 1.10 is 11000: major * 10000 + minor * 100 */
    unsigned oid;           /* another one when it was dropped and created anew; 0 unknown */
};

#define EXTENSIONS_MAX 64

/* What a watcher learns right after it has connected. Replaced as a whole at every connect. */
struct facts {
    bool known;                 /* false: nothing below is set */
    enum target_kind kind;
    bool pooled;                /* a transaction pooler stands between: no session settings, no prepared SQL */
    bool standby;               /* at connect; frames carry the truth of their own moment */
    bool superuser;
    bool monitor;               /* has the rights of pg_read_all_stats */
    int version;                /* server_version_num; PgBouncer 1.18.0 is 11800 */
    int backend_pid;
    int64_t started_us;         /* postmaster start, wall clock of the server; 0 unknown */
    int64_t clock_us;           /* the server's wall clock less our CLOCK_BOOTTIME; 0 unknown */
    uint64_t system_id;         /* system identifier of the cluster; 0 unknown */
    unsigned database_oid;      /* another one when it was dropped and created anew; 0 unknown */
    char *version_text;         /* "15.20" */
    char *user;
    char *database;
    char *host;                 /* a name, an address, or a socket directory */
    char *port;
    char *encoding;             /* of the database */
    char *tls;                  /* "TLSv1.3", or NULL without encryption */
    enum trust trust;
    struct extension extensions[EXTENSIONS_MAX];
    int nextensions;
};

/* How things stand between us and the server. */
enum link_state {
    LINK_NONE,          /* nobody watches yet */
    LINK_CONNECTING,    /* the watcher is on its way; `words` say how far */
    LINK_UP,
    LINK_PASSWORD,      /* waits for a password from the user */
    LINK_WAITING,       /* it failed; `words` say why, next_us when it is tried again */
    LINK_STATE_COUNT_
};

enum { LINK_ENDS = 3 };

struct link {
    enum link_state state;
    int64_t since_us;       /* boot time of the last change of state */
    int64_t down_us;        /* boot time since when there is no connection; 0: there is one. The store keeps it */
    int64_t next_us;        /* LINK_WAITING: boot time of the next attempt */
    unsigned failures;      /* in a row */
    unsigned connects;      /* since the start, successful */
    unsigned ended;         /* watchers that we ended since the start, as they were late or made no sense */
    int64_t ended_us[LINK_ENDS];        /* boot times of the last of those, the newest first; 0: there were not so many */
    char ended_why[80];     /* the newest time */
    unsigned lingering;     /* sessions of killed watchers that the server has not ended yet */
    bool judged;            /* libpq has read the conninfo */
    bool senseless;         /* and refuses it, whatever the server may be: `words` say why */
    bool lost;              /* not connected: `words` say why our session was ended, not why we were refused one */
    char sqlstate[6];
    char words[256];        /* may hold server text: hostile */
};

/* Where, and what, it was when it was first reached. A name stays with what it named. */
struct first_seen {
    char *host, *port;          /* NULL: not reached yet, or it has none */
    uint64_t system_id;         /* 0: unknown */
};

/* What the user wanted to have saved and a disk of ours did not take. */
struct unwritten {
    int error;              /* errno; 0: there is no such thing, or a later one was saved */
    int64_t at_us;          /* boot time */
    char path[256];         /* its beginning */
};

struct target {
    int id;                 /* index in the store */
    char *name;             /* a safe word, unique */
    char *group;            /* NULL: none */
    char *environment;      /* prod, staging, dev or another word; NULL: none */
    char *application;      /* it is an application, whose sessions have this application_name; NULL: it is none */
    char *where;            /* "user@host:port/database" as asked for, without secrets; may be NULL */
    struct link link;
    struct facts facts;
    struct first_seen first;    /* the store keeps it */
    struct unwritten unwritten; /* while this target was looked at */
    enum replica_state replica;     /* of a standby: whether heavy questions to its primary may go to it */
};

const char *target_kind_word(enum target_kind kind);     /* "PostgreSQL", "PgBouncer", "application" */
const char *link_state_word(enum link_state state);
const char *trust_word(enum trust trust);               /* "verified"; NULL: unknown */
const char *trust_alarm(enum trust trust);              /* what a screen says in red; NULL: nothing to say */
/* Whether a host as libpq and URLs name it is this machine itself, by its name alone: a socket's folder, the loopback
 * interface, or none at all. */
bool host_is_local(const char *host);
int facts_extension(const struct facts *f, const char *name);   /* its index, or -1 */
/* Whether that is where it is. */
bool facts_at(const struct facts *f, const char *host, const char *port);
/* Whether another server answers than before: of another cluster, or at another address. The same one after a restart is
 * none. */
bool facts_another(const struct facts *before, const struct facts *now);
void facts_clear(struct facts *f);
void target_clear(struct target *t);

#endif
