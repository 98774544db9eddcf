/* The first and only program of the Linux guests with which `make bench-net` compares: it makes the
 * node, serves, or measures what the kernel's command line asks for, and prints figures as the
 * programs of Portolan do:
 *
 *      role=serve own=IP peer=IP mtu=N             all services: `bench ready`
 *      role=call own=IP peer=IP mtu=N rows=A,B     the rows, in order: `bench NAME N`, `bench end`
 *
 * It is static, and nothing else is in the guest but the kernel and its modules. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>
#include "tests/bench/linux/guest.h"
#include "tests/bench/samples.h"

void fail(const char *what)
{
        printf("bench failed: %s: %s\nbench end\n", what, strerror(errno));
        reboot(RB_POWER_OFF);
        for (;;)
                pause();
}

uint64_t now_ns(void)
{
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void bytes_read(int file, void *bytes, size_t count)
{
        for (size_t had = 0; had < count;) {
                ssize_t length = read(file, (char *)bytes + had, count - had);
                if (length <= 0)
                        fail("read");
                had += (size_t)length;
        }
}

void bytes_write(int file, const void *bytes, size_t count)
{
        for (size_t had = 0; had < count;) {
                ssize_t length = write(file, (const char *)bytes + had, count - had);
                if (length <= 0)
                        fail("write");
                had += (size_t)length;
        }
}

/* ---- rows ---- */

static void row_tcp(const struct guest *guest)
{
        rounds_tcp(guest, "tcp", REQUEST_BYTES, guest->count);
}

static void row_tcp_4k(const struct guest *guest)
{
        rounds_tcp(guest, "tcp_4k", 4096, guest->count / 2);
}

static void row_tcp_64k(const struct guest *guest)
{
        rounds_tcp(guest, "tcp_64k", 65536, guest->count / 10);
}

static const struct {
        const char *name;
        void (*measure)(const struct guest *guest);
} rows[] = {
    {"udp", rounds_udp},
    {"tcp", row_tcp},
    {"tipc", rounds_tipc},
    {"tcp_4k", row_tcp_4k},
    {"tcp_64k", row_tcp_64k},
    {"tcp_bulk", row_tcp_bulk},
    {"tcp_rate", row_tcp_rate},
    {"tcp_pipelined", row_tcp_pipelined},
    {"nfs_seq", row_nfs_seq},
    {"nfs_open", row_nfs_open},
    {"wireguard_bulk", row_wireguard_bulk},
};

static void row_measure(const struct guest *guest, const char *name)
{
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
                if (!strcmp(rows[i].name, name)) {
                        rows[i].measure(guest);
                        return;
                }
        errno = EINVAL;
        fail(name);
}

/* ---- the guest ---- */

static const char *word_value(char *line, const char *key, const char *without)
{
        static char copies[8][256];
        static unsigned used;
        size_t length = strlen(key);
        for (char *word = line; (word = strstr(word, key)); word++)
                if ((word == line || word[-1] == ' ') && word[length] == '=') {
                        char *copy = copies[used++];
                        snprintf(copy, sizeof copies[0], "%.*s",
                                 (int)strcspn(word + length + 1, " \n"), word + length + 1);
                        return copy;
                }
        return without;
}

static struct guest command_line_read(void)
{
        static char line[2048];
        int file = open("/proc/cmdline", O_RDONLY);
        ssize_t length = read(file, line, sizeof line - 1);
        if (length <= 0)
                fail("/proc/cmdline");
        close(file);
        unsigned count = (unsigned)atoi(word_value(line, "count", "0"));
        return (struct guest){
            .role = word_value(line, "role", "serve"),
            .own = word_value(line, "own", ""),
            .peer = word_value(line, "peer", ""),
            .rows = word_value(line, "rows", ""),
            .mtu = (unsigned)atoi(word_value(line, "mtu", "1500")),
            .count = count && count <= SAMPLES_MAX ? count : SAMPLES_MAX,
        };
}

static void system_mount(void)
{
        static const char *const mounts[][2] = {
            {"proc", "/proc"}, {"sysfs", "/sys"}, {"devtmpfs", "/dev"}, {"tmpfs", "/srv"}};
        for (size_t i = 0; i < sizeof mounts / sizeof *mounts; i++) {
                mkdir(mounts[i][1], 0755);
                if (mount(mounts[i][0], mounts[i][1], mounts[i][0], 0, NULL) != 0 && i != 2)
                        fail(mounts[i][1]);
        }
        int console = open("/dev/console", O_RDWR);
        for (int i = 0; console >= 0 && i < 3; i++)
                dup2(console, i);
        setvbuf(stdout, NULL, _IOLBF, 0);
}

/* What a reader of the figures wants to know of the guest. */
static void guest_describe(void)
{
        char clock[64] = {0};
        struct utsname name;
        uname(&name);
        int file =
            open("/sys/devices/system/clocksource/clocksource0/current_clocksource", O_RDONLY);
        if (file >= 0 && read(file, clock, sizeof clock - 1) < 0)
                fail("clocksource");
        close(file);
        printf("bench kernel %s clock %s", name.release, clock);
}

int main(void)
{
        char names[256], *position;
        system_mount();
        printf("bench init\n");
        struct guest guest = command_line_read();
        guest_describe();
        modules_load();
        address_set("lo", NULL, 0);
        address_set("eth0", guest.own, guest.mtu);
        wireguard_start(&guest);
        tipc_start(&guest);
        if (!strcmp(guest.role, "serve")) {
                services_start();
                nfs_serve(&guest);
                printf("bench ready\n");
                for (;;)
                        pause();
        }
        snprintf(names, sizeof names, "%s", guest.rows);
        for (char *name = strtok_r(names, ",", &position); name;
             name = strtok_r(NULL, ",", &position))
                row_measure(&guest, name);
        printf("bench end\n");
        for (;;)
                pause();
}
