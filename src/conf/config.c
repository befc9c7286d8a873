/* pgvigil.yaml into a struct config: the file's own settings by their table, then targets, probes,
 * thresholds, keys and pages, whose names main passes in, then the other rooms' sections. */
#include "conf/config.h"

#include "base/mem.h"
#include "conf/config_keys.h"
#include "conf/file.h"
#include "conf/options.h"
#include "conf/url.h"
#include "conf/yaml.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_NAME   "pgvigil.yaml"
#define TARGETS_MAX 500

static const char *const glyph_words[] = {"auto", "utf8", "ascii", NULL};
static const char *const kind_words[] = {"server", "app", NULL};
static const char *const graph_words[] = {"blocks", "braille", "ascii", NULL};

#define FIELD(name) offsetof(struct config, name)

static const struct setting settings[] = {
    {"interval", SETTING_DURATION, FIELD(interval_s), 0.1, 3600, NULL, "2 s", false, false,
     "How often to ask for what is on the screen."},
    {"background", SETTING_DURATION, FIELD(background_s), 0.5, 3600, NULL, "10 s", false, false,
     "How often to ask for what is not on the screen."},
    {"theme", SETTING_WORD, FIELD(theme), 0, 0, NULL, "dark", false, false,
     "The colours: dark, light, high-contrast, colour-blind-safe, mono, or a theme file of your own."},
    {"glyphs", SETTING_ENUM, FIELD(glyphs), 0, 0, glyph_words, "auto", false, false,
     "Which characters to draw with; auto asks the locale."},
    {"graph", SETTING_ENUM, FIELD(graph), 0, 0, graph_words, "blocks", false, false,
     "What sparklines and bars are made of."},
    {"mouse", SETTING_BOOL, FIELD(mouse), 0, 0, NULL, "true", false, false,
     "Listen to the mouse; then selecting text needs the Shift key in most terminals."},
    {NULL},
};

#undef FIELD
#define FIELD(name) offsetof(struct config_target, name)

static const struct setting target_settings[] = {
    {"name", SETTING_WORD, FIELD(name), 0, 0, NULL, NULL, true, false,
     "What the target is called here; no two may have the same name."},
    {"conninfo", SETTING_TEXT, FIELD(conninfo), 1, 4096, NULL, NULL, false, true,
     "How to reach it, as libpq reads it: keywords or a URI. Better without a password: use ~/.pgpass or a "
     "service."},
    {"service", SETTING_TEXT, FIELD(service), 1, 256, NULL, NULL, false, false,
     "A name in pg_service.conf, instead of conninfo."},
    {"kind", SETTING_ENUM, FIELD(kind), 0, 0, kind_words, "server", false, false,
     "A server, which a PgBouncer counts as, or an application, app, whose connection pools are watched."},
    {"url", SETTING_TEXT, FIELD(url), 1, URL_MAX, NULL, NULL, false, true,
     "Of an application: where it tells of its pools, as JSON or in Prometheus' text format; http or https, and the "
     "certificate must be good."},
    {"ca", SETTING_TEXT, FIELD(ca), 1, 1024, NULL, NULL, false, false,
     "Of an application: a file with the certificates of those who may vouch for its own, by its whole path; those of "
     "the system, if nothing is said."},
    {"application", SETTING_TEXT, FIELD(application), 1, 64, NULL, NULL, false, false,
     "Of an application: the application_name that its sessions have; its name, if nothing is said. Servers of its "
     "group are looked at for what they do."},
    {"group", SETTING_WORD, FIELD(group), 0, 0, NULL, NULL, false, false,
     "Targets of one group are shown together. A standby in another group than its primary's is found by its replication, "
     "but a primary with the same system identifier in another group is a copy, a cluster of its own, unless it was seen as "
     "a standby before."},
    {"environment", SETTING_WORD, FIELD(environment), 0, 0, NULL, NULL, false, false,
     "A word for the header: prod, staging and dev have their colours, any other word has none."},
    {"interval", SETTING_DURATION, FIELD(interval_s), 0.1, 3600, NULL, NULL, false, false,
     "As above, for this target."},
    {"background", SETTING_DURATION, FIELD(background_s), 0.5, 3600, NULL, NULL, false, false,
     "As above, for this target."},
    {NULL},
};

