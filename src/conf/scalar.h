/* One value and its row: what options.c needs and nobody else. */
#ifndef CONF_SCALAR_H
#define CONF_SCALAR_H

#include "conf/options.h"

/* From text that did not come from a file; a list is split at commas. False: the text does not fit. */
bool option_set_text(const struct setting *row, const char *text, void *field);
void option_free(const struct setting *row, void *field);
/* As one would write it in the file. Not for secrets, nor for a text that is not set. */
void option_show(const struct setting *row, const void *field, struct buf *out);
bool option_is_set(const struct setting *row, const void *field);

#endif
