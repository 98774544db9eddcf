/* The buddy allocator (Knowlton 1965). The table has an entry for each page of RAM; a free block is
 * on the list of its order, linked by page numbers through the entry of its first page.
 *
 * Context: kernel lock held. */
#include "kernel/account/frame.h"
#include "kernel/debug/build.h"
#include "kernel/debug/panic.h"
#include "kernel/arch/arch.h"
#include "kernel/lib/string.h"

enum frame_state { FRAME_RESERVED = 0, FRAME_FREE, FRAME_USED };

struct frame {
        union {
                struct {
                        uint32_t next, prev; /* of a free block's first page; 0 ends the list */
                };
                void *owner; /* of a used page, or NULL */
        };
        uint32_t shares; /* of a used page */
        uint8_t order;   /* of a free block's first page */
        uint8_t state;
        bool movable; /* of a used page with an owner */
};
_Static_assert(sizeof(struct frame) == 16, "the table is 1/256 of the memory");

#define LOW_LIMIT (1ull << 32)

static struct {
        struct frame *table;
        uint32_t count;
        uint64_t free_pages;
        uint32_t lists[2][FRAME_ORDERS]; /* by zone: 0 below 4 GiB, 1 above */
        unsigned ram_count;
        struct boot_range ram[BOOT_RANGES]; /* all of it, also what was never free */
} frames;

static unsigned page_zone(uint32_t page)
{
        return (uint64_t)page << PAGE_SHIFT >= LOW_LIMIT;
}

static void block_push(uint32_t page, unsigned order)
{
        uint32_t *list = &frames.lists[page_zone(page)][order];
        struct frame *frame = &frames.table[page];
        kassert(page && page % (1u << order) == 0 && page + (1u << order) <= frames.count);
        *frame = (struct frame){.next = *list, .order = (uint8_t)order, .state = FRAME_FREE};
        if (*list)
                frames.table[*list].prev = page;
        *list = page;
}

static void block_remove(uint32_t page, unsigned order)
{
        struct frame *frame = &frames.table[page];
        kassert(frame->state == FRAME_FREE && frame->order == order);
        if (frame->prev)
                frames.table[frame->prev].next = frame->next;
        else
                frames.lists[page_zone(page)][order] = frame->next;
        if (frame->next)
                frames.table[frame->next].prev = frame->prev;
        frame->state = FRAME_USED;
}

static void block_give(uint32_t page, unsigned order)
{
        kassert(frames.table[page].state != FRAME_FREE);
        frames.free_pages += 1u << order;
        if (KERNEL_CHECK)
                memset(direct((paddr_t)page << PAGE_SHIFT), FREED_PATTERN, PAGE_SIZE << order);
        for (; order + 1 < FRAME_ORDERS; order++) {
                uint32_t buddy = page ^ 1u << order;
                if (buddy >= frames.count || frames.table[buddy].state != FRAME_FREE ||
                    frames.table[buddy].order != order || page_zone(buddy) != page_zone(page))
                        break;
                block_remove(buddy, order);
                page &= ~(1u << order);
        }
        block_push(page, order);
}

static uint32_t block_take(unsigned zone, unsigned order)
{
        unsigned found = order;
        while (found < FRAME_ORDERS && !frames.lists[zone][found])
                found++;
        if (found == FRAME_ORDERS)
                return 0;
        uint32_t page = frames.lists[zone][found];
        block_remove(page, found);
        while (found > order) {
                found--;
                block_push(page + (1u << found), found);
        }
        kassert(frames.free_pages >= 1u << order);
        frames.free_pages -= 1u << order;
        return page;
}

paddr_t frame_take(unsigned order, bool low)
{
        if (order >= FRAME_ORDERS)
                return 0;
        uint32_t page = low ? 0 : block_take(1, order);
        if (!page)
                page = block_take(0, order);
        for (uint32_t i = 0; page && i < 1u << order; i++)
                frames.table[page + i] = (struct frame){.state = FRAME_USED};
        return (paddr_t)page << PAGE_SHIFT;
}

void frame_give(paddr_t block, unsigned order)
{
        uint32_t page = (uint32_t)(block >> PAGE_SHIFT);
        kassert(page < frames.count && frames.table[page].state == FRAME_USED);
        kassert(frames.table[page].shares == 0);
        block_give(page, order);
}

static void give_range(paddr_t start, paddr_t end)
{
        for (paddr_t page = start; page < end; page += PAGE_SIZE)
                block_give((uint32_t)(page >> PAGE_SHIFT), 0);
}

void frame_adopt(paddr_t start, paddr_t end)
{
        for (paddr_t page = start; page < end; page += PAGE_SIZE) {
                kassert(frames.table[page >> PAGE_SHIFT].state == FRAME_RESERVED);
                frames.table[page >> PAGE_SHIFT] = (struct frame){.state = FRAME_USED};
        }
}

