#include "tools/ptl/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "tools/lib/clock.h"
#include "tools/lib/complain.h"
#include "tools/ptl/layout.h"

enum { TRY_MS = 20 };

static pid_t holder_read(int lock)
{
        char text[16] = "";
        ssize_t count = pread(lock, text, sizeof text - 1, 0);
        return count > 0 ? (pid_t)atoi(text) : 0;
}

int lock_take(int64_t deadline, pid_t *holder)
{
        int lock = open(LOCK_FILE, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        *holder = -1;
        if (lock < 0) {
                complain(LOCK_FILE " in the run directory: %s", strerror(errno));
                return -1;
        }
        while (flock(lock, LOCK_EX | LOCK_NB)) {
                if (clock_ms() >= deadline) {
                        *holder = holder_read(lock);
                        close(lock);
                        return -1;
                }
                poll(NULL, 0, TRY_MS);
        }
        return lock;
}
