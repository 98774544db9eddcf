/* The simulated world; see world.h. The capture is a pcap file with nanoseconds: Ethernet, IPv4,
 * UDP. */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/netipc/quiet.h"
#include "tests/wireshark/headers.h"
#include "tests/wireshark/world.h"

enum {
        WIRE_DELAY = 100 * 1000,  /* ns */
        LATE_DELAY = 3 * 1000000, /* ns */
        RIGHTS = 0x601,           /* send, copy, travel (kernel/abi/rights.def) */
};

#define TIMEOUT     (30000 * MS)
#define CLOCK_START 1700000000ull /* seconds since 1970 */

static void fail(const char *what)
{
        fprintf(stderr, "sample: %s\n", what);
        exit(1);
}

/* --- the capture ------------------------------------------------------------------------------ */

static void put(struct world *world, const void *bytes, size_t length)
{
        if (fwrite(bytes, 1, length, world->capture) != length)
                fail("the capture cannot be written; is the disk full?");
}

/* draft-ietf-opsawg-pcap: file header, nanosecond variant. */
static void capture_begin(struct world *world)
{
        const uint32_t header[] = {0xa1b23c4d, 4 << 16 | 2, 0, 0, 65535, 1};
        put(world, header, sizeof(header));
}

static void capture_write(struct world *world, unsigned from, bool all, const void *packet,
                          size_t length)
{
        uint8_t headers[HEADERS_SIZE];
        headers_fill(headers, from, all, length);
        const uint32_t record[] = {
            (uint32_t)(CLOCK_START + world->now / 1000000000), (uint32_t)(world->now % 1000000000),
            (uint32_t)(HEADERS_SIZE + length), (uint32_t)(HEADERS_SIZE + length)};
        put(world, record, sizeof(record));
        put(world, headers, sizeof(headers));
        put(world, packet, length);
}

/* --- the wire --------------------------------------------------------------------------------- */

static void carry(struct world *world, unsigned to, const void *packet, size_t length,
                  uint64_t delay)
{
        for (unsigned i = 0; i < ON_WIRE_MAX; i++) {
                struct on_wire *slot = &world->wire[i];
                if (slot->time)
                        continue;
                slot->time = world->now + delay;
                slot->order = world->carried++;
                slot->to = to;
                slot->length = length;
                memcpy(slot->bytes, packet, length);
                return;
        }
        fail("too many packets on the wire");
}

static enum fate fate_next(struct world *world, unsigned from)
{
        enum fate *fate = world->fate[from], next = fate[0];
        memmove(fate, fate + 1, (FATES_MAX - 1) * sizeof(*fate));
        fate[FATES_MAX - 1] = FATE_ARRIVES;
        return next;
}

static void transmit(void *context, struct core_address to, const void *packet, size_t length)
{
        struct node *node = context;
        struct world *world = node->world;
        bool all = to.ipv4 == CORE_BROADCAST.ipv4;
        enum fate fate = fate_next(world, node->number);
        capture_write(world, node->number, all, packet, length);
        if (fate == FATE_TWICE)
                capture_write(world, node->number, all, packet, length);
        if (fate == FATE_LOST)
                return;
        unsigned other = !node->number;
        carry(world, other, packet, length, fate == FATE_LATE ? LATE_DELAY : WIRE_DELAY);
        if (fate == FATE_TWICE)
                carry(world, other, packet, length, WIRE_DELAY);
}

void world_fate(struct world *world, const struct node *node, unsigned packet, enum fate fate)
{
        world->fate[node->number][packet] = fate;
}

void world_inject(struct world *world, const struct node *node, const void *packet, size_t length,
                  bool arriving)
{
        capture_write(world, node->number, false, packet, length);
        if (arriving)
                carry(world, !node->number, packet, length, WIRE_DELAY);
}

static struct core_address address_of(unsigned number)
{
        return (struct core_address){0x0a000001 + number, WIRE_UDP_PORT};
}

/* --- what the core asks of its environment ---------------------------------------------------- */

/* xorshift64* (Vigna) */
static void random_fill(void *context, void *bytes, size_t length)
{
        struct world *world = ((struct node *)context)->world;
        for (size_t i = 0; i < length; i++) {
                world->random ^= world->random >> 12;
                world->random ^= world->random << 25;
                world->random ^= world->random >> 27;
                ((uint8_t *)bytes)[i] = (uint8_t)((world->random * 0x2545f4914f6cdd1dull) >> 56);
        }
}

static void right_take(struct node *node, const struct core_message *message)
{
        if (message && message->caps && message->cap[0].kind == CORE_CAP_IMPORT)
                node->right = message->cap[0].id;
}

