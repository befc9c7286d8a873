/* Every probe, in the order of the manual. Adding one: its file, a line here, one in table.c, one in local.mk. */
#ifndef PROBES_LIST_H
#define PROBES_LIST_H

#include "spec/probe.h"

extern const struct probe probe_sessions;

extern const struct probe *const probe_table[];     /* ends with NULL */

#endif
