/* Folders that are open, and the current one: what they are stays the same whatever bears their
 * name by then, and wherever they are. The first argument says what it does, the second is a folder
 * for its files; it ends with 0, or says what was not as expected. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/programs/expect.h"

enum { HERE = AT_FDCWD, HELD = 9, NO_REPLACE = 1, EXCHANGE = 2 /* rename(2) */ };

static const char *top; /* the folder of all that is made here */

static int fails(long result, int error)
{
        return result == -1 && errno == error;
}

static long renames(int from_folder, const char *from, int to_folder, const char *to, int how)
{
        return syscall(SYS_renameat2, from_folder, from, to_folder, to, how);
}

static void file_put(int folder, const char *name, const char *text)
{
        int file = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL, 0644);
        EXPECT(file >= 0 && write(file, text, strlen(text)) == (ssize_t)strlen(text));
        EXPECT(close(file) == 0);
}

static int has(int folder, const char *name, const char *text)
{
        char found[64] = "";
        int file = openat(folder, name, O_RDONLY);
        if (file < 0 || read(file, found, sizeof found - 1) < 0)
                return 0;
        close(file);
        return strcmp(found, text) == 0;
}

static int is_there(int folder, const char *name)
{
        struct stat status;
        return fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0;
}

static ino_t number_of(int folder, const char *name)
{
        struct stat status;
        EXPECT(fstatat(folder, name, &status, 0) == 0);
        return status.st_ino;
}

static int folder_open(const char *name)
{
        int folder = open(name, O_RDONLY | O_DIRECTORY);
        EXPECT(folder >= 0);
        return folder;
}

/* Done by another process, from `top`. */
static void others(void (*what)(void))
{
        int status;
        pid_t child = fork();
        if (child == 0) {
                EXPECT(chdir(top) == 0);
                what();
                _exit(0);
        }
        EXPECT(waitpid(child, &status, 0) == child && status == 0);
}

static void swap(void)
{
        EXPECT(rename("d", "moved") == 0 && symlink("victim", "d") == 0);
}

static void swap_back(void)
{
        EXPECT(unlink("d") == 0 && rename("moved", "d") == 0);
}

static void move_in(void)
{
        EXPECT(rename("moved", "victim/inner") == 0);
}

static void remove_inner(void)
{
        EXPECT(rmdir("victim/inner") == 0);
}

/* ---- the calls that name a folder ------------------------------------------------------------ */

static void names_go_with_the_folder(int d, int victim)
{
        const struct timespec times[2] = {{.tv_sec = 5}, {.tv_sec = 6}};
        struct stat status;
        char target[16];
        EXPECT(has(d, "secret", "mine") && has(HERE, "d/secret", "other"));
        EXPECT(unlinkat(d, "secret", 0) == 0 && !is_there(d, "secret"));
        EXPECT(has(victim, "secret", "other"));
        file_put(d, "new", "new");
        EXPECT(has(HERE, "moved/new", "new") && !is_there(victim, "new"));
        EXPECT(mkdirat(d, "sub", 0755) == 0 && is_there(HERE, "moved/sub"));
        EXPECT(unlinkat(d, "sub", AT_REMOVEDIR) == 0 && !is_there(HERE, "moved/sub"));
        EXPECT(symlinkat("new", d, "link") == 0 && has(HERE, "moved/link", "new"));
        EXPECT(readlinkat(d, "link", target, sizeof target) == 3);
        EXPECT(fails(openat(d, "link", O_RDONLY | O_NOFOLLOW), ELOOP));
        EXPECT(fchmodat(d, "new", 0600, 0) == 0 && utimensat(d, "new", times, 0) == 0);
        EXPECT(stat("moved/new", &status) == 0 && (status.st_mode & 0777) == 0600);
        EXPECT(status.st_mtime == 6 && faccessat(d, "new", F_OK, 0) == 0);
        EXPECT(!is_there(victim, "link") && unlinkat(d, "link", 0) == 0);
}

