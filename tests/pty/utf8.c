/* Strict UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF. */
#include "tests/pty/utf8.h"

#include <stdbool.h>

static int length_of(unsigned char lead)
{
    if (lead < 0x80)
        return 1;
    if (lead >= 0xC2 && lead <= 0xDF)
        return 2;
    if (lead >= 0xE0 && lead <= 0xEF)
        return 3;
    return lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
}

/* The second byte rules out overlong forms, surrogates and too large numbers. */
static bool second_fits(unsigned char lead, unsigned char second)
{
    unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    return second >= low && second <= high;
}

int utf8_read(const unsigned char *s, size_t n, uint32_t *code)
{
    if (!n)
        return -1;
    int length = length_of(s[0]);
    if (!length)
        return 0;
    uint32_t c = length == 1 ? s[0] : s[0] & (0xFFU >> (length + 1));
    for (int i = 1; i < length; i++) {
        if ((size_t)i >= n)
            return -1;
        if ((s[i] & 0xC0) != 0x80 || (i == 1 && !second_fits(s[0], s[1])))
            return 0;
        c = c << 6 | (s[i] & 0x3F);
    }
    *code = c;
    return length;
}

int utf8_put(uint32_t code, char *out)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    int length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (int i = length - 1; i > 0; i--, code >>= 6)
        out[i] = (char)(0x80 | (code & 0x3F));
    out[0] = (char)((0xF00U >> length) | code);
    return length;
}
