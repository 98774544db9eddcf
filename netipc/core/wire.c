/* Encoding and decoding: validation only, no state. See wire.h for the layouts. */
#include "netipc/core/wire.h"

#include <string.h>
#include <sodium.h>

#include "kernel/abi/outcome.h"

const char *wire_frame_name(unsigned type)
{
        switch (type) {
#define FRAME(name, number, text)                                                                  \
        case number:                                                                               \
                return text;
#include "netipc/core/frames.def"
        default:
                return "unknown";
        }
}

const char *wire_hello_name(unsigned kind)
{
        switch (kind) {
#define HELLO(name, number, text)                                                                  \
        case number:                                                                               \
                return text;
#include "netipc/core/frames.def"
        default:
                return "unknown";
        }
}

const char *wire_capability_name(unsigned kind)
{
        switch (kind) {
#define CAPABILITY(name, number, text)                                                             \
        case number:                                                                               \
                return text;
#include "netipc/core/frames.def"
        default:
                return "unknown";
        }
}

const char *wire_error_name(unsigned error)
{
        switch (error) {
        case WIRE_OK:
                return "well formed";
#define WIRE_ERROR(name, number, text)                                                             \
        case number:                                                                               \
                return text;
#include "netipc/core/frames.def"
        default:
                return "unknown";
        }
}

enum wire_error wire_outer_decode(const void *packet, size_t length, struct wire_outer *outer)
{
        if (length < sizeof(*outer) + WIRE_TRAILER_SIZE)
                return WIRE_BAD_TRUNCATED;
        memcpy(outer, packet, sizeof(*outer));
        if (outer->version_type >> 4 != WIRE_VERSION)
                return WIRE_BAD_VERSION;
        if (wire_outer_type(outer) != PACKET_HELLO && wire_outer_type(outer) != PACKET_CLEAR)
                return WIRE_BAD_PACKET_TYPE;
        if (outer->flags || outer->key_phase)
                return WIRE_BAD_RESERVED;
        return WIRE_OK;
}

static void trailer_compute(const void *packet, size_t length, uint8_t trailer[])
{
        crypto_generichash_blake2b(trailer, WIRE_TRAILER_SIZE, packet, length, NULL, 0);
}

enum wire_error wire_trailer_check(const void *packet, size_t length)
{
        if (length < WIRE_TRAILER_SIZE)
                return WIRE_BAD_TRUNCATED;
        uint8_t trailer[WIRE_TRAILER_SIZE];
        trailer_compute(packet, length - WIRE_TRAILER_SIZE, trailer);
        const uint8_t *end = (const uint8_t *)packet + length - WIRE_TRAILER_SIZE;
        return memcmp(trailer, end, sizeof(trailer)) ? WIRE_BAD_TRAILER : WIRE_OK;
}

void wire_trailer_write(void *packet, size_t length)
{
        trailer_compute(packet, length, (uint8_t *)packet + length);
}

static bool name_valid(const struct wire_hello *hello)
{
        if (!is_name(hello->name, hello->name_length, WIRE_NAME_MAX))
                return false;
        for (unsigned i = hello->name_length; i < sizeof(hello->name); i++)
                if (hello->name[i])
                        return false;
        return true;
}

/* Which of the session's fields a kind of hello carries. */
static bool hello_fields_valid(const struct wire_hello *hello)
{
        bool sender = hello->sender_index != 0 && hello->sender_nonce != 0;
        bool no_sender = hello->sender_index == 0 && hello->sender_nonce == 0;
        bool echo = hello->receiver_nonce != 0;
        switch (hello->kind) {
        case HELLO_BEACON:
                return no_sender && !echo;
        case HELLO_OFFER:
                return sender && !echo;
        default:
                return sender && echo;
        }
}

enum wire_error wire_hello_decode(const void *body, size_t length, struct wire_hello *hello)
{
        if (length != sizeof(*hello))
                return WIRE_BAD_LENGTH;
        memcpy(hello, body, sizeof(*hello));
        if (hello->version != WIRE_VERSION)
                return WIRE_BAD_VERSION;
        if (hello->kind < HELLO_BEACON || hello->kind > HELLO_CONFIRM)
                return WIRE_BAD_KIND;
        if (!name_valid(hello))
                return WIRE_BAD_NAME;
        if (!hello_fields_valid(hello) || hello->node == 0)
                return WIRE_BAD_RESERVED;
        if (hello->packet_size < WIRE_PACKET_MAX || hello->fragment_size < WIRE_FRAGMENT_SIZE_MIN)
                return WIRE_BAD_LENGTH;
        if (hello->credit == 0 || hello->calls == 0 || hello->exports <= WIRE_ROOT_EXPORT)
                return WIRE_BAD_COUNT;
        return WIRE_OK;
}

