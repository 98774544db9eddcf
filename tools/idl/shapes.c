/* See shapes.h: one function for each side and direction of its table. */
#include "tools/idl/shapes.h"

#include <string.h>
#include "tools/idl/check.h"

static const char *name_with(const char *prefix, const char *name, const char *suffix)
{
        static char buffers[4][IDL_NAME + 16];
        static unsigned next;
        char *to = buffers[next++ % 4];
        snprintf(to, sizeof buffers[0], "%s%s%s%s", prefix, name, suffix,
                 is_keyword(name) ? "_" : "");
        return to;
}

const char *in_name(const struct parameter *parameter)
{
        return name_with("", parameter->name, "");
}

const char *out_name(const struct method *method, const struct parameter *parameter)
{
        for (unsigned i = 0; i < method->in.count; i++)
                if (strcmp(method->in.list[i].name, parameter->name) == 0)
                        return name_with("", parameter->name, "_out");
        return name_with("", parameter->name, "");
}

const char *field_name(const struct parameter *parameter)
{
        return name_with("record->", parameter->name, "");
}

const char *word_type(const struct parameter *parameter)
{
        return parameter->optional ? "struct optional_word" : "uint64_t";
}

unsigned base_of(const struct parameters *parameters)
{
        return parameters_of(parameters, TYPE_WORD) + parameters_of(parameters, TYPE_BYTES);
}

void shape_list(struct list *list, const struct parameters *parameters)
{
        unsigned optional_buffers = 0, index = 0;
        for (unsigned i = 0; i < parameters->count; i++) {
                const struct parameter *parameter = &parameters->list[i];
                if (!parameter->optional)
                        continue;
                optional_buffers |= (unsigned)(parameter->type == TYPE_BYTES) << index;
                index++;
        }
        const struct {
                const char *name;
                unsigned value;
        } members[] = {
            {"words", parameters_of(parameters, TYPE_WORD)},
            {"buffers", parameters_of(parameters, TYPE_BYTES)},
            {"caps", parameters_of(parameters, TYPE_CAP)},
            {"optionals", index},
            {"optional_buffers", optional_buffers},
        };
        const char *start = "(struct shape){", *end = "}";
        unsigned left = 0;
        for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
                left += members[i].value != 0;
        if (!left)
                list_add(list, "%s0%s", start, end);
        for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
                if (!members[i].value)
                        continue;
                list_add(list, "%s.%s = %u%s", start, members[i].name, members[i].value,
                         --left ? "" : end);
                start = "";
        }
}

const char *member_name(const struct method *method)
{
        return name_with("", method->name, "");
}

static void add_sent(struct list *list, const struct parameter *parameter, const char *name)
{
        switch (parameter->type) {
        case TYPE_WORD:
                list_add(list, "%s %s", word_type(parameter), name);
                break;
        case TYPE_BYTES:
                list_add(list, "const void *%s", name);
                list_add(list, "size_t %s_length", name);
                break;
        case TYPE_CAP:
                list_add(list, "%s %s",
                         parameter->move || parameter->share ? "handle_t" : "struct send_cap",
                         name);
                break;
        }
}

void shape_client_in(struct list *list, const struct method *method)
{
        for (unsigned i = 0; i < method->in.count; i++)
                add_sent(list, &method->in.list[i], in_name(&method->in.list[i]));
}

void shape_reply(struct list *list, const struct method *method)
{
        for (unsigned i = 0; i < method->out.count; i++)
                add_sent(list, &method->out.list[i], out_name(method, &method->out.list[i]));
}

void shape_client_space(struct list *list, const struct method *method)
{
        unsigned bytes = parameters_of(&method->out, TYPE_BYTES);
        if (bytes > 1) {
                list_add(list, "void *rt_space");
                list_add(list, "size_t rt_space_capacity");
        }
        for (unsigned i = 0; bytes == 1 && i < method->out.count; i++) {
                const struct parameter *parameter = &method->out.list[i];
                if (parameter->type != TYPE_BYTES)
                        continue;
                list_add(list, "void *%s", out_name(method, parameter));
                list_add(list, "size_t %s_capacity", out_name(method, parameter));
        }
}

void shape_client_out(struct list *list, const struct method *method, bool with_space)
{
        unsigned bytes = parameters_of(&method->out, TYPE_BYTES);
        if (bytes > 1 && with_space)
                shape_client_space(list, method);
        for (unsigned i = 0; i < method->out.count; i++) {
                const struct parameter *parameter = &method->out.list[i];
                const char *name = out_name(method, parameter);
                if (parameter->type == TYPE_WORD)
                        list_add(list, "%s *%s", word_type(parameter), name);
                if (parameter->type == TYPE_CAP)
                        list_add(list, "handle_t *%s", name);
                if (parameter->type != TYPE_BYTES)
                        continue;
                if (bytes > 1)
                        list_add(list, "const void **%s", name);
                else if (with_space)
                        shape_client_space(list, method);
                list_add(list, "size_t *%s_length", name);
        }
}

void shape_server_in(struct list *list, const struct method *method)
{
        for (unsigned i = 0; i < method->in.count; i++) {
                const struct parameter *parameter = &method->in.list[i];
                if (parameter->type == TYPE_CAP)
                        list_add(list, "struct received_cap *%s", in_name(parameter));
                else
                        add_sent(list, parameter, in_name(parameter));
        }
}

void shape_server_out(struct list *list, const struct method *method)
{
        for (unsigned i = 0; i < method->out.count; i++) {
                const struct parameter *parameter = &method->out.list[i];
                const char *name = out_name(method, parameter);
                switch (parameter->type) {
                case TYPE_WORD:
                        list_add(list, "%s *%s", word_type(parameter), name);
                        break;
                case TYPE_BYTES:
                        list_add(list, "const void **%s", name);
                        list_add(list, "size_t *%s_length", name);
                        break;
                case TYPE_CAP:
                        list_add(list, "%s *%s",
                                 parameter->move || parameter->share ? "handle_t"
                                                                     : "struct send_cap",
                                 name);
                        break;
                }
        }
}

void shape_dispatch(FILE *file, const struct interface *interface, const char *end)
{
        struct list list = {0};
        list_add(&list, "const void *rt_handlers");
        list_add(&list, "void *rt_context");
        list_add(&list, "struct request *rt_request");
        char start[2 * IDL_NAME];
        snprintf(start, sizeof start, "outcome_t %s_dispatch(", interface->name);
        list_write(file, start, &list, "", end);
}
