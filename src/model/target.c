/* Targets' words and what they own. */
#include "model/target.h"

#include "base/attr.h"

#include <arpa/inet.h>
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

/* Scripts read the words; people see the alarms. */
static const struct {
    const char *word, *alarm;
} trusts[TRUST_COUNT_] = {
    [TRUST_LOCAL] = {"local", NULL},
    [TRUST_VERIFIED] = {"verified", NULL},
    [TRUST_UNVERIFIED] = {"unverified", "unverified"},
    [TRUST_CLEAR] = {"none", "CLEAR TEXT"},
};

const char *trust_word(enum trust trust)
{
    return trusts[trust].word;
}

const char *trust_alarm(enum trust trust)
{
    return trusts[trust].alarm;
}

bool host_is_local(const char *host)
{
    struct in_addr four;
    struct in6_addr six;
    if (!host || !host[0] || host[0] == '/' || host[0] == '@' || strcmp(host, "localhost") == 0)
        return true;
    if (inet_pton(AF_INET, host, &four) == 1)
        return ntohl(four.s_addr) >> 24 == IN_LOOPBACKNET;
    return inet_pton(AF_INET6, host, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
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
