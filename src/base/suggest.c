/* Edit distance with swaps of neighbours (optimal string alignment), row by row. */
#include "base/suggest.h"

#include <ctype.h>
#include <string.h>

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static int lower(char c)
{
    return tolower((unsigned char)c);
}

unsigned suggest_distance(const char *a, const char *b)
{
    size_t na = strnlen(a, SUGGEST_LENGTH_MAX), nb = strnlen(b, SUGGEST_LENGTH_MAX);
    unsigned rows[3][SUGGEST_LENGTH_MAX + 1];
    unsigned *two_up = rows[0], *up = rows[1], *row = rows[2];
    for (size_t j = 0; j <= nb; j++)
        row[j] = (unsigned)j;
    for (size_t i = 1; i <= na; i++) {
        unsigned *spare = two_up;
        two_up = up;
        up = row;
        row = spare;
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= nb; j++) {
            unsigned changed = lower(a[i - 1]) != lower(b[j - 1]);
            row[j] = least(least(up[j] + 1, row[j - 1] + 1), up[j - 1] + changed);
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]))
                row[j] = least(row[j], two_up[j - 2] + 1);
        }
    }
    return row[nb];
}

struct suggest suggest_start(const char *wrong)
{
    size_t len = strnlen(wrong, SUGGEST_LENGTH_MAX + 1);
    /* One change in three letters is near; more is another word. */
    return (struct suggest){.wrong = wrong, .distance = len > SUGGEST_LENGTH_MAX ? 0 : (unsigned)len / 3 + 2};
}

void suggest_offer(struct suggest *s, const char *name)
{
    if (s->distance == 0 || strnlen(name, SUGGEST_LENGTH_MAX + 1) > SUGGEST_LENGTH_MAX)
        return;
    unsigned distance = suggest_distance(s->wrong, name);
    size_t len = strlen(s->wrong);
    /* The beginning of a name is near to it, however much is missing. */
    if (len >= 2 && strncasecmp(s->wrong, name, len) == 0)
        distance = 1;
    if (distance < s->distance) {
        s->distance = distance;
        s->best = name;
    }
}
