/* Unit tests of ptl's pure parts: what it reads (options, logs, events, answers) and what it writes
 * (boot scripts, command lines). */

#include "tests/unit/ptl/suites.h"
#include "tests/unit/suites.h"

int main(void)
{
        return suites_run(options_suite(), boot_suite(), stream_suite(), commands_suite(),
                          terminal_suite(), room_suite(), source_suite(), keys_suite(), NULL);
}
