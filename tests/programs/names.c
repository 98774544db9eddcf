/* Names and times of files as Linux has them: several names of one file, files without one,
 * renaming, and which of its three times a call moves. The first argument says what it does, the
 * second is a folder for its files; it ends with 0, or says what was not as expected. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "tests/programs/expect.h"

enum { NO_REPLACE = 1, EXCHANGE = 2, WHITEOUT = 4 }; /* rename(2) */

/* A new file with that text. */
static void file_make(const char *name, const char *text)
{
        int file = open(name, O_WRONLY | O_CREAT | O_EXCL, 0644);
        EXPECT(file >= 0 && write(file, text, strlen(text)) == (ssize_t)strlen(text));
        EXPECT(close(file) == 0);
}

static struct stat said_of(const char *name)
{
        struct stat status;
        EXPECT(lstat(name, &status) == 0);
        return status;
}

static struct stat said_of_open(int file)
{
        struct stat status;
        EXPECT(fstat(file, &status) == 0);
        return status;
}

/* What is in the file, to be compared until the next call. */
static const char *text_of(const char *name)
{
        static char text[64];
        int file = open(name, O_RDONLY);
        ssize_t length = file < 0 ? -1 : read(file, text, sizeof text - 1);
        EXPECT(length >= 0 && close(file) == 0);
        text[length] = 0;
        return text;
}

static int fails(int result, int error)
{
        return result == -1 && errno == error;
}

/* ---- several names --------------------------------------------------------------------------- */

static void links_of_open_files(void)
{
        const int empty = AT_EMPTY_PATH, follow = AT_SYMLINK_FOLLOW;
        char path[64];
        int ends[2], file = open("open", O_RDWR | O_CREAT | O_EXCL, 0644);
        snprintf(path, sizeof path, "/proc/self/fd/%d", file);
        EXPECT(file >= 0 && linkat(file, "", AT_FDCWD, "by number", empty) == 0);
        EXPECT(linkat(AT_FDCWD, path, AT_FDCWD, "by path", follow) == 0);
        EXPECT(said_of_open(file).st_nlink == 3);
        EXPECT(fails(linkat(AT_FDCWD, path, AT_FDCWD, "link", 0), EXDEV));
        EXPECT(fails(linkat(file, "", AT_FDCWD, "empty", 0), ENOENT));
        EXPECT(fails(linkat(file, "", AT_FDCWD, "by path", empty), EEXIST));
        EXPECT(unlink("open") == 0 && unlink("by number") == 0 && unlink("by path") == 0);
        EXPECT(said_of_open(file).st_nlink == 0);
        EXPECT(fails(linkat(AT_FDCWD, path, AT_FDCWD, "late", follow), ENOENT));
        EXPECT(fails(linkat(file, "", AT_FDCWD, "late", empty), ENOENT) && close(file) == 0);
        EXPECT(fails(linkat(file, "", AT_FDCWD, "closed", empty), EBADF));

        EXPECT((file = open(".", O_RDONLY)) >= 0 && pipe(ends) == 0);
        EXPECT(fails(linkat(file, "", AT_FDCWD, "folder", empty), EPERM));
        EXPECT(fails(linkat(ends[0], "", AT_FDCWD, "pipe", empty), EXDEV) && close(file) == 0);

        EXPECT((file = open(".", O_RDWR | O_TMPFILE, 0640)) >= 0);
        EXPECT(said_of_open(file).st_nlink == 0 && write(file, "late", 4) == 4);
        EXPECT(said_of_open(file).st_mode == (S_IFREG | 0640));
        snprintf(path, sizeof path, "/proc/self/fd/%d", file);
        EXPECT(linkat(AT_FDCWD, path, AT_FDCWD, "named", follow) == 0 && close(file) == 0);
        EXPECT(strcmp(text_of("named"), "late") == 0 && unlink("named") == 0);
        EXPECT((file = open(".", O_WRONLY | O_TMPFILE | O_EXCL, 0640)) >= 0);
        EXPECT(fails(linkat(file, "", AT_FDCWD, "never", empty), ENOENT) && close(file) == 0);
        EXPECT(fails(open(".", O_RDONLY | O_TMPFILE), EINVAL));
        EXPECT(fails(open("none", O_RDWR | O_TMPFILE, 0600), ENOENT));
        EXPECT(fails(open("/dev", O_RDWR | O_TMPFILE, 0600), EOPNOTSUPP));
}