#undef FIELD

const struct setting *config_settings(void)
{
    return settings;
}

const struct setting *config_target_settings(void)
{
    return target_settings;
}

/* ---- probes ---- */

static struct probe_choice *choice_of(struct probe_choice **list, size_t *n, const char *probe)
{
    for (size_t i = 0; i < *n; i++)
        if (strcmp((*list)[i].probe, probe) == 0)
            return &(*list)[i];
    *list = mem_resize(*list, *n + 1, sizeof(**list));
    (*list)[*n] = (struct probe_choice){mem_string(probe), true, 0};
    return &(*list)[(*n)++];
}

static void read_choice(struct reader *r, const struct node *node, struct probe_choice *choice)
{
    static const struct setting interval = {"", SETTING_DURATION, 0, 0.1, 86400, NULL, NULL, false, false,
                                            ""};
    if (node->kind == NODE_BROKEN)
        return;
    double seconds;
    bool plain = node->kind == NODE_SCALAR && !node->quoted;
    if (plain && (strcmp(node->text, "true") == 0 || strcmp(node->text, "false") == 0))
        *choice = (struct probe_choice){choice->probe, node->text[0] == 't', 0};
    else if (node->kind != NODE_SCALAR || !parse_duration(node->text, &seconds))
        conf_error(r->errors, r->file, node->at,
                   "The probe %.60s takes true, false or an interval such as 60 s.", node->key);
    else if (option_read(r, node, &interval, &seconds))
        *choice = (struct probe_choice){choice->probe, true, seconds};
}

static void read_probes(struct reader *r, const struct node *map, const struct config_form *form,
                        struct probe_choice **list, size_t *n)
{
    static const char *const none[] = {NULL};
    if (!map || !expect_kind(r, map, NODE_MAP, "probes"))
        return;
    const char *const *names = form->probes ? form->probes : none;
    for (const struct node *c = map->first; c && !conf_errors_full(r->errors); c = c->next) {
        if (is_one_of(c->key, names))
            read_choice(r, c, choice_of(list, n, c->key));
        else
            unknown_key(r, c, names);
    }
}

static void probes_free(struct probe_choice *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(list[i].probe);
    free(list);
}

const struct probe_choice *config_probe(const struct config_target *target, const char *probe)
{
    for (size_t i = 0; i < target->nprobes; i++)
        if (strcmp(target->probes[i].probe, probe) == 0)
            return &target->probes[i];
    return NULL;
}

/* ---- targets ---- */

static void check_app(struct reader *r, const struct node *map, struct config_target *t, bool private)
{
    const struct node *url = node_get(map, "url"), *conninfo = node_get(map, "conninfo");
    const struct node *other = conninfo ? conninfo : node_get(map, "service"), *ca = node_get(map, "ca");
    struct err err = {0};
    t->reach = url ? url->at : map->at;
    if (other)
        conf_error(r->errors, r->file, other->key_at,
                   "An application has a url alone: its database is a target of its own, with a conninfo or a service.");
    if (!url)
        conf_error(r->errors, r->file, map->at,
                   "This application has no url: add one, such as url: http://127.0.0.1:8080/metrics/database.");
    else if (t->url && !url_check(t->url, &err))
        conf_error(r->errors, r->file, url->at, "%s", err.text);
    else if (t->url && !private && url_has_secret(t->url))
        conf_error(r->errors, r->file, url->at,
                   "This url may hold a secret, but the file is not private: chmod 600 it and own it.");
    if (t->ca && t->ca[0] != '/')
        conf_error(r->errors, r->file, ca->at, "A file of certificates is named by its whole path, from / on.");
    else if (t->ca && t->url && !url_is_tls(t->url))
        conf_error(r->errors, r->file, ca->at, "Without TLS nobody shows a certificate: let the url begin with https://.");
}

