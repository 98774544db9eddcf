/* A program for a node; see remote.h.
 *
 *      connect ─READY─> send RUN, PROGRAM… ─STARTED─> input, signals / output ─ENDED─> status
 *                       send PUSH, PROGRAM… ─────────────────────────────────ENDED─> it serves
 *
 * What the node says is hostile to this parser, and is read in bounded pieces. */
#include "tools/ptl/remote.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "servers/common/byte_order.h"
#include "servers/common/remote.h"
#include "servers/proto/programs.h"
#include "tools/lib/clock.h"
#include "tools/lib/complain.h"
#include "tools/lib/socket.h"
#include "tools/ptl/advice.h"
#include "tools/ptl/raw.h"

enum {
        READY_MS = 30000,
        START_MS = 120000,
        SILENCE_MS = REMOTE_SILENCE_S * 1000,
        STATUS_SIGNAL = 128,
        TERM_MOST = 128 /* bytes of that variable */
};

struct remote {
        int socket, lock, signals;
        uint8_t received[2 * REMOTE_FRAME_MOST];
        size_t received_length;
        bool ready, started, input_ended;
        uint8_t ends; /* the last signal but SIGINT that came and by default ends; 0: none */
        size_t credit;
        unsigned terminals; /* bit N: descriptor N is one */
        int screen;         /* where the program's terminal is shown; -1: nowhere */
        struct raw raw;
        int64_t heard; /* clock_ms */
        enum remote_end end;
        bool over; /* `end` is known */
        int status;
};

void remote_line_name(unsigned line, char name[REMOTE_LINE_NAME])
{
        snprintf(name, REMOTE_LINE_NAME, "host%u", line % 100);
}

static void over(struct remote *remote, enum remote_end end)
{
        if (!remote->over)
                remote->end = end;
        remote->over = true;
}

/* ---- the line ----------------------------------------------------------------------------------
 */

static bool line_lock(struct remote *remote, unsigned node, unsigned line)
{
        char name[REMOTE_LINE_NAME], file[REMOTE_LINE_NAME + 8], path[NODE_FILE];
        remote_line_name(line, name);
        snprintf(file, sizeof file, "%s.lock", name);
        node_file(node, file, path);
        remote->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (remote->lock >= 0 && !flock(remote->lock, LOCK_EX | LOCK_NB))
                return true;
        over(remote, remote->lock < 0 ? REMOTE_UNREACHABLE : REMOTE_BUSY);
        if (remote->lock >= 0)
                close(remote->lock);
        remote->lock = -1;
        return false;
}

static bool line_open(struct remote *remote, unsigned node)
{
        char name[REMOTE_LINE_NAME], file[REMOTE_LINE_NAME + 8], path[NODE_FILE];
        unsigned line = 1;
        while (line <= REMOTE_LINES && !line_lock(remote, node, line))
                line++;
        if (line > REMOTE_LINES)
                return false;
        remote->over = false;
        remote_line_name(line, name);
        snprintf(file, sizeof file, "%s.sock", name);
        node_file(node, file, path);
        remote->socket = socket_connect(path);
        if (remote->socket < 0)
                over(remote, REMOTE_UNREACHABLE);
        return remote->socket >= 0;
}

static void frame_send(struct remote *remote, enum remote_kind kind, const void *payload,
                       size_t length)
{
        uint8_t header[REMOTE_HEADER];
        remote_header_write(header, kind, length);
        if (!socket_send(remote->socket, (const char *)header, sizeof header) ||
            !socket_send(remote->socket, payload, length))
                over(remote, REMOTE_LOST);
}

/* ---- the terminal ------------------------------------------------------------------------------
 */

/* The first of output, errors and input that is one; input may be open for reading alone. */
static void terminal_look(struct remote *remote)
{
        for (unsigned i = 0; i < 3; i++)
                remote->terminals |= (unsigned)(isatty((int)i) != 0) << i;
        remote->screen = remote->terminals & 2   ? STDOUT_FILENO
                         : remote->terminals & 4 ? STDERR_FILENO
                         : remote->terminals & 1 ? open("/dev/tty", O_WRONLY | O_CLOEXEC)
                                                 : -1;
        raw_begin(&remote->raw);
}

