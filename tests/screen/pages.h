/* Pages of the tests' own, with nothing but what they are asked, and a scene that shows them. */
#ifndef TESTS_SCREEN_PAGES_H
#define TESTS_SCREEN_PAGES_H

#include "tests/screen/scene.h"

/* overview (1), sessions (2), row, fleet (9), help, messages; ended by NULL. Each says its size, target,
 * requests, filter and argument. */
extern const struct view *const pages[];

/* On the first page, with fresh sessions of the first two targets. */
struct scene *pages_start(int rows, int columns);
void pages_end(struct scene *s);        /* and every page was closed */

#endif
