/* pgvigil check: looks once, prints what is wrong, and ends as plug-ins of monitoring systems do. Format and statuses:
 * Monitoring Plugins Development Guidelines, "Plugin Output for Nagios" and "Plugin Return Codes". */
#include "assemble.h"
#include "cmd.h"

#include "base/mem.h"
#include "base/text.h"
#include "model/series.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHECK_OK, CHECK_WARNING, CHECK_CRITICAL, CHECK_UNKNOWN };

#define FINDINGS_MAX 256

/* What rules read; other topics need more than one look, or are dear. */
static const char *const topics[] = {"server", "sessions", "replication", "queues", "bouncer_pools", "app_pools",
                                     "eyesight", NULL};

struct check {
    struct setup *setup;
    struct engine *engine;
    int asked[8], nasked;
    const struct finding *found[FINDINGS_MAX];
    unsigned nfound;
};

static int status_of(const struct check *c)
{
    bool warns = false, blind = false;
    for (unsigned i = 0; i < c->nfound; i++) {
        if (c->found[i]->level == LEVEL_CRIT)
            return CHECK_CRITICAL;
        warns = warns || c->found[i]->level == LEVEL_WARN;
        blind = blind || c->found[i]->level == LEVEL_UNKNOWN;
    }
    return warns ? CHECK_WARNING : blind ? CHECK_UNKNOWN : CHECK_OK;
}

/* "shop-1: 30 sessions wait behind pid 4711 (billing, idle in transaction 12:04)"; a bar would begin the numbers. */
static void add_finding(const struct check *c, const struct finding *f, struct buf *out)
{
    struct buf words = {0};
    buf_printf(&words, "%s: %s", store_target(engine_store(c->engine), f->target)->name, f->words);
    for (size_t i = 0; i < words.len; i++)
        if (words.data[i] == '|')
            words.data[i] = '/';
    text_safe(out, buf_text(&words), words.len, text_locale_mode());
    buf_free(&words);
}

static void add_runbook(const struct check *c, const struct finding *f, struct buf *out)
{
    const char *runbook = store_runbook(engine_store(c->engine), f->target, f->rule);
    if (!runbook)
        return;
    buf_puts(out, "; runbook: ");
    text_safe_string(out, runbook, text_locale_mode());
}

static void add_summary(const struct check *c, int status, struct buf *out)
{
    static const char *const words[] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};
    int n = store_targets(engine_store(c->engine));
    buf_printf(out, "PGVIGIL %s - ", words[status]);
    if (c->nfound == 0) {
        buf_printf(out, "%d server%s, nothing is found to be wrong", n, n == 1 ? "" : "s");
        return;
    }
    add_finding(c, c->found[0], out);
    if (c->nfound > 1)
        buf_printf(out, " (and %u more)", c->nfound - 1);
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
    buf_printf(out, "%.15g%s", value, units[m->unit]);
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
    const struct verdict *v = store_verdict(engine_store(c->engine));
    unsigned n = verdict_list(v, -1, false, c->found, FINDINGS_MAX);
    c->nfound = n < FINDINGS_MAX ? n : FINDINGS_MAX;
    while (c->nfound > 0 && c->found[c->nfound - 1]->level == LEVEL_NOTE)
        c->nfound--;            /* the mildest come last */
    int status = status_of(c);
    add_summary(c, status, &out);
    add_numbers(c, &out);
    buf_putc(&out, '\n');
    for (unsigned i = 0; i < c->nfound; i++) {
        buf_printf(&out, "%s: ", level_word(c->found[i]->level));
        add_finding(c, c->found[i], &out);
        add_runbook(c, c->found[i], &out);
        buf_putc(&out, '\n');
    }
    fwrite(buf_text(&out), 1, out.len, stdout);
    buf_free(&out);
    return status;
}

static int see(void *arg, struct engine *e)
{
    struct check *c = arg;
    c->engine = e;
    for (int i = 0; topics[i]; i++)
        c->asked[c->nasked++] = store_find_topic(engine_store(e), topics[i]);
    look_once(e, c->asked, c->nasked);
    return print(c);
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
    {CHECK_OK, "All is well."},
    {CHECK_WARNING, "A warning."},
    {CHECK_CRITICAL, "Something is critical; so is a server that cannot be reached."},
    {CHECK_UNKNOWN, "It cannot be known; so do wrong options or a wrong configuration end."},
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
