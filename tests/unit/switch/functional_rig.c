/* The rig's sockets and processes. */
#include "tests/unit/switch/functional.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct rig rig;

enum { ARGUMENTS_MAX = 32 };

static const char *const basic[] = {
    "--dir",  ".",
    "--node", "n1=52:54:00:00:00:01",
    "--node", "n2=52:54:00:00:00:02",
    "--node", "n3=52:54:00:00:00:03",
};

double clock_ms(void)
{
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static bool readable(int fd, int ms)
{
        struct pollfd poll_fd = {fd, POLLIN, 0};
        return poll(&poll_fd, 1, ms) == 1;
}

const char *text_expect(int fd, const char *text)
{
        static char all[OUTPUT_MAX];
        size_t used = 0;
        double deadline = clock_ms() + WAIT_MS;
        all[0] = 0;
        while (!strstr(all, text)) {
                int left = (int)(deadline - clock_ms());
                ck_assert_msg(left > 0 && readable(fd, left), "no '%s' in: %s", text, all);
                ssize_t got = read(fd, all + used, sizeof all - 1 - used);
                ck_assert_msg(got > 0, "ended without '%s': %s", text, all);
                used += (size_t)got;
                all[used] = 0;
        }
        return all;
}

static struct sockaddr_un address_make(const char *format, unsigned node)
{
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        snprintf(address.sun_path, sizeof address.sun_path, format, node);
        return address;
}

void node_open(unsigned node)
{
        struct sockaddr_un address = address_make("n%u/qemu.sock", node);
        unlink(address.sun_path);
        rig.node[node] = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        ck_assert_int_eq(bind(rig.node[node], (struct sockaddr *)&address, sizeof address), 0);
}

void node_close(unsigned node)
{
        struct sockaddr_un address = address_make("n%u/qemu.sock", node);
        close(rig.node[node]);
        unlink(address.sun_path);
        rig.node[node] = -1;
}

/* In the child: becomes the switch. */
static void switch_exec(const char *const *arguments, unsigned long file_limit, int output,
                        int errors)
{
        const char *all[ARGUMENTS_MAX] = {switch_program};
        size_t count = 1;
        for (size_t i = 0; i < sizeof basic / sizeof basic[0]; i++)
                all[count++] = basic[i];
        for (; arguments && *arguments; arguments++)
                all[count++] = *arguments;
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(output, STDOUT_FILENO);
        dup2(errors, STDERR_FILENO);
        if (file_limit)
                setrlimit(RLIMIT_FSIZE, &(struct rlimit){file_limit, file_limit});
        execv(switch_program, (char **)all);
        _exit(127);
}

pid_t switch_spawn(const char *const *arguments, unsigned long file_limit, int *output, int *errors)
{
        int out[2], err[2];
        ck_assert_int_eq(pipe(out) | pipe(err), 0);
        pid_t pid = fork();
        ck_assert_int_ge(pid, 0);
        if (pid == 0) {
                setpgid(0, 0);
                switch_exec(arguments, file_limit, out[1], err[1]);
        }
        close(out[1]);
        close(err[1]);
        *output = out[0];
        *errors = err[0];
        return pid;
}

int switch_wait(pid_t pid)
{
        double deadline = clock_ms() + WAIT_MS;
        int status;
        for (;;) {
                pid_t ended = waitpid(pid, &status, WNOHANG);
                if (ended == pid)
                        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
                ck_assert_msg(clock_ms() < deadline, "the switch does not end");
                poll(NULL, 0, 2);
        }
}

int control_connect(void)
{
        struct sockaddr_un address = address_make("switch.ctl", 0);
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        ck_assert_msg(connect(fd, (struct sockaddr *)&address, sizeof address) == 0, "connect: %s",
                      strerror(errno));
        return fd;
}

void rig_start(const char *const *arguments, unsigned long file_limit)
{
        snprintf(rig.directory, sizeof rig.directory, "/tmp/portolan-switch-XXXXXX");
        ck_assert_ptr_nonnull(mkdtemp(rig.directory));
        ck_assert_int_eq(chdir(rig.directory), 0);
        for (unsigned node = 1; node <= NODES; node++) {
                char name[16];
                snprintf(name, sizeof name, "n%u", node);
                ck_assert_int_eq(mkdir(name, 0700), 0);
                strcat(name, "/keylog");
                close(open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
                node_open(node);
        }
        ck_assert_int_eq(mkdir("tftp", 0700), 0);
        rig.pid = switch_spawn(arguments, file_limit, &rig.output, &rig.errors);
        text_expect(rig.output, "ready seed=");
        rig.control = control_connect();
}

void rig_stop(void)
{
        char line[128];
        if (rig.pid > 0) {
                kill(rig.pid, SIGTERM);
                ck_assert_int_eq(switch_wait(rig.pid), 0);
        }
        ck_assert_int_eq(chdir("/"), 0);
        snprintf(line, sizeof line, "rm -rf '%s'", rig.directory);
        ck_assert_int_eq(system(line), 0);
}

const char *command_on(int connection, const char *line)
{
        static char all[OUTPUT_MAX];
        size_t used = 0;
        char bytes[1100];
        int length = snprintf(bytes, sizeof bytes, "%s\n", line);
        ck_assert_int_eq(send(connection, bytes, (size_t)length, MSG_NOSIGNAL), length);
        for (;;) {
                ck_assert_msg(readable(connection, WAIT_MS), "no answer to '%s'", line);
                ssize_t got = read(connection, all + used, 1);
                ck_assert_msg(got == 1, "disconnected at '%s'", line);
                all[++used] = 0;
                if (all[used - 1] != '\n')
                        continue;
                const char *last = memrchr(all, '\n', used - 1);
                last = last ? last + 1 : all;
                if (strcmp(last, "ok\n") == 0 || strncmp(last, "error: ", 7) == 0)
                        return all;
        }
}

const char *command(const char *line)
{
        return command_on(rig.control, line);
}

void frame_send(unsigned from, unsigned to, uint32_t number)
{
        uint8_t frame[60] = {0x52, 0x54,          0,    0,   0, (uint8_t)to, 0x52, 0x54, 0, 0,
                             0,    (uint8_t)from, 0x88, 0xb5};
        struct sockaddr_un address = address_make("n%u/switch.sock", from);
        if (to == 0)
                memset(frame, 0xff, 6);
        memcpy(frame + 14, &number, sizeof number);
        ck_assert_msg(sendto(rig.node[from], frame, sizeof frame, 0, (struct sockaddr *)&address,
                             sizeof address) == sizeof frame,
                      "n%u: %s", from, strerror(errno));
}

bool frame_receive(unsigned node, uint32_t *number, int ms)
{
        uint8_t frame[2048];
        if (!readable(rig.node[node], ms))
                return false;
        ck_assert_int_eq(recv(rig.node[node], frame, sizeof frame, 0), 60);
        memcpy(number, frame + 14, sizeof *number);
        return true;
}

void frame_expect(unsigned node, uint32_t number)
{
        uint32_t got;
        ck_assert_msg(frame_receive(node, &got, WAIT_MS), "n%u gets no frame %u", node, number);
        ck_assert_uint_eq(got, number);
}

void frame_expect_none(unsigned node)
{
        uint32_t got;
        ck_assert_msg(!frame_receive(node, &got, QUIET_MS), "n%u gets a frame", node);
}

unsigned long stat_read(const char *port, const char *key)
{
        char start[32], name[64];
        snprintf(start, sizeof start, "%s ", port);
        snprintf(name, sizeof name, " %s=", key);
        const char *line = command("stats");
        while (line && strncmp(line, start, strlen(start)) != 0)
                line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL;
        const char *at = line ? strstr(line, name) : NULL;
        ck_assert_msg(at, "no %s of %s", key, port);
        return at ? strtoul(at + strlen(name), NULL, 10) : 0;
}
