/* Hostile queue definitions: what is accepted can be planned. */
#include "fuzz.h"

#include "conf/queues.h"
#include "probes/queue_match.h"
#include "probes/queue_plan.h"
#include "probes/queue_sql.h"

#include <string.h>

/* Without placeholders that were left; what looks like one may still stand in a text that was put in. */
static void plan(const struct queue_def *def)
{
    bool *optional = calloc(def->noptional + 1, sizeof(*optional));
    FUZZ_CHECK(optional);
    char names[][3] = {"a", "q", "b\"", "r'"};
    struct queue_expanded tables[] = {{names[0], names[1], 1}, {names[2], names[3], 2}};
    struct queue_depth depth = {def,
                                def->nvariants ? &def->variants[0] : NULL,
                                "s\"'\\",
                                optional,
                                false,
                                tables,
                                def->expand.n ? 2 : 0,
                                true,
                                7};
    for (int slow = 0; slow < 2; slow++) {
        struct buf sql = {0};
        depth.slow = slow;
        FUZZ_CHECK(queue_depth_sql(&sql, &depth) == (sql.len > 0));
        buf_free(&sql);
    }
    struct buf sql = {0};
    bool stuck = queue_stuck_sql(&sql, "q", &depth);
    FUZZ_CHECK(!stuck || def->nstuck);
    for (size_t i = 0; i < def->nfinished; i++)
        if (!def->finished[i].expanded)
            queue_finished_sql(&sql, &depth, &def->finished[i]);
    buf_free(&sql);
    free(optional);
}

static void check(const struct queue_def *def)
{
    FUZZ_CHECK(def->id && def->title && def->ndetect && def->nsources);
    for (size_t i = 0; i < def->nsources; i++)
        FUZZ_CHECK(def->sources[i].from.n && def->sources[i].queue.n && def->sources[i].nstates &&
                   def->sources[i].cap > 0);
    for (size_t i = 0; i < def->nstuck; i++)
        FUZZ_CHECK(def->stuck[i].from.n && def->stuck[i].where.n && def->stuck[i].since.n);
}

FUZZ_TARGET(queues)
{
    struct queue_book *book = queue_book_new();
    struct conf_errors errors = {0};
    struct buf sql = {0};
    bool ok = queue_book_parse(book, "fuzz", (const char *)bytes, len, true, &errors);
    struct queue_defs defs = queue_book_defs(book);
    FUZZ_CHECK(ok == (errors.n == 0));
    for (size_t i = 0; i < defs.n; i++) {
        check(defs.list[i]);
        plan(defs.list[i]);
    }
    queue_catalogue_sql(&sql, &defs);
    buf_free(&sql);
    conf_errors_free(&errors);
    queue_book_free(book);
}