static struct remote_size terminal_size(const struct remote *remote)
{
        struct winsize size;
        for (int i = 0; i < 3; i++)
                if (remote->terminals >> i & 1 && !ioctl(i, TIOCGWINSZ, &size))
                        return (struct remote_size){size.ws_row, size.ws_col};
        return (struct remote_size){0};
}

/* A program in the background leaves the keys to whoever has them. */
static void keys_enter(struct remote *remote)
{
        if (remote->started && remote->raw.is_terminal && tcgetpgrp(STDIN_FILENO) == getpgrp())
                raw_enter(&remote->raw, isatty(STDOUT_FILENO));
}

static void keys_leave(struct remote *remote)
{
        if (remote->raw.is_raw)
                raw_leave(&remote->raw);
}

static void size_tell(struct remote *remote)
{
        uint8_t payload[REMOTE_SIZE_BYTES];
        if (!remote->started || !remote->terminals || remote->over)
                return;
        remote_size_write(payload, terminal_size(remote));
        frame_send(remote, REMOTE_SIZE, payload, sizeof payload);
}

/* ---- stopped and continued ---- */

static void signal_send(struct remote *remote, uint8_t number)
{
        if (remote->started && !remote->over)
                frame_send(remote, REMOTE_SIGNAL, &number, 1);
}

/* Who was stopped may find another terminal, and its keys with others. */
static void go_on(struct remote *remote)
{
        remote->heard = clock_ms();
        keys_enter(remote);
        size_tell(remote);
        signal_send(remote, SIGCONT);
}

/* What the user has started together on the terminal stops together, as by Ctrl-Z. Where nobody
 * could let ptl go on, it does not stop, and the program goes on. */
static void stop(struct remote *remote)
{
        sigset_t stop_signal, pending;
        sigemptyset(&stop_signal);
        sigaddset(&stop_signal, SIGTSTP);
        keys_leave(remote);
        if (remote->terminals)
                kill(0, SIGTSTP);
        else
                raise(SIGSTOP);
        sigprocmask(SIG_UNBLOCK, &stop_signal, NULL); /* stops here */
        sigprocmask(SIG_BLOCK, &stop_signal, NULL);
        if (!sigpending(&pending) && !sigismember(&pending, SIGCONT))
                go_on(remote);
}

/* ---- what the node says ------------------------------------------------------------------------
 */

static void output_write(struct remote *remote, int to, const struct remote_frame *frame)
{
        size_t done = 0;
        while (done < frame->length) {
                ssize_t count = write(to, frame->payload + done, frame->length - done);
                if (count < 0 && errno == EINTR)
                        continue;
                if (count <= 0) {
                        over(remote, REMOTE_CLOSED);
                        return;
                }
                done += (size_t)count;
        }
}

static void status_take(struct remote *remote, unsigned status)
{
        bool signal = status & PROCESS_SIGNALLED;
        remote->status = signal ? STATUS_SIGNAL + (int)(status & 0x7f) : (int)(status & 0xff);
        over(remote, REMOTE_DONE);
}

