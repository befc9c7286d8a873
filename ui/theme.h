/* Themes: the one that needs no file, and colours brought down to what a terminal has. */
#ifndef UI_THEME_H
#define UI_THEME_H

#include "spec/theme.h"

/* The default: dark, quiet, works on any background because plain text keeps the terminal's own colours. */
void theme_builtin(struct theme *out);
/* Fills in every c256 and c16 that is COLOUR_UNSET, from rgb. */
void theme_quantise(struct theme *t);
int theme_nearest_256(int32_t rgb);     /* 16..255: the lower ones are whatever the user made of them */
int theme_nearest_16(int32_t rgb);      /* by the colours that xterm gives them */
/* The colour's number on a terminal with that many (8, 16, 256 or 16777216); COLOUR_DEFAULT is its own. With
 * 8, *bright is set when only a bold letter comes near. */
int theme_colour(const struct colour *c, int colours, bool *bright);

#endif
