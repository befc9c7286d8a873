/* Every rule, causes first. Adding one: its row and function in a file of its kind, a line here, one in table.c. */
#ifndef RULES_LIST_H
#define RULES_LIST_H

#include "spec/rule.h"

#define RULES(X)    \
    X(unreachable)  \
    X(refused)      \
    X(no_answer)    \
    X(another)      \
    X(split)        \
    X(pages)        \
    X(blocked)      \
    X(connections)  \
    X(closed)       \
    X(pooler)       \
    X(pooler_idle)  \
    X(app_pool)     \
    X(app_users)    \
    X(app_idle)     \
    X(standbys)     \
    X(lag)          \
    X(timeline)     \
    X(role)         \
    X(copy)         \
    X(moved)        \
    X(archive)      \
    X(transactions) \
    X(stuck)        \
    X(depth)        \
    X(errors)       \
    X(slow)         \
    X(trust)        \
    X(rights)       \
    X(denied)       \
    X(blind)        \
    X(queue_rights) \
    X(watcher)      \
    X(no_writes)    \
    X(lingering)    \
    X(breakers)     \
    X(dear)

#define X(name) extern const struct rule rule_##name;
RULES(X)
#undef X

extern const struct rule *const rule_table[];       /* ends with NULL */

#endif
