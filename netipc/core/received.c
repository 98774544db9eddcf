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
        core_assert(number > received->largest);
        if (number - received->largest >= RECEIVED_WINDOW)
                memset(received->map, 0, sizeof(received->map));
        else
                for (uint64_t n = received->largest + 1; n < number; n++)
                        bit_set(received, n, false);
        received->largest = number;
}

void received_note(struct received *received, uint64_t number, unsigned places, uint64_t now)
{
        bool in_order = number == received->largest + 1;
        core_assert(!received_before(received, number));
        if (!in_order && number > received->largest)
                received->gapless = number;
        else if (number + 1 == received->gapless || received->largest == 0)
                received->gapless = number;
        if (number > received->largest) {
                window_advance(received, number);
                received->largest_time = now;
        }
        bit_set(received, number, true);
        received->count++;
        core_assert(received_before(received, number));
        core_assert(received->gapless && received->gapless <= received->largest);
        if (places == 0)
                return;
        if (received->unacked++ == 0) {
                received->ack_deadline = now + ACK_DELAY;
                received->unacked_places = 0;
        }
        received->unacked_places += places;
        received->ack_now |= !in_order;
}

/* Whether enough has come for an ACK. A quarter of the credit is no more than half of what may be
 * under way at once, of which long messages use half where there are short ones. */
static bool is_enough(const struct received *received, uint16_t credit)
{
        uint32_t together = credit / 4u < ACK_TOGETHER ? credit / 4u : ACK_TOGETHER;
        bool waits = received->largest - received->gapless < ACK_RUN;
        return received->unacked >= ACK_EVERY && (waits || received->unacked_places >= together);
}

bool received_ack_due(const struct received *received, uint16_t credit, uint64_t now)
{
        return received->busy_count ||
               (received->unacked && (received->ack_now || is_enough(received, credit) ||
                                      now >= received->ack_deadline));
}

void received_busy(struct received *received, uint64_t number)
{
        core_assert(number && received->busy_count <= RECEIVED_BUSY);
        received->asked_until = received->largest_time + ASKED_AFTER;
        for (unsigned i = 0; i < received->busy_count; i++)
                if (received->busy[i] == number)
                        return;
        if (received->busy_count < RECEIVED_BUSY)
                received->busy[received->busy_count++] = number;
}

unsigned received_run(const struct received *received, uint64_t number, bool present, unsigned most)
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
