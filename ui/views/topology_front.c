/* Poolers and applications on the topology page: each below the server that it stands in front of. */
#include "ui/views/topology_rows.h"

#include "base/mem.h"
#include "model/front.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_pooler(const struct target *t)
{
    return t->facts.known && t->facts.kind == TARGET_POOLER;
}

/* ---- poolers ---- */

static const struct frame *databases_of(const struct making *m, int pooler)
{
    int topic = store_find_topic(m->store, "bouncer_databases");
    return topic < 0 ? NULL : store_sight(m->store, pooler, topic, m->now_us).good;
}

/* Its own console is no database of anybody's. */
static bool is_own(const struct frame *f, uint32_t row)
{
    return frame_says(f, row, "name", "pgbouncer");
}

/* The server that a database is on; -1: none that is watched, as far as addresses tell. */
static int server_of(const struct making *m, int pooler, const struct frame *f, uint32_t row)
{
    double port = frame_named_number(f, row, "port");
    for (int i = 0; i < m->n && port > 0; i++)
        if (front_serves(&store_target(m->store, pooler)->facts, frame_named_text(f, row, "host"), (int64_t)port,
                         &store_target(m->store, i)->facts))
            return m->shape.nodes[i].same;
    return -1;
}

/* The one that most of its databases are on; -1: none. */
static int server_of_pooler(const struct making *m, int pooler)
{
    const struct frame *f = databases_of(m, pooler);
    unsigned *databases = mem_array((size_t)m->n + 1, sizeof(*databases)), most = 0;
    int best = -1;
    for (uint32_t row = 0; f && row < f->nrows; row++) {
        int server = is_own(f, row) ? -1 : server_of(m, pooler, f, row);
        if (server >= 0 && ++databases[server] > most) {
            most = databases[server];
            best = server;
        }
    }
    free(databases);
    return best;
}

/* "serves shop, tasks; reports is on shop-2" */
static void say_databases(const struct making *m, struct line *l, int pooler, int server)
{
    const struct frame *f = databases_of(m, pooler);
    const char *before = "serves ";
    for (uint32_t row = 0; f && server >= 0 && row < f->nrows; row++) {
        struct frame_text name = frame_named_text(f, row, "name");
        if (is_own(f, row) || server_of(m, pooler, f, row) != server)
            continue;
        buf_puts(&l->note, l->note.len && before[0] == 's' ? "; " : "");
        buf_puts(&l->note, before);
        buf_add(&l->note, name.bytes, name.len);
        before = ", ";
    }
    for (uint32_t row = 0; f && row < f->nrows; row++) {
        struct frame_text name = frame_named_text(f, row, "name"), host = frame_named_text(f, row, "host");
        int other = server_of(m, pooler, f, row);
        char words[256];
        if (is_own(f, row) || (other == server && server >= 0))
            continue;
        if (other >= 0)
            snprintf(words, sizeof(words), "%.*s is on %s", (int)name.len, name.bytes, store_target(m->store, other)->name);
        else
            snprintf(words, sizeof(words), "%.*s is at %.*s:%.0f, which is no address that is watched", (int)name.len,
                     name.bytes, (int)host.len, host.bytes, frame_named_number(f, row, "port"));
        topology_note(l, ROW_PLAIN, words);
    }
    if (!f)
        topology_note(l, ROW_UNKNOWN, "has not said yet which servers it is in front of");
}

/* ---- applications ---- */

static void say_sessions(const struct making *m, struct line *l, int app)
{
    const struct target *t = store_target(m->store, app);
    struct front_sessions s = front_of_app(m->store, app, false, m->now_us);
    char words[256];
    if (s.server >= 0)
        snprintf(words, sizeof(words), s.n == 1 ? "%u session there: " : "%u sessions there: ", s.n);
    if (s.server >= 0) {
        size_t at = strlen(words);
        snprintf(words + at, sizeof(words) - at, "%u active, %u in locks, %u idle in transaction", s.active, s.locked, s.in_tx);
    } else if (t->group)
        snprintf(words, sizeof(words), "no server of its group shows a session of %s", t->application);
    else
        snprintf(words, sizeof(words), "is in no group: its server cannot be told");
    topology_note(l, s.server >= 0 ? ROW_PLAIN : ROW_DIM, words);
}

/* ---- rows ---- */

static int stands_before(const struct making *m, int target)
{
    const struct target *t = store_target(m->store, target);
    if (is_pooler(t))
        return server_of_pooler(m, target);
    int server = t->application ? front_of_app(m->store, target, false, m->now_us).server : -1;
    return server < 0 ? -1 : m->shape.nodes[server].same;
}

static void put_front(struct making *m, int target, int server, int parent)
{
    const struct target *t = store_target(m->store, target);
    struct line l = {.mark = ROW_FINE};
    int cluster = server < 0 ? -1 : m->shape.nodes[server].cluster;
    m->row[target] = topology_begin(m, t->application ? "app" : "pooler", cluster, target, parent);
    topology_word(m, T_NAME, t->name);
    topology_word(m, T_ROLE, t->application ? "app" : "pooler");
    if (t->link.state != LINK_UP)
        topology_down(m, &l, target);
    else if (t->application)
        say_sessions(m, &l, target);
    else
        say_databases(m, &l, target, server);
    topology_state(m, &l, target);
    topology_finish(m, &l);
}

bool topology_is_front(const struct making *m, int target)
{
    return is_pooler(store_target(m->store, target)) || store_target(m->store, target)->application;
}

void topology_fronts(struct making *m, int server, int parent)
{
    for (int i = 0; i < m->n; i++)
        if (m->row[i] < 0 && topology_is_front(m, i) && m->front[i] == server)
            put_front(m, i, server, parent);
}

void topology_find_fronts(struct making *m)
{
    for (int i = 0; i < m->n; i++)
        m->front[i] = topology_is_front(m, i) ? stands_before(m, i) : -1;
}
