/* Encoding and decoding: validation only, no state. See wire.h for the layouts. The frames are
 * handled row by row of frames.def. */
#include "netipc/core/wire.h"
#include "netipc/core/crc32c.h"

const char *wire_frame_name(unsigned type)
{
        switch (type) {
#define FRAME(NAME, name, number, text, ...)                                                       \
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
        enum wire_packet_type type = wire_outer_type(outer);
        if (type < PACKET_HELLO || type > PACKET_SEALED)
                return WIRE_BAD_PACKET_TYPE;
        if (outer->flags || (outer->key_phase && type != PACKET_SEALED))
                return WIRE_BAD_RESERVED;
        return WIRE_OK;
}

static struct wire_trailer trailer_of(const void *packet, size_t length)
{
        return (struct wire_trailer){.sum = crc32c(packet, length)};
}

enum wire_error wire_trailer_check(const void *packet, size_t length)
{
        if (length < WIRE_TRAILER_SIZE)
                return WIRE_BAD_TRUNCATED;
        struct wire_trailer trailer = trailer_of(packet, length - WIRE_TRAILER_SIZE);
        const uint8_t *end = (const uint8_t *)packet + length - WIRE_TRAILER_SIZE;
        return memcmp(&trailer, end, sizeof(trailer)) ? WIRE_BAD_TRAILER : WIRE_OK;
}

void wire_trailer_write(void *packet, size_t length)
{
        struct wire_trailer trailer = trailer_of(packet, length);
        memcpy((uint8_t *)packet + length, &trailer, sizeof(trailer));
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
        if (hello->packet_size < WIRE_PACKET_BASE)
                return WIRE_BAD_LENGTH;
        if (hello->credit == 0 || hello->calls == 0 || hello->exports <= WIRE_ROOT_EXPORT)
                return WIRE_BAD_COUNT;
        return WIRE_OK;
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
#define FRAME(NAME, name, number, ...)                                                             \
        case number:                                                                               \
                return sizeof(struct wire_##name);
#include "netipc/core/frames.def"
        default:
                return 0;
        }
}

static size_t payload_size(const struct wire_frame *frame)
{
        switch ((enum wire_frame_type)frame->type) {
#define FRAME(NAME, name, number, text, behind, ...)                                               \
        case number: {                                                                             \
                const struct wire_##name *name = &frame->name;                                     \
                (void)name;                                                                        \
                return behind;                                                                     \
        }
#include "netipc/core/frames.def"
        }
        return 0;
}

static enum wire_error frame_check(const struct wire_frame *frame)
{
        switch ((enum wire_frame_type)frame->type) {
#define FRAME(NAME, name, number, text, behind, check, ...)                                        \
        case number:                                                                               \
                return check(&frame->name, frame->payload);
#include "netipc/core/frames.def"
        }
        return WIRE_BAD_FRAME_TYPE;
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
        return frame_check(frame);
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
                return named && capability->length != 0 ? WIRE_OK : WIRE_BAD_RESERVED;
        default:
                return WIRE_BAD_KIND;
        }
}

void wire_hello_packet(const struct wire_hello *hello, uint8_t packet[])
{
        struct wire_outer outer = {.version_type = WIRE_VERSION << 4 | PACKET_HELLO};
        uint8_t *at = wire_put(packet, &outer, sizeof(outer));
        at = wire_put(at, hello, sizeof(*hello));
        wire_trailer_write(packet, (size_t)(at - packet));
}
