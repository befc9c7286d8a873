/* The shape of clusters from what their servers say: each scenario is a table of targets and one line that says what
 * is to be found. */
#include "base/attr.h"
#include "base/buf.h"
#include "model/cluster.h"
#include "probes/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { TARGETS = 7, SENDERS = 4, P = SERVER_PRIMARY, S = SERVER_STANDBY, DOWN = 1, SILENT = 2, POOLER = 4,
       PROD = 8, STAGING = 16, MUTE = 32, POOLED = 64, STOOD_BY = 128, OF_FIRST = 256,
       AWAITED = 512, DR = 1024, OF_SECOND = 2048 };

struct row {
    const char *application, *client, *slot;
};

struct seen {
    const char *name;           /* NULL ends the scenario */
    int cluster, started;       /* 0: not known */
    const char *host, *port;
    int role, timeline;
    const char *sender, *slot;  /* of its receiver; NULL: it has none */
    struct row sends[SENDERS];
    int how;                    /* DOWN: no connection; SILENT: and never was; POOLER; PROD, STAGING, DR: its group;
                                 * MUTE: it said nothing of late; POOLED: through a pooler; STOOD_BY: it was a standby
                                 * before, OF_FIRST, OF_SECOND: of that target; AWAITED: SILENT, but nothing went wrong */
};

/* Found: "a*" the primary, "a-" another one, "a<b" a follows b by both ends, "a<~b" by its receiver, "a<?b" what is
 * left, "a</b" cut off, "a<…" somebody else, "a!" stays on its timeline, "a=b" the same server, "a~" is guessed to belong
 * there. Then the clusters: "[primaries that are up/servers]". */
