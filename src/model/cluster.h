/* The shape of clusters: which targets are one server, which server is primary, and who receives from whom. Pure: from
 * what each target said of itself last.
 *
 * One system identifier is one cluster, but for primaries in different groups: a copy that was promoted keeps that of its
 * origin. One that was seen as a standby before is no copy. Who is in recovery belongs to the primary of its group, else to
 * the one that it follows, else to the only one. One start of the postmaster, or one address in one role, is one server of
 * it, unless two sessions there tell of two starts. Roles come from answers, never from names: a target that is called
 * "primary" and was demoted is a standby of that name. What a standby follows is told by both ends: the address and slot of
 * its receiver, and the senders' slots, names and addresses. None of these must be there, and addresses differ by where one
 * looks from; so they are weighed. Where nothing speaks for an edge there is none. */
#ifndef MODEL_CLUSTER_H
#define MODEL_CLUSTER_H

#include "model/frame.h"
#include "model/target.h"

#include <stdbool.h>
#include <stdint.h>

/* A target as it was seen last. All of it is borrowed for the call, but the group for as long as the shape is. */
struct cluster_seen {
    const char *name;
    const char *group;                  /* NULL: none */
    const struct facts *facts;
    bool up;                            /* it is connected: what it says is of now */
    int64_t came_us;                    /* since when, if it is */
    int64_t told_us;                    /* when it said anything last */
    enum server_role role;              /* by its newest answer; SERVER_UNKNOWN: as the facts have it */
    int timeline;                       /* 0: unknown */
    bool awaited;                       /* nothing is known of it yet, and nothing went wrong */
    bool received;                      /* it was seen as a standby that got WAL from another server */
    int source;                         /* the target that it got it from, and 1; 0: not known */
    const struct frame *replication;    /* newest good answer of that topic, with the lag; NULL: none */
};

enum cluster_link {
    CLUSTER_ROOT,           /* it follows nobody: a primary, a pooler, or what we know nothing of */
    CLUSTER_BOTH,           /* its receiver and a sender of the other end agree */
    CLUSTER_RECEIVER,       /* its receiver names the other end, which shows no sender for it */
    CLUSTER_LAST,           /* nothing names it, but no other sender is left, and no other standby */
    CLUSTER_CUT,            /* it receives nothing: the other end is the primary that it would follow */
    CLUSTER_ELSEWHERE       /* it receives, from one that is not watched or cannot be told */
};

struct cluster_node {
    int same;                   /* the first target that is this server: itself, when that is it */
    int speaks;                 /* of the targets that are this server, the one whose answers are used here: one that
                                 * is up before one that is not */
    int cluster;                /* its number; -1: none is known */
    bool guessed;               /* a standby of another group than its primary's: nothing tells that it follows that one */
    enum server_role role;
    int timeline;               /* 0: unknown */
    bool up;                    /* by any of the targets that are this server */
    int follows;                /* a target that is the first of its server; -1: none */
    enum cluster_link link;
    int sender;                 /* row of the other end's answer that sends to it; -1: none */
    int receiver;               /* row of its answer; -1: none */
    bool stays;                 /* a standby on an older timeline than its primary, which it does not follow; nor does it
                                 * follow another one that is up */
    bool diverged;              /* and it has gone past the fork, so that it cannot; see model/shape.h */
    bool former;                /* a primary that is older than another one: out of reach, or two at once */
};

struct cluster {
    uint64_t system_id;
    const char *group;          /* of the first of its primaries that has one, or else of its first server; NULL: none.
                                 * Borrowed */
    int primary;                /* the target that writes: of several the one on the newest timeline, one that is up
                                 * before one that is not; -1: none is watched */
    int primaries;              /* that are up: more than one is a split brain */
    int servers;
};

struct cluster_shape {
    int n;                      /* targets */
    struct cluster_node *nodes; /* by target */
    int nclusters;
    struct cluster *clusters;   /* in the order of their first targets */
};

/* Freed with cluster_shape_free. */
struct cluster_shape cluster_find(const struct cluster_seen *seen, int n);
void cluster_shape_free(struct cluster_shape *shape);

/* Whether two targets are one server. Poolers never are. Behind one address stand two after a failover that went wrong,
 * when the session with the one lives on; a session that only has not noticed yet says nothing any more. */
bool cluster_same_server(const struct cluster_seen *a, const struct cluster_seen *b);

/* The target whose WAL a standby gets in the end, through others or not: the primary that it follows, else the one of
 * its cluster. -1: none is known, or it is no standby. */
int cluster_source(const struct cluster_shape *shape, int target);

/* The primary whose tables a standby holds copies of, where it is watched and up. -1: there is none. */
int cluster_original(const struct cluster_shape *shape, int target);

/* Whether a sender of a target's answer is one of the standbys that are watched. */
bool cluster_sender_watched(const struct cluster_shape *shape, int target, int row);

#endif
