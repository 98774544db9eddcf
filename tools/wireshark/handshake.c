/* SPDX-License-Identifier: GPL-2.0-or-later */
/* INITIATION, RESPONSE and COOKIE: field by field, but for what they seal, which no key log opens;
 * and which of them belong together. */
#include "tools/wireshark/dissect.h"

#include "netipc/crypto/handshake.h"

/* Where a part of a message lies behind the outer header. */
#define PART(type, member, shown)                                                                  \
        {                                                                                          \
                &field.shown, offsetof(struct handshake_##type, member),                           \
                    sizeof(((struct handshake_##type *)0)->member)                                 \
        }
/* … and of Noise's, which are bytes to it: at `from` of them. */
#define NOISE_PART(type, from, size, shown)                                                        \
        {                                                                                          \
                &field.shown, offsetof(struct handshake_##type, noise) + (from), size              \
        }

static const struct cell initiation_cells[] = {
    PART(initiation, index, handshake_index),
    PART(initiation, reserved, reserved),
    PART(initiation, node, handshake_node),
    NOISE_PART(initiation, 0, NOISE_KEY, handshake_ephemeral),
    NOISE_PART(initiation, NOISE_KEY, NOISE_KEY + NOISE_TAG, handshake_static),
    NOISE_PART(initiation, 2 * NOISE_KEY + NOISE_TAG, sizeof(struct handshake_offer) + NOISE_TAG,
               handshake_offer),
    PART(initiation, mac1, handshake_mac1),
    PART(initiation, mac2, handshake_mac2),
};

static const struct cell response_cells[] = {
    NOISE_PART(response, 0, NOISE_KEY, handshake_ephemeral),
    NOISE_PART(response, NOISE_KEY, sizeof(struct handshake_reply) + NOISE_TAG, handshake_reply),
    PART(response, mac1, handshake_mac1),
};

static const struct cell cookie_cells[] = {
    {&field.handshake_nonce, 0, COOKIE_NONCE},
    {&field.handshake_cookie, COOKIE_NONCE, COOKIE_SEALED - COOKIE_NONCE},
};

static const struct {
        enum wire_packet_type type;
        const char *text;
        unsigned length;
        const struct cell *cells;
        unsigned count;
} messages[] = {
    {PACKET_INITIATION, "initiation", sizeof(struct handshake_initiation), initiation_cells,
     array_length(initiation_cells)},
    {PACKET_RESPONSE, "response", sizeof(struct handshake_response), response_cells,
     array_length(response_cells)},
    {PACKET_COOKIE, "cookie", sizeof(struct handshake_cookie), cookie_cells,
     array_length(cookie_cells)},
};

static const struct packet_note *note_of(struct view *view, const struct wire_outer *outer)
{
        struct handshake_initiation body;
        if (wire_outer_type(outer) != PACKET_INITIATION)
                return track_answer(view->pinfo, outer);
        tvb_memcpy(view->tvb, &body, sizeof(*outer), sizeof(body));
        return track_initiation(view->pinfo, body.index, body.node, body.noise);
}

static void links_add(struct view *view, const struct handshake *handshake)
{
        if (!handshake)
                return;
        if (handshake->frame != view->pinfo->num)
                link_add(view, view->tree, field.initiation_in, handshake->frame);
        if (handshake->answer_frame != view->pinfo->num)
                link_add(view, view->tree, field.response_in, handshake->answer_frame);
        if (handshake->cookie_frame != view->pinfo->num)
                link_add(view, view->tree, field.cookie_in, handshake->cookie_frame);
}

void handshake_dissect(struct view *view, const struct wire_outer *outer, struct stretch body)
{
        unsigned kind = 0;
        view->busy = true;
        while (messages[kind].type != wire_outer_type(outer))
                kind++;
        const char *text = messages[kind].text;
        proto_item_set_generated(
            proto_tree_add_string(view->tree, field.kind, view->tvb, 0, 0, text));
        if (body.length != messages[kind].length) {
                info_add(view->info, "%s (malformed: %s)", text, wire_error_name(WIRE_BAD_LENGTH));
                malformed_add(view, view->item, wire_error_name(WIRE_BAD_LENGTH));
                return;
        }
        if (body.captured < body.length) {
                proto_tree_add_item(view->tree, field.rest, view->tvb, body.at, (int)body.captured,
                                    ENC_NA);
                info_add(view->info, "%s", text);
                cut_add(view, view->item);
                return;
        }
        view->note = note_of(view, outer);
        session_add(view);
        cells_add(view->tree, view->tvb, body.at, messages[kind].cells, messages[kind].count);
        if (view->note)
                links_add(view, view->note->handshake);
        info_add(view->info, "%s", text);
        if (view->note && view->note->session)
                wmem_strbuf_append_printf(view->info, ", session %u", view->note->serial);
}
