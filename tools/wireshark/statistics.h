/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What Wireshark counts over a whole capture:
 *
 *      -z portolan,srt           service response times, by interface and method
 *      -z conv,portolan          who spoke to whom, as node and component
 *      -z endpoints,portolan
 *      -z portolan,trace,ID      all frames of one trace id, in the order of the capture
 *      -z portolan,call,SESSION,ID   … of one call
 *
 * In Wireshark the first three are in its menus (Service Response Time, Conversations, Endpoints);
 * the last two are what the filters `portolan.trace == ID` and `portolan.call_id == ID` show. */
#ifndef WIRESHARK_STATISTICS_H
#define WIRESHARK_STATISTICS_H

#include "tools/wireshark/dissect.h"

/* Once, at start. */
void statistics_register(void);

/* A packet has been shown; with what is in its info column. */
void statistics_packet(struct view *view, const char *info);

/* A call has got its whole answer in this packet. */
void statistics_answer(struct view *view, const struct call *call);

#endif
