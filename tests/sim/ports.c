/* I/O ports of a node: QEMU's fw_cfg (fw_cfg.c), and the real-time clock (servers/rt/pure/rtc.h),
 * which says the same date at each boot. Others read as ones. */
#include "servers/rt/pure/fw_cfg.h"
#include "servers/rt/pure/rtc.h"
#include "tests/sim/sim.h"

/* Of the 1st of January 2026, in binary numbers and 24 hours; 0 elsewhere: no update is under way.
 */
static uint8_t clock_read(uint8_t number)
{
        enum { DAY = 7, MONTH = 8, YEAR = 9, FORM = 11, BINARY_24 = 0x06 };
        static const uint8_t registers[] = {
            [DAY] = 1, [MONTH] = 1, [YEAR] = 26, [FORM] = BINARY_24};
        return number < sizeof registers ? registers[number] : 0;
}

uint32_t sim_port_in(uint16_t port)
{
        struct node *node = the_sim.running;
        switch (port) {
        case FW_CFG_PORT + 1:
                return fw_cfg_next(node);
        case RTC_PORT + 1:
                return clock_read(node->clock_register);
        default:
                return UINT8_MAX;
        }
}

void sim_port_out(uint16_t port, uint32_t value)
{
        struct node *node = the_sim.running;
        if (port == FW_CFG_PORT)
                node->fw_cfg = (struct fw_cfg_place){.key = (uint16_t)value};
        else if (port == RTC_PORT)
                node->clock_register = (uint8_t)value;
}
