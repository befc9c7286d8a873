/* The parts of a queue definition: tables, params, variants, names, sources, finished, rates, stuck, actions.
 */
#include "conf/queue_parts.h"

#include "conf/queue_sql.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define CAP_DEFAULT    100000
#define CAP_MAX        10000000
#define IDENTIFIER_MAX 63

static const char *const state_words[] = QUEUE_STATE_WORDS;

/* ---- pieces ---- */

static void complain(struct loading *l, struct mark at, const char *sentence)
{
    conf_error(l->r->errors, l->r->file, at, "%s", sentence);
}

#define PARTS_MAX   50 /* of a kind in one definition: more is a mistake, or meant to be slow */
#define COLUMNS_MAX 200

static bool few(struct loading *l, const struct node *node, size_t max)
{
    if (node->n <= max)
        return true;
    conf_error(l->r->errors, l->r->file, node->at, "There are %zu entries here: at most %zu are read.",
               node->n, max);
    return false;
}

const char *read_text(struct loading *l, const struct node *node)
{
    if (!expect_kind(l->r, node, NODE_SCALAR, node->key ? node->key : "an entry of this list"))
        return NULL;
    if (*node->text)
        return node->text;
    conf_error(l->r->errors, l->r->file, node->at, "%.60s takes text, not nothing.",
               node->key ? node->key : "This entry");
    return NULL;
}

static const char *read_identifier(struct loading *l, const struct node *node)
{
    const char *text = read_text(l, node);
    if (text && strlen(text) > IDENTIFIER_MAX) {
        complain(l, node->at, "A name in PostgreSQL is at most 63 bytes long.");
        return NULL;
    }
    return text;
}

/* Names of tables, columns and functions, each once; NULL after a report. */
static const char *const *read_list(struct loading *l, const struct node *list, const char *what, size_t *n)
{
    *n = 0;
    if (!expect_kind(l->r, list, NODE_LIST, what) || !few(l, list, COLUMNS_MAX))
        return NULL;
    const char **names = arena_array(l->arena, list->n, sizeof(*names));
    for (const struct node *c = list->first; c; c = c->next) {
        const char *name = read_identifier(l, c);
        for (size_t i = 0; name && i < *n; i++)
            if (strcmp(names[i], name) == 0)
                conf_error(l->r->errors, l->r->file, c->at,
                           "\"%.63s\" stands twice in this list: remove one.", name);
        if (name)
            names[(*n)++] = name;
    }
    return names;
}

static void read_state(struct loading *l, const struct node *node, enum queue_state *state)
{
    const char *text = read_text(l, node);
    for (int i = 0; text && i < STATE_COUNT_; i++)
        if (strcmp(state_words[i], text) == 0) {
            *state = (enum queue_state)i;
            return;
        }
    if (text) {
        const char *names[STATE_COUNT_ + 1] = {NULL};
        memcpy(names, state_words, sizeof(state_words));
        unknown_word(l->r, node, names);
    }
}

static void read_flag(struct loading *l, const struct node *node, const char *yes, bool *flag)
{
    const char *names[] = {yes, NULL, NULL};
    if (strcmp(yes, "login") == 0)
        names[1] = "owner";
    const char *text = read_text(l, node);
    if (text && !is_one_of(text, names))
        unknown_word(l->r, node, names);
    *flag = text && strcmp(text, yes) == 0;
}

static void read_part(struct loading *l, const struct node *node, const struct part *part, void *out,
                      bool *expanded)
{
    static const struct setting cap = {"cap", SETTING_INT, 0, 1, CAP_MAX, NULL, NULL, false, false, ""};
    static const struct setting flag = {.key = "", .type = SETTING_BOOL};
    void *field = (char *)out + part->at;
    switch (part->type) {
    case PART_TEXT:
        *(const char **)field = read_text(l, node);
        break;
    case PART_SQL:
    case PART_SQL_PLAIN:
        queue_sql_read(l->r, l->arena, l->def, node, part->type == PART_SQL ? expanded : NULL, field);
        break;
    case PART_BOOL:
        option_read(l->r, node, &flag, field);
        break;
    case PART_CAP:
        option_read(l->r, node, &cap, field);
        break;
    case PART_STATE:
        read_state(l, node, field);
        break;
    case PART_SCAN:
    case PART_LOGIN:
        read_flag(l, node, part->type == PART_SCAN ? "scan" : "login", field);
        break;
    case PART_OTHER:
        break;
    }
}

