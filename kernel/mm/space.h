/* Address spaces: which memory object is mapped where in a task, and page faults. The page tables
 * (arch/mmu.h) hold the pages that have been touched; they are reserved when a mapping is made, so
 * that a page fault cannot run out of memory.
 *
 * Context of all functions: kernel lock held. */
#ifndef KERNEL_MM_SPACE_H
#define KERNEL_MM_SPACE_H

#include "kernel/abi/memory.h"
#include "kernel/abi/outcome.h"
#include "kernel/arch/mmu.h"
#include "kernel/lib/list.h"
#include "kernel/lib/tree.h"

struct memory;

/* A recently resolved page and its place in the direct map. */
struct resolved {
        uint64_t key; /* user address of the page, ORed with its enum map_flags; 0: none */
        char *bytes;
};

enum { SPACE_RESOLVED = 8 };

struct space {
        struct mmu mmu;
        struct tree mappings; /* by address */
        uint64_t cursor;      /* where the search for a free range goes on */
        struct account *account;
        struct resolved resolved[SPACE_RESOLVED]; /* by the page's number; only what is mapped */
};

struct mapping {
        struct tree_node node; /* key: address */
        struct list memory_link;
        struct space *space;
        struct memory *memory;
        uint64_t pages, offset; /* offset into the object, in pages */
        uint8_t flags, allowed; /* enum map_flags; allowed: by the handle that it was made with */
};

/* Of a zeroed space; false: account used up. */
bool space_init(struct space *space, struct account *account);
void space_destroy(struct space *space);

/* Maps pages of an object; if the address wanted is 0, at a free range (abi/memory.h), which it is
 * set to. Malformed: not aligned, outside the user addresses or the object, write and execute
 * together, RAM uncached (the kernel's own mapping of it is not); busy: something is mapped there;
 * no memory, or no free range. */
outcome_t space_map(struct space *space, struct memory *memory, struct memory_mapping *wanted);

/* Removes all mappings in the range, and parts of those that cross its ends. No memory, which only
 * a hole in the middle of one mapping needs: nothing has changed. */
outcome_t space_unmap(struct space *space, uint64_t address, uint64_t bytes);

/* Changes the flags in the range, which must be mapped throughout. No memory, which mappings that
 * cross its ends need: nothing has changed. */
outcome_t space_protect(struct space *space, uint64_t address, uint64_t bytes, unsigned flags);

/* The first mapping that ends above the address, or NULL. */
const struct mapping *space_find(struct space *space, uint64_t address);

/* Makes the page at a user address present for reading or writing, and returns its bytes in the
 * direct map from that address to the page's end; NULL: not mapped, or not with that access. */
void *space_resolve(struct space *space, uint64_t address, bool write);

/* The same, faster for pages that are asked for again and again. */
static inline void *space_recall(struct space *space, uint64_t address, bool write)
{
        const struct resolved *resolved = &space->resolved[address / PAGE_SIZE % SPACE_RESOLVED];
        if ((resolved->key ^ address) >= PAGE_SIZE ||
            !(resolved->key & (write ? MAP_WRITE : MAP_READ)))
                return space_resolve(space, address, write);
        char *at = resolved->bytes + address % PAGE_SIZE;
        if (!at)
                __builtin_unreachable(); /* the caller's test is for space_resolve() */
        return at;
}

/* Handles a page fault of the processor; `access`: MAP_READ, MAP_WRITE or MAP_EXECUTE. False: it is
 * the program's mistake. */
bool space_fault(struct space *space, uint64_t address, unsigned access);

/* Copies between a space and kernel memory; false at the first byte that is not accessible. */
bool space_read(struct space *space, void *to, uint64_t from, uint64_t bytes);
bool space_write(struct space *space, uint64_t to, const void *from, uint64_t bytes);

/* A page of an object has got another frame: removes the old one from the page tables. */
void mapping_forget_page(struct mapping *mapping, uint64_t page);

/* Makes all pages of a mapping read-only in the page tables: its object is being snapshot. */
void mapping_write_protect(struct mapping *mapping);
void mapping_destroy(struct mapping *mapping);

#endif
