#include "tools/ptl/layout.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/lib/complain.h"

static bool path_join(char path[PATH_MAX], const char *folder, const char *file)
{
        int length = snprintf(path, PATH_MAX, "%s/%s", folder, file);
        return length < PATH_MAX || complain("%s/%s: the path is too long", folder, file);
}

/* The folder of the running program. */
static bool build_find(struct layout *layout)
{
        ssize_t length = readlink("/proc/self/exe", layout->build, sizeof layout->build - 1);
        if (length <= 0)
                return complain("/proc/self/exe: %s; is /proc mounted?", strerror(errno));
        layout->build[length] = 0;
        *strrchr(layout->build, '/') = 0;
        return true;
}

/* mkdir -p */
static bool folders_make(const char *path)
{
        char part[PATH_MAX];
        for (size_t i = 1; i <= strlen(path); i++) {
                if (path[i] && path[i] != '/')
                        continue;
                memcpy(part, path, i);
                part[i] = 0;
                if (mkdir(part, 0777) && errno != EEXIST)
                        return false;
        }
        return true;
}

bool layout_enter(struct layout *layout, bool make, bool *missing)
{
        const char *chosen = getenv("PTL_DIR");
        bool found = getcwd(layout->start, sizeof layout->start);
        *missing = false;
        if (!found)
                return complain("the working directory: %s", strerror(errno));
        if (!build_find(layout))
                return false;
        if (!(chosen && *chosen ? layout_user_path(layout, chosen, layout->run)
                                : path_join(layout->run, layout->build, "run")))
                return false;
        size_t length = strlen(layout->start);
        layout->shown = layout->run;
        if (!strncmp(layout->run, layout->start, length) && layout->run[length] == '/')
                layout->shown += length + 1;
        if (make && !folders_make(layout->run))
                return complain("%s: %s; PTL_DIR=DIR chooses another run directory", layout->run,
                                strerror(errno));
        if (chdir(layout->run)) {
                *missing = errno == ENOENT;
                return *missing ? false : complain("%s: %s", layout->run, strerror(errno));
        }
        return true;
}

bool layout_built(const struct layout *layout, const char *file, char path[PATH_MAX])
{
        char joined[PATH_MAX];
        if (!path_join(joined, layout->build, file))
                return false;
        /* Without the `..` that leads to the sources: it ends up in messages. */
        return (realpath(joined, path) && !access(path, R_OK)) ||
               complain("%s: %s; `make` builds it", joined, strerror(errno));
}

bool layout_user_path(const struct layout *layout, const char *file, char path[PATH_MAX])
{
        if (file[0] != '/')
                return path_join(path, layout->start, file);
        if (strlen(file) >= PATH_MAX)
                return complain("%s: the path is too long", file);
        strcpy(path, file);
        return true;
}
