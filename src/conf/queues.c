/* Files of queue definitions into one book: each definition whole or not at all, users' entries over ours. */
#include "conf/queues.h"

#include "base/mem.h"
#include "conf/file.h"
#include "conf/queue_parts.h"
#include "conf/queue_sql.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DEFINITIONS_MAX 500

/* What was read stays as long as the book: the definitions point into it. */
struct source_file {
    struct source_file *next;
    char *name;
    struct tree tree;
};

struct queue_book {
    struct source_file *files;
    struct arena arena;
    struct queue_def **list;
    size_t n;
};

struct queue_book *queue_book_new(void)
{
    return mem_new(sizeof(struct queue_book));
}

void queue_book_free(struct queue_book *book)
{
    if (!book)
        return;
    while (book->files) {
        struct source_file *f = book->files;
        book->files = f->next;
        tree_free(&f->tree);
        free(f->name);
        free(f);
    }
    arena_free(&book->arena);
    free(book->list);
    free(book);
}

struct queue_defs queue_book_defs(const struct queue_book *book)
{
    return (struct queue_defs){(const struct queue_def *const *)book->list, book->n};
}

static struct queue_def *find(const struct queue_book *book, const char *id)
{
    for (size_t i = 0; i < book->n; i++)
        if (strcmp(book->list[i]->id, id) == 0)
            return book->list[i];
    return NULL;
}

/* ---- one definition ---- */

#define FIELD(name) offsetof(struct queue_def, name)

static const struct part parts[] = {
    {"id", PART_TEXT, FIELD(id), true},
    {"title", PART_TEXT, FIELD(title), true},
    {"verified", PART_TEXT, FIELD(verified), false},
    {"rls", PART_BOOL, FIELD(rls), false},
    {"views", PART_BOOL, FIELD(views), false},
    {"tz", PART_OTHER, 0, false},
    {"params", PART_OTHER, 0, false},
    {"detect", PART_OTHER, 0, true},
    {"detect_functions", PART_OTHER, 0, false},
    {"optional", PART_OTHER, 0, false},
    {"variants", PART_OTHER, 0, false},
    {"version", PART_OTHER, 0, false},
    {"expand", PART_OTHER, 0, false},
    {"names", PART_OTHER, 0, false},
    {"sources", PART_OTHER, 0, true},
    {"finished", PART_OTHER, 0, false},
    {"rates", PART_OTHER, 0, false},
    {"cached", PART_OTHER, 0, false},
    {"stuck", PART_OTHER, 0, false},
    {"native", PART_TEXT, FIELD(native), false},
    {"actions", PART_OTHER, 0, false},
    {NULL},
};

