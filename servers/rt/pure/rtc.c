/* Registers to seconds; see rtc.h. They are read twice, since the clock may move in between. */
#include "servers/rt/pure/rtc.h"

#include "servers/rt/pure/bytes.h"

enum { SECOND, MINUTE, HOUR, DAY, MONTH, YEAR, FIELDS };

enum {
        STATUS_A = 10,
        STATUS_B = 11,
        UPDATING = 0x80,  /* of A */
        HOURS_24 = 0x02,  /* of B */
        BINARY = 0x04,    /* of B; else two decimal digits */
        AFTERNOON = 0x80, /* of the hour, where there are 12 */
        TRIES = 10000,
};

static void fields_read(const struct rtc *rtc, uint8_t fields[FIELDS])
{
        static const uint8_t numbers[FIELDS] = {0, 2, 4, 7, 8, 9};
        for (unsigned i = 0; i < FIELDS; i++)
                fields[i] = rtc->read(rtc->context, numbers[i]);
}

/* Two readings that agree, while the clock did not move. */
static bool fields_settle(const struct rtc *rtc, uint8_t fields[FIELDS])
{
        uint8_t again[FIELDS];
        for (unsigned i = 0; i < TRIES; i++) {
                if (rtc->read(rtc->context, STATUS_A) & UPDATING)
                        continue;
                fields_read(rtc, fields);
                fields_read(rtc, again);
                if (bytes_equal(fields, again, FIELDS))
                        return true;
        }
        return false;
}

static unsigned decimal(uint8_t digits)
{
        return digits / 16 * 10u + digits % 16;
}

static unsigned hour_of(uint8_t hour, uint8_t status)
{
        const unsigned low = hour & ~AFTERNOON;
        unsigned value = status & BINARY ? low : decimal((uint8_t)low);
        if (status & HOURS_24)
                return value;
        return value % 12 + (hour & AFTERNOON ? 12 : 0);
}

/* Days from 1970 to a date of the Gregorian calendar (H. Hinnant, "chrono-Compatible Low-Level Date
 * Algorithms", days_from_civil): years begin with March, so that the leap day is their last. */
static uint64_t days_until(unsigned year, unsigned month, unsigned day)
{
        const unsigned years = month <= 2 ? year - 1 : year;
        const unsigned of_year = (153 * (month + (month > 2 ? 0u : 12u) - 3) + 2) / 5 + day - 1;
        return years * 365ull + years / 4 - years / 100 + years / 400 + of_year - 719468;
}

bool rtc_read(const struct rtc *rtc, uint64_t *seconds)
{
        uint8_t fields[FIELDS];
        unsigned values[FIELDS];
        const uint8_t status = rtc->read(rtc->context, STATUS_B);
        if (!fields_settle(rtc, fields))
                return false;
        for (unsigned i = 0; i < FIELDS; i++)
                values[i] = status & BINARY ? fields[i] : decimal(fields[i]);
        values[HOUR] = hour_of(fields[HOUR], status);
        if (values[SECOND] > 59 || values[MINUTE] > 59 || values[HOUR] > 23 || values[DAY] < 1 ||
            values[DAY] > 31 || values[MONTH] < 1 || values[MONTH] > 12 || values[YEAR] > 99)
                return false;
        *seconds =
            (days_until(2000 + values[YEAR], values[MONTH], values[DAY]) * 24 + values[HOUR]) *
                3600 +
            values[MINUTE] * 60 + values[SECOND];
        return true;
}
