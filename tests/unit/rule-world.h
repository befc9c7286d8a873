/* Servers that are made up, for tests of rules: links, facts and answers go the way that those of real ones go, through
 * the engine's publishing and judging, in virtual time. No watcher is started. */
#ifndef TESTS_RULE_WORLD_H
#define TESTS_RULE_WORLD_H

#include "engine/parts.h"

enum { ONE, TWO, POOLER, THREE, APP, WORLD_TARGETS };   /* three servers, a PgBouncer, and an application of ONE's group */

struct world {
    struct engine *engine;
    struct store *store;
    enum server_role role[WORLD_TARGETS];   /* what answers say; ONE is a primary, TWO and THREE are standbys */
    int64_t cost_us;                        /* of answers */
};

extern struct world world;

void world_begin(void);         /* all connected as a role with pg_monitor; a cluster each; nothing answered yet */
void world_begin_in(const char *one, const char *two, const char *three);    /* in these groups; NULL: in none */
void world_end(void);

/* rows: "pid=1|user=app\npid=2"; what is not named is unknown. NULL: no rows. Judged as it comes. */
void world_answer(int target, const char *topic, const char *rows);
void world_fail(int target, const char *topic, enum frame_status status, const char *note);
void world_error(int target, const char *topic, const char *sqlstate, const char *note);
void world_link(int target, enum link_state state, const char *sqlstate, const char *words);
void world_facts(int target, uint64_t system_id, int64_t started_us, bool monitor);
void world_version(int target, int version);    /* of a server that a superuser watches */
void world_answer_for(double seconds, int target, const char *topic, const char *rows);     /* each 2 s */
void world_pass(double seconds);            /* judged each second */

/* The worst of what a rule shows there, swallowed or not; NULL: nothing. */
const struct finding *world_finding(const char *rule, int target);
/* Ends the test unless that is what is shown. words NULL: nothing. */
void world_expect(const char *rule, int target, enum level level, const char *words);
bool world_has_raised(const char *rule);    /* since the program began */

#endif
