/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Registration of what fields.def lists. */
#include "tools/wireshark/fields.h"
#include "tools/wireshark/names.h"

#include "netipc/core/wire.h"

/* Wireshark wants -1 in what is not registered yet. */
struct fields field = {
    .proto = -1,
#define FIELD(member, filter, name, type, display, strings, mask, text) .member = -1,
#include "tools/wireshark/fields.def"
};
struct trees tree = {
#define TREE(member) .member = -1,
#include "tools/wireshark/fields.def"
};
struct experts expert = {
#define EXPERT(member, filter, group, severity, summary) .member = EI_INIT,
#include "tools/wireshark/fields.def"
};

const fragment_items fragment_fields = {
    &tree.fragment,
    &tree.fragments,
    &field.fragments,
    &field.fragment,
    &field.fragment_overlap,
    &field.fragment_conflict,
    &field.fragment_tails,
    &field.fragment_long,
    &field.fragment_error,
    &field.fragment_count,
    &field.reassembled_in,
    &field.reassembled_length,
    NULL,
    "fragments",
};

void fields_register(void)
{
        static hf_register_info fields[] = {
#define FIELD(member, filter, name, type, display, strings, mask, text)                            \
        {&field.member, {name, "portolan." filter, type, display, strings, mask, text, HFILL}},
#include "tools/wireshark/fields.def"
        };
        static int *trees[] = {
#define TREE(member) &tree.member,
#include "tools/wireshark/fields.def"
        };
        static ei_register_info experts[] = {
#define EXPERT(member, filter, group, severity, summary)                                           \
        {&expert.member, {"portolan." filter, group, severity, summary, EXPFILL}},
#include "tools/wireshark/fields.def"
        };
        field.proto_malformed = proto_get_id_by_filter_name("_ws.malformed");
        proto_register_field_array(field.proto, fields, array_length(fields));
        proto_register_subtree_array(trees, array_length(trees));
        expert_module_t *module = expert_register_protocol(field.proto);
        expert_register_field_array(module, experts, array_length(experts));
}