static const struct scenario {
    const char *is;
    struct seen seen[TARGETS];
    const char *found;
} scenarios[] = {
    {"a plain pair, by address",
     {{"a", 1, 10, "db1", "5432", P, 1, NULL, NULL, {{"walreceiver", "10.0.0.2", NULL}}, 0},
      {"b", 1, 20, "db2", "5432", S, 1, "db1:5432", NULL, {{NULL}}, 0}},
     "a* b<a [1/2]"},
    {"a plain pair whose ends call each other otherwise",
     {{"a", 1, 10, "db1", "5432", P, 1, NULL, NULL, {{"walreceiver", "10.0.0.2", NULL}}, 0},
      {"b", 1, 20, "db2", "5432", S, 1, "10.0.0.1:5432", NULL, {{NULL}}, 0}},
     "a* b<a [1/2]"},
    {"the primary shows no sender: its role may not see them",
     {{"a", 1, 10, "db1", "5432", P, 1, NULL, NULL, {{NULL}}, 0},
      {"b", 1, 20, "db2", "5432", S, 1, "db1:5432", NULL, {{NULL}}, 0}},
     "a* b<~a [1/2]"},
    {"a cascade, by slots",
     {{"c", 1, 30, "/run/c", "5432", S, 1, "10.0.0.2:5432", "for_c", {{NULL}}, 0},
      {"b", 1, 20, "/run/b", "5432", S, 1, "10.0.0.1:5432", "for_b", {{"walreceiver", NULL, "for_c"}}, 0},
      {"a", 1, 10, "/run/a", "5432", P, 1, NULL, NULL, {{"walreceiver", NULL, "for_b"}}, 0}},
     "c<b b<a a* [1/3]"},
    {"a cascade, by names and what is left",
     {{"a", 1, 10, "x", "5432", P, 1, NULL, NULL, {{"b", NULL, NULL}, {"walreceiver", NULL, NULL}}, 0},
      {"b", 1, 20, "y", "5432", S, 1, "h:5432", NULL, {{"d", NULL, NULL}}, 0},
      {"c", 1, 30, "z", "5432", S, 1, "h:5432", NULL, {{NULL}}, 0},
      {"d", 1, 40, "w", "5432", S, 1, "i:5432", NULL, {{NULL}}, 0}},
     "a* b<a c<a d<b [1/4]"},
    {"a cascade of which nothing is said: the one in the middle follows the primary",
     {{"c", 1, 30, "z", "5432", S, 1, "i:5432", NULL, {{NULL}}, 0},
      {"a", 1, 10, "x", "5432", P, 1, NULL, NULL, {{"walreceiver", NULL, NULL}}, 0},
      {"b", 1, 20, "y", "5432", S, 1, "h:5432", NULL, {{"walreceiver", NULL, NULL}}, 0}},
     "c<?b a* b<a [1/3]"},
    {"a promotion: the old primary is gone",
     {{"a", 1, 10, "db1", "5432", P, 1, NULL, NULL, {{"b", NULL, NULL}, {"c", NULL, NULL}}, DOWN},
      {"b", 1, 20, "db2", "5432", P, 2, NULL, NULL, {{"walreceiver", NULL, NULL}}, 0},
      {"c", 1, 30, "db3", "5432", S, 2, "db2:5432", NULL, {{NULL}}, 0}},
     "a- b* c<b [1/3]"},
    {"the old primary is gone, and the standby with its slot follows the new one",
     {{"a", 1, 10, "db1", "5432", P, 1, NULL, NULL, {{"walreceiver", NULL, "c"}}, DOWN},
      {"b", 1, 20, "db2", "5432", P, 2, NULL, NULL, {{"walreceiver", NULL, NULL}}, 0},
      {"c", 1, 30, "db3", "5432", S, 2, "10.0.0.2:5432", "c", {{NULL}}, 0}},
     "a- b* c<b [1/3]"},
    {"and it comes back: two take writes, and a standby stayed with it",
     {{"a", 1, 11, "db1", "5432", P, 1, NULL, NULL, {{"d", NULL, NULL}}, 0},
      {"b", 1, 20, "db2", "5432", P, 2, NULL, NULL, {{"c", NULL, NULL}}, 0},
      {"c", 1, 30, "db3", "5432", S, 2, "db2:5432", NULL, {{NULL}}, 0},
      {"d", 1, 40, "db4", "5432", S, 1, "db1:5432", NULL, {{NULL}}, 0}},
     "a- b* c<b d<a [2/4]"},
    {"and is gone again: the standby that stayed with it was left behind",
     {{"a", 1, 11, "db1", "5432", P, 1, NULL, NULL, {{"d", NULL, NULL}}, DOWN},
      {"b", 1, 20, "db2", "5432", P, 2, NULL, NULL, {{"c", NULL, NULL}}, 0},
      {"c", 1, 30, "db3", "5432", S, 2, "db2:5432", NULL, {{NULL}}, 0},
      {"d", 1, 40, "db4", "5432", S, 1, "db1:5432", NULL, {{NULL}}, 0}},
     "a- b* c<b d<~a! [1/4]"},
    {"a copy in another group that was promoted, and one of which nothing is said",
     {{"a", 1, 10, "db1", "5432", P, 1, NULL, NULL, {{"b", NULL, NULL}}, PROD},
      {"x", 1, 20, "db2", "5432", P, 2, NULL, NULL, {{NULL}}, STAGING},
      {"b", 1, 30, "db3", "5432", S, 1, "db1:5432", NULL, {{NULL}}, PROD},
      {"c", 1, 40, "db4", "5432", S, 1, "db1:5432", NULL, {{NULL}}, 0}},
     "a* x* b<a c<~a [1/3] [1/1]"},
    {"the first has no group, and is in that of the next one",
     {{"b", 1, 30, "db3", "5432", S, 1, "db1:5432", NULL, {{NULL}}, 0},
      {"a", 1, 10, "db1", "5432", P, 1, NULL, NULL, {{"b", NULL, NULL}}, PROD},
      {"x", 1, 20, "db2", "5432", P, 2, NULL, NULL, {{NULL}}, STAGING}},
     "b<a a* x* [1/2] [1/1]"},
    {"a standby in another group, by its name there; only its address would do as well, and so would nothing at all",
     {{"a", 1, 10, "db1", "5432", P, 1, NULL, NULL, {{"b", NULL, NULL}, {"walreceiver", NULL, NULL}}, PROD},
      {"b", 1, 20, "db2", "5432", S, 1, "10.0.0.1:5432", NULL, {{NULL}}, STAGING},
      {"c", 1, 30, "db3", "5432", S, 1, "db1:5432", NULL, {{NULL}}, STAGING},
      {"d", 1, 40, "db4", "5432", S, 0, NULL, NULL, {{NULL}}, STAGING}},
     "a* b<a c<a d</a~ [1/4]"},
    {"the same beside a copy: who names nobody may be anybody's, and one that was seen to follow belongs there still",
     {{"a", 1, 10, "db1", "5432", P, 1, NULL, NULL, {{"b", NULL, NULL}, {"walreceiver", NULL, NULL}}, PROD},
      {"x", 1, 50, "db5", "5432", P, 2, NULL, NULL, {{"walreceiver", NULL, NULL}}, 0},
      {"b", 1, 20, "db2", "5432", S, 1, "10.0.0.1:5432", NULL, {{NULL}}, STAGING},
      {"e", 1, 60, "db6", "5432", S, 2, "db5:5432", NULL, {{NULL}}, STAGING}},
     "a- x* b<a e<x [2/4]"},
    {"a copy and its standby in their group, and one of the first in a third",
     {{"a", 1, 10, "db1", "5432", P, 3, NULL, NULL, {{"b", NULL, NULL}}, PROD},
      {"x", 1, 50, "db5", "5432", P, 2, NULL, NULL, {{"walreceiver", NULL, NULL}}, STAGING},
      {"y", 1, 60, "db6", "5432", S, 2, "h:5432", NULL, {{NULL}}, STAGING},
      {"b", 1, 20, "db2", "5432", S, 3, "10.0.0.1:5432", NULL, {{NULL}}, DR},
      {"c", 1, 30, "db3", "5432", S, 3, "i:5432", NULL, {{NULL}}, DR},
      {"d", 1, 40, "db4", "5432", S, 0, NULL, NULL, {{NULL}}, DR | STOOD_BY | OF_FIRST}},
     "a* x* y<x b<a c<… d</a~ [1/3] [1/2] [0/1]"},
    {"a cascade in another group",
     {{"c", 1, 30, "db3", "5432", S, 1, "db2:5432", NULL, {{NULL}}, DR},
      {"b", 1, 20, "db2", "5432", S, 1, "db1:5432", NULL, {{"walreceiver", NULL, NULL}}, DR},
      {"a", 1, 10, "db1", "5432", P, 1, NULL, NULL, {{"walreceiver", NULL, NULL}}, PROD},
      {"x", 1, 50, "db5", "5432", P, 2, NULL, NULL, {{NULL}}, STAGING}},
     "c<b b<a a* x* [1/3] [1/1]"},
    {"the primary of its own group has not answered yet: nothing is guessed",
     {{"a", 1, 10, "db1", "5432", P, 1, NULL, NULL, {{NULL}}, PROD},
      {"x", 0, 0, NULL, NULL, 0, 0, NULL, NULL, {{NULL}}, STAGING | SILENT},
      {"y", 1, 60, "db6", "5432", S, 2, "h:5432", NULL, {{NULL}}, STAGING}},
     "a* x y<… [1/1] [0/1]"},
    {"nor while any is yet to answer",
     {{"a", 1, 10, "db1", "5432", P, 1, NULL, NULL, {{NULL}}, PROD},
      {"x", 0, 0, NULL, NULL, 0, 0, NULL, NULL, {{NULL}}, SILENT | AWAITED},
      {"y", 1, 60, "db6", "5432", S, 2, "h:5432", NULL, {{NULL}}, STAGING}},
     "a* x y<… [1/1] [0/1]"},
    {"one that is down for long does not matter",
     {{"a", 1, 10, "db1", "5432", P, 1, NULL, NULL, {{NULL}}, PROD},
      {"x", 0, 0, NULL, NULL, 0, 0, NULL, NULL, {{NULL}}, SILENT},
      {"y", 1, 60, "db6", "5432", S, 1, "h:5432", NULL, {{NULL}}, STAGING}},
     "a* x y<…~ [1/2]"},
    {"no primary is watched: standbys of two groups are together",
     {{"a", 1, 10, "db1", "5432", S, 1, "h:5432", NULL, {{"b", NULL, NULL}}, PROD},
      {"b", 1, 20, "db2", "5432", S, 1, "db1:5432", NULL, {{NULL}}, STAGING}},
     "a<… b<a [0/2]"},
    {"a standby in another group is promoted while its primary lives on, beside a copy",
     {{"a", 1, 10, "db1", "5432", P, 1, NULL, NULL, {{"c", NULL, NULL}}, PROD},
      {"x", 1, 50, "db5", "5432", P, 2, NULL, NULL, {{NULL}}, STAGING},
      {"b", 1, 20, "db2", "5432", P, 2, NULL, NULL, {{"d", NULL, NULL}}, DR | STOOD_BY | OF_FIRST},
      {"c", 1, 30, "db3", "5432", S, 1, "h:5432", NULL, {{NULL}}, PROD},
      {"d", 1, 40, "db4", "5432", S, 2, "h:5432", NULL, {{NULL}}, DR}},
     "a- x* b* c<a d<b [2/4] [1/1]"},
    {"the same, and whom it followed is not known: the only one",
     {{"b", 1, 20, "db2", "5432", P, 2, NULL, NULL, {{NULL}}, DR | STOOD_BY},
      {"a", 1, 10, "db1", "5432", P, 1, NULL, NULL, {{NULL}}, PROD}},
     "b* a- [2/2]"},
    {"each followed the other once",
     {{"b", 1, 20, "db2", "5432", P, 2, NULL, NULL, {{NULL}}, DR | STOOD_BY | OF_SECOND},
      {"a", 1, 10, "db1", "5432", P, 3, NULL, NULL, {{NULL}}, PROD | STOOD_BY | OF_FIRST},
      {"x", 1, 50, "db5", "5432", P, 9, NULL, NULL, {{NULL}}, STAGING}},
     "b- a* x* [2/2] [1/1]"},
    {"the old primary follows it, in its own group: a copy is no rival of it",
     {{"a", 1, 10, "db1", "5432", S, 2, "db2:5432", NULL, {{NULL}}, PROD},
      {"x", 1, 50, "db5", "5432", P, 9, NULL, NULL, {{NULL}}, STAGING},
      {"b", 1, 20, "db2", "5432", P, 2, NULL, NULL, {{"a", NULL, NULL}}, DR | STOOD_BY | OF_FIRST}},
     "a<b x* b* [1/2] [1/1]"},
    {"it was never seen as a standby: a cluster of its own",
     {{"a", 1, 10, "db1", "5432", P, 1, NULL, NULL, {{NULL}}, PROD},
      {"b", 1, 20, "db2", "5432", P, 2, NULL, NULL, {{NULL}}, DR}},
     "a* b* [1/1] [1/1]"},
    {"two databases of one server are one, whatever groups they are in",
     {{"shop", 1, 10, "db1", "5432", P, 1, NULL, NULL, {{NULL}}, PROD},
      {"tasks", 1, 10, "10.0.0.1", "5432", P, 1, NULL, NULL, {{NULL}}, STAGING}},
     "shop* tasks=shop [1/1]"},
    {"the old primary follows the new one, under its name",
     {{"primary", 1, 12, "db1", "5432", S, 2, "db2:5432", NULL, {{NULL}}, 0},
      {"standby", 1, 20, "db2", "5432", P, 2, NULL, NULL, {{"primary", NULL, NULL}}, 0}},
     "primary<standby standby* [1/2]"},
    {"a standby that receives nothing",
     {{"a", 1, 10, "db1", "5432", P, 1, NULL, NULL, {{NULL}}, 0},
      {"b", 1, 20, "db2", "5432", S, 0, NULL, NULL, {{NULL}}, 0}},
     "a* b</a [1/2]"},
    {"the only primary is down: it stays the primary, and the standby is cut off",
     {{"a", 1, 10, "db1", "5432", P, 1, NULL, NULL, {{"b", NULL, NULL}}, DOWN},
      {"b", 1, 20, "db2", "5432", S, 0, NULL, NULL, {{NULL}}, 0}},
     "a* b</a [0/2]"},
    {"a primary that is not watched: its standbys follow neither each other",
     {{"b", 1, 20, "db2", "5432", S, 1, "db1:5432", NULL, {{"walreceiver", "10.0.0.9", NULL}}, 0},
      {"c", 1, 30, "db3", "5432", S, 1, "db1:5432", NULL, {{NULL}}, 0}},
     "b<… c<… [0/2]"},
    {"two clusters, alike in all but their identifier",
     {{"a", 1, 10, "db1", "5432", P, 1, NULL, NULL, {{"b", NULL, NULL}}, 0},
      {"x", 2, 10, "db3", "5432", P, 1, NULL, NULL, {{"y", NULL, NULL}}, 0},
      {"b", 1, 20, "db2", "5432", S, 1, "pg:5432", NULL, {{NULL}}, 0},
      {"y", 2, 20, "db4", "5432", S, 1, "pg:5432", NULL, {{NULL}}, 0}},
     "a* x* b<a y<x [1/2] [1/2]"},
    {"two databases of one server, one of them out of reach",
     {{"shop", 1, 10, "db1", "5432", P, 1, NULL, NULL, {{"b", NULL, NULL}}, DOWN},
      {"tasks", 1, 10, "10.0.0.1", "5432", P, 1, NULL, NULL, {{"b", NULL, NULL}}, 0},
      {"b", 1, 20, "db2", "5432", S, 1, "db1:5432", NULL, {{NULL}}, 0}},
     "shop* tasks=shop b<shop [1/2]"},
    {"a restart, seen through one of two databases: still one server",
     {{"shop", 1, 10, "db1", "5432", P, 1, NULL, NULL, {{NULL}}, DOWN},
      {"tasks", 1, 15, "db1", "5432", P, 1, NULL, NULL, {{NULL}}, 0}},
     "shop* tasks=shop [1/1]"},
    {"a failover behind one address: the session with the old server lives on, and it takes writes",
     {{"shop", 1, 10, "vip", "5432", P, 1, NULL, NULL, {{NULL}}, 0},
      {"tasks", 1, 20, "vip", "5432", P, 2, NULL, NULL, {{NULL}}, 0}},
     "shop- tasks* [2/2]"},
    {"the same, but the old server has said nothing since: it may be gone",
     {{"shop", 1, 10, "vip", "5432", P, 1, NULL, NULL, {{NULL}}, MUTE},
      {"tasks", 1, 20, "vip", "5432", P, 2, NULL, NULL, {{NULL}}, 0}},
     "shop* tasks=shop [1/1]"},
    {"the same through a pooler, which does not tell when it goes on with another server",
     {{"shop", 1, 10, "vip", "6432", P, 1, NULL, NULL, {{NULL}}, POOLED},
      {"tasks", 1, 20, "vip", "6432", P, 2, NULL, NULL, {{NULL}}, 0}},
     "shop* tasks=shop [1/1]"},
    {"one address, and a start that nobody may see",
     {{"shop", 1, 0, "db1", "5432", P, 1, NULL, NULL, {{NULL}}, 0},
      {"tasks", 1, 20, "db1", "5432", P, 1, NULL, NULL, {{NULL}}, 0}},
     "shop* tasks=shop [1/1]"},
    {"a pooler, and one that never answered",
     {{"a", 1, 10, "db1", "5432", P, 1, NULL, NULL, {{NULL}}, 0},
      {"pool", 0, 10, "db1", "6432", 0, 0, NULL, NULL, {{NULL}}, POOLER},
      {"gone", 0, 0, NULL, NULL, 0, 0, NULL, NULL, {{NULL}}, SILENT}},
     "a* pool gone [1/1]"},
    {"ports tell apart what one machine runs",
     {{"a", 1, 10, "db1", "5433", P, 1, NULL, NULL, {{"walreceiver", NULL, NULL}}, 0},
      {"b", 1, 20, "db1", "5434", S, 1, "127.0.0.1:5433", NULL, {{"walreceiver", NULL, NULL}}, 0},
      {"c", 1, 30, "db1", "5435", S, 1, "127.0.0.1:5434", NULL, {{NULL}}, 0}},
     "a* b<a c<b [1/3]"},
};

