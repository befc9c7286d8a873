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
};

/* What stands for a frame that never came. */
struct report_gap {
    enum frame_status status;
    const char *note;           /* borrowed; may be hostile */
};
/* False: there is nothing to miss, for the topic is not of this target's kind. topic: index in r->topics. */
bool report_gap(const struct report *r, int target, int topic, struct report_gap *gap);

/* {"format":1,"taken":TIME,"targets":[{"name":..,"frames":[{"probe":..,"status":..,"note":..,"taken":TIME,
 * "cost_us":N,"rows":[{column: value}]}]}]}: times ISO 8601 UTC, sizes bytes, durations seconds, null unknown. */
void report_json(const struct report *r, struct buf *out);
void report_text(const struct report *r, struct buf *out);
/* One table a topic, RFC 4180, with the probe and the target in the first columns and an empty line between tables. */
void report_csv(const struct report *r, struct buf *out);

/* The frame that a report shows of a topic: the newest answer, with what was derived from it. NULL: none yet. */
const struct frame *report_frame(const struct report *r, int target, int topic);

#endif
