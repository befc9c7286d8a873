/* Findings as lines of a page. */
#include "ui/views/verdict.h"

#include "ui/ui.h"

#include <stdio.h>
#include <string.h>

enum role_name verdict_look(const struct finding *f)
{
    static const enum role_name looks[LEVEL_COUNT_] = {LOOK_TEXT, LOOK_LABEL, LOOK_UNKNOWN, LOOK_WARN, LOOK_CRIT};
    return f->held ? LOOK_STALE : looks[f->level];
}

const char *verdict_glyph(const struct finding *f)
{
    static const char *const glyphs[LEVEL_COUNT_] = {" ", "·", "?", "!", "‼"};
    return f->held ? "=" : glyphs[f->level];
}

struct verdict_id verdict_id(const struct finding *f)
{
    return (struct verdict_id){f->rule, f->subject};
}

int verdict_where(const struct finding *const *list, int n, struct verdict_id id)
{
    for (int i = 0; i < n; i++)
        if (list[i]->rule == id.rule && list[i]->subject == id.subject)
            return i;
    return -1;
}

/* Of a server that is not connected the banner tells, on every page. */
static bool banner_tells(const struct view_scene *scene, const struct finding *f)
{
    return !store_rule(scene->store, f->rule)->page && store_target(scene->store, scene->target)->link.state != LINK_UP;
}

void verdict_lines_take(struct verdict_lines *v, const struct view_scene *scene, int most)
{
    const struct finding *list[VERDICT_LINES * 4];
    unsigned n = verdict_list(store_verdict(scene->store), scene->target, false, list, VERDICT_LINES * 4);
    *v = (struct verdict_lines){.n = 0};
    for (unsigned i = 0; i < n && i < VERDICT_LINES * 4; i++) {
        if (list[i]->level < LEVEL_UNKNOWN || banner_tells(scene, list[i]))
            continue;
        v->all++;
        if (v->n < most && v->n < VERDICT_LINES)
            v->list[v->n++] = list[i];
    }
}

void verdict_lines_draw(const struct verdict_lines *v, int i, struct canvas *c, int row, bool selected)
{
    const struct finding *f = v->list[i];
    char count[24] = "";
    int columns = c->clip.columns, tail = 0;
    if (v->all > 1)
        tail = snprintf(count, sizeof(count), "%d/%u", i + 1, v->all);
    canvas_sentence(c, row, 3, columns - 3 - (tail ? tail + 2 : 0), verdict_look(f), f->words, strlen(f->words));
    if (tail)
        canvas_right(c, row, columns - tail, tail, LOOK_LABEL, count);
    if (selected) {
        canvas_look(c, row, 0, columns, LOOK_CURSOR);
        canvas_text(c, row, 0, 1, LOOK_CURSOR, "▸");
    }
    canvas_text(c, row, 1, 1, verdict_look(f), verdict_glyph(f));
}

bool verdict_open(const struct view_scene *scene, const struct finding *f)
{
    const char *page = store_rule(scene->store, f->rule)->page;
    if (!page)
        return ui_open(scene->ui, "why", -1, NULL, NULL), true;
    return ui_open(scene->ui, page, f->target, NULL, f->filter[0] ? f->filter : NULL), true;
}
