/* libyaml's events become our tree; everything that we do not allow is refused on the way. */
#include "conf/yaml.h"

#include "base/mem.h"
#include "conf/utf8.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

/* A collection that is still open. */
struct level {
    struct node *node;
    struct node **tail; /* where the next child is hooked in */
    const char *key;    /* of a map: read, and waiting for its value */
    struct mark key_at;
};

struct reading {
    struct tree *tree;
    const char *file;
    const char *bytes;
    size_t len;
    struct conf_errors *errors;
    struct level levels[TREE_DEPTH_MAX];
    int depth;
    size_t values;
    bool stop;
};

static struct mark mark_of(const yaml_mark_t *m)
{
    return (struct mark){(unsigned)m->line + 1, (unsigned)m->column + 1};
}

/* ---- before libyaml sees it ---- */

static bool bad_character(struct reading *r, const char *p, size_t n, struct mark at)
{
    if (!n)
        conf_error(r->errors, r->file, at, "This byte, 0x%02x, is not UTF-8: save the file as UTF-8.",
                   (unsigned char)*p);
    else
        conf_error(r->errors, r->file, at,
                   "The character U+%04X cannot be seen and may not be in this file: remove it.",
                   (unsigned)utf8_decode(p, n));
    return false;
}

/* libyaml reads directives into a list that it searches for each new one, and stops at the first bad byte
 * without a line number: both are found here. */
static bool scan(struct reading *r)
{
    struct mark at = {1, 1};
    size_t i = r->len >= 3 && memcmp(r->bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    while (i < r->len) {
        const char *p = r->bytes + i;
        size_t n = utf8_length(p, r->len - i);
        bool crlf = *p == '\r' && i + 1 < r->len && p[1] == '\n';
        if (!n || (!crlf && utf8_forbidden(p, n)))
            return bad_character(r, p, n, at);
        if (*p == '%' && at.column == 1) {
            conf_error(r->errors, r->file, at,
                       "YAML directives (a line that begins with %%) are not allowed: remove the line.");
            return false;
        }
        at.column++;
        if (*p == '\n')
            at = (struct mark){at.line + 1, 1};
        i += n;
    }
    return true;
}

/* ---- the tree ---- */

static void refuse(struct reading *r, struct mark at, const char *sentence)
{
    conf_error(r->errors, r->file, at, "%s", sentence);
    r->stop = r->stop || conf_errors_full(r->errors);
}

static void refuse_and_stop(struct reading *r, struct mark at, const char *sentence)
{
    refuse(r, at, sentence);
    r->stop = true;
}

static struct node *node_add(struct reading *r, enum node_kind kind, struct mark at)
{
    struct node *node = arena_new(&r->tree->arena, sizeof(*node));
    node->kind = kind;
    node->at = at;
    node->text = "";
    if (++r->values > TREE_VALUES_MAX)
        refuse_and_stop(r, at, "The file has too many values: 40,000 are allowed.");
    if (!r->depth) {
        r->tree->root = node;
        return node;
    }
    struct level *top = &r->levels[r->depth - 1];
    node->key = top->key;
    node->key_at = top->key_at;
    top->key = NULL;
    *top->tail = node;
    top->tail = &node->next;
    top->node->n++;
    return node;
}

static bool wants_key(const struct reading *r)
{
    return r->depth && r->levels[r->depth - 1].node->kind == NODE_MAP && !r->levels[r->depth - 1].key;
}

static void check_names(struct reading *r, struct mark at, const yaml_char_t *anchor, const yaml_char_t *tag)
{
    if (anchor)
        refuse(r, at, "Anchors (&name) are not allowed: write the value where it is needed.");
    if (tag)
        refuse(
            r, at,
            "Tags (!name) are not allowed: write the value alone; put it in quotes if it begins with \"!\".");
}

static bool clean(const char *s, size_t len)
{
    for (size_t n; len; s += n, len -= n) {
        n = utf8_length(s, len);
        if (!n || utf8_forbidden(s, n))
            return false;
    }
    return true;
}

static void on_scalar(struct reading *r, const yaml_event_t *e)
{
    const char *bytes = (const char *)e->data.scalar.value;
    size_t len = e->data.scalar.length;
    struct mark at = mark_of(&e->start_mark);
    check_names(r, at, e->data.scalar.anchor, e->data.scalar.tag);
    if (!clean(bytes, len)) {
        refuse(r, at, "Control characters are not allowed, written with a backslash neither.");
        bytes = "?";
        len = 1;
    }
    const char *text = arena_bytes(&r->tree->arena, bytes, len);
    if (wants_key(r)) {
        r->levels[r->depth - 1].key = text;
        r->levels[r->depth - 1].key_at = at;
        return;
    }
    struct node *node = node_add(r, NODE_SCALAR, at);
    node->text = text;
    node->quoted = e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
}

static void on_start(struct reading *r, enum node_kind kind, const yaml_event_t *e)
{
    struct mark at = mark_of(&e->start_mark);
    if (wants_key(r))
        return refuse_and_stop(r, at, "A key must be plain text, not a list or a map.");
    if (r->depth == TREE_DEPTH_MAX)
        return refuse_and_stop(r, at, "This is nested too deeply: 16 levels are allowed.");
    struct node *node = node_add(r, kind, at);
    r->levels[r->depth++] = (struct level){.node = node, .tail = &node->first};
}

static int by_key(const void *a, const void *b)
{
    const struct node *x = *(struct node *const *)a, *y = *(struct node *const *)b;
    int order = strcmp(x->key, y->key);
    if (order)
        return order;
    if (x->key_at.line != y->key_at.line)
        return x->key_at.line < y->key_at.line ? -1 : 1;
    return (x->key_at.column > y->key_at.column) - (x->key_at.column < y->key_at.column);
}

static void check_duplicates(struct reading *r, const struct node *map)
{
    const struct node **all = arena_array(&r->tree->arena, map->n, sizeof(*all));
    size_t n = 0;
    for (const struct node *c = map->first; c; c = c->next)
        all[n++] = c;
    if (n)
        qsort(all, n, sizeof(*all), by_key);
    for (size_t i = 1; i < n; i++)
        if (strcmp(all[i - 1]->key, all[i]->key) == 0)
            conf_error(r->errors, r->file, all[i]->key_at,
                       "The key \"%.60s\" stands twice: it is first on line %u; remove one.", all[i]->key,
                       all[i - 1]->key_at.line);
}

static void on_end(struct reading *r)
{
    const struct node *node = r->levels[--r->depth].node;
    if (node->kind == NODE_MAP)
        check_duplicates(r, node);
}

static void on_alias(struct reading *r, const yaml_event_t *e)
{
    struct mark at = mark_of(&e->start_mark);
    if (wants_key(r))
        return refuse_and_stop(r, at, "Aliases (*name) are not allowed: write the key itself.");
    refuse(r, at,
           "Aliases (*name) are not allowed: write the value where it is needed, or put it in quotes.");
    node_add(r, NODE_BROKEN, at);
}

static void on_event(struct reading *r, const yaml_event_t *e)
{
    switch (e->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (r->tree->root)
            refuse_and_stop(r, mark_of(&e->start_mark),
                            "A second document begins here: one file holds one document.");
        break;
    case YAML_ALIAS_EVENT:
        on_alias(r, e);
        break;
    case YAML_SCALAR_EVENT:
        on_scalar(r, e);
        break;
    case YAML_SEQUENCE_START_EVENT:
        check_names(r, mark_of(&e->start_mark), e->data.sequence_start.anchor, e->data.sequence_start.tag);
        on_start(r, NODE_LIST, e);
        break;
    case YAML_MAPPING_START_EVENT:
        check_names(r, mark_of(&e->start_mark), e->data.mapping_start.anchor, e->data.mapping_start.tag);
        on_start(r, NODE_MAP, e);
        break;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        on_end(r);
        break;
    default:
        break;
    }
}

/* Is there a tab in the blanks that line n (from 1) begins with? libyaml's own words do not say so. */
static bool indented_with_tab(const struct reading *r, unsigned n)
{
    const char *p = r->bytes, *end = r->bytes + r->len;
    for (; n > 1 && p; n--)
        if ((p = memchr(p, '\n', (size_t)(end - p))))
            p++;
    for (; p && p < end && (*p == ' ' || *p == '\t'); p++)
        if (*p == '\t')
            return true;
    return false;
}

static void syntax_error(struct reading *r, const yaml_parser_t *parser)
{
    if (parser->error == YAML_MEMORY_ERROR)
        mem_exhausted();
    struct mark at = mark_of(&parser->problem_mark);
    const char *problem = parser->problem ? parser->problem : "it cannot be read";
    if (indented_with_tab(r, at.line))
        conf_error(r->errors, r->file, at, "This line is indented with a tab: use spaces.");
    else if (parser->context)
        conf_error(r->errors, r->file, at, "This is not YAML: %s (%s that began on line %u).", problem,
                   parser->context, (unsigned)parser->context_mark.line + 1);
    else
        conf_error(r->errors, r->file, at, "This is not YAML: %s.", problem);
    r->stop = true;
}

static void read_events(struct reading *r)
{
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser))
        mem_exhausted();
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)r->bytes, r->len);
    for (bool end = false; !end && !r->stop;) {
        yaml_event_t event;
        if (!yaml_parser_parse(&parser, &event)) {
            syntax_error(r, &parser);
            break;
        }
        end = event.type == YAML_STREAM_END_EVENT;
        on_event(r, &event);
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
}

