/* Fuzzy matching of short names. */
#include "ui/fuzzy.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static int lower(char c)
{
    return tolower((unsigned char)c);
}

static int starts_word(const char *name, const char *at)
{
    return at == name || !isalnum((unsigned char)at[-1]);
}

int fuzzy_score(const char *pattern, const char *name)
{
    size_t len = strlen(pattern), whole = strlen(name);
    int score = 1, run = 0;
    if (strcasecmp(pattern, name) == 0)
        return 10000;
    if (strncasecmp(pattern, name, len) == 0)
        return len ? 5000 - (int)(whole > 1000 ? 1000 : whole) : 1;
    const char *at = name;
    for (const char *p = pattern; *p; p++, at++) {
        const char *from = at;
        while (*at && lower(*at) != lower(*p))
            at++;
        if (!*at)
            return -1;
        run = at == from && p > pattern ? run + 1 : 0;
        score += 1 + 4 * run + 8 * starts_word(name, at);
    }
    return score;
}
