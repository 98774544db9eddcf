/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of the dissector share one view of the packet at hand. */
#ifndef WIRESHARK_DISSECT_H
#define WIRESHARK_DISSECT_H

#include "tools/wireshark/fields.h"
#include "tools/wireshark/track.h"

/* A packet being dissected. */
struct view {
        tvbuff_t *tvb;
        packet_info *pinfo;
        proto_tree *tree;                 /* of the packet */
        proto_item *item;                 /* of the packet */
        const struct packet_note *note;   /* or NULL */
        wmem_strbuf_t *info;              /* for the info column: what happens … */
        wmem_strbuf_t *acks;              /* … and acknowledgements, which come last */
        wmem_strbuf_t *arguments;         /* of the message at hand, for the info column … */
        tvbuff_t *bytes;                  /* … and its bytes, or NULL */
        bool given;                       /* capability tables have changed */
        bool busy;                        /* there is more in it than signs of life */
        const char *hello;                /* name of the node that says hello, or NULL */
        const char *service;              /* of the first message, or NULL … */
        bool by_called;                   /* … which that service sends */
        const char *source, *destination; /* once ends_add() has made them */
};

/* Bytes of a packet, of which the capture may have only the beginning. */
struct stretch {
        int at;
        unsigned captured, length;
};

/* A field of a fixed layout: where it lies and how it is shown. The layouts are the protocol's own
 * lists (netipc/core/wire.h and netipc/core/frames): {WIRE_ACK_FIELDS(CELL)}. */
struct cell {
        const int *field;
        uint8_t offset, size;
};
#define CELL(type, member, at, shown) {&field.shown, at, sizeof(((struct type *)0)->member)},

/* Adds each of the cells of a structure that lies at `at`. */
void cells_add(proto_tree *to, tvbuff_t *tvb, int at, const struct cell *cells, unsigned count);
#define CELLS_ADD(to, tvb, at, cells) cells_add(to, tvb, at, cells, array_length(cells))

/* Adds text to the info column, after a comma if it is not the first. */
void info_add(wmem_strbuf_t *info, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Marks the packet as malformed, for `portolan.malformed` and for Wireshark's own `_ws.malformed`.
 */
void malformed_add(struct view *view, proto_item *item, const char *why);

/* Links the packet to another, unless `frame` is 0. */
void link_add(struct view *view, proto_tree *to, int shown, guint32 frame);

/* Says that the capture has just the beginning of the packet. */
void cut_add(struct view *view, proto_item *item);

/* Session and nodes, as far as they are known, and whether the packet came before. */
void session_add(struct view *view);

/* The body of a hello, whose packet has passed its checks. */
void hello_dissect(struct view *view, struct stretch body);

/* A handshake's message. */
void handshake_dissect(struct view *view, const struct wire_outer *outer, struct stretch body);

/* A sealed packet: opened if there is a key, and then its frames. */
void sealed_dissect(struct view *view, const struct wire_outer *outer, struct stretch body);

/* The frames in a stretch. */
void frames_dissect(struct view *view, struct stretch rest);

/* What is special in a MSG frame, into its own subtree: header, links between call and reply,
 * content, if the capture has it. The frame lies at `at` and has passed its checks. */
void message_dissect(struct view *view, proto_tree *to, proto_item *item, int at,
                     const struct wire_frame *frame, const struct frame_note *note);

/* Makes the table for messages in fragments. Once, at start. */
void message_register(void);

/* The whole content of a message: words, capabilities and bytes, with the names of its
 * description; its arguments are added to view->arguments. */
void content_dissect(struct view *view, proto_tree *to, tvbuff_t *content,
                     const struct wire_msg *header, const struct frame_note *note);

/* Who speaks to whom, as far as the dissected packet tells. */
void ends_add(struct view *view);

/* The name of the node that sends the packet, or receives it: by what it said, else its address. */
const char *node_text(struct view *view, bool sender);

/* What the testbed's switch did with the frame. */
void fate_add(struct view *view);

/* What each node holds of the other after this packet. */
void tables_add(struct view *view);

#endif
