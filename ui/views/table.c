/* The pages, in the order in which the palette offers them. */
#include "ui/views/list.h"

const struct view *const views[] = {
    &overview_view,
    &sessions_view,
    &help_view,
    &messages_view,
    NULL,
};
