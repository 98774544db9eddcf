/* Speaks with a node's batch shell; see batch.h. One command is under way at a time, by one ptl at
 * a time: what a client leaves behind is cancelled by the next one. */
#include "tools/ptl/batch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tools/lib/clock.h"
#include "tools/lib/socket.h"
#include "tools/ptl/names.h"

enum {
        LOCK_TRY_MS = 20,
        SECOND_ANSWER_MS = 1000, /* the end of a cancelled command, behind the answer to our line */
        CANCEL_MS = 5000,        /* a cancelled command must end within this time */
};

#define CANCEL "\x03"

bool batch_takes(const char *command)
{
        return strlen(command) <= BATCH_LINE_MAX && !strpbrk(command, "\n" CANCEL);
}

/* Waits for the lock; a signal or the deadline ends that. */
static enum batch_end lock_wait(struct batch *batch, int64_t deadline)
{
        struct pollfd wait = {.fd = batch->signals, .events = POLLIN};
        while (flock(batch->lock, LOCK_EX | LOCK_NB)) {
                if (clock_ms() >= deadline)
                        return BATCH_DEADLINE;
                if (poll(&wait, 1, LOCK_TRY_MS) > 0)
                        return BATCH_INTERRUPTED;
        }
        return BATCH_DONE;
}

/* Notes in the lock file whether a command is under way. If the note cannot be written, the next
 * client waits for its first answer a little longer or shorter than it might. */
static void note(struct batch *batch, bool busy)
{
        ssize_t done = busy ? pwrite(batch->lock, "busy\n", 5, 0) : ftruncate(batch->lock, 0);
        (void)done;
}

static bool nothing(void *context, const char *bytes, size_t count)
{
        (void)context;
        (void)bytes;
        (void)count;
        return true;
}

/* Takes what the socket holds, up to the end of an answer: the bytes behind it belong to the next
 * one and stay. Returns BATCH_DONE with *status BATCH_MORE if the answer goes on. */
static enum batch_end piece_take(struct batch *batch, batch_sink *sink, void *context, int *status)
{
        char bytes[4096], output[sizeof bytes + BATCH_HELD], known[BATCH_HELD];
        size_t used = 0, taken = 0, found;
        ssize_t count = recv(batch->socket, bytes, sizeof bytes, MSG_PEEK);
        *status = BATCH_MORE;
        if (count <= 0)
                return BATCH_LOST;
        while (taken < (size_t)count && *status == BATCH_MORE) {
                *status = batch_parse(&batch->parser, bytes[taken++], known, &found);
                memcpy(output + used, known, found);
                used += found;
        }
        if (recv(batch->socket, bytes, taken, 0) != (ssize_t)taken)
                return BATCH_LOST;
        if (used && !sink(context, output, used))
                return BATCH_OUTPUT;
        return *status == BATCH_ANEW ? BATCH_RESTARTED : BATCH_DONE;
}

/* Reads until an answer is complete. */
static enum batch_end answer_read(struct batch *batch, int64_t deadline, batch_sink *sink,
                                  void *context, int *status)
{
        const struct batch_watch *watch = batch->watch;
        struct pollfd wait[] = {{.fd = batch->socket, .events = POLLIN},
                                {.fd = batch->signals, .events = POLLIN},
                                {.fd = watch ? watch->fd : -1, .events = POLLIN}};
        enum batch_end end = BATCH_DONE;
        *status = BATCH_MORE;
        while (end == BATCH_DONE && *status < 0) {
                int ready = poll(wait, 3, clock_until(deadline));
                if (clock_ms() >= deadline)
                        end = BATCH_DEADLINE;
                else if (ready > 0 && wait[1].revents)
                        end = BATCH_INTERRUPTED;
                else if (ready > 0 && wait[2].revents && !watch->ready(watch->context))
                        end = BATCH_LOST;
                else if (ready > 0 && wait[0].revents)
                        end = piece_take(batch, sink, context, status);
        }
        return end;
}

/* An empty line, and its answer. Behind a client that died in the middle of a command there may be
 * that command's end first, or it may be lost: then a second answer is waited for, but not long. So
 * it is if the shell starts meanwhile: nobody knows whether it has seen the line. */
