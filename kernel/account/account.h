/* Accounts: whoever asks for memory pays for it. An account has a limit, reserved from its parent's
 * when it is created; everything that the kernel allocates is charged to one. Small objects come
 * from slab pages that belong to one account, so destroying it returns every byte. How an account
 * is created and ends, as an object with handles: object/account_object.h.
 *
 * Context of all functions: kernel lock held. */
#ifndef KERNEL_ACCOUNT_ACCOUNT_H
#define KERNEL_ACCOUNT_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include "kernel/arch/mmu.h"
#include "kernel/lib/list.h"

enum { ACCOUNT_CLASSES = 7 };

struct account {
        struct account *parent;               /* NULL: the root */
        uint64_t used, limit;                 /* bytes; used includes the limits of children */
        struct list objects;                  /* struct object.account_link */
        struct list partial[ACCOUNT_CLASSES]; /* slab pages with a free cell, by size class */
};

/* An account that has used nothing; the parent has been charged with `bytes`. */
void account_init(struct account *account, struct account *parent, uint64_t bytes);

bool account_charge(struct account *account, uint64_t bytes);
void account_uncharge(struct account *account, uint64_t bytes);

/* A zeroed page, charged; 0 if the account is used up. */
paddr_t account_take_page(struct account *account);
void account_give_page(struct account *account, paddr_t page);

/* A zeroed cell of `bytes` (at most 2016), 16-byte aligned; NULL if the account is used up. */
void *account_alloc(struct account *account, size_t bytes);
/* `cell`: any address within it. */
void account_free(struct account *account, void *cell);

#endif