static void links(void)
{
        struct flock flock = {.l_type = F_WRLCK};
        uint32_t statx[64]; /* stx_nlink is the fifth word */
        struct stat there;
        file_make("one", "text");
        EXPECT(link("one", "two") == 0 && said_of("one").st_nlink == 2);
        EXPECT(said_of("two").st_ino == said_of("one").st_ino);
        EXPECT(syscall(SYS_statx, AT_FDCWD, "two", 0, 0x7ff, statx) == 0 && statx[4] == 2);
        int one = open("one", O_RDWR), two = open("two", O_RDWR), reader = open("two", O_RDONLY);
        EXPECT(one >= 0 && two >= 0 && reader >= 0 && pwrite(one, "T", 1, 0) == 1);
        EXPECT(strcmp(text_of("two"), "Text") == 0);
        EXPECT(fcntl(one, F_OFD_SETLK, &flock) == 0);
        EXPECT(fails(fcntl(two, F_OFD_SETLK, &flock), EAGAIN));
        EXPECT(rename("one", "two") == 0 && said_of("one").st_nlink == 2);
        EXPECT(syscall(SYS_renameat2, AT_FDCWD, "one", AT_FDCWD, "two", EXCHANGE) == 0);
        EXPECT(unlink("one") == 0 && said_of_open(reader).st_nlink == 1);
        EXPECT(strcmp(text_of("two"), "Text") == 0 && said_of("two").st_nlink == 1);

        EXPECT(symlink("two", "soft") == 0 && link("soft", "softer") == 0);
        EXPECT(S_ISLNK(said_of("softer").st_mode) && said_of("soft").st_nlink == 2);
        EXPECT(linkat(AT_FDCWD, "soft", AT_FDCWD, "hard", AT_SYMLINK_FOLLOW) == 0);
        EXPECT(S_ISREG(said_of("hard").st_mode) && said_of("two").st_nlink == 2);
        file_make("other", "other");
        EXPECT(rename("other", "hard") == 0 && said_of_open(reader).st_nlink == 1);

        EXPECT(mkdir("folder", 0755) == 0 && fails(link("folder", "again"), EPERM));
        EXPECT(fails(link("none", "again"), ENOENT) && fails(link("two", "hard"), EEXIST));
        EXPECT(fails(link("two", "folder"), EEXIST) && fails(link("two", "none/x"), ENOENT));
        EXPECT(fails(link("two/", "again"), ENOTDIR) && fails(link("two", "again/"), ENOENT));
        EXPECT(fails(link("two", ""), ENOENT) && fails(link("", "again"), ENOENT));
        EXPECT(fails(linkat(AT_FDCWD, "two", AT_FDCWD, "again", 1), EINVAL));
        EXPECT(fails(syscall(SYS_link, "two", (void *)16), EFAULT));
        EXPECT(fails(link("/etc/passwd", "again"), EXDEV) && fails(link("/", "again"), EXDEV));
        EXPECT(fails(link("two", "/dev/null"), EEXIST) && fails(link("two", "/dev/none"), EROFS));
        if (stat("/n2/fs", &there) == 0 && there.st_dev != said_of("two").st_dev)
                EXPECT(fails(link("two", "/n2/fs/two"), EXDEV));
        EXPECT(unlink("two") == 0 && unlink("soft") == 0 && unlink("softer") == 0);
        EXPECT(said_of_open(reader).st_nlink == 0 && rmdir("folder") == 0 && unlink("hard") == 0);
        EXPECT(pread(reader, statx, 4, 0) == 4 && memcmp(statx, "Text", 4) == 0);
        links_of_open_files();
}

/* ---- renaming -------------------------------------------------------------------------------- */

static int renames_as(const char *from, const char *to, unsigned how)
{
        return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, how);
}

