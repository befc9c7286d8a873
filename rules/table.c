/* The rules, in their order. */
#include "rules/list.h"

#define X(name) &rule_##name,
const struct rule *const rule_table[] = {RULES(X) NULL};
