/* More groups of tests of rules. The last one looks whether a rule was left out by all of them. */
#ifndef TESTS_TEST_RULES_H
#define TESTS_TEST_RULES_H

int test_rule_blocked(void);
int test_rule_lag(void);
int test_rule_own(void);
int test_rule_past(void);
int test_rule_place(void);
int test_rule_pools(void);
int test_rule_shape(void);
int test_rule_causes(void);

#endif
