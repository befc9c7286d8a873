/* UTF-8, one character at a time. */
#include "conf/utf8.h"

static bool tail(const unsigned char *p, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if ((p[i] & 0xc0) != 0x80)
            return false;
    return true;
}

size_t utf8_length(const char *s, size_t left)
{
    const unsigned char *p = (const unsigned char *)s;
    if (p[0] < 0x80)
        return 1;
    size_t n = p[0] >= 0xc2 && p[0] < 0xe0   ? 2
               : p[0] >= 0xe0 && p[0] < 0xf0 ? 3
               : p[0] >= 0xf0 && p[0] < 0xf5 ? 4
                                             : 0;
    if (!n || n > left || !tail(p, n))
        return 0;
    uint32_t c = utf8_decode(s, n);
    bool overlong = (n == 3 && c < 0x800) || (n == 4 && c < 0x10000);
    return overlong || (c >= 0xd800 && c <= 0xdfff) || c > 0x10ffff ? 0 : n;
}

uint32_t utf8_decode(const char *s, size_t length)
{
    const unsigned char *p = (const unsigned char *)s;
    if (length == 1)
        return p[0];
    uint32_t c = p[0] & (0x7fu >> length);
    for (size_t i = 1; i < length; i++)
        c = c << 6 | (p[i] & 0x3fu);
    return c;
}

bool utf8_forbidden(const char *s, size_t length)
{
    uint32_t c = utf8_decode(s, length);
    if (c < 0xa0)
        return (c < 0x20 && c != '\t' && c != '\n') || c >= 0x7f;
    if (c >= 0x200e && c <= 0x206f)
        return c <= 0x200f || (c >= 0x2028 && c <= 0x202e) || c >= 0x2066;
    return c == 0x061c || c == 0xfeff || (c & 0xfffe) == 0xfffe || (c >= 0xfdd0 && c <= 0xfdef);
}
