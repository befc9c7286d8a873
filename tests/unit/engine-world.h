/* An engine whose watcher is no process: the test holds the far end of its pipe, in virtual time. One target, and two
 * probes of the page that is shown: "one", and "two", which needs the extension pg_stat_statements. */
#ifndef TESTS_ENGINE_WORLD_H
#define TESTS_ENGINE_WORLD_H

#include "engine/parts.h"

struct engine_world {
    int64_t now_us;
    int far;                    /* our end of the newest watcher's pipe; -1: none */
    struct wire_stream in;
    unsigned spawned;
    bool mute;                  /* new watchers say nothing by themselves */
    bool extension, standby, monitor;   /* facts of the server */
    unsigned oid;                       /* of its extension */
    struct frame_head error;            /* what each question is answered with; all zero: with an empty answer */
};
extern struct engine_world world;

/* What the watcher has been told since: the number of questions and of wishes to learn. */
struct told {
    unsigned questions, learns;
};

struct engine *begin(bool mute);
void end(struct engine *e);
/* Lets time go by as the loop would, without a word from the watcher unless there is one. */
void pass(struct engine *e, int64_t us);
/* The same with a watcher that answers all it is asked. */
struct told live(struct engine *e, int64_t us, enum server_role role);
void answer_all(struct told *told, enum server_role role);
enum frame_status status_of(struct engine *e, int topic);   /* of the newest answer */

/* What a watcher says. */
void say(struct buf *b);                        /* clears it */
void say_phase(enum wire_phase phase, int fd);
void hang_up(void);

#endif
