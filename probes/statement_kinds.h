/* Which statements are of a known kind. */
#ifndef PROBES_STATEMENT_KINDS_H
#define PROBES_STATEMENT_KINDS_H

#include "model/frame.h"

#include <stdbool.h>

/* Whether an answer of the topic `statement_kinds` has this id; one whose text does not tell is known too. NULL: none. */
bool statement_is_known(const struct frame *kinds, int64_t query_id);

#endif