bool wire_reason_valid(unsigned reason)
{
        return reason > 0 && reason < 32;
}

static enum wire_error msg_flags_check(const struct wire_msg *msg)
{
        uint16_t flags = msg->flags;
        if (flags & ~MSG_FLAGS_ALL)
                return WIRE_BAD_FLAGS;
        if (flags & MSG_FLAG_REPLY && flags & (MSG_FLAG_ONEWAY | MSG_FLAG_VOID))
                return WIRE_BAD_FLAGS;
        if (flags & MSG_FLAG_REPLY && (msg->export_id || msg->generation || msg->order))
                return WIRE_BAD_FLAGS;
        if (!(flags & MSG_FLAG_REPLY) && (!msg->export_id || !msg->generation))
                return WIRE_BAD_FLAGS;
        if (msg->outcome && !(flags & (MSG_FLAG_REPLY | MSG_FLAG_ONEWAY)))
                return WIRE_BAD_FLAGS;
        if (!outcome_valid(msg->outcome))
                return WIRE_BAD_RESERVED;
        if (flags & MSG_FLAG_VOID && msg->total)
                return WIRE_BAD_FLAGS;
        bool last = (uint64_t)msg->offset + msg->fragment_length == msg->total;
        return last == !!(flags & MSG_FLAG_LAST) ? WIRE_OK : WIRE_BAD_FLAGS;
}

static enum wire_error msg_check(const struct wire_frame *frame)
{
        const struct wire_msg *msg = &frame->msg;
        if (msg->words > WIRE_WORDS_MAX || msg->caps > WIRE_CAPS_MAX)
                return WIRE_BAD_COUNT;
        if (wire_call_sequence(msg->call) == 0)
                return WIRE_BAD_RESERVED;
        if (msg->total > WIRE_CONTENT_MAX || msg->total < msg->words * 8u + msg->caps * 16u)
                return WIRE_BAD_LENGTH;
        if (msg->total - msg->words * 8u - msg->caps * 16u > WIRE_BYTES_MAX)
                return WIRE_BAD_LENGTH;
        if (msg->offset > msg->total || msg->fragment_length > msg->total - msg->offset)
                return WIRE_BAD_LENGTH;
        if (msg->fragment_length == 0 && msg->total != 0)
                return WIRE_BAD_LENGTH;
        return msg_flags_check(msg);
}

static enum wire_error ack_check(const struct wire_frame *frame)
{
        const struct wire_ack *ack = &frame->ack;
        if (ack->range_count > WIRE_ACK_RANGES_MAX)
                return WIRE_BAD_COUNT;
        if (ack->first == 0 || ack->first - 1 > ack->largest)
                return WIRE_BAD_LENGTH;
        uint64_t left = ack->largest - (ack->first - 1); /* lowest number covered so far */
        for (unsigned i = 0; i < ack->range_count; i++) {
                struct wire_ack_range range = wire_ack_range_at(frame, i);
                uint64_t down = (uint64_t)range.gap + range.length;
                if (range.gap == 0 || range.length == 0 || down > left)
                        return WIRE_BAD_LENGTH;
                left -= down;
        }
        return WIRE_OK;
}

static enum wire_error release_check(const struct wire_frame *frame)
{
        if (frame->release.count == 0 || frame->release.count > WIRE_RELEASE_MAX)
                return WIRE_BAD_COUNT;
        if (frame->release.sequence == 0)
                return WIRE_BAD_RESERVED;
        for (unsigned i = 0; i < frame->release.count; i++) {
                struct wire_release_entry entry = wire_release_entry_at(frame, i);
                if (entry.export_id <= WIRE_ROOT_EXPORT || entry.generation == 0 ||
                    entry.count == 0)
                        return WIRE_BAD_RESERVED;
        }
        return WIRE_OK;
}

static enum wire_error cancel_check(const struct wire_cancel *cancel)
{
        bool reason = cancel->reason == REASON_DEADLINE || cancel->reason == REASON_CANCELLED;
        return reason && wire_call_sequence(cancel->call) ? WIRE_OK : WIRE_BAD_RESERVED;
}

