/* Passes bytes between the user's terminal and a node's shell; see terminal.h.
 *
 *      keyboard ──> keys_take ──> keys ──keys_send──> shell ──> shown_pass ──> screen
 *      SIGWINCH, SIGCONT ──> size_tell ──┘
 *
 * The terminal is raw as long as this runs, and at no other time: it is as it was whenever ptl
 * stops, and when it ends in any way that a program can notice. */
#include "tools/ptl/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "servers/proto/shell.h"
#include "tools/lib/socket.h"
#include "tools/ptl/names.h"
#include "tools/ptl/raw.h"

enum {
        ESCAPE = 0x1d, /* Ctrl-] */
        KEYS_MAX = 65536,
        KEYS_ROOM = 1024, /* read at once */
};

struct bridge {
        int shell;
        int signals;
        int job_control; /* a signalfd of SIGTSTP, SIGCONT and SIGWINCH */
        sigset_t mask;   /* before these were blocked */
        struct raw raw;
        struct control *control;
        struct leaving leaving;
        bool size_due; /* the shell is to be told how large the terminal is */
        size_t waiting;
        char keys[KEYS_MAX]; /* for the shell; a node that takes none holds nobody up */
};

static bool output_write(const char *bytes, size_t count)
{
        while (count) {
                ssize_t written = write(STDOUT_FILENO, bytes, count);
                if (written < 0 && errno != EINTR)
                        return false;
                if (written > 0) {
                        bytes += written;
                        count -= (size_t)written;
                }
        }
        return true;
}

/* ---- the terminal ---- */

/* Output gets its carriage returns from the shell. */
static void keys_enter(struct bridge *bridge)
{
        raw_enter(&bridge->raw, true);
        if (bridge->control)
                bridge->control->raw = bridge->raw.is_raw;
}

static void keys_leave(struct bridge *bridge)
{
        static const char marks_no_pastes[] = "\x1b[?2004l"; /* the shell's editor wants them */
        if (!bridge->raw.is_terminal)
                return;
        if (isatty(STDOUT_FILENO))
                output_write(marks_no_pastes, sizeof marks_no_pastes - 1);
        raw_leave(&bridge->raw);
        if (bridge->control)
                bridge->control->raw = false;
}

/* ---- to the shell ---- */

/* Sends what waits, as far as the node takes it. False if it is gone. */
static bool keys_send(struct bridge *bridge)
{
        if (bridge->waiting == 0)
                return true;
        ssize_t sent =
            send(bridge->shell, bridge->keys, bridge->waiting, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0)
                return errno == EAGAIN || errno == EINTR;
        bridge->waiting -= (size_t)sent;
        memmove(bridge->keys, bridge->keys + sent, bridge->waiting);
        return true;
}

static bool room_for_keys(const struct bridge *bridge)
{
        return sizeof bridge->keys - bridge->waiting >= KEYS_ROOM;
}

static void size_put(struct bridge *bridge, unsigned rows, unsigned columns)
{
        char *to = bridge->keys + bridge->waiting;
        size_t room = sizeof bridge->keys - bridge->waiting;
        bridge->waiting += (size_t)snprintf(to, room, SHELL_SIZE, rows, columns);
}

/* Tells the shell how large the terminal is, which shows the line that the user is at. */
static void size_tell(struct bridge *bridge)
{
        struct winsize size = {.ws_col = 0};
        if (!bridge->size_due || !room_for_keys(bridge))
                return;
        if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size))
                size.ws_col = 0;
        size_put(bridge, size.ws_row, size.ws_col);
        bridge->size_due = false;
}

/* ---- stopped and continued ---- */

static bool job_control_take(struct bridge *bridge)
{
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, SIGTSTP);
        sigaddset(&set, SIGCONT);
        sigaddset(&set, SIGWINCH);
        sigprocmask(SIG_BLOCK, &set, &bridge->mask);
        bridge->job_control = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
        return bridge->job_control >= 0;
}

static void job_control_release(struct bridge *bridge)
{
        if (bridge->job_control >= 0)
                close(bridge->job_control);
        sigprocmask(SIG_SETMASK, &bridge->mask, NULL);
}

/* Stops as the signal would have it, with the terminal as it was. */
static void stop(struct bridge *bridge)
{
        sigset_t stop_signal;
        sigemptyset(&stop_signal);
        sigaddset(&stop_signal, SIGTSTP);
        keys_leave(bridge);
        raise(SIGTSTP);
        sigprocmask(SIG_UNBLOCK, &stop_signal, NULL); /* stops here */
        sigprocmask(SIG_BLOCK, &stop_signal, NULL);
        keys_enter(bridge);
}

