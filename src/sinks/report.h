/* What is known, written down once: JSON, text and CSV. Text from a server is made harmless in all three. */
#ifndef SINKS_REPORT_H
#define SINKS_REPORT_H

#include "base/buf.h"
#include "base/text.h"
#include "model/store.h"

#include <stdint.h>

struct report {
    const struct store *store;
    const int *topics;          /* which ones, in this order */
    int ntopics;
    int64_t now_us;             /* boot time */
    int64_t wall_us;
    enum text_mode mode;        /* text and CSV; JSON is always ASCII */
    const bool *expected;       /* of each target and topic, [target * ntopics + topic]: it should have answered */
    const struct frame *const *looks;   /* in the same order: what stands for the answer; NULL, or a NULL: nothing */
    int columns;                /* of the terminal that text goes to; 0: it goes to none, and is not fitted to one */
};

/* What stands for a frame that never came. */
struct report_gap {
    enum frame_status status;
    const char *note;           /* borrowed; may be hostile */
};
/* False: there is nothing to miss, for the topic is not of this target's kind. k: index in r->topics. */
bool report_gap(const struct report *r, int target, int k, struct report_gap *gap);

/* In words, when it was not the target itself, or was it for want of a standby. False: there is nothing to say. */
bool report_source(const struct report *r, const struct frame *f, struct buf *out);

/* {"format":1,"taken":TIME,"targets":[{"name":..,"frames":[{"probe":..,"status":..,"note":..,"taken":TIME,
 * "cost_us":N,"found":N,"breaker":{"state":..,"failures":N,"trips":N,"transitions":[{"from":..,"to":..,"why":..,
 * "at":TIME}]},"rows":[{column: value}]}]}]}: times ISO 8601 UTC, sizes bytes, durations seconds, null unknown. A breaker
 * only where one stands before the probe, its transitions newest first. found is more than there are rows where some were
 * left out.
 * from: the target that answered in the place of this one; fallback: one should have. */
void report_json(const struct report *r, struct buf *out);
void report_text(const struct report *r, struct buf *out);
/* One table a topic, RFC 4180, with an empty line between tables. The first columns are of the answer: probe, target,
 * taken, status, answer_note; no probe may have a column of these names. */
void report_csv(const struct report *r, struct buf *out);

/* The frame that a report shows of a topic: the newest answer, with what was derived from it. NULL: none yet. */
const struct frame *report_frame(const struct report *r, int target, int k);
/* What the role would have to be granted to see it, or to see all of it, as a sentence with SQL; hostile. False:
 * nothing. */
bool report_grant(const struct report *r, int target, int k, struct buf *out);
/* All there is to say of an answer, or of the gap in its place; hostile. False: nothing. */
bool report_note(const struct report *r, int target, int k, const struct report_gap *gap, struct buf *out);

#endif
