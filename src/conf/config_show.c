/* A configuration on paper: what is in force and why, a file to begin with, the manual's tables. */
#include "conf/config_keys.h"

#include "conf/scalar.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- config show ---- */

static void show_line(struct buf *line, const struct origin *o, const char *file, struct buf *out)
{
    buf_printf(out, "%-40s  # ", buf_text(line));
    if (!o || o->kind == ORIGIN_DEFAULT)
        buf_puts(out, "default\n");
    else
        buf_printf(out, "%s:%u:%u\n", file, o->line, o->column);
    buf_free(line);
}

static void show_choices(const struct probe_choice *list, size_t n, int indent, struct buf *out)
{
    static const struct setting interval = {.key = "", .type = SETTING_DURATION};
    if (n)
        buf_printf(out, "%*sprobes:\n", indent, "");
    for (size_t i = 0; i < n; i++) {
        buf_printf(out, "%*s%s: ", indent + 2, "", list[i].probe);
        if (list[i].on && list[i].interval_s > 0)
            option_show(&interval, &list[i].interval_s, out);
        else
            buf_puts(out, list[i].on ? "true" : "false");
        buf_putc(out, '\n');
    }
}

static void show_level(const struct threshold_form *form, const char *name, double value, int indent, struct buf *line)
{
    struct setting row = threshold_setting(form);
    int64_t whole = isnan(value) ? 0 : (int64_t)value;
    bool is_whole = form->type == SETTING_INT || form->type == SETTING_SIZE;
    buf_printf(line, "%*s%s: ", indent + 4, "", name);
    if (isnan(value))
        buf_puts(line, "false");
    else
        option_show(&row, is_whole ? (const void *)&whole : (const void *)&value, line);
}

/* Of a target only what is another than everywhere; the general one is shown whole. */
static bool is_general(const struct config *c, const struct judging *j, const struct origin *own, const struct origin *all)
{
    return j != &c->judging && own->kind == all->kind && own->line == all->line && own->column == all->column;
}

static void show_thresholds(const struct config *c, const struct judging *j, int indent, struct buf *out)
{
    const struct threshold_form *forms = c->form->thresholds;
    bool any = false;
    for (size_t i = 0; forms && forms[i].name; i++) {
        const struct threshold *t = &j->thresholds[i];
        struct buf line = {0};
        if (is_general(c, j, &t->origin, &c->judging.thresholds[i].origin))
            continue;
        if (!any)
            buf_printf(out, "%*sthresholds:\n", indent, "");
        any = true;
        buf_printf(out, "%*s%s:\n", indent + 2, "", forms[i].name);
        show_level(&forms[i], "warn", t->warn, indent, &line);
        show_line(&line, &t->origin, c->file, out);
        show_level(&forms[i], "crit", t->crit, indent, &line);
        show_line(&line, &t->origin, c->file, out);
    }
}

static void show_rule(const struct rule_choice *choice, int indent, const char *file, struct buf *out)
{
    for (const struct setting *row = config_rule_settings(); row->key; row++) {
        const void *field = (const char *)choice + row->at;
        struct buf line = {0};
        if (!option_is_set(row, field))
            continue;
        buf_printf(&line, "%*s%s: ", indent, "", row->key);
        option_show(row, field, &line);
        show_line(&line, &choice->origin, file, out);
    }
}

static void show_rules(const struct config *c, const struct judging *j, int indent, struct buf *out)
{
    bool any = false;
    for (size_t i = 0; i < count_rules(c->form); i++) {
        if (is_general(c, j, &j->rules[i].origin, &c->judging.rules[i].origin))
            continue;
        if (!any)
            buf_printf(out, "%*srules:\n", indent, "");
        any = true;
        buf_printf(out, "%*s%s:\n", indent + 2, "", c->form->rules[i].name);
        show_rule(&j->rules[i], indent + 4, c->file, out);
    }
}