bool read_parts(struct loading *l, const struct node *map, const char *what, const struct part *parts,
                void *out, bool *expanded)
{
    const char *names[32] = {NULL};
    if (!expect_kind(l->r, map, NODE_MAP, what))
        return false;
    for (size_t i = 0; parts[i].key; i++)
        names[i] = parts[i].key;
    for (const struct node *c = map->first; c && !conf_errors_full(l->r->errors); c = c->next)
        if (!is_one_of(c->key, names))
            unknown_key(l->r, c, names);
    for (; parts->key; parts++) {
        const struct node *c = node_get(map, parts->key);
        if (c)
            read_part(l, c, parts, out, expanded);
        else if (parts->required)
            conf_error(l->r->errors, l->r->file, map->at, "The key \"%s\" is missing here: %s needs it.",
                       parts->key, what);
    }
    return true;
}

bool table_known(const struct queue_table *list, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (!list[i].pattern && strcmp(list[i].name, name) == 0)
            return true;
    return false;
}

static void check_needs(struct loading *l, const struct node *map, const char *needs)
{
    if (needs && !table_known(l->def->optional, l->def->noptional, needs))
        conf_error(l->r->errors, l->r->file, node_get(map, "needs")->at,
                   "needs names a table that is not under optional: add \"%.63s\" there.", needs);
}

/* ---- what is recognised ---- */

void read_tables(struct loading *l, const struct node *map, const char *what, const struct queue_table **list,
                 size_t *n)
{
    if (!map || !expect_kind(l->r, map, NODE_MAP, what) || !few(l, map, PARTS_MAX))
        return;
    struct queue_table *tables = arena_array(l->arena, map->n, sizeof(*tables));
    for (const struct node *c = map->first; c && !conf_errors_full(l->r->errors); c = c->next) {
        size_t len = strlen(c->key);
        struct queue_table *t = &tables[(*n)++];
        *t = (struct queue_table){.name = c->key};
        if (*c->key == '/') {
            t->pattern = true;
            t->name = arena_bytes(l->arena, c->key + 1, len > 2 && c->key[len - 1] == '/' ? len - 2 : 0);
            if (!queue_pattern_ok(t->name))
                conf_error(l->r->errors, l->r->file, c->key_at,
                           "This pattern cannot be used: write /^...$/ with letters, digits, _, classes such "
                           "as [0-9a-f], "
                           "and + * ? {n} {n,m} behind one of them.");
        } else if (!len || len > IDENTIFIER_MAX) {
            complain(l, c->key_at, "A table's name has 1 to 63 bytes.");
        }
        t->columns = read_list(l, c, c->key, &t->ncolumns);
    }
    *list = tables;
    if (!*n)
        conf_error(l->r->errors, l->r->file, map->at, "%s names no table.", what);
}

void read_functions(struct loading *l, const struct node *list)
{
    size_t n;
    const char *const *names = list ? read_list(l, list, "detect_functions", &n) : NULL;
    if (!names)
        return;
    struct queue_pair *pairs = arena_array(l->arena, n, sizeof(*pairs));
    for (size_t i = 0; i < n; i++) {
        const char *dot = strchr(names[i], '.');
        if (!dot || dot == names[i] || !dot[1])
            complain(l, list->at, "Functions are written schema.function.");
        else
            pairs[l->def->nfunctions++] =
                (struct queue_pair){arena_bytes(l->arena, names[i], (size_t)(dot - names[i])), dot + 1};
    }
    l->def->functions = pairs;
}

static bool is_placeholder_name(const char *s)
{
    return islower((unsigned char)*s) && !s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_")];
}

