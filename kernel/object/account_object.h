/* Accounts as objects: handles to them, their creation and their end. An account lives as long as
 * handles to it, or objects that are charged to it; by force it ends with all of these.
 *
 * Context of all functions: kernel lock held. */
#ifndef KERNEL_OBJECT_ACCOUNT_OBJECT_H
#define KERNEL_OBJECT_ACCOUNT_OBJECT_H

#include "kernel/account/account.h"
#include "kernel/object/object.h"

struct account_object {
        struct object object; /* charged to the parent */
        struct account account;
};

extern const struct object_type account_object_type;

static inline struct object *account_object(struct account *account)
{
        return &container_of(account, struct account_object, account)->object;
}

static inline struct account *object_account(struct object *object)
{
        return &container_of(object, struct account_object, object)->account;
}

/* The root account, which all memory belongs to: created once, with so many bytes. */
struct account *account_create_root(uint64_t bytes);
struct account *account_root(void);

/* An account with a limit reserved from `parent`; NULL: the parent has not enough left. */
struct account *account_create(struct account *parent, uint64_t bytes);

#endif