static void put(struct frame_builder *b, const struct schema *s, const char *column, const char *text)
{
    if (text)
        frame_build_text(b, schema_find(s, column), text, strlen(text));
}

static struct frame *answer_of(const struct seen *s)
{
    const struct schema *schema = probe_replication.schema;
    struct frame_builder *b = frame_build(schema);
    frame_build_row(b);
    put(b, schema, "kind", "self");
    for (int i = 0; i < SENDERS && s->sends[i].application; i++) {
        frame_build_row(b);
        put(b, schema, "kind", "sender");
        put(b, schema, "name", s->sends[i].application);
        put(b, schema, "client", s->sends[i].client);
        put(b, schema, "slot", s->sends[i].slot);
    }
    if (s->role == S) {
        frame_build_row(b);
        put(b, schema, "kind", "receiver");
        put(b, schema, "sender", s->sender);
        put(b, schema, "slot", s->slot);
        frame_build_int(b, schema_find(schema, "id"), s->sender ? 4711 : 0);
    }
    return frame_seal(b, &(struct frame_head){.status = FRAME_OK});
}

static void say(struct buf *out, const struct scenario *sc, const struct cluster_shape *shape)
{
    static const char *const links[] = {"", "<", "<~", "<?", "</", "<…"};
    for (int i = 0; i < shape->n; i++) {
        const struct cluster_node *n = &shape->nodes[i];
        buf_printf(out, "%s%s", i ? " " : "", sc->seen[i].name);
        if (n->same != i) {
            buf_printf(out, "=%s", sc->seen[n->same].name);
            continue;
        }
        if (n->role == SERVER_PRIMARY)
            buf_puts(out, n->former ? "-" : "*");
        buf_printf(out, "%s%s%s", links[n->link], n->follows >= 0 ? sc->seen[n->follows].name : "", n->stays ? "!" : "");
        buf_puts(out, n->guessed ? "~" : "");
    }
    for (int i = 0; i < shape->nclusters; i++)
        buf_printf(out, " [%d/%d]", shape->clusters[i].primaries, shape->clusters[i].servers);
}