static void renames(void)
{
        file_make("a", "a");
        file_make("b", "b");
        EXPECT(mkdir("full", 0755) == 0 && mkdir("full/empty", 0755) == 0);
        EXPECT(mkdir("empty", 0755) == 0);
        EXPECT(fails(rename("full", "full/empty/x"), EINVAL));
        EXPECT(fails(rename("full", "full/x"), EINVAL));
        EXPECT(fails(rename("empty", "full"), ENOTEMPTY));
        EXPECT(fails(rename("full/empty", "full"), ENOTEMPTY));
        EXPECT(fails(rename(".", "x"), EBUSY) && fails(rename("full/..", "x"), EBUSY));
        EXPECT(fails(rename("a", "."), EBUSY) && fails(rename("a", "full/./"), EBUSY));
        EXPECT(fails(rename("a", "empty"), EISDIR) && fails(rename("empty", "a"), ENOTDIR));
        EXPECT(fails(rename("a", "new/"), ENOTDIR) && fails(rename("a/", "new"), ENOTDIR));
        EXPECT(fails(rename("none", "a"), ENOENT) && fails(rename("a", "none/x"), ENOENT));
        EXPECT(fails(rename("a", "/dev/a"), EXDEV) && rename("a", "a") == 0);

        EXPECT(fails(renames_as("a", "b", NO_REPLACE), EEXIST));
        EXPECT(fails(renames_as("a", "a", NO_REPLACE), EEXIST));
        EXPECT(fails(renames_as("a", "b", NO_REPLACE | EXCHANGE), EINVAL));
        EXPECT(fails(renames_as("a", "b", WHITEOUT), EINVAL));
        EXPECT(fails(renames_as("a", "b", 8), EINVAL));
        EXPECT(fails(renames_as("a", "none", EXCHANGE), ENOENT));
        EXPECT(fails(renames_as("full", "full/empty", EXCHANGE), EINVAL));
        EXPECT(fails(renames_as("full/empty", "full", EXCHANGE), EINVAL));
        EXPECT(strcmp(text_of("a"), "a") == 0 && strcmp(text_of("b"), "b") == 0);
        EXPECT(renames_as("a", "new", NO_REPLACE) == 0 && strcmp(text_of("new"), "a") == 0);
        EXPECT(renames_as("new", "b", EXCHANGE) == 0 && strcmp(text_of("new"), "b") == 0);
        EXPECT(strcmp(text_of("b"), "a") == 0 && renames_as("new", "full", EXCHANGE) == 0);
        EXPECT(strcmp(text_of("full"), "b") == 0 && access("new/empty", F_OK) == 0);
        EXPECT(rename("new", "empty") == 0 && access("empty/empty", F_OK) == 0);
        EXPECT(rmdir("empty/empty") == 0 && rmdir("empty") == 0);
        EXPECT(unlink("full") == 0 && unlink("b") == 0);
}

/* ---- times ----------------------------------------------------------------------------------- */

enum { MINUTE = 60, LONG_AGO = 5 };

static int times_set(const char *name, time_t accessed, time_t modified)
{
        const struct timespec times[2] = {{accessed, 0}, {modified, 0}};
        return utimensat(AT_FDCWD, name, times, AT_SYMLINK_NOFOLLOW);
}

static int is_now(time_t moment)
{
        const time_t now = time(NULL);
        return moment > now - MINUTE && moment < now + MINUTE;
}

/* What the last access is after the file was read like that, which was long ago before. */
static time_t accessed_after(int flags, size_t count)
{
        char byte;
        EXPECT(times_set("dated", LONG_AGO, LONG_AGO) == 0);
        int file = open("dated", flags);
        EXPECT(file >= 0 && read(file, &byte, count) == (ssize_t)count);
        EXPECT(said_of_open(file).st_atime == said_of("dated").st_atime && close(file) == 0);
        return said_of("dated").st_atime;
}

