/* A planned probe: one whose questions depend on what the server has. The engine drives it for each target:
 *
 *     begin; while (next) { ask; answer; } merge
 *
 * Everything here is pure: no I/O, no clock. The state belongs to one target and lives from open to close. */
#ifndef SPEC_PLAN_H
#define SPEC_PLAN_H

#include "model/frame.h"

#include <stdbool.h>
#include <stdint.h>

struct plan_question {
    const char *label;              /* what it asks, for logs; valid until the next call, like sql */
    const char *sql;                /* one statement without parameters */
    const struct schema *schema;    /* of its answer */
    uint32_t max_rows;
    bool views;                     /* may look into views and foreign tables, which run what their owners say */
};

struct probe_plan {
    void *(*open)(const void *data);        /* data: what the planner works from; outlives the state */
    void (*close)(void *state);
    /* A sample begins. now_us: clock_boot_us(). fresh: the session is new, or the target's role or rights may
     * have changed, so nothing that was learned from the catalogue holds. */
    void (*begin)(void *state, int64_t now_us, bool fresh);
    /* The next question; false: there is none, call merge. Each true is followed by answer. */
    bool (*next)(void *state, struct plan_question *question);
    /* The answer to the last question, whatever its status. Kept by reference where it is needed. */
    void (*answer)(void *state, const struct frame *answer);
    /* The probe's own frame; the caller has its one reference. May be called early: what is missing is then
     * unknown. */
    struct frame *(*merge)(void *state);
};

#endif