static void two_folders(int d, int victim)
{
        char outside[PATH_MAX];
        snprintf(outside, sizeof outside, "%s/outside", top);
        EXPECT(linkat(d, "new", victim, "linked", 0) == 0 && has(HERE, "victim/linked", "new"));
        EXPECT(renameat(d, "new", HERE, "out") == 0 && has(HERE, "out", "new"));
        EXPECT(renameat(HERE, "out", d, "in") == 0 && has(HERE, "moved/in", "new"));
        EXPECT(renameat(d, "in", HERE, outside) == 0 && has(HERE, "outside", "new"));
        EXPECT(linkat(HERE, outside, d, "in", 0) == 0 && unlink(outside) == 0);
        EXPECT(renames(d, "in", victim, "linked", NO_REPLACE) == -1 && errno == EEXIST);
        EXPECT(renames(d, "in", victim, "secret", EXCHANGE) == 0);
        EXPECT(has(d, "in", "other") && has(victim, "secret", "new"));
        EXPECT(renames(victim, "secret", d, "in", EXCHANGE) == 0);
        EXPECT(renameat(d, "in", d, "again") == 0 && has(d, "again", "new"));
        EXPECT(fails(renameat(d, "again", HERE, "/dev/again"), EXDEV));
        EXPECT(unlinkat(d, "again", 0) == 0 && unlinkat(victim, "linked", 0) == 0);
}

static int entries_of(int folder)
{
        int count = 0;
        DIR *names = fdopendir(dup(folder));
        EXPECT(names);
        rewinddir(names);
        while (readdir(names))
                count++;
        closedir(names);
        return count - 2;
}

/* A folder without a name is empty, and stays so. */
static void removed(int d)
{
        EXPECT(fails(openat(d, "x", O_WRONLY | O_CREAT, 0644), ENOENT));
        EXPECT(fails(mkdirat(d, "x", 0755), ENOENT) && fails(symlinkat("x", d, "x"), ENOENT));
        EXPECT(fails(linkat(HERE, "victim/secret", d, "x", 0), ENOENT));
        EXPECT(fails(renameat(HERE, "victim/secret", d, "x"), ENOENT));
        EXPECT(entries_of(d) <= 0 && is_there(d, ".") && has(HERE, "victim/secret", "other"));
}

static void held(void)
{
        EXPECT(mkdir("d", 0755) == 0 && mkdir("victim", 0755) == 0);
        file_put(HERE, "d/secret", "mine");
        file_put(HERE, "victim/secret", "other");
        int d = folder_open("d"), victim = folder_open("victim");
        others(swap);
        names_go_with_the_folder(d, victim);
        two_folders(d, victim);
        file_put(d, "one", "1");
        EXPECT(entries_of(d) == 1 && entries_of(victim) == 1);
        EXPECT(number_of(d, "..") == number_of(HERE, "."));
        others(move_in);
        EXPECT(has(d, "one", "1") && number_of(d, "..") == number_of(victim, "."));
        EXPECT(unlinkat(d, "one", 0) == 0);
        others(remove_inner);
        removed(d);
        EXPECT(close(d) == 0 && close(victim) == 0);
        EXPECT(unlink("victim/secret") == 0 && unlink("d") == 0 && rmdir("victim") == 0);
}

/* ---- the current folder ---------------------------------------------------------------------- */

/* Whether the current folder is that one of `top`. */
static int is_at(const char *name)
{
        char whole[PATH_MAX], said[PATH_MAX] = "";
        snprintf(whole, sizeof whole, "%s%s", top, name);
        return getcwd(said, sizeof said) && strcmp(said, whole) == 0;
}

static void links_are_left_physically(void)
{
        EXPECT(mkdir("real", 0755) == 0 && mkdir("real/sub", 0755) == 0);
        EXPECT(symlink("real/sub", "link") == 0);
        EXPECT(chdir("link") == 0 && is_at("/real/sub"));
        EXPECT(chdir("..") == 0 && is_at("/real") && chdir(top) == 0 && is_at(""));
        EXPECT(chdir("link/..") == 0 && is_at("/real") && chdir("sub/../..") == 0 && is_at(""));
        EXPECT(chdir("./real/./sub/") == 0 && is_at("/real/sub") && chdir("../..") == 0);
        int sub = folder_open("link");
        EXPECT(fchdir(sub) == 0 && is_at("/real/sub") && chdir(top) == 0 && close(sub) == 0);
        EXPECT(unlink("link") == 0 && rmdir("real/sub") == 0 && rmdir("real") == 0);
}

static void remove_moved(void)
{
        EXPECT(unlink("moved/there") == 0 && unlink("moved/secret") == 0 && rmdir("moved") == 0);
        EXPECT(unlink("d") == 0 && mkdir("d", 0755) == 0);
}

