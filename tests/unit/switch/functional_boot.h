/* DHCP, TFTP and their events through the sockets of a node. */
#ifndef TEST_SWITCH_FUNCTIONAL_BOOT_H
#define TEST_SWITCH_FUNCTIONAL_BOOT_H

#include <check.h>

TCase *boot_case(void);

#endif
