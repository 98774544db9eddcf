/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What Wireshark knows of the protocol: the numbers that it gave to the fields, subtrees and expert
 * infos of fields.def. Written once, at registration. */
#ifndef WIRESHARK_FIELDS_H
#define WIRESHARK_FIELDS_H

#include <epan/packet.h>
#include <epan/expert.h>
#include <epan/reassemble.h>

struct fields {
        int proto;
        int proto_malformed; /* Wireshark's own, found by `_ws.malformed` */
#define FIELD(member, filter, name, type, display, strings, mask, text) int member;
#include "tools/wireshark/fields.def"
};

struct trees {
#define TREE(member) int member;
#include "tools/wireshark/fields.def"
};

struct experts {
#define EXPERT(member, filter, group, severity, summary) expert_field member;
#include "tools/wireshark/fields.def"
};

extern struct fields field;
extern struct trees tree;
extern struct experts expert;

/* For the functions of epan/reassemble.h. */
extern const fragment_items fragment_fields;

/* Registers all of them; field.proto is the protocol. Once, at start. */
void fields_register(void);

#endif
