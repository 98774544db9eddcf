/* What a program of libc does with files. Returns the number of the line that was not as expected;
 * the file server was given hello.txt ("hello\n"), a folder `sub` with a file, and a link `short`
 * to hello.txt. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>
#include "servers/proto/file.h"
#include "servers/rt/linux/descriptors.h"
#include "servers/rt/serve/service.h"
#include "tests/rt/child.h"

#define EXPECT(condition)                                                                          \
        do {                                                                                       \
                if (!(condition))                                                                  \
                        return __LINE__;                                                           \
        } while (0)

static int files_read(void)
{
        char text[16];
        struct stat status;
        FILE *file = fopen("/fs/hello.txt", "r");
        EXPECT(file && fgets(text, sizeof text, file) && strcmp(text, "hello\n") == 0);
        EXPECT(!fgets(text, sizeof text, file) && feof(file) && fclose(file) == 0);
        EXPECT(stat("/fs/hello.txt", &status) == 0 && S_ISREG(status.st_mode));
        EXPECT(status.st_size == 6);
        EXPECT(stat("/fs/sub/", &status) == 0 && S_ISDIR(status.st_mode));
        EXPECT(lstat("fs/short", &status) == 0 && S_ISLNK(status.st_mode));
        EXPECT(readlink("/fs/short", text, sizeof text) == 9 && memcmp(text, "hello.txt", 9) == 0);
        EXPECT(!fopen("/fs/none", "r") && errno == ENOENT);
        EXPECT(open("/fs/hello.txt/x", O_RDONLY) == -1 && errno == ENOTDIR);
        EXPECT(open("/fs/hello.txt", O_RDONLY | O_DIRECTORY) == -1 && errno == ENOTDIR);
        EXPECT(open("/fs/short", O_RDONLY | O_NOFOLLOW) == -1 && errno == ELOOP);
        int descriptor = open("/fs/hello.txt", O_RDONLY);
        EXPECT(write(descriptor, "x", 1) == -1 && errno == EBADF);
        EXPECT(pread(descriptor, text, 3, 2) == 3 && memcmp(text, "llo", 3) == 0);
        EXPECT(lseek(descriptor, -2, SEEK_END) == 4 && read(descriptor, text, 9) == 2);
        EXPECT(close(descriptor) == 0);
        return 0;
}

static int files_write(void)
{
        enum { LARGE = 200000 };
        char text[16];
        unsigned char *data = malloc(LARGE), *back = malloc(LARGE + 1);
        struct stat status;
        EXPECT(data && back);
        for (int i = 0; i < LARGE; i++)
                data[i] = (unsigned char)(i * 31 + i / 251);
        FILE *file = fopen("/fs/new", "w");
        EXPECT(file && fwrite(data, 1, LARGE, file) == LARGE && fclose(file) == 0);
        file = fopen("/fs/new", "r");
        EXPECT(file && fread(back, 1, LARGE + 1, file) == LARGE && fclose(file) == 0);
        EXPECT(memcmp(data, back, LARGE) == 0);
        int descriptor = open("/fs/new", O_RDWR | O_APPEND);
        EXPECT(descriptor >= 0 && write(descriptor, "end", 3) == 3);
        EXPECT(lseek(descriptor, 0, SEEK_CUR) == LARGE + 3);
        EXPECT(ftruncate(descriptor, 5) == 0 && fstat(descriptor, &status) == 0);
        EXPECT(status.st_size == 5 && fsync(descriptor) == 0 && close(descriptor) == 0);
        EXPECT(open("/fs/new", O_WRONLY | O_CREAT | O_EXCL, 0666) == -1 && errno == EEXIST);
        EXPECT(rename("/fs/new", "/fs/sub/moved") == 0);
        EXPECT(access("/fs/new", F_OK) == -1 && access("/fs/sub/moved", F_OK) == 0);
        EXPECT(unlink("/fs/sub/moved") == 0 && access("/fs/sub/moved", F_OK) == -1);
        EXPECT(symlink("sub", "/fs/other") == 0 && readlink("/fs/other", text, 16) == 3);
        EXPECT(unlink("/fs/other") == 0);
        free(data);
        free(back);
        return 0;
}

/* What is read is never older than a change that is answered, whoever made it, although the reader
 * has the bytes already. */
