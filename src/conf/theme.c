/* Theme files into struct theme. */
#include "conf/theme.h"

#include "base/mem.h"
#include "conf/file.h"
#include "conf/options.h"
#include "conf/yaml.h"

#include <ctype.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#define BASES_MAX 4
#define NAME_MAX_ 31

static const char *const look_words[] = {
#define X(name, word, ...) word,
    LOOKS(X)
#undef X
        NULL};
static const char *const attribute_words[] = {"bold", "dim", "reverse", "underline", "italic", NULL};
static const char *const colour_words[] = {
    "black",        "red",           "green",       "yellow",         "blue",
    "magenta",      "cyan",          "white",       "bright-black",   "bright-red",
    "bright-green", "bright-yellow", "bright-blue", "bright-magenta", "bright-cyan",
    "bright-white", "default",       NULL};

static int place_in(const char *const *words, const char *s)
{
    for (int i = 0; words[i]; i++)
        if (strcmp(words[i], s) == 0)
            return i;
    return -1;
}

/* ---- one look ---- */

static bool parse_rgb(const char *s, int32_t *rgb)
{
    s += *s == '#';
    if (strspn(s, "0123456789abcdefABCDEF") != 6 || s[6])
        return false;
    *rgb = (int32_t)strtol(s, NULL, 16);
    return true;
}

/* A new colour leaves its fall-backs to be found anew. */
static void read_colour(struct reader *r, const struct node *node, struct colour *c)
{
    int32_t rgb;
    if (!expect_kind(r, node, NODE_SCALAR, node->key))
        return;
    if (strcmp(node->text, "default") == 0)
        *c = (struct colour){COLOUR_DEFAULT, COLOUR_DEFAULT, COLOUR_DEFAULT};
    else if (parse_rgb(node->text, &rgb))
        *c = (struct colour){rgb, COLOUR_UNSET, COLOUR_UNSET};
    else
        conf_error(r->errors, r->file, node->at,
                   "%.20s takes default or a colour such as '#ff5f5f', in quotes.", node->key);
}

static void read_256(struct reader *r, const struct node *node, int16_t *c)
{
    static const struct setting row = {"", SETTING_INT, 0, 0, 255, NULL, NULL, false, false, ""};
    int64_t n;
    if (node->kind == NODE_SCALAR && strcmp(node->text, "default") == 0)
        *c = COLOUR_DEFAULT;
    else if (option_read(r, node, &row, &n))
        *c = (int16_t)n;
}

static void read_16(struct reader *r, const struct node *node, int16_t *c)
{
    if (!expect_kind(r, node, NODE_SCALAR, node->key))
        return;
    int n = place_in(colour_words, node->text);
    if (n < 0)
        unknown_word(r, node, colour_words);
    else
        *c = (int16_t)(colour_words[n + 1] ? n : COLOUR_DEFAULT);
}

/* c256 and c16: a map of fg and bg. */
static void read_fallback(struct reader *r, const struct node *map,
                          void (*read)(struct reader *, const struct node *, int16_t *), int16_t *fg,
                          int16_t *bg)
{
    static const char *const grounds[] = {"fg", "bg", NULL};
    if (!map || !expect_kind(r, map, NODE_MAP, map->key))
        return;
    for (const struct node *c = map->first; c; c = c->next) {
        int ground = place_in(grounds, c->key);
        if (ground < 0)
            unknown_key(r, c, grounds);
        else
            read(r, c, ground ? bg : fg);
    }
}

static void read_attributes(struct reader *r, const struct node *list, uint8_t *attrs)
{
    if (!list || !expect_kind(r, list, NODE_LIST, list->key))
        return;
    *attrs = 0;
    for (const struct node *c = list->first; c; c = c->next) {
        if (!expect_kind(r, c, NODE_SCALAR, "each of the attributes"))
            continue;
        int n = place_in(attribute_words, c->text);
        if (n < 0)
            unknown_word(r, c, attribute_words);
        else
            *attrs |= (uint8_t)(1u << n);
    }
}

static void read_look(struct reader *r, const struct node *map, struct style *style)
{
    static const char *const keys[] = {"fg", "bg", "attr", "c256", "c16", "mono", NULL};
    if (!expect_kind(r, map, NODE_MAP, map->key))
        return;
    for (const struct node *c = map->first; c; c = c->next)
        if (!is_one_of(c->key, keys))
            unknown_key(r, c, keys);
    const struct node *fg = node_get(map, "fg"), *bg = node_get(map, "bg"), *attr = node_get(map, "attr");
    if (fg)
        read_colour(r, fg, &style->fg);
    if (bg)
        read_colour(r, bg, &style->bg);
    read_fallback(r, node_get(map, "c256"), read_256, &style->fg.c256, &style->bg.c256);
    read_fallback(r, node_get(map, "c16"), read_16, &style->fg.c16, &style->bg.c16);
    read_attributes(r, attr, &style->attrs);
    if (attr)
        style->mono_attrs = style->attrs;
    read_attributes(r, node_get(map, "mono"), &style->mono_attrs);
}

static void read_looks(struct reader *r, const struct node *map, struct theme *t)
{
    if (!map || !expect_kind(r, map, NODE_MAP, "looks"))
        return;
    for (const struct node *c = map->first; c && !conf_errors_full(r->errors); c = c->next) {
        int look = place_in(look_words, c->key);
        if (look < 0)
            unknown_key(r, c, look_words);
        else
            read_look(r, c, &t->looks[look]);
    }
}

