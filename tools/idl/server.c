/* The server's side: for each method a static function that checks the request, calls the handler
 * and writes the answer, and the dispatch over the method's number. */
#include "tools/idl/generate.h"

#include "tools/idl/message.h"
#include "tools/idl/shapes.h"

/* Results are variables here, and the handler is given their addresses. */
static void results_write(FILE *file, const struct method *method)
{
        for (unsigned i = 0; i < method->out.count; i++) {
                const struct parameter *parameter = &method->out.list[i];
                const char *name = out_name(method, parameter);
                switch (parameter->type) {
                case TYPE_WORD:
                        fprintf(file, "        %s %s = %s;\n", word_type(parameter), name,
                                parameter->optional ? "{0}" : "0");
                        break;
                case TYPE_BYTES:
                        fprintf(file, "        const void *%s = NULL;\n", name);
                        fprintf(file, "        size_t %s_length = 0;\n", name);
                        break;
                case TYPE_CAP:
                        fprintf(file, "        %s %s = %s;\n",
                                parameter->move || parameter->share ? "handle_t"
                                                                    : "struct send_cap",
                                name, parameter->move || parameter->share ? "0" : "{0}");
                        break;
                }
        }
}

static void arguments_list(struct list *list, const struct method *method)
{
        unsigned words = parameters_of(&method->in, TYPE_WORD);
        unsigned word = 0, length = 0, cap = 0;
        list_add(list, "rt_request");
        for (unsigned i = 0; i < method->in.count; i++) {
                const struct parameter *parameter = &method->in.list[i];
                if (parameter->optional) {
                        bool is_bytes = parameter->type == TYPE_BYTES;
                        list_add(list, "rt_%s_%s", parameter->name, is_bytes ? "bytes" : "word");
                        if (is_bytes)
                                list_add(list, "rt_%s_length", parameter->name);
                        continue;
                }
                switch (parameter->type) {
                case TYPE_WORD:
                        list_add(list, "rt_request->words[%u]", word++);
                        break;
                case TYPE_BYTES:
                        list_add(list, "rt_bytes[%u]", length);
                        list_add(list, "rt_request->words[%u]", words + length);
                        length++;
                        break;
                case TYPE_CAP:
                        list_add(list, "&rt_request->caps[%u]", cap++);
                        break;
                }
        }
        for (unsigned i = 0; i < method->out.count; i++) {
                const char *name = out_name(method, &method->out.list[i]);
                list_add(list, "&%s", name);
                if (method->out.list[i].type == TYPE_BYTES)
                        list_add(list, "&%s_length", name);
        }
}

/* Results in the order of the message: words, then lengths; bytes; capabilities. */
static void answer_write(FILE *file, const struct method *method)
{
        unsigned word = 0, buffer = 0, cap = 0;
        if (method->out.count == 0)
                return;
        fputs("        struct message *rt_answer = &rt_request->answer;\n", file);
        for (int pass = 0; pass < 2; pass++)
                for (unsigned i = 0; i < method->out.count; i++) {
                        const struct parameter *parameter = &method->out.list[i];
                        const char *name = out_name(method, parameter);
                        if (parameter->optional)
                                continue;
                        if (pass == 0 && parameter->type == TYPE_WORD)
                                fprintf(file, "        rt_answer->words[%u] = %s;\n", word++, name);
                        if (pass == 1 && parameter->type == TYPE_BYTES)
                                fprintf(file, "        rt_answer->words[%u] = %s_length;\n", word++,
                                        name);
                }
        for (unsigned i = 0; i < method->out.count; i++) {
                const struct parameter *parameter = &method->out.list[i];
                const char *name = out_name(method, parameter);
                if (parameter->type == TYPE_BYTES) {
                        struct list list = {0};
                        list_add(&list, "(uint64_t)%s", name);
                        list_add(&list, "%s_length", name);
                        char start[96];
                        snprintf(start, sizeof start,
                                 "        rt_answer->buffers[%u] = (struct message_buffer){",
                                 buffer++);
                        list_write(file, start, &list, "", "};\n");
                }
                if (parameter->type != TYPE_CAP)
                        continue;
                fprintf(file, "        rt_answer->caps[%u] = ", cap++);
                if (parameter->move && parameter->share)
                        fprintf(file, "send_cap(%s, SEND_CAP_MOVE | SEND_CAP_SHARE);\n", name);
                else if (parameter->move || parameter->share)
                        fprintf(file, "%s(%s);\n", parameter->move ? "cap_move" : "cap_share",
                                name);
                else
                        fprintf(file, "%s;\n", name);
        }
        if (word)
                fprintf(file, "        rt_answer->word_count = %u;\n", word);
        if (buffer)
                fprintf(file, "        rt_answer->buffer_count = %u;\n", buffer);
        if (cap)
                fprintf(file, "        rt_answer->cap_count = %u;\n", cap);
        optionals_write(file, &method->out, SIDE_OUT, method, "rt_answer");
}

