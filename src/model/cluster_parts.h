/* What finding the shape of clusters has in common: cluster.c has servers, clusters and primaries, and cluster_edges.c
 * who follows whom. */
#ifndef MODEL_CLUSTER_PARTS_H
#define MODEL_CLUSTER_PARTS_H

#include "model/cluster.h"

/* What a server shows of those that it sends to, and of the one that it receives from: read once from its answer. */
struct cluster_sender {
    int row;
    struct frame_text name, client, slot;
};

struct cluster_end {
    struct cluster_sender *senders;
    int nsenders;
    int receiver;               /* its row; -1: none */
    bool receives;              /* and a process is there */
    struct frame_text sender, slot;
};

struct cluster_finder {
    const struct cluster_seen *seen;
    struct cluster_end *ends;           /* by target */
    struct cluster_shape *shape;
};

/* The answers are borrowed; freed with cluster_end_free. */
void cluster_end_read(struct cluster_end *e, const struct frame *replication);
void cluster_end_free(struct cluster_end *e);

/* By the target that speaks for its server. */
const struct cluster_seen *cluster_seen_of(const struct cluster_finder *f, int target);
const struct cluster_end *cluster_end_of(const struct cluster_finder *f, int target);

/* Whether one server evidently sends to another, in points; 0: no. What would fit any standby does not count. */
int cluster_evidence(const struct cluster_finder *f, int from, int to);

/* Who follows whom, when all have their cluster. */
void cluster_find_edges(const struct cluster_finder *f);

#endif
