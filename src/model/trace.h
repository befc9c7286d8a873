/* What is remembered of a server beyond its newest answers, for as long as it is watched: since when it has its role,
 * where its timeline began, which standbys it had, and since when its sessions wait. These are facts of some bytes
 * each, so that none is lost when large answers push others out of the past. Pure: times are those of the answers. */
#ifndef MODEL_TRACE_H
#define MODEL_TRACE_H

#include "model/frame.h"

/* One that receives from it, by its name and address: a process that sends does not stay. */
struct trace_standby {
    char name[64], client[64];  /* hostile */
    bool slot;                  /* it uses a slot, which stays and tells of it */
    bool starts;                /* its process is in startup, as those of tools are that only ask for a position */
    unsigned n;                 /* so many there are, or were, at once */
    int64_t came_us;
    int64_t seen_us;            /* when there were so many last */
    int64_t more_us;            /* since when there are more; 0: there are not */
};

struct trace_slot {
    char name[64];              /* hostile */
};

struct trace_wait {
    uint64_t session;           /* frame_key_hash of its row */
    int64_t since_us;           /* when it was seen waiting first */
    bool already;               /* that was in the first answer of all: it may have waited for longer */
};

/* Start with zeros; end with trace_clear. */
struct trace {
    enum server_role role, was; /* was SERVER_UNKNOWN: it has had its role since it was seen first */
    int64_t role_us;            /* since when it is seen in that role */
    int64_t timeline;           /* of a primary; 0: unknown */
    uint64_t received;          /* it was a standby that got WAL, with this system identifier; 0: it was not */
    int source;                 /* the target whose WAL that was in the end, and 1; 0: not known */
    uint64_t fork;              /* a position at or behind the one at which that began: the first on it that was seen; 0: none */
    struct trace_standby *standbys;
    unsigned nstandbys;
    struct trace_slot *slots;   /* that were in use since it has its role */
    unsigned nslots;
    struct trace_wait *waits;   /* of the newest answer, in its order */
    unsigned nwaits;
    bool sessions;              /* there was an answer */
};

/* From a good answer of any topic. */
void trace_take(struct trace *t, const char *topic, const struct frame *f);
void trace_clear(struct trace *t);

/* NULL: it is not remembered. */
const struct trace_standby *trace_standby(const struct trace *t, const char *name, const char *client);
/* Whether a slot that nobody uses is one that a standby keeps for the day of its promotion: what moves slots between
 * servers leaves them there. It was not in use there, and keeps no more WAL than is there anyway. */
bool trace_slot_is_spare(const struct trace *t, const struct frame *replication, uint32_t row);
/* Since when the session waits, or longer, that stands in this row of the newest answer; INT64_MIN: nobody has seen it
 * before. */
int64_t trace_waits_since(const struct trace *t, const struct frame *sessions, uint32_t row);

#endif
