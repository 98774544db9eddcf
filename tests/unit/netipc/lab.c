/* The bench; see lab.h. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "netipc/core/state.h"
#include "tests/unit/netipc/lab.h"

static struct lab *the_lab;

static bool is_lost(struct lab *lab)
{
        lab->loss_random = lab->loss_random * 6364136223846793005ull + 1442695040888963407ull;
        return (lab->loss_random >> 33) % 100 < lab->loss;
}

static void on_transmit(void *context, struct core_address to, const void *bytes, size_t length)
{
        struct lab_node *node = context;
        for (unsigned i = 0; i < LAB_NODES; i++) {
                bool all = to.ipv4 == CORE_BROADCAST.ipv4;
                if (i == node->number || (!all && to.ipv4 != i + 1) || !the_lab->node[i].core)
                        continue;
                ck_assert_uint_lt(the_lab->packets, LAB_PACKETS);
                struct lab_packet *packet = &the_lab->packet[the_lab->packets];
                packet->from = node->number;
                packet->to = i;
                packet->length = length;
                memcpy(packet->bytes, bytes, length);
                packet->due = the_lab->now + the_lab->delay;
                if (the_lab->cut[node->number][i] || is_lost(the_lab) ||
                    (the_lab->filter && !the_lab->filter(the_lab, packet)))
                        continue;
                size_t path = the_lab->path[node->number][i];
                if (path && length > path) {
                        the_lab->too_large++;
                        continue;
                }
                if (the_lab->ring && the_lab->waiting[i] >= the_lab->ring) {
                        the_lab->overflows++;
                        continue;
                }
                the_lab->waiting[i]++;
                the_lab->packets++;
        }
}

static void on_random(void *context, void *bytes, size_t length)
{
        struct lab_node *node = context;
        for (size_t i = 0; i < length; i++) {
                node->random = node->random * 6364136223846793005ull + 1442695040888963407ull;
                ((uint8_t *)bytes)[i] = (uint8_t)(node->random >> 56);
        }
}

/* Whoever reads behind a block is seen by ASan. Without it, there is nothing that makes sense. */
#ifdef __SANITIZE_ADDRESS__
enum { BEHIND = 0 };
#else
enum { BEHIND = 4096 };
#endif

static void *on_allocate(void *context, size_t size)
{
        struct lab_node *node = context;
        if (node->no_memory)
                return NULL;
        void *memory = malloc(size + BEHIND);
        memset(memory, 0xee, size + BEHIND);
        node->allocations++;
        node->memory += malloc_usable_size(memory);
        return memory;
}

static void on_release(void *context, void *memory)
{
        struct lab_node *node = context;
        node->allocations--;
        node->memory -= malloc_usable_size(memory);
        free(memory);
}

static uint8_t *bytes_copy(const struct core_message *message)
{
        uint8_t *bytes = malloc(message->length + 1);
        if (message->length)
                memcpy(bytes, message->bytes, message->length);
        return bytes;
}

static bool on_room(void *context, uint64_t token, uint8_t peer, uint32_t bytes)
{
        (void)token, (void)peer, (void)bytes;
        return !((struct lab_node *)context)->full;
}

static outcome_t on_deliver(void *context, uint64_t token, enum wire_capability_kind type,
                            core_call_t call, const struct core_message *message)
{
        struct lab_node *node = context;
        (void)type;
        if (node->refuse)
                return node->refuse;
        ck_assert_uint_lt(node->deliveries, LAB_NOTES);
        node->delivery[node->deliveries++] =
            (struct lab_delivery){token, call, *message, bytes_copy(message)};
        return OUTCOME_OK;
}

static void on_cancel(void *context, core_call_t call, enum reason reason)
{
        struct lab_node *node = context;
        (void)call;
        node->cancels++;
        node->cancel_reason = reason;
}

static bool on_complete(void *context, uint64_t cookie, outcome_t outcome,
                        const struct core_message *message)
{
        struct lab_node *node = context;
        ck_assert_uint_lt(node->completions, LAB_NOTES);
        struct lab_completion *completion = &node->completion[node->completions++];
        *completion = (struct lab_completion){.cookie = cookie, .outcome = outcome};
        if (!message)
                return false;
        completion->answered = true;
        completion->message = *message;
        completion->bytes = bytes_copy(message);
        return !node->refuse;
}

