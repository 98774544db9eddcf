/* The fuzzers' nodes; see node.h. */
#include <stdlib.h>
#include <string.h>

#include "netipc/core/secure.h"
#include "netipc/core/state.h"
#include "tests/fuzz/netipc/node.h"
#include "tests/unit/netipc/quiet.h"

enum { KEPT = 32, QUEUE = 64, FIRST = 16 };

struct node {
        unsigned number;
        struct core *core;
        int memory;
        uint64_t random;
        core_import_t root, imports[KEPT];
        core_call_t calls[KEPT];
        unsigned import_count, call_count;
        core_handle_t handle;
        uint64_t nonce; /* of the last hello sent */
};

struct carried {
        unsigned to;
        size_t length;
        uint8_t bytes[WIRE_PACKET_MAX];
};

static struct node nodes[3];
static struct carried carried[QUEUE];
static unsigned carried_count;
static bool carrying;

/* The first packets of the meeting, for node 1. */
static struct carried first[FIRST];
static unsigned first_count;

static void on_transmit(void *context, struct core_address to, const void *packet, size_t length)
{
        struct node *node = context;
        struct wire_hello hello;
        (void)to;
        if (length == WIRE_HELLO_PACKET_SIZE &&
            wire_hello_decode(wire_body(packet), sizeof(hello), &hello) == WIRE_OK)
                node->nonce = hello.sender_nonce;
        if (!carrying || carried_count == QUEUE)
                return;
        carried[carried_count].to = 3 - node->number;
        carried[carried_count].length = length;
        memcpy(carried[carried_count].bytes, packet, length);
        if (node->number == 2 && first_count < FIRST)
                first[first_count++] = carried[carried_count];
        carried_count++;
}

static void on_random(void *context, void *bytes, size_t length)
{
        struct node *node = context;
        for (size_t i = 0; i < length; i++)
                ((uint8_t *)bytes)[i] = (uint8_t)(++node->random * 37 >> 2);
}

static void *on_allocate(void *context, size_t size)
{
        ((struct node *)context)->memory++;
        return malloc(size);
}

static void on_release(void *context, void *memory)
{
        ((struct node *)context)->memory--;
        free(memory);
}

static void caps_keep(struct node *node, const struct core_message *message)
{
        for (unsigned i = 0; i < message->caps; i++)
                if (message->cap[i].kind == CORE_CAP_IMPORT)
                        node->imports[node->import_count++ % KEPT] = message->cap[i].id;
}

/* Reads all of the message, so that a sanitizer sees what cannot be read. */
static void message_touch(const struct core_message *message)
{
        volatile uint8_t sum = 0;
        for (uint32_t i = 0; i < message->length; i++)
                sum = (uint8_t)(sum + ((const uint8_t *)message->bytes)[i]);
}

static bool takes_anything;

void node_takes_anything(void)
{
        takes_anything = true;
}

/* Without words and capabilities a message's bytes are its content. */
static void granules_check(const struct core_message *message)
{
        const uint8_t *bytes = message->bytes;
        if (takes_anything || message->method != NODE_GRANULES || message->words || message->caps)
                return;
        for (uint32_t i = 0; i < message->length; i++)
                if (bytes[i] != (uint8_t)(i / WIRE_GRANULE))
                        abort();
}

static outcome_t on_deliver(void *context, uint64_t token, enum wire_capability_kind type,
                            core_call_t call, const struct core_message *message)
{
        struct node *node = context;
        (void)token;
        (void)type;
        message_touch(message);
        granules_check(message);
        if (message->method % 8 == 7)
                return not_executed(REASON_OVERLOADED);
        caps_keep(node, message);
        if (call)
                node->calls[node->call_count++ % KEPT] = call;
        return OUTCOME_OK;
}

static bool on_complete(void *context, uint64_t cookie, outcome_t outcome,
                        const struct core_message *message)
{
        (void)cookie;
        (void)outcome;
        if (!message)
                return false;
        message_touch(message);
        caps_keep(context, message);
        return true;
}

static uint64_t on_import_right(void *context, core_import_t import)
{
        (void)context;
        return import;
}

static void on_peer_up(void *context, const struct core_peer_info *peer)
{
        ((struct node *)context)->root = peer->root;
}

/* The keys of both nodes, made once. */
static const struct keys *keys_of(unsigned number)
{
        static struct keys keys[3];
        struct noise_pair pairs[3];
        if (keys[number].count)
                return &keys[number];
        for (unsigned i = 1; i <= 2; i++) {
                const uint8_t random[NOISE_KEY] = {5, (uint8_t)i};
                noise_pair_make(&pairs[i], random);
        }
        for (unsigned i = 1; i <= 2; i++) {
                keys[i] = (struct keys){
                    .cluster = 1, .psk = {6}, .count = 2, .self = i - 1, .pair = pairs[i]};
                for (unsigned j = 0; j < 2; j++) {
                        memcpy(keys[i].nodes[j].public_key, pairs[j + 1].public_key, NOISE_KEY);
                        memcpy(keys[i].nodes[j].name, (char[]){'f', (char)('1' + j)}, 2);
                }
        }
        return &keys[number];
}

