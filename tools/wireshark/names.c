/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts for numbers; see names.h. */
#include "tools/wireshark/names.h"

#include "kernel/abi/outcome.h"
#include "servers/proto/names.h"

const value_string packet_names[] = {
#define PACKET(name, number, text) {number, text},
#include "netipc/core/frames.def"
    {0, NULL},
};

const value_string frame_names[] = {
#define FRAME(NAME, name, number, text, ...) {number, text},
#include "netipc/core/frames.def"
    {0, NULL},
};

const value_string hello_names[] = {
#define HELLO(name, number, text) {number, text},
#include "netipc/core/frames.def"
    {0, NULL},
};

const value_string capability_names[] = {
#define CAPABILITY(name, number, text) {number, text},
#include "netipc/core/frames.def"
    {0, NULL},
};

const value_string reason_names[] = {
#define REASON(name, number, text) {number, text},
#include "kernel/abi/errors.def"
#undef REASON
    {0, NULL},
};

const char *interface_text(wmem_allocator_t *pool, unsigned interface)
{
        const struct proto_interface *found = proto_interface_find(interface);
        return found ? found->name : wmem_strdup_printf(pool, "%u", interface);
}

const struct proto_method *method_find(unsigned interface, unsigned method)
{
        const struct proto_interface *found = proto_interface_find(interface);
        return found ? proto_method_find(found, method) : NULL;
}

const char *method_text(wmem_allocator_t *pool, unsigned interface, unsigned method)
{
        const struct proto_method *found = method_find(interface, method);
        return found ? found->name : wmem_strdup_printf(pool, "%u", method);
}

const char *full_method_text(wmem_allocator_t *pool, unsigned interface, unsigned method)
{
        return wmem_strdup_printf(pool, "%s.%s", interface_text(pool, interface),
                                  method_text(pool, interface, method));
}

const char *outcome_text(wmem_allocator_t *pool, unsigned outcome)
{
        unsigned reason = outcome_reason((outcome_t)outcome);
        if (outcome_class((outcome_t)outcome) > OUTCOME_PERHAPS_EXECUTED)
                return wmem_strdup_printf(pool, "unknown outcome 0x%04x", outcome);
        return wmem_strdup_printf(pool, "%s%s", outcome_prefix((outcome_t)outcome),
                                  reason_text(reason));
}

const char *call_text(wmem_allocator_t *pool, uint64_t call)
{
        unsigned long long sequence = wire_call_sequence(call);
        if (wire_call_slot(call) == 0)
                return wmem_strdup_printf(pool, "#%llu", sequence);
        return wmem_strdup_printf(pool, "#%u.%llu", wire_call_slot(call), sequence);
}

const char *kind_text(const struct wire_frame *frame)
{
        if (frame->type != FRAME_MSG)
                return wire_frame_name(frame->type);
        if (frame->msg.flags & MSG_FLAG_REPLY)
                return "reply";
        if (frame->msg.flags & MSG_FLAG_VOID)
                return "withdrawn";
        return frame->msg.flags & MSG_FLAG_ONEWAY ? "send" : "call";
}
