/* RAM of the nodes, each as a file in memory of this process:
 *
 *      SIM_MEMORY + n * SIM_MEMORY_BYTES       all of it, as the kernel sees it
 *      SIM_WINDOWS + n * SIM_WINDOWS_BYTES     pages of it a second time, in other orders
 *
 * A window is for memory that a program maps and whose pages are not one after the other. Windows
 * follow each other, round and round, and nobody gives them back: such memory must not stay mapped
 * for long. What drivers share, and what is allocated at a start, is in one piece. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include "tests/sim/sim.h"

static struct ram {
        int file;
        char *memory;  /* NULL: not made yet */
        uint64_t used; /* bytes of the windows */
} rams[NODES_MAX];

static _Noreturn void die(void)
{
        perror("sim: a node's memory");
        exit(2);
}

static void *map(uint64_t at, uint64_t bytes, int file, uint64_t offset, int fixed)
{
        void *memory = mmap((void *)at, bytes, PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_NORESERVE | fixed, file, (off_t)offset);
        if (memory != (void *)at)
                die();
        return memory;
}

char *ram_take(unsigned node)
{
        struct ram *ram = &rams[node];
        if (ram->memory)
                return ram->memory;
        ram->file = memfd_create("ram", MFD_CLOEXEC);
        if (ram->file < 0 || ftruncate(ram->file, SIM_MEMORY_BYTES) != 0)
                die();
        ram->memory = map(SIM_MEMORY + node * SIM_MEMORY_BYTES, SIM_MEMORY_BYTES, ram->file, 0,
                          MAP_FIXED_NOREPLACE);
        return ram->memory;
}

uint64_t sim_window(uint64_t bytes)
{
        const unsigned node = the_sim.running->number;
        struct ram *ram = &rams[node];
        if (bytes > SIM_WINDOWS_BYTES)
                return 0;
        if (ram->used + bytes > SIM_WINDOWS_BYTES)
                ram->used = 0;
        uint64_t window = SIM_WINDOWS + node * SIM_WINDOWS_BYTES + ram->used;
        ram->used += bytes;
        return window;
}

void sim_window_map(uint64_t address, uint64_t physical, uint64_t bytes)
{
        map(address, bytes, rams[the_sim.running->number].file, physical, MAP_FIXED);
}