static void facts_of(const struct seen *s, struct facts *f)
{
    *f = (struct facts){.known = !(s->how & SILENT), .kind = s->how == POOLER ? TARGET_POOLER : TARGET_SERVER,
                        .standby = s->role == S, .pooled = s->how & POOLED, .started_us = s->started, .system_id = (uint64_t)s->cluster,
                        .host = (char *)s->host, .port = (char *)s->port};
}

static void scenarios_are_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(scenarios); i++) {
        const struct scenario *sc = &scenarios[i];
        struct facts facts[TARGETS];
        struct cluster_seen seen[TARGETS];
        struct buf text = {0};
        int n = 0;
        for (; n < TARGETS && sc->seen[n].name; n++) {
            const struct seen *s = &sc->seen[n];
            facts_of(s, &facts[n]);
            const char *group = s->how & PROD ? "prod" : s->how & STAGING ? "staging" : s->how & DR ? "dr" : NULL;
            seen[n] = (struct cluster_seen){.name = s->name, .group = group, .facts = &facts[n],
                                            .came_us = 1, .told_us = s->how & MUTE ? 1 : 2,
                                            .up = !(s->how & (DOWN | SILENT)),
                                            .role = (enum server_role)s->role, .timeline = s->timeline,
                                            .awaited = s->how & AWAITED, .received = s->how & STOOD_BY,
                                            .source = s->how & OF_FIRST ? 1 : s->how & OF_SECOND ? 2 : 0,
                                            .replication = s->how & (SILENT | POOLER) ? NULL : answer_of(s)};
        }
        struct cluster_shape shape = cluster_find(seen, n);
        say(&text, sc, &shape);
        if (strcmp(buf_text(&text), sc->found) != 0)
            fail_msg("%s:\nwanted %s\nfound  %s", sc->is, sc->found, buf_text(&text));
        cluster_shape_free(&shape);
        for (int k = 0; k < n; k++)
            frame_unref(seen[k].replication);
        buf_free(&text);
    }
}

