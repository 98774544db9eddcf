/* Runs the drivers' unit tests. */
#include "tests/unit/drivers/suites.h"
#include "tests/unit/suites.h"

int main(void)
{
        return suites_run(packet_ring_suite(), virtqueue_suite(), pci_suite(), authority_suite(),
                          match_suite(), virtio_caps_suite(), e1000_rings_suite(), lines_suite(),
                          halt_poll_suite(), NULL);
}