void read_params(struct loading *l, const struct node *map)
{
    if (!map || !expect_kind(l->r, map, NODE_MAP, "params") || !few(l, map, PARTS_MAX))
        return;
    struct queue_param *params = arena_array(l->arena, map->n, sizeof(*params));
    for (const struct node *c = map->first; c && !conf_errors_full(l->r->errors); c = c->next) {
        const char *value = read_text(l, c);
        bool taken = strcmp(c->key, "s") == 0 || strcmp(c->key, "t") == 0 || strcmp(c->key, "q") == 0 ||
                     strcmp(c->key, "s_lit") == 0;
        if (!is_placeholder_name(c->key) || taken)
            complain(l, c->key_at,
                     "A parameter's name is in small letters, digits and _, and not s, s_lit, t or q.");
        if (!value)
            continue;
        enum param_type type = queue_param_type(c);
        params[l->def->nparams++] =
            (struct queue_param){c->key, value, queue_param_literal(l->arena, type, value), type};
    }
    l->def->params = params;
}

static void read_when_column(struct loading *l, const struct node *node, struct queue_variant *v)
{
    const char *text = read_text(l, node), *dot = text ? strchr(text, '.') : NULL;
    if (!text)
        return;
    v->table = dot ? arena_bytes(l->arena, text, (size_t)(dot - text)) : text;
    v->column = dot ? dot + 1 : "";
    if (!dot || !*v->column)
        complain(l, node->at, "when_column is written table.column.");
    else if (!table_known(l->def->detect, l->def->ndetect, v->table) &&
             !table_known(l->def->optional, l->def->noptional, v->table))
        complain(l, node->at, "The table of when_column must be under detect or optional.");
}

static void read_variant(struct loading *l, const struct node *map, struct queue_variant *v)
{
    struct queue_pair *values = arena_array(l->arena, map->n, sizeof(*values));
    for (const struct node *c = map->first; c; c = c->next) {
        if (strcmp(c->key, "when_column") == 0) {
            read_when_column(l, c, v);
            continue;
        }
        const char *text = read_text(l, c);
        if (!is_placeholder_name(c->key))
            complain(l, c->key_at, "A variant's key is in small letters, digits and _.");
        if (text && strstr(text, "{s}"))
            complain(l, c->at, "A variant's value may not hold placeholders: they are put in once.");
        if (text)
            values[v->nvalues++] = (struct queue_pair){c->key, text};
    }
    v->values = values;
    if (!node_get(map, "when_column"))
        complain(l, map->at, "The key \"when_column\" is missing here: a variant needs it.");
}

void read_variants(struct loading *l, const struct node *map)
{
    if (!map || !expect_kind(l->r, map, NODE_MAP, "variants") || !few(l, map, PARTS_MAX))
        return;
    struct queue_variant *variants = arena_array(l->arena, map->n, sizeof(*variants));
    for (const struct node *c = map->first; c && !conf_errors_full(l->r->errors); c = c->next) {
        struct queue_variant *v = &variants[l->def->nvariants++];
        v->name = c->key;
        if (expect_kind(l->r, c, NODE_MAP, c->key) && few(l, c, PARTS_MAX))
            read_variant(l, c, v);
    }
    l->def->variants = variants;
}

void read_names(struct loading *l, const struct node *map)
{
    static const struct part parts[] = {{"detect", PART_OTHER, 0, true},
                                        {"sql", PART_SQL_PLAIN, offsetof(struct queue_def, names), true},
                                        {NULL}};
    if (!map || !read_parts(l, map, "names", parts, l->def, NULL))
        return;
    read_tables(l, node_get(map, "detect"), "detect of names", &l->def->names_detect, &l->def->nnames_detect);
    if (!l->def->expand.n)
        complain(l, map->key_at, "names maps the queue names of expand: there is no expand here.");
}

/* ---- what is counted ---- */

static void check_whens(struct loading *l, const struct node *list, struct queue_source *s)
{
    const struct node *c = list->first;
    for (size_t i = 0; i < s->nstates; i++, c = c->next) {
        if (!s->states[i].when.n && i + 1 < s->nstates)
            complain(l, c->at, "A state without when takes every row that is left: it must be the last.");
        if (s->states[i].state == STATE_STUCK)
            complain(l, c->at, "stuck is counted by the section stuck, not by a source.");
    }
}

