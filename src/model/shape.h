/* The shape of all clusters by what the store knows now. The one place for it: what is found, the pages and the lag
 * have one and the same answer to who is primary and who follows whom. */
#ifndef MODEL_SHAPE_H
#define MODEL_SHAPE_H

#include "model/cluster.h"
#include "model/store.h"

/* Of all targets; freed with cluster_shape_free. */
struct cluster_shape shape_look(const struct store *s, int64_t now_us);

/* Keeps in the store whom standbys follow: once one of them is promoted nothing else tells. */
void shape_remember(struct store *s, const struct cluster_shape *shape, int64_t now_us);

/* Whether two targets are one server, as the shape has it. */
bool shape_same_server(const struct store *s, int a, int b);

/* By its newest answer, else by what it said when it was connected to. SERVER_UNKNOWN: no server, or not known. */
enum server_role shape_role(const struct store *s, int target, int64_t now_us);

/* The target in which the tables of a standby's database are judged, as it holds copies of them: one of its primary, of
 * that database, with a connection. -1: it is no standby, or has to be judged by itself. */
int shape_original_in(const struct store *s, const struct cluster_shape *shape, int target);
/* The same, of the shape as it is now. */
int shape_original(const struct store *s, int target, int64_t now_us);

/* The newest good answer of the topic `replication`, with the lag; NULL: none. */
const struct frame *shape_replication(const struct store *s, int target, int64_t now_us);

/* By which the lag in a row of a target's answer of `replication` is judged. A sender to a standby that is watched: by
 * that one's limit, which may be meant to be behind; else by the target's own. shape: as it is now, for it points into answers; if it
 * is empty it is looked for when it matters, once for many rows, and the caller frees it. */
struct limit shape_lag_limit(const struct store *s, struct cluster_shape *shape, int target, const struct frame *f,
                             uint32_t row, int64_t now_us);

#endif
