/* Each share has a least, below which no peer could work, and a most, of which one peer alone makes
 * full use. */
#include "netipc/server/shares.h"
#include "netipc/server/transport.h"

static uint32_t within(uint32_t value, uint32_t least, uint32_t most)
{
        return value < least ? least : value > most ? most : value;
}

uint16_t credit_of(unsigned buffers, unsigned peers, size_t packet_size)
{
        unsigned credit = within(buffers / peers, 1, SHARES_BUFFERS);
        size_t most = packet_size < WIRE_PACKET_MAX ? packet_size : WIRE_PACKET_MAX;
        while (credit > 1 && credit + wire_beyond(credit, most) > buffers / peers)
                credit--;
        return (uint16_t)credit;
}

static unsigned peers_in(const char *nodes)
{
        unsigned peers = 0;
        for (; *nodes; nodes++)
                peers += *nodes == ',';
        return peers ? peers : 1;
}

void share_out(struct core_config *config, const char *nodes)
{
        enum { CALLS = 512, CALLS_LEAST = 16, CALLS_MOST = 128 };
        enum { EXPORTS = 4096, EXPORTS_LEAST = 128, EXPORTS_MOST = 1024 };
        enum { CONTENT_EACH_WAY = 1 << 20 };
        unsigned peers = peers_in(nodes);
        config->credit =
            credit_of(SHARES_BUFFERS, peers, WIRE_PACKET_MAX); /* until there is a card */
        config->calls = (uint16_t)within(CALLS / peers, CALLS_LEAST, CALLS_MOST);
        config->exports = (uint16_t)within(EXPORTS / peers, EXPORTS_LEAST, EXPORTS_MOST);
        config->content = within(CONTENT_EACH_WAY / peers, WIRE_CONTENT_MAX, CONTENT_EACH_WAY);
        transport.far_calls.peers = peers;
}
