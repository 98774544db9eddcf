/* The switch between the cards: a frame goes to the card whose address it has, or to all others. */
#include <stdlib.h>
#include <string.h>
#include "tests/sim/sim.h"

enum { ADDRESS = 6, GROUP = 1 };

#define DELAY (50 * SIM_US)

static void deliver(const struct node *from, unsigned to, const void *bytes, size_t length)
{
        struct frame *frame = malloc(sizeof *frame + length);
        if (!frame)
                abort();
        frame->from = from->number;
        frame->length = (uint16_t)length;
        memcpy(frame->bytes, bytes, length);
        sim_event((struct event){.time = sim_time() + DELAY + sim_below(20 * SIM_US),
                                 .kind = EVENT_FRAME,
                                 .node = (uint8_t)to,
                                 .frame = frame});
}

void network_send(struct node *from, const void *bytes, size_t length)
{
        const uint8_t *to = bytes;
        for (unsigned i = 0; i < the_sim.options.nodes; i++)
                if (i != from->number && (to[0] & GROUP || to[ADDRESS - 1] == i + 1))
                        deliver(from, i, bytes, length);
}
