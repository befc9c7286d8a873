/* A planner and made-up answers: what the tests of the queue planner share. */
#ifndef TESTS_UNIT_QUEUE_WORLD_H
#define TESTS_UNIT_QUEUE_WORLD_H

#include "base/attr.h"
#include "conf/queues.h"
#include "probes/queue_plan.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

struct world {
    struct queue_book *book;
    struct queue_plan_data data;
    void *plan;
    int64_t now_us;
};

/* One line of a catalogue. */
struct table {
    const char *schema, *name;
    int pattern;
    const char *kind;
    int64_t oid;
    bool usage, readable, hidden;
    int64_t estimate;
    const char *columns;
};

struct count {
    const char *q, *st;
    int64_t n;
    double age; /* NaN: none */
    bool capped;
};

#define UNKNOWN INT64_MIN

#define ORCHESTRATOR \
    "task_id\nskill_name\ntask_type\nstatus\nattempt_count\nmax_attempts\nworker_id\nstarted_at\nended_at"
#define RAD     "id\nstatus\nsession_id\nmessage\nexpires_at\nassigned_agent_id\nupdated_at"
#define ITEMS   "id\nis_leased\nlease_deadline\nexpire_deadline\nenqueue_at\nattempts\nmax_attempts"
#define LARAVEL "id\nqueue\npayload\nattempts\nreserved_at\navailable_at\ncreated_at"
#define NONE    NAN

struct world *world_new(const char *extra);
void world_free(struct world *w);
struct frame *catalogue(const struct table *tables, size_t n);
struct frame *counts(const struct count *c, size_t n);
struct frame *trouble(const struct schema *schema, enum frame_status status, const char *note);
char *ask(struct world *w, const char *label, struct frame *answer);
struct frame *finish(struct world *w);
void begin(struct world *w);
int64_t row_of(const struct frame *f, const char *definition, const char *queue);
void check(const struct frame *f, const char *definition, const char *queue, const char *column,
           int64_t value);
void check_age(const struct frame *f, const char *definition, const char *queue, const char *column,
               double value);
const char *note(const struct frame *f, const char *definition, const char *queue);
void ask_finished(struct world *w, const char *label, int n, int64_t rows);

void text(struct frame_builder *b, int column, const char *s);
struct frame *seal(struct frame_builder *b, enum frame_status status, const char *note);

#endif
