/* Unit tests of netipc/core. */
#include "tests/unit/netipc/lab.h"
#include "tests/unit/suites.h"

int main(void)
{
        return suites_run(wire_suite(), received_suite(), sent_suite(), session_suite(),
                          call_suite(), reference_suite(), hostile_suite(), flow_suite(),
                          secure_suite(), late_suite(), member_suite(), bulk_suite(), room_suite(),
                          path_suite(), granules_suite(), NULL);
}
