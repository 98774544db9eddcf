/* Packets on their way; see seen.h. */
#include "tests/unit/netipc/seen.h"

#include <string.h>

unsigned type_of(const struct lab_packet *packet)
{
        return packet->bytes[0] & 15;
}

struct lab_packet seen[LAB_NODES][16];
unsigned count[LAB_NODES][16];

bool watch(struct lab *lab, struct lab_packet *packet)
{
        (void)lab;
        seen[packet->from][type_of(packet)] = *packet;
        count[packet->from][type_of(packet)]++;
        return true;
}

void watch_begin(struct lab *lab)
{
        memset(seen, 0, sizeof(seen));
        memset(count, 0, sizeof(count));
        lab->filter = watch;
}

void again(struct lab *lab, const struct lab_packet *packet)
{
        struct core_address from = {packet->from + 1, WIRE_UDP_PORT};
        ck_assert_uint_gt(packet->length, 0);
        core_packet_in(lab->node[packet->to].core, from, packet->bytes, packet->length, lab->now);
        core_flush(lab->node[packet->to].core, lab->now);
}

void call_and_answer(struct lab *lab, unsigned from, unsigned to)
{
        struct core_message message = lab_message(42), answer = lab_message(43);
        ck_assert(core_call(lab->node[from].core, lab->node[from].root[to], &message, 7, NULL,
                            lab->now) == OUTCOME_OK);
        unsigned before = lab->node[from].completions;
        lab_run(lab, 20);
        ck_assert_uint_eq(lab_delivered(lab, to)->message.word[0], 42);
        core_reply(lab->node[to].core, lab_delivered(lab, to)->call, OUTCOME_OK, &answer, lab->now);
        lab_run(lab, 20);
        ck_assert_uint_eq(lab->node[from].completions, before + 1);
        ck_assert_uint_eq(lab_completed(lab, from)->message.word[0], 43);
}
