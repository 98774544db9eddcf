/* A program with threads whose file server dies, built with musl and with glibc:
 *
 *   outlives FOLDER
 *
 * Its threads read FOLDER/text, and a file that they write, until FOLDER/go is there. What is read
 * is whole, or the call says that the server or the file is away: never that there is no such file,
 * never another text. What is written goes with the server. Other threads count meanwhile: those
 * that wait for the server hold nobody up. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "tests/programs/expect.h"

enum { TEXT_MAX = 16 << 10 }; /* more than comes with an open */

static char path[PATH_MAX], own[PATH_MAX], wanted[TEXT_MAX];
static ssize_t length;
static atomic_bool over;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long counted, turns[2];

/* Whatever may be said of a server that dies, or cannot be reached meanwhile. */
static int is_away(void)
{
        static const int reasons[] = {ECONNREFUSED, ESTALE,    EIO,
                                      EHOSTUNREACH, EHOSTDOWN, ETIMEDOUT};
        for (unsigned i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
                if (errno == reasons[i])
                        return 1;
        fprintf(stderr, "outlives: %s\n", strerror(errno));
        return 0;
}

static int is_wanted(const char *text, ssize_t got)
{
        return got == length && memcmp(text, wanted, (size_t)length) == 0;
}

/* Opens it each time. */
static void *reads_anew(void *argument)
{
        char text[TEXT_MAX];
        while (!over) {
                int file = open(path, O_RDONLY);
                EXPECT(file >= 0 || is_away());
                if (file < 0)
                        continue;
                ssize_t got = read(file, text, sizeof text);
                EXPECT(is_wanted(text, got) || (got < 0 && is_away()));
                close(file);
        }
        return argument;
}

/* Keeps it open for as long as that file is there. */
static void *reads_on(void *argument)
{
        char text[TEXT_MAX];
        int file = open(path, O_RDONLY);
        while (!over) {
                ssize_t got = pread(file, text, sizeof text, 0);
                EXPECT(is_wanted(text, got) ||
                       (got < 0 && ((errno == EBADF && file < 0) || is_away())));
                if (got >= 0)
                        continue;
                close(file);
                file = open(path, O_RDONLY);
                EXPECT(file >= 0 || is_away());
        }
        close(file);
        return argument;
}

static void *writes(void *argument)
{
        int file = -1;
        for (long round = 0, back; !over; round++) {
                if (file < 0)
                        file = open(own, O_RDWR | O_CREAT, 0600);
                EXPECT(file >= 0 || is_away());
                ssize_t put = pwrite(file, &round, sizeof round, 0);
                ssize_t got = put < 0 ? put : pread(file, &back, sizeof back, 0);
                EXPECT(got < 0 ? file < 0 || is_away() : got == sizeof back && back == round);
                if (got < 0) {
                        close(file);
                        file = -1;
                }
        }
        close(file);
        return argument;
}

static void *counts(void *argument)
{
        while (!over) {
                pthread_mutex_lock(&lock);
                counted++;
                pthread_mutex_unlock(&lock);
                ++*(long *)argument;
        }
        return argument;
}

/* Tries it again for as long as the file is away. */
static void read_wanted(void)
{
        int file;
        do {
                file = open(path, O_RDONLY);
                EXPECT(file >= 0 || is_away());
                length = file < 0 ? -1 : read(file, wanted, sizeof wanted);
                EXPECT(length > 0 || is_away());
                close(file);
        } while (length < 0);
}

int main(int count, char **arguments)
{
        char go[PATH_MAX], before[TEXT_MAX];
        EXPECT(count == 2);
        snprintf(path, sizeof path, "%s/text", arguments[1]);
        snprintf(go, sizeof go, "%s/go", arguments[1]);
        snprintf(own, sizeof own, "/tmp/own.%d", getpid());
        read_wanted();
        pthread_t threads[] = {start(reads_anew, NULL), start(reads_on, NULL), start(writes, NULL),
                               start(counts, &turns[0]), start(counts, &turns[1])};
        puts("begun");
        fflush(stdout);
        while (access(go, F_OK) != 0)
                EXPECT(errno == ENOENT || is_away());
        over = 1;
        for (unsigned i = 0; i < sizeof threads / sizeof threads[0]; i++)
                join(threads[i]);
        EXPECT(counted == turns[0] + turns[1]);
        memcpy(before, wanted, (size_t)length);
        ssize_t length_before = length;
        read_wanted();
        EXPECT(is_wanted(before, length_before));
        unlink(own);
        puts("done");
        return 0;
}