static void senders_that_are_watched_are_known(void **state)
{
    (void)state;
    const struct seen all[] = {
        {"a", 1, 10, "db1", "5432", P, 1, NULL, NULL, {{"other", NULL, NULL}, {"b", NULL, NULL}}, 0},
        {"b", 1, 20, "db2", "5432", S, 1, "db1:5432", NULL, {{NULL}}, 0}};
    struct facts facts[2];
    struct cluster_seen seen[2];
    for (int i = 0; i < 2; i++) {
        facts_of(&all[i], &facts[i]);
        seen[i] = (struct cluster_seen){.name = all[i].name, .facts = &facts[i], .up = true,
                                        .role = (enum server_role)all[i].role, .replication = answer_of(&all[i])};
    }
    struct cluster_shape shape = cluster_find(seen, 2);
    assert_false(cluster_sender_watched(&shape, 0, 1));
    assert_true(cluster_sender_watched(&shape, 0, 2));
    cluster_shape_free(&shape);
    shape = cluster_find(seen, 0);
    assert_int_equal(shape.nclusters, 0);
    cluster_shape_free(&shape);
    for (int i = 0; i < 2; i++)
        frame_unref(seen[i].replication);
}

/* Whose WAL each one gets in the end, whatever stands between. */
static void the_source_is_the_primary_that_is_followed(void **state)
{
    (void)state;
    static const struct seen all[] = {
        {"a", 1, 10, "db1", "5432", P, 1, NULL, NULL, {{"d", NULL, NULL}}, 0},
        {"b", 1, 20, "db2", "5432", P, 2, NULL, NULL, {{"c", NULL, NULL}}, 0},
        {"c", 1, 30, "db3", "5432", S, 2, "db2:5432", NULL, {{"e", NULL, NULL}}, 0},
        {"d", 1, 40, "db4", "5432", S, 1, "db1:5432", NULL, {{NULL}}, 0},
        {"e", 1, 50, "db5", "5432", S, 2, "db3:5432", NULL, {{NULL}}, 0},
        {"f", 1, 60, "db6", "5432", S, 2, "elsewhere:5432", NULL, {{NULL}}, 0},
        {"g", 2, 70, "db7", "5432", S, 2, "elsewhere:5432", NULL, {{NULL}}, 0}};
    static const int sources[] = {-1, -1, 1, 0, 1, 1, -1};
    struct facts facts[COUNT_OF(all)];
    struct cluster_seen seen[COUNT_OF(all)];
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        facts_of(&all[i], &facts[i]);
        seen[i] = (struct cluster_seen){.name = all[i].name, .facts = &facts[i], .up = true, .timeline = all[i].timeline,
                                        .role = (enum server_role)all[i].role, .replication = answer_of(&all[i])};
    }
    struct cluster_shape shape = cluster_find(seen, COUNT_OF(all));
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        assert_int_equal(cluster_source(&shape, (int)i), sources[i]);
        frame_unref(seen[i].replication);
    }
    cluster_shape_free(&shape);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scenarios_are_found),
        cmocka_unit_test(senders_that_are_watched_are_known),
        cmocka_unit_test(the_source_is_the_primary_that_is_followed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
