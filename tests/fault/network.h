/* A network of our own, which can be made to swallow everything: the process and its children move into
 * namespaces where they are alone with the loopback interface. Call network_enter first of all, before
 * threads and before the lab. */
#ifndef TESTS_FAULT_NETWORK_H
#define TESTS_FAULT_NETWORK_H

#include <stdbool.h>

/* False: this machine gives no namespaces, which is said on stderr. */
bool network_enter(void);

/* All packets on 127.0.0.1 vanish without a word, of established connections too; unix sockets go on. */
bool network_drop(bool drop);

/* One more address of this machine, which is no loopback address to anybody who looks at it. */
bool network_add_address(const char *address);

/* Names are looked up at a server that never answers. */
bool network_silent_names(void);

#endif
