/* The probes that are built in. */
#include "probes/list.h"

const struct probe *const probe_table[] = {
    &probe_sessions,
    NULL,
};
