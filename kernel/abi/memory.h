/* Memory objects and address spaces. Sizes and addresses are multiples of PAGE_SIZE. */
#ifndef ABI_MEMORY_H
#define ABI_MEMORY_H

#include <stdint.h>

#undef PAGE_SIZE /* libc's <limits.h> may have a macro of that name, with the same value */
enum { PAGE_SIZE = 4096, PAGE_SHIFT = 12 };

/* User addresses: from USER_START, and end two pages below the canonical limit. The first of the
 * two is the clock page (clock.h). */
#define USER_START 0x0000000000001000ull
#define USER_END   0x00007fffffffe000ull

/* Beside a program may lie a layer: another image in the same task, which answers the program's
 * Linux system calls, or serves it otherwise. Two things of each task are kept for it:
 *
 *      LAYER_START to LAYER_END: its image, stacks and whatever it maps. A program's image is not
 *              loaded there, and no address in it is chosen but for the layer. Above it lie stacks
 *              and the pages that others give to the task, below it is all the program's.
 *      the GS base of each thread (THREAD_SET_GS_BASE): the layer's block of that thread, through
 *              which it finds itself at its entry. The FS base is the program's, for its
 *              thread-local storage; a program uses no GS. If it does so all the same it hurts
 *              itself alone, since the layer has no authority that the program has not.
 *
 * A native program is a layer to itself: its runtime takes the GS base. */
#define LAYER_START 0x00007c0000000000ull
#define LAYER_END   0x00007e0000000000ull

/* memory_map with address 0 takes a free range from CHOICE_START to LAYER_START, or one of the
 * layer (MAP_LAYER). Nothing else is placed there, unless the program does so itself. */
#define CHOICE_START 0x0000100000000000ull

/* memory_create: how the memory comes about. All of it is committed and zeroed at creation. */
enum memory_kind {
        MEMORY_ANONYMOUS = 0,
        MEMORY_DMA = 1, /* physically contiguous, below 4 GiB, never moved; needs OBJECT_HARDWARE */
        MEMORY_DEVICE = 2,
};

/* memory_map, memory_protect. The handle must have the rights of the same names. */
enum map_flags {
        MAP_READ = 1 << 0,
        MAP_WRITE = 1 << 1, /* never together with MAP_EXECUTE; each of them is MAP_READ, too */
        MAP_EXECUTE = 1 << 2,
        MAP_UNCACHED = 1 << 3, /* implied for device memory, and for that alone */
        MAP_LAYER = 1 << 4,    /* memory_map: if the kernel chooses the address, the layer's */
};

/* memory_query: a mapping, or what unmapping and protecting have left of one. */
struct memory_mapping {
        uint64_t address, bytes;
        uint64_t offset;         /* into the object */
        uint64_t identity;       /* the object's, as handle_info tells it */
        uint32_t flags, allowed; /* enum map_flags: now, and the most that it can be given */
};

#endif