/* ---- one file ---- */

struct search {
    const char *const *directories;
    struct conf_errors *errors;
    int depth;
};

static bool read_named(struct search *s, const char *name, struct reader *from, struct mark at,
                       struct theme *out);

static void read_base(struct search *s, struct reader *r, const struct node *base, struct theme *t)
{
    if (!base || !expect_kind(r, base, NODE_SCALAR, "base"))
        return;
    if (++s->depth > BASES_MAX)
        conf_error(r->errors, r->file, base->at,
                   "Themes stand on each other more than %d deep, or in a ring.", BASES_MAX);
    else if (!read_named(s, base->text, r, base->at, t))
        conf_error(r->errors, r->file, base->at, "The theme \"%.31s\" under this one cannot be used.",
                   base->text);
}

static void read_root(struct search *s, struct reader *r, const struct node *root, struct theme *t)
{
    static const char *const keys[] = {"format", "base", "light", "looks", NULL};
    static const struct setting flag = {.key = "light", .type = SETTING_BOOL};
    if (!expect_kind(r, root, NODE_MAP, "the file"))
        return;
    for (const struct node *c = root->first; c; c = c->next)
        if (!is_one_of(c->key, keys))
            unknown_key(r, c, keys);
    const struct node *format = node_get(root, "format"), *light = node_get(root, "light");
    if (!format || format->kind != NODE_SCALAR || strcmp(format->text, "1") != 0)
        conf_error(r->errors, r->file, format ? format->at : root->at, "A theme begins with format: 1.");
    read_base(s, r, node_get(root, "base"), t);
    if (light)
        option_read(r, light, &flag, &t->light);
    read_looks(r, node_get(root, "looks"), t);
}

static bool read_file(struct search *s, const char *path, const struct buf *text, struct theme *t)
{
    struct reader r = {path, s->errors};
    struct tree tree = {0};
    size_t before = s->errors->n;
    if (tree_parse(&tree, path, buf_text(text), text->len, THEME_BYTES_MAX, s->errors))
        read_root(s, &r, tree.root, t);
    else if (s->errors->n == before)
        conf_error(s->errors, path, (struct mark){1, 1}, "The file is empty: begin it with format: 1.");
    tree_free(&tree);
    return s->errors->n == before;
}

static void list_themes(struct search *s, struct buf *out)
{
    char **names = theme_names(s->directories);
    for (size_t i = 0; names[i] && out->len < 200; i++)
        buf_printf(out, "%s%s", i ? ", " : "", names[i]);
    theme_names_free(names);
}

static bool read_named(struct search *s, const char *name, struct reader *from, struct mark at,
                       struct theme *out)
{
    bool missing = true, ok = false;
    for (const char *const *d = s->directories; *d && missing && is_word(name) && strlen(name) <= NAME_MAX_;
         d++) {
        struct buf path = {0}, text = {0};
        struct file_facts facts;
        buf_printf(&path, "%s/%s.yaml", *d, name);
        ok = file_read(buf_text(&path), THEME_BYTES_MAX, &text, &facts, &missing, s->errors) &&
             read_file(s, buf_text(&path), &text, out);
        buf_free(&text);
        buf_free(&path);
    }
    if (missing) {
        struct buf all = {0};
        list_themes(s, &all);
        conf_error(s->errors, from ? from->file : "theme", at, "There is no theme \"%.31s\": there are %s.",
                   name, buf_text(&all));
        buf_free(&all);
    }
    return ok;
}

bool theme_read(struct theme *out, const char *name, const char *const *directories,
                struct conf_errors *errors)
{
    static const struct colour own = {COLOUR_DEFAULT, COLOUR_DEFAULT, COLOUR_DEFAULT};
    struct search s = {directories, errors, 0};
    *out = (struct theme){.light = false};
    for (int i = 0; i < LOOK_COUNT_; i++)
        out->looks[i] = (struct style){.fg = own, .bg = own};
    bool ok = read_named(&s, name, NULL, (struct mark){0}, out);
    if (ok)
        memcpy(out->name, name, strlen(name) + 1);
    return ok;
}

/* ---- which there are ---- */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add_name(char ***names, size_t *n, const char *file)
{
    size_t len = strlen(file);
    if (len <= 5 || strcmp(file + len - 5, ".yaml") != 0)
        return;
    char *name = mem_bytes(file, len - 5);
    bool wanted = is_word(name) && len - 5 <= NAME_MAX_;
    for (size_t i = 0; i < *n; i++)
        wanted = wanted && strcmp((*names)[i], name) != 0;
    if (!wanted) {
        free(name);
        return;
    }
    *names = mem_resize(*names, *n + 2, sizeof(**names));
    (*names)[(*n)++] = name;
}

char **theme_names(const char *const *directories)
{
    char **names = mem_array(1, sizeof(*names));
    size_t n = 0;
    for (const char *const *d = directories; *d; d++) {
        DIR *dir = opendir(*d);
        for (struct dirent *e; dir && (e = readdir(dir));)
            add_name(&names, &n, e->d_name);
        if (dir)
            closedir(dir);
    }
    if (n)
        qsort(names, n, sizeof(*names), by_text);
    names[n] = NULL;
    return names;
}

void theme_names_free(char **names)
{
    for (size_t i = 0; names[i]; i++)
        free(names[i]);
    free(names);
}