static outcome_t deliver(void *context, uint64_t token, enum wire_capability_kind type,
                         core_call_t call, const struct core_message *message)
{
        (void)token;
        (void)type;
        struct node *node = context;
        right_take(node, message);
        if (!call)
                return OUTCOME_OK;
        if (node->requests == REQUESTS_MAX)
                return not_executed(REASON_OVERLOADED);
        struct request *request = &node->request[node->requests++];
        *request = (struct request){.call = call,
                                    .interface = message->interface,
                                    .method = message->method,
                                    .length = message->length};
        memcpy(request->word, message->word, message->words * sizeof(uint64_t));
        request->missing = message->length == 7 && memcmp(message->bytes, "missing", 7) == 0;
        return OUTCOME_OK;
}

static bool complete(void *context, uint64_t cookie, outcome_t outcome,
                     const struct core_message *message)
{
        (void)cookie;
        struct node *node = context;
        node->ended++;
        node->outcome = outcome;
        right_take(node, message);
        return true;
}

static void peer_up(void *context, const struct core_peer_info *peer)
{
        ((struct node *)context)->root = peer->root;
}

static void peer_down(void *context, const struct core_peer_info *peer)
{
        (void)peer;
        ((struct node *)context)->root = 0;
}

static void key_log_line(void *context, const char *line, size_t length)
{
        struct world *world = ((struct node *)context)->world;
        fwrite(line, 1, length, world->key_log);
        fputc('\n', world->key_log);
}

/* --- nodes ------------------------------------------------------------------------------------ */

static void config_seal(struct core_config *config, const struct world *world, unsigned number)
{
        const struct keys *keys = &world->keys[number];
        config->keys = keys;
        config->cluster = keys->cluster;
        config->node = identity_short(keys->pair.public_key);
        config->cipher_costs[world->cipher] = 1;
}

void node_start(struct node *node)
{
        struct core_environment environment = quiet_environment(node);
        environment.transmit = transmit;
        environment.random = random_fill;
        environment.deliver = deliver;
        environment.complete = complete;
        environment.peer_up = peer_up;
        environment.peer_down = peer_down;
        struct core_config config = {
            .cluster = 0xc1, .node = 0xa1 + node->number, .packet_size = node->world->packet_size};
        snprintf(config.name, sizeof(config.name), "n%u", node->number + 1);
        if (node->world->key_log) {
                environment.key_log = key_log_line;
                config_seal(&config, node->world, node->number);
        }
        node->root = 0;
        node->requests = 0;
        node->core = core_create(&environment, &config, node->world->now);
        if (!node->core)
                fail("no memory for a node");
        core_set_root(node->core, TOKEN_ROOT);
}

void node_stop(struct node *node)
{
        core_destroy(node->core);
        node->core = NULL;
}

static struct core_message answer_of(const struct request *request)
{
        static uint8_t content[WIRE_BYTES_MAX];
        for (unsigned i = 0; i < sizeof(content); i++)
                content[i] = (uint8_t)(i / 64 % 26 + (i % 64 ? 'a' : 'A'));
        struct core_message answer = {.bytes = content, .deadline = CORE_NEVER};
        switch (request->interface << 8 | request->method) {
        case 1 << 8 | 4: /* name.lookup */
                answer.caps = 1;
                answer.cap[0] = (struct core_cap){.kind = CORE_CAP_LOCAL,
                                                  .type = CAPABILITY_SEND,
                                                  .rights = RIGHTS,
                                                  .id = TOKEN_FS};
                break;
        case 4 << 8 | 1:          /* fs.open */
                answer.words = 8; /* size, kind, five more, the length of no data */
                answer.word[0] = 65536;
                answer.word[1] = 1;
                answer.caps = 1;
                answer.cap[0] = (struct core_cap){.kind = CORE_CAP_LOCAL,
                                                  .type = CAPABILITY_SEND,
                                                  .rights = RIGHTS,
                                                  .id = TOKEN_FILE};
                break;
        case 5 << 8 | 1:          /* file.read */
                answer.words = 4; /* size, version, lease, length */
                answer.length = (uint32_t)request->word[1];
                answer.word[3] = answer.length;
                break;
        case 5 << 8 | 2: /* file.write */
                answer.words = 1;
                answer.word[0] = request->length;
                break;
        default: /* echo.say */
                answer.words = 2;
                answer.length = 4;
                answer.word[0] = request->length;
                answer.word[1] = answer.length;
                break;
        }
        return answer;
}

void node_answer(struct node *node)
{
        for (unsigned i = 0; i < node->requests; i++) {
                const struct request *request = &node->request[i];
                struct core_message answer = answer_of(request);
                bool missing = request->missing;
                core_reply(node->core, request->call,
                           missing ? answered(REASON_NOT_FOUND) : (outcome_t)OUTCOME_OK,
                           missing ? NULL : &answer, node->world->now);
        }
        node->requests = 0;
}

core_handle_t node_call(struct node *node, core_import_t to, const struct core_message *message)
{
        core_handle_t handle = 0;
        if (core_call(node->core, to, message, 0, &handle, node->world->now))
                fail("a call is refused");
        return handle;
}

void node_send(struct node *node, core_import_t to, const struct core_message *message)
{
        if (core_send(node->core, to, message, node->world->now))
                fail("a one-way message is refused");
}

