/* What the linker puts before the kernel's allocators (--wrap): free frames and free cells are
 * poisoned for AddressSanitizer, and allocations fail where a test wants them to.
 *
 * A free cell keeps its first word, by which the kernel links it. account.c is compiled with memset
 * renamed to machine_memset, which unpoisons what it clears: a cell is cleared when it is given
 * out.
 */
#include <sanitizer/asan_interface.h>
#include <string.h>
#include "kernel/debug/panic.h"
#include "kernel/account/frame.h"
#include "tests/unit/kernel/host/machine.h"

enum { CELL_LINK = sizeof(void *), CELL_KEPT = 2 * CELL_LINK };

paddr_t __real_frame_take(unsigned order, bool low);
paddr_t __real_frame_clear(unsigned order, frame_move *move);
void __real_frame_give(paddr_t block, unsigned order);
void __real_frame_drop(paddr_t frame);
void *__real_account_alloc(struct account *account, size_t bytes);
void __real_account_free(struct account *account, void *cell);
bool __real_account_charge(struct account *account, uint64_t bytes);
paddr_t __real_account_take_page(struct account *account);

paddr_t __wrap_frame_take(unsigned order, bool low);
paddr_t __wrap_frame_clear(unsigned order, frame_move *move);
void __wrap_frame_give(paddr_t block, unsigned order);
void __wrap_frame_drop(paddr_t frame);
void *__wrap_account_alloc(struct account *account, size_t bytes);
void __wrap_account_free(struct account *account, void *cell);
bool __wrap_account_charge(struct account *account, uint64_t bytes);
paddr_t __wrap_account_take_page(struct account *account);
void *machine_memset(void *to, int value, size_t bytes);

/* ---- memory that nobody may use ---- */

void machine_poison(paddr_t start, paddr_t end)
{
        ASAN_POISON_MEMORY_REGION(direct(start), end - start);
}

void machine_unpoison(paddr_t start, paddr_t end)
{
        ASAN_UNPOISON_MEMORY_REGION(direct(start), end - start);
}

bool machine_is_freed(const void *address)
{
        return __asan_address_is_poisoned(address);
}

static void check_unmapped(paddr_t block, unsigned order)
{
        for (paddr_t i = 0; i < 1u << order; i++)
                if (machine.frame[(block >> PAGE_SHIFT) + i].mapped)
                        panic("frame %lx is freed while it is mapped", block + (i << PAGE_SHIFT));
}

paddr_t __wrap_frame_take(unsigned order, bool low)
{
        paddr_t block = __real_frame_take(order, low);
        if (block)
                machine_unpoison(block, block + ((paddr_t)PAGE_SIZE << order));
        return block;
}

static frame_move *mover;

static void move_unpoisoned(void *owner, paddr_t from, paddr_t to)
{
        machine_unpoison(to, to + PAGE_SIZE);
        mover(owner, from, to);
        check_unmapped(from, 0);
}

paddr_t __wrap_frame_clear(unsigned order, frame_move *move)
{
        mover = move;
        paddr_t block = __real_frame_clear(order, move_unpoisoned);
        if (block)
                machine_unpoison(block, block + ((paddr_t)PAGE_SIZE << order));
        return block;
}

void __wrap_frame_give(paddr_t block, unsigned order)
{
        check_unmapped(block, order);
        __real_frame_give(block, order);
        machine_poison(block, block + ((paddr_t)PAGE_SIZE << order));
}

void __wrap_frame_drop(paddr_t frame)
{
        bool last = !frame_shared(frame);
        if (last)
                check_unmapped(frame, 0);
        __real_frame_drop(frame);
        if (last)
                machine_poison(frame, frame + PAGE_SIZE);
}

/* ---- allocations that fail ---- */

void machine_limit_allocations(uint64_t count)
{
        machine.allocations_limited = true;
        machine.allocation_failed = false;
        machine.allocations_left = count;
}

bool machine_unlimit_allocations(void)
{
        machine.allocations_limited = false;
        return machine.allocation_failed;
}

static bool may_allocate(void)
{
        if (!machine.allocations_limited)
                return true;
        if (machine.allocations_left-- > 0)
                return true;
        machine.allocations_left = 0;
        machine.allocations_limited = false;
        machine.allocation_failed = true;
        return false;
}

bool __wrap_account_charge(struct account *account, uint64_t bytes)
{
        return may_allocate() && __real_account_charge(account, bytes);
}

paddr_t __wrap_account_take_page(struct account *account)
{
        return may_allocate() ? __real_account_take_page(account) : 0;
}

/* ---- cells ---- */

enum { SLAB_HEADER = 64 };

static struct machine_frame *frame_of(const void *address)
{
        return &machine.frame[direct_physical(address) >> PAGE_SHIFT];
}

void *machine_memset(void *to, int value, size_t bytes)
{
        ASAN_UNPOISON_MEMORY_REGION(to, bytes);
        if (bytes < PAGE_SIZE)
                frame_of(to)->cell_bytes = (uint16_t)bytes;
        return memset(to, value, bytes);
}

void *__wrap_account_alloc(struct account *account, size_t bytes)
{
        if (!may_allocate())
                return NULL;
        char *cell = __real_account_alloc(account, bytes);
        size_t kept = bytes <= CELL_KEPT ? CELL_KEPT : (bytes + 7) / 8 * 8;
        if (cell)
                ASAN_POISON_MEMORY_REGION(cell + kept, frame_of(cell)->cell_bytes - kept);
        return cell;
}

void __wrap_account_free(struct account *account, void *cell)
{
        size_t bytes = frame_of(cell)->cell_bytes;
        char *first = (char *)((uint64_t)cell & ~(PAGE_SIZE - 1ull)) + SLAB_HEADER;
        char *start = first + (size_t)((char *)cell - first) / bytes * bytes;
        if (machine_is_freed(start + CELL_LINK))
                panic("a cell is freed twice");
        __real_account_free(account, cell);
        ASAN_POISON_MEMORY_REGION(start + CELL_LINK, bytes - CELL_LINK);
}
