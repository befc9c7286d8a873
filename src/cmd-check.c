/* pgvigil check: looks once, prints what is wrong, and ends as plug-ins of monitoring systems do. Format and statuses:
 * Monitoring Plugins Development Guidelines, "Plugin Output for Nagios" and "Plugin Return Codes". */
#include "assemble.h"
#include "cmd.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "model/series.h"
#include "rules/list.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHECK_OK, CHECK_WARNING, CHECK_CRITICAL, CHECK_UNKNOWN };

#define FINDINGS_MAX 256
#define CONNECT_US   (5 * US_PER_S)     /* longer than a worker may take to say its first word */

/* Of what is printed: a finding, or that something could not be looked at. */
struct line {
    enum level level;
    char *words;
    const char *runbook;        /* borrowed; NULL: none */
};

struct check {
    struct setup *setup;
    struct engine *engine;
    int *asked, nasked;
    struct line *lines;         /* the worst first */
    unsigned nlines;
};

/* The order of the guidelines' own library (max_state_alt of Monitoring Plugins): what is known to be wrong goes before
 * what is not known. */
static int status_of(const struct check *c)
{
    static const int statuses[LEVEL_COUNT_] = {[LEVEL_FINE] = CHECK_OK, [LEVEL_NOTE] = CHECK_OK,
                                               [LEVEL_UNKNOWN] = CHECK_UNKNOWN, [LEVEL_WARN] = CHECK_WARNING,
                                               [LEVEL_CRIT] = CHECK_CRITICAL};
    return statuses[c->nlines > 0 ? c->lines[0].level : LEVEL_FINE];
}

/* ---- what is said ---- */

/* Takes words. Behind those that are as bad. */
static void add_line(struct check *c, enum level level, char *words, const char *runbook)
{
    unsigned at = c->nlines++;
    c->lines = mem_resize(c->lines, c->nlines, sizeof(*c->lines));
    for (; at > 0 && c->lines[at - 1].level < level; at--)
        c->lines[at] = c->lines[at - 1];
    c->lines[at] = (struct line){level, words, runbook};
}

/* "shop-1: 30 sessions wait behind pid 4711 (billing, idle in transaction 12:04)" */
static void add_findings(struct check *c)
{
    const struct store *store = engine_store(c->engine);
    const struct finding *found[FINDINGS_MAX];
    unsigned n = verdict_list(store_verdict(store), -1, false, found, FINDINGS_MAX);
    for (unsigned i = 0; i < n && i < FINDINGS_MAX; i++) {
        struct buf words = {0};
        buf_printf(&words, "%s: %s", store_target(store, found[i]->target)->name, found[i]->words);
        if (found[i]->level > LEVEL_NOTE)
            add_line(c, found[i]->level, buf_take(&words), store_runbook(store, found[i]->target, found[i]->rule));
        buf_free(&words);
    }
}

/* Not let in within our time, by a server that is not known to be down. Where the attempt has not had its time, it was
 * not the server who was late. */
static void add_unreached(struct check *c, const struct target *t)
{
    struct buf words = {0};
    int64_t tried_us = engine_now_us(c->engine) - t->link.since_us;
    bool late = t->link.state == LINK_CONNECTING && tried_us >= CONNECT_US;
    buf_printf(&words, "%s: not reached in time: %s", t->name,
               t->link.words[0] ? t->link.words : link_state_word(t->link.state));
    add_line(c, late ? LEVEL_CRIT : LEVEL_UNKNOWN, buf_take(&words), NULL);
}

/* What is denied or absent has its own words, as has what a rule has found to be without an answer. */
static void add_unanswered(struct check *c, const struct target *t, int topic, int rule)
{
    const struct store *store = engine_store(c->engine);
    struct sight s = store_sight(store, t->id, topic, engine_now_us(c->engine));
    struct buf words = {0};
    if (s.good || !engine_concerns(c->engine, t->id, topic) ||
        (s.newest && (s.newest->status == FRAME_DENIED || s.newest->status == FRAME_ABSENT)) ||
        verdict_find(store_verdict(store), rule, t->id, (uint64_t)topic + 1))
        return;
    buf_printf(&words, "%s: %s: no answer", t->name, store_topic(store, topic)->name);
    if (!s.newest)
        buf_puts(&words, " in time");
    else
        buf_printf(&words, ": %s", s.newest->note ? s.newest->note : frame_status_word(s.newest->status));
    add_line(c, LEVEL_UNKNOWN, buf_take(&words), NULL);
}

/* Who knows nothing must not say that all is well. A target that is down has been judged. */
static void add_blind(struct check *c)
{
    const struct store *store = engine_store(c->engine);
    int rule = 0;
    while (strcmp(store_rule(store, rule)->name, "no_answer") != 0)
        rule++;
    for (int i = 0; i < store_targets(store); i++) {
        const struct target *t = store_target(store, i);
        bool down = t->link.state == LINK_WAITING || t->link.state == LINK_PASSWORD || t->link.failures > 0;
        if (t->link.state != LINK_UP && !down)
            add_unreached(c, t);
        for (int k = 0; t->link.state == LINK_UP && k < c->nasked; k++)
            add_unanswered(c, t, c->asked[k], rule);
    }
}

/* ---- and printed ---- */

/* A bar would begin the numbers. */
static void put_safe(struct buf *out, const char *text)
{
    size_t from = out->len;
    text_safe_string(out, text, text_locale_mode());
    for (size_t i = from; i < out->len; i++)
        if (out->data[i] == '|')
            out->data[i] = '/';
}

