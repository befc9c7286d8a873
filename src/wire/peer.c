/* Names for the ends of sockets. Nothing here looks up a name. */
#include "wire/peer.h"

#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

void peer_name(const struct sockaddr *address, socklen_t len, char out[PEER_BYTES])
{
    char host[PEER_BYTES - 8], port[8];
    bool local = len > 0 && address->sa_family == AF_UNIX;
    snprintf(out, PEER_BYTES, "%s", local ? PEER_LOCAL : PEER_UNKNOWN);
    if (!local && len > 0 && getnameinfo(address, len, host, sizeof(host), port, sizeof(port),
                                         NI_NUMERICHOST | NI_NUMERICSERV) == 0)
        snprintf(out, PEER_BYTES, "%s %s", host, port);
}

void peer_of(int fd, char out[PEER_BYTES])
{
    struct sockaddr_storage address = {0};
    socklen_t len = sizeof(address);
    peer_name((struct sockaddr *)&address, getpeername(fd, (struct sockaddr *)&address, &len) == 0 ? len : 0, out);
}

static bool has_line(const char *lines, const char *line, size_t len)
{
    for (size_t n; *lines; lines += n + (lines[n] != '\0')) {
        n = strcspn(lines, "\n");
        if (n == len && memcmp(lines, line, len) == 0)
            return true;
    }
    return false;
}

int peers_among(const char *peers, const char *places)
{
    int found = 0;
    for (size_t n; *peers; peers += n + (peers[n] != '\0')) {
        n = strcspn(peers, "\n");
        bool unknown = n == strlen(PEER_UNKNOWN) && memcmp(peers, PEER_UNKNOWN, n) == 0;
        found += unknown || has_line(places, peers, n);
    }
    return found;
}
