/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One field for each parameter; see arguments.h. */
#include "tools/wireshark/arguments.h"
#include "tools/wireshark/fields.h"

#include "servers/proto/names.h"

/* Wireshark keeps pointers into the list. */
static struct {
        hf_register_info *list;
        int *numbers;
        unsigned count;
        GHashTable *of; /* struct proto_parameter → int in `numbers` */
} registered;

static unsigned parameters_count(void)
{
        unsigned count = 0;
        for (unsigned i = 0; i < proto_interface_count; i++)
                for (unsigned j = 0; j < proto_interfaces[i].method_count; j++) {
                        const struct proto_method *method = &proto_interfaces[i].methods[j];
                        count += method->in_count + method->out_count;
                }
        return count;
}

static hf_register_info info_of(const struct proto_parameter *parameter, const char *filter)
{
        bool word = parameter->type == PROTO_WORD;
        bool text = parameter->type == PROTO_CAP || parameter->text;
        header_field_info info = {parameter->name,
                                  filter,
                                  word   ? FT_UINT64
                                  : text ? FT_STRING
                                         : FT_BYTES,
                                  word ? BASE_DEC_HEX : BASE_NONE,
                                  NULL,
                                  0,
                                  NULL,
                                  HFILL};
        return (hf_register_info){NULL, info};
}

static void parameter_add(const struct proto_interface *interface,
                          const struct proto_method *method,
                          const struct proto_parameter *parameter, const char *suffix)
{
        char *filter = g_strdup_printf("portolan.%s.%s.%s%s", interface->name, method->name,
                                       parameter->name, suffix);
        unsigned at = registered.count++;
        registered.numbers[at] = -1;
        registered.list[at] = info_of(parameter, filter);
        registered.list[at].p_id = &registered.numbers[at];
        g_hash_table_insert(registered.of, (gpointer)parameter, &registered.numbers[at]);
}

static bool same_type(const struct proto_parameter *a, const struct proto_parameter *b)
{
        return a->type == b->type && a->text == b->text;
}

/* A parameter of an answer may be one of the request, too. */
static void answer_add(const struct proto_interface *interface, const struct proto_method *method,
                       const struct proto_parameter *parameter)
{
        for (unsigned i = 0; i < method->in_count; i++) {
                const struct proto_parameter *other = &method->in[i];
                if (strcmp(other->name, parameter->name) != 0)
                        continue;
                if (same_type(other, parameter))
                        g_hash_table_insert(registered.of, (gpointer)parameter,
                                            g_hash_table_lookup(registered.of, other));
                else
                        parameter_add(interface, method, parameter, ".reply");
                return;
        }
        parameter_add(interface, method, parameter, "");
}

static void method_add(const struct proto_interface *interface, const struct proto_method *method)
{
        for (unsigned i = 0; i < method->in_count; i++)
                parameter_add(interface, method, &method->in[i], "");
        for (unsigned i = 0; i < method->out_count; i++)
                answer_add(interface, method, &method->out[i]);
}

void arguments_register(void)
{
        unsigned count = parameters_count();
        registered.list = g_new0(hf_register_info, count);
        registered.numbers = g_new0(int, count);
        registered.of = g_hash_table_new(NULL, NULL);
        for (unsigned i = 0; i < proto_interface_count; i++)
                for (unsigned j = 0; j < proto_interfaces[i].method_count; j++)
                        method_add(&proto_interfaces[i], &proto_interfaces[i].methods[j]);
        proto_register_field_array(field.proto, registered.list, (int)registered.count);
}

int argument_field(const struct proto_parameter *parameter)
{
        return *(const int *)g_hash_table_lookup(registered.of, parameter);
}
