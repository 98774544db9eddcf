/* The date from a PC's real-time clock, an MC146818 or what stands for it (data sheet: Motorola
 * MC146818A, "Address Map"). It has no century: years are from 2000 on. The device is used by a
 * function, so that a test can play it; it may say anything. Pure. */
#ifndef RT_RTC_H
#define RT_RTC_H

#include <stdbool.h>
#include <stdint.h>

/* Its I/O ports: the register's number, then its value. */
enum { RTC_PORT = 0x70, RTC_PORTS = 2 };

struct rtc {
        uint8_t (*read)(void *context, uint8_t number);
        void *context;
};

/* Seconds since 1970, as the clock counts them (UTC, if it was set so). False: it changes all the
 * time, or what it says is no date. */
bool rtc_read(const struct rtc *rtc, uint64_t *seconds);

#endif
