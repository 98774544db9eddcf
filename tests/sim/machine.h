/* A node's machine: the real kernel (kernel/, without kernel/arch) on the machine of plain memory
 * that its unit tests have, as one image of which each node has a private copy (image.c).
 *
 *      sim ──boot, run, raise, syscall──> struct machine_calls, exported by the image
 *      image ──thread gone, console, ports──> functions of the simulator, by name
 *
 * A user address is what the node's page tables say, if anything is mapped there; any other address
 * is one of this process: of a program's image, heap or stack. Memory that a program maps for
 * itself, at an address that the kernel is to choose, lies where the machine has it, or, if that is
 * not in one piece, in a window (ram.c). A snapshot is a copy from the start. */
#ifndef SIM_MACHINE_H
#define SIM_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "kernel/arch/context.h"

enum { MACHINE_MODULES = 3 };

struct machine_boot {
        void *memory; /* the node's RAM: whole pages, of any content */
        uint64_t bytes;
        const char *command_line;
        struct machine_module {
                const char *name;
                const void *content;
                uint64_t bytes;
        } modules[MACHINE_MODULES]; /* the first one is the first task */
};

struct machine_calls {
        void (*boot)(const struct machine_boot *boot, uint64_t now);
        /* It is `now` (ns since boot): a timer that is due fires. */
        void (*clock)(uint64_t now);
        /* When the timer is to fire; TIME_NEVER: it is not armed. */
        uint64_t (*timer)(void);
        /* The thread to run next; NULL: the machine is idle. */
        struct context *(*next)(void);
        /* The system call that the thread's registers ask for. */
        void (*syscall)(struct context *context);
        /* A device raises its interrupt. */
        void (*raise)(unsigned line);
        /* Where the thread finds what is mapped at a user address; NULL: nothing. */
        void *(*resolve)(struct context *context, uint64_t address);
        /* Whether the account of the thread's task gets no more memory. */
        void (*starve)(struct context *context, bool on);
        /* Ends the thread's task. */
        void (*kill)(struct context *context);
};

/* ---- what the simulator gives the image ---- */

/* Addresses for so many bytes, whole pages, and which RAM is to be seen there. */
uint64_t sim_window(uint64_t bytes);
void sim_window_map(uint64_t address, uint64_t physical, uint64_t bytes);
/* The thread's memory is about to be freed. */
void sim_thread_gone(struct context *context);
void sim_console(const char *text, size_t bytes);
/* I/O ports (ports.c). */
uint32_t sim_port_in(uint16_t port);
void sim_port_out(uint16_t port, uint32_t value);
_Noreturn void sim_panic(const char *text);

#endif
