/* sendmsg and recvmsg: vectors of bytes, and the open files that go with them (SCM_RIGHTS).
 *
 * Sources: sendmsg(2), recvmsg(2), cmsg(3), unix(7). */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "servers/common/least.h"
#include "servers/proto/socket.h"
#include "servers/rt/linux/inherit.h"
#include "servers/rt/linux/local_pipe.h"
#include "servers/rt/linux/sockets.h"
#include "servers/rt/linux/user.h"
#include "servers/rt/message/message.h"
#include "servers/rt/pure/bytes.h"
#include "servers/rt/start/startup.h"
#include "servers/rt/task/memory.h"

enum { RIGHTS_MOST = 8 }; /* PAIR_RIGHTS of servers/stream */

/* As the kernel has them: struct msghdr and struct cmsghdr of its <linux/socket.h>. */
struct message_head {
        uint64_t name;
        uint32_t name_length, unused;
        uint64_t vectors, vector_count;
        uint64_t control, control_bytes;
        int32_t flags, reserved;
};

struct control_head {
        uint64_t length; /* of this and what is behind it */
        int32_t level, kind;
};

_Static_assert(sizeof(struct message_head) == 56 && sizeof(struct control_head) == 16,
               "as the kernel has them");

static uint64_t aligned(uint64_t bytes)
{
        return (bytes + 7) & ~7ull;
}

/* ---- sending --------------------------------------------------------------------------------- */

/* Passes one open file. 0, or a negated errno. */
static int64_t file_pass(struct transmission *of, int file)
{
        struct open_file *open = open_file_of(file);
        if (!open)
                return -EBADF;
        if (open->socket)
                return -ETOOMANYREFS;
        outcome_t outcome = open->ring ? local_pipes_promote() : OUTCOME_OK;
        if (outcome != OUTCOME_OK)
                return linux_error(outcome);
        const int64_t error = open_file_share(open);
        const int kind = descriptor_kind_of(open);
        if (error)
                return error;
        if (kind < 0 || !descriptor_has_right((uint64_t)kind))
                return -EINVAL; /* it is this process's alone */
        outcome =
            socket_pass(of->open->right, RT_DEADLINE, of->mark, (uint64_t)kind,
                        (uint64_t)open->flags, descriptor_offset_of(open), cap_copy(open->right));
        if (outcome == OUTCOME_OK)
                of->rights++;
        return outcome_reason(outcome) == REASON_OVERLOADED ? -ETOOMANYREFS : linux_error(outcome);
}

/* A mark that nobody else has. The numbers begin anywhere: the program that this process had before
 * may have left some. Context: `files`. */
static uint64_t mark_next(void)
{
        static uint64_t marks;
        if (!marks)
                marks = rt_now();
        return (uint64_t)linux_getpid() << 32 | (++marks & UINT32_MAX);
}

/* All open files of a part of the control buffer that is there. */
static int64_t files_pass(struct transmission *of, const int32_t *files, uint64_t count)
{
        int64_t error = 0;
        if (count > RIGHTS_MOST - of->rights)
                return -ETOOMANYREFS;
        if (!of->mark)
                of->mark = mark_next();
        for (uint64_t i = 0; i < count && !error; i++)
                error = file_pass(of, files[i]);
        return error;
}

static int64_t control_pass(struct transmission *of, uint64_t control, uint64_t bytes)
{
        int64_t error = 0;
        while (bytes >= sizeof(struct control_head) && !error) {
                struct control_head head;
                bytes_copy(&head, (const void *)control, sizeof head);
                if (head.length < sizeof head || head.length > bytes)
                        return -EINVAL;
                if (head.level != SOL_SOCKET || head.kind != SCM_RIGHTS)
                        return -EINVAL;
                error = files_pass(of, (const int32_t *)(control + sizeof head),
                                   (head.length - sizeof head) / sizeof(int32_t));
                const uint64_t step = least(aligned(head.length), bytes);
                control += step;
                bytes -= step;
        }
        return error;
}

/* Copies the vectors, whose memory may change, one by one. False: they are not there. */
static bool vector_take(const struct message_head *head, uint64_t index, struct iovec *vector)
{
        bytes_copy(vector, (const struct iovec *)head->vectors + index, sizeof *vector);
        return vector->iov_len <= INT64_MAX;
}

static int64_t head_check(const struct message_head *head)
{
        if (head->vector_count > IOV_MAX)
                return -EMSGSIZE;
        if (!user_reads(head->vectors, head->vector_count * sizeof(struct iovec)))
                return -EFAULT;
        return 0;
}

