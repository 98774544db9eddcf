/* A program that tries to reach what it was not given, and says what it has got:
 *
 *      reached NAME        a service that it can look up
 *      device HANDLE       a handle by which it gets at a device, or at the kernel's log
 *      may WHAT            what some right that it holds lets it do
 *      tasks N accounts N  how many handles of these it has
 *      done                all was tried
 *
 * With the argument `port` it writes to an I/O port, which ends it. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "servers/proto/fs.h"
#include "servers/proto/log.h"
#include "servers/proto/name.h"
#include "servers/proto/pci.h"
#include "servers/proto/proc.h"
#include "servers/proto/process.h"
#include "servers/proto/stream.h"
#include "servers/proto/supervisor.h"
#include "servers/rt/serve/service.h"
#include "servers/rt/start/startup.h"
#include "servers/rt/task/log.h"

/* All handles that a task may have had, young as it is (kernel/object/handle.h). */
enum { INDICES = 256, GENERATIONS = 8, GENERATION_SHIFT = 16 };

enum { CONSOLE_PORT = 0x3f8, CONSOLE_PORTS = 8, CONSOLE_IRQ = 4 };

/* To its output, or, where it has none, to the log. */
static void say(const char *format, ...)
{
        char text[128];
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(text, sizeof text, format, arguments);
        va_end(arguments);
        puts(text);
        fflush(stdout);
}

static unsigned found[16]; /* handles of each kind */

static void names_try(void)
{
        static const char *const services[] = {
            "fs",   "stream", "process", "control", "proc",  "install",  "log",    "name", "net",
            "nic",  "pci",    "entropy", "tty0",    "tty1",  "commands", "host",   "is",   "agent",
            "echo", "batch",  "shell",   "init",    "files", "hardware", "console"};
        static const char *const nodes[] = {"", "./", "n1/", "n2/"};
        for (size_t i = 0; i < sizeof services / sizeof *services; i++)
                for (size_t j = 0; j < sizeof nodes / sizeof *nodes; j++) {
                        char name[64];
                        handle_t right;
                        snprintf(name, sizeof name, "%s%s", nodes[j], services[i]);
                        if (rt_find(name, &right) == OUTCOME_OK)
                                say("reached %s", name);
                }
}

static void device_try(handle_t handle)
{
        uint64_t count, end, address, data;
        handle_t made;
        char text[16];
        if (sys_ioport_create(handle, CONSOLE_PORT, CONSOLE_PORTS, &made) == OUTCOME_OK ||
            sys_interrupt_create(handle, CONSOLE_IRQ, &made, &address, &data) == OUTCOME_OK ||
            sys_log_read(handle, 0, text, sizeof text, &count, &end) == OUTCOME_OK ||
            sys_machine_control(handle, MACHINE_CONSOLE, 0) == OUTCOME_OK)
                say("device %lu", handle);
}

static void may(const char *what, outcome_t outcome)
{
        if (outcome == OUTCOME_OK)
                say("may %s", what);
}

/* Whatever interface its server has: methods of all that could be behind it. */
static void right_try(handle_t right)
{
        const uint64_t soon = rt_after(RT_SECOND);
        char text[256], other[256];
        const void *at, *at_too;
        size_t length, length_too;
        uint64_t number[6];
        struct optional_word stopped;
        handle_t made;
        may("list programs", process_list(right, soon, 0, text, sizeof text, &length, &number[0],
                                          &number[1], &number[2], &number[3], &stopped));
        may("bound programs", process_bound(right, soon, "n1/shell", 8, 1 << 30, 9, &made));
        may("start programs",
            process_create(right, soon, "x", 2, "", 0, "/", 1, cap_copy(rt_handle("name")),
                           optional_none(), optional_none(), optional_none(), NULL, 0, &made,
                           &number[0]));
        for (uint64_t id = 1; id < 64; id++)
                may("signal programs", process_signal_to(right, soon, id, 9));
        may("list components",
            proc_list(right, soon, 0, text, sizeof text, &at, &length, &at_too, &length_too,
                      &number[0], &number[1], &number[2], &number[3], &number[4], &number[5]));
        may("kill components", proc_kill(right, soon, "entropy", 7));
        may("read the log",
            log_read(right, soon, 0, &number[0], &number[1], text, sizeof text, &length));
        may("write to the log for others", log_admit(right, soon, "fs", 2, &made));
        may("admit components", name_admit(right, soon, "fs", 2, "*", 1, "*", 1, ~0ull,
                                           optional_none(), optional_none(), &made));
        if (sys_handle_copy(rt_handle("name"), RIGHTS_ALL, &made) == OUTCOME_OK)
                may("register names", name_register(right, soon, "fs", 2, made));
        /* The right is its server's own, and of no file. */
        may("name others' files", fs_link_open(right, soon, cap_copy(right), "/prowled", 8));
        may("map memory", process_map_memory(right, soon, cap_copy(right), 0, PAGE_SIZE, &number[0],
                                             &number[1], &number[2]));
        may("read other nodes' names", name_directory(right, soon, &made));
        may("read the description", supervisor_described(right, soon, 0, other, sizeof other, &at,
                                                         &length, &at_too, &length_too));
}

static void handle_try(handle_t handle)
{
        enum object_kind kind;
        uint32_t rights;
        uint64_t identity;
        device_try(handle);
        if (sys_handle_info(handle, &kind, &rights, &identity) != OUTCOME_OK)
                return;
        found[kind]++;
        if (kind == OBJECT_RIGHT)
                right_try(handle);
}

static void handles_try(void)
{
        for (handle_t generation = 0; generation <= GENERATIONS; generation++)
                for (handle_t index = 0; index < INDICES; index++)
                        handle_try(generation << GENERATION_SHIFT | index);
        say("tasks %u accounts %u", found[OBJECT_TASK], found[OBJECT_ACCOUNT]);
}

int main(int count, char **arguments)
{
        handle_t files;
        if (count > 1 && strcmp(arguments[1], "port") == 0)
                __asm__ volatile("outb %b0, %w1" : : "a"('!'), "Nd"(CONSOLE_PORT));
        /* Until then all of them could be missing. */
        if (rt_lookup("n2/fs", RT_DEADLINE, &files) != OUTCOME_OK)
                return 1;
        if (rt_startup()->process) /* whose lines the process server passes on */
                rt_log("it says\nwhat another one said");
        names_try();
        handles_try();
        say("done");
        return 0;
}
