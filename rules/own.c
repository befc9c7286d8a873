/* What this role cannot see, and our own troubles. */
#include "rules/list.h"
#include "rules/say.h"

#include "model/blind.h"
#include "model/grant.h"
#include "model/health.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* One for the role as a whole: with pg_monitor it sees all that the pages of the server itself need. */
static void judge_rights(const struct rule_context *c)
{
    const struct facts *f = &c->is->facts;
    if (!f->known || f->kind != TARGET_SERVER || f->superuser || f->monitor || c->is->link.state != LINK_UP)
        return;
    struct judgement j = say_begin(0, LEVEL_UNKNOWN);
    buf_printf(&j.words, "half blind: role %s sees only its own sessions", f->user ? f->user : "?");
    say_superuser(c, &j.advice, true);
    grant_put(&j.advice, "GRANT pg_monitor TO {role}", f);
    say_end(c, &j);
}

const struct rule rule_rights = {
    .is = {"rights", "The role that we log in with may not read the statistics of others: what is not seen is not judged.",
           "Grant it pg_monitor.", "sessions"},
    .kind = TARGET_SERVER,
    .steady = {1, 1},
    .judge = judge_rights,
};

/* A second pair of eyes for the console's header: it shows in checks and on the fleet too. */
static void judge_trust(const struct rule_context *c)
{
    const struct facts *f = &c->is->facts;
    bool clear = f->trust == TRUST_CLEAR;
    if (!f->known || f->kind == TARGET_APP || c->is->link.state != LINK_UP || !trust_alarm(f->trust))
        return;
    struct judgement j = say_begin(0, clear ? LEVEL_WARN : LEVEL_NOTE);
    buf_puts(&j.words, clear ? "CLEAR TEXT: who listens on the way there reads all, perhaps the password too"
                             : "unverified: the line is encrypted, but somebody may stand between");
    if (clear)
        buf_puts(&j.advice, "Switch ssl on there, and leave sslmode out of the conninfo.");
    say_end(c, &j);
}

const struct rule rule_trust = {
    .is = {"unverified", "Nothing proves that the server at the other end is the one that was named.",
           "Name the authority of its certificate by sslrootcert, or put it into ~/.postgresql/root.crt; where passwords are "
           "SCRAM, channel_binding=require proves as much.",
           NULL},
    .steady = {1, 1},
    .judge = judge_trust,
};

/* What was asked and denied; what the whole role lacks is said once, above. */
static void judge_denied(const struct rule_context *c)
{
    for (int topic = 0; topic < store_topics(c->store); topic++) {
        struct sight s = store_sight(c->store, c->target, topic, c->now_us);
        if (!s.newest || s.newest->status != FRAME_DENIED || store_topic(c->store, topic)->of)
            continue;
        struct judgement j = say_begin((uint64_t)topic + 1, LEVEL_UNKNOWN);
        buf_printf(&j.words, "%s may not be read", store_topic(c->store, topic)->title);
        if (s.newest->note)
            buf_printf(&j.words, ": %s", s.newest->note);
        say_end(c, &j);
    }
}

const struct rule rule_denied = {
    .is = {"denied", "The server denies an answer to this role.", "The page of it shows the GRANT that it needs.", NULL},
    .steady = {1, 1},
    .judge = judge_denied,
};

static const char *const eyesight_reads[] = {"eyesight", NULL};

/* No role sees what the server itself does not know. */
static void judge_blind(const struct rule_context *c)
{
    const struct frame *f = rule_frame(c, "eyesight");
    for (const struct blind_row *row = blind_rows; row->name; row++) {
        if (row->level == LEVEL_FINE || !blind_is(row, f))
            continue;
        struct judgement j = say_begin((uint64_t)(row - blind_rows) + 1, row->level);
        buf_printf(&j.words, "%s %s%s", row->name, strncmp(row->means, "off", 3) == 0 ? "is " : "", row->means);
        if (row->mend) {
            say_superuser(c, &j.advice, row->writes);
            buf_puts(&j.advice, row->mend);
        }
        say_end(c, &j);
    }
}

const struct rule rule_blind = {
    .is = {"statistics_off", "A setting or a missing extension blinds all who look: the server itself does not know.",
           "pgvigil doctor tells what can be seen, and what would mend the rest.", NULL},
    .kind = TARGET_SERVER,
    .reads = eyesight_reads,
    .steady = {1, 1},
    .judge = judge_blind,
};

#define ENDS_US 600000000LL     /* in which that many ends of a watcher are a trouble of their own */