static void show_target(const struct config *c, const struct config_target *t, const char *file, struct buf *out)
{
    const struct setting *rows = config_target_settings();
    struct origin from = {ORIGIN_FILE, t->line, 3};
    bool first = true;
    for (; rows->key; rows++) {
        const void *field = (const char *)t + rows->at;
        bool inherited = (rows->type == SETTING_DURATION && *(const double *)field == 0) ||
                         (rows->type == SETTING_ENUM && *(const int *)field == 0);
        if (inherited || !option_is_set(rows, field))
            continue;
        struct buf line = {0};
        buf_printf(&line, "%s%s: ", rows->secret ? "  #" : first ? "- " : "  ", rows->key);
        if (rows->secret)
            buf_puts(&line, "(set, not shown)");
        else
            option_show(rows, field, &line);
        first = false;
        show_line(&line, &from, file, out);
    }
    show_choices(t->probes, t->nprobes, 2, out);
    show_thresholds(c, &t->judging, 2, out);
    show_rules(c, &t->judging, 2, out);
}

static void show_keys(const struct config *c, struct buf *out)
{
    static const struct setting text = {.type = SETTING_TEXT};
    if (c->nkeys)
        buf_puts(out, "keys:\n");
    for (size_t i = 0; i < c->nkeys; i++) {
        buf_printf(out, "  %s:%s\n", c->keys[i].request, c->keys[i].keys.n ? "" : " []");
        for (size_t k = 0; k < c->keys[i].keys.n; k++) {
            buf_puts(out, "  - ");
            option_show(&text, &c->keys[i].keys.list[k], out);
            buf_putc(out, '\n');
        }
    }
}

void config_show(const struct config *c, struct buf *out)
{
    static const struct setting words = {.type = SETTING_WORDS};
    if (c->file)
        buf_printf(out, "# from %s\n", c->file);
    else
        buf_puts(out, "# there is no pgvigil.yaml: all defaults\n");
    buf_puts(out, "format: 1\n");
    options_show(config_settings(), c, c->origins, c->file, 0, out);
    if (c->pages.n) {
        buf_puts(out, "pages: ");
        option_show(&words, &c->pages, out);
        buf_putc(out, '\n');
    }
    show_choices(c->probes, c->nprobes, 0, out);
    if (c->ntargets)
        buf_puts(out, "targets:\n");
    for (size_t i = 0; i < c->ntargets; i++)
        show_target(c, &c->targets[i], c->file, out);
    show_thresholds(c, &c->judging, 0, out);
    show_rules(c, &c->judging, 0, out);
    show_keys(c, out);
    for (size_t i = 0; c->form->sections && c->form->sections[i].name; i++) {
        const struct config_section *s = &c->form->sections[i];
        buf_printf(out, "%s:\n", s->name);
        options_show(s->table, s->values, c->section_origins[i], c->file, 2, out);
    }
}

/* ---- config init ---- */

static void init_names(const char *intro, const char *const *names, struct buf *out)
{
    buf_printf(out, "# %s", intro);
    for (const char *const *n = names; n && *n; n++)
        buf_printf(out, "%s%s", n == names ? " " : ", ", *n);
    buf_puts(out, ".\n");
}

static void init_targets(const struct config_form *form, struct buf *out)
{
    buf_puts(
        out,
        "\n# The servers to watch. A name and a conninfo or a service are all that is needed.\n#targets:\n");
    for (const struct setting *s = config_target_settings(); s->key; s++) {
        struct buf takes = {0};
        option_expects(s, &takes);
        buf_printf(out, "# %s: %s Takes %s.\n", s->key, s->help, buf_text(&takes));
        buf_free(&takes);
    }
    buf_puts(out, "#- name: shop-1\n#  conninfo: host=10.0.0.5 dbname=shop user=monitor\n#  group: shop\n"
                  "#  environment: prod\n");
    if (form->probes && *form->probes)
        buf_printf(
            out,
            "\n# Probes: true, false, or how often; here for all targets, or in a target for that one.\n"
            "#probes:\n#  %s: true\n",
            form->probes[0]);
    if (form->probes)
        init_names("There are", form->probes, out);
    if (form->thresholds && form->thresholds->name)
        buf_printf(out, "\n# thresholds and rules of a group, over those below; a target may have its own in the same way.\n"
                        "#groups:\n#  shop:\n#    thresholds:\n#      %s:\n#        crit: false\n", form->thresholds->name);
}

