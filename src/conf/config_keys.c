/* Thresholds, rules, groups, key bindings and pages of pgvigil.yaml. */
#include "conf/config_keys.h"

#include "base/mem.h"
#include "conf/scalar.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REQUEST_KEYS_MAX 8
#define KEY_BYTES_MAX    24

static const char *const none[] = {NULL};

/* ---- thresholds ---- */

struct setting threshold_setting(const struct threshold_form *form)
{
    return (struct setting){.key = form->name, .type = form->type, .help = form->help};
}

/* Numbers of all types as one double; "never" is NaN. */
static double as_double(const struct setting *row, const void *field)
{
    bool whole = row->type == SETTING_INT || row->type == SETTING_SIZE;
    return whole ? (double)*(const int64_t *)field : *(const double *)field;
}

static double preset_of(const struct threshold_form *form, const char *text)
{
    struct setting row = threshold_setting(form);
    union {
        int64_t i;
        double d;
    } field = {0};
    if (!text)
        return NAN;
    if (!option_set_text(&row, text, &field))
        abort();
    return as_double(&row, &field);
}

static size_t count_thresholds(const struct threshold_form *forms)
{
    size_t n = 0;
    while (forms && forms[n].name)
        n++;
    return n;
}

static struct threshold *default_thresholds(const struct threshold_form *forms)
{
    size_t n = count_thresholds(forms);
    struct threshold *list = mem_array(n, sizeof(*list));
    for (size_t i = 0; i < n; i++)
        list[i] = (struct threshold){preset_of(&forms[i], forms[i].warn), preset_of(&forms[i], forms[i].crit),
                                     {.kind = ORIGIN_DEFAULT}};
    return list;
}

static void read_level(struct reader *r, const struct node *node, const struct threshold_form *form,
                       double *value)
{
    struct setting row = threshold_setting(form);
    union {
        int64_t i;
        double d;
    } field = {0};
    if (node->kind == NODE_SCALAR && !node->quoted && strcmp(node->text, "false") == 0)
        *value = NAN;
    else if (option_read(r, node, &row, &field))
        *value = as_double(&row, &field);
}

static void read_threshold(struct reader *r, const struct node *map, const struct threshold_form *form,
                           struct threshold *t)
{
    static const char *const levels[] = {"warn", "crit", NULL};
    if (!expect_kind(r, map, NODE_MAP, map->key))
        return;
    for (const struct node *c = map->first; c; c = c->next) {
        if (!is_one_of(c->key, levels))
            unknown_key(r, c, levels);
        else
            read_level(r, c, form, c->key[0] == 'w' ? &t->warn : &t->crit);
    }
    if (form->falling ? t->warn < t->crit : t->warn > t->crit) /* false when either is NaN */
        conf_error(r->errors, r->file, map->key_at,
                   "crit of %s must be %s than warn, or nothing ever warns: %s is worse.", form->name,
                   form->falling ? "lower" : "higher", form->falling ? "less" : "more");
    t->origin = (struct origin){ORIGIN_FILE, map->key_at.line, map->key_at.column};
}

static void read_thresholds(struct reader *r, const struct node *map, const struct config_form *form,
                            struct threshold *list)
{
    const struct threshold_form *forms = form->thresholds;
    size_t n = count_thresholds(forms);
    if (!expect_kind(r, map, NODE_MAP, "thresholds"))
        return;
    const char **names = mem_array(n + 1, sizeof(*names));
    for (size_t i = 0; i < n; i++)
        names[i] = forms[i].name;
    for (const struct node *t = map->first; t && !conf_errors_full(r->errors); t = t->next) {
        size_t i = 0;
        while (i < n && strcmp(forms[i].name, t->key) != 0)
            i++;
        if (i < n)
            read_threshold(r, t, &forms[i], &list[i]);
        else
            unknown_key(r, t, names);
    }
    free(names);
}

/* ---- rules ---- */

static const struct setting rule_settings[] = {
    {"enabled", SETTING_BOOL, offsetof(struct rule_choice, on), 0, 0, NULL, "true", false, false,
     "Whether the rule is judged at all."},
    {"runbook", SETTING_TEXT, offsetof(struct rule_choice, runbook), 1, 1000, NULL, NULL, false, false,
     "A link or a text of your own, shown with its findings."},
    {NULL},
};

const struct setting *config_rule_settings(void)
{
    return rule_settings;
}

