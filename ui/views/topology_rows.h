/* What the files share that make the rows of the topology page. Nobody else includes it. */
#ifndef UI_VIEWS_TOPOLOGY_ROWS_H
#define UI_VIEWS_TOPOLOGY_ROWS_H

#include "base/buf.h"
#include "model/shape.h"
#include "ui/views/topology.h"
#include "ui/widgets/table.h"

struct making {
    const struct store *store;
    int64_t now_us;
    struct frame_builder *b;
    int n;
    struct sight *sights;       /* of replication, by target */
    struct cluster_shape shape;
    int *row;                   /* by target; -1: not yet */
    int *front;                 /* by target: the server that it stands in front of; -1: none, or not known */
};

/* The row under way. */
struct line {
    struct buf note;
    enum row_mark mark;
};

/* A row: begin, its cells and notes, finish. Returns its number. */
int topology_begin(struct making *m, const char *kind, int cluster, int target, int parent);
void topology_word(struct making *m, int column, const char *word);
void topology_note(struct line *l, enum row_mark mark, const char *words);
void topology_down(const struct making *m, struct line *l, int target);     /* for how long it is not connected */
void topology_state(const struct making *m, struct line *l, int target);    /* the worst that is found of it */
void topology_finish(struct making *m, struct line *l);

/* ---- topology_front.c: poolers and applications ---- */
bool topology_is_front(const struct making *m, int target);
void topology_find_fronts(struct making *m);
void topology_fronts(struct making *m, int server, int parent);     /* -1: of those that no server is known of */

#endif
