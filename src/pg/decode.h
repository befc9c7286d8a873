/* The text form of PostgreSQL's values, as libpq gives it, turned into cells. What cannot be read is unknown,
 * never zero. */
#ifndef PG_DECODE_H
#define PG_DECODE_H

#include "wire/frames.h"

#include <stdbool.h>
#include <stdint.h>

/* Each returns false when the text is not of the type, or out of range. */
bool decode_bool(const char *text, int64_t *out);           /* t f true false yes no on off 1 0 */
bool decode_int(const char *text, int64_t *out);            /* decimal, blanks around it forgiven */
bool decode_real(const char *text, double *out);            /* finite only */
bool decode_time(const char *text, int64_t *out);           /* ISO, with "+hh[:mm]", "UTC" or no zone (= UTC) */
bool decode_lsn(const char *text, int64_t *out);            /* X/X; documentation, "pg_lsn Type" */

/* Writes the next cell of a row; text NULL is unknown. */
void decode_cell(struct wire_frame *w, const struct column *column, const char *text, size_t len);

#endif
