/* See date.h. A machine without such a clock knows no date; the log says so. */
#include "servers/init/date.h"

#include "servers/rt/pure/rtc.h"
#include "servers/rt/task/log.h"
#include "servers/rt/task/time.h"

static uint8_t register_read(void *context, uint8_t number)
{
        const handle_t ports = *(const handle_t *)context;
        uint64_t value = 0;
        sys_ioport_write(ports, 0, 1, number);
        sys_ioport_read(ports, 1, 1, &value);
        return (uint8_t)value;
}

void date_read(handle_t hardware)
{
        handle_t ports;
        uint64_t seconds = 0;
        bool known = false;
        if (sys_ioport_create(hardware, RTC_PORT, RTC_PORTS, &ports) == OUTCOME_OK) {
                const struct rtc rtc = {register_read, &ports};
                known = rtc_read(&rtc, &seconds);
                sys_handle_close(ports);
        }
        if (known)
                rt_date_set(seconds * RT_SECOND);
        else
                rt_log("warning: this machine's clock tells no date: time counts from 1970 at the "
                       "boot");
}
