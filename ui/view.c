/* What pages have in common. */
#include "ui/view.h"

#include "ui/ui.h"

const char *view_no_table(struct view_state *state, const struct view_scene *scene, int request)
{
    const struct key_row *row = keymap_row(ui_keymap(scene->ui), NULL, request);
    bool table = request == REQ_ENTER || request == REQ_LEFT || request == REQ_RIGHT ||
                 (row && row->group == GROUP_TABLE);
    (void)state;
    return table ? "" : NULL;
}
