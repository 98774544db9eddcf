/* The current folder; see folder.h. */
#include "servers/shell/folder.h"

#include <assert.h>
#include <string.h>

static char current[FS_PATH_MAX] = "/";

const char *folder_current(void)
{
        return current;
}

void folder_change(const char *path)
{
        assert(path[0] == '/' && strlen(path) < sizeof current);
        memmove(current, path, strlen(path) + 1);
}

static bool is_name(const char *part, size_t length, const char *name)
{
        return length == strlen(name) && memcmp(part, name, length) == 0;
}

/* Takes the path's first part with the slashes behind it; *length is without them. */
static const char *part_take(const char **path, size_t *length)
{
        const char *part = *path;
        *length = strcspn(part, "/");
        *path = part + *length + strspn(part + *length, "/");
        return part;
}

/* Adds a part to a path whose end `full[end]` is: "" is the top. False: no room. */
static bool part_add(char full[FS_PATH_MAX], size_t *end, const char *part, size_t length)
{
        if (length + 2 > FS_PATH_MAX - *end)
                return false;
        full[(*end)++] = '/';
        memcpy(full + *end, part, length);
        *end += length;
        full[*end] = 0;
        return true;
}

static void part_drop(char full[FS_PATH_MAX], size_t *end)
{
        while (*end > 0 && full[--*end] != '/')
                ;
        full[*end] = 0;
}

/* The current folder as part_add() continues it; "" for a path from the top. Returns its end. */
static size_t begin(const char *path, char full[FS_PATH_MAX])
{
        size_t end = *path == '/' || !current[1] ? 0 : strlen(current);
        memcpy(full, current, end);
        full[end] = 0;
        return end;
}

/* An empty path stays what it is: nothing. */
bool folder_path(const char *path, char full[FS_PATH_MAX])
{
        size_t end, length;
        if (*path == '/' || !*path) {
                bool fits = strlen(path) < FS_PATH_MAX;
                if (fits)
                        strcpy(full, path);
                return fits;
        }
        end = begin(path, full);
        while (*path) {
                const char *rest = path, *part = part_take(&rest, &length);
                if (is_name(part, length, ".."))
                        part_drop(full, &end);
                else if (!is_name(part, length, "."))
                        break;
                path = rest;
        }
        if (*path || end == 0)
                return part_add(full, &end, path, strlen(path));
        return true;
}

bool folder_normal(const char *path, char full[FS_PATH_MAX])
{
        size_t end = begin(path, full), length;
        bool fits = true;
        path += strspn(path, "/");
        while (*path && fits) {
                const char *part = part_take(&path, &length);
                if (is_name(part, length, ".."))
                        part_drop(full, &end);
                else if (!is_name(part, length, "."))
                        fits = part_add(full, &end, part, length);
        }
        if (end == 0)
                strcpy(full, "/");
        return fits;
}