static void frame_take(struct remote *remote, const struct remote_frame *frame)
{
        switch (frame->kind) {
        case REMOTE_STARTED:
                remote->started = true;
                remote->credit = REMOTE_CREDIT;
                keys_enter(remote);
                size_tell(remote); /* it may be another one since */
                return;
        case REMOTE_ALIVE:
                return;
        case REMOTE_REFUSED:
                complain("%.*s", (int)frame->length, (const char *)frame->payload);
                over(remote, REMOTE_WRONG);
                return;
        case REMOTE_OUTPUT:
                output_write(remote, STDOUT_FILENO, frame);
                return;
        case REMOTE_ERRORS:
                output_write(remote, STDERR_FILENO, frame);
                return;
        case REMOTE_SCREEN:
                if (remote->screen >= 0)
                        output_write(remote, remote->screen, frame);
                return;
        case REMOTE_STOPPED:
                stop(remote);
                return;
        case REMOTE_TAKEN:
                if (frame->length == 4 && get32(frame->payload) <= REMOTE_CREDIT - remote->credit)
                        remote->credit += get32(frame->payload);
                else
                        over(remote, REMOTE_LOST);
                return;
        case REMOTE_ENDED:
                if (frame->length == 2)
                        status_take(remote, get16(frame->payload));
                else
                        over(remote, REMOTE_LOST);
                return;
        default:
                over(remote, REMOTE_LOST);
        }
}

static void received_drop(struct remote *remote, size_t count)
{
        remote->received_length -= count;
        memmove(remote->received, remote->received + count, remote->received_length);
}

/* Passes over what comes before the mark, which is the last part of READY. */
static void mark_find(struct remote *remote)
{
        uint8_t *mark =
            memmem(remote->received, remote->received_length, REMOTE_MARK, REMOTE_MARK_BYTES);
        if (mark) {
                remote->ready = true;
                received_drop(remote, (size_t)(mark - remote->received) + REMOTE_MARK_BYTES);
        } else if (remote->received_length >= REMOTE_MARK_BYTES) {
                received_drop(remote, remote->received_length - (REMOTE_MARK_BYTES - 1));
        }
}

static void frames_take(struct remote *remote)
{
        struct remote_frame frame;
        size_t at = 0, used;
        enum remote_answer answer = REMOTE_WHOLE;
        while (!remote->over && answer == REMOTE_WHOLE) {
                answer = remote_frame_take(remote->received + at, remote->received_length - at,
                                           &frame, &used);
                if (answer == REMOTE_WHOLE) {
                        frame_take(remote, &frame);
                        at += used;
                }
        }
        if (answer == REMOTE_BROKEN)
                over(remote, REMOTE_LOST);
        received_drop(remote, at);
}

static void socket_read(struct remote *remote)
{
        ssize_t count = read(remote->socket, remote->received + remote->received_length,
                             sizeof remote->received - remote->received_length);
        if (count < 0 && (errno == EINTR || errno == EAGAIN))
                return;
        if (count <= 0) {
                over(remote, REMOTE_LOST);
                return;
        }
        remote->heard = clock_ms();
        remote->received_length += (size_t)count;
        if (!remote->ready)
                mark_find(remote);
        if (remote->ready)
                frames_take(remote);
}

/* ---- what the node is told ---------------------------------------------------------------------
 */

/* They are the program's. It may handle SIGINT as often as it likes; of the others that end by
 * default the second of a kind ends the wait for it. */
static void signal_take(struct remote *remote)
{
        struct signalfd_siginfo info;
        if (read(remote->signals, &info, sizeof info) != sizeof info)
                return;
        const uint8_t number = (uint8_t)info.ssi_signo;
        const bool ends = number != SIGWINCH && number != SIGTSTP && number != SIGCONT;
        if (number == SIGWINCH && remote->terminals) {
                size_tell(remote);
        } else if (number == SIGCONT) {
                go_on(remote);
        } else if (number == SIGTSTP && (!remote->started || !remote->terminals)) {
                signal_send(remote, number);
                stop(remote);
        } else if (!remote->started || (ends && number == remote->ends)) {
                if (ends)
                        over(remote, REMOTE_INTERRUPTED);
        } else {
                signal_send(remote, number);
        }
        if (ends && number != SIGINT)
                remote->ends = number;
}

/* Beside those that the descriptor tells of already. */
static void signals_add(int signals)
{
        sigset_t set, add;
        sigemptyset(&add);
        sigaddset(&add, SIGTSTP);
        sigaddset(&add, SIGCONT);
        sigaddset(&add, SIGWINCH);
        sigprocmask(SIG_BLOCK, &add, NULL);
        sigprocmask(SIG_BLOCK, NULL, &set);
        signalfd(signals, &set, 0);
}

