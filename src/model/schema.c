/* Looking things up in a column table. */
#include "model/schema.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

static const char *const type_words[TYPE_COUNT_] = {"bool", "int", "real", "text", "time", "lsn"};
static const char *const role_words[ROLE_COUNT_] = {"key", "label", "gauge", "counter", "epoch"};
static const char *const unit_words[UNIT_COUNT_] = {"", "count", "bytes", "seconds", "fraction", "xids"};

int schema_find(const struct schema *s, const char *name)
{
    for (int i = 0; i < s->ncolumns; i++)
        if (strcmp(s->columns[i].name, name) == 0)
            return i;
    return -1;
}

int schema_keys(const struct schema *s)
{
    int n = 0;
    while (n < s->ncolumns && s->columns[n].role == ROLE_KEY)
        n++;
    return n;
}

bool schema_same(const struct schema *a, const struct schema *b)
{
    if (a == b)
        return true;
    if (a->ncolumns != b->ncolumns || strcmp(a->name, b->name) != 0)
        return false;
    for (int i = 0; i < a->ncolumns; i++) {
        const struct column *x = &a->columns[i], *y = &b->columns[i];
        if (strcmp(x->name, y->name) != 0 || x->type != y->type || x->role != y->role)
            return false;
    }
    return true;
}

const char *type_word(enum type type)
{
    return type_words[type];
}

const char *role_word(enum role role)
{
    return role_words[role];
}

const char *unit_word(enum unit unit)
{
    return unit_words[unit];
}

struct schema *schema_copy(const struct schema *s)
{
    struct column *columns = mem_array(s->ncolumns, sizeof(*columns));
    for (int i = 0; i < s->ncolumns; i++) {
        columns[i] = s->columns[i];
        columns[i].name = mem_string(s->columns[i].name);
        columns[i].heading = mem_string(s->columns[i].heading);
        columns[i].help = mem_string(s->columns[i].help);
    }
    struct schema *copy = mem_new(sizeof(*copy));
    *copy = (struct schema){mem_string(s->name), s->ncolumns, columns};
    return copy;
}

void schema_free(struct schema *s)
{
    if (!s)
        return;
    for (int i = 0; i < s->ncolumns; i++) {
        free((char *)s->columns[i].name);
        free((char *)s->columns[i].heading);
        free((char *)s->columns[i].help);
    }
    free((struct column *)s->columns);
    free((char *)s->name);
    free(s);
}
