/* Damages a capture, to see whether the dissector stands it.
 *
 *      damage SEED COUNT IN OUT [KEYLOG]
 *
 * Writes COUNT packets of IN (a capture of sample.c), in their order and again from the start. Of
 * eight one stays as it is, so that there are sessions and calls to damage. The others get one to
 * four of the changes of mutate(), in the UDP payload; three quarters of them a trailer that fits
 * again. Some are cut, as by a capture with a small snapshot length. With a key log sealed packets
 * are opened before the change and sealed after it, as a member that is hostile could. The same
 * arguments give the same bytes. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "servers/common/byte_order.h"

#include "netipc/core/wire.h"
#include "netipc/crypto/keylog.h"
#include "netipc/crypto/protect.h"

enum { FILE_HEADER = 24, HEADERS = 42, PACKET_ROOM = 2048, INPUT_MAX = 4096, SESSIONS_MAX = 8 };

struct record {
        uint32_t seconds, fraction, captured, length;
        uint8_t bytes[HEADERS + PACKET_ROOM];
};

static struct {
        uint64_t random;
        uint8_t header[FILE_HEADER];
        struct record record[INPUT_MAX];
        unsigned count;
        struct keylog_session session[SESSIONS_MAX];
        unsigned sessions;
} input;

static void fail(const char *what)
{
        fprintf(stderr, "damage: %s\n", what);
        exit(1);
}

/* xorshift64* (Vigna) */
static uint32_t below(uint32_t bound)
{
        input.random ^= input.random >> 12;
        input.random ^= input.random << 25;
        input.random ^= input.random >> 27;
        return bound ? (uint32_t)((input.random * 0x2545f4914f6cdd1dull) >> 33) % bound : 0;
}

static void input_read(const char *path)
{
        FILE *file = fopen(path, "rb");
        if (!file || fread(input.header, 1, FILE_HEADER, file) != FILE_HEADER)
                fail("the input cannot be read");
        while (input.count < INPUT_MAX) {
                struct record *record = &input.record[input.count];
                if (fread(record, 1, 16, file) != 16)
                        break;
                if (record->captured > sizeof(record->bytes) || record->captured < HEADERS ||
                    fread(record->bytes, 1, record->captured, file) != record->captured)
                        fail("the input is no capture of sample");
                input.count++;
        }
        fclose(file);
        if (input.count == 0)
                fail("the input is empty");
}

static void key_log_read(const char *path)
{
        char line[KEYLOG_LINE + 1];
        FILE *file = fopen(path, "r");
        if (!file)
                fail("the key log cannot be read");
        while (input.sessions < SESSIONS_MAX && fgets(line, sizeof(line), file))
                input.sessions +=
                    keylog_read(line, strcspn(line, "\n"), &input.session[input.sessions]);
        fclose(file);
}

/* The key of a packet in phase 0, where samples are; false: it is not sealed, or of no session. */
static bool key_of(const uint8_t *payload, uint32_t length, struct cipher_key *key)
{
        struct wire_outer outer;
        if (length < PROTECT_OVERHEAD)
                return false;
        memcpy(&outer, payload, sizeof(outer));
        for (unsigned i = 0; wire_outer_type(&outer) == PACKET_SEALED && i < input.sessions; i++) {
                struct keylog_session said = input.session[i];
                bool to_initiator = outer.receiver == said.initiator_index;
                if (!to_initiator && outer.receiver != said.responder_index)
                        continue;
                protect_key_take(key, said.cipher,
                                 to_initiator ? said.from_responder : said.from_initiator);
                return true;
        }
        return false;
}

static uint64_t number_of(const uint8_t *payload)
{
        uint64_t number;
        memcpy(&number, payload + PROTECT_HEADER_NUMBER, sizeof(number));
        return number;
}

/* Opens a packet in its place. */
static bool unseal(uint8_t *payload, uint32_t length, struct cipher_key *key)
{
        return key_of(payload, length, key) &&
               cipher_open(key, number_of(payload), payload, PROTECT_HEADER,
                           payload + PROTECT_HEADER, length - PROTECT_OVERHEAD,
                           payload + PROTECT_HEADER);
}

static void seal(uint8_t *payload, uint32_t length, const struct cipher_key *key)
{
        cipher_seal(key, number_of(payload), payload, PROTECT_HEADER, payload + PROTECT_HEADER,
                    length - PROTECT_OVERHEAD, payload + PROTECT_HEADER);
}