static void accesses(void)
{
        char text[8];
        EXPECT(is_now(accessed_after(O_RDONLY, 1)) && is_now(accessed_after(O_RDWR, 1)));
        EXPECT(accessed_after(O_RDONLY, 0) == LONG_AGO);
        EXPECT(accessed_after(O_RDONLY | O_NOATIME, 1) == LONG_AGO);
        int file = open("dated", O_RDWR | O_NOATIME);
        EXPECT(file >= 0 && fcntl(file, F_GETFL) & O_NOATIME);
        EXPECT(fails(fcntl(file, F_SETFL, 0), EINVAL) && fcntl(file, F_SETFL, O_NOATIME) == 0);
        EXPECT(write(file, "d", 1) == 1 && said_of("dated").st_atime == LONG_AGO);
        EXPECT(is_now(said_of("dated").st_mtime) && close(file) == 0);

        /* An access that is younger than all changes stays as it is. */
        const time_t later = time(NULL) + MINUTE * MINUTE;
        EXPECT(times_set("dated", later, LONG_AGO) == 0 && strcmp(text_of("dated"), "dated") == 0);
        EXPECT(said_of("dated").st_atime == later);

        EXPECT(symlink("dated", "soft") == 0 && times_set("soft", LONG_AGO, LONG_AGO) == 0);
        EXPECT(said_of("soft").st_atime == LONG_AGO && readlink("soft", text, sizeof text) == 5);
        EXPECT(is_now(said_of("soft").st_atime) && unlink("soft") == 0);

        DIR *folder;
        EXPECT(mkdir("folder", 0755) == 0 && times_set("folder", LONG_AGO, LONG_AGO) == 0);
        EXPECT((file = open("folder", O_RDONLY | O_NOATIME)) >= 0 && (folder = fdopendir(file)));
        EXPECT(readdir(folder) && readdir(folder) && !readdir(folder) && closedir(folder) == 0);
        EXPECT(said_of("folder").st_atime == LONG_AGO && (folder = opendir("folder")));
        EXPECT(readdir(folder) && readdir(folder) && !readdir(folder) && closedir(folder) == 0);
        EXPECT(is_now(said_of("folder").st_atime) && rmdir("folder") == 0);
}

/* Of files that are all as old, each call moves the time of the last change alone. */
static void changes(void)
{
        static const char *const names[] = {"moded", "linked", "moved", "unlinked", "dated"};
        enum { NAMES = sizeof names / sizeof names[0] };
        for (int i = 0; i < NAMES - 1; i++)
                file_make(names[i], "x");
        EXPECT(link("unlinked", "left") == 0);
        const time_t made = said_of("unlinked").st_ctime;
        do /* until the next second of the server */
                EXPECT(utimensat(AT_FDCWD, "dated", NULL, 0) == 0);
        while (said_of("dated").st_mtime <= made);
        EXPECT(chmod("moded", 0600) == 0 && link("linked", "second") == 0);
        EXPECT(rename("moved", "there") == 0 && unlink("unlinked") == 0);
        EXPECT(times_set("dated", LONG_AGO, LONG_AGO) == 0);
        static const char *const now[] = {"moded", "linked", "second", "there", "left", "dated"};
        for (int i = 0; i < (int)(sizeof now / sizeof now[0]); i++)
                EXPECT(said_of(now[i]).st_ctime > made && said_of(now[i]).st_mtime <= made);
        EXPECT(unlink("moded") == 0 && unlink("linked") == 0 && unlink("second") == 0);
        EXPECT(unlink("there") == 0 && unlink("left") == 0);
}

static void times(void)
{
        const struct timespec accessed[2] = {{7, 0}, {0, UTIME_OMIT}};
        const struct timespec modified[2] = {{0, UTIME_OMIT}, {8, 0}};
        const struct timespec now[2] = {{0, UTIME_OMIT}, {0, UTIME_NOW}};
        const struct timespec none[2] = {{0, UTIME_OMIT}, {0, UTIME_OMIT}};
        const struct timespec wrong[2] = {{0, 0}, {0, 1000000000}};
        int64_t statx[32]; /* stx_atime begins the ninth word, stx_ctime the thirteenth */
        struct stat status;
        file_make("dated", "dated");
        status = said_of("dated");
        EXPECT(is_now(status.st_atime) && is_now(status.st_mtime) && is_now(status.st_ctime));
        EXPECT(utimensat(AT_FDCWD, "dated", accessed, 0) == 0);
        EXPECT(said_of("dated").st_atime == 7 && said_of("dated").st_mtime == status.st_mtime);
        EXPECT(utimensat(AT_FDCWD, "dated", modified, 0) == 0 && said_of("dated").st_atime == 7);
        EXPECT(said_of("dated").st_mtime == 8 && is_now(said_of("dated").st_ctime));
        EXPECT(syscall(SYS_statx, AT_FDCWD, "dated", 0, 0x7ff, statx) == 0 && statx[8] == 7);
        EXPECT(is_now(statx[12]) && statx[14] == 8);
        int file = open("dated", O_RDONLY);
        EXPECT(file >= 0 && futimens(file, none) == 0 && said_of("dated").st_mtime == 8);
        EXPECT(futimens(file, now) == 0 && is_now(said_of("dated").st_mtime));
        EXPECT(said_of_open(file).st_atime == 7 && fails(futimens(file, wrong), EINVAL));
        EXPECT(futimens(file, NULL) == 0 && is_now(said_of("dated").st_atime) && close(file) == 0);
        EXPECT(fails(utimensat(AT_FDCWD, "none", now, 0), ENOENT));
        EXPECT(fails(syscall(SYS_utimensat, file, NULL, now, AT_SYMLINK_NOFOLLOW), EINVAL));
        accesses();
        changes();
        EXPECT(unlink("dated") == 0);
}

