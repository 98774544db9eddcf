/* See lock.h. flock(2), since it belongs to the open file, which children share. */
#include "tools/ptl/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/lib/clock.h"
#include "tools/lib/complain.h"
#include "tools/ptl/layout.h"

enum { TRY_MS = 20 };

int lock_take(int64_t deadline)
{
        int lock = open(LOCK_FILE, O_RDWR | O_CREAT, 0666); /* not O_CLOEXEC: see lock.h */
        while (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB)) {
                if (errno != EWOULDBLOCK || clock_ms() >= deadline) {
                        int error = errno;
                        close(lock);
                        errno = error;
                        return -1;
                }
                poll(NULL, 0, TRY_MS);
        }
        return lock;
}

void lock_sign(int lock)
{
        char text[16];
        int length = snprintf(text, sizeof text, "%d\n", (int)getpid());
        if (ftruncate(lock, 0) || pwrite(lock, text, (size_t)length, 0) != length)
                complain(LOCK_FILE " in the run directory: %s", strerror(errno));
}

pid_t lock_signer(void)
{
        char text[16] = "";
        FILE *file = fopen(LOCK_FILE, "re");
        if (!file)
                return 0;
        bool signed_by = fgets(text, sizeof text, file);
        fclose(file);
        return signed_by ? (pid_t)atoi(text) : 0;
}

bool lock_is_at(int lock, const char *file)
{
        struct stat ours, there;
        if (stat(file, &there))
                return errno != ENOENT && errno != ENOTDIR && errno != ELOOP;
        return fstat(lock, &ours) || (ours.st_dev == there.st_dev && ours.st_ino == there.st_ino);
}