static enum wire_error fixed_check(const struct wire_frame *frame)
{
        switch (frame->type) {
        case FRAME_CANCEL:
                return cancel_check(&frame->cancel);
        case FRAME_DEAD:
                if (!wire_reason_valid(frame->dead.reason) || frame->dead.export_id == 0 ||
                    frame->dead.generation == 0)
                        return WIRE_BAD_RESERVED;
                return WIRE_OK;
        case FRAME_CLOSE:
                return wire_reason_valid(frame->close.reason) ? WIRE_OK : WIRE_BAD_RESERVED;
        case FRAME_BUSY:
                return frame->busy.number ? WIRE_OK : WIRE_BAD_RESERVED;
        default:
                return WIRE_OK;
        }
}

bool wire_same_message(const struct wire_msg *a, const struct wire_msg *b)
{
        return a->total == b->total && a->words == b->words && a->caps == b->caps &&
               a->call == b->call && a->export_id == b->export_id &&
               a->generation == b->generation && a->order == b->order &&
               (a->flags & ~MSG_FLAG_LAST) == (b->flags & ~MSG_FLAG_LAST);
}

/* Size of a frame's fixed part; 0 if there is no such frame. */
static size_t fixed_size(unsigned type)
{
        switch (type) {
        case FRAME_MSG:
                return sizeof(struct wire_msg);
        case FRAME_ACK:
                return sizeof(struct wire_ack);
        case FRAME_CANCEL:
                return sizeof(struct wire_cancel);
        case FRAME_RELEASE:
                return sizeof(struct wire_release);
        case FRAME_DEAD:
                return sizeof(struct wire_dead);
        case FRAME_PING:
                return sizeof(struct wire_ping);
        case FRAME_CLOSE:
                return sizeof(struct wire_close);
        case FRAME_BUSY:
                return sizeof(struct wire_busy);
        default:
                return 0;
        }
}

static size_t payload_size(const struct wire_frame *frame)
{
        switch (frame->type) {
        case FRAME_MSG:
                return frame->msg.fragment_length;
        case FRAME_ACK:
                return frame->ack.range_count * sizeof(struct wire_ack_range);
        case FRAME_RELEASE:
                return frame->release.count * sizeof(struct wire_release_entry);
        default:
                return 0;
        }
}

enum wire_error wire_frame_decode(const uint8_t *bytes, size_t length, struct wire_frame *frame,
                                  size_t *used)
{
        size_t fixed = fixed_size(bytes[0]);
        if (fixed == 0)
                return WIRE_BAD_FRAME_TYPE;
        if (length < fixed)
                return WIRE_BAD_TRUNCATED;
        memcpy(frame, bytes, fixed);
        frame->payload = bytes + fixed;
        frame->payload_length = payload_size(frame);
        if (length - fixed < frame->payload_length)
                return WIRE_BAD_TRUNCATED;
        *used = fixed + frame->payload_length;
        switch (frame->type) {
        case FRAME_MSG:
                return msg_check(frame);
        case FRAME_ACK:
                return ack_check(frame);
        case FRAME_RELEASE:
                return release_check(frame);
        default:
                return fixed_check(frame);
        }
}

struct wire_ack_range wire_ack_range_at(const struct wire_frame *frame, unsigned index)
{
        struct wire_ack_range range;
        memcpy(&range, frame->payload + index * sizeof(range), sizeof(range));
        return range;
}

struct wire_release_entry wire_release_entry_at(const struct wire_frame *frame, unsigned index)
{
        struct wire_release_entry entry;
        memcpy(&entry, frame->payload + index * sizeof(entry), sizeof(entry));
        return entry;
}

enum wire_error wire_capability_decode(const uint8_t *bytes, struct wire_capability *capability)
{
        memcpy(capability, bytes, sizeof(*capability));
        bool named = capability->export_id != 0 && capability->generation != 0;
        switch (capability->kind) {
        case CAPABILITY_NONE:
                return WIRE_OK;
        case CAPABILITY_SEND:
        case CAPABILITY_EVENT:
        case CAPABILITY_REPLY:
        case CAPABILITY_HOME:
                return named && capability->length == 0 ? WIRE_OK : WIRE_BAD_RESERVED;
        case CAPABILITY_MEMORY:
                return capability->length != 0 ? WIRE_OK : WIRE_BAD_RESERVED;
        default:
                return WIRE_BAD_KIND;
        }
}

uint8_t *wire_put(uint8_t *at, const void *frame, size_t size)
{
        memcpy(at, frame, size);
        return at + size;
}

void wire_hello_packet(const struct wire_hello *hello, uint8_t packet[])
{
        struct wire_outer outer = {.version_type = WIRE_VERSION << 4 | PACKET_HELLO};
        uint8_t *at = wire_put(packet, &outer, sizeof(outer));
        at = wire_put(at, hello, sizeof(*hello));
        wire_trailer_write(packet, (size_t)(at - packet));
}
