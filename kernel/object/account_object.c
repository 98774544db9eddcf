/* The life of an account. Whatever is charged to one ends before it, so that it has used nothing
 * when it returns its limit to its parent. */
#include "kernel/object/account_object.h"
#include "kernel/debug/panic.h"

static struct account_object root;

static void init(struct account_object *account, struct account *parent, uint64_t bytes)
{
        object_init(&account->object, &account_object_type, parent);
        account_init(&account->account, parent, bytes);
}

struct account *account_create_root(uint64_t bytes)
{
        init(&root, NULL, bytes);
        return &root.account;
}

struct account *account_root(void)
{
        return &root.account;
}

struct account *account_create(struct account *parent, uint64_t bytes)
{
        struct account_object *account = account_alloc(parent, sizeof(*account));
        if (!account)
                return NULL;
        if (!account_charge(parent, bytes)) {
                account_free(parent, account);
                return NULL;
        }
        init(account, parent, bytes);
        return &account->account;
}

static void account_end(struct account *account)
{
        kassert(account->used == 0);
        account_uncharge(account->parent, account->limit);
        object_free(account_object(account));
}

/* Nested accounts end from the innermost outwards, without recursion: programs choose the depth. */
static void account_destroy(struct object *object)
{
        struct account *top = object_account(object), *account = top;
        while (account != top || !list_empty(&top->objects)) {
                if (list_empty(&account->objects)) {
                        struct account *parent = account->parent;
                        account_end(account);
                        account = parent;
                        continue;
                }
                struct object *first =
                    container_of(account->objects.next, struct object, account_link);
                if (first->type == &account_object_type) {
                        first->dying = true;
                        account = object_account(first);
                } else {
                        object_destroy(first);
                }
        }
        account_end(top);
}

/* Without a handle nobody can charge more to the account, but the objects charged to it live on; it
 * ends with the last of them. The root stays. */
static void account_unreferenced(struct object *object)
{
        const struct account *account = object_account(object);
        if (list_empty(&account->objects) && account->parent)
                object_destroy(object);
}

const struct object_type account_object_type = {
    .kind = OBJECT_ACCOUNT,
    .destroy = account_destroy,
    .unreferenced = account_unreferenced,
};
