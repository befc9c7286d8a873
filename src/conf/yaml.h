/* A YAML file as a small tree that remembers where everything stood.
 *
 * We read less than YAML: one document in UTF-8, maps, lists and scalars. Aliases, anchors, tags, directives,
 * duplicate keys and control characters are faults. What a scalar means is for its reader to say: libyaml's
 * types are of YAML 1.1, where "no" is a boolean. A hostile file costs less than 100 ms and 16 MB: its size
 * is capped, then its depth while it is read, then its number of values. */
#ifndef CONF_YAML_H
#define CONF_YAML_H

#include "base/attr.h"
#include "conf/arena.h"
#include "conf/errors.h"

#include <stdbool.h>
#include <stddef.h>

enum node_kind {
    NODE_SCALAR,
    NODE_LIST,
    NODE_MAP,
    NODE_BROKEN /* a fault was reported: say no more of it */
};

struct node {
    enum node_kind kind;
    bool quoted; /* a scalar in quotes or a block: always text, never a number or a boolean */
    struct mark at, key_at;
    const char *key;           /* of a map's children; no zero byte, no control character, like text */
    const char *text;          /* of a scalar, "" when there is none */
    struct node *first, *next; /* children in the order of the file; the next child of the parent */
    size_t n;                  /* children */
};

struct tree { /* start with {0}, end with tree_free */
    struct arena arena;
    struct node *root; /* NULL for a file without content, or with a fault that ends the reading */
};

#define TREE_DEPTH_MAX   16
#define TREE_VALUES_MAX  40000
#define CONFIG_BYTES_MAX (256u * 1024)  /* for a configuration */
#define QUEUES_BYTES_MAX (1024u * 1024) /* for queue definitions */

/* Reads bytes; faults are added to errors under the name file. True when the tree can be used: it may be
 * partial, so a caller checks the number of errors before it believes in it. */
bool tree_parse(struct tree *tree, const char *file, const char *bytes, size_t len, size_t max,
                struct conf_errors *errors) MUST_CHECK;
void tree_free(struct tree *tree);

const struct node *node_get(const struct node *map, const char *key); /* NULL when absent or not a map */
/* The next of the same map under the same key, which stands twice there; NULL: none. */
const struct node *node_again(const struct node *node);
bool node_is_empty(const struct node *node);                          /* "key:" with nothing after it */
const char *node_kind_word(const struct node *node);                  /* "a list", "a map", "text", ... */

#endif
