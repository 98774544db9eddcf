/* Writes the sample captures, real traffic of the protocol core between n1 and n2.
 *
 *      sample talk FILE              one of everything that may happen, nothing malformed
 *      sample large FILE             one of the longest messages, in the largest packets
 *      sample many FILE              as many messages as share a packet
 *      sample broken FILE            a session, then packets that no node would send
 *      sample sealed FILE KEYLOG     what may happen to sealed packets
 *      sample aes FILE KEYLOG        a few, by the other cipher
 *      sample phases FILE KEYLOG     a session of three key phases
 *
 * The same program always writes the same bytes. */
#include <stdlib.h>
#include <string.h>

#include "tests/wireshark/world.h"

enum { NAME = 1, LOG = 3, FS = 4, FILE_ = 5, ECHO = 32 };
enum { LOOKUP = 4, LOG_WRITE = 1, OPEN = 1, READ = 1, WRITE = 2, SAY = 1 };

static struct core_message message_of(uint16_t interface, uint16_t method, const void *bytes,
                                      uint32_t length)
{
        return (struct core_message){.interface = interface,
                                     .method = method,
                                     .priority = 4,
                                     .bytes = bytes,
                                     .length = length,
                                     .trace = 0x7ace,
                                     .deadline = CORE_NEVER};
}

/* A message with words; the last one is the length of its bytes, if it has any. */
static struct core_message text_message(uint16_t interface, uint16_t method, const char *text)
{
        struct core_message message = message_of(interface, method, text, (uint32_t)strlen(text));
        message.words = interface == FS ? 5 : interface == NAME ? 2 : 1;
        message.word[message.words - 1] = message.length;
        return message;
}

static struct core_message read_message(uint64_t offset, uint64_t count)
{
        struct core_message message = message_of(FILE_, READ, NULL, 0);
        message.words = 3;
        message.word[0] = offset;
        message.word[1] = count;
        return message;
}

static struct core_message write_message(uint32_t length)
{
        static uint8_t content[WIRE_BYTES_MAX];
        struct core_message message = message_of(FILE_, WRITE, content, length);
        message.words = 2;
        message.word[1] = length;
        return message;
}

static void call(struct node *node, core_import_t to, struct core_message message)
{
        node_call(node, to, &message);
        world_await(node->world, node, node->ended + 1);
        world_pass(node->world, 20 * MS);
}

/* What n1 holds of n2. */
struct held {
        core_import_t fs, file;
};

static struct held names_and_files(struct world *world)
{
        struct node *n1 = &world->node[0];
        struct held held;
        call(n1, n1->root, text_message(NAME, LOOKUP, "fs"));
        held.fs = n1->right;
        call(n1, held.fs, text_message(FS, OPEN, "README.md"));
        held.file = n1->right;
        call(n1, held.file, read_message(0, 300));
        call(n1, held.fs, text_message(FS, OPEN, "missing"));
        return held;
}

/* Messages in fragments: whole, with one lost, doubled or late. */
static void fragments(struct world *world, struct held held)
{
        struct node *n1 = &world->node[0], *n2 = &world->node[1];
        call(n1, held.file, write_message(3000));
        world_fate(world, n2, 1, FATE_LOST);
        world_fate(world, n2, 2, FATE_LATE);
        world_fate(world, n2, 4, FATE_TWICE);
        call(n1, held.file, read_message(0, 8000));
}

/* A call that is lost, two in one packet, sends. */
static void small_ones(struct world *world, struct held held)
{
        struct node *n1 = &world->node[0];
        world_fate(world, n1, 0, FATE_LOST);
        struct core_message lost = text_message(FS, OPEN, "a name with \u00e4");
        lost.trace = 0x10c4;
        call(n1, held.fs, lost);
        struct core_message one = text_message(ECHO, SAY, "one"),
                            two = text_message(ECHO, SAY, "two");
        node_call(n1, n1->root, &one);
        call(n1, n1->root, two);
        struct core_message line = text_message(LOG, LOG_WRITE, "n1 says so\n");
        node_send(n1, n1->root, &line);
        node_send(n1, n1->root, &line);
        world_pass(world, 20 * MS);
}

