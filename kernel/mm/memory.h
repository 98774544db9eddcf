/* Memory objects: pages that can be mapped into tasks. Anonymous memory is committed when it is
 * created, so that using it cannot fail later; a snapshot is charged in full, although it shares
 * frames until one side writes.
 *
 * Context of all functions: kernel lock held. */
#ifndef KERNEL_MM_MEMORY_H
#define KERNEL_MM_MEMORY_H

#include "kernel/abi/memory.h"
#include "kernel/account/frame.h"
#include "kernel/abi/outcome.h"
#include "kernel/arch/mmu.h"
#include "kernel/object/object.h"

enum {
        MEMORY_LEAF_PAGES = PAGE_SIZE / sizeof(uint32_t),
        MEMORY_DIRECTORY_PAGES = PAGE_SIZE / sizeof(uint32_t *) * MEMORY_LEAF_PAGES, /* 2 GiB */
        MEMORY_DIRECTORIES = 252, /* pointers that the largest cell of an account holds */
};

struct memory {
        struct object object;
        uint8_t kind;  /* enum memory_kind */
        uint8_t order; /* DMA: of the block */
        bool shared;   /* anonymous: once part of a snapshot, so frames may be shared */
        uint64_t pages;
        union {
                paddr_t base;         /* DMA, device: physical address */
                uint32_t **directory; /* anonymous: of an object that has one */
        };
        uint32_t ***directories; /* anonymous: of leaves of frame numbers */
        struct list mappings;    /* struct mapping.memory_link */
};

extern const struct object_type memory_type;

/* Anonymous memory of that many pages: zeroed, or of frames from `start` on that are charged to the
 * account already (boot modules), unless that is 0. NULL: account used up or too large. */
struct memory *memory_create(struct account *account, uint64_t pages, paddr_t start);

/* Contiguous memory below 4 GiB, rounded up to a power of two of pages; NULL: none. */
struct memory *memory_create_dma(struct account *account, uint64_t pages);

/* A window of device registers; the caller has checked the range. */
struct memory *memory_create_device(struct account *account, paddr_t base, uint64_t pages);

/* A copy on write of an anonymous object. NULL: account used up. */
struct memory *memory_snapshot(struct memory *memory, struct account *account);

/* Where an anonymous object keeps a page's frame number. */
static inline uint32_t *memory_entry(const struct memory *memory, uint64_t page)
{
        uint32_t **directory = memory->directories[page / MEMORY_DIRECTORY_PAGES];
        return &directory[page % MEMORY_DIRECTORY_PAGES / MEMORY_LEAF_PAGES]
                         [page % MEMORY_LEAF_PAGES];
}

/* Physical address of a page. */
static inline paddr_t memory_page(const struct memory *memory, uint64_t page)
{
        if (memory->kind == MEMORY_ANONYMOUS)
                return (paddr_t)*memory_entry(memory, page) << PAGE_SHIFT;
        return memory->base + (page << PAGE_SHIFT);
}

/* Whether the page's frame is shared with a snapshot, so that it must not be written. */
static inline bool memory_page_shared(const struct memory *memory, uint64_t page)
{
        return memory->shared && frame_shared(memory_page(memory, page));
}

/* Copies a shared page to a frame of the object's own. Cannot fail: the frame is paid for. */
void memory_own_page(struct memory *memory, uint64_t page);

#endif