static void serve_write(FILE *file, const struct interface *interface, const struct method *method)
{
        unsigned words = parameters_of(&method->in, TYPE_WORD);
        unsigned bytes = parameters_of(&method->in, TYPE_BYTES);
        char start[3 * IDL_NAME];
        struct list list = {0};
        list_add(&list, "const struct %s_server *rt_server", interface->name);
        list_add(&list, "struct request *rt_request");
        snprintf(start, sizeof start, "static outcome_t %s_%s_serve(", interface->name,
                 method->name);
        list_write(file, start, &list, "", ")\n{\n");
        fprintf(file, "        if (!rt_server->%s)\n", member_name(method));
        fputs("                return answered(REASON_NO_METHOD);\n", file);
        struct list shape = {0};
        list_add(&shape, "rt_request");
        shape_list(&shape, &method->in);
        list_write(file, "        if (!request_check(", &shape, "", "))\n");
        fputs("                return answered(REASON_MALFORMED);\n", file);
        variables_write(file, &method->in, "rt_request->", "rt_request->bytes");
        if (checks_write(file, interface, &method->in, "rt_request->"))
                fputs("\n                return answered(REASON_MALFORMED);\n", file);
        if (bytes) {
                fprintf(file, "        const uint8_t *rt_bytes[%u] = {rt_request->bytes};\n",
                        bytes);
                for (unsigned i = 1; i < bytes; i++)
                        fprintf(file,
                                "        rt_bytes[%u] = rt_bytes[%u] + rt_request->words[%u];\n", i,
                                i - 1, words + i - 1);
        }
        results_write(file, method);

        struct list arguments = {0};
        arguments_list(&arguments, method);
        if (method->one_way) {
                snprintf(start, sizeof start, "        rt_server->%s(", member_name(method));
                list_write(file, start, &arguments, "", ");\n");
        } else {
                snprintf(start, sizeof start, "        outcome_t rt_outcome = rt_server->%s(",
                         member_name(method));
                list_write(file, start, &arguments, "", ");\n");
                fputs("        if (rt_outcome != OUTCOME_OK)\n"
                      "                return rt_outcome;\n",
                      file);
                answer_write(file, method);
        }
        fputs("        return OUTCOME_OK;\n}\n\n", file);
}

void server_write(FILE *file, const struct interface *interface)
{
        for (unsigned i = 0; i < interface->method_count; i++)
                serve_write(file, interface, &interface->methods[i]);
        shape_dispatch(file, interface, ")\n{\n");
        fputs("        rt_request->context = rt_context;\n", file);
        fputs("        switch (rt_request->method) {\n", file);
        for (unsigned i = 0; i < interface->method_count; i++) {
                const struct method *method = &interface->methods[i];
                fprintf(file, "        case %s_METHOD_%s:\n", upper(interface->name),
                        upper(method->name));
                fprintf(file, "                return %s_%s_serve(rt_handlers, rt_request);\n",
                        interface->name, method->name);
        }
        fputs("        default:\n                return answered(REASON_NO_METHOD);\n"
              "        }\n}\n",
              file);
}

void source_write(FILE *file, const struct interface *interface)
{
        fprintf(file, "/* Interface %s, generated from %s. */\n", interface->name, interface->file);
        fprintf(file, "#include \"servers/proto/%s.h\"\n\n", interface->name);
        client_write(file, interface);
        server_write(file, interface);
}
