/* See sockets.h. Sources: unix(7), socket(7), send(2), recv(2), socketpair(2), shutdown(2). */
#include "servers/rt/linux/sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include "servers/common/least.h"
#include "servers/proto/socket.h"
#include "servers/proto/sockets.h"
#include "servers/proto/stream.h"
#include "servers/proto/tty.h"
#include "servers/rt/linux/local_pipe.h"
#include "servers/rt/linux/poll.h"
#include "servers/rt/linux/signals.h"
#include "servers/rt/linux/user.h"
#include "servers/rt/message/message.h"
#include "servers/rt/pure/bytes.h"
#include "servers/rt/task/held.h"

enum { PART = 4096 }; /* bytes of one message to the server */

_Static_assert((int)SOCKET_STREAM == SOCK_STREAM && (int)SOCKET_DATAGRAMS == SOCK_DGRAM &&
                   (int)SOCKET_PACKETS == SOCK_SEQPACKET,
               "as socket(2) numbers them");

int64_t socket_of(int file, struct open_file **open)
{
        *open = open_file_of(file);
        if (!*open)
                return -EBADF;
        return (*open)->socket ? 0 : -ENOTSOCK;
}

/* ---- one message ----------------------------------------------------------------------------- */

static int64_t socket_error(outcome_t outcome)
{
        switch (outcome_reason(outcome)) {
        case REASON_BUSY:
                return -EAGAIN;
        case REASON_CANCELLED:
                return -RESTART;
        case REASON_STALE:
                return -ETOOMANYREFS;
        case REASON_IO:
                return -ECONNRESET;
        case REASON_NOT_FOUND:
                return -ECONNREFUSED;
        default:
                return linux_error(outcome);
        }
}

static outcome_t part_send(const struct transmission *of, const void *from, uint64_t part,
                           uint64_t how, uint64_t *written)
{
        struct thread *thread = thread_self();
        const handle_t right = of->open->right;
        const bool now = how & SOCKET_NOW;
        if (now || !call_interruptible(thread))
                return socket_send(right, now ? RT_DEADLINE : TIME_NEVER, from, part, of->mark,
                                   of->rights, how, written);
        outcome_t outcome = socket_send_start(right, thread->call, TIME_NEVER, from, part, of->mark,
                                              of->rights, how);
        if (outcome != OUTCOME_OK)
                return outcome;
        call_wait(thread);
        return socket_send_finish(thread->call, written);
}

/* What rights have come is kept, if any have. */
static outcome_t part_receive(struct transmission *of, void *to, uint64_t part, uint64_t how,
                              size_t *length)
{
        struct thread *thread = thread_self();
        const handle_t right = of->open->right;
        uint64_t mark = 0, rights = 0;
        outcome_t outcome;
        const bool now = how & SOCKET_NOW;
        if (now || !call_interruptible(thread)) {
                outcome = socket_receive(right, now ? RT_DEADLINE : TIME_NEVER, part, how, to, part,
                                         length, &mark, &rights, &of->whole);
        } else {
                outcome =
                    socket_receive_start(right, thread->call, TIME_NEVER, part, how, to, part);
                if (outcome != OUTCOME_OK)
                        return outcome;
                call_wait(thread);
                outcome = socket_receive_finish(thread->call, to, part, length, &mark, &rights,
                                                &of->whole);
        }
        if (outcome == OUTCOME_OK && rights) {
                of->mark = mark;
                of->rights = (unsigned)rights;
        }
        return outcome;
}

/* Waits until something is there, which stays there. 0, or a negated errno. */
static int64_t arrival_wait(const struct transmission *of)
{
        struct thread *thread = thread_self();
        const handle_t right = of->open->right;
        uint64_t events, progress;
        if (!call_interruptible(thread))
                return socket_error(
                    tty_ready(right, TIME_NEVER, POLLIN, SEEN_NOTHING, 1, &events, &progress));
        outcome_t outcome =
            tty_ready_start(right, thread->call, TIME_NEVER, POLLIN, SEEN_NOTHING, 1);
        if (outcome == OUTCOME_OK) {
                call_wait(thread);
                outcome = tty_ready_finish(thread->call, &events, &progress);
        }
        return socket_error(outcome);
}

/* ---- bytes ----------------------------------------------------------------------------------- */