static void read_states(struct loading *l, const struct node *list, struct queue_source *s)
{
    static const struct part parts[] = {
        {"state", PART_STATE, offsetof(struct queue_when, state), true},
        {"when", PART_SQL, offsetof(struct queue_when, when), false},
        {"since", PART_SQL, offsetof(struct queue_when, since), true},
        {NULL},
    };
    if (!list || !expect_kind(l->r, list, NODE_LIST, "states") || !few(l, list, PARTS_MAX))
        return;
    struct queue_when *whens = arena_array(l->arena, list->n, sizeof(*whens));
    for (const struct node *c = list->first; c && !conf_errors_full(l->r->errors); c = c->next)
        read_parts(l, c, "a state", parts, &whens[s->nstates++], &s->expanded);
    s->states = whens;
    if (!s->nstates)
        complain(l, list->at, "states names no state.");
    else if (s->nstates == list->n)
        check_whens(l, list, s);
}

void read_sources(struct loading *l, const struct node *list)
{
    static const struct part parts[] = {
        {"from", PART_SQL, offsetof(struct queue_source, from), true},
        {"queue", PART_SQL, offsetof(struct queue_source, queue), true},
        {"where", PART_SQL, offsetof(struct queue_source, where), false},
        {"needs", PART_TEXT, offsetof(struct queue_source, needs), false},
        {"cost", PART_SCAN, offsetof(struct queue_source, scan), false},
        {"cap", PART_CAP, offsetof(struct queue_source, cap), false},
        {"states", PART_OTHER, 0, true},
        {NULL},
    };
    if (!list || !expect_kind(l->r, list, NODE_LIST, "sources") || !few(l, list, PARTS_MAX))
        return;
    struct queue_source *sources = arena_array(l->arena, list->n, sizeof(*sources));
    for (const struct node *c = list->first; c && !conf_errors_full(l->r->errors); c = c->next) {
        struct queue_source *s = &sources[l->def->nsources++];
        s->cap = CAP_DEFAULT;
        if (!read_parts(l, c, "a source", parts, s, &s->expanded))
            continue;
        read_states(l, node_get(c, "states"), s);
        check_needs(l, c, s->needs);
    }
    l->def->sources = sources;
    if (!l->def->nsources)
        complain(l, list->at, "sources names no source.");
}

void read_finished(struct loading *l, const struct node *list)
{
    static const struct part parts[] = {
        {"state", PART_STATE, offsetof(struct queue_finished, state), true},
        {"from", PART_SQL, offsetof(struct queue_finished, from), true},
        {"where", PART_SQL, offsetof(struct queue_finished, where), false},
        {"at", PART_SQL, offsetof(struct queue_finished, at), false},
        {"needs", PART_TEXT, offsetof(struct queue_finished, needs), false},
        {"at_indexed", PART_BOOL, offsetof(struct queue_finished, at_indexed), false},
        {NULL},
    };
    if (!list || !expect_kind(l->r, list, NODE_LIST, "finished") || !few(l, list, PARTS_MAX))
        return;
    struct queue_finished *all = arena_array(l->arena, list->n, sizeof(*all));
    for (const struct node *c = list->first; c && !conf_errors_full(l->r->errors); c = c->next) {
        struct queue_finished *f = &all[l->def->nfinished++];
        f->state = STATE_DONE;
        if (!read_parts(l, c, "a finished state", parts, f, &f->expanded))
            continue;
        bool fits = f->state == STATE_DONE || f->state == STATE_CANCELLED || f->state == STATE_FAILED ||
                    f->state == STATE_FAILED_LOG;
        if (!fits)
            complain(l, c->at, "A finished state is done, cancelled, failed or failed_log.");
        check_needs(l, c, f->needs);
    }
    l->def->finished = all;
}

static void read_rate(struct loading *l, const struct node *node, struct queue_rate *rate)
{
    const char *text = node ? read_text(l, node) : NULL;
    if (!text)
        return;
    if (strcmp(text, "n_tup_ins") == 0)
        rate->kind = RATE_INSERTED;
    else if (strcmp(text, "n_tup_del") == 0)
        rate->kind = RATE_DELETED;
    else if (strncmp(text, "sequence {s}.", 13) == 0 && text[13] && !strchr(text + 13, '{'))
        *rate = (struct queue_rate){RATE_SEQUENCE, text + 13};
    else if (strcmp(text, "depth") == 0)
        rate->kind = RATE_DEPTH;
    else
        complain(l, node->at,
                 "A rate is n_tup_ins, n_tup_del, depth (of done), or sequence {s}.NAME, in which <queue> is the "
                 "queue's name.");
}

