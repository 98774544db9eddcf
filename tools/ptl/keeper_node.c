#include "tools/ptl/keeper_state.h"

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
#include "tools/ptl/child.h"
#include "tools/ptl/files.h"
#include "tools/ptl/machine.h"
#include "tools/ptl/screen.h"

enum { PANIC_GRACE_MS = 500 };

static double seconds_since(int64_t then)
{
        return (double)(clock_ms() - then) / 1000;
}

/* Marks a new start in the log, which goes on across restarts, and opens it behind the mark. */
static bool log_open(struct keeper *keeper, unsigned number)
{
        struct node *node = &keeper->nodes[number];
        char path[NODE_FILE], mark[64];
        time_t now = time(NULL);
        struct tm local;
        node_file(number, "serial.log", path);
        int log = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
        if (log < 0)
                return false;
        size_t length =
            strftime(mark, sizeof mark, "--- power on %F %T\n", localtime_r(&now, &local));
        if (write(log, mark, length) != (ssize_t)length || lseek(log, 0, SEEK_END) < 0) {
                close(log);
                return false;
        }
        node->log = log;
        node->log_watch = inotify_add_watch(keeper->watch, path, IN_MODIFY);
        return node->log_watch >= 0;
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
        static const char *const names[] = {"pid",      "shell.sock", "batch.sock",
                                            "qmp.sock", "gdb.sock",   "qemu.sock"};
        char path[NODE_FILE];
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
                node_file(number, names[i], path);
                unlink(path);
        }
        node_file(number, "batch.lock", path);
        if (truncate(path, 0) && errno != ENOENT)
                complain("%s: %s", path, strerror(errno));
}

static bool machine_start(struct keeper *keeper, unsigned number)
{
        static struct arguments arguments; /* large; this process has one thread */
        struct node *node = &keeper->nodes[number];
        const struct options *options = keeper->setup.options;
        char log[NODE_FILE];
        uint64_t entropy;
        if (getrandom(&entropy, sizeof entropy, 0) != sizeof entropy)
                return complain("n%u: the host gives no random number", number);
        if (!files_script(keeper->setup.plan, number, entropy))
                return complain("n%u: its boot script: %s; is the disk full?", number,
                                strerror(errno));
        if (!log_open(keeper, number))
                return complain("n%u: its log: %s; is the disk full?", number, strerror(errno));
        machine_arguments(&arguments, options, keeper->setup.plan, keeper->setup.accelerator,
                          number, entropy);
        node_file(number, "qemu.log", log);
        pid_t machine = child_start(arguments.argv, log);
        if (machine < 0)
                return complain("n%u: %s: %s; `tools/setup run` installs QEMU", number,
                                arguments.argv[0], strerror(errno));
        node->machine = machine;
        return pid_write(number, machine) ||
               complain("n%u: its process id: %s", number, strerror(errno));
}

