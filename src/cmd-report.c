/* pgvigil report: asks everything once, prints it, and ends. */
#include "assemble.h"
#include "cmd.h"

#include "base/clock.h"
#include "base/mem.h"
#include "sinks/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { OPT_JSON = OPT_LONG, OPT_TEXT, OPT_CSV, OPT_PROBE };

struct run {
    struct setup *setup;
    struct engine *engine;
    void (*write)(const struct report *, struct buf *);
    const char **names;     /* of --probe */
    int nnames;
    int *topics, ntopics;   /* what is printed */
    int *asked, nasked;     /* what is asked: those, and what they need beside them */
};

static bool take(void *arg, const struct command_option *option, char *value, struct err *err)
{
    struct run *r = arg;
    switch (option->id) {
    case OPT_JSON:
        r->write = report_json;
        return true;
    case OPT_TEXT:
        r->write = report_text;
        return true;
    case OPT_CSV:
        r->write = report_csv;
        return true;
    case OPT_PROBE:
        r->names = mem_resize(r->names, (size_t)r->nnames + 1, sizeof(*r->names));
        r->names[r->nnames++] = value;
        return true;
    default:
        return setup_option(r->setup, option->id, value, err);
    }
}

static bool choose_topics(struct run *r, struct err *err)
{
    const struct store *store = engine_store(r->engine);
    int total = store_topics(store);
    r->topics = mem_array((size_t)(r->nnames + total), sizeof(int));
    for (int i = 0; i < r->nnames; i++) {
        int topic = store_find_topic(store, r->names[i]);
        if (topic < 0)
            return probe_unknown(r->names[i], err);
        r->topics[r->ntopics++] = topic;
    }
    for (int i = 0; i < total && r->nnames == 0; i++)
        r->topics[r->ntopics++] = i;
    return true;
}

static void ask_too(struct run *r, int topic)
{
    for (int i = 0; i < r->nasked; i++)
        if (r->asked[i] == topic)
            return;
    r->asked[r->nasked++] = topic;
}

/* Topics are numbered as the probes are. What is asked beside one may need another beside itself. */
static void choose_asked(struct run *r)
{
    const struct store *store = engine_store(r->engine);
    r->asked = mem_array((size_t)store_topics(store), sizeof(int));
    for (int k = 0; k < r->ntopics; k++)
        ask_too(r, r->topics[k]);
    for (int k = 0; k < r->nasked; k++) {
        const char *beside = r->setup->assembly->probes[r->asked[k]]->beside;
        if (beside)
            ask_too(r, store_find_topic(store, beside));
    }
}

/* What stands for the answer when there is but one; NULL: the answer itself. */
static const struct frame *look_at(const struct run *r, int target, int topic)
{
    const struct store *store = engine_store(r->engine);
    const struct probe *probe = r->setup->assembly->probes[topic];
    struct sight s = store_sight(store, target, topic, engine_now_us(r->engine));
    if (!probe->look || !s.good)
        return NULL;
    struct probe_context c = {.facts = &store_target(store, target)->facts, .now_us = engine_now_us(r->engine),
                              .store = store, .target = target, .one_look = true};
    return probe->look(s.derived && s.derived->schema == s.good->schema ? s.derived : s.good, &c);
}