void read_rates(struct loading *l, const struct node *map)
{
    static const struct part parts[] = {
        {"enqueued", PART_OTHER, 0, false}, {"done", PART_OTHER, 0, false}, {NULL}};
    if (!map || !read_parts(l, map, "rates", parts, l->def, NULL))
        return;
    read_rate(l, node_get(map, "enqueued"), &l->def->enqueued);
    read_rate(l, node_get(map, "done"), &l->def->done);
    bool possible = l->def->done.kind != RATE_DEPTH || l->def->enqueued.kind == RATE_INSERTED;
    if (l->def->enqueued.kind == RATE_DEPTH)
        complain(l, node_get(map, "enqueued")->at, "The rate depth is of done alone.");
    else if (!possible)
        complain(l, node_get(map, "done")->at, "The rate depth needs enqueued: n_tup_ins beside it.");
}

void read_cached(struct loading *l, const struct node *map)
{
    static const struct part parts[] = {{"table", PART_TEXT, offsetof(struct queue_def, cached_table), true},
                                        {"columns", PART_OTHER, 0, true},
                                        {NULL}};
    if (!map || !read_parts(l, map, "cached", parts, l->def, NULL))
        return;
    const char *table = l->def->cached_table;
    if (table && !table_known(l->def->detect, l->def->ndetect, table) &&
        !table_known(l->def->optional, l->def->noptional, table))
        complain(l, node_get(map, "table")->at, "The table of cached must be under detect or optional.");
    const struct node *columns = node_get(map, "columns");
    if (columns)
        l->def->cached_columns = read_list(l, columns, "columns", &l->def->ncached);
}

void read_stuck(struct loading *l, const struct node *list)
{
    static const struct part parts[] = {
        {"from", PART_SQL, offsetof(struct queue_stuck, from), true},
        {"id", PART_SQL, offsetof(struct queue_stuck, id), true},
        {"queue", PART_SQL, offsetof(struct queue_stuck, queue), true},
        {"kind", PART_SQL, offsetof(struct queue_stuck, kind), false},
        {"owner", PART_SQL, offsetof(struct queue_stuck, owner), false},
        {"since", PART_SQL, offsetof(struct queue_stuck, since), true},
        {"where", PART_SQL, offsetof(struct queue_stuck, where), true},
        {"needs", PART_TEXT, offsetof(struct queue_stuck, needs), false},
        {NULL},
    };
    if (!list || !expect_kind(l->r, list, NODE_LIST, "stuck") || !few(l, list, PARTS_MAX))
        return;
    struct queue_stuck *all = arena_array(l->arena, list->n, sizeof(*all));
    for (const struct node *c = list->first; c && !conf_errors_full(l->r->errors); c = c->next) {
        struct queue_stuck *s = &all[l->def->nstuck++];
        if (read_parts(l, c, "a stuck rule", parts, s, &s->expanded))
            check_needs(l, c, s->needs);
    }
    l->def->stuck = all;
}

void read_actions(struct loading *l, const struct node *map)
{
    static const char *const names[] = {"reset",   "revive", "retry_failed", "release", "archive_poison",
                                        "cleanup", NULL};
    static const struct part parts[] = {
        {"effect", PART_TEXT, offsetof(struct queue_action, effect), true},
        {"sql", PART_SQL, offsetof(struct queue_action, sql), true},
        {"needs", PART_TEXT, offsetof(struct queue_action, needs), false},
        {"run_as", PART_LOGIN, offsetof(struct queue_action, as_login), false},
        {NULL},
    };
    if (!map || !l->actions || !expect_kind(l->r, map, NODE_MAP, "actions") || !few(l, map, PARTS_MAX))
        return;
    struct queue_action *all = arena_array(l->arena, map->n, sizeof(*all));
    for (const struct node *c = map->first; c && !conf_errors_full(l->r->errors); c = c->next) {
        struct queue_action *a = &all[l->def->nactions++];
        a->name = c->key;
        if (!is_one_of(c->key, names))
            unknown_key(l->r, c, names);
        else if (read_parts(l, c, "an action", parts, a, &a->expanded))
            check_needs(l, c, a->needs);
    }
    l->def->actions = all;
    if (l->def->nactions && !l->def->native)
        complain(l, map->key_at,
                 "A definition with actions says under native what the queue does by itself.");
}
