/* Which SQL a probe asks a server by, or why it cannot be asked there. The engine and the tests that run every
 * variant on real servers choose by this alone. */
#ifndef ENGINE_VARIANT_H
#define ENGINE_VARIANT_H

#include "base/buf.h"
#include "spec/probe.h"

/* Why this server cannot answer this probe, in words; NULL: it can. */
const char *variant_absent(const struct probe *pr, const struct facts *f);
/* The newest of the probe's rows that fits the server; NULL: none does. */
const struct probe_sql *variant_choose(const struct probe *pr, const struct facts *f);
/* Its SQL with all names filled in; only where variant_choose gives one. */
void variant_put(struct buf *out, const struct probe *pr, const struct facts *f);

#endif