static void init_thresholds(const struct config_form *form, struct buf *out)
{
    if (!form->thresholds || !form->thresholds->name)
        return;
    buf_puts(out, "\n# When to warn and when to call it critical; false: never.\n#thresholds:\n");
    for (const struct threshold_form *t = form->thresholds; t->name; t++)
        buf_printf(out, "  # %s\n#  %s:\n#    warn: %s\n#    crit: %s\n", t->help, t->name,
                   t->warn ? t->warn : "false", t->crit ? t->crit : "false");
}

static void init_rules(const struct config_form *form, struct buf *out)
{
    if (!count_rules(form))
        return;
    buf_puts(out, "\n# What is judged: true, or false for what is no trouble here, or a map.\n");
    for (const struct setting *s = config_rule_settings(); s->key; s++) {
        struct buf takes = {0};
        option_expects(s, &takes);
        buf_printf(out, "# %s: %s Takes %s.\n", s->key, s->help, buf_text(&takes));
        buf_free(&takes);
    }
    buf_puts(out, "#rules:\n");
    for (const struct rule_form *rule = form->rules; rule->name; rule++)
        buf_printf(out, "  # %s\n#  %s: true\n", rule->help, rule->name);
}

void config_init(const struct config_form *form, struct buf *out)
{
    buf_puts(out, "# pgvigil.yaml: remove the # before what you want to change.\n"
                  "# Check it with: pgvigil config check\nformat: 1\n\n");
    options_init(config_settings(), 0, out);
    init_targets(form, out);
    init_thresholds(form, out);
    init_rules(form, out);
    if (form->pages && *form->pages) {
        init_names("The pages, in this order:", form->pages, out);
        buf_printf(out, "#pages:\n");
        for (const char *const *p = form->pages; *p; p++)
            buf_printf(out, "#- %s\n", *p);
    }
    if (form->requests && *form->requests) {
        buf_printf(out,
                   "\n# Keys: a request and the list of its keys, which replaces those it has.\n#keys:\n#  "
                   "%s:\n#  - F12\n",
                   form->requests[0]);
        init_names("There are", form->requests, out);
    }
    for (const struct config_section *s = form->sections; s && s->name; s++) {
        buf_printf(out, "\n# %s\n#%s:\n", s->help, s->name);
        options_init(s->table, 2, out);
    }
}

/* ---- the manual ---- */

static void manual_thresholds(const struct config_form *form, struct buf *out)
{
    buf_puts(out, ".Bl -tag -width Ds\n");
    for (const struct threshold_form *t = form->thresholds; t && t->name; t++)
        buf_printf(out, ".It Cm %s\n%s\nWarns at %s, critical at %s.\n", t->name, t->help,
                   t->warn ? t->warn : "nothing", t->crit ? t->crit : "nothing");
    buf_puts(out, ".El\n");
}

void config_manual(const struct config_form *form, struct buf *out)
{
    buf_puts(out, ".Ss Settings\n");
    options_manual(config_settings(), "", out);
    buf_puts(out, ".Ss Each of the targets\n");
    options_manual(config_target_settings(), "", out);
    if (form->thresholds) {
        buf_puts(out, ".Ss Thresholds\n");
        manual_thresholds(form, out);
    }
    if (count_rules(form)) {
        buf_puts(out, ".Ss Each of the rules\n");
        options_manual(config_rule_settings(), "", out);
        buf_puts(out, "The rules are\n");
        for (const struct rule_form *rule = form->rules; rule->name; rule++)
            buf_printf(out, ".Cm %s%s\n", rule->name, rule[1].name ? " ," : " .");
    }
    for (const struct config_section *s = form->sections; s && s->name; s++) {
        buf_printf(out, ".Ss %s\n%s\n", s->name, s->help);
        options_manual(s->table, "", out);
    }
}