static void on_right_drop(void *context, uint64_t token)
{
        (void)token;
        ((struct lab_node *)context)->drops++;
}

static unsigned on_right_death(void *context, uint64_t token)
{
        const struct lab_node *node = context;
        return token == node->dead_token ? node->dead_reason : 0;
}

static uint64_t on_import_right(void *context, core_import_t import)
{
        (void)import;
        return ((struct lab_node *)context)->proxy_token;
}

static void on_import_dead(void *context, core_import_t import, enum reason reason)
{
        struct lab_node *node = context;
        node->imports_died++;
        node->died = import;
        node->died_reason = reason;
}

static void on_peer_up(void *context, const struct core_peer_info *peer)
{
        struct lab_node *node = context;
        node->up++;
        for (unsigned i = 0; i < LAB_NODES; i++)
                if (the_lab->id[i] == peer->node)
                        node->root[i] = peer->root;
}

static void on_peer_down(void *context, const struct core_peer_info *peer)
{
        struct lab_node *node = context;
        node->down++;
        node->down_reason = peer->reason;
}

static void on_key_log(void *context, const char *line, size_t length)
{
        struct lab_node *node = context;
        ck_assert_uint_lt(length, sizeof(node->key_line));
        memcpy(node->key_line, line, length);
        node->key_line[length] = 0;
        node->key_lines++;
}

static void on_log(void *context, enum core_log level, const char *peer, const char *text,
                   const char *what, uint64_t value)
{
        (void)peer;
        (void)text;
        (void)what;
        (void)value;
        ((struct lab_node *)context)->warnings += level == CORE_LOG_WARNING;
}

static void name_make(char name[16], unsigned number)
{
        snprintf(name, 16, "n%u", number + 1);
}

struct core *lab_start(struct lab *lab, unsigned number)
{
        struct lab_node *node = &lab->node[number];
        struct core_environment environment = {.context = node,
                                               .transmit = on_transmit,
                                               .random = on_random,
                                               .allocate = on_allocate,
                                               .release = on_release,
                                               .room = on_room,
                                               .deliver = on_deliver,
                                               .cancel = on_cancel,
                                               .complete = on_complete,
                                               .right_drop = on_right_drop,
                                               .right_death = on_right_death,
                                               .import_right = on_import_right,
                                               .import_dead = on_import_dead,
                                               .peer_up = on_peer_up,
                                               .peer_down = on_peer_down,
                                               .key_log = on_key_log,
                                               .log = on_log};
        struct core_config config = {.cluster = 7,
                                     .node = lab->id[number],
                                     .keys = lab->sealed ? &lab->keys[number] : NULL,
                                     .cipher_costs = {100, 0},
                                     .peers = lab->credit ? LAB_NODES : 4,
                                     .credit = lab->credit,
                                     .packet_size = lab->packet_size,
                                     .calls = 16,
                                     .exports = 32,
                                     .content = 400 << 10};
        name_make(config.name, number);
        node->number = number;
        node->random += number * 77777 + 1;
        node->core = core_create(&environment, &config, lab->now);
        ck_assert_ptr_nonnull(node->core);
        core_set_root(node->core, 1000 + number);
        return node->core;
}

void lab_forget(struct lab_node *node)
{
        for (unsigned i = 0; i < node->deliveries; i++)
                free(node->delivery[i].bytes);
        for (unsigned i = 0; i < node->completions; i++)
                free(node->completion[i].bytes);
        node->deliveries = 0;
        node->completions = 0;
}

void lab_crash(struct lab *lab, unsigned number)
{
        struct lab_node *node = &lab->node[number];
        core_destroy(node->core);
        node->core = NULL;
        ck_assert_uint_eq(node->allocations, 0);
}

/* Keys for all nodes of the bench, whether they are started or not. */
static void keys_make(struct lab *lab)
{
        struct keys all = {.cluster = 7, .psk = {1, 2, 3}, .count = LAB_NODES};
        struct noise_pair pairs[LAB_NODES];
        for (unsigned i = 0; i < LAB_NODES; i++) {
                uint8_t random[NOISE_KEY] = {0, (uint8_t)(40 + i)};
                noise_pair_make(&pairs[i], random);
                memcpy(all.nodes[i].public_key, pairs[i].public_key, NOISE_KEY);
                name_make(all.nodes[i].name, i);
                lab->id[i] = identity_short(pairs[i].public_key);
        }
        for (unsigned i = 0; i < LAB_NODES; i++) {
                lab->keys[i] = all;
                lab->keys[i].self = i;
                lab->keys[i].pair = pairs[i];
        }
}

