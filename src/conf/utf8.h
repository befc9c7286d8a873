/* Reading UTF-8, as strictly as RFC 3629 (no overlong forms, no surrogates, nothing above U+10FFFF). */
#ifndef CONF_UTF8_H
#define CONF_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The bytes of the character at s, 1 to 4; 0 when it is broken. left > 0. */
size_t utf8_length(const char *s, size_t left);
uint32_t utf8_decode(const char *s, size_t length); /* length as utf8_length gave it, not 0 */
/* Characters that no file of ours may hold, because they change what a reader or a terminal sees: controls
 * other than tab and newline, bidirectional and line separators, U+FEFF and noncharacters. */
bool utf8_forbidden(const char *s, size_t length);

#endif