static int changes_are_seen(void)
{
        char text[16];
        struct stat status;
        int writer = open("/fs/shared", O_WRONLY | O_CREAT | O_TRUNC, 0666);
        EXPECT(writer >= 0 && write(writer, "first", 5) == 5);
        int reader = open("/fs/shared", O_RDONLY);
        EXPECT(reader >= 0 && pread(reader, text, 16, 0) == 5 && memcmp(text, "first", 5) == 0);
        EXPECT(pwrite(writer, "F", 1, 0) == 1);
        EXPECT(pread(reader, text, 16, 0) == 5 && memcmp(text, "First", 5) == 0);
        int again = open("/fs/shared", O_WRONLY | O_APPEND);
        EXPECT(again >= 0 && write(again, "!", 1) == 1);
        EXPECT(lseek(reader, 0, SEEK_END) == 6 && fstat(reader, &status) == 0);
        EXPECT(status.st_size == 6 && pread(reader, text, 16, 4) == 2 && text[1] == '!');
        EXPECT(ftruncate(writer, 3) == 0 && pread(reader, text, 16, 0) == 3);
        EXPECT(close(again) == 0 && close(writer) == 0);
        return 0;
}

/* The same of an open that truncates; the reader has a lease, since nobody has changed the file for
 * long. */
static int truncations_are_seen(void)
{
        char text[16];
        int reader = open("/fs/hello.txt", O_RDONLY);
        EXPECT(reader >= 0 && pread(reader, text, 16, 0) == 6);
        int writer = open("/fs/hello.txt", O_WRONLY | O_TRUNC);
        EXPECT(writer >= 0 && pread(reader, text, 16, 0) == 0);
        EXPECT(write(writer, "hello\n", 6) == 6 && pread(reader, text, 16, 0) == 6);
        EXPECT(close(writer) == 0 && close(reader) == 0);
        return 0;
}

/* From when it is shared on, an offset is one, whoever moves it by the same right: here the file's
 * server is asked as another process would. */
static int offsets_are_shared(void)
{
        enum { LONG = FS_CHUNK_MAX + 1 };
        static char long_text[LONG];
        char text[16];
        int file = open("/fs/offset", O_RDWR | O_CREAT | O_TRUNC, 0666);
        EXPECT(file >= 0 && write(file, "one ", 4) == 4);
        struct open_file *open_file = open_file_of(file);
        EXPECT(open_file_share(open_file) == 0 && open_file_share(open_file) == 0);
        EXPECT(file_write_next(open_file->right, RT_DEADLINE, "two ", 4, 0, 0, NULL) == OUTCOME_OK);
        const struct iovec parts[] = {{"th", 2}, {"ree", 3}};
        EXPECT(writev(file, parts, 2) == 5 && lseek(file, 0, SEEK_CUR) == 13);
        EXPECT(pread(file, text, 16, 0) == 13 && memcmp(text, "one two three", 13) == 0);
        EXPECT(lseek(file, -9, SEEK_END) == 4 && read(file, text, 4) == 4);
        EXPECT(memcmp(text, "two ", 4) == 0);
        EXPECT(file_seek(open_file->right, RT_DEADLINE, 8, FILE_WHENCE_START, 0, NULL) ==
               OUTCOME_OK);
        EXPECT(read(file, text, 16) == 5 && memcmp(text, "three", 5) == 0);
        EXPECT(lseek(file, -1, SEEK_SET) == -1 && errno == EINVAL);
        EXPECT(lseek(file, 0, 7) == -1 && errno == EINVAL && lseek(file, 0, SEEK_CUR) == 13);
        EXPECT(fcntl(file, F_SETFL, O_APPEND) == -1 && errno == EINVAL);
        EXPECT(write(file, long_text, LONG) == LONG && lseek(file, 0, SEEK_SET) == 0);
        EXPECT(read(file, long_text, LONG) == LONG && read(file, long_text, LONG) == 13);
        EXPECT(close(file) == 0);
        EXPECT((file = open("/fs/offset", O_WRONLY | O_APPEND | O_TRUNC)) >= 0);
        EXPECT(open_file_share(open_file_of(file)) == 0 && write(file, "ab", 2) == 2);
        EXPECT(lseek(file, 0, SEEK_SET) == 0 && write(file, "c", 1) == 1);
        EXPECT(lseek(file, 0, SEEK_CUR) == 3 && read(file, text, 1) == -1 && errno == EBADF);
        EXPECT(close(file) == 0 && unlink("/fs/offset") == 0);
        return 0;
}

