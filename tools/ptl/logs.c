/* See logs.h. All names are relative to the run directory. The file `up` is the note that the logs
 * are worth keeping. */
#include "tools/ptl/logs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/ptl/names.h"

#define BEFORE  "before"
#define CAME_UP "up"

enum { LOG_PATH = sizeof BEFORE + NODE_FILE };

/* Called with the folder of a log ("" or "n2/") and its name. */
typedef bool log_function(const char *folder, const char *name);

static bool logs_each(log_function *function)
{
        static const char *const cluster_logs[] = {"switch.log", "keeper.log"};
        static const char *const node_logs[] = {"serial.log", "qemu.log"};
        bool good = true;
        for (size_t i = 0; i < sizeof cluster_logs / sizeof *cluster_logs; i++)
                good = function("", cluster_logs[i]) && good;
        for (unsigned n = 1; n <= NODES_MAX; n++)
                for (size_t i = 0; i < sizeof node_logs / sizeof *node_logs; i++) {
                        char folder[NODE_FILE];
                        node_file(n, "", folder);
                        good = function(folder, node_logs[i]) && good;
                }
        return good;
}

static bool is_done(int result)
{
        return result == 0 || errno == ENOENT || errno == ENOTDIR;
}

static bool log_remove(const char *folder, const char *name)
{
        char path[LOG_PATH];
        snprintf(path, sizeof path, "%s%s", folder, name);
        return is_done(unlink(path));
}

static bool kept_remove(const char *folder, const char *name)
{
        char path[LOG_PATH];
        snprintf(path, sizeof path, BEFORE "/%s%s", folder, name);
        return is_done(unlink(path));
}

static bool log_keep(const char *folder, const char *name)
{
        char path[LOG_PATH], kept[LOG_PATH];
        snprintf(path, sizeof path, "%s%s", folder, name);
        snprintf(kept, sizeof kept, BEFORE "/%s", folder);
        if (access(path, F_OK))
                return true;
        if ((mkdir(BEFORE, 0777) && errno != EEXIST) || (mkdir(kept, 0777) && errno != EEXIST))
                return false;
        snprintf(kept, sizeof kept, BEFORE "/%s%s", folder, name);
        return !rename(path, kept);
}

bool logs_turn(unsigned nodes)
{
        bool worth = !access(CAME_UP, F_OK) || access(BEFORE, F_OK);
        if (worth ? !logs_each(kept_remove) || !logs_each(log_keep) : !logs_each(log_remove))
                return false;
        unlink(CAME_UP);
        for (unsigned n = 1; n <= NODES_MAX; n++) {
                char path[LOG_PATH];
                snprintf(path, sizeof path, BEFORE "/n%u", n);
                rmdir(path); /* where nothing of this node is kept */
                if (n > nodes)
                        rmdir(path + sizeof BEFORE);
        }
        return true;
}

void logs_came_up(void)
{
        int note = open(CAME_UP, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
        if (note >= 0)
                close(note);
}
