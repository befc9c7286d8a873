/* A screen without a terminal: a store with four believable targets and recorded frames, the controller on
 * top, keys in, text out, compared with tests/screen/golden/NAME.txt. UPDATE_GOLDEN=1 in the environment
 * rewrites those files.
 *
 * Time stands still at SCENE_NOW until scene_wait. The targets:
 *   0 primary    PG 15.20, environment prod, connected
 *   1 standby-1  PG 15.20, environment staging, connected
 *   2 pay-1      cannot be reached for 14 s
 *   3 pooler     PgBouncer, connected */
#ifndef TESTS_SCREEN_SCENE_H
#define TESTS_SCREEN_SCENE_H

#include "tests/screen/engine.h"
#include "ui/ui.h"

#define SCENE_NOW  (5000 * 1000000LL)           /* boot time */
#define SCENE_WALL (1795148400LL * 1000000LL)   /* 2026-11-20 04:20:00 UTC */

struct scene {
    struct store *store;
    struct ui *ui;
    int64_t now_us, wall_us;
    int status;                 /* given to quit; -1: not yet */
    int suspends, redraws;
    char copied[512];
};

/* page NULL: the first one. Ends the test when the ui cannot be made. The locale has to be a UTF-8 one for
 * TEXT_UTF8. */
struct scene *scene_new(const struct view *const *views, int rows, int columns, enum text_mode mode,
                        const char *page);
void scene_free(struct scene *s);

/* The store alone, with the topics of probe_table, and the targets. */
struct store *scene_store(void);

/* Publishes tests/screen/frames/FILE.tsv as the answer of the topic in its first line, age_s old. The second
 * line names columns of the schema, the others are rows; "-" is unknown, "now-12.5" in a time column is that
 * many seconds ago, "now+1" ahead. A line "rates" with names of columns starts the frame of rates, "derived"
 * likewise that of what was derived. The topics are those of probe_table, and queues. */
void scene_publish(struct scene *s, int target, const char *file, double age_s);
/* A frame without rows. */
void scene_refuse(struct scene *s, int target, const char *topic, enum frame_status status, const char *note);
void scene_link(struct scene *s, int target, enum link_state state, double since_s, const char *words);

/* Key names separated by blanks, as in pgvigil.yaml: "s Down Enter". */
void scene_keys(struct scene *s, const char *keys);
void scene_type(struct scene *s, const char *text);
void scene_wait(struct scene *s, double seconds);
/* The screen as text, drawn now; until the next call. */
const char *scene_text(struct scene *s);
void scene_expect(struct scene *s, const char *part); /* fails with the whole screen when it is not there */
void scene_expect_not(struct scene *s, const char *part);
void scene_golden(struct scene *s, const char *name);
void scene_golden_of(struct scene *s, const char *page, const char *size);     /* "PAGE-SIZE" */

/* The sizes and alphabets that a page is drawn in. */
struct scene_size {
    int rows, columns;
    enum text_mode mode;
    const char *name;
};
extern const struct scene_size scene_sizes[8];

#endif
