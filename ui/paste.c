/* Pasted text. */
#include "ui/paste.h"

#include "base/clock.h"

#include <limits.h>

enum { PASTE_MOST = 65536 };

void paste_begin(struct paste *p, int64_t now_us)
{
    buf_clear(&p->text);
    p->going = true;
    p->last_us = now_us;
}

void paste_add(struct paste *p, wchar_t letter, int64_t now_us)
{
    char bytes[MB_LEN_MAX];
    mbstate_t state = {0};
    size_t n = wcrtomb(bytes, letter, &state);
    if (n != (size_t)-1 && p->text.len + n <= PASTE_MOST)
        buf_add(&p->text, bytes, n);
    p->last_us = now_us;
}

bool paste_is_overdue(const struct paste *p, int64_t now_us)
{
    return p->going && now_us - p->last_us > US_PER_S;
}