/* Calls that end early: at their deadline, cancelled, withdrawn before they were sent whole. */
static void early_ends(struct world *world, struct held held)
{
        struct node *n1 = &world->node[0], *n2 = &world->node[1];
        n2->stalls = true;
        struct core_message message = text_message(ECHO, SAY, "in 30 ms");
        message.deadline = world->now + 30 * MS;
        call(n1, n1->root, message);
        node_answer(n2);
        world_pass(world, 20 * MS);
        message = text_message(ECHO, SAY, "never mind");
        core_handle_t handle = node_call(n1, n1->root, &message);
        world_pass(world, 20 * MS);
        core_cancel(n1->core, handle, world->now);
        world_pass(world, 20 * MS);
        n2->stalls = false;
        world_pass(world, 20 * MS);
        message = write_message(65536);
        handle = node_call(n1, held.file, &message);
        core_flush(n1->core, world->now);
        core_cancel(n1->core, handle, world->now);
        world_pass(world, 20 * MS);
}

/* Rights go to n2, come home, are given back, die. */
static void rights(struct world *world, struct held held)
{
        struct node *n1 = &world->node[0], *n2 = &world->node[1];
        struct core_message message = text_message(ECHO, SAY, "rights");
        message.caps = 3;
        message.cap[0] =
            (struct core_cap){.kind = CORE_CAP_LOCAL, .type = CAPABILITY_EVENT, .id = TOKEN_ECHO};
        message.cap[1] = (struct core_cap){.kind = CORE_CAP_IMPORT, .id = held.fs};
        message.cap[2] = (struct core_cap){.kind = CORE_CAP_NONE, .reason = REASON_REVOKED};
        call(n1, n1->root, message);
        core_import_drop(n2->core, n2->right);
        core_import_drop(n1->core, held.file);
        world_pass(world, 50 * MS);
        core_export_dead(n2->core, TOKEN_FS, REASON_REVOKED);
        world_pass(world, 50 * MS);
}

/* Silence, then n2 comes back as another. */
static void restart(struct world *world)
{
        struct node *n1 = &world->node[0], *n2 = &world->node[1];
        world_pass(world, 600 * MS);
        node_stop(n2);
        struct core_message message = text_message(ECHO, SAY, "anyone there?");
        node_call(n1, n1->root, &message);
        world_pass(world, 30 * MS);
        node_start(n2);
        world_await(world, n1, n1->ended + 1);
        world_await_sessions(world);
        world_pass(world, 50 * MS);
        call(n1, n1->root, text_message(NAME, LOOKUP, "fs"));
        world_pass(world, 50 * MS);
}

/* What begins sessions, calls with a packet that is lost or doubled, a restart. */
static void sealed(const char *path, const char *key_log)
{
        static struct world world;
        world_start_sealed(&world, path, key_log, CIPHER_CHACHA20_POLY1305);
        struct held held = names_and_files(&world);
        world_fate(&world, &world.node[1], 1, FATE_LOST);
        world_fate(&world, &world.node[1], 3, FATE_TWICE);
        call(&world.node[0], held.file, read_message(0, 8000));
        restart(&world);
        world_end(&world);
}

static void aes(const char *path, const char *key_log)
{
        static struct world world;
        world_start_sealed(&world, path, key_log, CIPHER_AES_256_GCM);
        names_and_files(&world);
        world_end(&world);
}

/* Silence, but for the signs of life, and a call at the end. */
static void phases(const char *path, const char *key_log)
{
        static struct world world;
        world_start_sealed(&world, path, key_log, CIPHER_CHACHA20_POLY1305);
        world_pass(&world, 250000 * MS);
        names_and_files(&world);
        world_end(&world);
}

static void talk(const char *path)
{
        static struct world world;
        world_start(&world, path);
        struct held held = names_and_files(&world);
        fragments(&world, held);
        small_ones(&world, held);
        early_ends(&world, held);
        rights(&world, held);
        restart(&world);
        world_end(&world);
}

