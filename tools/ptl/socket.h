/* Unix stream sockets, by paths relative to the run directory. */
#ifndef PTL_SOCKET_H
#define PTL_SOCKET_H

#include <stdbool.h>
#include <stddef.h>

/* Both return a descriptor, or -1 with errno. Listening replaces a socket that nobody serves. */
int socket_connect(const char *path);
int socket_listen(const char *path);

/* Sends all bytes; false with errno if the other side is gone. Blocks if the descriptor does. */
bool socket_send(int fd, const char *bytes, size_t count);

#endif
