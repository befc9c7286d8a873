/* One look at all targets: asks, waits until each has answered or will not, and no longer than a few seconds. */
#include "cmd.h"

#include "base/clock.h"
#include "model/sqlstate.h"

#include <string.h>
#include <unistd.h>

#define PATIENCE_US (6 * US_PER_S)      /* for all targets together */
#define TRIES       4                   /* of a question whose answer is a conflict */

struct look {
    struct engine *engine;
    const int *asked;
    int nasked;
};

static void time_is_up(void *arg)
{
    engine_stop(((struct look *)arg)->engine, 0);
}

/* What conflicts with replay or with another transaction is asked again in a moment. */
static bool comes_again(const struct sight *s)
{
    return s->asked < TRIES && s->newest->status == FRAME_FAILED && s->newest->sqlstate[0] &&
           sqlstate_retry(s->newest->sqlstate, false, PHASE_QUERY)->probe == PROBE_RETRY;
}

/* Answered, or will not be: a target that refused us has nothing more to say. */
static bool target_done(const struct look *l, int target)
{
    const struct store *store = engine_store(l->engine);
    const struct target *t = store_target(store, target);
    if (t->link.state == LINK_WAITING || t->link.state == LINK_PASSWORD)
        return true;
    if (t->link.state != LINK_UP)
        return false;
    for (int k = 0; k < l->nasked; k++) {
        struct sight s = store_sight(store, target, l->asked[k], engine_now_us(l->engine));
        if ((!s.newest || comes_again(&s)) && engine_concerns(l->engine, target, l->asked[k]))
            return false;
    }
    return true;
}

static void is_done(void *arg)
{
    struct look *l = arg;
    for (int i = 0; i < store_targets(engine_store(l->engine)); i++)
        if (!target_done(l, i))
            return;
    engine_stop(l->engine, 0);
}

void look_once(struct engine *e, const int *asked, int nasked)
{
    struct look l = {e, asked, nasked};
    for (int i = 0; i < store_targets(engine_store(e)); i++)
        engine_show_also(e, i, asked, nasked);
    struct engine_timer *patience = engine_timer_new(e, time_is_up, &l);
    engine_timer_set(patience, PATIENCE_US);
    engine_each_turn(e, is_done, &l);
    engine_run(e);
    engine_timer_free(patience);
}

int look_with(const struct setup *s, int unmade, int (*see)(void *arg, struct engine *e), void *arg)
{
    struct err err = {0};
    int watcher = find_worker("pgvigil-watch", &err);
    struct engine *e = watcher < 0 ? NULL : setup_engine(s, watcher, true, &err);
    int status = e ? see(arg, e) : complain(unmade, "%s", err.text);
    engine_free(e);
    if (watcher >= 0)
        close(watcher);
    return status;
}

/* PgBouncer has one SQLSTATE for whatever it refuses; its words, which are in one language, tell. */
static bool is_refused(const struct link *l)
{
    static const char *const words[] = {"not allowed", "no such user", "authentication failed"};
    bool refused = l->state == LINK_PASSWORD || strncmp(l->sqlstate, "28", 2) == 0;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        refused = refused || (strcmp(l->sqlstate, "08P01") == 0 && strstr(l->words, words[i]));
    return refused;
}

/* Of one target that is not reached. */
static int judge(const struct target *t)
{
    bool auth = is_refused(&t->link);
    const char *words = t->link.words[0] ? t->link.words : link_state_word(t->link.state);
    if (t->link.senseless)
        return complain(EXIT_USAGE, "%s: this %s makes no sense: %s", t->name, t->application ? "url" : "conninfo", words);
    return complain(auth ? EXIT_AUTH : EXIT_CONNECT, "%s: %s: %s", t->name, auth ? "not let in" : "not reached", words);
}

/* What the user can mend by the command line alone goes before what a server says. One that let us in and was lost again
 * has not told all. */
int look_status(const struct store *store)
{
    int status = EXIT_OK;
    for (int i = 0; i < store_targets(store); i++)
        if (!store_target(store, i)->facts.known || store_target(store, i)->link.state != LINK_UP) {
            int mine = judge(store_target(store, i));
            status = status == EXIT_USAGE ? status : mine;
        }
    return status;
}