/* One change to a payload of `length` bytes; gives its new length. */
static uint32_t mutate(uint8_t *payload, uint32_t length)
{
        static const uint32_t telling[] = {0,          1,          7,          8,    9,    16,
                                           32,         64,         0x7f,       0x80, 0xff, 0xffff,
                                           0x7fffffff, 0x80000000, 0xffffffff, 65536};
        const struct record *other = &input.record[below(input.count)];
        uint32_t at = below(length), value = telling[below(16)], size = 1u << below(3);
        switch (below(7)) {
        case 0:
                payload[at] ^= (uint8_t)(1u << below(8));
                return length;
        case 1:
                payload[at] = (uint8_t)below(256);
                return length;
        case 2: /* a field of the first frame's header */
                at = 16 + below(56);
                size = at + size <= length ? size : 0;
                memcpy(payload + (size ? at : 0), &value, size);
                return length;
        case 3:
                size = at + size <= length ? size : 0;
                memcpy(payload + at, &value, size);
                return length;
        case 4:
                return at;
        case 5: /* another's beginning */
                size = below(other->captured - HEADERS + 1);
                memcpy(payload, other->bytes + HEADERS, size);
                return size > length ? size : length;
        default: /* frames of another behind these */
                size = other->captured - HEADERS;
                size = size > 32 ? size - 32 : 0;
                if (length < 32 || length + size > PACKET_ROOM - WIRE_TRAILER_SIZE)
                        return length;
                memcpy(payload + length - 16, other->bytes + HEADERS + 16, size);
                return length + size;
        }
}

static void record_damage(struct record *record)
{
        uint8_t *payload = record->bytes + HEADERS;
        uint32_t length = record->captured - HEADERS;
        struct cipher_key key;
        bool sealed = unseal(payload, length, &key);
        for (uint32_t i = 1 + below(4); i > 0; i--)
                length = mutate(payload, length);
        bool fits = below(4);
        if (fits && sealed && length >= PROTECT_OVERHEAD)
                seal(payload, length, &key);
        else if (fits && length >= WIRE_TRAILER_SIZE)
                wire_trailer_write(payload, length - WIRE_TRAILER_SIZE);
        put16(record->bytes + 16, (uint16_t)(28 + length));
        put16(record->bytes + 38, (uint16_t)(8 + length));
        record->length = HEADERS + length;
        record->captured = below(16) ? record->length : HEADERS + below(length + 1);
}

/* Makes the packet part of the round's own session: the index that names it is another. One of a
 * session with keys becomes a later one of it. */
static void session_move(struct record *record, uint32_t round)
{
        uint8_t *payload = record->bytes + HEADERS;
        uint32_t length = record->captured - HEADERS;
        struct cipher_key key;
        if (length < sizeof(struct wire_outer) + WIRE_TRAILER_SIZE)
                return;
        if (unseal(payload, length, &key)) {
                uint64_t number = number_of(payload) + ((uint64_t)round << 20);
                memcpy(payload + PROTECT_HEADER_NUMBER, &number, sizeof(number));
                seal(payload, length, &key);
                return;
        }
        if ((payload[0] & 0x0f) > PACKET_CLEAR)
                return;
        bool hello = (payload[0] & 0x0f) == PACKET_HELLO;
        size_t kind = sizeof(struct wire_outer) + offsetof(struct wire_hello, kind);
        if (hello && payload[kind] == HELLO_BEACON)
                return;
        uint32_t at = hello ? sizeof(struct wire_outer) + offsetof(struct wire_hello, sender_index)
                            : offsetof(struct wire_outer, receiver);
        if (at + 4 > length)
                return;
        payload[at + 3] ^= (uint8_t)round;
        payload[at + 2] ^= (uint8_t)(round >> 8);
        wire_trailer_write(payload, length - WIRE_TRAILER_SIZE);
}

int main(int count, char **arguments)
{
        if (count != 5 && count != 6)
                return fprintf(stderr, "usage: damage SEED COUNT IN OUT [KEYLOG]\n"), 2;
        input.random = strtoull(arguments[1], NULL, 10) * 2 + 1;
        input_read(arguments[3]);
        if (count == 6)
                key_log_read(arguments[5]);
        FILE *file = fopen(arguments[4], "wb");
        if (!file || fwrite(input.header, 1, FILE_HEADER, file) != FILE_HEADER)
                fail("the output cannot be written");
        unsigned long packets = strtoul(arguments[2], NULL, 10);
        for (unsigned long i = 0; i < packets; i++) {
                static const uint32_t shares[] = {2, 50, 300, 900}; /* of 1,000 */
                uint32_t round = (uint32_t)(i / input.count);
                struct record record = input.record[i % input.count];
                record.seconds += round * 2;
                session_move(&record, round);
                if (below(1000) < shares[round % 4])
                        record_damage(&record);
                if (fwrite(&record, 1, 16 + record.captured, file) != 16 + record.captured)
                        fail("the output cannot be written; is the disk full?");
        }
        return fclose(file) ? 1 : 0;
}