static enum batch_end shell_probe(struct batch *batch, int64_t deadline)
{
        char was_busy;
        int status;
        bool busy = pread(batch->lock, &was_busy, 1, 0) == 1;
        enum batch_end end = BATCH_RESTARTED;
        while (end == BATCH_RESTARTED) {
                const char *line = busy ? CANCEL "\n" : "\n";
                if (!socket_send(batch->socket, line, strlen(line)))
                        return BATCH_LOST;
                end = answer_read(batch, deadline, nothing, NULL, &status);
                busy = busy || end == BATCH_RESTARTED;
        }
        if (end != BATCH_DONE || !busy)
                return end;
        end = answer_read(batch, clock_ms() + SECOND_ANSWER_MS, nothing, NULL, &status);
        if (end == BATCH_DEADLINE)
                end = BATCH_DONE;
        if (end == BATCH_DONE)
                note(batch, false);
        return end;
}

/* Why there is no connection: a machine that is off has no folder or no socket that is served. */
static enum batch_end unreached(const struct batch *batch, int error)
{
        bool off = error == ENOENT || error == ECONNREFUSED;
        return !off ? BATCH_DENIED : batch->through ? BATCH_NO_WAY : BATCH_UNREACHABLE;
}

bool batch_goes_through(unsigned node)
{
        char path[NODE_FILE];
        node_file(node, BATCH_WAY_NOTE, path);
        return !access(path, F_OK);
}

enum batch_end batch_open(struct batch *batch, unsigned node, int signals, int64_t deadline)
{
        char path[NODE_FILE];
        *batch = (struct batch){.socket = -1, .signals = signals, .node = node};
        batch->through = batch_goes_through(node);
        unsigned port = batch->through ? BATCH_WAY : node;
        node_file(port, "batch.lock", path);
        batch->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (batch->lock < 0)
                return unreached(batch, errno);
        enum batch_end end = lock_wait(batch, deadline);
        if (end == BATCH_DONE) {
                node_file(port, "batch.sock", path);
                batch->socket = socket_connect(path);
                end = batch->socket < 0 ? unreached(batch, errno) : shell_probe(batch, deadline);
        }
        if (end != BATCH_DONE)
                batch_close(batch);
        return end;
}

enum batch_end batch_run(struct batch *batch, const char *command, int64_t deadline,
                         batch_sink *sink, void *context, int *status)
{
        int64_t cancelled_by;
        int ignored;
        char line[BATCH_LINE_MAX + 1];
        *status = BATCH_MORE;
        if (batch->through && !batch_line_through(batch->node, command, line))
                return BATCH_TOO_LONG;
        command = batch->through ? line : command;
        note(batch, true);
        if (!socket_send(batch->socket, command, strlen(command)) ||
            !socket_send(batch->socket, "\n", 1))
                return BATCH_LOST;
        enum batch_end end = answer_read(batch, deadline, sink, context, status);
        if (*status >= 0) { /* its output may be lost, but it has ended */
                note(batch, false);
        } else if (end == BATCH_DEADLINE || end == BATCH_INTERRUPTED || end == BATCH_OUTPUT) {
                int signals = batch->signals;
                cancelled_by = clock_ms() + CANCEL_MS;
                batch->signals = -1; /* the signal that came is still there to be read */
                if (socket_send(batch->socket, CANCEL, 1) &&
                    answer_read(batch, cancelled_by, nothing, NULL, &ignored) == BATCH_DONE)
                        note(batch, false);
                batch->signals = signals;
        }
        return end;
}

void batch_close(struct batch *batch)
{
        if (batch->socket >= 0)
                close(batch->socket);
        if (batch->lock >= 0)
                close(batch->lock);
        batch->socket = batch->lock = -1;
}

const char *batch_end_text(enum batch_end end)
{
        static const char *const texts[] = {
            [BATCH_DONE] = "done",
            [BATCH_UNREACHABLE] =
                "it has no power, or there is no such node; `ptl nodes` lists them",
            [BATCH_DENIED] =
                "this host does not let ptl reach it; see whose the run directory is, and "
                "`ulimit -n`",
            [BATCH_DEADLINE] = "no answer in time",
            [BATCH_INTERRUPTED] = "interrupted",
            [BATCH_LOST] = "the machine stopped meanwhile",
            [BATCH_RESTARTED] =
                "its shell died meanwhile and was started anew; whether the command was "
                "done is not known",
            [BATCH_OUTPUT] = "its output cannot be written",
            [BATCH_NO_WAY] = "it has no port for commands, and n1, through which they go, has no "
                             "power",
            [BATCH_TOO_LONG] = "the command has no room in a line of n1, through which it goes; it "
                               "was not run",
        };
        return texts[end];
}
