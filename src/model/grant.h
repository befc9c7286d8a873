/* What a role must be granted to see all of an answer, as SQL that can be run as it stands. */
#ifndef MODEL_GRANT_H
#define MODEL_GRANT_H

#include "base/buf.h"
#include "model/target.h"

#include <stdbool.h>

/* grant is SQL with {role} and {statements}; facts may be NULL. Names in it come from the server: hostile. */
void grant_put(struct buf *out, const char *grant, const struct facts *facts);
/* Where it can be run: "", or ", on its primary" of a standby, which takes nothing that writes. facts may be NULL. */
const char *grant_place(const struct facts *facts);
/* A name as an identifier, in quotes where it needs them. */
void grant_name(struct buf *out, const char *name);
/* In quotes, whatever is in it. */
void grant_quote(struct buf *out, const char *name);
/* Part of an answer that needs this grant (NULL: none) is hidden from us. */
bool grant_missing(const char *grant, const struct facts *facts);

#endif