size_t count_rules(const struct config_form *form)
{
    size_t n = 0;
    while (form->rules && form->rules[n].name)
        n++;
    return n;
}

static void read_rule(struct reader *r, const struct node *node, struct rule_choice *choice)
{
    static const char *const words[] = {"true", "false", "off", NULL};
    if (node->kind == NODE_BROKEN)
        return;
    choice->origin = (struct origin){ORIGIN_FILE, node->key_at.line, node->key_at.column};
    if (node->kind == NODE_MAP)
        options_read(r, node, rule_settings, NULL, choice, NULL);
    else if (node->kind == NODE_SCALAR && !node->quoted && is_one_of(node->text, words))
        choice->on = node->text[0] == 't';
    else
        conf_error(r->errors, r->file, node->at,
                   "The rule %.60s takes true, false, off, or a map with enabled and runbook.", node->key);
}

static void read_rules(struct reader *r, const struct node *map, const struct config_form *form,
                       struct rule_choice *list)
{
    size_t n = count_rules(form);
    if (!expect_kind(r, map, NODE_MAP, "rules"))
        return;
    const char **names = mem_array(n + 1, sizeof(*names));
    for (size_t i = 0; i < n; i++)
        names[i] = form->rules[i].name;
    for (const struct node *rule = map->first; rule && !conf_errors_full(r->errors); rule = rule->next) {
        size_t i = 0;
        while (i < n && strcmp(names[i], rule->key) != 0)
            i++;
        if (i < n)
            read_rule(r, rule, &list[i]);
        else
            unknown_key(r, rule, names);
    }
    free(names);
}

/* ---- both: everywhere, in a group, at a target ---- */

void default_judging(struct config *c)
{
    size_t n = count_rules(c->form);
    c->judging.thresholds = default_thresholds(c->form->thresholds);
    c->judging.rules = mem_array(n, sizeof(*c->judging.rules));
    for (size_t i = 0; i < n; i++)
        options_defaults(rule_settings, &c->judging.rules[i], NULL);
}

struct judging copy_judging(const struct config_form *form, const struct judging *from)
{
    size_t limits = count_thresholds(form->thresholds), rules = count_rules(form);
    struct judging to = {mem_array(limits, sizeof(*to.thresholds)), mem_array(rules, sizeof(*to.rules))};
    for (size_t i = 0; i < limits; i++)
        to.thresholds[i] = from->thresholds[i];
    for (size_t i = 0; i < rules; i++)
        to.rules[i] = (struct rule_choice){from->rules[i].on, mem_string(from->rules[i].runbook), from->rules[i].origin};
    return to;
}

/* A key that stands twice is a fault, and both are looked at. */
void read_judging(struct reader *r, const struct node *map, const struct config_form *form, struct judging *j)
{
    for (const struct node *n = node_get(map, "thresholds"); n; n = node_again(n))
        read_thresholds(r, n, form, j->thresholds);
    for (const struct node *n = node_get(map, "rules"); n; n = node_again(n))
        read_rules(r, n, form, j->rules);
}

void free_judging(const struct config_form *form, struct judging *j)
{
    for (size_t i = 0; j->rules && i < count_rules(form); i++)
        options_free(rule_settings, &j->rules[i]);
    free(j->rules);
    free(j->thresholds);
}

static void read_group(struct reader *r, const struct node *map, struct config *c)
{
    static const char *const keys[] = {"thresholds", "rules", NULL};
    if (!expect_kind(r, map, NODE_MAP, map->key))
        return;
    for (const struct node *n = map->first; n; n = n->next)
        if (!is_one_of(n->key, keys))
            unknown_key(r, n, keys);
    c->groups = mem_resize(c->groups, c->ngroups + 1, sizeof(*c->groups));
    struct config_group *g = &c->groups[c->ngroups++];
    *g = (struct config_group){mem_string(map->key), map->key_at, copy_judging(c->form, &c->judging)};
    read_judging(r, map, c->form, &g->judging);
}

void read_groups(struct reader *r, const struct node *map, struct config *c)
{
    if (!expect_kind(r, map, NODE_MAP, "groups"))
        return;
    for (const struct node *n = map->first; n && !conf_errors_full(r->errors); n = n->next)
        read_group(r, n, c);
}

const struct judging *group_judging(const struct config *c, const char *group)
{
    for (size_t i = 0; group && i < c->ngroups; i++)
        if (strcmp(c->groups[i].name, group) == 0)
            return &c->groups[i].judging;
    return &c->judging;
}

