/* The second group of tests of rules. */
#ifndef TESTS_TEST_RULES_H
#define TESTS_TEST_RULES_H

int test_rule_causes(void);

#endif
