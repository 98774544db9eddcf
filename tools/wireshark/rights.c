/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of rights; see rights.h. */
#include "tools/wireshark/rights.h"
#include "tools/wireshark/fields.h"

static struct {
        const char *name; /* as rights.def has it, in capitals; registration makes them small */
        unsigned bit;
        const char *text;
        int number;
} rights[] = {
#define RIGHT(name, bit, text) {#name, bit, text, -1},
#include "kernel/abi/rights.def"
#undef RIGHT
};

/* For proto_tree_add_bitmask(). */
static int *shown[array_length(rights) + 1];

void rights_register(void)
{
        static hf_register_info list[array_length(rights)];
        for (unsigned i = 0; i < array_length(rights); i++) {
                rights[i].name = g_ascii_strdown(rights[i].name, -1);
                header_field_info info = {
                    rights[i].name, g_strdup_printf("portolan.rights.%s", rights[i].name),
                    FT_BOOLEAN,     16,
                    NULL,           1ull << rights[i].bit,
                    rights[i].text, HFILL};
                list[i] = (hf_register_info){&rights[i].number, info};
                shown[i] = &rights[i].number;
        }
        proto_register_field_array(field.proto, list, (int)array_length(list));
}

void rights_add(proto_tree *to, tvbuff_t *tvb, int at)
{
        proto_tree_add_bitmask(to, tvb, at, field.rights, tree.rights, shown, ENC_LITTLE_ENDIAN);
}

const char *rights_text(wmem_allocator_t *pool, unsigned set)
{
        wmem_strbuf_t *text = wmem_strbuf_new(pool, NULL);
        for (unsigned i = 0; i < array_length(rights); i++)
                if (set & 1u << rights[i].bit)
                        wmem_strbuf_append_printf(
                            text, "%s%s", wmem_strbuf_get_len(text) ? " " : "", rights[i].name);
        return wmem_strbuf_get_len(text) ? wmem_strbuf_finalize(text) : "no rights";
}
