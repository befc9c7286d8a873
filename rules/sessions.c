/* Who holds up whom, who keeps a transaction open, and how many connections are left. */
#include "rules/list.h"
#include "rules/say.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const reads[] = {"sessions", NULL};
static const char *const reads_server[] = {"sessions", "server", NULL};

static bool is_client(const struct frame *f, uint32_t row)
{
    return rule_is(f, row, "backend_type", "client backend");
}

/* "pid 4711 (billing, idle in transaction 12:04)" */
static void say_session(struct buf *out, const struct frame *f, uint32_t row)
{
    double age = rule_number(f, row, "xact_age_s");
    buf_printf(out, "pid %.0f (", rule_number(f, row, "pid"));
    say_text(out, rule_text(f, row, "user"));
    buf_puts(out, ", ");
    say_text(out, rule_text(f, row, "state"));
    if (age >= 0) {
        buf_putc(out, ' ');
        say_duration(out, age);
    }
    buf_putc(out, ')');
}

static void say_filter(struct buf *out, const struct frame *f, uint32_t row)
{
    buf_printf(out, "pid=%.0f|blocked_by!=null", rule_number(f, row, "pid"));
}

/* ---- blocked ---- */

/* For how long the one that waits longest has waited at least: its question is no older. */
static double longest_wait(const struct frame *f)
{
    double longest = 0;
    for (uint32_t row = 0; row < f->nrows; row++)
        if (rule_text(f, row, "blocked_by").len > 0)
            longest = fmax(longest, rule_number(f, row, "query_age_s"));
    return longest;
}

static void judge_root(const struct rule_context *c, const struct frame *f, uint32_t row, double wait)
{
    double blocks = rule_number(f, row, "blocks");
    struct judgement j = say_begin(frame_key_hash(f, row), wait >= 10 || blocks >= 5 ? LEVEL_CRIT : LEVEL_WARN);
    j.value = blocks;
    say_count(&j.words, blocks);
    buf_puts(&j.words, blocks == 1 ? " session waits behind " : " sessions wait behind ");
    say_session(&j.words, f, row);
    bool idle = strncmp(rule_text(f, row, "state").bytes, "idle", 4) == 0;
    buf_printf(&j.advice, idle ? "It runs nothing: its application has not ended its transaction. Ask its owner, or end "
                                 "pid %.0f; %.0f go on then."
                               : "It still runs: see what it does; when pid %.0f is cancelled, %.0f go on.",
               rule_number(f, row, "pid"), blocks);
    say_filter(&j.filter, f, row);
    say_end(c, &j);
}

static void judge_blocked(const struct rule_context *c)
{
    const struct frame *f = rule_frame(c, "sessions");
    double wait = longest_wait(f);
    for (uint32_t row = 0; wait >= 1 && row < f->nrows; row++)
        if (rule_number(f, row, "blocks") > 0 && rule_text(f, row, "blocked_by").len == 0)
            judge_root(c, f, row, wait);
}

const struct rule rule_blocked = {
    .is = {"blocked", "Sessions wait for a lock that another one holds; those behind them wait too.",
           "Look at the session at the root: whether it works or only holds.", "sessions"},
    .kind = TARGET_SERVER,
    .reads = reads,
    .steady = {1, 2},
    .judge = judge_blocked,
};

/* ---- old transactions ---- */

static void judge_transactions(const struct rule_context *c)
{
    const struct frame *f = rule_frame(c, "sessions");
    for (uint32_t row = 0; row < f->nrows; row++) {
        double age = rule_number(f, row, "xact_age_s"), xids = rule_number(f, row, "xmin_age");
        uint64_t subject = frame_key_hash(f, row);
        enum level level = rule_level(c, subject, store_limit(c->store, LIMIT_TRANSACTION_AGE), age);
        if (level == LEVEL_FINE || !is_client(f, row) || rule_number(f, row, "blocks") > 0)
            continue;
        struct judgement j = say_begin(subject, level);
        j.value = age;
        say_session(&j.words, f, row);
        buf_puts(&j.words, " keeps its transaction open");
        if (xids >= 1) {
            buf_puts(&j.words, "; vacuum cannot clean what died in ");
            say_count(&j.words, xids);
            buf_puts(&j.words, " transactions");
        }
        say_filter(&j.filter, f, row);
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

static unsigned sessions_like(const struct frame *f, uint32_t like, unsigned *idle)
{
    unsigned n = 0;
    *idle = 0;
    for (uint32_t row = 0; row < f->nrows; row++) {
        if (!is_client(f, row) || !same_text(rule_text(f, row, "application"), rule_text(f, like, "application")) ||
            !same_text(rule_text(f, row, "user"), rule_text(f, like, "user")))
            continue;
        n++;
        *idle += rule_is(f, row, "state", "idle");
    }
    return n;
}

/* The application and role that hold the most. Answers of thousands of rows are judged by a sample of them. */
static void say_largest(struct buf *out, const struct frame *f)
{
    unsigned most = 0, most_idle = 0, step = f->nrows / 100 + 1;
    uint32_t largest = 0;
    for (uint32_t row = 0; row < f->nrows; row += step) {
        unsigned idle, n = is_client(f, row) ? sessions_like(f, row, &idle) : 0;
        if (n > most) {
            most = n;
            most_idle = idle;
            largest = row;
        }
    }
    if (most == 0)
        return;
    buf_printf(out, ": %u are ", most);
    say_text(out, rule_text(f, largest, "application"));
    buf_puts(out, " (");
    say_text(out, rule_text(f, largest, "user"));
    buf_printf(out, "), %u of them idle", most_idle);
}

static void judge_connections(const struct rule_context *c)
{
    const struct frame *f = rule_frame(c, "sessions"), *server = rule_frame(c, "server");
    double reserved = rule_number(server, 0, "reserved");
    double most = rule_number(server, 0, "max_connections") - (reserved > 0 ? reserved : 0);
    unsigned clients = 0;
    for (uint32_t row = 0; row < f->nrows; row++)
        clients += is_client(f, row);
    enum level level = rule_level(c, 0, store_limit(c->store, LIMIT_CONNECTIONS), clients / most);
    if (!(most > 0) || level == LEVEL_FINE)
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
