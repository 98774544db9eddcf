/* Rights of a node, as its kernel would keep them: objects and the references that core and
 * application hold to them, imports and what stands for them, and the bag in which an application
 * keeps what it was given. */
#include <stdlib.h>

#include "tests/sim/core/app.h"

struct object *object_at(struct node *node, uint64_t token)
{
        struct sim *sim = node->sim;
        if (token == 0 || token > sim->object_count ||
            sim->objects[token - 1].node != node->number ||
            sim->objects[token - 1].life != node->life) {
                sim_fail(sim, "n%u: right %llu is none of this node's", node->number + 1,
                         (unsigned long long)token);
                return NULL;
        }
        return &sim->objects[token - 1];
}

uint64_t object_make(struct node *node, uint8_t type, uint64_t proxy, uint64_t real)
{
        struct sim *sim = node->sim;
        sim->objects =
            sim_grow(sim->objects, sim->object_count, &sim->object_room, sizeof(*sim->objects));
        uint64_t token = ++sim->object_count;
        sim->objects[token - 1] = (struct object){.node = node->number,
                                                  .type = type,
                                                  .alive = true,
                                                  .life = node->life,
                                                  .proxy = proxy,
                                                  .real = proxy ? real : token};
        return token;
}

struct far_right **far_link(struct node *node, core_import_t import)
{
        struct far_right **link = &node->far[(import >> 32 ^ import) % 256];
        while (*link && (*link)->import != import)
                link = &(*link)->next;
        return link;
}

struct far_right *far_get(struct node *node, core_import_t import, uint64_t real, uint8_t type)
{
        struct far_right **link = far_link(node, import);
        struct far_right *far = *link;
        if (far)
                return far;
        far = calloc(1, sizeof(*far));
        far->import = import;
        far->real = real;
        far->type = type;
        far->stream = node->sim->stream_count;
        node->sim->streams = sim_grow(node->sim->streams, node->sim->stream_count,
                                      &node->sim->stream_room, sizeof(uint64_t));
        node->sim->streams[node->sim->stream_count++] = 0;
        *link = far;
        return far;
}

void far_release(struct node *node, struct far_right *far)
{
        if (--far->holders == 0)
                defer(node, DEFER_DROP, far->import);
}

void far_forget(struct node *node, core_import_t import)
{
        struct far_right **link = far_link(node, import), *far = *link;
        *link = far->next;
        free(far);
}

uint64_t app_real(struct node *node, const struct core_cap *cap, uint64_t expected)
{
        if (cap->kind == CORE_CAP_IMPORT)
                return far_get(node, cap->id, expected, cap->type)->real;
        const struct object *object = object_at(node, cap->id);
        return object ? object->real : 0;
}

/* What a received capability leads to. A relay learns of new imports only from the call that brings
 * them. */
static uint64_t real_in(struct node *node, const struct core_message *message, unsigned index,
                        bool answer)
{
        uint64_t uid = message->words ? message->word[0] : 0;
        uid = answer ? ~uid : uid;
        if (uid == 0 || uid > node->sim->entry_count)
                return 0;
        const struct entry *entry = &node->sim->entries[uid - 1];
        return answer ? entry->reply_cap[index] : entry->cap[index];
}

void object_check_end(struct node *node, struct object *object)
{
        if (object->refs || object->locals || !object->proxy || !object->alive)
                return;
        object->alive = false;
        struct far_right *far = *far_link(node, object->proxy);
        far->proxy = 0;
        far_release(node, far);
}

static void local_release(struct node *node, uint64_t token)
{
        struct object *object = &node->sim->objects[token - 1];
        object->locals--;
        object_check_end(node, object);
}

void caps_hold(struct node *node, const struct core_message *message, bool answer)
{
        for (unsigned i = 0; i < message->caps; i++)
                if (message->cap[i].kind == CORE_CAP_LOCAL)
                        node->sim->objects[message->cap[i].id - 1].locals++;
                else if (message->cap[i].kind == CORE_CAP_IMPORT)
                        far_get(node, message->cap[i].id, real_in(node, message, i, answer),
                                message->cap[i].type)
                            ->holders++;
}

void caps_release(struct node *node, const struct core_message *message)
{
        for (unsigned i = 0; i < message->caps; i++)
                if (message->cap[i].kind == CORE_CAP_LOCAL)
                        local_release(node, message->cap[i].id);
                else if (message->cap[i].kind == CORE_CAP_IMPORT)
                        far_release(node, *far_link(node, message->cap[i].id));
}

void caps_refer(struct node *node, const struct core_message *message, int by)
{
        for (unsigned i = 0; i < message->caps; i++)
                if (message->cap[i].kind == CORE_CAP_LOCAL)
                        node->sim->objects[message->cap[i].id - 1].refs += (uint32_t)by;
}

static void bag_remove(struct node *node, unsigned at)
{
        unsigned last = --node->bag_count;
        node->bag[at] = node->bag[last];
        node->bag_far[at] = node->bag_far[last];
}

void bag_drop(struct node *node, unsigned at)
{
        if (node->bag_far[at])
                far_release(node, *far_link(node, node->bag[at]));
        else
                local_release(node, node->bag[at]);
        bag_remove(node, at);
}

void bag_add(struct node *node, bool far, uint64_t id)
{
        if (node->bag_count == BAG_MAX)
                bag_drop(node, (unsigned)sim_below(node->sim, BAG_MAX));
        node->bag[node->bag_count] = id;
        node->bag_far[node->bag_count++] = far;
}

void caps_take(struct node *node, const struct core_message *message, bool answer)
{
        caps_hold(node, message, answer);
        for (unsigned i = 0; i < message->caps; i++)
                if (message->cap[i].kind != CORE_CAP_NONE)
                        bag_add(node, message->cap[i].kind == CORE_CAP_IMPORT, message->cap[i].id);
}

bool bag_dead(struct node *node, unsigned at)
{
        if (node->bag_far[at])
                return (*far_link(node, node->bag[at]))->dead;
        return !node->sim->objects[node->bag[at] - 1].alive;
}
