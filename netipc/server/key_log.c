/* One byte a system call: a line is some 300, and each session has one. See key_log.h. */
#include "netipc/server/key_log.h"

#include <assert.h>
#include <string.h>
#include "servers/rt/message/syscall.h"
#include "servers/rt/start/startup.h"
#include "servers/rt/task/fw_cfg_ports.h"
#include "servers/rt/task/log.h"

/* What the port reads as (QEMU 7.2, hw/char/debugcon.c: property "readback"). */
enum { DEBUGCON_PRESENT = 0xe9 };

/* The device's port (the manifest's second); 0: there is no log. */
static handle_t console;

static bool asked_for(handle_t fw_cfg_ports)
{
        char answer[4];
        size_t length = 0;
        return fw_cfg_read_ports(fw_cfg_ports, FW_CFG_KEYLOG, answer, sizeof(answer), &length) ==
                   OUTCOME_OK &&
               length == 3 && memcmp(answer, "yes", 3) == 0;
}

bool key_log_open(handle_t fw_cfg_ports)
{
        handle_t port = rt_handle("ioports1");
        uint64_t value = 0;
        bool asked = asked_for(fw_cfg_ports);
        bool there =
            asked && sys_ioport_read(port, 0, 1, &value) == OUTCOME_OK && value == DEBUGCON_PRESENT;
        if (there) {
                console = port;
                rt_log(
                    "warning: the keys of all sessions are written to a key log, by " FW_CFG_KEYLOG
                    ": who has it reads and forges what nodes say");
                return true;
        }
        if (asked)
                rt_log("warning: no key log: " FW_CFG_KEYLOG
                       " asks for one, and the machine has no "
                       "isa-debugcon at port 0xe9; `ptl up KEYLOG=FILE` gives both");
        sys_handle_close(port);
        return false;
}

static void byte_write(char byte)
{
        sys_ioport_write(console, 0, 1, (uint8_t)byte);
}

void key_log_write(void *context, const char *line, size_t length)
{
        (void)context;
        assert(console);
        for (size_t i = 0; i < length; i++)
                byte_write(line[i]);
        byte_write('\n');
}
