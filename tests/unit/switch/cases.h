/* The unit tests of tools/switch: one file and one test case per part. */
#ifndef TEST_SWITCH_CASES_H
#define TEST_SWITCH_CASES_H

#include <check.h>
#include <stdint.h>

TCase *impairment_case(void);
TCase *link_case(void);
TCase *tables_case(void);
TCase *fabric_case(void);
TCase *capture_case(void);
TCase *secrets_case(void);
TCase *dhcp_case(void);
TCase *tftp_case(void);
TCase *gateway_case(void);
TCase *command_case(void);
TCase *options_case(void);

#define MS UINT64_C(1000000) /* in ns */

#endif