static struct core *make(unsigned number, const struct keys *keys)
{
        struct node *node = &nodes[number];
        takes_anything = false;
        memset(node, 0, sizeof(*node));
        node->number = number;
        node->random = number * 1000;
        struct core_environment environment = quiet_environment(node);
        environment.transmit = on_transmit;
        environment.random = on_random;
        environment.allocate = on_allocate;
        environment.release = on_release;
        environment.deliver = on_deliver;
        environment.complete = on_complete;
        environment.import_right = on_import_right;
        environment.peer_up = on_peer_up;
        struct core_config config = {.node = keys ? identity_short(keys->pair.public_key) : number,
                                     .cluster = keys ? keys->cluster : 0,
                                     .keys = keys,
                                     .cipher_costs = {1, 0},
                                     .name = {'f', (char)('0' + number)},
                                     .peers = 3,
                                     .packet_size = WIRE_PACKET_MAX,
                                     .calls = 4,
                                     .exports = 8};
        node->core = core_create(&environment, &config, 0);
        core_set_root(node->core, 1000);
        return node->core;
}

struct core *node_make(unsigned number)
{
        return make(number, NULL);
}

struct core *node_make_sealed(unsigned number)
{
        return make(number, keys_of(number));
}

struct core *node_core(unsigned number)
{
        return nodes[number].core;
}

void node_end(unsigned number)
{
        if (core_check(nodes[number].core))
                abort();
        core_destroy(nodes[number].core);
        if (nodes[number].memory)
                abort();
}

uint64_t node_meet(void)
{
        uint64_t now = 0;
        carrying = true;
        carried_count = first_count = 0;
        for (unsigned round = 0; round < 8; round++, now += 1000000) {
                core_tick(nodes[1].core, now);
                core_tick(nodes[2].core, now);
                for (unsigned i = 0; i < carried_count; i++)
                        core_packet_in(nodes[carried[i].to].core,
                                       (struct core_address){3 - carried[i].to, 1},
                                       carried[i].bytes, carried[i].length, now);
                carried_count = 0;
        }
        carrying = false;
        if (node_index() == 0)
                abort(); /* the honest part does not work */
        return now;
}

size_t node_said(unsigned which, uint8_t packet[WIRE_PACKET_MAX])
{
        const struct carried *said = &first[which % first_count];
        memcpy(packet, said->bytes, said->length);
        return said->length;
}

void node_seal(uint8_t *packet, size_t used, uint64_t now)
{
        struct session *session = nodes[2].core->peers[0].session;
        if (!session)
                return;
        uint64_t number = session->sent.next++;
        struct wire_outer outer = {.version_type = WIRE_VERSION << 4 | PACKET_SEALED,
                                   .receiver = session->remote_index,
                                   .number = number};
        memcpy(packet, &outer, sizeof(outer));
        secure_seal(session, packet, used, number, now);
}

uint32_t node_index(void)
{
        const struct core *core = nodes[1].core;
        return core->peers[0].session ? core->peers[0].session->local_index : 0;
}

void node_answer_hints(unsigned number, struct wire_hello *hello, uint8_t how)
{
        if (how & 4) {
                hello->version = WIRE_VERSION;
                hello->cluster = 0;
                hello->packet_size = WIRE_PACKET_MAX;
        }
        if (how & 8)
                hello->receiver_nonce = nodes[number].nonce;
}

void node_call(unsigned number, uint8_t how, uint64_t now)
{
        struct node *node = &nodes[number];
        static const uint8_t bytes[5000];
        struct core_message message = {.words = how % 9,
                                       .caps = how % 3,
                                       .unordered = how & 32,
                                       .bytes = bytes,
                                       .length = how & 64 ? sizeof(bytes) : how,
                                       .deadline = how & 16 ? now + 5000000 : CORE_NEVER};
        for (unsigned i = 0; i < message.caps; i++)
                message.cap[i] =
                    (struct core_cap){.kind = i ? CORE_CAP_IMPORT : CORE_CAP_LOCAL,
                                      .type = CAPABILITY_SEND,
                                      .id = i ? node->imports[how % KEPT] : 500u + how % 4};
        core_import_t target = how & 128 ? node->imports[how % KEPT] : node->root;
        if (how & 1)
                core_send(node->core, target, &message, now);
        else
                core_call(node->core, target, &message, how, &node->handle, now);
}

void node_answer(unsigned number, uint64_t now)
{
        struct node *node = &nodes[number];
        struct core_message message = {
            .caps = 1, .cap = {{.kind = CORE_CAP_LOCAL, .type = CAPABILITY_REPLY, .id = 501}}};
        if (node->call_count)
                core_reply(node->core, node->calls[--node->call_count % KEPT], OUTCOME_OK, &message,
                           now);
}

void node_drop(unsigned number)
{
        struct node *node = &nodes[number];
        if (node->import_count)
                core_import_drop(node->core, node->imports[--node->import_count % KEPT]);
}

void node_cancel(unsigned number, uint64_t now)
{
        core_cancel(nodes[number].core, nodes[number].handle, now);
}
