/* Hellos: the input is a list of hello bodies, each sent as a well-formed packet from one of four
 * addresses to a core that then has to keep its tables in order. */
#include <string.h>

#include "tests/fuzz/netipc/node.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct core *core = node_make(1);
        uint64_t now = 1000000;
        while (size > sizeof(struct wire_hello)) {
                struct wire_hello hello;
                uint8_t packet[WIRE_HELLO_PACKET_SIZE];
                memcpy(&hello, data + 1, sizeof(hello));
                node_answer_hints(1, &hello, data[0]);
                wire_hello_packet(&hello, packet);
                core_packet_in(core, (struct core_address){data[0] & 3, 1}, packet, sizeof(packet),
                               now);
                now += data[0] * 1000000ull;
                core_tick(core, now);
                data += 1 + sizeof(hello);
                size -= 1 + sizeof(hello);
        }
        node_end(1);
        return 0;
}