/* The longest message, in the largest packets, which probes have found. */
static void large(const char *path)
{
        static struct world world;
        world_start_large(&world, path);
        struct held held = names_and_files(&world);
        call(&world.node[0], held.file, read_message(0, 65536));
        world_end(&world);
}

/* Calls without words or bytes that begin together. */
static void many(const char *path)
{
        enum { SHARE_A_PACKET = 21 };
        static struct world world;
        struct core_message message = message_of(ECHO, SAY, NULL, 0);
        world_start(&world, path);
        struct node *n1 = &world.node[0];
        for (unsigned i = 0; i < SHARE_A_PACKET; i++)
                node_call(n1, n1->root, &message);
        world_await(&world, n1, SHARE_A_PACKET);
        world_pass(&world, 20 * MS);
        world_end(&world);
}

/* --- packets that no node would send ---------------------------------------------------------- */

struct forged {
        uint8_t bytes[WIRE_PACKET_MAX];
        size_t length;
};

/* The outer header of a clear packet that n2 takes for one of n1's. Any index serves for what is
 * not to arrive; `number` must be new. */
static struct forged forge(uint32_t receiver, uint64_t number)
{
        struct forged forged = {.length = sizeof(struct wire_outer)};
        struct wire_outer outer = {.version_type = WIRE_VERSION << 4 | PACKET_CLEAR,
                                   .receiver = receiver,
                                   .number = number};
        memcpy(forged.bytes, &outer, sizeof(outer));
        return forged;
}

static void add(struct forged *forged, const void *frame, size_t size)
{
        memcpy(forged->bytes + forged->length, frame, size);
        forged->length += size;
}

static void inject(struct world *world, struct forged *forged, bool arriving)
{
        wire_trailer_write(forged->bytes, forged->length);
        world_inject(world, &world->node[0], forged->bytes, forged->length + WIRE_TRAILER_SIZE,
                     arriving);
        world->now += MS;
}

static struct wire_msg fragment(uint32_t total, uint32_t offset, uint16_t length)
{
        return (struct wire_msg){.type = FRAME_MSG,
                                 .flags = offset + length == total ? MSG_FLAG_LAST : 0,
                                 .fragment_length = length,
                                 .interface = FS,
                                 .method = OPEN,
                                 .call = wire_call_id(7, 1),
                                 .export_id = 1,
                                 .generation = 1,
                                 .total = total,
                                 .offset = offset,
                                 .deadline = WIRE_NO_DEADLINE};
}

/* Outer header, trailer, length. */
static void broken_packets(struct world *world)
{
        const struct node *n1 = &world->node[0];
        struct forged forged = forge(5, 1);
        struct wire_ping ping = {.type = FRAME_PING};
        world_inject(world, n1, "too short", 9, false);
        add(&forged, &ping, sizeof(ping));
        wire_trailer_write(forged.bytes, forged.length);
        forged.bytes[forged.length] ^= 1; /* of the trailer */
        world_inject(world, n1, forged.bytes, forged.length + WIRE_TRAILER_SIZE, false);
        forged.bytes[0] = (WIRE_VERSION + 1) << 4 | PACKET_CLEAR;
        inject(world, &forged, false);
        forged.bytes[0] = WIRE_VERSION << 4 | PACKET_HELLO;
        inject(world, &forged, false);
}

/* Frames, each after a good one. */
static void broken_frames(struct world *world)
{
        static const uint8_t unknown[] = {99, 0, 0, 0}, nothing = FRAME_CANCEL;
        struct wire_ping ping = {.type = FRAME_PING};
        struct wire_msg flags = fragment(0, 0, 0), count = fragment(0, 0, 0);
        flags.flags |= MSG_FLAG_REPLY;
        count.words = 9;
        struct wire_ack ack = {.type = FRAME_ACK, .largest = 3, .first = 9};
        const struct {
                const void *frame;
                size_t size;
        } frames[] = {
            {unknown, sizeof(unknown)}, {&nothing, 1},       {&flags, sizeof(flags)},
            {&count, sizeof(count)},    {&ack, sizeof(ack)},
        };
        for (unsigned i = 0; i < sizeof(frames) / sizeof(*frames); i++) {
                struct forged forged = forge(5, 2 + i);
                add(&forged, &ping, sizeof(ping));
                add(&forged, frames[i].frame, frames[i].size);
                inject(world, &forged, false);
        }
}