/* ---- confined paths -------------------------------------------------------------------------- */

/* As openat2(2) has it, and one word that no kernel knows. */
struct how {
        uint64_t flags, mode, resolve, unknown;
};

enum { HOW = 24, NO_XDEV = 1, NO_MAGIC = 2, NO_LINKS = 4, BENEATH = 8, IN_ROOT = 16, CACHED = 32 };

static int opens(int folder, const char *path, uint64_t resolve)
{
        const struct how how = {.flags = O_RDONLY | O_CLOEXEC, .resolve = resolve};
        return (int)syscall(437, folder, path, &how, HOW);
}

/* What is in the file that is found. */
static bool finds(int folder, const char *path, uint64_t resolve, const char *text)
{
        char got[64];
        const ssize_t length = (ssize_t)strlen(text);
        int file = opens(folder, path, resolve);
        EXPECT(file < 0 || fcntl(file, F_GETFD) == FD_CLOEXEC);
        const bool found = file >= 0 && read(file, got, sizeof got) == length &&
                           memcmp(got, text, (size_t)length) == 0;
        return (file < 0 || close(file) == 0) && found;
}

static void confined_make(void)
{
        EXPECT(mkdir("jail", 0755) == 0 && mkdir("jail/in", 0755) == 0);
        file_make("secret", "outside");
        file_make("jail/secret", "inside");
        EXPECT(symlink("../secret", "jail/up") == 0 && symlink("in", "jail/within") == 0);
        EXPECT(symlink("../secret", "jail/in/stays") == 0 && symlink("/secret", "jail/top") == 0);
        EXPECT(symlink("jail", "alias") == 0 && symlink("loop", "jail/loop") == 0);
        file_make("jail/in/file", "deep");
}

static void confined_drop(void)
{
        static const char *const names[] = {
            "secret",   "alias",       "jail/secret", "jail/up",       "jail/within",
            "jail/top", "jail/in/new", "jail/loop",   "jail/in/stays", "jail/in/file"};
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
                EXPECT(unlink(names[i]) == 0);
        EXPECT(rmdir("jail/in") == 0 && rmdir("jail") == 0);
}

static void how_is_refused(int jail)
{
        struct how how = {.flags = O_RDONLY};
        EXPECT(syscall(437, jail, "secret", &how, sizeof how) >= 0);
        how.unknown = 1;
        SAYS(E2BIG, (437, jail, "secret", &how, sizeof how));
        SAYS(EINVAL, (437, jail, "secret", &how, HOW - 1));
        SAYS(EFAULT, (437, jail, "secret", 8, HOW));
        SAYS(EFAULT, (437, jail, 8, &how, HOW));
        SAYS(E2BIG, (437, jail, "secret", &how, 1 << 20));
        how.mode = 0644;
        SAYS(EINVAL, (437, jail, "secret", &how, HOW));
        how = (struct how){.flags = O_CREAT | O_WRONLY, .mode = 010000};
        SAYS(EINVAL, (437, jail, "secret", &how, HOW));
        how = (struct how){.flags = 1ull << 40};
        SAYS(EINVAL, (437, jail, "secret", &how, HOW));
        EXPECT(fails(opens(jail, "secret", 64), EINVAL));
        EXPECT(fails(opens(jail, "secret", BENEATH | IN_ROOT), EINVAL));
        EXPECT(fails(opens(-1, "secret", 0), EBADF));
        if (opens(jail, "secret", CACHED) < 0)
                EXPECT(errno == EAGAIN);
}

