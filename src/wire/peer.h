/* The other end of a socket in words, by which the engine and its watchers agree on which server a session is on. */
#ifndef WIRE_PEER_H
#define WIRE_PEER_H

#include <sys/socket.h>

#define SESSIONS_MAX 2      /* of ours on one server, whatever happens; only the user may say otherwise */

#define PEER_BYTES   80
#define PEER_UNKNOWN "?"        /* may be anybody */
#define PEER_LOCAL   "local"    /* a socket of this machine's: all of them are one */

/* "10.0.0.1 5432", PEER_LOCAL or PEER_UNKNOWN. */
void peer_name(const struct sockaddr *address, socklen_t len, char out[PEER_BYTES]);
void peer_of(int fd, char out[PEER_BYTES]);

/* How many of the peers, a line each, are or may be among the places, a line each. */
int peers_among(const char *peers, const char *places);

#endif
