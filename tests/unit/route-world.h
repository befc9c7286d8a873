/* Servers of one cluster and the whole engine over them, in virtual time: the test holds the far end of each watcher's
 * pipe. The lag is the real probe's, from positions that stand still where a server is told to fall behind. */
#ifndef TESTS_ROUTE_WORLD_H
#define TESTS_ROUTE_WORLD_H

#include "engine/parts.h"

#include "base/clock.h"

#define SERVERS_MAX 5

enum { HEAVY, LIGHT, LAG };     /* topics */

struct fake {
    bool standby;
    const char *database;
    uint64_t system_id;
    int timeline;
    bool refuses;               /* lets nobody in */
    bool frozen;                /* reads questions and says nothing */
    bool mute;                  /* lets us in and says nothing */
    int same_as;                /* it is the server of this number */
    bool silent_receiver;
    const char *sender;         /* that its receiver names; NULL: the primary */
    int64_t replayed_us;        /* boot time of the position that it stands at; 0: it keeps up */
    const char *sqlstate;       /* heavy questions end by this; NULL: they are answered */
    int64_t takes_us, others_take_us;   /* to answer a heavy question, and any other */
    bool dies, turns, chokes;   /* at the next heavy question: drops the connection, is promoted before it answers, or
                                 * does not answer */

    int far;                    /* -1: nobody is connected */
    struct wire_stream in;
    bool busy;                  /* a question is under way */
    struct question question;
    int64_t answer_us;          /* boot time */
    unsigned asked[3];          /* questions, by topic */
};

struct world {
    int n;
    struct fake servers[SERVERS_MAX];
    struct engine *engine;
    int64_t now_us;
    bool shown;                 /* something is on the screen */
};

extern struct world world;

/* Server 0 is the primary, the others follow it, all in database "shop"; the test changes that before world_run. */
void world_begin(int n);
void world_begin_in(int n, const char *const groups[SERVERS_MAX]);
void world_end(void);
void world_show(int server, int topic);         /* alone on the screen; at first it is HEAVY of the primary */
void world_run(double seconds);                 /* in steps of 50 ms */
void world_hang_up(int server);
struct sight world_sight(int server, int topic);
unsigned world_asked(int server, int topic);    /* and counts anew */
void world_forget(void);                        /* what was asked so far */
double world_lag(int server);                   /* as its page would show it; NaN: unknown */

#endif
