/* Rates per second of a frame's counters, from it and the frame before. */
#ifndef MODEL_RATES_H
#define MODEL_RATES_H

#include "model/frame.h"

/* The schema of a probe's rates: its counter columns, in their order, with their names and units, as
 * TYPE_REAL gauges per second. It has no key columns: row n of the rates is row n of the frame. NULL when
 * there are no counters. The caller frees it with schema_free, after the last frame in it. */
struct schema *rates_schema(const struct schema *s);

/* One row a row of `now`, in the same order. `before` is a FRAME_OK frame of the same schema, or NULL.
 * A rate is unknown when there is no honest one:
 *   no row of the same key before, or several; a key column that is unknown
 *   frames of another server or start (epoch), or of an unknown one (0), or not in order
 *   an epoch column of the row that changed
 *   any counter of the row that went down: then the whole row
 * A `now` that is not FRAME_OK gives a frame of the same status without rows. */
struct frame *rates_frame(const struct schema *rates, const struct frame *now, const struct frame *before);

#endif
