/* Targets' words and what they own. */
#include "model/target.h"

#include <stdlib.h>
#include <string.h>

static const char *const link_words[LINK_STATE_COUNT_] = {"not started", "connecting", "connected",
                                                          "needs a password", "disconnected"};

const char *target_kind_word(enum target_kind kind)
{
    return kind == TARGET_POOLER ? "PgBouncer" : kind == TARGET_APP ? "application" : "PostgreSQL";
}

const char *link_state_word(enum link_state state)
{
    return link_words[state];
}

int facts_extension(const struct facts *f, const char *name)
{
    for (int i = 0; i < f->nextensions; i++)
        if (strcmp(f->extensions[i].name, name) == 0)
            return i;
    return -1;
}

void facts_clear(struct facts *f)
{
    for (int i = 0; i < f->nextensions; i++) {
        free(f->extensions[i].name);
        free(f->extensions[i].schema);
    }
    free(f->version_text);
    free(f->user);
    free(f->database);
    free(f->host);
    free(f->port);
    free(f->encoding);
    free(f->tls);
    *f = (struct facts){0};
}

void target_clear(struct target *t)
{
    facts_clear(&t->facts);
    free(t->name);
    free(t->group);
    free(t->environment);
    free(t->application);
    free(t->where);
}
