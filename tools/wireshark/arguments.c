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
        for (unsigned i = 0; i < proto_interface_count; i++) {
                for (unsigned j = 0; j < proto_interfaces[i].record_count; j++)
                        count += proto_interfaces[i].records[j].count;
                for (unsigned j = 0; j < proto_interfaces[i].method_count; j++) {
                        const struct proto_method *method = &proto_interfaces[i].methods[j];
                        count += method->in_count + method->out_count;
                }
        }
        return count;
}

/* The names of an enum, as Wireshark takes them; kept for ever. */
static const val64_string *names_of(const struct proto_enum *values)
{
        val64_string *names = g_new0(val64_string, values->count + 1);
        for (unsigned i = 0; i < values->count; i++)
                names[i] = (val64_string){values->values[i].number, values->values[i].name};
        return names;
}

static hf_register_info info_of(const struct proto_parameter *parameter, const char *filter)
{
        header_field_info info = {
            parameter->name, filter, FT_BYTES, BASE_NONE, NULL, 0, NULL, HFILL};
        if (parameter->type == PROTO_WORD && parameter->values) {
                info.type = FT_UINT64;
                info.display = BASE_DEC | BASE_VAL64_STRING;
                info.strings = VALS64(names_of(parameter->values));
        } else if (parameter->type == PROTO_WORD) {
                info.type = FT_UINT64;
                info.display = BASE_DEC_HEX;
        } else if (parameter->type == PROTO_CAP || (parameter->text && !parameter->list_most)) {
                info.type = FT_STRING;
        }
        return (hf_register_info){NULL, info};
}

/* filter: becomes the field's. */
static void field_add(const struct proto_parameter *parameter, const char *filter)
{
        unsigned at = registered.count++;
        registered.numbers[at] = -1;
        registered.list[at] = info_of(parameter, filter);
        registered.list[at].p_id = &registered.numbers[at];
        g_hash_table_insert(registered.of, (gpointer)parameter, &registered.numbers[at]);
}

static void parameter_add(const struct proto_interface *interface,
                          const struct proto_method *method,
                          const struct proto_parameter *parameter, const char *suffix)
{
        field_add(parameter, g_strdup_printf("portolan.%s.%s.%s%s", interface->name, method->name,
                                             parameter->name, suffix));
}

static void record_add(const struct proto_interface *interface, const struct proto_record *record)
{
        for (unsigned i = 0; i < record->count; i++)
                field_add(&record->fields[i],
                          g_strdup_printf("portolan.%s.%s.%s", interface->name, record->name,
                                          record->fields[i].name));
}

static bool same_type(const struct proto_parameter *a, const struct proto_parameter *b)
{
        return a->type == b->type && a->text == b->text && a->values == b->values &&
               a->record == b->record && a->list_most == b->list_most;
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
        for (unsigned i = 0; i < proto_interface_count; i++) {
                for (unsigned j = 0; j < proto_interfaces[i].record_count; j++)
                        record_add(&proto_interfaces[i], &proto_interfaces[i].records[j]);
                for (unsigned j = 0; j < proto_interfaces[i].method_count; j++)
                        method_add(&proto_interfaces[i], &proto_interfaces[i].methods[j]);
        }
        proto_register_field_array(field.proto, registered.list, (int)registered.count);
}

int argument_field(const struct proto_parameter *parameter)
{
        return *(const int *)g_hash_table_lookup(registered.of, parameter);
}
