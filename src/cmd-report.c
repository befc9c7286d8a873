/* pgvigil report: asks everything once, prints it, and ends. */
#include "cmd.h"

#include "base/clock.h"
#include "base/mem.h"
#include "sinks/report.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE_US (6 * US_PER_S)      /* for all targets together */

enum { OPT_JSON = 256, OPT_TEXT, OPT_CSV, OPT_PROBE };

struct run {
    const struct setup *setup;
    struct engine *engine;
    void (*write)(const struct report *, struct buf *);
    const char **names;     /* of --probe */
    int nnames;
    int *topics, ntopics;
};

static void time_is_up(void *arg)
{
    engine_stop(((struct run *)arg)->engine, 0);
}

/* Answered, or will not be: a target that refused us has nothing more to say. */
static bool target_done(const struct run *r, int target)
{
    const struct store *store = engine_store(r->engine);
    const struct target *t = store_target(store, target);
    if (t->link.state == LINK_WAITING || t->link.state == LINK_PASSWORD)
        return true;
    if (t->link.state != LINK_UP)
        return false;
    for (int k = 0; k < r->ntopics; k++) {
        struct sight s = store_sight(store, target, r->topics[k], engine_now_us(r->engine));
        if (!s.newest && engine_concerns(r->engine, target, r->topics[k]))
            return false;
    }
    return true;
}

static void look(void *arg)
{
    struct run *r = arg;
    for (int i = 0; i < store_targets(engine_store(r->engine)); i++)
        if (!target_done(r, i))
            return;
    engine_stop(r->engine, 0);
}

static bool parse(struct run *r, struct setup *setup, int argc, char **argv, struct err *err)
{
    static const struct option own[] = {{"json", no_argument, NULL, OPT_JSON},
                                        {"text", no_argument, NULL, OPT_TEXT},
                                        {"csv", no_argument, NULL, OPT_CSV},
                                        {"probe", required_argument, NULL, OPT_PROBE}};
    struct option all[OPTIONS_MAX];
    merge_options(all, own, COUNT_OF(own));
    for (int c; (c = getopt_long(argc, argv, COMMON_SHORT, all, NULL)) != -1;) {
        if (c == OPT_JSON || c == OPT_TEXT || c == OPT_CSV) {
            r->write = c == OPT_JSON ? report_json : c == OPT_TEXT ? report_text : report_csv;
        } else if (c == OPT_PROBE) {
            r->names = mem_resize(r->names, (size_t)r->nnames + 1, sizeof(*r->names));
            r->names[r->nnames++] = optarg;
        } else if (!setup_option(setup, c, optarg, err)) {
            return err->text[0] ? false : err_set(err, "See pgvigil report --help.");
        }
    }
    return setup_arguments(setup, argc - optind, argv + optind, err);
}

static bool choose_topics(struct run *r, struct err *err)
{
    const struct store *store = engine_store(r->engine);
    int total = store_topics(store);
    r->topics = mem_array((size_t)(r->nnames + total), sizeof(int));
    for (int i = 0; i < r->nnames; i++) {
        int topic = store_find_topic(store, r->names[i]);
        if (topic < 0)
            return err_set(err, "There is no probe \"%s\": pgvigil probes lists them.", r->names[i]);
        r->topics[r->ntopics++] = topic;
    }
    for (int i = 0; i < total && r->nnames == 0; i++)
        r->topics[r->ntopics++] = i;
    return true;
}

static int verdict(const struct run *r)
{
    const struct store *store = engine_store(r->engine);
    int status = EXIT_OK;
    for (int i = 0; i < store_targets(store); i++) {
        const struct target *t = store_target(store, i);
        if (t->facts.known)
            continue;
        bool auth = t->link.state == LINK_PASSWORD || strncmp(t->link.sqlstate, "28", 2) == 0;
        complain(0, "%s: %s: %s", t->name, auth ? "not let in" : "not reached",
                 t->link.words[0] ? t->link.words : link_state_word(t->link.state));
        status = auth ? EXIT_AUTH : EXIT_CONNECT;
    }
    return status;
}

static int print(const struct run *r)
{
    struct buf out = {0};
    struct report report = {engine_store(r->engine), r->topics, r->ntopics, clock_boot_us(), clock_wall_us(),
                            text_locale_mode()};
    r->write(&report, &out);
    bool ok = fwrite(buf_text(&out), 1, out.len, stdout) == out.len && fflush(stdout) == 0;
    buf_free(&out);
    return ok ? verdict(r) : complain(EXIT_TROUBLE, "The report could not be written to standard output.");
}

static void sample(struct run *r)
{
    for (int i = 0; i < store_targets(engine_store(r->engine)); i++)
        engine_show_also(r->engine, i, r->topics, r->ntopics);
    struct engine_timer *patience = engine_timer_new(r->engine, time_is_up, r);
    engine_timer_set(patience, PATIENCE_US);
    engine_each_turn(r->engine, look, r);
    engine_run(r->engine);
    engine_timer_free(patience);
}

/* Asks, prints, and frees all but the setup. */
static int report(struct run *r)
{
    struct err err = {0};
    int watcher = find_worker("pgvigil-watch", &err), status = EXIT_USAGE;
    if (watcher >= 0 && (r->engine = setup_engine(r->setup, watcher, true, &err)) != NULL && choose_topics(r, &err)) {
        sample(r);
        status = print(r);
    }
    if (err.text[0])
        complain(status, "%s", err.text);
    engine_free(r->engine);
    free(r->names);
    free(r->topics);
    if (watcher >= 0)
        close(watcher);
    return status;
}

int report_setup(const struct setup *s)
{
    return report(&(struct run){.setup = s, .write = report_text});
}

static int run_report(int argc, char **argv)
{
    struct setup setup = {0};
    struct run r = {.setup = &setup, .write = report_text};
    struct err err = {0};
    int status = parse(&r, &setup, argc, argv, &err) ? report(&r) : complain(EXIT_USAGE, "%s", err.text);
    setup_free(&setup);
    return status;
}

const struct command command_report = {
    .name = "report",
    .arguments = "[--json|--text|--csv] [--probe NAME]... [CONNINFO]...",
    .summary = "ask everything once and print it",
    .run = run_report,
};
