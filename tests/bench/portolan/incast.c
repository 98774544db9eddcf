/* Many nodes that send to one at the same time. They meet at its service before they begin, and
 * when all are through; so what is asked then has seen everything.
 *
 * `bench incast waits`, before the first meeting: the others may come later by whole boots. */
#include "servers/proto/nic.h"
#include "servers/rt/serve/service.h"
#include "servers/rt/task/log.h"
#include "servers/rt/task/time.h"
#include "tests/bench/portolan/rows.h"
#include "tests/bench/portolan/service.h"

enum { INCAST_BYTES = 1 << 20, BOOTS = 5 };

static outcome_t meet(const struct bench *bench)
{
        struct message message = {.interface = BENCH_INTERFACE, .method = BENCH_MEET};
        message.word_count = 1;
        message.words[0] = bench->count;
        return rt_call(bench->right, rt_after(BOOTS * BENCH_PATIENCE), &message, NULL);
}

/* Frames that the card of the node which receives had to drop since its driver's start. */
static outcome_t card_drops(uint64_t *dropped)
{
        uint64_t received, received_bytes, sent, sent_bytes, violations, interrupts;
        uint64_t deadline = rt_after(BENCH_PATIENCE);
        handle_t nic;
        outcome_t outcome = rt_lookup("n2/nic", deadline, &nic);
        if (outcome != OUTCOME_OK)
                return outcome;
        outcome = nic_statistics(nic, deadline, &received, &received_bytes, &sent, &sent_bytes,
                                 dropped, &violations, &interrupts);
        sys_handle_close(nic);
        return outcome;
}

outcome_t row_incast(const struct bench *bench)
{
        uint64_t dropped;
        rt_log("bench incast waits");
        outcome_t outcome = meet(bench);
        if (outcome == OUTCOME_OK)
                outcome = bulk_send(bench, INCAST_BYTES);
        if (outcome == OUTCOME_OK)
                outcome = meet(bench);
        if (outcome == OUTCOME_OK)
                outcome = card_drops(&dropped);
        if (outcome == OUTCOME_OK)
                rt_log("bench incast_card_drops %lu", dropped);
        return outcome;
}
