/* See owner.h. Looks at the run directory, its folders and what is in these, and no deeper: there
 * is nothing deeper. */
#include "tools/ptl/owner.h"

#include <dirent.h>
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/lib/complain.h"

enum { USER_NAME = 64, FOLDERS = 2 };

static void user_name(uid_t user, char name[USER_NAME])
{
        const struct passwd *entry = getpwuid(user);
        if (entry)
                snprintf(name, USER_NAME, "%s", entry->pw_name);
        else
                snprintf(name, USER_NAME, "user %u", (unsigned)user);
}

/* Whether this user may change it: sockets are connected to and removed by their folder's right. */
static bool is_usable(const char *path, const struct stat *info)
{
        int rights = S_ISDIR(info->st_mode) ? R_OK | W_OK | X_OK : R_OK | W_OK;
        return S_ISLNK(info->st_mode) || !access(path, rights) || errno != EACCES;
}

static bool foreign(const struct layout *layout, const char *path, uid_t user)
{
        char owner[USER_NAME], self[USER_NAME];
        user_name(user, owner);
        user_name(geteuid(), self);
        return complain("%s%s%s belongs to %s, who ran a cluster there; `sudo chown -R %s '%s'` "
                        "makes it yours, PTL_DIR=DIR chooses another run directory",
                        layout->shown, *path ? "/" : "", path, owner, self, layout->shown);
}

static bool is_dot(const char *name)
{
        return !strcmp(name, ".") || !strcmp(name, "..");
}

static bool entries_check(const struct layout *layout, const char *folder, unsigned depth)
{
        char path[PATH_MAX];
        struct dirent *entry;
        struct stat info;
        bool good = true;
        DIR *opened = opendir(folder);
        while (good && opened && (entry = readdir(opened))) {
                if (is_dot(entry->d_name))
                        continue;
                if (snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) >= PATH_MAX ||
                    lstat(path, &info))
                        continue;
                good = is_usable(path, &info) || foreign(layout, path + 2, info.st_uid);
                if (good && S_ISDIR(info.st_mode) && depth > 1)
                        good = entries_check(layout, path, depth - 1);
        }
        if (opened)
                closedir(opened);
        return good;
}

bool owner_check(const struct layout *layout)
{
        struct stat info;
        if (!stat(".", &info) && !is_usable(".", &info))
                return foreign(layout, "", info.st_uid);
        return entries_check(layout, ".", FOLDERS);
}

static bool folder_is_empty(const char *folder)
{
        struct dirent *entry = NULL;
        DIR *opened = opendir(folder);
        if (!opened)
                return false;
        while ((entry = readdir(opened)) && is_dot(entry->d_name))
                ;
        closedir(opened);
        return !entry;
}

/* Where the lock was removed to end a cluster, the log is left. */
bool directory_is_used(void)
{
        return !access(LOCK_FILE, F_OK) || !access("keeper.log", F_OK);
}

/* The lock is the first file of a cluster: of two that begin at once, whoever sees another file of
 * the first sees the lock after it. */
bool directory_check(const struct layout *layout)
{
        return folder_is_empty(".") || directory_is_used() ||
               complain("%s: what lies there is no cluster's, and one would replace files of it; "
                        "PTL_DIR=DIR chooses a new or an empty folder",
                        layout->shown);
}

bool process_foreign(pid_t process)
{
        char path[64], owner[USER_NAME];
        struct stat info;
        snprintf(path, sizeof path, "/proc/%d", (int)process);
        if (stat(path, &info))
                return false;
        user_name(info.st_uid, owner);
        return complain(
            "process %d of the cluster belongs to %s; `sudo %s down`, or %s, can end it",
            (int)process, owner, program_invocation_name, owner);
}
