/* The configuration's settings, as room conf describes them. */
#include "man/settings.h"

#include "conf/config.h"

void put_settings(struct buf *out)
{
    static const struct config_form form = {.probes = NULL};
    config_manual(&form, out);
}