static void input_read(struct remote *remote)
{
        uint8_t bytes[4096];
        size_t most = remote->credit < sizeof bytes ? remote->credit : sizeof bytes;
        ssize_t count = read(STDIN_FILENO, bytes, most);
        if (count < 0 && (errno == EINTR || errno == EAGAIN))
                return;
        remote->input_ended = count <= 0;
        count = count < 0 ? 0 : count;
        remote->credit -= (size_t)count;
        frame_send(remote, REMOTE_INPUT, bytes, (size_t)count);
}

/* Waits for one thing and sees to it; the deadline is an end of its own. */
static void step(struct remote *remote, int64_t deadline, enum remote_end late)
{
        bool reads = remote->started && !remote->input_ended && remote->credit > 0 &&
                     (remote->raw.is_raw || !remote->raw.is_terminal);
        struct pollfd wait[] = {{.fd = remote->socket, .events = POLLIN},
                                {.fd = remote->signals, .events = POLLIN},
                                {.fd = reads ? STDIN_FILENO : -1, .events = POLLIN}};
        int ready = poll(wait, 3, clock_until(deadline));
        if (ready == 0 && clock_ms() >= deadline)
                over(remote, late);
        if (ready <= 0)
                return;
        if (wait[0].revents)
                socket_read(remote);
        if (wait[1].revents && !remote->over)
                signal_take(remote);
        if (wait[2].revents && !remote->over)
                input_read(remote);
}

static bool until(struct remote *remote, const bool *condition, int64_t milliseconds,
                  enum remote_end late)
{
        int64_t deadline = clock_ms() + milliseconds;
        while (!*condition && !remote->over)
                step(remote, deadline, late);
        return !remote->over;
}

/* ---- the program -------------------------------------------------------------------------------
 */

static bool strings_add(char *to, size_t room, size_t *length, const char *string)
{
        size_t bytes = strlen(string) + 1;
        if (bytes > room - *length)
                return false;
        memcpy(to + *length, string, bytes);
        *length += bytes;
        return true;
}

static bool run_send(struct remote *remote, char **argv, uint64_t memory, uint64_t program)
{
        terminal_look(remote);
        static const char home[] = "PATH=/fs/bin:/fs\0HOME=/fs";
        char arguments[REMOTE_PAYLOAD_MOST], environment[sizeof home + TERM_MOST];
        const char *term = remote->terminals ? getenv("TERM") : NULL;
        uint8_t payload[REMOTE_PAYLOAD_MOST];
        struct remote_run run = {.program = program,
                                 .memory = memory,
                                 .terminals = remote->terminals,
                                 .size = terminal_size(remote),
                                 .arguments = arguments,
                                 .environment = environment};
        bool fits = true;
        for (; *argv && fits; argv++)
                fits = strings_add(arguments, sizeof arguments, &run.arguments_length, *argv);
        memcpy(environment, home, sizeof home);
        if (!term || strlen(term) >= TERM_MOST - sizeof "TERM=")
                term = "dumb";
        run.environment_length =
            sizeof home + 1 +
            (size_t)snprintf(environment + sizeof home, TERM_MOST, "TERM=%s", term);
        size_t length = fits ? remote_run_write(payload, &run) : 0;
        if (length == 0) {
                complain("its arguments are longer than %d bytes", REMOTE_PAYLOAD_MOST - 256);
                over(remote, REMOTE_FILE);
        } else {
                frame_send(remote, REMOTE_RUN, payload, length);
        }
        return !remote->over;
}