static struct lab *begin(bool sealed)
{
        struct lab *lab = calloc(1, sizeof(*lab));
        lab->sealed = sealed;
        for (unsigned i = 0; i < LAB_NODES; i++)
                lab->id[i] = i + 1;
        if (sealed)
                keys_make(lab);
        lab->packet = calloc(LAB_PACKETS, sizeof(*lab->packet));
        lab->now = 1000 * LAB_MS;
        the_lab = lab;
        return lab;
}

static struct lab *meet(struct lab *lab, unsigned count)
{
        for (unsigned i = 0; i < count; i++)
                lab_start(lab, i);
        lab_run(lab, 50);
        for (unsigned i = 0; i < count; i++)
                ck_assert_uint_eq(lab->node[i].up, count - 1);
        return lab;
}

struct lab *lab_make(unsigned count)
{
        return meet(begin(false), count);
}

struct lab *lab_make_shared(unsigned count, uint16_t credit)
{
        struct lab *lab = begin(false);
        lab->credit = credit;
        return meet(lab, count);
}

struct lab *lab_make_sealed(unsigned count)
{
        return meet(begin(true), count);
}

void lab_path(struct lab *lab, size_t path)
{
        for (unsigned from = 0; from < LAB_NODES; from++)
                for (unsigned to = 0; to < LAB_NODES; to++)
                        lab->path[from][to] = path;
}

struct lab *lab_make_large(unsigned count, bool sealed, uint16_t packet_size, size_t path)
{
        struct lab *lab = begin(sealed);
        lab->packet_size = packet_size;
        lab_path(lab, path);
        return meet(lab, count);
}

void lab_free(struct lab *lab)
{
        for (unsigned i = 0; i < LAB_NODES; i++) {
                if (lab->node[i].core) {
                        ck_assert_ptr_null(core_check(lab->node[i].core));
                        lab_crash(lab, i);
                }
                lab_forget(&lab->node[i]);
        }
        free(lab->packet);
        free(lab);
}

static void packet_deliver(struct lab *lab, const struct lab_packet *packet)
{
        struct core *core = lab->node[packet->to].core;
        struct core_address from = {packet->from + 1, WIRE_UDP_PORT};
        lab->waiting[packet->to]--;
        if (core)
                core_packet_in(core, from, packet->bytes, packet->length, lab->now);
}

/* To a place that is not behind. */
static void packet_move(struct lab *lab, unsigned to, unsigned from)
{
        const struct lab_packet *packet = &lab->packet[from];
        if (to != from)
                memmove(&lab->packet[to], packet,
                        offsetof(struct lab_packet, bytes) + packet->length);
}

/* What is not due, or beyond what its receiver takes in a step, waits in its order. */
static void packets_deliver(struct lab *lab)
{
        unsigned count = lab->packets, kept = 0, taken[LAB_NODES] = {0};
        for (unsigned i = 0; i < count; i++) {
                const struct lab_packet *packet = &lab->packet[i];
                bool turn = packet->due < lab->now && !lab->node[packet->to].deaf &&
                            (!lab->pace || taken[packet->to] < lab->pace);
                taken[packet->to] += turn;
                if (turn)
                        packet_deliver(lab, packet);
                else
                        packet_move(lab, kept++, i);
        }
        for (unsigned i = count; i < lab->packets; i++)
                packet_move(lab, kept++, i);
        lab->packets = kept;
}

void lab_step(struct lab *lab)
{
        for (unsigned i = 0; i < LAB_NODES; i++)
                if (lab->node[i].core && !lab->node[i].still) {
                        if (core_next_deadline(lab->node[i].core) <= lab->now)
                                core_tick(lab->node[i].core, lab->now);
                        core_flush(lab->node[i].core, lab->now);
                }
        lab->now += LAB_MS / 20;
        packets_deliver(lab);
}

void lab_run(struct lab *lab, uint64_t ms)
{
        uint64_t end = lab->now + ms * LAB_MS;
        while (lab->now < end)
                lab_step(lab);
}

struct core_message lab_message(uint64_t word)
{
        return (struct core_message){
            .interface = 3, .method = 4, .words = 1, .word = {word}, .deadline = CORE_NEVER};
}

