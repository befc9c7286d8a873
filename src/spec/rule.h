/* A rule turns what is known of a target into findings. One row and one function each; the rest, when a finding comes
 * up and when it goes, is in model/verdict.h. */
#ifndef SPEC_RULE_H
#define SPEC_RULE_H

#include "model/cluster.h"
#include "model/store.h"
#include "model/verdict.h"

struct rule_context {
    const struct store *store;
    int target;
    const struct target *is;        /* the same */
    int64_t now_us;                 /* boot time */
    const struct cluster_shape *shape;      /* of all targets */
    int rule;                       /* its number */
    struct steadiness steady;
    struct verdict *verdict;        /* that says goes to */
};

struct rule {
    struct rule_info is;
    enum target_kind kind;          /* 0: of any */
    const char *const *reads;       /* topics, NULL-terminated: judged when the first one is answered, if all of them are
                                     * fresh; held when one is not. NULL: judged each second, by the connection and by
                                     * what the store knows */
    struct steadiness steady;       /* judgements in a row */
    const char *const *explains;    /* rules whose findings of the same target this one speaks for, NULL-terminated; an
                                     * empty list: all others. NULL: none */
    void (*judge)(const struct rule_context *c);
};

#endif
