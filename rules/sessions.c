/* Who keeps a transaction open, and how many connections are left. */
#include "rules/list.h"
#include "rules/say.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const reads[] = {"sessions", NULL};
static const char *const reads_server[] = {"sessions", "server", NULL};

/* ---- old transactions ---- */

static void judge_transactions(const struct rule_context *c)
{
    const struct frame *f = rule_frame(c, "sessions");
    for (uint32_t row = 0; row < f->nrows; row++) {
        double age = rule_number(f, row, "xact_age_s"), xids = rule_number(f, row, "xmin_age");
        uint64_t subject = frame_key_hash(f, row);
        enum level level = rule_level(c, subject, store_limit(c->store, c->target, LIMIT_TRANSACTION_AGE), age);
        /* One that holds others up has a finding already, and one that waits follows from that. */
        bool told = rule_number(f, row, "blocks") > 0 || rule_text(f, row, "blocked_by").len > 0;
        if (level == LEVEL_FINE || !rule_is_client(f, row) || told)
            continue;
        struct judgement j = say_begin(subject, level);
        j.value = age;
        say_session(&j.words, f, row);
        buf_puts(&j.words, " keeps its transaction open");
        if (xids >= 1) {
            buf_puts(&j.words, f->server_role == SERVER_STANDBY ? "; if hot_standby_feedback is on, vacuum on its primary"
                                                                : "; vacuum");
            buf_puts(&j.words, " cannot clean what died in the last ");
            say_count(&j.words, xids);
            buf_puts(&j.words, xids < 2 ? " transaction" : " transactions");
        }
        buf_printf(&j.filter, "pid=%.0f", rule_number(f, row, "pid"));
        say_end(c, &j);
    }
}

const struct rule rule_transactions = {
    .is = {"old_transaction", "A transaction has been open for long: it holds its locks, and vacuum back.",
           "Ask its owner whether it is still needed; idle_in_transaction_session_timeout ends such ones by itself.",
           "sessions"},
    .kind = TARGET_SERVER,
    .reads = reads,
    .steady = {1, 2},
    .judge = judge_transactions,
};

/* ---- connections ---- */

static bool same_text(struct frame_text a, struct frame_text b)
{
    return a.len == b.len && memcmp(a.bytes, b.bytes, a.len) == 0;
}

static unsigned sessions_like(const struct frame *f, uint32_t like, unsigned *idle, unsigned *hidden)
{
    unsigned n = 0;
    *idle = *hidden = 0;
    for (uint32_t row = 0; row < f->nrows; row++) {
        if (!rule_is_client(f, row) || !same_text(rule_text(f, row, "application"), rule_text(f, like, "application")) ||
            !same_text(rule_text(f, row, "user"), rule_text(f, like, "user")))
            continue;
        n++;
        *idle += rule_is(f, row, "state", "idle");
        *hidden += rule_text(f, row, "state").len == 0;
    }
    return n;
}

/* The application and role that hold the most. Answers of thousands of rows are judged by a sample of them. */
static void say_largest(struct buf *out, const struct frame *f)
{
    unsigned most = 0, most_idle = 0, unseen = 0, step = f->nrows / 100 + 1;
    uint32_t largest = 0;
    for (uint32_t row = 0; row < f->nrows; row += step) {
        unsigned idle, hidden, n = rule_is_client(f, row) ? sessions_like(f, row, &idle, &hidden) : 0;
        if (n > most) {
            most = n;
            most_idle = idle;
            unseen = hidden;
            largest = row;
        }
    }
    if (most == 0)
        return;
    buf_printf(out, ": %u are ", most);
    say_text(out, rule_text(f, largest, "application"));
    buf_puts(out, " (");
    say_text(out, rule_text(f, largest, "user"));
    buf_putc(out, ')');
    if (unseen == 0 && most_idle > 0)
        buf_printf(out, ", %u of them idle", most_idle);
    else if (unseen == 0)
        buf_puts(out, ", none of them idle");
}

static void judge_connections(const struct rule_context *c)
{
    const struct frame *f = rule_frame(c, "sessions"), *server = rule_frame(c, "server");
    double reserved = rule_number(server, 0, "reserved");
    double most = rule_number(server, 0, "max_connections") - (reserved > 0 ? reserved : 0);
    unsigned clients = f->nfound > f->nrows ? f->nfound - f->nrows : 0;     /* those that were cut off */
    for (uint32_t row = 0; row < f->nrows; row++)
        clients += rule_is_client(f, row);
    if (!(most > 0)) {
        rule_keep(c, 0);
        return;
    }
    enum level level = rule_level(c, 0, store_limit(c->store, c->target, LIMIT_CONNECTIONS), clients / most);
    if (level == LEVEL_FINE)
        return;
    struct judgement j = say_begin(0, level);
    j.value = clients / most;
    buf_printf(&j.words, "%u of %.0f connections are taken", clients, most);
    say_largest(&j.words, f);
    say_end(c, &j);
}

const struct rule rule_connections = {
    .is = {"connections", "Client sessions come near what ordinary roles may have together; the next ones are refused.",
           "Look which application holds them, and whether its pool is bounded; a pooler in front holds fewer.", "pools"},
    .kind = TARGET_SERVER,
    .reads = reads_server,
    .steady = {1, 2},
    .judge = judge_connections,
};
