/* Passes bytes between the user's terminal and a node's shell; see terminal.h. */
#include "tools/ptl/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "tools/lib/socket.h"
#include "tools/ptl/names.h"

enum { ESCAPE = 0x1d /* Ctrl-] */ };

/* Everything is passed on as it comes; only output still gets its carriage returns from the shell.
 */
static bool raw_enter(struct termios *before)
{
        struct termios raw;
        if (tcgetattr(STDIN_FILENO, before))
                return false;
        raw = *before;
        cfmakeraw(&raw);
        return !tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
}

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

/* From the keyboard to the shell. False if the user wants to leave. */
static bool keys_pass(int shell)
{
        char bytes[1024];
        ssize_t count = read(STDIN_FILENO, bytes, sizeof bytes);
        if (count <= 0)
                return count < 0 && errno == EINTR;
        for (ssize_t i = 0; i < count; i++)
                if (bytes[i] == ESCAPE) {
                        socket_send(shell, bytes, (size_t)i);
                        return false;
                }
        return socket_send(shell, bytes, (size_t)count);
}

static bool bridge_step(int shell, int signals, struct control *control, struct leaving *leaving,
                        enum bridge_end *end)
{
        struct pollfd wait[] = {{.fd = shell, .events = POLLIN},
                                {.fd = STDIN_FILENO, .events = POLLIN},
                                {.fd = signals, .events = POLLIN},
                                {.fd = control ? control->fd : -1, .events = POLLIN}};
        char bytes[4096], shown[sizeof bytes + LEAVING_MAX];
        bool left = false;
        if (poll(wait, 4, -1) < 0)
                return true;
        *end = BRIDGE_SIGNAL;
        if (wait[2].revents)
                return false;
        *end = BRIDGE_KEEPER;
        if (wait[3].revents && control_read(control) == ANSWER_GONE)
                return false;
        *end = BRIDGE_CLOSED;
        if (wait[0].revents) {
                ssize_t count = recv(shell, bytes, sizeof bytes, 0);
                if (count <= 0)
                        return false;
                size_t length = leaving_filter(leaving, bytes, (size_t)count, shown, &left);
                left = !output_write(shown, length) || left;
        }
        *end = BRIDGE_LEFT;
        return !left && (!wait[1].revents || keys_pass(shell));
}

static enum bridge_end bridge_run(const char *path, int signals, struct control *control)
{
        struct leaving leaving = {.matched = 0};
        struct termios before;
        enum bridge_end end = BRIDGE_CLOSED;
        int shell = socket_connect(path);
        if (shell < 0)
                return BRIDGE_CLOSED;
        bool raw = raw_enter(&before);
        if (control) {
                control->raw = raw;
                control->answer = ANSWER_NONE;
        }
        /* The prompt was printed before anybody listened: an empty line brings another. */
        if (socket_send(shell, "\r", 1))
                while (bridge_step(shell, signals, control, &leaving, &end))
                        ;
        if (raw)
                tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
        if (control)
                control->raw = false;
        close(shell);
        return end;
}

enum bridge_end terminal_bridge(unsigned node, int signals, struct control *control)
{
        char path[NODE_FILE];
        node_file(node, "shell.sock", path);
        if (access(path, F_OK))
                return BRIDGE_CLOSED;
        int lock = shell_lock(node);
        if (lock < 0)
                return BRIDGE_BUSY;
        enum bridge_end end = bridge_run(path, signals, control);
        close(lock);
        return end;
}