void frame_set_owner(paddr_t frame, void *owner, bool movable)
{
        struct frame *entry = &frames.table[frame >> PAGE_SHIFT];
        kassert(entry->state == FRAME_USED && !entry->shares);
        entry->owner = owner;
        entry->movable = movable;
}

void *frame_owner(paddr_t frame)
{
        kassert(frame_used(frame));
        return frames.table[frame >> PAGE_SHIFT].owner;
}

/* Which owner will be left in the end is not known: the frame stays where it is from now on. */
void frame_share(paddr_t frame)
{
        struct frame *entry = &frames.table[frame >> PAGE_SHIFT];
        kassert(entry->state == FRAME_USED && entry->shares < UINT32_MAX);
        entry->shares++;
        entry->owner = NULL;
        entry->movable = false;
}

bool frame_shared(paddr_t frame)
{
        return frames.table[frame >> PAGE_SHIFT].shares != 0;
}

void frame_drop(paddr_t frame)
{
        struct frame *entry = &frames.table[frame >> PAGE_SHIFT];
        kassert(entry->state == FRAME_USED);
        if (entry->shares)
                entry->shares--;
        else
                block_give((uint32_t)(frame >> PAGE_SHIFT), 0);
}

uint64_t frame_free_bytes(void)
{
        return frames.free_pages << PAGE_SHIFT;
}

bool frame_is_ram(paddr_t start, paddr_t end)
{
        return ranges_meet(frames.ram, frames.ram_count, start, end);
}

bool frame_used(paddr_t frame)
{
        return frames.table[frame >> PAGE_SHIFT].state == FRAME_USED;
}

/* ---- making room for a block ---- */

/* The next step through a block that is not free as a whole: a smaller free block, or a used page.
 */
static uint32_t step_pages(uint32_t page)
{
        const struct frame *frame = &frames.table[page];
        return frame->state == FRAME_FREE ? 1u << frame->order : 1;
}

static bool block_is_movable(uint32_t page, uint32_t pages)
{
        for (uint32_t at = page; at < page + pages; at += step_pages(at))
                if (frames.table[at].state != FRAME_FREE && !frames.table[at].movable)
                        return false;
        return true;
}

/* Takes what is free in the block off the lists, so that nothing is moved there. */
static void block_claim(uint32_t page, uint32_t pages)
{
        for (uint32_t at = page, step; at < page + pages; at += step) {
                step = step_pages(at);
                if (frames.table[at].state != FRAME_FREE)
                        continue;
                block_remove(at, frames.table[at].order);
                frames.free_pages -= step;
                for (uint32_t i = at; i < at + step; i++)
                        frames.table[i] = (struct frame){.state = FRAME_USED};
        }
}

static void block_vacate(uint32_t page, uint32_t pages, frame_move *move)
{
        for (uint32_t at = page; at < page + pages; at++) {
                struct frame *frame = &frames.table[at];
                kassert(frame->state == FRAME_USED && !frame->shares);
                if (frame->movable) {
                        paddr_t to = frame_take(0, false);
                        kassert(to); /* as many are free elsewhere as are used here */
                        move(frame->owner, (paddr_t)at << PAGE_SHIFT, to);
                }
                *frame = (struct frame){.state = FRAME_USED};
                arch_preemption_point();
        }
}

paddr_t frame_clear(unsigned order, frame_move *move)
{
        const uint32_t low = LOW_LIMIT >> PAGE_SHIFT, end = frames.count < low ? frames.count : low;
        const uint32_t pages = 1u << order;
        if (order >= FRAME_ORDERS || frames.free_pages < pages)
                return 0;
        for (uint32_t page = pages; page + pages <= end; page += pages) {
                if (block_is_movable(page, pages)) {
                        block_claim(page, pages);
                        block_vacate(page, pages, move);
                        return (paddr_t)page << PAGE_SHIFT;
                }
                arch_preemption_point();
        }
        return 0;
}

void frame_init(const struct boot_machine *machine)
{
        frames.count = (uint32_t)(machine->highest >> PAGE_SHIFT);
        frames.ram_count = machine->ram_count;
        memcpy(frames.ram, machine->ram, sizeof(frames.ram));
        uint64_t bytes = page_up(frames.count * sizeof(struct frame));
        paddr_t table = 0;
        for (unsigned i = 0; i < machine->free_count && !table; i++)
                if (machine->free[i].end - machine->free[i].start >= bytes)
                        table = machine->free[i].start;
        if (!table)
                panic("no room for the table of %u page frames; give the machine more memory",
                      frames.count);
        frames.table = direct(table);
        memset(frames.table, 0, bytes);
        for (unsigned i = 0; i < machine->free_count; i++) {
                paddr_t start = machine->free[i].start;
                if (start == table)
                        start += bytes;
                give_range(start, machine->free[i].end);
        }
        kassert(frames.free_pages > 0 && frames.free_pages < frames.count);
}
