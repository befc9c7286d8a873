/* The GRANT of a topic, with the names of the role and of the schema filled in. */
#include "model/grant.h"

#include <stdio.h>
#include <string.h>

#define ROLE_MARK   "{role}"
#define SCHEMA_MARK "{statements}"

/* Words that are no names without quotes. Documentation: "SQL Key Words", what PostgreSQL calls reserved. */
static const char reserved[] =
    " all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation "
    "column concurrently constraint create cross current_catalog current_date current_role current_schema current_time "
    "current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign freeze "
    "from full grant group having ilike in initially inner intersect into is isnull join lateral leading left like limit "
    "localtime localtimestamp natural not notnull null offset on only or order outer overlaps placing primary "
    "references returning right select session_user similar some symmetric system_user table tablesample then to trailing "
    "true union unique user using variadic verbose when where window with ";

static bool plain_name(const char *name)
{
    char word[80];
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");
    if (!((*name >= 'a' && *name <= 'z') || *name == '_') || name[len])
        return false;
    snprintf(word, sizeof(word), " %s ", name);
    return len >= sizeof(word) - 2 || !strstr(reserved, word);
}

void grant_quote(struct buf *out, const char *name)
{
    buf_putc(out, '"');
    for (; *name; name++) {
        if (*name == '"')
            buf_putc(out, '"');
        buf_putc(out, *name);
    }
    buf_putc(out, '"');
}

void grant_name(struct buf *out, const char *name)
{
    if (plain_name(name))
        buf_puts(out, name);
    else
        grant_quote(out, name);
}

/* One statement of a grant. */
static void fill(struct buf *out, const char *grant, size_t len, const char *role, const char *schema)
{
    for (const char *at = grant; at < grant + len;) {
        if (strncmp(at, ROLE_MARK, strlen(ROLE_MARK)) == 0) {
            grant_name(out, role);
            at += strlen(ROLE_MARK);
        } else if (strncmp(at, SCHEMA_MARK, strlen(SCHEMA_MARK)) == 0) {
            grant_name(out, schema);
            at += strlen(SCHEMA_MARK);
        } else {
            buf_putc(out, *at++);
        }
    }
}

/* Nobody needs a grant on the schema public. */
static bool is_needless(const char *grant, size_t len, const char *schema)
{
    return strcmp(schema, "public") == 0 && memmem(grant, len, SCHEMA_MARK, strlen(SCHEMA_MARK)) != NULL;
}

void grant_put(struct buf *out, const char *grant, const struct facts *facts)
{
    int i = facts ? facts_extension(facts, "pg_stat_statements") : -1;
    const char *role = facts && facts->user ? facts->user : "your_role";
    const char *schema = i >= 0 ? facts->extensions[i].schema : "public";
    bool first = true;
    for (const char *at = grant; *at;) {
        size_t len = strcspn(at, ";");
        if (!is_needless(at, len, schema)) {
            buf_puts(out, first ? "" : "; ");
            fill(out, at, len, role, schema);
            first = false;
        }
        at += len;
        at += strspn(at, "; ");
    }
}

const char *grant_place(const struct facts *facts)
{
    return facts && facts->known && facts->standby ? ", on its primary" : "";
}

bool grant_missing(const char *grant, const struct facts *facts)
{
    return grant && facts->known && facts->kind == TARGET_SERVER && !facts->superuser && !facts->monitor;
}
