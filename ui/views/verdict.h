/* Findings as lines of a page, worst first. */
#ifndef UI_VIEWS_VERDICT_H
#define UI_VIEWS_VERDICT_H

#include "ui/view.h"

enum { VERDICT_LINES = 8 };

/* What is worth a line on a page of one target: without notes, and without what the banner says already. */
struct verdict_lines {
    const struct finding *list[VERDICT_LINES];  /* borrowed from the store, for the drawing under way */
    int n;                      /* in the list */
    unsigned all;               /* there are */
};

void verdict_lines_take(struct verdict_lines *v, const struct view_scene *scene, int most);
/* "‼ 30 sessions wait behind pid 4711 (billing, idle in transaction 12:04)          1/4" */
void verdict_lines_draw(const struct verdict_lines *v, int i, struct canvas *c, int row, bool selected);
/* Opens the page that proves it, with its rows; true. */
bool verdict_open(const struct view_scene *scene, const struct finding *f);

/* Which one is selected, wherever it stands by now. */
struct verdict_id {
    int rule;
    uint64_t subject;
};

struct verdict_id verdict_id(const struct finding *f);
int verdict_where(const struct finding *const *list, int n, struct verdict_id id);       /* -1: it is not there */

enum role_name verdict_look(const struct finding *f);
const char *verdict_glyph(const struct finding *f);

#endif