/* What only an application has; a url alone does not make one, so that a slip does not go unseen. */
static void check_server(struct reader *r, const struct node *map)
{
    static const char *const keys[] = {"url", "ca", "application"};
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        const struct node *n = node_get(map, keys[i]);
        if (n)
            conf_error(r->errors, r->file, n->key_at, "Only an application has %s: add kind: app, or take it away.",
                       keys[i]);
    }
}

static void check_reach(struct reader *r, const struct node *map, struct config_target *t, bool private)
{
    const struct node *conninfo = node_get(map, "conninfo"), *service = node_get(map, "service");
    if (conninfo && service)
        conf_error(r->errors, r->file, service->key_at,
                   "A target has a conninfo or a service, not both: put service=%.60s into the conninfo.",
                   t->service ? t->service : "NAME");
    t->reach = conninfo || service ? (conninfo ? conninfo : service)->at : map->at;
    if (!conninfo && !service)
        conf_error(r->errors, r->file, map->at,
                   "This target has neither conninfo nor service: add one, such as conninfo: host=10.0.0.5 "
                   "dbname=app.");
    if (t->conninfo && !private && conninfo_has_secret(t->conninfo))
        conf_error(r->errors, r->file, conninfo->at,
                   "This conninfo holds a password, but the file is not private: chmod 600 it and own it, or "
                   "better, "
                   "move the password to ~/.pgpass.");
}

static void check_unique(struct reader *r, const struct node *map, const struct config *c, const char *name)
{
    for (size_t i = 0; name && i + 1 < c->ntargets; i++)
        if (c->targets[i].name && strcmp(c->targets[i].name, name) == 0) {
            conf_error(r->errors, r->file, node_get(map, "name")->at,
                       "The name \"%s\" is taken by the target on line %u: choose another.", name,
                       c->targets[i].line);
            return;
        }
}

static void read_target(struct reader *r, const struct node *map, struct config *c, bool private)
{
    static const char *const others[] = {"probes", "thresholds", "rules", NULL};
    if (!expect_kind(r, map, NODE_MAP, "each of the targets"))
        return;
    c->targets = mem_resize(c->targets, c->ntargets + 1, sizeof(*c->targets));
    struct config_target *t = &c->targets[c->ntargets++];
    *t = (struct config_target){.line = map->at.line};
    options_read(r, map, target_settings, others, t, NULL);
    for (size_t i = 0; i < c->nprobes; i++) {
        struct probe_choice *own = choice_of(&t->probes, &t->nprobes, c->probes[i].probe);
        *own = (struct probe_choice){own->probe, c->probes[i].on, c->probes[i].interval_s};
    }
    read_probes(r, node_get(map, "probes"), c->form, &t->probes, &t->nprobes);
    t->judging = copy_judging(c->form, group_judging(c, t->group));
    read_judging(r, map, c->form, &t->judging);
    if (t->kind == KIND_APP) {
        check_app(r, map, t, private);
    } else {
        check_server(r, map);
        check_reach(r, map, t, private);
    }
    check_unique(r, map, c, t->name);
}

static void read_targets(struct reader *r, const struct node *list, struct config *c, bool private)
{
    if (!list || !expect_kind(r, list, NODE_LIST, "targets"))
        return;
    if (list->n > TARGETS_MAX) {
        conf_error(r->errors, r->file, list->at, "There are more than %d targets: split the file.",
                   TARGETS_MAX);
        return;
    }
    for (const struct node *t = list->first; t && !conf_errors_full(r->errors); t = t->next)
        read_target(r, t, c, private);
}

