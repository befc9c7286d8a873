/* The further groups of tests of rules; the last one looks whether a rule was left out. */
#ifndef TESTS_TEST_RULES_H
#define TESTS_TEST_RULES_H

int test_rule_pools(void);
int test_rule_causes(void);

#endif
