/* Tables of queues that somebody has locked: a count would wait behind the lock, held or only waited for, and each time
 * leave an error in the server's log. Once a question has met one, the locks are looked at first. */
#include "probes/queue_state.h"

#include "probes/locked.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#define LOCKS_MAX 1000

static const struct column columns[] = {
    {"schema", "schema", TYPE_TEXT, ROLE_KEY, UNIT_NONE, 0, 0, "Schema of a table that is locked."},
    {"name", "name", TYPE_TEXT, ROLE_KEY, UNIT_NONE, 0, 0, "The table, also where only an index of it is locked."},
};
const struct schema queue_locks_schema = {"queue_locks", COUNT_OF(columns), columns};

/* False: nobody was in our way of late. */
bool locks_ask(const struct plan_state *s, struct buf *sql, struct plan_question *q)
{
    if (!s->locked_us || s->now_us - s->locked_us >= UNSETTLED_US)
        return false;
    buf_puts(sql, "with " LOCKED_SQL " select n.nspname::text as schema, c.relname::text as name"
                  " from (select coalesce(i.indrelid, k.relation) as oid from locked k"
                  " left join pg_index i on i.indexrelid = k.relation) t"
                  " join pg_class c on c.oid = t.oid join pg_namespace n on n.oid = c.relnamespace limit 1000");
    *q = (struct plan_question){"locks", NULL, &queue_locks_schema, LOCKS_MAX};
    return true;
}

void locks_forget(struct plan_state *s)
{
    if (s->locks)
        frame_unref(s->locks);
    s->locks = NULL;
}

void locks_take(struct plan_state *s, const struct frame *answer)
{
    locks_forget(s);
    if (answer->status == FRAME_OK)
        s->locks = frame_ref(answer);
}

static bool is_of(const struct match *m, const char *name)
{
    for (size_t i = 0; i < m->ntables; i++)
        if (strcmp(m->tables[i].table, name) == 0)
            return true;
    for (size_t i = 0; i < m->def->ndetect; i++)
        if (!m->def->detect[i].pattern && strcmp(m->def->detect[i].name, name) == 0)
            return true;
    for (size_t i = 0; i < m->def->noptional; i++)
        if (strcmp(m->def->optional[i].name, name) == 0)
            return true;
    return false;
}

bool locks_hold(struct plan_state *s, const struct match *m)
{
    for (uint32_t row = 0; s->locks && row < s->locks->nrows; row++) {
        struct frame_text schema = frame_text(s->locks, row, 0), name = frame_text(s->locks, row, 1);
        if (strcmp(schema.bytes, m->schema) != 0 || !is_of(m, name.bytes))
            continue;
        s->locked_us = s->now_us;
        return true;
    }
    return false;
}

/* What was counted before is not shown as if it were of now. */
void locks_refuse(struct lane *lane)
{
    lane_clear(lane);
    state_set(&lane->trouble, "not counted: locked, an exclusive lock on a table of it is held or waited for");
}
