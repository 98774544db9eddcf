/* Dispatches Linux system calls about sockets, and says what their pointers lead to, as call_file.c
 * and calls.c do for others. Context: `files`. */
#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "servers/rt/linux/sockets.h"
#include "servers/rt/linux/user.h"

static bool transfer_call(uint64_t number, const struct linux_arguments *in, int64_t *result)
{
        const int file = (int)in->a;
        switch (number) {
        case SYS_sendto:
                *result = linux_sendto(in);
                return true;
        case SYS_recvfrom:
                *result = linux_recvfrom(in);
                return true;
        case SYS_sendmsg:
                *result = linux_sendmsg(file, (const void *)in->b, (int)in->c);
                return true;
        case SYS_recvmsg:
                *result = linux_recvmsg(file, (void *)in->b, (int)in->c);
                return true;
        default:
                return false;
        }
}

static bool connection_call(uint64_t number, const struct linux_arguments *in, int64_t *result)
{
        const int file = (int)in->a;
        switch (number) {
        case SYS_connect:
                *result = linux_socket_unconnected(file, EISCONN, ECONNREFUSED);
                return true;
        case SYS_bind:
                *result = linux_socket_unconnected(file, EINVAL, EINVAL);
                return true;
        case SYS_listen:
        case SYS_accept:
        case SYS_accept4:
                *result = linux_socket_unconnected(file, EINVAL, EOPNOTSUPP);
                return true;
        case SYS_getsockname:
        case SYS_getpeername:
                *result = linux_socket_name(file, (void *)in->b, (uint32_t *)in->c);
                return true;
        default:
                return false;
        }
}

bool linux_socket_call(uint64_t number, const struct linux_arguments *in, int64_t *result)
{
        const int file = (int)in->a;
        switch (number) {
        case SYS_socket: /* there are pairs alone */
                *result = -EAFNOSUPPORT;
                return true;
        case SYS_socketpair:
                *result = linux_socketpair((int)in->a, (int)in->b, (int)in->c, (int32_t *)in->d);
                return true;
        case SYS_shutdown:
                *result = linux_shutdown(file, (int)in->b);
                return true;
        case SYS_getsockopt:
                *result = linux_getsockopt(file, (int)in->b, (int)in->c, (void *)in->d,
                                           (uint32_t *)in->e);
                return true;
        case SYS_setsockopt:
                *result = linux_setsockopt(file, (int)in->b, (int)in->c, (const void *)in->d,
                                           (uint32_t)in->e);
                return true;
        default:
                return transfer_call(number, in, result) || connection_call(number, in, result);
        }
}

/* A length that is there, and as much behind the address as it says. */
static bool value_there(uint64_t address, uint64_t length)
{
        return user_writes(length, sizeof(uint32_t)) &&
               (*(const int32_t *)length < 0 || user_writes(address, *(const uint32_t *)length));
}

bool socket_memory_there(uint64_t number, struct linux_arguments *in)
{
        enum { MESSAGE_HEAD = 56 }; /* struct msghdr */
        switch (number) {
        case SYS_socketpair:
                return user_writes(in->d, 2 * sizeof(int32_t));
        case SYS_sendmsg:
                return user_reads(in->b, MESSAGE_HEAD);
        case SYS_recvmsg:
                return user_writes(in->b, MESSAGE_HEAD);
        case SYS_recvfrom:
                return !in->e || !in->f || user_writes(in->f, sizeof(uint32_t));
        case SYS_getsockopt:
                return value_there(in->d, in->e);
        case SYS_getsockname:
        case SYS_getpeername:
                return value_there(in->b, in->c);
        case SYS_setsockopt:
                return user_reads(in->d, in->e & UINT32_MAX);
        default:
                return true;
        }
}