/* A target whose fault was reported is left out, so that what remains can be used. */
static void drop_broken_targets(struct config *c)
{
    size_t n = 0;
    for (size_t i = 0; i < c->ntargets; i++) {
        struct config_target *t = &c->targets[i];
        if (t->name && (t->kind == KIND_APP ? t->url : t->conninfo ? t->conninfo : t->service))
            c->targets[n++] = *t;
        else
            target_free(c->form, t);
    }
    c->ntargets = n;
}

void target_free(const struct config_form *form, struct config_target *t)
{
    free_judging(form, &t->judging);
    probes_free(t->probes, t->nprobes);
    options_free(target_settings, t);
}

/* ---- all of it ---- */

static const char *const own_keys[] = {"format", "targets", "probes", "thresholds", "rules", "groups", "keys", "pages",
                                       NULL};

/* The keys at the top that are not settings. The caller frees the array alone. */
static const char **top_keys(const struct config_form *form)
{
    size_t n = COUNT_OF(own_keys) - 1, sections = 0;
    while (form->sections && form->sections[sections].name)
        sections++;
    const char **keys = mem_array(n + sections + 1, sizeof(*keys));
    memcpy(keys, own_keys, n * sizeof(*keys));
    for (size_t i = 0; i < sections; i++)
        keys[n + i] = form->sections[i].name;
    return keys;
}

static void read_format(struct reader *r, const struct node *root)
{
    const struct node *format = node_get(root, "format");
    if (!format)
        conf_error(r->errors, r->file, root->at,
                   "The key \"format\" is missing: begin the file with format: 1.");
    else if (format->kind != NODE_BROKEN && (format->kind != NODE_SCALAR || strcmp(format->text, "1") != 0))
        conf_error(r->errors, r->file, format->at, "This version of pgvigil reads format: 1 only.");
}

static void read_sections(struct reader *r, const struct node *root, struct config *c)
{
    for (size_t i = 0; c->form->sections && c->form->sections[i].name; i++) {
        const struct config_section *s = &c->form->sections[i];
        for (const struct node *map = node_get(root, s->name); map; map = node_again(map))
            if (expect_kind(r, map, NODE_MAP, s->name))
                options_read(r, map, s->table, NULL, s->values, c->section_origins[i]);
    }
}

/* A theme is a file of its own: who reads those judges the names. */
static void note_themes(const struct node *root, struct config *c)
{
    for (const struct node *n = node_get(root, "theme"); n; n = node_again(n)) {
        if (n->kind != NODE_SCALAR || !is_word(n->text))
            continue;
        c->themes = mem_resize(c->themes, c->nthemes + 1, sizeof(*c->themes));
        c->themes[c->nthemes++] = (struct theme_mention){mem_string(n->text), n->at};
    }
}

/* A key that stands twice is a fault, and what stands under it is looked at all the same, for the faults in that. */
static void read_parts(struct reader *r, const struct node *root, struct config *c, bool private)
{
    const struct node *n;
    for (n = node_get(root, "probes"); n; n = node_again(n))
        read_probes(r, n, c->form, &c->probes, &c->nprobes);
    read_judging(r, root, c->form, &c->judging);
    for (n = node_get(root, "groups"); n; n = node_again(n))
        read_groups(r, n, c);
    for (n = node_get(root, "targets"); n; n = node_again(n))
        read_targets(r, n, c, private);
    check_groups(r, c);
    for (n = node_get(root, "keys"); n; n = node_again(n))
        read_key_bindings(r, n, c);
    for (n = node_get(root, "pages"); n; n = node_again(n))
        read_pages(r, n, c);
    read_sections(r, root, c);
    note_themes(root, c);
}

static void read_root(struct reader *r, const struct node *root, struct config *c, bool private)
{
    if (!expect_kind(r, root, NODE_MAP, "the file"))
        return;
    read_format(r, root);
    const char **keys = top_keys(c->form);
    options_read(r, root, settings, keys, c, c->origins);
    free(keys);
    read_parts(r, root, c, private);
    drop_broken_targets(c);
}

