/* A node's machine is a QEMU in a process group of its own, which may be a script that starts
 * one. */
#include "tools/ptl/keeper_node.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tools/lib/clock.h"
#include "tools/lib/complain.h"
#include "tools/lib/ended.h"
#include "tools/ptl/advice.h"
#include "tools/ptl/child.h"
#include "tools/ptl/copies.h"
#include "tools/ptl/files.h"
#include "tools/ptl/keeper_progress.h"
#include "tools/ptl/keys.h"
#include "tools/ptl/machine.h"

/* Says why a machine cannot be started; returns false. */
__attribute__((format(printf, 2, 3))) static bool refuse(char reason[NODE_REASON],
                                                         const char *format, ...)
{
        va_list values;
        va_start(values, format);
        vsnprintf(reason, NODE_REASON, format, values);
        va_end(values);
        return false;
}

/* Marks a new start in the log, which goes on across restarts, and opens it behind the mark. */
static bool log_open(struct node *node, const char *path)
{
        char mark[64];
        time_t now = time(NULL);
        struct tm local;
        int log = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
        if (log < 0)
                return false;
        size_t length =
            strftime(mark, sizeof mark, "--- power on %F %T\n", localtime_r(&now, &local));
        if (write(log, mark, length) == (ssize_t)length && lseek(log, 0, SEEK_END) >= 0) {
                node->log = log;
                return true;
        }
        int error = errno;
        close(log);
        errno = error;
        return false;
}

/* The folder of a node may be removed while that has no power. */
static bool folder_make(const char *shown, unsigned number, char reason[NODE_REASON])
{
        char name[NODE_NAME];
        node_name(number, name);
        return !mkdir(name, 0777) || errno == EEXIST ||
               refuse(reason, "%s/%s: %s; %s", shown, name, strerror(errno), advice(errno));
}

/* Has the keeper told when the log grows. */
static bool log_follow(struct keeper *keeper, unsigned number, char reason[NODE_REASON])
{
        struct node *node = &keeper->nodes[number];
        char path[NODE_FILE];
        node_file(number, "serial.log", path);
        if (!log_open(node, path))
                return refuse(reason, "%s/%s: %s; %s", keeper->setup.layout->shown, path,
                              strerror(errno), advice(errno));
        node->log_watch = inotify_add_watch(keeper->watch, path, IN_MODIFY);
        return node->log_watch >= 0 ||
               refuse(reason, "%s/%s cannot be followed: %s; %s", keeper->setup.layout->shown, path,
                      strerror(errno),
                      errno == ENOSPC ? "raise the host's fs.inotify.max_user_watches"
                                      : advice(errno));
}

static void log_close(struct keeper *keeper, struct node *node)
{
        if (node->log < 0)
                return;
        inotify_rm_watch(keeper->watch, node->log_watch);
        close(node->log);
        node->log = -1;
}

static bool pid_write(unsigned number, pid_t machine)
{
        char path[NODE_FILE], text[16];
        node_file(number, "pid", path);
        snprintf(text, sizeof text, "%d\n", (int)machine);
        return file_write(path, text);
}

/* What an earlier machine left would only confuse: sockets that nobody serves, and a note that its
 * batch shell is in the middle of a command. */
static void leavings_remove(unsigned number)
{
        char path[NODE_FILE];
        files_machine_remove(number);
        node_file(number, "batch.lock", path);
        if (truncate(path, 0) && errno != ENOENT)
                complain("%s: %s", path, strerror(errno));
}

static bool machine_start(struct keeper *keeper, unsigned number, char reason[NODE_REASON])
{
        static struct arguments arguments; /* large; this process has one thread */
        struct node *node = &keeper->nodes[number];
        const char *shown = keeper->setup.layout->shown;
        char log[NODE_FILE];
        uint64_t entropy;
        if (getrandom(&entropy, sizeof entropy, 0) != sizeof entropy)
                return refuse(reason, "n%u: the host gives no random number", number);
        if (!files_script(keeper->setup.plan, number, entropy))
                return refuse(reason, "%s/" BOOT_FOLDER ": the boot script of n%u: %s; %s", shown,
                              number, strerror(errno), advice(errno));
        if (!folder_make(shown, number, reason) || !log_follow(keeper, number, reason))
                return false;
        if (!seed_make(number))
                return refuse(reason, "%s/n%u/seed: %s; %s", shown, number, strerror(errno),
                              advice(errno));
        machine_arguments(&arguments, keeper->setup.options, keeper->setup.plan,
                          keeper->setup.accelerator, number, entropy);
        node_file(number, "qemu.log", log);
        pid_t machine = child_start(arguments.argv, log);
        if (machine < 0)
                return refuse(reason, "n%u: %s: %s; %s", number, arguments.argv[0], strerror(errno),
                              errno == ENOENT ? "`tools/setup run` installs QEMU" : advice(errno));
        node->machine = machine;
        if (option_has_line(keeper->setup.options, number) &&
            !line_open(&keeper->lines[number], number))
                return refuse(reason, "n%u: its serial line: %s; %s/n%u/qemu.log may say why",
                              number, strerror(errno), shown, number);
        return pid_write(number, machine) ||
               refuse(reason, "%s/n%u/pid: %s; %s", shown, number, strerror(errno), advice(errno));
}

bool node_power_on(struct keeper *keeper, unsigned number, char reason[NODE_REASON])
{
        struct node *node = &keeper->nodes[number];
        leavings_remove(number);
        *node = (struct node){.log = -1, .log_watch = -1, .started = clock_ms()};
        /* A machine that waits for a debugger may take as long as its user does. */
        node->deadline = keeper->setup.options->gdb_node
                             ? INT64_MAX
                             : node->started + keeper->setup.options->timeout * INT64_C(1000);
        if (!machine_start(keeper, number, reason)) {
                node_power_off(keeper, number);
                return false;
        }
        bool waits = number == keeper->setup.options->gdb_node;
        node_reached(keeper, number, STAGE_POWER, waits ? "waits for gdb" : "");
        return true;
}

static void node_off(struct keeper *keeper, unsigned number)
{
        struct node *node = &keeper->nodes[number];
        node->machine = 0;
        node->stage = STAGE_OFF;
        node->up = false;
        node->panic_report = 0;
        log_close(keeper, node);
        line_close(&keeper->lines[number]);
        leavings_remove(number);
}

void node_power_off(struct keeper *keeper, unsigned number)
{
        struct node *node = &keeper->nodes[number];
        if (node->machine) {
                child_kill(node->machine);
                waitpid(node->machine, NULL, 0);
        }
        node_off(keeper, number);
}

void node_ended(struct keeper *keeper, unsigned number, int status)
{
        char end[ENDED_TEXT];
        ended_text(status, end);
        child_kill(keeper->nodes[number].machine); /* what a script has left of it */
        node_log_read(keeper, number);
        if (status)
                node_fail(keeper, number, "QEMU %s", end);
        else
                node_fail(keeper, number, "the machine reset or powered itself off");
        node_off(keeper, number);
}
