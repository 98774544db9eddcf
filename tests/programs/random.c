/* Random bytes from the system: what a program is given of them, what its children are, and what
 * is said where there are none.
 *
 *      random differ      no two draws are the same: of this process, of its children, of others
 *      random refused     there is no secret source on this node: no bytes, but those for who says
 *                         that he needs no secret ones
 *      random show        16 bytes, in hexadecimal digits */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/programs/expect.h"

enum { CHILDREN = 4, DRAWS = CHILDREN + 4 };

#ifndef GRND_INSECURE
#define GRND_INSECURE 4 /* getrandom(2) */
#endif

static uint64_t draw(unsigned flags)
{
        uint64_t drawn = 0;
        EXPECT(getrandom(&drawn, sizeof drawn, flags) == sizeof drawn && drawn);
        return drawn;
}

static uint64_t draw_file(const char *path)
{
        uint64_t drawn = 0;
        int file = open(path, O_RDONLY);
        EXPECT(file >= 0 && read(file, &drawn, sizeof drawn) == sizeof drawn && drawn);
        close(file);
        return drawn;
}

/* What a child draws that does nothing else. */
static uint64_t draw_child(void)
{
        int ends[2], status;
        uint64_t drawn = 0;
        EXPECT(pipe(ends) == 0);
        pid_t child = fork();
        EXPECT(child >= 0);
        if (child == 0) {
                drawn = draw(0);
                _exit(write(ends[1], &drawn, sizeof drawn) != sizeof drawn);
        }
        EXPECT(read(ends[0], &drawn, sizeof drawn) == sizeof drawn);
        EXPECT(waitpid(child, &status, 0) == child && status == 0);
        close(ends[0]);
        close(ends[1]);
        return drawn;
}

static void flags_are_looked_at(void)
{
        uint64_t drawn;
        EXPECT(getrandom(&drawn, sizeof drawn, 8) == -1 && errno == EINVAL);
        EXPECT(getrandom(&drawn, sizeof drawn, GRND_INSECURE | GRND_RANDOM) == -1 &&
               errno == EINVAL);
        EXPECT(getrandom(&drawn, 0, 0) == 0);
}

static int differ(void)
{
        uint64_t drawn[DRAWS];
        unsigned count = 0;
        flags_are_looked_at();
        for (unsigned i = 0; i < CHILDREN; i++)
                drawn[count++] = draw_child();
        drawn[count++] = draw(0);
        drawn[count++] = draw(GRND_NONBLOCK | GRND_RANDOM);
        drawn[count++] = draw_file("/dev/random");
        drawn[count++] = draw_file("/dev/urandom");
        EXPECT(count == DRAWS);
        for (unsigned i = 0; i < DRAWS; i++)
                for (unsigned j = 0; j < i; j++)
                        EXPECT(drawn[i] != drawn[j]);
        return 0;
}

static int refused(void)
{
        uint64_t drawn = 0;
        int file = open("/dev/urandom", O_RDONLY);
        flags_are_looked_at();
        EXPECT(getrandom(&drawn, sizeof drawn, GRND_NONBLOCK) == -1 && errno == EAGAIN);
        EXPECT(getrandom(&drawn, sizeof drawn, 0) == -1 && errno == ENOSYS);
        EXPECT(file >= 0 && read(file, &drawn, sizeof drawn) == -1 && errno == EIO);
        EXPECT(drawn == 0);
        EXPECT(draw(GRND_INSECURE) != draw(GRND_INSECURE));
        return 0;
}

static int show(void)
{
        printf("%016llx%016llx\n", (unsigned long long)draw(0), (unsigned long long)draw(0));
        return 0;
}

int main(int count, char **arguments)
{
        EXPECT(count == 2);
        if (strcmp(arguments[1], "differ") == 0)
                return differ();
        return strcmp(arguments[1], "refused") == 0 ? refused() : show();
}
