/* Whether there is a connection, and how soon the server answers. What is wrong here speaks for all the rest. */
#include "rules/list.h"
#include "rules/say.h"

#include "model/sqlstate.h"

#include <math.h>
#include <string.h>

static const char *const everything[] = {NULL};

/* Between two attempts it is still down; the first attempt of all is news of nothing. */
static bool is_down(const struct link *l)
{
    return l->state == LINK_WAITING || (l->state == LINK_CONNECTING && l->failures > 0);
}

static void say_since(const struct rule_context *c, struct buf *out)
{
    if (!c->is->link.down_us || c->now_us - c->is->link.down_us < 1000000)
        return;
    buf_puts(out, " for ");
    say_duration(out, floor((double)(c->now_us - c->is->link.down_us) / 1e6));
}

static void judge_unreachable(const struct rule_context *c)
{
    const struct link *l = &c->is->link;
    if (!is_down(l) || l->sqlstate[0])
        return;
    struct judgement j = say_begin(0, LEVEL_CRIT);
    buf_puts(&j.words, "cannot be reached");
    say_since(c, &j.words);
    if (l->words[0])
        buf_printf(&j.words, ": %s", l->words);
    if (l->lingering > 0)
        buf_puts(&j.advice, "The server took our sessions and answers none: look whether the machine hangs, at its disks "
                            "and its memory, before you restart anything.");
    if (l->lingering > 1)
        buf_puts(&j.advice, " Where another server answers in its place, Ctrl-R gives those sessions up and connects.");
    say_end(c, &j);
}

const struct rule rule_unreachable = {
    .is = {"unreachable",
           "There is no connection: nothing that the pages show of this server is of now.",
           "Is the machine up, does the network reach it, does PostgreSQL run and listen there? Its own log says why it "
           "ended.",
           NULL},
    .explains = everything,
    .judge = judge_unreachable,
};

static const char *refusal_advice(const struct link *l)
{
    static const struct {
        const char *begins, *has, *advice;      /* has: PgBouncer has one state for all; its words are in one language */
    } all[] = {
        {"28P01", "", "The password is missing, wrong or expired: mend it in ~/.pgpass or the service, or press Ctrl-R to type it."},
        {"28", "", "The role may not log in from here: look at NOLOGIN, VALID UNTIL and pg_hba.conf."},
        {"53300", "", "The connection slots are taken: all of the server's or, where it names a role or a database, those of "
                      "its CONNECTION LIMIT. A superuser still gets in by the reserved ones: end idle sessions, and look "
                      "for the application that opened them."},
        {"3D000", "", "There is no such database: name another in the target's conninfo."},
        {"40001", "", "Replay of the WAL needed what the session held, which is normal on a standby: "
                      "max_standby_streaming_delay and hot_standby_feedback say how patient it is."},
        {"08P01", "not allowed", "Its console is for those whom pgbouncer.ini names under stats_users or admin_users; after "
                                 "a change it wants a RELOAD."},
        {"08P01", "no such database", "pgbouncer.ini has no such name under [databases]: name another in the target's conninfo."},
        {"08P01", "no such user", "PgBouncer does not know this role: look at auth_file and auth_query in pgbouncer.ini."},
        {"08P01", "", "A pooler in between gave up: is it paused, is its pool too small, does it reach the server?"},
        {"57P04", "", "The database was dropped: name another in the target's conninfo."},
        {SQLSTATE_UNTRUSTED, "", "No password was sent. pgvigil(1) has under Encryption what is asked of a server on another "
                                 "machine, and how to say otherwise."},
        {"57P03", "", "It starts, stops, or recovers from a crash: wait, and read its log."},
        {"57P", "", "An administrator ended the sessions: it is being stopped or restarted."},
    };
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (strncmp(l->sqlstate, all[i].begins, strlen(all[i].begins)) == 0 && strstr(l->words, all[i].has))
            return all[i].advice;
    return "";
}

static void judge_refused(const struct rule_context *c)
{
    const struct link *l = &c->is->link;
    bool wants = l->state == LINK_PASSWORD;
    if (!wants && (!is_down(l) || !l->sqlstate[0]))
        return;
    struct judgement j = say_begin(0, wants ? LEVEL_UNKNOWN : LEVEL_CRIT);
    bool untrusted = strcmp(l->sqlstate, SQLSTATE_UNTRUSTED) == 0;
    buf_puts(&j.words, wants ? "wants a password" : l->lost ? "has ended our session"
                       : untrusted ? "is not trusted" : "refuses us");
    if (!l->lost)
        say_since(c, &j.words);
    if (l->words[0])
        buf_printf(&j.words, ": %s", l->words);
    buf_puts(&j.advice, wants ? "Press Ctrl-R to type it, or put it into ~/.pgpass." : refusal_advice(l));
    say_end(c, &j);
}