static bool waits(const struct transmission *of)
{
        return !(of->flags & MSG_DONTWAIT) && !(of->open->flags & O_NONBLOCK);
}

static int64_t send_all(struct transmission *of, const uint8_t *from, uint64_t count)
{
        uint64_t how = waits(of) ? 0 : SOCKET_NOW;
        uint64_t done = 0;
        while (done < count) {
                const uint64_t part = least(count - done, PART);
                uint64_t written = 0;
                outcome_t outcome = part_send(of, from + done, part, how, &written);
                if (outcome != OUTCOME_OK)
                        return done ? (int64_t)done : socket_error(outcome);
                done += least(written, part);
                if (!done)
                        continue;
                of->mark = of->rights = 0;
                how |= SOCKET_MORE;
        }
        return (int64_t)done;
}

static int64_t record_send(struct transmission *of, const void *from, uint64_t count)
{
        uint64_t taken = 0;
        if (count > RECORD_MOST)
                return -EMSGSIZE;
        while (!taken) {
                outcome_t outcome = part_send(of, from, count, waits(of) ? 0 : SOCKET_NOW, &taken);
                if (outcome != OUTCOME_OK)
                        return socket_error(outcome);
        }
        of->mark = of->rights = 0;
        return (int64_t)count;
}

/* What there is, or all (MSG_WAITALL), up to the next rights if some have come. */
static int64_t receive_all(struct transmission *of, uint8_t *to, uint64_t count)
{
        uint64_t done = 0, how = waits(of) ? 0 : SOCKET_NOW;
        if (of->rights)
                how = SOCKET_NOW | SOCKET_REST;
        while (done < count) {
                const uint64_t part = least(count - done, PART);
                size_t length = 0;
                outcome_t outcome = part_receive(of, to + done, part, how, &length);
                if (outcome != OUTCOME_OK)
                        return done ? (int64_t)done : socket_error(outcome);
                done += least(length, part);
                const bool all = of->flags & MSG_WAITALL && length > 0;
                if (length < part && !all)
                        break;
                how = of->rights ? SOCKET_NOW | SOCKET_REST : all ? how : SOCKET_NOW;
                how |= SOCKET_MORE;
        }
        return (int64_t)done;
}

/* A part that is no longer than what one message brings; what is cut off of a record is lost. */
static int64_t record_receive(struct transmission *of, void *to, uint64_t count)
{
        size_t length = 0;
        outcome_t outcome = part_receive(of, to, count, waits(of) ? 0 : SOCKET_NOW, &length);
        return outcome == OUTCOME_OK ? (int64_t)least(length, count) : socket_error(outcome);
}

static int64_t peek(struct transmission *of, void *to, uint64_t count)
{
        for (;;) {
                size_t length = 0;
                const uint64_t part = least(count, RECORD_MOST);
                int64_t error =
                    socket_error(part_receive(of, to, part, SOCKET_NOW | SOCKET_PEEK, &length));
                if (error == -EAGAIN && waits(of))
                        error = arrival_wait(of);
                else
                        return error ? error : (int64_t)least(length, part);
                if (error)
                        return error;
        }
}

int64_t socket_send_some(struct transmission *of, const void *from, uint64_t count)
{
        struct open_file *open = of->open;
        open_file_hold(open);
        files_unlock();
        const bool records = socket_has_records(open);
        int64_t done = records ? record_send(of, from, count) : send_all(of, from, count);
        if (done == -EPIPE && !records && !(of->flags & MSG_NOSIGNAL))
                linux_tgkill(linux_getpid(), linux_gettid(), SIGPIPE);
        files_lock();
        open_file_drop(open);
        return done;
}

int64_t socket_receive_some(struct transmission *of, void *to, uint64_t count)
{
        struct open_file *open = of->open;
        uint8_t none = 0;
        const bool records = socket_has_records(open);
        if (!count && !records)
                return 0;
        open_file_hold(open);
        files_unlock();
        void *at = count ? to : &none; /* a record is received, and lost, also by who has no room */
        const uint64_t most = count ? count : 1;
        int64_t done = of->flags & MSG_PEEK ? peek(of, at, most)
                       : records            ? record_receive(of, at, least(most, RECORD_MOST))
                                            : receive_all(of, at, most);
        files_lock();
        open_file_drop(open);
        return done > 0 && !count ? 0 : done;
}

