/* Reads what the node's console says, line by line, and what the switch says of it. Where it fails,
 * the user is shown where it was last heard of. */
#include "tools/ptl/keeper_progress.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tools/lib/clock.h"
#include "tools/ptl/keeper_client.h"
#include "tools/ptl/screen.h"

enum { PANIC_GRACE_MS = 500 };

static double seconds_since(int64_t then)
{
        return (double)(clock_ms() - then) / 1000;
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
void node_fail(struct keeper *keeper, unsigned number, const char *format, ...)
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

static bool all_powered(const struct keeper *keeper)
{
        for (unsigned n = 1; n <= keeper->setup.options->nodes; n++)
                if (!keeper->nodes[n].machine)
                        return false;
        return true;
}

/* Whether its file server has yet to say that it serves what it was given. */
static bool files_wanting(const struct keeper *keeper, unsigned number)
{
        return keeper->setup.plan->files[number] && !keeper->nodes[number].files;
}

/* Whether the node is as far as it should be: it serves its files and knows all others. It says the
 * latter only once it knows every one of them, so while one of them has no power its shell must do.
 */
static bool node_complete(const struct keeper *keeper, unsigned number)
{
        const struct node *node = &keeper->nodes[number];
        char name[NODE_NAME];
        if (node->stage < STAGE_SHELL || files_wanting(keeper, number))
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
        if (node_is_ready(keeper, number))
                keeper->nodes[number].up = true;
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
        else if (stage_is_failure(line, &text) && !node->up && !node->failed)
                node_fail(keeper, number, "%s", text);
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
                node_fail(keeper, number, "%s did not come up within %u s",
                          node->stage >= STAGE_SHELL && files_wanting(keeper, number)
                              ? "its file server"
                              : "it",
                          keeper->setup.options->timeout);
}