/* Sends the vectors, one after the other. */
static int64_t vectors_send(struct transmission *of, const struct message_head *head)
{
        int64_t done = 0;
        for (uint64_t i = 0; i < head->vector_count; i++) {
                struct iovec vector;
                if (!vector_take(head, i, &vector))
                        return done ? done : -EINVAL;
                const uint64_t there =
                    user_extent((uint64_t)vector.iov_base, vector.iov_len, false);
                int64_t part = there || !vector.iov_len
                                   ? socket_send_some(of, vector.iov_base, there)
                                   : -EFAULT;
                if (part < 0)
                        return done ? done : part;
                done += part;
                if ((uint64_t)part < vector.iov_len)
                        break;
        }
        return done;
}

/* Fills the vectors, one after the other, with what is there. */
static int64_t vectors_receive(struct transmission *of, const struct message_head *head)
{
        int64_t done = 0;
        for (uint64_t i = 0; i < head->vector_count; i++) {
                struct iovec vector;
                if (!vector_take(head, i, &vector))
                        return done ? done : -EINVAL;
                const uint64_t there = user_extent((uint64_t)vector.iov_base, vector.iov_len, true);
                int64_t part = there || !vector.iov_len
                                   ? socket_receive_some(of, vector.iov_base, there)
                                   : -EFAULT;
                if (part < 0)
                        return done ? done : part;
                done += part;
                if ((uint64_t)part < vector.iov_len || of->flags & MSG_PEEK)
                        break;
                if (done && !(of->flags & MSG_WAITALL))
                        of->flags |= MSG_DONTWAIT;
        }
        return done;
}

/* ---- records --------------------------------------------------------------------------------- */

/* How many bytes the vectors are, each of which is there; or a negated errno. */
static int64_t vectors_check(const struct iovec *vectors, uint64_t count, bool writes)
{
        uint64_t length = 0;
        for (uint64_t i = 0; i < count; i++) {
                const uint64_t most = least(vectors[i].iov_len, RECORD_MOST + 1);
                if (vectors[i].iov_len > INT64_MAX - length)
                        return -EINVAL;
                if (user_extent((uint64_t)vectors[i].iov_base, most, writes) != most)
                        return -EFAULT;
                length += vectors[i].iov_len;
        }
        return (int64_t)length;
}

/* Between a record and vectors, which have room for all of it. */
static void record_copy(uint8_t *record, uint64_t length, const struct iovec *vectors, bool gathers)
{
        for (uint64_t at = 0; at < length; vectors++) {
                const uint64_t part = least(vectors->iov_len, length - at);
                if (gathers)
                        bytes_copy(record + at, vectors->iov_base, part);
                else
                        bytes_copy(vectors->iov_base, record + at, part);
                at += part;
        }
}

/* One record by vectors; if they are several, or none, by way of memory of the layer's own. */
static int64_t record_transfer(struct transmission *of, const struct iovec *vectors, uint64_t count,
                               bool sends)
{
        void *record;
        int64_t length = vectors_check(vectors, count, !sends);
        if (length < 0)
                return length;
        if (sends && length > RECORD_MOST)
                return -EMSGSIZE;
        length = (int64_t)least((uint64_t)length, RECORD_MOST);
        if (count == 1)
                return sends ? socket_send_some(of, vectors->iov_base, (uint64_t)length)
                             : socket_receive_some(of, vectors->iov_base, (uint64_t)length);
        if (rt_memory_allocate(RECORD_MOST, &record) != OUTCOME_OK)
                return -ENOMEM;
        if (sends)
                record_copy(record, (uint64_t)length, vectors, true);
        const int64_t done = sends ? socket_send_some(of, record, (uint64_t)length)
                                   : socket_receive_some(of, record, (uint64_t)length);
        if (!sends && done > 0)
                record_copy(record, (uint64_t)done, vectors, false);
        rt_memory_free(record, RECORD_MOST);
        return done;
}

int64_t socket_read_vectors(struct open_file *open, const struct iovec *vectors, uint64_t count)
{
        struct transmission of = {.open = open};
        open_file_hold(open);
        int64_t done = vectors_check(vectors, count, true);
        if (done > 0)
                done = record_transfer(&of, vectors, count, false);
        socket_rights_drop(&of);
        open_file_drop(open);
        return done;
}

int64_t socket_write_vectors(struct open_file *open, const struct iovec *vectors, uint64_t count)
{
        return record_transfer(&(struct transmission){.open = open}, vectors, count, true);
}