const struct rule rule_refused = {
    .is = {"refused", "The server answers and lets us not in; it says why.",
           "Read its reason: it is the server's own.", NULL},
    .explains = everything,
    .judge = judge_refused,
};

/* ---- it is there, and does not answer ---- */

static bool is_basic(const char *topic)
{
    static const char *const basic[] = {"server", "sessions", "bouncer_pools", "app_pools"};
    for (size_t i = 0; i < sizeof(basic) / sizeof(basic[0]); i++)
        if (strcmp(topic, basic[i]) == 0)
            return true;
    return false;
}

/* One answer that failed is no news while the next one is good; nor is what was lost with a session that has just been
 * replaced. */
static bool lasts(const struct rule_context *c, const struct sight *s)
{
    if (s->newest->status == FRAME_LOST)
        return c->now_us - c->is->link.since_us > s->interval_us + s->deadline_us;
    return !s->good || s->age_us >= 2 * s->interval_us + s->deadline_us;
}

/* An error of the disk is one the first time, whatever was read; a ping that is late each time is worse than slow. */
static enum level level_of(const struct rule_context *c, const char *topic, const struct sight *s)
{
    const struct frame *f = s->newest;
    bool basic = is_basic(topic), disk = basic && strncmp(f->sqlstate, "58", 2) == 0;
    if (f->sqlstate[0] && (disk || sqlstate_retry(f->sqlstate, false, PHASE_QUERY)->critical))
        return LEVEL_CRIT;
    if (!basic || !lasts(c, s))
        return LEVEL_FINE;
    return f->status == FRAME_TIMEOUT && strcmp(topic, "server") == 0 ? LEVEL_CRIT : LEVEL_WARN;
}

static void judge_topic(const struct rule_context *c, int topic)
{
    const struct topic *t = store_topic(c->store, topic);
    struct sight s = store_sight(c->store, c->target, topic, c->now_us);
    if (t->of || !s.newest || s.newest->status == FRAME_OK || s.newest->status == FRAME_DENIED ||
        s.newest->status == FRAME_ABSENT)
        return;
    enum level level = level_of(c, t->name, &s);
    if (level == LEVEL_FINE)
        return;
    struct judgement j = say_begin((uint64_t)topic + 1, level);
    buf_printf(&j.words, "%s: no answer", t->name);
    if (s.good && s.age_us >= 1000000) {
        buf_puts(&j.words, " for ");
        say_duration(&j.words, floor((double)s.age_us / 1e6));
    }
    buf_printf(&j.words, ": %s", s.newest->note ? s.newest->note : frame_status_word(s.newest->status));
    say_end(c, &j);
}

static void judge_no_answer(const struct rule_context *c)
{
    if (c->is->link.state != LINK_UP)
        return;
    for (int topic = 0; topic < store_topics(c->store); topic++)
        judge_topic(c, topic);
}

static const char *const slow[] = {"slow_to_answer", NULL};

const struct rule rule_no_answer = {
    .is = {"no_answer",
           "There is a connection, and what is asked first of all is not answered, or the server cannot read its own disk: "
           "what is not known cannot be judged.",
           "Its reason is the server's own. Out of time: look at the load of the machine and at its disks. An error of a "
           "disk or of its data: look at the server's log, and at the last backup, before you restart anything.",
           "server"},
    .explains = slow,
    .steady = {2, 2},
    .judge = judge_no_answer,
};

/* Of the cheapest question: half a second for it is the way there and back, or a server that has no time. */
static void judge_slow(const struct rule_context *c)
{
    double ms = (double)rule_frame(c, "server")->cost_us / 1000;
    enum level level = rule_level(c, 0, (struct limit){500, 1000}, ms);
    if (level == LEVEL_FINE)
        return;
    struct judgement j = say_begin(0, level);
    j.value = ms / 1000;
    buf_printf(&j.words, "is slow to answer: %.0f ms for a question that costs it next to nothing", ms);
    say_end(c, &j);
}

static const char *const server_reads[] = {"server", NULL};

const struct rule rule_slow = {
    .is = {"slow_to_answer", "A question that costs next to nothing took over half a second.",
           "Look at the load of the machine, and at the network between here and there.", "server"},
    .kind = TARGET_SERVER,
    .reads = server_reads,
    .steady = {2, 2},
    .judge = judge_slow,
};