static void add_summary(const struct check *c, int status, struct buf *out)
{
    static const char *const words[] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};
    int n = store_targets(engine_store(c->engine));
    buf_printf(out, "PGVIGIL %s - ", words[status]);
    if (c->nlines == 0) {
        buf_printf(out, "%d server%s, nothing is found to be wrong", n, n == 1 ? "" : "s");
        return;
    }
    put_safe(out, c->lines[0].words);
    if (c->nlines > 1)
        buf_printf(out, " (and %u more)", c->nlines - 1);
}

static void put_line(const struct line *l, struct buf *out)
{
    buf_printf(out, "%s: ", level_word(l->level));
    put_safe(out, l->words);
    if (l->runbook) {
        buf_puts(out, "; runbook: ");
        put_safe(out, l->runbook);
    }
    buf_putc(out, '\n');
}

/* A label in quotes may hold blanks; quotes and equals signs may not be in it. */
static void add_label(struct buf *out, const char *target, const char *topic, const char *metric)
{
    struct buf safe = {0};
    text_safe_string(&safe, target, TEXT_ASCII);
    for (size_t i = 0; i < safe.len; i++)
        if (strchr("'=|", safe.data[i]))
            safe.data[i] = '_';
    buf_printf(out, " '%s.%s.%s'=", buf_text(&safe), topic, metric);
    buf_free(&safe);
}

static void add_metric(const struct check *c, int target, int topic, const struct metric *m, struct buf *out)
{
    static const char *const units[UNIT_COUNT_] = {"", "", "B", "s", "", ""};
    const struct store *store = engine_store(c->engine);
    const struct series *s = store_series(store, target, topic, m->name, 0);
    double value = s ? series_last(s) : NAN;
    if (m->rate || m->fold == FOLD_FIRST || isnan(value))
        return;
    add_label(out, store_target(store, target)->name, store_topic(store, topic)->name, m->name);
    buf_printf(out, m->unit == UNIT_SECONDS ? "%.6f%s" : "%.15g%s", value, units[m->unit]);
}

static void add_numbers(const struct check *c, struct buf *out)
{
    struct buf numbers = {0};
    for (int target = 0; target < store_targets(engine_store(c->engine)); target++)
        for (int k = 0; k < c->nasked; k++) {
            const struct metric *m = c->setup->assembly->probes[c->asked[k]]->metrics;
            for (; m && m->name; m++)
                add_metric(c, target, c->asked[k], m, &numbers);
        }
    if (numbers.len > 0)
        buf_printf(out, " |%s", buf_text(&numbers));
    buf_free(&numbers);
}

static int print(struct check *c)
{
    struct buf out = {0};
    engine_judge(c->engine);
    add_findings(c);
    add_blind(c);
    int status = status_of(c);
    add_summary(c, status, &out);
    add_numbers(c, &out);
    buf_putc(&out, '\n');
    for (unsigned i = 0; i < c->nlines; i++) {
        put_line(&c->lines[i], &out);
        free(c->lines[i].words);
    }
    free(c->lines);
    fwrite(buf_text(&out), 1, out.len, stdout);
    buf_free(&out);
    return status;
}

static bool is_read(const char *topic)
{
    for (int i = 0; rule_table[i]; i++)
        for (const char *const *reads = rule_table[i]->reads; reads && *reads; reads++)
            if (strcmp(*reads, topic) == 0)
                return true;
    return false;
}

/* What rules read, and nothing else: other topics need more than one look, or are dear. */
static int see(void *arg, struct engine *e)
{
    struct check *c = arg;
    const struct store *store = engine_store(e);
    c->engine = e;
    c->asked = mem_array((size_t)store_topics(store), sizeof(*c->asked));
    for (int i = 0; i < store_topics(store); i++)
        if (is_read(store_topic(store, i)->name))
            c->asked[c->nasked++] = i;
    look_once(e, c->asked, c->nasked);
    int status = print(c);
    free(c->asked);
    return status;
}

static bool take(void *arg, const struct command_option *option, char *value, struct err *err)
{
    return setup_option(((struct check *)arg)->setup, option->id, value, err);
}

static int run_check(int argc, char **argv)
{
    struct setup setup = {0};
    struct check c = {.setup = &setup};
    struct err err = {0};
    int status;
    if (command_line_read(&command_check, &argc, &argv, take, &c, &status))
        status = !setup_assemble(&setup)                     ? CHECK_UNKNOWN
                 : setup_arguments(&setup, argc, argv, &err) ? look_with(&setup, CHECK_UNKNOWN, see, &c)
                                                             : complain(CHECK_UNKNOWN, "%s", err.text);
    else if (status != EXIT_OK)
        status = CHECK_UNKNOWN;
    setup_free(&setup);
    return status;
}

static const struct exit_row exits[] = {
    {CHECK_OK, "All is well, and all that rules read was answered."},
    {CHECK_WARNING, "A warning, and nothing is critical."},
    {CHECK_CRITICAL, "Something is critical; so is a server that cannot be reached."},
    {CHECK_UNKNOWN, "Nothing is known to be wrong, and something was not answered, or not in time; so do wrong options or a "
                    "wrong configuration end."},
    {128, "128 and the number of the signal that ended it."},
    {.help = NULL},
};

const struct command command_check = {
    .name = "check",
    .arguments = "[TARGET]...",
    .summary = "Look once, print what is wrong, and end as a monitoring plug-in.",
    .about = "Looks at each target once, judges what it sees by the same rules as the console, prints a line that sums "
             "it up with numbers behind a bar, then a line for each finding, as monitoring plug-ins do, and ends after "
             "six seconds at the most.",
    .connects = true,
    .exits = exits,
    .trouble = CHECK_UNKNOWN,
    .run = run_check,
};
