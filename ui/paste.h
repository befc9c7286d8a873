/* Text between the marks of bracketed paste, gathered letter by letter. */
#ifndef UI_PASTE_H
#define UI_PASTE_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>
#include <wchar.h>

struct paste {
    struct buf text;        /* UTF-8 */
    bool going;
    int64_t last_us;
};

void paste_begin(struct paste *p, int64_t now_us);
void paste_add(struct paste *p, wchar_t letter, int64_t now_us);    /* what is beyond 64 KB is dropped */
/* True when the end mark seems lost: nothing came for a second. */
bool paste_is_overdue(const struct paste *p, int64_t now_us);

#endif