void socket_rights_drop(const struct transmission *of)
{
        uint64_t kind, flags, offset;
        handle_t right;
        for (unsigned i = 0; i < of->rights; i++)
                if (socket_claim(of->open->right, RT_DEADLINE, of->mark, &kind, &flags, &offset,
                                 &right) == OUTCOME_OK)
                        sys_handle_close(right);
}

static int64_t receive_plain(struct open_file *open, int flags, void *to, uint64_t count)
{
        struct transmission of = {.open = open, .flags = flags};
        open_file_hold(open);
        int64_t done = socket_receive_some(&of, to, count);
        socket_rights_drop(&of);
        open_file_drop(open);
        return done >= 0 && flags & MSG_TRUNC ? (int64_t)of.whole : done;
}

int64_t socket_read(struct open_file *open, void *to, uint64_t count)
{
        return count ? receive_plain(open, 0, to, count) : 0;
}

int64_t socket_write(struct open_file *open, const void *from, uint64_t count)
{
        return socket_send_some(&(struct transmission){.open = open}, from, count);
}

/* ---- the calls ------------------------------------------------------------------------------- */

int64_t linux_sendto(const struct linux_arguments *in)
{
        struct transmission of = {.flags = (int)in->d};
        const uint64_t there = user_extent(in->b, in->c, false);
        int64_t error = socket_of((int)in->a, &of.open);
        if (error)
                return error;
        if (of.flags & ~SOCKET_SEND_FLAGS)
                return -EOPNOTSUPP;
        if (in->e) /* nothing has a name */
                return socket_type_of(of.open) == SOCKET_DATAGRAMS ? -ECONNREFUSED : -EISCONN;
        if (there < in->c && socket_has_records(of.open))
                return in->c > RECORD_MOST ? -EMSGSIZE : -EFAULT;
        return !there && in->c ? -EFAULT : socket_send_some(&of, (const void *)in->b, there);
}

int64_t linux_recvfrom(const struct linux_arguments *in)
{
        struct open_file *open;
        const int flags = (int)in->d;
        const uint64_t there = user_extent(in->b, in->c, true);
        int64_t error = socket_of((int)in->a, &open);
        if (error)
                return error;
        if (socket_receive_unknown(open, flags))
                return -EOPNOTSUPP;
        if (there < in->c && (!there || (socket_has_records(open) && there < RECORD_MOST)))
                return -EFAULT;
        int64_t done = receive_plain(open, flags, (void *)in->b, there);
        if (done >= 0 && in->e && in->f)
                *(uint32_t *)in->f = 0; /* who sent it has no name */
        return done;
}

static outcome_t pair_make(enum socket_type type, handle_t ends[2])
{
        handle_t streams;
        outcome_t outcome = service_get(&rt_held.streams, RT_DEADLINE, &streams);
        if (outcome != OUTCOME_OK)
                return outcome;
        outcome = stream_pair(streams, RT_DEADLINE, optional_word(type), &ends[0], &ends[1]);
        service_result(&rt_held.streams, outcome);
        return outcome;
}

enum { SOCKET_OPTIONS = SOCK_NONBLOCK | SOCK_CLOEXEC, TYPE_MASK = 0xf /* socket(2) */ };

/* The right is the open file's from now on. */
static int64_t end_open(handle_t right, int type)
{
        struct open_file *open;
        int64_t descriptor = open_file_new(OPEN_CONSOLE, &open);
        if (descriptor < 0)
                return descriptor;
        open->pipe = open->socket = true;
        open->right = right;
        open->offset = (uint64_t)linux_getpid() | (uint64_t)(type & ~SOCKET_OPTIONS)
                                                      << SOCKET_TYPE_SHIFT;
        open->flags = O_RDWR | (type & SOCK_NONBLOCK ? O_NONBLOCK : 0);
        descriptor_close_on_exec((int)descriptor, type & SOCK_CLOEXEC);
        return descriptor;
}