static int64_t message_transfer(struct transmission *of, const struct message_head *head,
                                bool sends)
{
        if (socket_has_records(of->open))
                return record_transfer(of, (const struct iovec *)head->vectors, head->vector_count,
                                       sends);
        return sends ? vectors_send(of, head) : vectors_receive(of, head);
}

int64_t linux_sendmsg(int file, const void *message, int flags)
{
        struct transmission of = {.flags = flags};
        struct message_head head;
        int64_t error = socket_of(file, &of.open);
        bytes_copy(&head, message, sizeof head);
        if (!error)
                error = flags & ~SOCKET_SEND_FLAGS ? -EOPNOTSUPP : head_check(&head);
        if (!error && head.name)
                error = socket_type_of(of.open) == SOCKET_DATAGRAMS ? -ECONNREFUSED : -EISCONN;
        if (!error && !user_reads(head.control, head.control_bytes))
                error = -EFAULT;
        if (error)
                return error;
        struct open_file *open = of.open;
        open_file_hold(open);
        error = control_pass(&of, head.control, head.control_bytes);
        int64_t done = error ? error : message_transfer(&of, &head, true);
        if (of.mark) /* they are not on their way */
                socket_unpass(open->right, RT_DEADLINE, of.mark);
        open_file_drop(open);
        return done;
}

/* ---- receiving ------------------------------------------------------------------------------- */

/* Opens what has come. The descriptor, or a negated errno. */
static int64_t file_claim(const struct transmission *of, bool close_on_exec)
{
        uint64_t kind, flags, offset;
        handle_t right;
        outcome_t outcome =
            socket_claim(of->open->right, RT_DEADLINE, of->mark, &kind, &flags, &offset, &right);
        if (outcome != OUTCOME_OK)
                return linux_error(outcome);
        const struct startup_descriptor from = {.handle = right,
                                                .offset = offset,
                                                .kind = (uint32_t)kind,
                                                .flags = (uint32_t)flags &
                                                         (O_ACCMODE | O_APPEND | O_NONBLOCK)};
        int64_t descriptor = kind <= UINT32_MAX ? descriptor_receive(&from) : -EINVAL;
        if (descriptor < 0)
                sys_handle_close(right);
        else
                descriptor_close_on_exec((int)descriptor, close_on_exec);
        return descriptor;
}

/* Puts the open files that have come into the control buffer, as many as find room there; what
 * finds none is closed, and said to be cut off. */
static void rights_put(const struct transmission *of, struct message_head *head)
{
        int32_t *files = (int32_t *)(head->control + sizeof(struct control_head));
        const uint64_t bytes = head->control_bytes;
        const uint64_t room = bytes < sizeof(struct control_head) + sizeof *files
                                  ? 0
                                  : (bytes - sizeof(struct control_head)) / sizeof *files;
        uint64_t count = 0;
        for (unsigned i = 0; i < of->rights; i++) {
                int64_t file = file_claim(of, of->flags & MSG_CMSG_CLOEXEC);
                if (file >= 0 && count == room)
                        linux_close((int)file);
                if (file < 0 || count == room)
                        head->flags |= MSG_CTRUNC;
                else
                        files[count++] = (int32_t)file;
        }
        head->control_bytes = 0;
        if (!count)
                return;
        const struct control_head control = {sizeof control + count * sizeof *files, SOL_SOCKET,
                                             SCM_RIGHTS};
        bytes_copy((void *)head->control, &control, sizeof control);
        head->control_bytes = least(aligned(control.length), bytes);
}

int64_t linux_recvmsg(int file, void *message, int flags)
{
        struct transmission of = {.flags = flags};
        struct message_head head;
        int64_t error = socket_of(file, &of.open);
        bytes_copy(&head, message, sizeof head);
        if (!error)
                error = socket_receive_unknown(of.open, flags & ~MSG_CMSG_CLOEXEC)
                            ? -EOPNOTSUPP
                            : head_check(&head);
        if (!error && !user_writes(head.control, head.control_bytes))
                error = -EFAULT;
        if (error)
                return error;
        struct open_file *open = of.open;
        open_file_hold(open);
        int64_t done = message_transfer(&of, &head, false);
        if (done >= 0) {
                struct message_head *to = message;
                head.flags = socket_has_records(open) && of.whole > (uint64_t)done ? MSG_TRUNC : 0;
                rights_put(&of, &head);
                if (head.name)
                        to->name_length = 0;
                to->control_bytes = head.control_bytes;
                to->flags = head.flags;
        }
        open_file_drop(open);
        return done >= 0 && flags & MSG_TRUNC ? (int64_t)of.whole : done;
}
