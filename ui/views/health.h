/* The rows of the health page: a line a value of one target, each with its verdict and the rule that gave it. */
#ifndef UI_VIEWS_HEALTH_H
#define UI_VIEWS_HEALTH_H

#include "model/frame.h"
#include "model/health.h"
#include "model/store.h"

#include "base/buf.h"
#include "base/text.h"

enum health_column {
    H_NAME, H_NOW, H_VERDICT, H_RANK, H_AGE, H_RULE, H_FROM, H_FORM, H_PAGE, H_TARGET, H_OLD, H_COLUMNS
};

extern const struct schema health_schema;

/* How H_NOW is printed. */
enum health_form { FORM_LATENCY, FORM_DURATION, FORM_PERCENT, FORM_RATE, FORM_COUNT, FORM_INTERVALS, FORM_COUNT_ };

/* Pages that prove a value; H_PAGE is a number of them. */
extern const char *const health_pages[];
enum health_page { ON_SERVER, ON_SESSIONS, ON_REPLICATION, ON_QUEUES, ON_STATEMENTS, ON_POOLER, ON_APP };

/* One value while it is put together. */
struct health_row {
    const char *name;
    enum health_form form;
    enum health_page page;
    const struct target *target;    /* that the page is of */
    struct sight sight;             /* of the answer that it comes from */
    double now;                     /* NaN: unknown */
    enum level level;               /* LEVEL_NOTE: there is no limit to judge it by */
    struct buf rule, from;          /* in words; what it comes from may be hostile text */
};

struct health_making {
    const struct store *store;
    int target;
    const struct target *is;    /* the same */
    int64_t now_us;
    struct frame_builder *b;
};

/* For the files of this page. */
struct health_row health_begin(const struct health_making *m, const char *name, enum health_form form,
                               const struct target *target, const char *topic);
void health_end(const struct health_making *m, struct health_row *r);      /* adds it, and frees its texts */
bool health_is_known(struct health_row *r);         /* false: says why, in from */
enum level health_level(enum health_verdict verdict);
bool health_is_partial(const struct health_making *m, const char *topic);  /* our role may not see all of it */
/* A number as one of base/format.h prints it, and what follows. */
void health_add(struct buf *out, char *(*format)(char *, double, enum text_mode), double n, const char *after);
void health_put_limit(struct buf *out, enum unit unit, double limit);      /* "80 %", "1 s" */
void health_judge_limit(const struct health_making *m, struct health_row *r, enum limit_name name);    /* and its rule */
enum level health_limit_level(struct limit limit, double value);            /* unknown when the value is */
void health_put_rule(struct buf *out, struct limit limit, enum unit unit); /* "warning >= 80 %, critical >= 95 %" */

/* The rows of health_pools.c and health_work.c. */
void health_pools(const struct health_making *m);
void health_judged_work(const struct health_making *m);
void health_work(const struct health_making *m);

/* The rows of a target now; the caller's reference. */
struct frame *health_rows_make(const struct store *store, int target, int64_t now_us);

#endif