bool tree_parse(struct tree *tree, const char *file, const char *bytes, size_t len, size_t max,
                struct conf_errors *errors)
{
    struct reading r = {.tree = tree, .file = file, .bytes = bytes, .len = len, .errors = errors};
    assert(!tree->root);
    if (len > max) {
        conf_error(errors, file, (struct mark){0}, "The file is too large: at most %zu kB are read.",
                   max / 1024);
        return false;
    }
    if (!scan(&r))
        return false;
    read_events(&r);
    if (r.stop)
        tree->root = NULL;
    return tree->root != NULL;
}

void tree_free(struct tree *tree)
{
    arena_free(&tree->arena);
    tree->root = NULL;
}

const struct node *node_get(const struct node *map, const char *key)
{
    if (!map || map->kind != NODE_MAP)
        return NULL;
    for (const struct node *c = map->first; c; c = c->next)
        if (strcmp(c->key, key) == 0)
            return c;
    return NULL;
}

const struct node *node_again(const struct node *node)
{
    const struct node *c = node->next;
    while (c && strcmp(c->key, node->key) != 0)
        c = c->next;
    return c;
}

bool node_is_empty(const struct node *node)
{
    return node->kind == NODE_SCALAR && !node->quoted && !*node->text;
}

const char *node_kind_word(const struct node *node)
{
    if (node->kind == NODE_SCALAR)
        return node_is_empty(node) ? "nothing" : "a single value";
    return node->kind == NODE_LIST ? "a list" : "a map";
}