static void current(void)
{
        char said[PATH_MAX];
        struct stat status;
        links_are_left_physically();
        EXPECT(mkdir("d", 0755) == 0 && mkdir("victim", 0755) == 0);
        file_put(HERE, "d/secret", "mine");
        file_put(HERE, "file", "");
        EXPECT(fails(chdir("file"), ENOTDIR) && fails(chdir("none"), ENOENT) && is_at(""));
        EXPECT(chdir("d") == 0);
        others(swap);
        EXPECT(is_at("/moved") && has(HERE, "secret", "mine"));
        file_put(HERE, "there", "1");
        EXPECT(is_there(HERE, "../moved/there") && !is_there(HERE, "../victim/there"));
        others(remove_moved);
        EXPECT(fails(getcwd(said, sizeof said) ? 0 : -1, ENOENT));
        EXPECT(fails(open("x", O_WRONLY | O_CREAT, 0644), ENOENT) && fails(chdir("x"), ENOENT));
        EXPECT(stat(".", &status) == 0 && S_ISDIR(status.st_mode));
        EXPECT(chdir(top) == 0 && is_at("") && rmdir("d") == 0 && rmdir("victim") == 0);
        EXPECT(unlink("file") == 0 && chdir("/") == 0 && is_there(HERE, "fs/bin"));
        EXPECT(getcwd(said, sizeof said) && strcmp(said, "/") == 0 && chdir("fs/..") == 0);
        EXPECT(chdir("/dev") == 0 && is_there(HERE, "null") && is_there(HERE, "../fs/bin"));
        EXPECT(chdir("/fs") == 0 && is_there(HERE, "tmp/.") && chdir(top) == 0);
}

/* ---- what begins with them ------------------------------------------------------------------- */

/* In a program that was run: the same folders under other names; in one that has lost its own. */
static void begun(void)
{
        EXPECT(is_at("/moved") && has(HERE, "secret", "mine") && has(HELD, "secret", "mine"));
        EXPECT(!is_there(HERE, "other") && is_there(HERE, "../victim/other"));
        exit(45);
}

static void lost(void)
{
        char said[PATH_MAX];
        EXPECT(!getcwd(said, sizeof said) && errno == ENOENT && !is_there(HERE, "secret"));
        exit(45);
}

static void runs(const char *what)
{
        int status;
        pid_t child = fork();
        if (child == 0) {
                execl("/proc/self/exe", "folders", what, top, "begun", NULL);
                _exit(1);
        }
        EXPECT(waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 45);
}

static void inherited(void)
{
        EXPECT(mkdir("d", 0755) == 0 && mkdir("victim", 0755) == 0);
        file_put(HERE, "d/secret", "mine");
        file_put(HERE, "victim/other", "other");
        int d = folder_open("d");
        EXPECT(dup2(d, HELD) == HELD && close(d) == 0 && chdir("d") == 0);
        others(swap);
        runs("begun");
        others(swap_back);
        EXPECT(is_at("/d") && unlink("secret") == 0 && close(HELD) == 0 && rmdir("../d") == 0);
        runs("lost");
        EXPECT(chdir(top) == 0 && unlink("victim/other") == 0 && rmdir("victim") == 0);
}

/* ---- the server's death ---------------------------------------------------------------------- */

/* It dies when `mark-folders` is there, which goes with it: a folder of the boot archive's is open
 * all the same, and so is the current one; one that was made is not. */
static void outlives(void)
{
        const struct timespec soon = {.tv_nsec = 20000000};
        int known = folder_open("/fs/bin"), made = folder_open(".");
        EXPECT(chdir("/fs/bin") == 0 && is_there(HERE, "folders-musl"));
        file_put(HERE, "/fs/tmp/mark-folders", "");
        while (access("/fs/tmp/mark-folders", F_OK) == 0)
                nanosleep(&soon, NULL);
        char said[PATH_MAX];
        EXPECT(is_there(known, "folders-musl") && is_there(HERE, "folders-musl"));
        EXPECT(entries_of(known) > 0 && getcwd(said, sizeof said) && strcmp(said, "/fs/bin") == 0);
        EXPECT(fails(openat(made, "x", O_RDONLY), ESTALE));
        EXPECT(fails(unlinkat(made, "x", 0), ESTALE) &&
               fails(fchdir(made) ? -1 : open("x", 0), ESTALE));
        exit(0);
}

int main(int count, char **arguments)
{
        static const struct action actions[] = {{"held", held},           {"current", current},
                                                {"inherited", inherited}, {"outlives", outlives},
                                                {"begun", begun},         {"lost", lost}};
        static char path[PATH_MAX];
        EXPECT(count == 3 || count == 4);
        snprintf(path, sizeof path, "%s/folders-%d", arguments[2], (int)getpid());
        top = count == 4 ? arguments[2] : path;
        EXPECT(count == 4 || (mkdir(top, 0755) == 0 && chdir(top) == 0));
        int status = action_run(actions, sizeof actions / sizeof actions[0], arguments[1]);
        EXPECT(chdir("/") == 0 && rmdir(top) == 0);
        return status;
}
