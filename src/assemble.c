/* Joining the rooms. */
#include "assemble.h"

#include "base/buf.h"
#include "base/mem.h"
#include "conf/theme.h"
#include "probes/list.h"
#include "rules/list.h"
#include "ui/theme.h"
#include "ui/ui.h"
#include "ui/views/list.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *our_file(const char *beside, const char *installed)
{
    char self[PATH_MAX];
    struct buf path = {0};
    ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
    if (n > 0) {
        self[n] = '\0';
        *strrchr(self, '/') = '\0';
        buf_printf(&path, "%s/%s", self, beside);
    }
    if (n <= 0 || access(buf_text(&path), F_OK) != 0) {
        buf_clear(&path);
        buf_puts(&path, installed);
    }
    return buf_take(&path);
}

/* A folder of the user's: beside the configuration that is in use, wherever that is, else in the usual place. */
static char *user_directory(const struct config *config, const char *name)
{
    struct buf path = {0};
    const char *slash = config->file ? strrchr(config->file, '/') : NULL;
    const char *home = getenv("HOME"), *xdg = getenv("XDG_CONFIG_HOME"), *own = getenv("PGVIGIL_CONFIG_DIR");
    if (slash)
        buf_printf(&path, "%.*s/%s", (int)(slash - config->file), config->file, name);
    else if (config->file)
        buf_printf(&path, "./%s", name);
    else if (own && own[0])
        buf_printf(&path, "%s/%s", own, name);
    else if (xdg && xdg[0] == '/')
        buf_printf(&path, "%s/pgvigil/%s", xdg, name);
    else
        buf_printf(&path, "%s/.config/pgvigil/%s", home ? home : "/nonexistent", name);
    return buf_take(&path);
}

static bool key_ok(const char *key)
{
    return keymap_parse_key(key) != K_NONE;
}

static void list_probes(struct assembly *a)
{
    int n = 0;
    while (probe_table[n])
        n++;
    a->queues = queues_probe(&a->queue_data);
    a->probes = mem_array((size_t)n + 2, sizeof(*a->probes));
    memcpy(a->probes, probe_table, (size_t)n * sizeof(*a->probes));
    a->probes[n] = &a->queues;
    a->probe_names = mem_array((size_t)n + 2, sizeof(*a->probe_names));
    for (int i = 0; i <= n; i++)
        a->probe_names[i] = a->probes[i]->name;
}

static void list_pages(struct assembly *a)
{
    int n = 0, named = 0;
    while (views[n])
        n++;
    a->page_names = mem_array((size_t)n + 1, sizeof(*a->page_names));
    for (int i = 0; i < n; i++)
        if (views[i]->digit || i == 0)
            a->page_names[named++] = views[i]->name;
}

/* Each name once: several pages have keys of one name. */
static void add_requests(struct assembly *a, const struct key_row *rows, size_t *n)
{
    for (const struct key_row *row = rows; row && row->name; row++) {
        size_t i = 0;
        while (i < *n && strcmp(a->request_names[i], row->name) != 0)
            i++;
        if (i < *n)
            continue;
        a->request_names = mem_resize(a->request_names, *n + 2, sizeof(*a->request_names));
        a->request_names[(*n)++] = row->name;
        a->request_names[*n] = NULL;
    }
}

static void list_requests(struct assembly *a)
{
    size_t n = 0;
    add_requests(a, common_keys, &n);
    for (int i = 0; views[i]; i++)
        add_requests(a, views[i]->keys, &n);
}

/* A default as one would write it; NULL: never. */
static const char *preset_text(char out[24], enum unit unit, double value)
{
    if (isnan(value))
        return NULL;
    snprintf(out, 24, unit == UNIT_FRACTION ? "%g %%" : unit == UNIT_SECONDS ? "%g s" : "%g",
             unit == UNIT_FRACTION ? value * 100 : value);
    return out;
}

static void list_limits(struct assembly *a)
{
    for (int i = 0; i < LIMIT_COUNT_; i++) {
        const struct limit_row *l = &limit_rows[i];
        a->thresholds[i] = (struct threshold_form){
            .name = l->name, .help = l->help,
            .type = l->unit == UNIT_FRACTION ? SETTING_FRACTION : l->unit == UNIT_SECONDS ? SETTING_DURATION : SETTING_INT,
            .warn = preset_text(a->presets[i][0], l->unit, l->preset.warn),
            .crit = preset_text(a->presets[i][1], l->unit, l->preset.crit)};
    }
}

