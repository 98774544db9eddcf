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

bool child_output(char *const argv[], char *output, size_t size, int64_t deadline)
{
        int pipe_ends[2], status = 0;
        int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
        if (null < 0 || pipe2(pipe_ends, O_CLOEXEC))
                return complain("%s: %s", argv[0], strerror(errno));
        pid_t child = child_spawn(argv, null, pipe_ends[1], STDERR_FILENO);
        int error = errno;
        close(null);
        close(pipe_ends[1]);
        int signals = signals_watch();
        bool ended = child > 0 && output_read(pipe_ends[0], signals, output, size, deadline);
        close(signals);
        close(pipe_ends[0]);
        if (child < 0)
                return complain("%s: %s; `make` builds it", argv[0], strerror(error));
        if (!ended)
                kill(child, SIGKILL);
        waitpid(child, &status, 0);
        if (!ended)
                return complain("%s: it was interrupted, or took too long", argv[0]);
        if (WIFSIGNALED(status))
                return complain("%s: ended by signal %d", argv[0], WTERMSIG(status));
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
