/* What pages have in common. */
#include "ui/view.h"

#include "ui/ui.h"

bool view_wants_rows(const struct view_scene *scene, int request)
{
    const struct key_row *row = keymap_row(ui_keymap(scene->ui), NULL, request);
    bool sideways = request == REQ_LEFT || request == REQ_RIGHT;
    return sideways || (row && (row->group == GROUP_TABLE || row->group == GROUP_FIND));
}

const char *view_no_table(struct view_state *state, const struct view_scene *scene, int request)
{
    (void)state;
    if (request == REQ_FILTER || request == REQ_SEARCH)
        return NULL;
    return request == REQ_ENTER || view_wants_rows(scene, request) ? "" : NULL;
}

enum view_kind view_kind_of(const struct target *t)
{
    if (t && t->application)
        return VIEW_APP;
    return t && t->facts.known && t->facts.kind == TARGET_POOLER ? VIEW_POOLER : VIEW_SERVER;
}