bool node_power_on(struct keeper *keeper, unsigned number)
{
        struct node *node = &keeper->nodes[number];
        leavings_remove(number);
        *node = (struct node){.log = -1, .started = clock_ms()};
        /* A machine that waits for a debugger may take as long as its user does. */
        node->deadline = keeper->setup.options->gdb_node
                             ? INT64_MAX
                             : node->started + keeper->setup.options->timeout * INT64_C(1000);
        if (!machine_start(keeper, number)) {
                log_close(keeper, node);
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
        leavings_remove(number);
}

void node_power_off(struct keeper *keeper, unsigned number)
{
        struct node *node = &keeper->nodes[number];
        if (node->machine) {
                kill(node->machine, SIGKILL);
                waitpid(node->machine, NULL, 0);
        }
        node_off(keeper, number);
}

/* The last lines of a file. */
static void file_tail(const char *path, struct tail *tail)
{
        char line[LINE_MAX_BYTES];
        FILE *file = fopen(path, "re");
        if (!file)
                return;
        while (fgets(line, sizeof line, file)) {
                line[strcspn(line, "\n")] = 0;
                tail_add(tail, line);
        }
        fclose(file);
}

/* Shows where a node was last heard of: its console or, before it has one, what QEMU said or else
 * what stands on its screen. */
static void node_show(struct keeper *keeper, unsigned number)
{
        struct tail other = {.count = 0};
        const struct tail *tail = &keeper->nodes[number].tail;
        const char *where = "its console (serial.log)";
        char path[NODE_FILE];
        if (tail_count(tail) == 0) {
                tail = &other;
                where = "qemu.log";
                node_file(number, where, path);
                file_tail(path, &other);
        }
        if (tail_count(tail) == 0 && keeper->nodes[number].machine) {
                where = "its screen";
                screen_read(number, &other);
        }
        if (tail_count(tail) == 0) {
                clients_tell(keeper, ": n%u    it has said nothing", number);
                return;
        }
        clients_tell(keeper, ": n%u    the last lines of %s, in %s/n%u:", number, where,
                     keeper->setup.layout->shown, number);
        for (unsigned i = 0; i < tail_count(tail); i++)
                clients_tell(keeper, ": n%u    | %s", number, tail_line(tail, i));
}

/* Tells that a node stopped or will not come up, once. */
__attribute__((format(printf, 3, 4))) static void node_fail(struct keeper *keeper, unsigned number,
                                                            const char *format, ...)
{
        struct node *node = &keeper->nodes[number];
        char why[256];
        va_list values;
        va_start(values, format);
        vsnprintf(why, sizeof why, format, values);
        va_end(values);
        clients_tell(keeper, ": n%u %5.1f s  FAILED at stage %s: %s", number,
                     seconds_since(node->started), stage_name(node->stage), why);
        node_show(keeper, number);
        clients_tell(keeper, "failed n%u", number);
        node->failed = true;
}

void node_ended(struct keeper *keeper, unsigned number, int status)
{
        node_log_read(keeper, number);
        if (WIFSIGNALED(status))
                node_fail(keeper, number, "QEMU was ended by signal %d", WTERMSIG(status));
        else if (WEXITSTATUS(status))
                node_fail(keeper, number, "QEMU ended with status %d", WEXITSTATUS(status));
        else
                node_fail(keeper, number, "the machine reset or powered itself off");
        node_off(keeper, number);
        clients_settle(keeper);
}

static bool all_powered(const struct keeper *keeper)
{
        for (unsigned n = 1; n <= keeper->setup.options->nodes; n++)
                if (!keeper->nodes[n].machine)
                        return false;
        return true;
}

/* Whether the node is as far as it should be: it serves its files and knows all others. It says the
 * latter only once it knows every one of them, so while one of them has no power its shell must do.
 */
static bool node_complete(const struct keeper *keeper, unsigned number)
{
        const struct node *node = &keeper->nodes[number];
        char name[NODE_NAME];
        if (node->stage < STAGE_SHELL || (keeper->setup.plan->files[number] && !node->files))
                return false;
        if (!all_powered(keeper))
                return true;
        for (unsigned n = 1; n <= keeper->setup.options->nodes; n++) {
                node_name(n, name);
                if (n != number && !stage_peers_include(node->peers, name))
                        return false;
        }
        return true;
}

static bool node_is_ready(const struct keeper *keeper, unsigned number)
{
        const struct node *node = &keeper->nodes[number];
        return !node->up && !node->failed && node_complete(keeper, number);
}

static void node_settle(struct keeper *keeper, unsigned number)
{
        if (!node_is_ready(keeper, number))
                return;
        keeper->nodes[number].up = true;
        clients_settle(keeper);
}

/* Compares what the node's file server serves with what it was given. */
static void files_reached(struct keeper *keeper, unsigned number, const char *served)
{
        const struct boot_plan *plan = keeper->setup.plan;
        struct node *node = &keeper->nodes[number];
        char all[64];
        snprintf(all, sizeof all, "%lu of %lu", plan->packed, plan->packed);
        node->files = !strcmp(served, all);
        if (!node->files && !node->failed)
                node_fail(keeper, number,
                          "/fs was given %lu files, folders and links, and serves %s; "
                          "the lines `fs: not served` of its log name what is missing",
                          plan->packed, served);
        if (!node->files)
                return;
        clients_tell(keeper, ": n%u %5.1f s  files %s", number, seconds_since(node->started),
                     served);
        node_settle(keeper, number);
}

static void log_line(void *context, char *line)
{
        struct keeper *keeper = ((void **)context)[0];
        struct node *node = ((void **)context)[1];
        unsigned number = (unsigned)(node - keeper->nodes);
        enum stage stage;
        const char *text;
        tail_add(&node->tail, line);
        if (stage_of_log(line, &stage, &text))
                node_reached(keeper, number, stage, text);
        else if (keeper->setup.plan->files[number] && stage_of_files(line, &text))
                files_reached(keeper, number, text);
        else if (stage_is_panic(line) && !node->panic_report)
                node->panic_report = clock_ms() + PANIC_GRACE_MS;
        else if (stage_is_failure(line, &text) && !node->up && !node->failed) {
                node_fail(keeper, number, "%s", text);
                clients_settle(keeper);
        }
}

void node_log_read(struct keeper *keeper, unsigned number)
{
        struct node *node = &keeper->nodes[number];
        void *context[] = {keeper, node};
        char bytes[4096];
        ssize_t count;
        while (node->log >= 0 && (count = read(node->log, bytes, sizeof bytes)) > 0)
                line_feed(&node->lines, bytes, (size_t)count, log_line, context);
}

void node_reached(struct keeper *keeper, unsigned number, enum stage stage, const char *text)
{
        struct node *node = &keeper->nodes[number];
        /* After its kernel has begun, what comes from the switch is only a late event. */
        if (!node->machine || stage < node->stage)
                return;
        bool further = stage > node->stage;
        node->stage = stage;
        if (stage == STAGE_JOINED)
                snprintf(node->peers, sizeof node->peers, "%s", text);
        if (further || node_is_ready(keeper, number))
                clients_tell(keeper, ": n%u %5.1f s  %s%s%s", number, seconds_since(node->started),
                             stage_name(stage), *text ? " " : "", text);
        node_settle(keeper, number);
}

int64_t node_next_check(const struct keeper *keeper, unsigned number)
{
        const struct node *node = &keeper->nodes[number];
        if (!node->machine || node->failed)
                return INT64_MAX;
        if (node->panic_report)
                return node->panic_report;
        return node->up ? INT64_MAX : node->deadline;
}

void node_check(struct keeper *keeper, unsigned number)
{
        struct node *node = &keeper->nodes[number];
        if (node_next_check(keeper, number) > clock_ms())
                return;
        node_log_read(keeper, number);
        if (node->panic_report)
                node_fail(keeper, number, "its kernel panicked");
        else
                node_fail(keeper, number, "it did not come up within %u s",
                          keeper->setup.options->timeout);
        clients_settle(keeper);
}