static void program_send(struct remote *remote, int file, uint64_t left)
{
        uint8_t bytes[REMOTE_PAYLOAD_MOST];
        while (left > 0 && !remote->over) {
                ssize_t count = read(file, bytes, left < sizeof bytes ? left : sizeof bytes);
                if (count < 0 && errno == EINTR)
                        continue;
                if (count <= 0) {
                        complain("the file became shorter while it was read; try it again");
                        over(remote, REMOTE_FILE);
                        return;
                }
                frame_send(remote, REMOTE_PROGRAM, bytes, (size_t)count);
                left -= (uint64_t)count;
        }
}

static int file_open(struct remote *remote, const char *path, uint64_t *size)
{
        struct stat info;
        int file = open(path, O_RDONLY | O_CLOEXEC);
        bool plain = file >= 0 && !fstat(file, &info) && S_ISREG(info.st_mode);
        if (plain && info.st_size > 0) {
                *size = (uint64_t)info.st_size;
                return file;
        }
        complain("%s: %s", path,
                 file < 0 ? strerror(errno)
                 : plain  ? "the file is empty"
                          : "it is no file: a program is a static ELF file");
        over(remote, REMOTE_FILE);
        if (file >= 0)
                close(file);
        return -1;
}

/* Opens the file and a line of the node, whose agent is ready then. False: it is over. */
static bool remote_begin(struct remote *remote, unsigned node, const char *path, int signals,
                         int *file, uint64_t *size)
{
        *remote = (struct remote){.socket = -1, .lock = -1, .signals = signals, .screen = -1};
        *file = file_open(remote, path, size);
        return *file >= 0 && line_open(remote, node) &&
               until(remote, &remote->ready, READY_MS, REMOTE_SILENT);
}

/* Until the node has said how it ended. */
static void remote_await(struct remote *remote)
{
        while (!remote->over)
                step(remote, remote->heard + SILENCE_MS, REMOTE_LOST);
}

static enum remote_end remote_finish(struct remote *remote, int file, int *status)
{
        assert(remote->over);
        keys_leave(remote);
        if (file >= 0)
                close(file);
        if (remote->socket >= 0)
                close(remote->socket);
        if (remote->lock >= 0)
                close(remote->lock);
        *status = remote->status;
        return remote->end;
}

enum remote_end remote_run(unsigned node, const char *path, char **argv, uint64_t memory,
                           int signals, int *status)
{
        static struct remote remote; /* large */
        uint64_t size = 0;
        int file;
        signals_add(signals);
        if (remote_begin(&remote, node, path, signals, &file, &size) &&
            run_send(&remote, argv, memory, size)) {
                program_send(&remote, file, size);
                until(&remote, &remote.started, START_MS, REMOTE_LOST);
                remote_await(&remote);
        }
        return remote_finish(&remote, file, status);
}

enum remote_end remote_push(unsigned node, const char *component, const char *path, int signals,
                            int *status)
{
        static struct remote remote; /* large */
        uint8_t payload[REMOTE_PAYLOAD_MOST];
        uint64_t size = 0;
        int file;
        if (remote_begin(&remote, node, path, signals, &file, &size)) {
                const struct remote_push push = {size, component, strlen(component)};
                frame_send(&remote, REMOTE_PUSH, payload, remote_push_write(payload, &push));
                program_send(&remote, file, size);
                remote_await(&remote);
        }
        return remote_finish(&remote, file, status);
}

const char *remote_end_text(enum remote_end end)
{
        static const char *const texts[] = {
            [REMOTE_DONE] = "done",
            [REMOTE_UNREACHABLE] =
                "it has no power, or there is no such node; `ptl nodes` lists them",
            [REMOTE_BUSY] = "four programs of the host run there already; end one of them",
            [REMOTE_SILENT] = "its agent does not answer; `ptl log` of it may tell why, and "
                              "`component agent on *` has to stand in the description",
            [REMOTE_WRONG] = "the program was refused",
            [REMOTE_FILE] = "the program was not sent",
            [REMOTE_LOST] = "the line to its agent ended; `ptl log` of it may tell why",
            [REMOTE_CLOSED] = "the output cannot be written",
            [REMOTE_INTERRUPTED] = "interrupted",
        };
        return texts[end];
}
