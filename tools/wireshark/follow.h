/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Following a call or a trace, message by message, as Wireshark follows a TCP stream:
 *
 *      -z follow,portolan,ascii,N          call N (portolan.stream): what was asked and answered
 *      -z follow,portolan_trace,ascii,N    trace N (portolan.trace.stream), over all nodes
 *
 * A message is a line with its ends, its method and its arguments, and the bytes that it carries;
 * hex, raw, ebcdic and yaml show the same otherwise. It stands where it was whole, once,
 * however often it was sent. Two addresses with their ports in place of N: all calls between them.
 *
 * No plugin adds to the menu Follow of Wireshark 4.0, which is fixed: there the same filters are in
 * the menu Conversation Filter, of the message that is selected. */
#ifndef WIRESHARK_FOLLOW_H
#define WIRESHARK_FOLLOW_H

#include "tools/wireshark/dissect.h"

/* Once, at start, after the protocol. */
void follow_register(void);

/* Shows the numbers by which the call of a frame, and its trace, are followed. */
void follow_numbers_add(struct view *view, proto_tree *to, const struct frame_note *note);

/* A frame that whoever follows its call is to see, as `text`; with the bytes of the message, or
 * NULL. */
void follow_frame(struct view *view, const struct frame_note *note, const char *text,
                  tvbuff_t *bytes);

#endif
