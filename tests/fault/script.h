/* Answers by the text of the question, from a file:
 *
 *     # a comment
 *     /pg_stat_activity/               POSIX extended, case ignored, . matches line ends too
 *     pid:int4<TAB>usename:text        columns with their types
 *     4711<TAB>app                     rows; \N null, \t \n \\ \xHH
 *                                      an empty line ends the rule
 *     /^set /
 *     tag SET
 *
 *     /secret/
 *     error 42501 permission denied for table secret
 *
 * The first rule that matches answers. */
#ifndef TESTS_FAULT_SCRIPT_H
#define TESTS_FAULT_SCRIPT_H

#include "base/err.h"
#include "tests/fault/answer.h"

struct script;

/* NULL: err says why, with the line. */
struct script *script_load(const char *path, struct err *err) MUST_CHECK;
/* NULL: no rule matches, or s is NULL. */
const struct answer *script_find(const struct script *s, const char *sql);
void script_free(struct script *s);

#endif
