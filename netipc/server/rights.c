#include "netipc/server/rights.h"
#include <stdlib.h>
#include "netipc/core/wire.h"
#include "servers/rt/syscall.h"

static struct local_right **find(struct right_table *rights, uint64_t token)
{
        struct local_right **link = &rights->buckets[token % RIGHTS_BUCKETS];
        while (*link && (*link)->token != token)
                link = &(*link)->next;
        return link;
}

struct local_right *right_by_token(struct right_table *rights, uint64_t token)
{
        return *find(rights, token);
}

static outcome_t right_token(struct right_table *rights, handle_t handle, uint8_t type,
                             uint64_t *token)
{
        enum object_type object;
        uint32_t allowed;
        if (type == CAPABILITY_REPLY) {
                *token = TOKEN_REPLY | ++rights->last_reply;
                return OUTCOME_OK;
        }
        return sys_handle_info(handle, &object, &allowed, token);
}

outcome_t right_hold(struct right_table *rights, handle_t handle, uint8_t type, uint64_t *token)
{
        outcome_t outcome = right_token(rights, handle, type, token);
        if (outcome != OUTCOME_OK) {
                sys_handle_close(handle);
                return outcome;
        }
        struct local_right **link = find(rights, *token);
        if (*link) {
                (*link)->references++;
                sys_handle_close(handle);
                return OUTCOME_OK;
        }
        struct local_right *right = malloc(sizeof(*right));
        if (!right) {
                sys_handle_close(handle);
                return not_executed(REASON_NO_MEMORY);
        }
        *right =
            (struct local_right){.token = *token, .references = 1, .handle = handle, .type = type};
        *link = right;
        if (type == CAPABILITY_SEND)
                sys_watch(handle, rights->event, rights->bits);
        return OUTCOME_OK;
}

void right_release(struct right_table *rights, uint64_t token)
{
        struct local_right **link = find(rights, token);
        struct local_right *right = *link;
        if (!right || --right->references)
                return;
        *link = right->next;
        sys_handle_close(right->handle);
        free(right);
}

void rights_check(struct right_table *rights, void (*dead)(uint64_t token, enum reason reason))
{
        for (unsigned i = 0; i < RIGHTS_BUCKETS; i++) {
                struct local_right *next;
                for (struct local_right *right = rights->buckets[i]; right; right = next) {
                        enum object_type type;
                        uint32_t allowed;
                        uint64_t identity;
                        next = right->next;
                        if (right->type != CAPABILITY_SEND)
                                continue;
                        outcome_t outcome =
                            sys_handle_info(right->handle, &type, &allowed, &identity);
                        if (outcome != OUTCOME_OK)
                                dead(right->token, (enum reason)outcome_reason(outcome));
                }
        }
}
