/* Runs the drivers' unit tests. */
#include <stdlib.h>
#include "tests/unit/drivers/suites.h"

int main(void)
{
        SRunner *runner = srunner_create(packet_ring_suite());
        int failed;

        srunner_add_suite(runner, virtqueue_suite());
        srunner_add_suite(runner, pci_suite());
        srunner_add_suite(runner, authority_suite());
        srunner_add_suite(runner, virtio_caps_suite());
        srunner_add_suite(runner, e1000_rings_suite());
        srunner_run_all(runner, CK_NORMAL);
        failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