int64_t linux_socketpair(int family, int type, int protocol, int32_t to[2])
{
        const int kind = type & ~SOCKET_OPTIONS;
        handle_t rights[2];
        int64_t files[2];
        if (kind & ~TYPE_MASK)
                return -EINVAL;
        if (family != AF_UNIX)
                return -EAFNOSUPPORT;
        if (protocol && protocol != PF_UNIX)
                return -EPROTONOSUPPORT;
        if (kind != SOCK_STREAM && kind != SOCK_DGRAM && kind != SOCK_SEQPACKET)
                return -ESOCKTNOSUPPORT;
        outcome_t outcome = pair_make((enum socket_type)kind, rights);
        if (outcome != OUTCOME_OK)
                return outcome_reason(outcome) == REASON_OVERLOADED ? -ENFILE
                                                                    : linux_error(outcome);
        for (int i = 0; i < 2; i++) {
                files[i] = end_open(rights[i], type);
                if (files[i] >= 0)
                        continue;
                if (i == 1)
                        linux_close((int)files[0]);
                else
                        sys_handle_close(rights[0]);
                sys_handle_close(rights[1]);
                return files[i];
        }
        to[0] = (int32_t)files[0];
        to[1] = (int32_t)files[1];
        return 0;
}

int64_t linux_shutdown(int file, int how)
{
        static const uint8_t sides[] = {[SHUT_RD] = SOCKET_RECEIVES,
                                        [SHUT_WR] = SOCKET_SENDS,
                                        [SHUT_RDWR] = SOCKET_RECEIVES | SOCKET_SENDS};
        struct open_file *open;
        int64_t error = socket_of(file, &open);
        if (error)
                return error;
        if (how < SHUT_RD || how > SHUT_RDWR)
                return -EINVAL;
        return socket_error(socket_shut(open->right, RT_DEADLINE, sides[how]));
}

/* ---- options --------------------------------------------------------------------------------- */

enum { BUFFER_BYTES = 16384 }; /* of each direction: PIPE_BYTES of servers/stream */

/* A word of SOL_SOCKET. -1: it is not known. */
static int option_of(const struct open_file *open, int option)
{
        switch (option) {
        case SO_TYPE:
                return (int)socket_type_of(open);
        case SO_DOMAIN:
                return AF_UNIX;
        case SO_SNDBUF:
        case SO_RCVBUF:
                return BUFFER_BYTES;
        case SO_ERROR:
        case SO_PROTOCOL:
        case SO_ACCEPTCONN:
        case SO_PASSCRED:
                return 0;
        default:
                return -1;
        }
}

int64_t linux_getsockopt(int file, int level, int option, void *value, uint32_t *length)
{
        struct open_file *open;
        int64_t error = socket_of(file, &open);
        if (error)
                return error;
        const int word = option_of(open, option);
        if ((int32_t)*length < 0)
                return -EINVAL;
        if (level != SOL_SOCKET)
                return -EOPNOTSUPP;
        const struct ucred maker = {.pid = (pid_t)(open->offset & UINT32_MAX)};
        const bool credentials = option == SO_PEERCRED;
        if (!credentials && word < 0)
                return -ENOPROTOOPT;
        const uint64_t bytes = least(*length, credentials ? sizeof maker : sizeof word);
        bytes_copy(value, credentials ? (const void *)&maker : (const void *)&word, bytes);
        *length = (uint32_t)bytes;
        return 0;
}

/* How much a buffer holds is a wish; what would change what a call means is refused. */
int64_t linux_setsockopt(int file, int level, int option, const void *value, uint32_t length)
{
        struct open_file *open;
        int64_t error = socket_of(file, &open);
        if (error)
                return error;
        if (level != SOL_SOCKET)
                return -EOPNOTSUPP;
        if (length < sizeof(int))
                return -EINVAL;
        if (option == SO_PASSCRED)
                return *(const int *)value ? -ENOPROTOOPT : 0;
        return option == SO_SNDBUF || option == SO_RCVBUF ? 0 : -ENOPROTOOPT;
}

int64_t linux_socket_name(int file, void *address, uint32_t *length)
{
        struct open_file *open;
        const uint16_t family = AF_UNIX;
        int64_t error = socket_of(file, &open);
        if (error)
                return error;
        if ((int32_t)*length < 0)
                return -EINVAL;
        bytes_copy(address, &family, least(*length, sizeof family));
        *length = sizeof family;
        return 0;
}

int64_t linux_socket_unconnected(int file, int why, int of_datagrams)
{
        struct open_file *open;
        int64_t error = socket_of(file, &open);
        if (error)
                return error;
        return -(socket_type_of(open) == SOCKET_DATAGRAMS ? of_datagrams : why);
}