void check_groups(struct reader *r, const struct config *c)
{
    for (size_t i = 0; i < c->ngroups; i++) {
        bool used = false;
        for (size_t k = 0; k < c->ntargets && !used; k++)
            used = c->targets[k].group && strcmp(c->targets[k].group, c->groups[i].name) == 0;
        if (!used)
            conf_error(r->errors, r->file, c->groups[i].at, "No target is in the group \"%.60s\": say group: %.60s in one.",
                       c->groups[i].name, c->groups[i].name);
    }
}

void free_groups(struct config *c)
{
    for (size_t i = 0; i < c->ngroups; i++) {
        free(c->groups[i].name);
        free_judging(c->form, &c->groups[i].judging);
    }
    free(c->groups);
}

/* ---- keys ---- */

static bool key_text_ok(const struct config_form *form, const struct node *node)
{
    size_t n = strlen(node->text);
    return node->kind == NODE_SCALAR && n && n <= KEY_BYTES_MAX && !strchr(node->text, '\n') &&
           (!form->key_ok || form->key_ok(node->text));
}

static bool has_key(const struct key_binding *b, const char *key)
{
    size_t k = 0;
    while (k < b->keys.n && strcmp(b->keys.list[k], key) != 0)
        k++;
    return k < b->keys.n;
}

/* Whether a key means two things on one page is told by who knows the pages. */
static void read_key(struct reader *r, const struct node *node, const struct config *c, struct key_binding *b)
{
    if (node->kind == NODE_BROKEN)
        return;
    if (!key_text_ok(c->form, node)) {
        conf_error(r->errors, r->file, node->at,
                   "\"%.40s\" is not the name of a key: see the keys under ? in the console.", node->text);
    } else if (has_key(b, node->text)) {
        conf_error(r->errors, r->file, node->at, "The key \"%.40s\" stands twice in this list: remove one.", node->text);
    } else {
        b->keys.list = mem_resize(b->keys.list, b->keys.n + 1, sizeof(char *));
        b->keys.list[b->keys.n++] = mem_string(node->text);
    }
}

static const char *find_name(const char *const *names, const char *s)
{
    while (*names && strcmp(*names, s) != 0)
        names++;
    return *names;
}

void read_key_bindings(struct reader *r, const struct node *map, struct config *c)
{
    const char *const *requests = c->form->requests ? c->form->requests : none;
    if (!map || !expect_kind(r, map, NODE_MAP, "keys"))
        return;
    for (const struct node *b = map->first; b && !conf_errors_full(r->errors); b = b->next) {
        const char *request = find_name(requests, b->key);
        if (!request) {
            unknown_key(r, b, requests);
            continue;
        }
        if (!expect_kind(r, b, NODE_LIST, b->key))
            continue;
        if (b->n > REQUEST_KEYS_MAX) {
            conf_error(r->errors, r->file, b->at, "At most %d keys for one request.", REQUEST_KEYS_MAX);
            continue;
        }
        c->keys = mem_resize(c->keys, c->nkeys + 1, sizeof(*c->keys));
        struct key_binding *binding = &c->keys[c->nkeys++];
        *binding = (struct key_binding){.request = request, .at = b->key_at};
        for (const struct node *k = b->first; k; k = k->next)
            read_key(r, k, c, binding);
    }
}

/* ---- pages ---- */

static struct setting pages_setting(const struct config *c)
{
    return (struct setting){.key = "pages",
                            .type = SETTING_WORDS,
                            .min = 1,
                            .max = 100,
                            .words = c->form->pages ? c->form->pages : none,
                            .help = ""};
}

void default_pages(struct config *c)
{
    struct words *w = &c->pages;
    for (const char *const *p = c->form->pages; p && *p; p++) {
        w->list = mem_resize(w->list, w->n + 1, sizeof(*w->list));
        w->list[w->n++] = mem_string(*p);
    }
}

void read_pages(struct reader *r, const struct node *list, struct config *c)
{
    struct setting row = pages_setting(c);
    if (list)
        option_read(r, list, &row, &c->pages);
}

void free_bindings(struct config *c)
{
    static const struct setting words = {.type = SETTING_WORDS};
    for (size_t i = 0; i < c->nkeys; i++)
        option_free(&words, &c->keys[i].keys);
    free(c->keys);
    option_free(&words, &c->pages);
}
