/* The suites of the drivers' unit tests, one a file; main.c runs them. */
#ifndef TESTS_UNIT_DRIVERS_SUITES_H
#define TESTS_UNIT_DRIVERS_SUITES_H

#include <check.h>

Suite *packet_ring_suite(void);
Suite *virtqueue_suite(void);
Suite *pci_suite(void);
Suite *authority_suite(void);
Suite *match_suite(void);
Suite *virtio_caps_suite(void);
Suite *e1000_rings_suite(void);
Suite *lines_suite(void);
Suite *halt_poll_suite(void);

#endif
