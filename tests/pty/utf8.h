/* Strict UTF-8 for the instruments: they must not judge the product with the product's own decoder. */
#ifndef TESTS_UTF8_H
#define TESTS_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* The length of the valid character that starts at s, with its code point; 0: no valid one starts here;
 * -1: the n bytes are a valid beginning that needs more. */
int utf8_read(const unsigned char *s, size_t n, uint32_t *code);
int utf8_put(uint32_t code, char *out);     /* writes 1 to 4 bytes, returns how many */

#endif