/* It is ended and started anew without a word from anybody; again and again it is worth one. */
static void judge_watcher(const struct rule_context *c)
{
    const struct link *l = &c->is->link;
    int64_t since_us = l->ended_us[LINK_ENDS - 1];
    if (!since_us || c->now_us - since_us > ENDS_US)
        return;
    struct judgement j = say_begin(0, LEVEL_WARN);
    j.value = l->ended;
    buf_printf(&j.words, "our watcher had to be ended %d times in the last ", LINK_ENDS);
    say_duration(&j.words, ceil((double)(c->now_us - since_us) / 1e6));
    if (l->ended > LINK_ENDS)
        buf_printf(&j.words, ", %u times in all", l->ended);
    if (l->ended_why[0])
        buf_printf(&j.words, ": %s", l->ended_why);
    say_end(c, &j);
}

const struct rule rule_watcher = {
    .is = {"watcher_ended", "The process of ours that asks this server did not answer in time, or made no sense, and was "
                            "ended and started anew, several times in ten minutes.",
           "The messages tell what it was asked. Switch a probe that the server cannot answer off for this target.",
           "messages"},
    .steady = {1, 1},
    .judge = judge_watcher,
};

#define UNWRITTEN_US 600000000LL    /* for how long it is worth a finding */

static void judge_no_writes(const struct rule_context *c)
{
    const struct unwritten *u = &c->is->unwritten;
    if (u->error == 0 || c->now_us - u->at_us >= UNWRITTEN_US)
        return;
    struct judgement j = say_begin(0, LEVEL_WARN);
    buf_printf(&j.words, "%s on this machine: %s was not written", strerror(u->error), u->path);
    say_end(c, &j);
}

const struct rule rule_no_writes = {
    .is = {"no_writes", "A disk of the machine that pgvigil runs on took no file that was to be saved: it is full, read-only, or "
                        "broken. It is no disk of the server's.",
           "Make room there or name another folder; the finding goes when something could be saved, or after ten minutes.",
           "messages"},
    .steady = {1, 1},
    .judge = judge_no_writes,
};

static void judge_lingering(const struct rule_context *c)
{
    unsigned n = c->is->link.lingering;
    if (n == 0 || c->is->link.state != LINK_UP)
        return;
    struct judgement j = say_begin(0, LEVEL_WARN);
    buf_printf(&j.words, "a session of ours was given up and hangs on the server%s", n > 1 ? ", and a second one" : "");
    say_end(c, &j);
}

const struct rule rule_lingering = {
    .is = {"lingering", "A question was not answered in time; its backend has not noticed yet that we are gone.",
           "It ends by itself when the backend goes on; we open no third one unless you press Ctrl-R.", "server"},
    .steady = {3, 1},
    .judge = judge_lingering,
};

static void judge_breakers(const struct rule_context *c)
{
    for (int topic = 0; topic < store_topics(c->store); topic++) {
        struct guard_state g = store_sight(c->store, c->target, topic, c->now_us).guard;
        double open_s = (double)(c->now_us - g.since_us) / 1e6;
        if (!g.guarded || g.state == BREAKER_CLOSED)
            continue;
        bool long_open = g.state == BREAKER_OPEN && health_judge(HEALTH_BREAKER_OPEN_S, open_s) == HEALTH_CRIT;
        struct judgement j = say_begin((uint64_t)topic + 1, long_open ? LEVEL_CRIT : LEVEL_WARN);
        j.value = open_s;
        buf_printf(&j.words, "%s failed %u times in a row: ", store_topic(c->store, topic)->title, g.failures);
        if (g.state == BREAKER_OPEN && g.until_us > c->now_us) {
            buf_puts(&j.words, "left alone, tried again in ");
            say_duration(&j.words, ceil((double)(g.until_us - c->now_us) / 1e6));
        } else {
            buf_puts(&j.words, "tried again now");
        }
        say_end(c, &j);
    }
}

const struct rule rule_breakers = {
    .is = {"breaker_open", "A question that may be dear failed again and again, so it is not asked for a while.",
           "Its page says what the server answered. It is tried again by itself; Ctrl-R reconnects.", "server"},
    .steady = {1, 1},
    .judge = judge_breakers,
};

static void judge_dear(const struct rule_context *c)
{
    for (int topic = 0; topic < store_topics(c->store); topic++) {
        struct sight s = store_sight(c->store, c->target, topic, c->now_us);
        if (!s.slowed || !s.good)
            continue;
        struct judgement j = say_begin((uint64_t)topic + 1, LEVEL_NOTE);
        buf_printf(&j.words, "%s: %lld ms on average is more than its share of the interval; asked every ",
                   store_topic(c->store, topic)->title, (long long)(s.cost_us / 1000));
        say_duration(&j.words, (double)s.interval_us / 1e6);
        buf_puts(&j.words, " instead");
        say_end(c, &j);
    }
}

const struct rule rule_dear = {
    .is = {"dear", "A question of ours takes more than its share, so it is asked less often.",
           "Nothing: the page says how old its numbers are. A longer interval makes it regular.", "server"},
    .steady = {3, 3},
    .judge = judge_dear,
};
