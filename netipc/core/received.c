/* The window of packet numbers received; see received.h. */
#include "netipc/core/received.h"

static bool bit_get(const struct received *received, uint64_t number)
{
        return received->map[number / 64 % (RECEIVED_WINDOW / 64)] >> (number % 64) & 1;
}

static void bit_set(struct received *received, uint64_t number, bool value)
{
        uint64_t *word = &received->map[number / 64 % (RECEIVED_WINDOW / 64)];
        uint64_t bit = 1ull << (number % 64);
        *word = value ? *word | bit : *word & ~bit;
}

bool received_before(const struct received *received, uint64_t number)
{
        if (number > received->largest)
                return false;
        if (number == 0 || received->largest - number >= RECEIVED_WINDOW)
                return true;
        return bit_get(received, number);
}

static void window_advance(struct received *received, uint64_t number)
{
        if (number - received->largest >= RECEIVED_WINDOW)
                memset(received->map, 0, sizeof(received->map));
        else
                for (uint64_t n = received->largest + 1; n < number; n++)
                        bit_set(received, n, false);
        received->largest = number;
}

void received_note(struct received *received, uint64_t number, bool eliciting, uint64_t now)
{
        bool in_order = number == received->largest + 1;
        if (number > received->largest) {
                window_advance(received, number);
                received->largest_time = now;
        }
        bit_set(received, number, true);
        received->count++;
        if (!eliciting)
                return;
        if (received->unacked++ == 0)
                received->ack_deadline = now + ACK_DELAY;
        if (!in_order || received->unacked >= ACK_EVERY)
                received->ack_now = true;
}

bool received_ack_due(const struct received *received, uint64_t now)
{
        return received->busy_count ||
               (received->unacked && (received->ack_now || now >= received->ack_deadline));
}

void received_busy(struct received *received, uint64_t number)
{
        for (unsigned i = 0; i < received->busy_count; i++)
                if (received->busy[i] == number)
                        return;
        if (received->busy_count < RECEIVED_BUSY)
                received->busy[received->busy_count++] = number;
}

size_t received_busy_put(struct received *received, uint8_t *at, size_t room)
{
        struct wire_busy frame = {.type = FRAME_BUSY};
        uint8_t *end = at;
        while (received->busy_count && room - (size_t)(end - at) >= sizeof(frame)) {
                frame.number = received->busy[--received->busy_count];
                end = wire_put(end, &frame, sizeof(frame));
        }
        return (size_t)(end - at);
}

/* How many numbers from `number` downwards are received (or, inverted, missing); at most `most`. */
static unsigned run_length(const struct received *received, uint64_t number, bool present,
                           unsigned most)
{
        unsigned length = 0;
        while (length < most && number > length) {
                uint64_t at = number - length;
                unsigned offset = at % 64;
                uint64_t word = received->map[at / 64 % (RECEIVED_WINDOW / 64)];
                uint64_t above = (present ? ~word : word) << (63 - offset);
                unsigned run = above ? (unsigned)__builtin_clzll(above) : 64;
                if (run <= offset)
                        return length + run < most ? length + run : most;
                length += offset + 1;
        }
        if (length > most)
                length = most;
        return length < number ? length : (unsigned)number;
}

size_t received_ack_put(struct received *received, uint8_t *at, size_t room, uint16_t credit,
                        uint64_t now)
{
        struct wire_ack ack = {.type = FRAME_ACK, .credit = credit, .largest = received->largest};
        if (room < sizeof(ack) || received->largest == 0)
                return 0;
        uint64_t delay = (now - received->largest_time) / MICROSECOND;
        ack.delay = delay < UINT32_MAX ? (uint32_t)delay : UINT32_MAX;
        unsigned scanned = ack.first = run_length(received, ack.largest, true, SENT_RING);
        uint8_t *end = at + sizeof(ack);
        while (scanned < SENT_RING && ack.range_count < WIRE_ACK_RANGES_MAX &&
               room - (size_t)(end - at) >= sizeof(struct wire_ack_range)) {
                unsigned left = SENT_RING - scanned;
                uint64_t next = ack.largest - scanned; /* the first missing, 0 at the end */
                unsigned gap = run_length(received, next, false, left);
                unsigned run = gap < left ? run_length(received, next - gap, true, left - gap) : 0;
                if (gap == 0 || run == 0)
                        break;
                struct wire_ack_range range = {(uint16_t)gap, (uint16_t)run};
                end = wire_put(end, &range, sizeof(range));
                ack.range_count++;
                scanned += gap + run;
        }
        wire_put(at, &ack, sizeof(ack));
        received->unacked = 0;
        received->ack_now = false;
        return (size_t)(end - at);
}
