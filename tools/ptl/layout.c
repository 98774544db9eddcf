/* Finds or makes the run directory, and puts paths together; see layout.h. */
#include "tools/ptl/layout.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/lib/complain.h"
#include "tools/ptl/advice.h"

static bool path_join(char path[PATH_MAX], const char *folder, const char *file)
{
        int length = snprintf(path, PATH_MAX, "%s/%s", folder, file);
        return length < PATH_MAX ||
               complain("%s/%s: the path is too long; the clone must lie less deep", folder, file);
}

bool layout_build(char build[PATH_MAX])
{
        ssize_t length = readlink("/proc/self/exe", build, PATH_MAX - 1);
        if (length <= 0)
                return complain("/proc/self/exe: %s; is /proc mounted?", strerror(errno));
        build[length] = 0;
        *strrchr(build, '/') = 0;
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

/* Where the path leads, as far as it exists. */
static void real_find(const char *path, char real[PATH_MAX])
{
        char part[PATH_MAX], resolved[PATH_MAX], *end;
        strcpy(part, path);
        while (!realpath(part, resolved) && (end = strrchr(part, '/')))
                *end = 0;
        const char *rest = path + strlen(part);
        if (snprintf(real, PATH_MAX, "%s%s", *part ? resolved : "", rest) >= PATH_MAX)
                strcpy(real, path);
}

const char *layout_shown(const struct layout *layout, const char *path)
{
        size_t length = strlen(layout->start);
        bool below = !strncmp(path, layout->start, length) && path[length] == '/';
        return below ? path + length + 1 : path;
}

bool layout_enter(struct layout *layout, bool make, bool *missing)
{
        const char *chosen = getenv("PTL_DIR");
        bool found = getcwd(layout->start, sizeof layout->start);
        *missing = false;
        if (!found)
                return complain("the working directory: %s; change to another", strerror(errno));
        if (!layout_build(layout->build))
                return false;
        if (!(chosen && *chosen ? layout_user_path(layout, chosen, layout->run)
                                : path_join(layout->run, layout->build, "run")))
                return false;
        layout->shown = layout_shown(layout, layout->run);
        if (make && !folders_make(layout->run))
                return complain("%s: %s; %s", layout->run, strerror(errno), advice(errno));
        real_find(layout->run, layout->real);
        if (chdir(layout->run)) {
                *missing = errno == ENOENT;
                return !*missing &&
                       complain("%s: %s; %s", layout->run, strerror(errno), advice(errno));
        }
        return true;
}

bool layout_path(const struct layout *layout, enum place place, const char *file,
                 char path[PATH_MAX])
{
        char folder[PATH_MAX];
        strcpy(folder, layout->build);
        if (place == PLACE_CLONE)
                *strrchr(folder, '/') = 0;
        return path_join(path, folder, file);
}

bool layout_find(const struct layout *layout, enum place place, const char *file,
                 char path[PATH_MAX])
{
        static const char *const next[] = {
            [PLACE_BUILD] = "`make` builds it",
            [PLACE_CLONE] = "it belongs to the clone; `git checkout` brings it back",
        };
        return layout_path(layout, place, file, path) &&
               (!access(path, R_OK) ||
                complain("%s: %s; %s", layout_shown(layout, path), strerror(errno), next[place]));
}

bool layout_user_path(const struct layout *layout, const char *file, char path[PATH_MAX])
{
        if (file[0] != '/')
                return path_join(path, layout->start, file);
        if (strlen(file) >= PATH_MAX)
                return complain("%.40s…: the path is too long; it has at most %d bytes", file,
                                PATH_MAX - 1);
        strcpy(path, file);
        return true;
}
