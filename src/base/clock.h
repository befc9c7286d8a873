/* Clocks, in microseconds. CLOCK_BOOTTIME counts suspend and never jumps: ages and rates use it alone.
 * Wall time is for display. Only main, workers and the engine's loop read a clock; everyone else is told. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

#define US_PER_MS 1000LL
#define US_PER_S  1000000LL

#define CLOCK_MOST_US 1000000000000000000LL     /* no time is as far from 1970 */

int64_t clock_boot_us(void);
int64_t clock_wall_us(void);    /* since 1970-01-01 00:00 UTC */

/* ISO 8601 UTC with milliseconds, "2026-11-20T03:10:00.125Z". out holds 40 bytes or more. */
void clock_iso8601(int64_t wall_us, char *out, size_t size);

#endif