/* --- time ------------------------------------------------------------------------------------- */

static bool arrives_before(const struct on_wire *a, const struct on_wire *b)
{
        return a->time != b->time ? a->time < b->time : a->order < b->order;
}

static struct on_wire *carry_next(struct world *world)
{
        struct on_wire *next = NULL;
        for (unsigned i = 0; i < ON_WIRE_MAX; i++) {
                struct on_wire *packet = &world->wire[i];
                if (packet->time && (!next || arrives_before(packet, next)))
                        next = packet;
        }
        return next;
}

static uint64_t due_next(struct world *world, uint64_t due)
{
        const struct on_wire *packet = carry_next(world);
        if (packet && packet->time < due)
                due = packet->time;
        for (unsigned i = 0; i < NODES; i++) {
                const struct core *core = world->node[i].core;
                uint64_t tick = core ? core_next_deadline(core) : CORE_NEVER;
                if (tick < due)
                        due = tick;
        }
        return due;
}

static void node_settle(struct node *node)
{
        if (!node->core)
                return;
        if (!node->stalls)
                node_answer(node);
        core_flush(node->core, node->world->now);
}

/* Does the next thing that is due, at `until` at the latest. */
static void world_step(struct world *world, uint64_t until)
{
        for (unsigned i = 0; i < NODES; i++)
                node_settle(&world->node[i]);
        uint64_t due = due_next(world, until);
        if (due > world->now)
                world->now = due;
        struct on_wire *packet = carry_next(world);
        if (packet && packet->time <= world->now) {
                struct node *node = &world->node[packet->to];
                packet->time = 0;
                if (node->core)
                        core_packet_in(node->core, address_of(!packet->to), packet->bytes,
                                       packet->length, world->now);
                node_settle(node);
        }
        for (unsigned i = 0; i < NODES; i++) {
                struct core *core = world->node[i].core;
                if (core && core_next_deadline(core) <= world->now)
                        core_tick(core, world->now);
        }
}

void world_pass(struct world *world, uint64_t ns)
{
        uint64_t until = world->now + ns;
        while (world->now < until)
                world_step(world, until);
}

void world_await_sessions(struct world *world)
{
        uint64_t until = world->now + TIMEOUT;
        while (!world->node[0].root || !world->node[1].root) {
                if (world->now >= until)
                        fail("the nodes do not find each other");
                world_step(world, until);
        }
}

void world_await(struct world *world, const struct node *node, unsigned calls)
{
        uint64_t until = world->now + TIMEOUT;
        while (node->ended < calls) {
                if (world->now >= until)
                        fail("a call does not end");
                world_step(world, until);
        }
}

static FILE *file_open(const char *path)
{
        FILE *file = fopen(path, "wb");
        if (!file)
                fail("a file cannot be opened for writing");
        return file;
}

static void world_prepare(struct world *world, const char *path)
{
        memset(world, 0, sizeof(*world));
        world->now = 1000 * MS;
        world->random = 7;
        world->capture = file_open(path);
        capture_begin(world);
}

static void nodes_start(struct world *world)
{
        for (unsigned i = 0; i < NODES; i++) {
                world->node[i].world = world;
                world->node[i].number = i;
                node_start(&world->node[i]);
        }
        world_await_sessions(world);
        world_pass(world, 50 * MS);
}

void world_start(struct world *world, const char *path)
{
        world_prepare(world, path);
        nodes_start(world);
}

void world_start_large(struct world *world, const char *path)
{
        world_prepare(world, path);
        world->packet_size = WIRE_PACKET_MAX;
        nodes_start(world);
}

static void keys_make(struct world *world)
{
        struct keys all = {.cluster = 0xc1, .psk = {7}, .count = NODES};
        for (unsigned i = 0; i < NODES; i++) {
                uint8_t secret[NOISE_KEY] = {0, (uint8_t)(i + 1)}; /* low bits do not count */
                snprintf(all.nodes[i].name, sizeof(all.nodes[i].name), "n%u", i + 1);
                noise_pair_make(&world->keys[i].pair, secret);
                memcpy(all.nodes[i].public_key, world->keys[i].pair.public_key, NOISE_KEY);
        }
        for (unsigned i = 0; i < NODES; i++) {
                struct noise_pair pair = world->keys[i].pair;
                world->keys[i] = all;
                world->keys[i].self = i;
                world->keys[i].pair = pair;
        }
}

void world_start_sealed(struct world *world, const char *path, const char *key_log,
                        enum cipher cipher)
{
        world_prepare(world, path);
        world->key_log = file_open(key_log);
        world->cipher = cipher;
        keys_make(world);
        nodes_start(world);
}

void world_end(struct world *world)
{
        for (unsigned i = 0; i < NODES; i++)
                node_stop(&world->node[i]);
        if (fclose(world->capture) || (world->key_log && fclose(world->key_log)))
                fail("the capture cannot be written; is the disk full?");
}
