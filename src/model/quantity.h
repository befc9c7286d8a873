/* Numbers with units, both ways: what a person writes into base units, and a value in its column's unit for
 * the screen. */
#ifndef MODEL_QUANTITY_H
#define MODEL_QUANTITY_H

#include "base/attr.h"
#include "base/err.h"
#include "base/format.h"
#include "model/frame.h"
#include "model/schema.h"

#include <stdbool.h>

/* Reads all of text, in base units of `unit`:
 *   seconds    30, 30s, 500ms, 85us, 5m, 2h, 12d, 2w, 1y, 1h30m, "2 h 41" (minutes), 12:04 (m:s), 1:02:03
 *   bytes      4096, 4kB, 10 MB, 1.5GB, 2TiB: powers of 1024; k, M, G, T, P, E alone will do
 *   count      1204, 1,204, 120k, 1.2 M: powers of 1000; the same for transaction ids
 *   fraction   0.5, 50%, 50 %; more than 1 needs the %
 *   none       42, -1.5
 * What format.h writes can be read back, but for its "unknown" and "more than". A blank before a unit is
 * fine, and case does not matter. */
bool quantity_parse(const char *text, enum unit unit, double *value, struct err *err) MUST_CHECK;

/* A value, or a rate per second, in the form of its unit. UNIT_NONE: plain digits. NaN: unknown. */
char *quantity_format(char out[FORMAT_ROOM], double value, enum unit unit, enum text_mode mode);
char *quantity_format_rate(char out[FORMAT_ROOM], double per_second, enum unit unit, enum text_mode mode);
/* A cell that is not text: "yes", "4711", "0/50022E0", "12:04"; TYPE_TIME is shown as its age when the frame
 * was taken. */
char *quantity_format_cell(char out[FORMAT_ROOM], const struct frame *f, uint32_t row, int column,
                           enum text_mode mode);

#endif
