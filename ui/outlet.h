/* The way out to the terminal. A terminal at the end of a bad line may take nothing for minutes: then bytes
 * wait here and the program goes on. The flags of fd 0, 1 and 2 are shared with the shell and stay as they
 * are. */
#ifndef UI_OUTLET_H
#define UI_OUTLET_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct outlet {
    int fd;                 /* the terminal opened anew, not blocking; or 1, written to with care */
    bool own;               /* fd is ours */
    bool broken;            /* the terminal is gone */
    struct buf waiting;
    uint64_t total;         /* bytes written since the start */
};

void outlet_open(struct outlet *o, int tty);
void outlet_close(struct outlet *o);
void outlet_add(struct outlet *o, const void *bytes, size_t n);
/* An empty file in memory; NULL: there is no room for a picture in it, as err says. */
FILE *outlet_memory(struct err *err) MUST_CHECK;
/* Takes over what was written to fd, a file in memory, which is empty after. false: it could not be read. */
bool outlet_collect(struct outlet *o, int fd);
/* Writes what the terminal takes now; true: nothing waits any more (or it is gone). */
bool outlet_flush(struct outlet *o);
void outlet_finish(struct outlet *o, int milliseconds);     /* waits that long at most, for the last bytes */

#endif