static void list_rules(struct assembly *a)
{
    int n = 0;
    while (rule_table[n])
        n++;
    a->rules = mem_array((size_t)n + 1, sizeof(*a->rules));
    for (int i = 0; i < n; i++)
        a->rules[i] = (struct rule_form){rule_table[i]->is.name, rule_table[i]->is.help};
}

static void read_queues(struct assembly *a)
{
    char *ours = our_file("data/queues", PKGDATADIR "/queues"), *theirs = user_directory(&a->config, "queues");
    a->book = queue_book_new();
    bool ok = queue_book_read_all(a->book, ours, false, false, &a->queue_faults);
    ok = queue_book_read_all(a->book, theirs, true, false, &a->queue_faults) && ok;
    if (!ok)
        conf_errors_sort(&a->queue_faults);
    a->queue_data.defs = queue_book_defs(a->book);
    a->queue_names = queue_names_new();
    a->queue_data.names = a->queue_names;
    free(ours);
    free(theirs);
}

bool assemble(struct assembly *a, const char *path, struct conf_errors *errors)
{
    *a = (struct assembly){0};
    list_probes(a);
    list_pages(a);
    list_requests(a);
    list_limits(a);
    list_rules(a);
    a->form = (struct config_form){.probes = a->probe_names, .pages = a->page_names, .requests = a->request_names,
                                   .key_ok = key_ok, .thresholds = a->thresholds, .rules = a->rules};
    char *found = path ? mem_string(path) : config_find();
    bool ok = config_load(&a->config, &a->form, found, errors);
    free(found);
    read_queues(a);
    a->theme_dirs[0] = user_directory(&a->config, "themes");
    a->theme_dirs[1] = our_file("data/themes", PKGDATADIR "/themes");
    a->themes = theme_names((const char *const *)a->theme_dirs);
    conf_errors_sort(errors);
    return ok;
}

void assembly_free(struct assembly *a)
{
    config_free(&a->config);
    conf_errors_free(&a->queue_faults);
    queue_book_free(a->book);
    queue_names_free(a->queue_names);
    theme_names_free(a->themes);
    free(a->theme_dirs[0]);
    free(a->theme_dirs[1]);
    free(a->probes);
    free(a->rules);
    free(a->probe_names);
    free(a->page_names);
    free(a->request_names);
    *a = (struct assembly){0};
}

struct keymap *assembly_keys(const struct assembly *a, struct conf_errors *errors)
{
    struct keymap *keys = ui_keys(views);
    struct err err = {0};
    struct mark at = {0, 0};
    const char *between[2];
    bool ok = true;
    for (size_t i = 0; i < a->config.nkeys && ok; i++) {
        const struct key_binding *k = &a->config.keys[i];
        ok = keymap_bind(keys, k->request, (const char *const *)k->keys.list, (int)k->keys.n, &err);
        at = k->at;
    }
    if (ok && keymap_check(keys, between, &err))
        return keys;
    for (size_t i = 0; i < a->config.nkeys && ok; i++)      /* the last that has a part in it */
        if (strcmp(a->config.keys[i].request, between[0]) == 0 || strcmp(a->config.keys[i].request, between[1]) == 0)
            at = a->config.keys[i].at;
    conf_error(errors, a->config.file ? a->config.file : "pgvigil", at, "%s", err.text);
    keymap_free(keys);
    return NULL;
}

bool assembly_theme(void *arg, const char *name, struct theme *out, struct err *err)
{
    struct assembly *a = arg;
    struct conf_errors errors = {0};
    bool ok = theme_read(out, name, (const char *const *)a->theme_dirs, &errors);
    if (ok)
        theme_quantise(out);
    else if (errors.n > 0)
        err_set(err, "%s", errors.list[0].sentence);
    conf_errors_free(&errors);
    return ok;
}

static void take_judging(const struct judging *j, struct store *store, int target)
{
    for (int i = 0; i < LIMIT_COUNT_; i++)
        store_set_limit(store, target, (enum limit_name)i, (struct limit){j->thresholds[i].warn, j->thresholds[i].crit});
    for (int i = 0; i < store_rules(store); i++)
        store_choose_rule(store, target, i, !j->rules[i].on, j->rules[i].runbook);
}

void assembly_judging(const struct assembly *a, struct store *store, const struct config_target *const *from)
{
    take_judging(&a->config.judging, store, -1);
    for (int i = 0; i < store_targets(store); i++)
        if (from[i])
            take_judging(&from[i]->judging, store, i);
}
