/* The numbers of interface socket (socket.idl), and the types of pairs. */
#ifndef PROTO_SOCKETS_H
#define PROTO_SOCKETS_H

/* How to send or receive. */
enum { SOCKET_NOW = 1, SOCKET_PEEK = 2, SOCKET_REST = 4, SOCKET_MORE = 8 };

/* What a pair keeps of what is sent: the numbers are those of socket(2). Packets (SOCK_SEQPACKET)
 * are records between two ends that hear of each other's end, datagrams of ends that do not. */
enum socket_type { SOCKET_STREAM = 1, SOCKET_DATAGRAMS = 2, SOCKET_PACKETS = 5 };

enum { RECORD_MOST = 8192 }; /* bytes of a record */

/* The sides of an end. */
enum { SOCKET_RECEIVES = 1, SOCKET_SENDS = 2 };

#endif
