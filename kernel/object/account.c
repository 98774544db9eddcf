/* Slabs (Bonwick 1994): pages of cells of one size class, with a header at the start. A page
 * without a free cell is on no list; an empty one is returned. What an account has used is the sum
 * of its pages, its frames and the limits of its children: every path that takes gives back the
 * same. */
#include "kernel/object/account.h"
#include "kernel/debug/check.h"
#include "kernel/debug/panic.h"
#include "kernel/include/string.h"
#include "kernel/mm/frame.h"

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

static struct account *account_top;

static void account_init(struct account *account, struct account *parent, uint64_t bytes)
{
        object_init(&account->object, OBJECT_ACCOUNT, parent);
        account->limit = bytes;
        list_init(&account->objects);
        for (unsigned i = 0; i < ACCOUNT_CLASSES; i++)
                list_init(&account->partial[i]);
}

void account_init_root(struct account *root, uint64_t bytes)
{
        account_init(root, NULL, bytes);
        account_top = root;
}

struct account *account_root(void)
{
        return account_top;
}

struct account *account_create(struct account *parent, uint64_t bytes)
{
        struct account *account = account_alloc(parent, sizeof(*account));
        if (!account)
                return NULL;
        if (!account_charge(parent, bytes)) {
                account_free(parent, account);
                return NULL;
        }
        account_init(account, parent, bytes);
        return account;
}

bool account_charge(struct account *account, uint64_t bytes)
{
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
        if (!page) {
                account_uncharge(account, PAGE_SIZE);
                return 0;
        }
        memset(direct(page), 0, PAGE_SIZE);
        return page;
}

void account_give_page(struct account *account, paddr_t page)
{
        frame_give(page, 0);
        account_uncharge(account, PAGE_SIZE);
}

static struct slab *slab_create(struct account *account, unsigned class)
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
        while (class_bytes[size_class] < bytes)
                size_class++;
        struct slab *slab;
        if (list_empty(&account->partial[size_class]))
                slab = slab_create(account, size_class);
        else
                slab = container_of(account->partial[size_class].next, struct slab, link);
        if (!slab)
                return NULL;
        void *cell = slab->free;
        if (cell)
                slab->free = *(void **)cell;
        else
                cell = (char *)(slab + 1) + (size_t)slab->fresh++ * class_bytes[size_class];
        if (++slab->used == slab->cells)
                list_remove(&slab->link);
        memset(cell, 0, class_bytes[size_class]);
        return cell;
}

void account_free(struct account *account, void *cell)
{
        struct slab *slab = (struct slab *)((uint64_t)cell & ~(PAGE_SIZE - 1ull));
        kassert(slab->account == account && slab->used > 0);
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

static void account_end(struct account *account)
{
        kassert(account->used == 0);
        account_uncharge(account->object.account, account->limit);
        object_free(&account->object);
}

/* Nested accounts end from the innermost outwards, without recursion: programs choose the depth. */
void account_destroy(struct object *object)
{
        struct account *top = container_of(object, struct account, object), *account = top;
        while (account != top || !list_empty(&top->objects)) {
                if (list_empty(&account->objects)) {
                        struct account *parent = account->object.account;
                        account_end(account);
                        account = parent;
                        continue;
                }
                struct object *first =
                    container_of(account->objects.next, struct object, account_link);
                if (first->type == OBJECT_ACCOUNT) {
                        first->dying = true;
                        account = container_of(first, struct account, object);
                } else {
                        object_destroy(first);
                }
        }
        account_end(top);
}

/* Without a handle nobody can charge more to the account, but the objects charged to it live on; it
 * ends with the last of them. The root stays. */
void account_unreferenced(struct object *object)
{
        struct account *account = container_of(object, struct account, object);
        if (list_empty(&account->objects) && object->account)
                object_destroy(object);
}