/* A vector of parts is one write, and what is wrong with one is said. */
static int vectors_are_one(void)
{
        char text[16];
        struct iovec parts[2] = {{"ab", 2}, {"cde", 3}};
        struct iovec places[2] = {{text, 1}, {text + 1, 9}};
        int file = open("/fs/vector", O_RDWR | O_CREAT | O_TRUNC, 0666);
        EXPECT(file >= 0 && writev(file, parts, 2) == 5 && pwritev(file, parts, 2, 3) == 5);
        EXPECT(preadv(file, places, 2, 1) == 7 && memcmp(text, "bcabcde", 7) == 0);
        EXPECT(preadv(file, places, 2, -1) == -1 && errno == EINVAL);
        EXPECT(writev(file, parts, IOV_MAX + 1) == -1 && errno == EINVAL);
        parts[0].iov_len = SIZE_MAX;
        EXPECT(writev(file, parts, 2) == -1 && errno == EINVAL && writev(file, parts, 0) == 0);
        EXPECT(close(file) == 0 && unlink("/fs/vector") == 0);
        return 0;
}

/* More files at once than have their first bytes here. */
static int many_are_read(void)
{
        enum { MANY = 20 };
        int files[MANY];
        char text[16];
        for (int i = 0; i < MANY; i++)
                EXPECT((files[i] = open("/fs/hello.txt", O_RDONLY)) >= 0);
        for (int i = 0; i < MANY; i++)
                EXPECT(pread(files[i], text, 16, 1) == 5 && memcmp(text, "ello\n", 5) == 0);
        for (int i = 0; i < MANY; i++)
                EXPECT(close(files[i]) == 0);
        return 0;
}

static int folder_names(const char *path, char *names, size_t size)
{
        DIR *folder = opendir(path);
        struct dirent *entry;
        names[0] = 0;
        EXPECT(folder);
        while ((entry = readdir(folder)))
                if (strlen(names) + strlen(entry->d_name) + 2 < size)
                        strcat(strcat(names, entry->d_name), " ");
        EXPECT(closedir(folder) == 0);
        return 0;
}

static int folders_use(void)
{
        char names[512], path[64];
        struct stat status;
        EXPECT(folder_names("/fs", names, sizeof names) == 0);
        EXPECT(strcmp(names, ". .. hello.txt shared short sub ") == 0);
        EXPECT(mkdir("/fs/many", 0777) == 0 && mkdir("/fs/many", 0777) == -1 && errno == EEXIST);
        for (int i = 0; i < 30; i++) {
                snprintf(path, sizeof path, "/fs/many/file number %02d", i);
                FILE *file = fopen(path, "w");
                EXPECT(file && fclose(file) == 0);
        }
        EXPECT(folder_names("/fs/many", names, sizeof names) == 0);
        EXPECT(strncmp(names, ". .. file number 00 file number 01 ", 35) == 0);
        EXPECT(rmdir("/fs/many") == -1 && errno == ENOTEMPTY);
        int folder = open("/fs/many", O_RDONLY | O_DIRECTORY);
        EXPECT(folder >= 0);
        EXPECT(fstatat(folder, "file number 07", &status, 0) == 0 && S_ISREG(status.st_mode));
        for (int i = 0; i < 30; i++) {
                snprintf(path, sizeof path, "file number %02d", i);
                EXPECT(unlinkat(folder, path, 0) == 0);
        }
        EXPECT(close(folder) == 0 && rmdir("/fs/many") == 0);
        return 0;
}