/* A fragment that has come in part (which is right), fragments that begin within a granule or
 * belong to another message, a capability of no kind. */
static void broken_messages(struct world *world)
{
        enum { G = WIRE_GRANULE };
        static const uint8_t content[2 * G] = {99};
        struct wire_msg messages[] = {fragment(4 * G, 0, 2 * G), fragment(4 * G, G, 2 * G),
                                      fragment(4 * G, 10, 2 * G), fragment(3 * G, 2 * G, G),
                                      fragment(16, 0, 16)};
        messages[4].call = wire_call_id(8, 1);
        messages[4].caps = 1;
        for (unsigned i = 0; i < sizeof(messages) / sizeof(*messages); i++) {
                struct forged forged = forge(5, 20 + i);
                add(&forged, &messages[i], sizeof(messages[i]));
                add(&forged, content, messages[i].fragment_length);
                inject(world, &forged, false);
        }
}

/* One that arrives: n2 ends the session with a CLOSE. */
static void broken_session(struct world *world, uint32_t receiver)
{
        struct forged forged = forge(receiver, 1000);
        add(&forged, (uint8_t[]){99}, 1);
        inject(world, &forged, true);
        world_pass(world, 10 * MS);
}

/* The index that n2 gave to n1: n2 draws it before it offers or answers; the wire shows it. */
static uint32_t index_of_session(const char *path)
{
        FILE *file = fopen(path, "rb");
        static uint8_t bytes[1 << 16];
        size_t size = file ? fread(bytes, 1, sizeof(bytes), file) : 0;
        if (file)
                fclose(file);
        uint32_t record[4], receiver = 0;
        for (size_t at = 24; at + sizeof(record) + 42 + 16 < size; at += 16 + record[2]) {
                memcpy(record, bytes + at, sizeof(record));
                const uint8_t *frame = bytes + at + 16;
                struct wire_outer outer;
                memcpy(&outer, frame + 42, sizeof(outer));
                if (frame[29] == 1 && wire_outer_type(&outer) == PACKET_CLEAR)
                        receiver = outer.receiver;
        }
        return receiver;
}

static void broken(const char *path)
{
        static struct world world;
        world_start(&world, path);
        call(&world.node[0], world.node[0].root, text_message(NAME, LOOKUP, "fs"));
        fflush(world.capture);
        uint32_t receiver = index_of_session(path);
        broken_packets(&world);
        broken_frames(&world);
        broken_messages(&world);
        broken_session(&world, receiver);
        world_end(&world);
}

int main(int count, char **arguments)
{
        static const struct {
                const char *name;
                void (*clear)(const char *path);
                void (*sealed)(const char *path, const char *key_log);
        } samples[] = {
            {"talk", talk, NULL},     {"large", large, NULL},   {"many", many, NULL},
            {"broken", broken, NULL}, {"sealed", NULL, sealed}, {"aes", NULL, aes},
            {"phases", NULL, phases},
        };
        for (unsigned i = 0; i < sizeof(samples) / sizeof(*samples); i++) {
                if (count < 2 || strcmp(arguments[1], samples[i].name) != 0)
                        continue;
                if (samples[i].clear && count == 3)
                        return samples[i].clear(arguments[2]), 0;
                if (samples[i].sealed && count == 4)
                        return samples[i].sealed(arguments[2], arguments[3]), 0;
        }
        return fprintf(stderr, "usage: sample talk|large|many|broken FILE\n"
                               "       sample sealed|aes|phases FILE KEYLOG\n"),
               2;
}
