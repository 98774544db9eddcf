/* Each child leads a session of its own, so that what it starts can be ended with it. */
#include "tools/ptl/child.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tools/lib/clock.h"
#include "tools/lib/complain.h"
#include "tools/lib/ended.h"
#include "tools/ptl/advice.h"

/* In the child: ends by tell, with errno, unless it becomes the program. */
static void child_become(char *const argv[], pid_t parent, int tell)
{
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        signal(SIGPIPE, SIG_DFL);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        setsid();
        /* The parent may have died before it was to be told of. */
        if (getppid() == parent)
                execvp(argv[0], argv);
        int error = errno;
        ssize_t written = write(tell, &error, sizeof error);
        _exit(written == sizeof error ? 127 : 126);
}

/* Starts the program with the given descriptors, which stay open here. */
static pid_t child_spawn(char *const argv[], int input, int output, int errors)
{
        int pipe_ends[2], error = 0;
        if (pipe2(pipe_ends, O_CLOEXEC))
                return -1;
        pid_t parent = getpid(), child = fork();
        if (child == 0) {
                if (dup2(input, STDIN_FILENO) >= 0 && dup2(output, STDOUT_FILENO) >= 0 &&
                    dup2(errors, STDERR_FILENO) >= 0)
                        child_become(argv, parent, pipe_ends[1]);
                _exit(126);
        }
        close(pipe_ends[1]);
        /* The pipe closes without a word when the program begins. */
        if (child > 0 && read(pipe_ends[0], &error, sizeof error) == sizeof error) {
                waitpid(child, NULL, 0);
                child = -1;
        }
        close(pipe_ends[0]);
        if (error)
                errno = error;
        return child;
}

pid_t child_start(char *const argv[], const char *log)
{
        int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
        int file = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
        pid_t child = -1;
        if (null >= 0 && file >= 0)
                child = child_spawn(argv, null, file, file);
        int error = errno;
        close(null);
        close(file);
        errno = error;
        return child;
}

/* A descriptor that can be read once a signal has come that this process has blocked, so as to end
 * in order. The signal stays for whoever waits for it. */
static int signals_watch(void)
{
        sigset_t blocked;
        sigprocmask(SIG_SETMASK, NULL, &blocked);
        return signalfd(-1, &blocked, SFD_CLOEXEC);
}

/* Reads to the end of the stream, or until the deadline passes or a signal comes; what the buffer
 * has no room for is dropped. */
static bool output_read(int from, int signals, char *output, size_t size, int64_t deadline)
{
        size_t used = 0;
        struct pollfd wait[] = {{.fd = from, .events = POLLIN}, {.fd = signals, .events = POLLIN}};
        ssize_t count = -1;
        while (poll(wait, 2, clock_until(deadline)) > 0 && !wait[1].revents) {
                char rest[512];
                bool full = used == size - 1;
                count =
                    read(from, full ? rest : output + used, full ? sizeof rest : size - 1 - used);
                if (count <= 0)
                        break;
                used += full ? 0 : (size_t)count;
        }
        output[used] = 0;
        return count == 0;
}

void child_kill(pid_t child)
{
        kill(-child, SIGKILL);
        kill(child, SIGKILL);
}

/* Starts the program with its output in a pipe, whose reading end is returned; -1 with a
 * complaint. */
static int output_open(char *const argv[], pid_t *child)
{
        int ends[2] = {-1, -1};
        int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
        *child = -1;
        if (null >= 0 && !pipe2(ends, O_CLOEXEC))
                *child = child_spawn(argv, null, ends[1], STDERR_FILENO);
        int error = errno;
        close(null);
        close(ends[1]);
        if (*child >= 0)
                return ends[0];
        close(ends[0]);
        complain("%s: %s; %s", argv[0], strerror(error),
                 error == ENOENT ? "`make` builds it" : advice(error));
        return -1;
}

bool child_output(char *const argv[], char *output, size_t size, int64_t deadline)
{
        int status = 0;
        pid_t child;
        char end[ENDED_TEXT];
        const char *name = strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0];
        int from = output_open(argv, &child);
        if (from < 0)
                return false;
        int signals = signals_watch();
        bool ended = output_read(from, signals, output, size, deadline);
        close(signals);
        close(from);
        if (!ended)
                child_kill(child);
        waitpid(child, &status, 0);
        if (!ended)
                return complain("%s was interrupted, or took too long", name);
        ended_text(status, end);
        if (WIFSIGNALED(status))
                return complain("%s %s", name, end);
        return WEXITSTATUS(status) == 0;
}

static bool executable(const char *path)
{
        struct stat info;
        return !stat(path, &info) && S_ISREG(info.st_mode) && !access(path, X_OK);
}

bool program_exists(const char *name)
{
        const char *folder = getenv("PATH");
        char path[PATH_MAX];
        if (strchr(name, '/'))
                return executable(name);
        while (folder && *folder) {
                size_t length = strcspn(folder, ":");
                snprintf(path, sizeof path, "%.*s/%s", (int)length, folder, name);
                if (executable(path))
                        return true;
                folder += length + (folder[length] == ':');
        }
        return false;
}
