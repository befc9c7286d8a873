/* The tables of pgvigil.yaml(5). A file of its own, as room conf and room ui use the same names for other things. */
#ifndef MAN_SETTINGS_H
#define MAN_SETTINGS_H

#include "base/buf.h"

void put_settings(struct buf *out);

#endif