static const char *read_zone(struct loading *l, const struct node *node)
{
    const char *zone = node ? read_text(l, node) : NULL;
    if (!zone)
        return NULL;
    size_t n = strspn(zone, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-/");
    if (!zone[n] && n <= 63)
        return zone;
    conf_error(l->r->errors, l->r->file, node->at,
               "tz takes the name of a time zone, such as Europe/Berlin.");
    return NULL;
}

static void check_verified(struct loading *l, const struct node *node, const char *how)
{
    static const char *const ways[] = {
        "real-client", "real-migrations",           "real-schema", "real-schema-dsl",
        "real-ddl",    "real-schema-and-functions", NULL};
    if (how && !is_one_of(how, ways) && strncmp(how, "translated-", 11) != 0)
        unknown_word(l->r, node, ways);
}

/* Later parts look at earlier ones: placeholders at params, variants and expand; needs at optional. */
static void read_definition(struct loading *l, const struct node *map)
{
    struct queue_def *def = l->def;
    read_parts(l, map, "a queue definition", parts, def, NULL);
    check_verified(l, node_get(map, "verified"), def->verified);
    def->tz = read_zone(l, node_get(map, "tz"));
    read_tables(l, node_get(map, "detect"), "detect", &def->detect, &def->ndetect);
    read_tables(l, node_get(map, "optional"), "optional", &def->optional, &def->noptional);
    read_functions(l, node_get(map, "detect_functions"));
    read_params(l, node_get(map, "params"));
    read_variants(l, node_get(map, "variants"));
    const struct node *version = node_get(map, "version"), *expand = node_get(map, "expand");
    if (version)
        queue_sql_read(l->r, l->arena, def, version, NULL, &def->version);
    if (expand)
        queue_sql_read(l->r, l->arena, def, expand, NULL, &def->expand);
    read_names(l, node_get(map, "names"));
    read_sources(l, node_get(map, "sources"));
    read_finished(l, node_get(map, "finished"));
    read_rates(l, node_get(map, "rates"));
    read_cached(l, node_get(map, "cached"));
    read_stuck(l, node_get(map, "stuck"));
    read_actions(l, node_get(map, "actions"));
}

/* Something within this entry is no good YAML: what stands there may not be what was meant. */
static bool is_broken(const struct loading *l, const struct node *map)
{
    for (size_t i = l->tree_from; i < l->tree_to; i++) {
        unsigned line = l->r->errors->list[i].at.line;
        if (line >= map->at.line && (!map->next || line < map->next->at.line))
            return true;
    }
    return false;
}

static void add(struct queue_book *book, struct loading *l, const struct node *map)
{
    struct queue_def *def = l->def = arena_new(l->arena, sizeof(*def));
    def->file = l->r->file;
    def->line = map->at.line;
    size_t before = l->r->errors->n;
    read_definition(l, map);
    if (book->n >= DEFINITIONS_MAX)
        conf_error(l->r->errors, l->r->file, map->at, "There are more than %d queue definitions.",
                   DEFINITIONS_MAX);
    if (l->r->errors->n > before || is_broken(l, map))
        return;
    book->list = mem_resize(book->list, book->n + 1, sizeof(struct queue_def *));
    book->list[book->n++] = def;
}

/* ---- a user's changes to a definition that is there ---- */

static const char *type_words[] = {"an interval such as 10 min", "a whole number", "text"};

static void change_param(struct loading *l, struct queue_param *params, const struct node *node)
{
    const struct queue_def *def = l->def;
    const char *names[64] = {NULL};
    const char *value = read_text(l, node);
    for (size_t i = 0; i < def->nparams && i < 63; i++)
        names[i] = def->params[i].name;
    if (!is_one_of(node->key, names)) {
        unknown_key(l->r, node, names);
        return;
    }
    for (size_t i = 0; value && i < def->nparams; i++) {
        struct queue_param *p = &params[i];
        if (strcmp(p->name, node->key) != 0)
            continue;
        enum param_type type = queue_param_type(node);
        if (type != p->type && p->type != PARAM_TEXT)
            conf_error(l->r->errors, l->r->file, node->at, "%.60s takes %s, not \"%.60s\".", node->key,
                       type_words[p->type], value);
        else
            *p = (struct queue_param){p->name, value, queue_param_literal(l->arena, p->type, value), p->type};
    }
}

static void change(struct loading *l, const struct node *map, struct queue_def *def)
{
    static const char *const allowed[] = {"id", "params", "tz", NULL};
    size_t before = l->r->errors->n;
    l->def = def;
    for (const struct node *c = map->first; c && !conf_errors_full(l->r->errors); c = c->next)
        if (!is_one_of(c->key, allowed))
            conf_error(
                l->r->errors, l->r->file, c->key_at,
                "The definition \"%s\" is there already (%s:%u): only its params and tz can be changed. "
                "For a definition of your own choose another id.",
                def->id, def->file, def->line);
    const struct node *params = node_get(map, "params");
    const char *tz = read_zone(l, node_get(map, "tz"));
    struct queue_param *changed = arena_array(l->arena, def->nparams, sizeof(*changed));
    if (def->nparams)
        memcpy(changed, def->params, def->nparams * sizeof(*changed));
    if (params && expect_kind(l->r, params, NODE_MAP, "params"))
        for (const struct node *c = params->first; c && !conf_errors_full(l->r->errors); c = c->next)
            change_param(l, changed, c);
    if (l->r->errors->n > before || is_broken(l, map))
        return;
    def->params = changed;
    def->tz = tz ? tz : def->tz;
}

/* ---- files ---- */

static const char *id_of(struct loading *l, const struct node *map)
{
    const struct node *id = node_get(map, "id");
    if (!id || id->kind != NODE_SCALAR || is_word(id->text))
        return id && id->kind == NODE_SCALAR ? id->text : NULL;
    conf_error(l->r->errors, l->r->file, id->at,
               "An id is a word of letters, digits, \"_\", \"-\" and \".\", at most 63 long, not \"%.60s\".",
               id->text);
    return NULL;
}

static void read_queues(struct queue_book *book, struct loading *l, const struct node *list, size_t older)
{
    if (!list) {
        conf_error(l->r->errors, l->r->file, (struct mark){1, 1},
                   "The key \"queues\" is missing: a list of definitions.");
        return;
    }
    if (!expect_kind(l->r, list, NODE_LIST, "queues"))
        return;
    for (const struct node *c = list->first; c && !conf_errors_full(l->r->errors); c = c->next) {
        if (!expect_kind(l->r, c, NODE_MAP, "each of the queues"))
            continue;
        const char *id = id_of(l, c);
        struct queue_def *def = id ? find(book, id) : NULL;
        bool twice = false;
        for (size_t i = older; i < book->n; i++)
            twice = twice || book->list[i] == def;
        if (twice)
            conf_error(l->r->errors, l->r->file, node_get(c, "id")->at,
                       "The id \"%s\" stands twice: it is first on line %u.", id, def->line);
        else if (def)
            change(l, c, def);
        else
            add(book, l, c);
    }
}

/* False: nothing of the file counts, for it is in no format that we know. */
static bool read_root(struct queue_book *book, struct loading *l, const struct node *root)
{
    static const char *const keys[] = {"format", "queues", NULL};
    if (!expect_kind(l->r, root, NODE_MAP, "the file"))
        return false;
    for (const struct node *c = root->first; c && !conf_errors_full(l->r->errors); c = c->next)
        if (!is_one_of(c->key, keys))
            unknown_key(l->r, c, keys);
    const struct node *format = node_get(root, "format");
    bool ours = format && format->kind == NODE_SCALAR && strcmp(format->text, "1") == 0;
    if (!ours)
        conf_error(l->r->errors, l->r->file, format ? format->at : root->at,
                   "Queue definitions begin with format: 1; this version of pgvigil reads no other.");
    read_queues(book, l, node_get(root, "queues"), book->n);
    return ours;
}

bool queue_book_parse(struct queue_book *book, const char *file, const char *bytes, size_t len, bool actions,
                      struct conf_errors *errors)
{
    struct source_file *f = mem_new(sizeof(*f));
    f->name = mem_string(file);
    f->next = book->files;
    book->files = f;
    size_t before = errors->n, had = book->n;
    struct reader r = {f->name, errors};
    bool whole = tree_parse(&f->tree, file, bytes, len, QUEUES_BYTES_MAX, errors);
    struct loading l = {&r, &book->arena, NULL, actions, before, errors->n};
    if (whole && !read_root(book, &l, f->tree.root))
        book->n = had;
    else if (!whole && errors->n == before)
        conf_error(errors, file, (struct mark){1, 1}, "The file is empty: begin it with format: 1.");
    conf_errors_sort(errors);
    return errors->n == before;
}

bool queue_book_read(struct queue_book *book, const char *path, bool actions, struct conf_errors *errors)
{
    struct buf text = {0};
    struct file_facts facts;
    bool ok = file_read(path, QUEUES_BYTES_MAX, &text, &facts, NULL, errors) &&
              queue_book_parse(book, path, buf_text(&text), text.len, actions, errors);
    file_wipe(&text);
    return ok;
}

static int is_yaml(const struct dirent *entry)
{
    size_t n = strlen(entry->d_name);
    return entry->d_name[0] != '.' && n > 5 && strcmp(entry->d_name + n - 5, ".yaml") == 0;
}

bool queue_book_read_all(struct queue_book *book, const char *directory, bool optional, bool actions,
                         struct conf_errors *errors)
{
    struct dirent **entries;
    int n = scandir(directory, &entries, is_yaml, alphasort);
    if (n < 0) {
        if (optional && errno == ENOENT)
            return true;
        conf_error(errors, directory, (struct mark){0}, "The directory cannot be read: %s.", strerror(errno));
        return false;
    }
    bool ok = true;
    for (int i = 0; i < n; i++) {
        struct buf path = {0};
        buf_printf(&path, "%s/%s", directory, entries[i]->d_name);
        ok = queue_book_read(book, buf_text(&path), actions, errors) && ok;
        buf_free(&path);
        free(entries[i]);
    }
    free(entries);
    return ok;
}
