/* Certificates for tests: authorities, and servers that they vouch for. */
#ifndef TESTS_FAULT_CERTIFICATE_H
#define TESTS_FAULT_CERTIFICATE_H

#include <stdbool.h>

/* Writes DIR/NAME.crt and DIR/NAME.key (0600). issuer NULL: an authority, signed by itself; else the name of one that
 * lies in DIR. san is what a server is called, as in "IP:10.0.0.1"; NULL for an authority. False: says why on stderr. */
bool certificate_make(const char *dir, const char *name, const char *issuer, const char *san);

#endif
