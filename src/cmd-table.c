/* The front ends, in the order of --help and the manual; the first is the one that needs no name. */
#include "cmd.h"

#include <stddef.h>

const struct command *const commands[] = {
    &command_watch,
    &command_report,
    &command_check,
    &command_doctor,
    &command_demo,
    &command_config,
    &command_probes,
    NULL,
};
