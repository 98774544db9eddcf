/* Memory of the program's own address space: memory objects mapped at addresses that the runtime
 * chooses. libc's malloc() ends here too (linux/memory.c).
 *
 * Context: any thread, also the handler of Linux system calls. One lock keeps the table: the first
 * three functions take it, for those below whoever calls them has it. */
#ifndef RT_MEMORY_H
#define RT_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include "kernel/abi/memory.h"
#include "servers/rt/message/syscall.h"

/* Zeroed memory charged to the task's own account, readable and writable; `bytes` are rounded up to
 * pages. */
outcome_t rt_memory_allocate(size_t bytes, void **address);

/* Maps a memory object (device registers, a shared ring, a boot module) from `offset` on; `flags`:
 * enum map_flags. The handle may be closed afterwards. */
outcome_t rt_memory_map(handle_t memory, size_t offset, size_t bytes, unsigned flags,
                        void **address);

/* Gives back what one of the two has returned, with the same number of bytes. */
void rt_memory_free(void *address, size_t bytes);

/* ---- for linux/memory.c: addresses, whether there is memory behind them or not ---- */

/* The lock of the table. Nothing is waited for under it, and no other lock is taken. */
void memory_lock(void);
void memory_unlock(void);

/* In a child of fork: the lock is free, and the table as it was. */
void memory_forked(void);

/* Addresses of the runtime, which the startup page tells; nobody else places anything in them. From
 * `memory` on the table of regions itself, then the heap of brk(), then all that is mapped, up to
 * `memory_end`. The first task and programs that are alone have MEMORY_DEFAULT. */
#define MEMORY_DEFAULT     0x0000000f00000000ull
#define MEMORY_DEFAULT_END 0x0000080000000000ull
#define MEMORY_TABLE_BYTES 0x0000000100000000ull
#define MEMORY_BREAK_BYTES 0x0000000100000000ull

/* Where the heap of brk() begins; it has MEMORY_BREAK_BYTES. */
uint64_t memory_break(void);

/* Flags of regions: enum map_flags of what is accessible now, and whether there is memory at
 * all. What is accessible without memory gets it when it is touched (memory_touch), a piece at a
 * time: the whole pieces of the address space as far as they lie in the region. */
enum { REGION_BACKED = 1 << 16, MEMORY_PIECE = 16 * PAGE_SIZE };

/* Others have the memory, too: it stays as it is until it is released. */
enum { REGION_SHARED = 1 << 17 };

/* A copy of a file's bytes (memory_mark), which zeros cannot stand for; and one that nobody may
 * write to, ever. */
enum { REGION_COPY = 1 << 18, REGION_READ_ALONE = 1 << 19 };

/* Whether from now on what is asked for in more than one piece at once is promised: it comes when
 * it is touched. Whoever says so sees to it that each fault there ends in memory_touch(). */
void memory_promises(bool on);

/* Free addresses for `bytes` (whole pages), not used by anything; 0: none. */
uint64_t memory_find(uint64_t bytes);

/* Whether the range lies where programs may map things. */
bool memory_within(uint64_t address, uint64_t bytes);

/* Marks addresses as taken, without memory; what was there is released. */
outcome_t memory_reserve(uint64_t address, uint64_t bytes);

/* Puts zeroed memory where none is. */
outcome_t memory_commit(uint64_t address, uint64_t bytes, unsigned flags);

/* Puts a part of an object, which others have, too, where nothing is mapped. */
outcome_t memory_share(handle_t object, uint64_t offset, uint64_t address, uint64_t bytes,
                       unsigned flags);

/* The same as memory_commit, or a promise of it, where nothing is mapped. */
outcome_t memory_provide(uint64_t address, uint64_t bytes, unsigned flags);

/* Somebody accesses (MAP_READ, MAP_WRITE or MAP_EXECUTE) what was perhaps promised. */
enum memory_touch {
        MEMORY_THERE,   /* it can be accessed, now or since before */
        MEMORY_NOT,     /* nothing is there, or nothing that may be accessed so */
        MEMORY_SHORTAGE /* it was promised, and the account has not got it */
};
enum memory_touch memory_touch(uint64_t address, unsigned access);

/* What is in the range is not needed any more: reads as zero from now on, but for what others have,
 * and what nobody writes to, which stay. Gives memory back where promises are made, in whole
 * pieces. NO_MEMORY: not all of it is the program's. */
outcome_t memory_forget(uint64_t address, uint64_t bytes);

/* Gives the range back: memory and addresses. */
outcome_t memory_release(uint64_t address, uint64_t bytes);

/* Changes what may be done with the range; reserved addresses get memory, or a promise of it, when
 * they become accessible. */
outcome_t memory_protect(uint64_t address, uint64_t bytes, unsigned flags);

/* Says of a range that is taken what else it is: some of REGION_COPY and REGION_READ_ALONE. */
outcome_t memory_mark(uint64_t address, uint64_t bytes, uint32_t marks);

/* All flags that regions in the range have. */
uint32_t memory_flags(uint64_t address, uint64_t bytes);

/* The end of the region that begins at or holds `address`, with its flags; 0: nothing is there. */
uint64_t memory_region(uint64_t address, uint32_t *flags);

/* The first region that ends above *at: *at becomes its beginning. False: there is none. */
bool memory_next(uint64_t *at, uint64_t *end, uint32_t *flags);

static inline uint64_t page_up(uint64_t bytes)
{
        return (bytes + PAGE_SIZE - 1) & ~(uint64_t)(PAGE_SIZE - 1);
}

#endif
