/* The only place that knows everybody: probes, pages, keys, themes, queue definitions and the user's settings,
 * found, read and joined. Front ends begin here. */
#ifndef ASSEMBLE_H
#define ASSEMBLE_H

#include "base/attr.h"
#include "conf/config.h"
#include "conf/errors.h"
#include "conf/queues.h"
#include "model/store.h"
#include "probes/queue_plan.h"
#include "spec/probe.h"
#include "spec/theme.h"
#include "ui/keymap.h"

#include <stdbool.h>

struct assembly {
    struct config config;
    struct config_form form;
    struct threshold_form thresholds[LIMIT_COUNT_ + 1];
    char presets[LIMIT_COUNT_][2][24];      /* their defaults, as one would write them */
    struct rule_form *rules;                /* of rule_table, for the form */
    const char **probe_names, **page_names, **request_names;    /* for the form */
    struct queue_book *book;
    struct queue_names *queue_names;
    struct queue_plan_data queue_data;
    struct conf_errors queue_faults;        /* definitions with a fault are left out, and all else goes on */
    struct probe queues;            /* the one probe that is made, not const */
    const struct probe **probes;    /* all of them; ends with NULL */
    char *theme_dirs[3];            /* the user's, then ours; ends with NULL */
    char **themes;                  /* names; ends with NULL */
};

/* Reads everything. path: --config; NULL: the usual places. False: the configuration has faults, which are in errors;
 * what was right is there all the same. In either case end with assembly_free. */
bool assemble(struct assembly *a, const char *path, struct conf_errors *errors) MUST_CHECK;
void assembly_free(struct assembly *a);

/* The user's keys. NULL and errors when they conflict. The caller owns it. */
struct keymap *assembly_keys(const struct assembly *a, struct conf_errors *errors);
/* For console_setup.find_theme; arg is the assembly. */
bool assembly_theme(void *arg, const char *name, struct theme *out, struct err *err);
/* Limits, rules that are off, and runbooks, of all targets and of each. The store has the rules of rule_table; from: what
 * the configuration says of each of its targets, NULL for one that is not in it. */
void assembly_judging(const struct assembly *a, struct store *store, const struct config_target *const *from);

/* The path of something of ours: beside the running program in a build tree, else where it is installed. The caller
 * frees. */
char *our_file(const char *beside, const char *installed);

#endif