void lab_send(struct lab *lab, uint64_t number, uint32_t length, bool oneway)
{
        static const uint8_t bytes[WIRE_BYTES_MAX];
        struct core *core = lab->node[0].core;
        core_import_t root = lab->node[0].root[1];
        struct core_message message = lab_message(number);
        message.bytes = bytes;
        message.length = length;
        ck_assert(core_ready(core, root, &message));
        ck_assert_uint_eq(oneway ? core_send(core, root, &message, lab->now)
                                 : core_call(core, root, &message, number, NULL, lab->now),
                          OUTCOME_OK);
}

unsigned lab_frames(const struct lab_packet *packet, unsigned type, uint32_t order)
{
        const uint8_t *frames = wire_body(packet->bytes);
        size_t left = wire_body_length(packet->length), used;
        struct wire_frame frame;
        unsigned count = 0;
        if (packet->bytes[0] != (WIRE_VERSION << 4 | PACKET_CLEAR))
                return 0;
        for (; left && wire_frame_decode(frames, left, &frame, &used) == WIRE_OK; left -= used) {
                count += frame.type == type && (!order || frame.msg.order == order);
                frames += used;
        }
        return count;
}

struct wire_msg lab_msg(uint64_t sequence)
{
        return (struct wire_msg){.type = FRAME_MSG,
                                 .flags = MSG_FLAG_LAST,
                                 .call = wire_call_id(0, sequence),
                                 .export_id = WIRE_ROOT_EXPORT,
                                 .generation = WIRE_ROOT_GENERATION,
                                 .deadline = WIRE_NO_DEADLINE};
}

struct wire_hello lab_beacon(uint64_t node, const char *name)
{
        struct wire_hello hello = {.version = WIRE_VERSION,
                                   .kind = HELLO_BEACON,
                                   .name_length = (uint8_t)strlen(name),
                                   .cluster = 7,
                                   .node = node,
                                   .packet_size = WIRE_PACKET_BASE,
                                   .credit = 1,
                                   .calls = 1,
                                   .exports = 2};
        memcpy(hello.name, name, strlen(name));
        return hello;
}

static struct peer *peer_of(struct lab *lab, unsigned node, unsigned other)
{
        struct core *core = lab->node[node].core;
        for (unsigned i = 0; i < core_peer_slots(core); i++)
                if (core->peers[i].used && core->peers[i].node == lab->id[other])
                        return &core->peers[i];
        ck_abort_msg("n%u does not know n%u", node + 1, other + 1);
        return NULL;
}

struct session *lab_session(struct lab *lab, unsigned node, unsigned other)
{
        return peer_of(lab, node, other)->session;
}

struct core_peer_info lab_peer(struct lab *lab, unsigned node, unsigned other)
{
        struct core_peer_info info;
        core_peer(lab->node[node].core, peer_of(lab, node, other)->slot, lab->now, &info);
        return info;
}

struct lab_delivery *lab_delivered(struct lab *lab, unsigned node)
{
        ck_assert_uint_gt(lab->node[node].deliveries, 0);
        return &lab->node[node].delivery[lab->node[node].deliveries - 1];
}

struct lab_completion *lab_completed(struct lab *lab, unsigned node)
{
        ck_assert_uint_gt(lab->node[node].completions, 0);
        return &lab->node[node].completion[lab->node[node].completions - 1];
}

void lab_forge_from(struct lab *lab, unsigned from, unsigned to, struct core_address address,
                    const void *frames, size_t length)
{
        struct session *session = peer_of(lab, from, to)->session;
        uint8_t packet[WIRE_PACKET_MAX];
        struct wire_outer outer = {.version_type = WIRE_VERSION << 4 | PACKET_CLEAR,
                                   .receiver = session->remote_index,
                                   .number = session->sent.next++};
        memcpy(packet, &outer, sizeof(outer));
        memcpy(packet + sizeof(outer), frames, length);
        wire_trailer_write(packet, sizeof(outer) + length);
        core_packet_in(lab->node[to].core, address, packet,
                       sizeof(outer) + length + WIRE_TRAILER_SIZE, lab->now);
        core_flush(lab->node[to].core, lab->now);
}

void lab_forge(struct lab *lab, unsigned from, unsigned to, const void *frames, size_t length)
{
        lab_forge_from(lab, from, to, (struct core_address){from + 1, WIRE_UDP_PORT}, frames,
                       length);
}
