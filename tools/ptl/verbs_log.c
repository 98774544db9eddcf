/* `ptl log`: what nodes' consoles have said, or go on to say. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "servers/common/name.h"
#include "tools/lib/complain.h"
#include "tools/lib/socket.h"
#include "tools/ptl/advice.h"
#include "tools/ptl/cluster.h"
#include "tools/ptl/names.h"
#include "tools/ptl/shown.h"
#include "tools/ptl/source.h"
#include "tools/ptl/verbs.h"

enum { FOLLOW_MS = 100 };

/* What is wanted of the logs. */
struct wanted {
        unsigned node;                    /* 0: of all */
        char component[NAME_LONGEST + 1]; /* "": of all */
        bool follow;
};

/* One node's log, read up to what has been shown. */
struct followed {
        FILE *file; /* NULL: there is none yet */
        char *line; /* the beginning of one whose end has not come */
        size_t room, length;
};

/* ---- lines -------------------------------------------------------------------------------------
 */

/* The line without the time in front of it: "[1.464] fs: ...". */
static const char *behind_time(const char *line)
{
        const char *end = *line == '[' ? strstr(line, "] ") : NULL;
        return end ? end + 2 : line;
}

static bool begins(const char *line, const char *word, size_t length, const char *behind)
{
        return !strncmp(line, word, length) && line[length] && strchr(behind, line[length]);
}

/* Whether a line is the component's own, or what init says of it. */
static bool is_of(const char *line, const char *component)
{
        static const char supervisor[] = "init: ";
        size_t length = strlen(component);
        line = behind_time(line);
        return begins(line, component, length, ":") ||
               (!strncmp(line, supervisor, sizeof supervisor - 1) &&
                begins(line + sizeof supervisor - 1, component, length, ": "));
}

/* A line with where it is in the source, before what ends it. */
static void line_print(const char *line, size_t count)
{
        size_t text = count;
        while (text > 0 && (line[text - 1] == '\n' || line[text - 1] == '\r'))
                text--;
        const char *place = text < count ? source_here(line) : "";
        shown_write(NULL, line, text);
        shown_write(NULL, place, strlen(place));
        shown_write(NULL, line + text, count - text);
}

static void line_show(const struct wanted *wanted, unsigned node, const char *line, size_t count)
{
        char name[NODE_NAME + 2];
        if (*wanted->component && !is_of(line, wanted->component))
                return;
        if (!wanted->node) {
                node_name(node, name);
                strcat(name, " ");
                shown_write(NULL, name, strlen(name));
        }
        line_print(line, count);
}

/* ---- logs --------------------------------------------------------------------------------------
 */

/* Shows what has come since. A line that is not at its end waits for that, unless it is the last
 * that is wanted. */
static void log_show(const struct wanted *wanted, unsigned node, struct followed *log)
{
        char *part = NULL;
        size_t room = 0;
        ssize_t count;
        clearerr(log->file);
        while ((count = getline(&part, &room, log->file)) > 0) {
                size_t whole = log->length + (size_t)count;
                if (whole + 1 > log->room) {
                        log->room = whole + 1;
                        log->line = realloc(log->line, log->room);
                        if (!log->line)
                                abort();
                }
                memcpy(log->line + log->length, part, (size_t)count + 1);
                log->length = whole;
                if (wanted->follow && part[count - 1] != '\n')
                        break;
                line_show(wanted, node, log->line, log->length);
                log->length = 0;
        }
        free(part);
        shown_end();
}

static bool log_open(struct followed *log, unsigned node)
{
        char path[NODE_FILE];
        node_file(node, "serial.log", path);
        log->file = fopen(path, "re");
        return log->file;
}

static int log_missing(const struct layout *layout, unsigned node)
{
        char path[NODE_FILE];
        node_file(node, "serial.log", path);
        complain("%s/%s: %s; %s", layout->shown, path, strerror(errno),
                 errno == ENOENT ? "there is no such node, or it never had power" : advice(errno));
        return EXIT_FAILED;
}

static bool cluster_lives(void)
{
        int fd = socket_connect(CONTROL_SOCKET);
        if (fd >= 0)
                close(fd);
        return fd >= 0;
}

/* Until a signal comes, or the cluster ends. */
static int logs_follow(const struct wanted *wanted)
{
        static struct followed logs[NODES_MAX + 1];
        struct pollfd wait = {.fd = signals_take(), .events = POLLIN};
        bool last = false;
        if (wait.fd < 0)
                return EXIT_FAILED;
        while (!last) {
                last = !cluster_lives(); /* what it said before is shown */
                for (unsigned n = 1; n <= NODES_MAX; n++) {
                        if (wanted->node && wanted->node != n)
                                continue;
                        if (logs[n].file || log_open(&logs[n], n))
                                log_show(wanted, n, &logs[n]);
                }
                if (!last && poll(&wait, 1, FOLLOW_MS) > 0)
                        return EXIT_INTERRUPTED;
        }
        return EXIT_OK;
}

/* ---- the verb ----------------------------------------------------------------------------------
 */

/* NODE, or NODE/COMPONENT. */
static bool place_read(char *place, struct wanted *wanted)
{
        char *component = strchr(place, '/');
        if (component)
                *component = 0;
        if (component && !node_number(place)) {
                *component = '/'; /* nothing of it is a node's name */
        } else if (component) {
                component++;
                if (!is_name(component, strlen(component), NAME_LONGEST))
                        return complain("%s: not a component's name; `ptl on %s ps` lists them",
                                        component, place);
                strcpy(wanted->component, component);
        }
        wanted->node = node_argument(place);
        return wanted->node;
}

int verb_log(int argc, char **argv)
{
        struct layout layout;
        struct wanted wanted = {.follow = argc > 1 && !strcmp(argv[1], "-f")};
        struct followed log = {0};
        char **place = argv + 1 + wanted.follow;
        if (*place && place[1]) {
                complain("usage: ptl log [-f] NODE[/COMPONENT], or ptl log -f");
                return EXIT_USAGE;
        }
        if (*place && !place_read(*place, &wanted))
                return EXIT_USAGE;
        if (!cluster_enter(&layout))
                return EXIT_FAILED;
        if (wanted.node && !log_open(&log, wanted.node))
                return log_missing(&layout, wanted.node);
        if (!wanted.follow)
                log_show(&wanted, wanted.node, &log);
        if (log.file)
                fclose(log.file);
        free(log.line);
        return wanted.follow ? logs_follow(&wanted) : EXIT_OK;
}
