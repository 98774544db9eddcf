/* The numbers of interface socket (socket.idl). */
#ifndef PROTO_SOCKETS_H
#define PROTO_SOCKETS_H

/* How to send or receive. */
enum { SOCKET_NOW = 1, SOCKET_PEEK = 2, SOCKET_REST = 4 };

/* The sides of an end. */
enum { SOCKET_RECEIVES = 1, SOCKET_SENDS = 2 };

#endif
