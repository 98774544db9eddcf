/* Slabs (Bonwick 1994): pages of cells of one size class, with a header at the start. A page
 * without a free cell is on no list; an empty one is returned. What an account has used is the sum
 * of its pages, its frames and the limits of its children: every path that takes gives back the
 * same. */
#include "kernel/account/account.h"
#include "kernel/debug/build.h"
#include "kernel/debug/panic.h"
#include "kernel/lib/string.h"
#include "kernel/account/frame.h"

struct slab {
        struct list link; /* in account->partial[class], if a cell is free */
        struct account *account;
        void *free; /* cells, linked through their first word */
        uint16_t class, used, fresh, cells;
        uint64_t reserved[3];
};

_Static_assert(sizeof(struct slab) == 64, "cells start 64 bytes into the page");

/* As many cells as fit: 63, 31, 15, 8, 4, 3 and 2 a page. */
static const uint16_t class_bytes[ACCOUNT_CLASSES] = {64, 128, 256, 496, 1008, 1344, 2016};

void account_init(struct account *account, struct account *parent, uint64_t bytes)
{
        kassert(!parent || parent->used >= bytes);
        *account = (struct account){.parent = parent, .limit = bytes};
        list_init(&account->objects);
        for (unsigned i = 0; i < ACCOUNT_CLASSES; i++)
                list_init(&account->partial[i]);
}

bool account_charge(struct account *account, uint64_t bytes)
{
        kassert(account->used <= account->limit);
        if (bytes > account->limit - account->used)
                return false;
        account->used += bytes;
        return true;
}

void account_uncharge(struct account *account, uint64_t bytes)
{
        kassert(account->used >= bytes);
        account->used -= bytes;
}

paddr_t account_take_page(struct account *account)
{
        if (!account_charge(account, PAGE_SIZE))
                return 0;
        paddr_t page = frame_take(0, false);
        kassert(page); /* the limits add up to what is there */
        memset(direct(page), 0, PAGE_SIZE);
        return page;
}

void account_give_page(struct account *account, paddr_t page)
{
        frame_give(page, 0);
        account_uncharge(account, PAGE_SIZE);
}

static __attribute__((noinline)) struct slab *slab_create(struct account *account, unsigned class)
{
        paddr_t page = account_take_page(account);
        if (!page)
                return NULL;
        struct slab *slab = direct(page);
        slab->account = account;
        slab->class = (uint16_t) class;
        slab->cells = (uint16_t)((PAGE_SIZE - sizeof(*slab)) / class_bytes[class]);
        list_prepend(&account->partial[class], &slab->link);
        return slab;
}

void *account_alloc(struct account *account, size_t bytes)
{
        unsigned size_class = 0;
        kassert(bytes <= class_bytes[ACCOUNT_CLASSES - 1]);
        while (class_bytes[size_class] < bytes)
                size_class++;
        struct list *partial = &account->partial[size_class];
        struct slab *slab = list_empty(partial) ? slab_create(account, size_class)
                                                : container_of(partial->next, struct slab, link);
        if (!slab)
                return NULL;
        kassert(slab->used < slab->cells);
        void *cell = slab->free;
        if (cell)
                slab->free = *(void **)cell;
        else
                cell = (char *)(slab + 1) + (size_t)slab->fresh++ * class_bytes[slab->class];
        if (++slab->used == slab->cells)
                list_remove(&slab->link);
        return memset(cell, 0, class_bytes[slab->class]);
}

void account_free(struct account *account, void *cell)
{
        struct slab *slab = (struct slab *)((uint64_t)cell & ~(PAGE_SIZE - 1ull));
        kassert(slab->account == account && slab->class < ACCOUNT_CLASSES);
        kassert(slab->used > 0 && slab->used <= slab->cells);
        /* An object need not stand at the start of its cell: a thread begins with its context. */
        char *first = (char *)(slab + 1);
        size_t bytes = class_bytes[slab->class];
        cell = first + (size_t)((char *)cell - first) / bytes * bytes;
        if (KERNEL_CHECK)
                memset(cell, FREED_PATTERN, bytes);
        *(void **)cell = slab->free;
        slab->free = cell;
        if (slab->used-- == slab->cells)
                list_append(&account->partial[slab->class], &slab->link);
        if (slab->used == 0) {
                list_remove(&slab->link);
                account_give_page(account, direct_physical(slab));
        }
}
