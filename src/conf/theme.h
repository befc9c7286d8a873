/* Theme files: NAME.yaml in a directory of themes.
 *
 *     format: 1
 *     base: dark              # another theme, whose looks hold where this one says nothing
 *     light: true             # made for a light background
 *     looks:
 *       crit:
 *         fg: '#ff5f5f'       # or default: the terminal's own
 *         bg: default
 *         attr:               # bold, dim, reverse, underline, italic
 *         - bold
 *         c256:               # on 256 colours; without it the nearest is taken
 *           fg: 203
 *         c16:                # on 16: black, red, ... white, bright-black, ... bright-white, default
 *           fg: bright-red
 *         mono:               # without colours; without it as attr
 *         - bold
 *         - reverse
 */
#ifndef CONF_THEME_H
#define CONF_THEME_H

#include "base/attr.h"
#include "conf/errors.h"
#include "spec/theme.h"

#include <stdbool.h>
#include <stddef.h>

#define THEME_BYTES_MAX (64u * 1024)

/* Reads a theme by its name from the first of the directories (ends with NULL) that has it. Colours that the
 * file leaves to be chosen stay COLOUR_UNSET. False: it is not there or has a fault; out is then not to be
 * used. */
bool theme_read(struct theme *out, const char *name, const char *const *directories,
                struct conf_errors *errors) MUST_CHECK;

/* The names of all themes there are, sorted, each once; ends with NULL. The caller frees with
 * theme_names_free. */
char **theme_names(const char *const *directories);
void theme_names_free(char **names);

#endif