static void set_defaults(struct config *c, const struct config_form *form)
{
    *c = (struct config){.form = form};
    c->origins = mem_array(options_count(settings), sizeof(*c->origins));
    options_defaults(settings, c, c->origins);
    default_judging(c);
    default_pages(c);
    size_t n = 0;
    while (form->sections && form->sections[n].name)
        n++;
    c->section_origins = mem_array(n, sizeof(*c->section_origins));
    for (size_t i = 0; i < n; i++) {
        const struct config_section *s = &form->sections[i];
        c->section_origins[i] = mem_array(options_count(s->table), sizeof(struct origin));
        options_defaults(s->table, s->values, c->section_origins[i]);
    }
}

static bool parse(struct config *c, const char *file, const struct buf *text, bool private,
                  struct conf_errors *errors)
{
    size_t before = errors->n;
    struct reader r = {file, errors};
    struct tree tree = {0};
    c->file = mem_string(file);
    if (tree_parse(&tree, file, text->data, text->len, CONFIG_BYTES_MAX, errors))
        read_root(&r, tree.root, c, private);
    else if (errors->n == before)
        conf_error(errors, file, (struct mark){1, 1}, "The file is empty: begin it with format: 1.");
    tree_free(&tree);
    conf_errors_sort(errors);
    return errors->n == before;
}

bool config_parse(struct config *c, const struct config_form *form, const char *file, const char *bytes,
                  size_t len, bool private, struct conf_errors *errors)
{
    set_defaults(c, form);
    return parse(c, file, &(struct buf){(char *)bytes, len, len}, private, errors);
}

bool config_load(struct config *c, const struct config_form *form, const char *path,
                 struct conf_errors *errors)
{
    set_defaults(c, form);
    if (!path)
        return true;
    struct buf text = {0};
    struct file_facts facts;
    bool ok = file_read(path, CONFIG_BYTES_MAX, &text, &facts, NULL, errors);
    if (ok)
        ok = parse(c, path, &text, facts.ours && !(facts.mode & 077), errors);
    file_wipe(&text);
    return ok;
}

void config_free(struct config *c)
{
    for (size_t i = 0; i < c->ntargets; i++)
        target_free(c->form, &c->targets[i]);
    free(c->targets);
    for (size_t i = 0; i < c->nthemes; i++)
        free(c->themes[i].name);
    free(c->themes);
    probes_free(c->probes, c->nprobes);
    free_bindings(c);
    free_groups(c);
    free_judging(c->form, &c->judging);
    options_free(settings, c);
    free(c->origins);
    for (size_t i = 0; c->form && c->form->sections && c->form->sections[i].name; i++)
        free(c->section_origins[i]);
    free(c->section_origins);
    free(c->file);
    *c = (struct config){0};
}

/* ---- where the file is ---- */

static char *join(const char *directory, const char *inner)
{
    struct buf path = {0};
    buf_printf(&path, "%s%s/%s", directory, inner, FILE_NAME);
    return buf_take(&path);
}

/* One that is there but out of reach is for its reader to complain of. */
static char *if_there(char *path)
{
    if (access(path, F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR))
        return path;
    free(path);
    return NULL;
}

char *config_find(void)
{
    const char *override = getenv("PGVIGIL_CONFIG_DIR"), *xdg = getenv("XDG_CONFIG_HOME"),
               *home = getenv("HOME");
    if (override && *override)
        return if_there(join(override, ""));
    char *found = NULL;
    if (xdg && *xdg == '/')
        found = if_there(join(xdg, "/pgvigil"));
    else if (home && *home == '/' && access(home, X_OK) == 0)      /* after su it may be another's */
        found = if_there(join(home, "/.config/pgvigil"));
    return found ? found : if_there(join(SYSCONFDIR, "/pgvigil"));
}
