/* Unix sockets by path. A path has at most 107 bytes; programs work inside the run directory and
 * name sockets relative to it. */
#ifndef TOOLS_SOCKET_H
#define TOOLS_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/un.h>

/* False with ENAMETOOLONG if the path does not fit. */
bool socket_address(struct sockaddr_un *address, const char *path);

/* Connects to a stream socket. Returns a descriptor, or -1 with errno: EAGAIN if whoever listens
 * takes no connection within SOCKET_PATIENCE_S, as a stopped process does not. Sending on it waits
 * no longer than that either. */
enum { SOCKET_PATIENCE_S = 10 };
int socket_connect(const char *path);

/* Listens, without blocking in accept; replaces a socket that nobody serves. -1 with errno. */
int socket_listen(const char *path);

/* Sends all bytes; false with errno if the other side is gone, or does not take them. */
bool socket_send(int fd, const char *bytes, size_t count);

#endif
