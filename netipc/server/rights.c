/* A hash table by token. For each entry exactly one handle is held, and one watch if it is a send
 * right; both go with the last reference. */
#include "netipc/server/rights.h"
#include <stdlib.h>
#include "netipc/core/wire.h"
#include "servers/rt/message/syscall.h"
#include "servers/rt/task/memory.h"

static struct local_right **find(struct right_table *table, uint64_t token)
{
        struct local_right **link = &table->buckets[token % RIGHTS_BUCKETS];
        while (*link && (*link)->token != token)
                link = &(*link)->next;
        return link;
}

struct local_right *right_by_token(struct right_table *table, uint64_t token)
{
        return *find(table, token);
}

enum reason right_death(struct right_table *table, uint64_t token)
{
        const struct local_right *right = right_by_token(table, token);
        return right ? (enum reason)right->death : 0;
}

static outcome_t right_token(struct right_table *table, handle_t handle, uint8_t type,
                             uint64_t *token, uint32_t *allowed)
{
        enum object_kind object;
        *allowed = 0;
        if (type == CAPABILITY_REPLY || type == CAPABILITY_MEMORY) {
                *token = TOKEN_OWN | ++table->last_own;
                return OUTCOME_OK;
        }
        return sys_handle_info(handle, &object, allowed, token);
}

static outcome_t right_make(struct right_table *table, const struct local_right *model)
{
        struct local_right *right = malloc(sizeof(*right));
        if (!right)
                return not_executed(REASON_NO_MEMORY);
        outcome_t outcome = model->type == CAPABILITY_SEND
                                ? sys_watch(model->handle, table->event, table->bits)
                                : OUTCOME_OK;
        if (outcome != OUTCOME_OK) {
                free(right);
                return outcome;
        }
        *right = *model;
        *find(table, model->token) = right;
        return OUTCOME_OK;
}

/* One more reference; of two handles the more permissive is kept. */
static void right_add(struct local_right *right, handle_t handle, uint32_t allowed)
{
        right->references++;
        handle_t other = handle;
        if (allowed & ~right->allowed) {
                other = right->handle;
                right->handle = handle;
                right->allowed = allowed;
        }
        sys_handle_close(other);
}

outcome_t right_hold(struct right_table *table, handle_t handle, uint8_t type, uint64_t *token)
{
        uint32_t allowed;
        outcome_t outcome = right_token(table, handle, type, token, &allowed);
        struct local_right *known = outcome == OUTCOME_OK ? right_by_token(table, *token) : NULL;
        if (known) {
                right_add(known, handle, allowed);
                return OUTCOME_OK;
        }
        const struct local_right model = {
            .token = *token, .references = 1, .handle = handle, .allowed = allowed, .type = type};
        if (outcome == OUTCOME_OK)
                outcome = right_make(table, &model);
        if (outcome != OUTCOME_OK)
                sys_handle_close(handle);
        return outcome;
}

void right_keep(struct right_table *table, uint64_t token)
{
        struct local_right *right = right_by_token(table, token);
        if (right)
                right->references++;
}

void right_release(struct right_table *table, uint64_t token)
{
        struct local_right **link = find(table, token);
        struct local_right *right = *link;
        if (!right || --right->references)
                return;
        *link = right->next;
        if (right->type == CAPABILITY_SEND)
                sys_unwatch(right->handle, table->event, table->bits);
        if (right->bytes)
                rt_memory_free(right->bytes, right->length);
        sys_handle_close(right->handle);
        free(right);
}

/* ---- deaths ---------------------------------------------------------------------------------- */

static outcome_t right_state(const struct local_right *right)
{
        enum object_kind type;
        uint32_t allowed;
        uint64_t identity;
        return right->type == CAPABILITY_SEND
                   ? sys_handle_info(right->handle, &type, &allowed, &identity)
                   : OUTCOME_OK;
}

/* The first right of a bucket that is dead and was not reported; NULL: there is none. Notes why. */
static struct local_right *bucket_dead(const struct right_table *table, unsigned bucket)
{
        struct local_right *right = table->buckets[bucket];
        for (; right; right = right->next) {
                outcome_t state = right->death ? OUTCOME_OK : right_state(right);
                if (state == OUTCOME_OK)
                        continue;
                right->death = (uint8_t)outcome_reason(state);
                break;
        }
        return right;
}

/* Starts over after each death, because telling of it may release any right of the bucket. */
static void bucket_check(struct right_table *table, unsigned bucket,
                         void (*dead)(uint64_t token, enum reason reason))
{
        struct local_right *right;
        while ((right = bucket_dead(table, bucket)))
                dead(right->token, (enum reason)right->death);
}

void rights_signalled(struct right_table *table)
{
        table->unchecked = RIGHTS_BUCKETS;
}

bool rights_check(struct right_table *table, void (*dead)(uint64_t token, enum reason reason))
{
        for (unsigned i = 0; i < RIGHTS_CHECKED && table->unchecked; i++) {
                table->unchecked--;
                table->next_bucket = (table->next_bucket + 1) % RIGHTS_BUCKETS;
                bucket_check(table, table->next_bucket, dead);
        }
        return table->unchecked;
}