/* 0: standard output is no terminal. */
static int terminal_columns(void)
{
    struct winsize size;
    if (!isatty(STDOUT_FILENO))
        return 0;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

static void write_report(const struct run *r, struct buf *out)
{
    const struct store *store = engine_store(r->engine);
    size_t n = (size_t)(store_targets(store) * r->ntopics);
    bool *expected = mem_array(n, sizeof(*expected));
    const struct frame **looks = mem_array(n, sizeof(*looks));
    for (int i = 0; i < store_targets(store); i++)
        for (int k = 0; k < r->ntopics; k++) {
            expected[i * r->ntopics + k] = engine_concerns(r->engine, i, r->topics[k]);
            looks[i * r->ntopics + k] = look_at(r, i, r->topics[k]);
        }
    r->write(&(struct report){.store = store, .topics = r->topics, .ntopics = r->ntopics, .now_us = clock_boot_us(),
                              .wall_us = clock_wall_us(), .mode = text_locale_mode(), .expected = expected,
                              .looks = looks, .columns = terminal_columns()}, out);
    for (size_t i = 0; i < n; i++)
        frame_unref(looks[i]);
    free(looks);
    free(expected);
}

/* What is denied or absent has been answered. */
static bool is_answered(const struct run *r, int target, int topic)
{
    struct sight s = store_sight(engine_store(r->engine), target, topic, engine_now_us(r->engine));
    return !engine_concerns(r->engine, target, topic) ||
           (s.newest && (s.newest->status == FRAME_OK || s.newest->status == FRAME_DENIED || s.newest->status == FRAME_ABSENT));
}

/* Complains of what a target did not answer that is there. */
static int judge_answers(const struct run *r, const struct target *t)
{
    struct buf names = {0};
    int status = EXIT_OK;
    for (int k = 0; k < r->ntopics && t->link.state == LINK_UP; k++)
        if (!is_answered(r, t->id, r->topics[k]))
            buf_printf(&names, "%s%s", names.len ? ", " : "", store_topic(engine_store(r->engine), r->topics[k])->name);
    if (names.len)
        status = complain(EXIT_TROUBLE, "%s: no answer, or an error, from: %s", t->name, buf_text(&names));
    buf_free(&names);
    return status;
}

static int status_of(const struct run *r)
{
    const struct store *store = engine_store(r->engine);
    int status = look_status(store), answers = EXIT_OK;
    for (int i = 0; i < store_targets(store); i++)
        answers |= judge_answers(r, store_target(store, i));
    return status != EXIT_OK ? status : answers;
}

static int print(const struct run *r)
{
    struct buf out = {0};
    write_report(r, &out);
    fwrite(buf_text(&out), 1, out.len, stdout);
    fflush(stdout);             /* before what is complained of */
    buf_free(&out);
    return status_of(r);
}

static int see(void *arg, struct engine *e)
{
    struct run *r = arg;
    struct err err = {0};
    int status = EXIT_USAGE;
    r->engine = e;
    if (choose_topics(r, &err)) {
        choose_asked(r);
        look_once(e, r->asked, r->nasked);
        status = print(r);
    } else {
        complain(status, "%s", err.text);
    }
    free(r->topics);
    free(r->asked);
    return status;
}

static int report(struct run *r)
{
    return look_with(r->setup, EXIT_USAGE, see, r);
}

int report_setup(struct setup *s)
{
    return report(&(struct run){.setup = s, .write = report_text});
}

static int run_report(int argc, char **argv)
{
    struct setup setup = {0};
    struct run r = {.setup = &setup, .write = report_text};
    struct err err = {0};
    int status;
    if (command_line_read(&command_report, &argc, &argv, take, &r, &status))
        status = !setup_assemble(&setup)                          ? EXIT_USAGE
                 : setup_arguments(&setup, argc, argv, &err) ? report(&r)
                                                             : complain(EXIT_USAGE, "%s", err.text);
    free(r.names);
    setup_free(&setup);
    return status;
}

static const struct command_option options[] = {
    {OPT_TEXT, "text", NULL, "Print tables for people; this is the default, and the last of the three forms counts."},
    {OPT_JSON, "json", NULL, "Print one JSON document."},
    {OPT_CSV, "csv", NULL, "Print one CSV table for each target and probe."},
    {OPT_PROBE, "probe", "NAME", "Ask only this probe; may be given again for more of them."},
    {.name = NULL},
};

static const struct exit_row exits[] = {
    {EXIT_OK, "All was answered, be it that it is absent or not for this role."},
    {EXIT_TROUBLE, "An answer was late or an error, or something went wrong while running."},
    EXIT_ROWS_REST,
};

const struct command command_report = {
    .name = "report",
    .arguments = "[TARGET]...",
    .summary = "Ask everything once, print it, and leave.",
    .about = "Asks each target, named as for the console, everything once, prints the answers, and leaves after six "
             "seconds at the most. A probe that is refused, absent or late stands there with its reason. It never "
             "asks for a password: that comes from ~/.pgpass, a service, the conninfo or $PGPASSWORD.",
    .options = options,
    .connects = true,
    .exits = exits,
    .run = run_report,
};
