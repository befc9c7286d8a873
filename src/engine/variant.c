/* Which SQL fits a server: by its version, or by the version of the extension that the probe reads. */
#include "engine/variant.h"

#include "model/grant.h"

#include <string.h>

static int version_for(const struct probe *pr, const struct facts *f)
{
    if (!pr->by_extension)
        return f->version;
    int i = facts_extension(f, "pg_stat_statements");
    return i < 0 ? 0 : f->extensions[i].version;
}

const struct probe_sql *variant_choose(const struct probe *pr, const struct facts *f)
{
    const struct probe_sql *best = NULL;
    int version = version_for(pr, f);
    for (const struct probe_sql *s = pr->sql; s->sql; s++)
        if (version >= s->from)
            best = s;
    return best;
}

const char *variant_absent(const struct probe *pr, const struct facts *f)
{
    if ((pr->needs & NEED_STATEMENTS) && facts_extension(f, "pg_stat_statements") < 0)
        return f->standby ? "the extension pg_stat_statements is not in this database; on its primary: CREATE EXTENSION "
                            "pg_stat_statements"
                          : "the extension pg_stat_statements is not in this database: CREATE EXTENSION pg_stat_statements";
    return pr->plan || variant_choose(pr, f) ? NULL : "this version of the server does not have it";
}

void variant_put(struct buf *out, const struct probe *pr, const struct facts *f)
{
    static const char mark[] = "{statements}";
    const char *sql = variant_choose(pr, f)->sql, *at;
    while ((at = strstr(sql, mark)) != NULL) {
        int i = facts_extension(f, "pg_stat_statements");
        buf_add(out, sql, (size_t)(at - sql));
        grant_quote(out, i < 0 ? "" : f->extensions[i].schema);
        sql = at + sizeof(mark) - 1;
    }
    buf_puts(out, sql);
}
