/* Numbers as users type them; see number.h. */
#include "servers/shell/number.h"

bool number_parse(const char *text, uint64_t most, uint64_t *number)
{
        uint64_t value = 0;
        if (!*text)
                return false;
        for (; *text; text++) {
                if (*text < '0' || *text > '9')
                        return false;
                uint64_t digit = (uint64_t)(*text - '0');
                if (digit > most || value > (most - digit) / 10)
                        return false;
                value = value * 10 + digit;
        }
        *number = value;
        return true;
}