int files_use(void)
{
        int wrong = files_read();
        if (!wrong)
                wrong = files_write();
        if (!wrong)
                wrong = changes_are_seen();
        if (!wrong)
                wrong = truncations_are_seen();
        if (!wrong)
                wrong = offsets_are_shared();
        if (!wrong)
                wrong = vectors_are_one();
        if (!wrong)
                wrong = many_are_read();
        if (!wrong)
                wrong = folders_use();
        return wrong;
}

/* Whether reading the file fails so: at the latest when its server's last promise has ended. */
static bool read_fails(int file, int error)
{
        char text[16];
        while (pread(file, text, sizeof text, 0) == 6)
                ;
        return errno == error;
}

/* The file server dies between two calls. What was open is gone with it, and says so; a path leads
 * to its successor, also if that is not there yet. */
int files_again(void)
{
        handle_t nothing;
        struct stat status;
        int old = open("/fs/hello.txt", O_RDONLY);
        EXPECT(old >= 0);
        EXPECT(rt_lookup("again", RT_DEADLINE, &nothing) == answered(REASON_NOT_FOUND));
        EXPECT(read_fails(old, ESTALE) && close(old) == 0);
        while (stat("/fs/hello.txt", &status) == -1)
                EXPECT(errno == ECONNREFUSED);
        EXPECT(status.st_size == 6);
        return 0;
}

/* Every call by path says why, each time: what is not there for that is no missing file, which the
 * program would make. */
static int all_say(int error)
{
        char text[16];
        struct stat status;
        for (int i = 0; i < 3; i++) {
                EXPECT(open("/fs/hello.txt", O_RDONLY) == -1 && errno == error);
                EXPECT(open("/fs/new", O_WRONLY | O_CREAT, 0666) == -1 && errno == error);
                EXPECT(stat("/fs", &status) == -1 && errno == error);
                EXPECT(access("/fs/hello.txt", F_OK) == -1 && errno == error);
                EXPECT(readlink("/fs/short", text, sizeof text) == -1 && errno == error);
                EXPECT(mkdir("/fs/more", 0777) == -1 && errno == error);
                EXPECT(unlink("/fs/hello.txt") == -1 && errno == error);
                EXPECT(rename("/fs/hello.txt", "/fs/other") == -1 && errno == error);
                EXPECT(!opendir("/fs/sub") && errno == error);
                EXPECT(open("/nope", O_RDONLY) == -1 && errno == ENOENT);
                EXPECT(open("/n9/fs/hello.txt", O_RDONLY) == -1 && errno == ENOENT);
        }
        return 0;
}

static int away(const char *how, int error)
{
        handle_t nothing;
        EXPECT(rt_find(how, &nothing) == answered(REASON_NOT_FOUND));
        return all_say(error);
}

/* The file server dies, and is away for one reason after the other. */
int files_away(void)
{
        int file = open("/fs/hello.txt", O_RDONLY);
        DIR *folder = opendir("/fs/sub");
        EXPECT(file >= 0 && folder);
        int wrong = away("not-running", ECONNREFUSED);
        EXPECT(read_fails(file, ESTALE));
        errno = 0;
        while (readdir(folder))
                errno = 0;
        EXPECT(errno == ESTALE && closedir(folder) == 0);
        if (!wrong)
                wrong = away("node-died", EHOSTDOWN);
        if (!wrong)
                wrong = away("link-lost", EHOSTUNREACH);
        if (!wrong)
                wrong = away("node-restarted", ESTALE);
        return wrong;
}
