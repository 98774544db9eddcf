/* Memory objects and address spaces. Sizes and addresses are multiples of PAGE_SIZE. */
#ifndef ABI_MEMORY_H
#define ABI_MEMORY_H

#include <stdint.h>

#undef PAGE_SIZE /* libc's <limits.h> may have a macro of that name, with the same value */
enum { PAGE_SIZE = 4096, PAGE_SHIFT = 12 };

/* User addresses: from USER_START, and end a page below the canonical limit. */
#define USER_START 0x0000000000001000ull
#define USER_END   0x00007ffffffff000ull

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
};

#endif