static void confined(void)
{
        char path[300], here[200];
        confined_make();
        int jail = open("jail", O_RDONLY | O_DIRECTORY), alias = open("alias", O_RDONLY);
        EXPECT(jail >= 0 && alias >= 0 && getcwd(here, sizeof here));
        EXPECT(finds(jail, "../secret", 0, "outside") && finds(jail, "up", 0, "outside"));
        EXPECT(finds(jail, "in/file", BENEATH, "deep") &&
               finds(jail, "in/stays", BENEATH, "inside"));
        EXPECT(finds(jail, "in/../secret", BENEATH | NO_LINKS, "inside"));
        EXPECT(finds(alias, "within/file", BENEATH, "deep"));
        EXPECT(finds(alias, "secret", NO_LINKS | NO_XDEV, "inside"));
        EXPECT(fails(opens(jail, "../secret", BENEATH), EXDEV) &&
               fails(opens(jail, "up", BENEATH), EXDEV));
        EXPECT(fails(opens(jail, "..", BENEATH), EXDEV) &&
               fails(opens(jail, "top", BENEATH), EXDEV));
        EXPECT(fails(opens(jail, here, BENEATH), EXDEV) &&
               fails(opens(jail, "none", BENEATH), ENOENT));
        EXPECT(fails(opens(jail, "loop", BENEATH), ELOOP) &&
               fails(opens(jail, "loop", IN_ROOT), ELOOP));
        EXPECT(finds(jail, "/secret", IN_ROOT, "inside") &&
               finds(jail, "../../secret", IN_ROOT, "inside"));
        EXPECT(finds(jail, "up", IN_ROOT, "inside") && finds(jail, "top", IN_ROOT, "inside"));
        EXPECT(fails(opens(jail, "within/file", NO_LINKS), ELOOP));
        EXPECT(fails(opens(jail, "up", NO_LINKS), ELOOP) &&
               finds(jail, "in/file", NO_LINKS, "deep"));
        snprintf(path, sizeof path, "%s/jail/secret", here);
        EXPECT(finds(AT_FDCWD, path, NO_LINKS, "inside") &&
               finds(AT_FDCWD, "jail/secret", BENEATH, "inside"));
        snprintf(path, sizeof path, "%s/alias/secret", here);
        EXPECT(fails(opens(AT_FDCWD, path, NO_LINKS), ELOOP));
        EXPECT(fails(opens(AT_FDCWD, "/proc/self/exe", NO_MAGIC), ELOOP));
        EXPECT(fails(opens(jail, "/proc/self/stat", NO_XDEV | NO_LINKS), EXDEV) || errno == ELOOP);
        /* What is made, and a folder, whose own files are not to be found by a way out. */
        struct how how = {O_CREAT | O_EXCL | O_WRONLY, 0640, BENEATH, 0};
        int made = (int)syscall(437, jail, "within/new", &how, HOW);
        EXPECT(made >= 0 && close(made) == 0 && (said_of("jail/in/new").st_mode & 07777) == 0640);
        how.resolve = BENEATH;
        SAYS(EXDEV, (437, jail, "in/../../new", &how, HOW));
        int in = opens(jail, "in", BENEATH);
        EXPECT(in >= 0 && finds(in, "file", 0, "deep") && finds(in, "file", BENEATH, "deep"));
        EXPECT(fails(opens(in, "stays", BENEATH), EXDEV) && close(in) == 0);
        EXPECT(symlink("/in", "jail/rooted") == 0);
        in = opens(jail, "rooted", IN_ROOT);
        EXPECT(finds(in, "file", 0, "deep") && close(in) == 0);
        EXPECT(unlink("jail/rooted") == 0);
        in = opens(jail, "within", BENEATH);
        EXPECT(finds(in, "file", 0, "deep") && close(in) == 0);
        how_is_refused(jail);
        EXPECT(close(jail) == 0 && close(alias) == 0);
        confined_drop();
}

int main(int count, char **arguments)
{
        static const struct action actions[] = {
            {"links", links}, {"renames", renames}, {"times", times}, {"confined", confined}};
        EXPECT(count == 3 && chdir(arguments[2]) == 0);
        return action_run(actions, sizeof actions / sizeof actions[0], arguments[1]);
}