/* What SIGSTOP stops cannot see to the terminal before; whoever had it since may have changed
 * it. */
static void job_control_serve(struct bridge *bridge)
{
        struct signalfd_siginfo info;
        while (read(bridge->job_control, &info, sizeof info) == sizeof info) {
                if (info.ssi_signo == SIGTSTP)
                        stop(bridge);
                if (info.ssi_signo == SIGCONT)
                        keys_enter(bridge);
                bridge->size_due = true;
        }
}

/* ---- bytes both ways ---- */

/* The node's shell is this user's: a descriptor that holds the lock, or -1. */
static int shell_lock(unsigned node)
{
        char path[NODE_FILE];
        node_file(node, "shell.lock", path);
        int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB)) {
                close(lock);
                lock = -1;
        }
        return lock;
}

/* From the keyboard to what waits for the shell. False if the user wants to leave. */
static bool keys_take(struct bridge *bridge)
{
        char *bytes = bridge->keys + bridge->waiting;
        ssize_t count = read(STDIN_FILENO, bytes, KEYS_ROOM);
        if (count <= 0)
                return count < 0 && errno == EINTR;
        const char *escape = memchr(bytes, ESCAPE, (size_t)count);
        bridge->waiting += escape ? (size_t)(escape - bytes) : (size_t)count;
        if (escape)
                output_write("\r\n", 2);
        return !escape;
}

/* From the shell to the screen. False if the node is gone; *left if the user wants to leave. */
static bool shown_pass(struct bridge *bridge, bool *left)
{
        char bytes[4096], shown[sizeof bytes + LEAVING_MAX];
        ssize_t count = recv(bridge->shell, bytes, sizeof bytes, 0);
        if (count <= 0)
                return false;
        size_t length = leaving_filter(&bridge->leaving, bytes, (size_t)count, shown, left);
        *left = !output_write(shown, length) || *left;
        return true;
}

static bool bridge_step(struct bridge *bridge, enum bridge_end *end)
{
        struct control *control = bridge->control;
        bool waits = bridge->waiting > 0, room = room_for_keys(bridge);
        struct pollfd wait[] = {{.fd = bridge->shell, .events = POLLIN | (waits ? POLLOUT : 0)},
                                {.fd = room ? STDIN_FILENO : -1, .events = POLLIN},
                                {.fd = bridge->signals, .events = POLLIN},
                                {.fd = control ? control->fd : -1, .events = POLLIN},
                                {.fd = bridge->job_control, .events = POLLIN}};
        bool left = false;
        if (poll(wait, 5, -1) < 0)
                return true;
        *end = BRIDGE_SIGNAL;
        if (wait[2].revents)
                return false;
        *end = BRIDGE_KEEPER;
        if (wait[3].revents && control_read(control) == ANSWER_GONE)
                return false;
        *end = BRIDGE_CLOSED;
        if (wait[4].revents)
                job_control_serve(bridge);
        if (wait[0].revents & ~POLLOUT && !shown_pass(bridge, &left))
                return false;
        left = left || (wait[1].revents && !keys_take(bridge));
        size_tell(bridge);
        if (!keys_send(bridge))
                return false;
        *end = BRIDGE_LEFT;
        return !left;
}

static enum bridge_end bridge_run(struct bridge *bridge)
{
        enum bridge_end end = BRIDGE_CLOSED;
        raw_begin(&bridge->raw);
        keys_enter(bridge);
        if (bridge->control)
                bridge->control->answer = ANSWER_NONE;
        /* What another left of a line is seen, and not run. */
        bridge->waiting = strlen(SHELL_BEGIN);
        memcpy(bridge->keys, SHELL_BEGIN, bridge->waiting);
        bridge->size_due = true;
        size_tell(bridge);
        while (bridge_step(bridge, &end))
                ;
        keys_leave(bridge);
        if (room_for_keys(bridge))
                size_put(bridge, 0, 0);
        keys_send(bridge);
        return end;
}

enum bridge_end terminal_bridge(unsigned node, int signals, struct control *control)
{
        static struct bridge bridge; /* large */
        bridge = (struct bridge){.shell = -1, .signals = signals, .control = control};
        enum bridge_end end = BRIDGE_CLOSED;
        char path[NODE_FILE];
        node_file(node, "shell.sock", path);
        if (access(path, F_OK))
                return BRIDGE_CLOSED;
        int lock = shell_lock(node);
        if (lock < 0)
                return BRIDGE_BUSY;
        if (job_control_take(&bridge))
                bridge.shell = socket_connect(path);
        if (bridge.shell >= 0) {
                end = bridge_run(&bridge);
                close(bridge.shell);
        }
        job_control_release(&bridge);
        close(lock);
        return end;
}
