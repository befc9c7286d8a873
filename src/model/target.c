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

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

bool facts_at(const struct facts *f, const char *host, const char *port)
{
    return same_text(f->host, host) && same_text(f->port, port);
}

bool facts_another(const struct facts *before, const struct facts *now)
{
    if (!before->known || !now->known)
        return false;
    if (before->system_id && now->system_id && before->system_id != now->system_id)
        return true;
    bool started = before->started_us && before->started_us == now->started_us;
    return !started && !facts_at(now, before->host, before->port);
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
    free(t->first.host);
    free(t->first.port);
}
