/* Pairs of sockets (socketpair(2)): streams both ways between two ends, or records, each end a
 * right of the stream server's (servers/stream/pair.h), wherever who has it runs. There are no
 * others: nothing here has a name that somebody could connect to, and no network.
 *
 * An open file can go through a pair, to whomever receives it (SCM_RIGHTS): its right is handed on,
 * and what it is at its place goes with it.
 *
 *      sendmsg: pass each right ──> send the bytes     recvmsg: receive ──> claim each right
 *               └─ it fails ──> unpass
 *
 * The open file is of kind OPEN_CONSOLE, as an end of a pipe, with `socket` set; its offset says
 * which process made the pair (SO_PEERCRED), and of which type. Context: `files` (threads.h), which
 * is given back while somebody is waited for. */
#ifndef RT_LINUX_SOCKETS_H
#define RT_LINUX_SOCKETS_H

#include <sys/socket.h>

#include "servers/proto/sockets.h"
#include "servers/rt/linux/descriptors.h"
#include "servers/rt/linux/linux.h"

enum { SOCKET_TYPE_SHIFT = 32 }; /* of the offset */

static inline enum socket_type socket_type_of(const struct open_file *open)
{
        return (enum socket_type)(open->offset >> SOCKET_TYPE_SHIFT);
}

/* Whether what is sent keeps its borders. */
static inline bool socket_has_records(const struct open_file *open)
{
        return open->socket && socket_type_of(open) != SOCKET_STREAM;
}

/* read(2) and write(2) of a socket; the memory is there. */
int64_t socket_read(struct open_file *open, void *to, uint64_t count);
int64_t socket_write(struct open_file *open, const void *from, uint64_t count);

/* Flags that are known: what goes out of band or with an address is not. */
enum {
        SOCKET_SEND_FLAGS = MSG_DONTWAIT | MSG_NOSIGNAL | MSG_MORE | MSG_EOR,
        SOCKET_RECEIVE_FLAGS = MSG_DONTWAIT | MSG_PEEK | MSG_WAITALL,
        RECORD_RECEIVE_FLAGS = SOCKET_RECEIVE_FLAGS | MSG_TRUNC,
};

/* One call that sends or receives, a vector at a time. */
struct transmission {
        struct open_file *open;
        int flags;     /* MSG_…, known ones */
        uint64_t mark; /* of rights that go with the bytes; 0: none do any more, or have come */
        unsigned rights;
        uint64_t whole; /* bytes of the record that has come, also those that are lost */
};

/* Both as send(2) and recv(2) do it, of memory that is there; of records one, as a whole. */
int64_t socket_send_some(struct transmission *transmission, const void *from, uint64_t count);
int64_t socket_receive_some(struct transmission *transmission, void *to, uint64_t count);

/* What has come with bytes that somebody reads who wants no rights is dropped. */
void socket_rights_drop(const struct transmission *transmission);

/* readv(2) and writev(2) of records, by vectors that are there. */
struct iovec;
int64_t socket_read_vectors(struct open_file *open, const struct iovec *vectors, uint64_t count);
int64_t socket_write_vectors(struct open_file *open, const struct iovec *vectors, uint64_t count);

/* A flag that receiving does not know; 0: none. */
static inline int socket_receive_unknown(const struct open_file *open, int flags)
{
        return flags & ~(socket_has_records(open) ? RECORD_RECEIVE_FLAGS : SOCKET_RECEIVE_FLAGS);
}

/* The open file, if it is a socket; else a negated errno. */
int64_t socket_of(int file, struct open_file **open);

int64_t linux_socketpair(int family, int type, int protocol, int32_t ends[2]);
int64_t linux_sendto(const struct linux_arguments *in);
int64_t linux_recvfrom(const struct linux_arguments *in);
int64_t linux_shutdown(int file, int how);
int64_t linux_getsockopt(int file, int level, int option, void *value, uint32_t *length);
int64_t linux_setsockopt(int file, int level, int option, const void *value, uint32_t length);
/* getsockname(2), getpeername(2): neither end has a name. */
int64_t linux_socket_name(int file, void *address, uint32_t *length);
/* What only sockets can do that are not connected yet: what is said of an end, and of one of
 * datagrams. */
int64_t linux_socket_unconnected(int file, int error, int of_datagrams);

/* socket_messages.c */
int64_t linux_sendmsg(int file, const void *message, int flags);
int64_t linux_recvmsg(int file, void *message, int flags);

/* call_socket.c: a call about sockets; false: it is none. What its pointers lead to. */
bool linux_socket_call(uint64_t number, const struct linux_arguments *in, int64_t *result);
bool socket_memory_there(uint64_t number, struct linux_arguments *in);

#endif
