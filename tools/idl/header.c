/* NAME.h: the numbers, the client's stubs, the table of handlers, the dispatch. Declarations here
 * and definitions in client.c and server.c are made of the same lists (shapes.h), so they agree. */
#include "tools/idl/generate.h"

#include "tools/idl/shapes.h"

static void numbers_write(FILE *file, const struct interface *interface)
{
        fprintf(file, "enum { %s_INTERFACE = %u };\n\n", upper(interface->name), interface->number);
        fprintf(file, "enum %s_method {\n", interface->name);
        for (unsigned i = 0; i < interface->method_count; i++)
                fprintf(file, "        %s_METHOD_%s = %u,\n", upper(interface->name),
                        upper(interface->methods[i].name), interface->methods[i].number);
        fputs("};\n\n", file);
}

static void declare(FILE *file, const struct interface *interface, const struct method *method,
                    const char *suffix, const struct list *list)
{
        char start[3 * IDL_NAME];
        snprintf(start, sizeof start, "outcome_t %s_%s%s(", interface->name, method->name, suffix);
        list_write(file, start, list, "void", ");\n");
}

static void client_declare(FILE *file, const struct interface *interface,
                           const struct method *method)
{
        struct list list = {0};
        list_add(&list, "handle_t rt_to");
        list_add(&list, "uint64_t rt_deadline");
        shape_client_in(&list, method);
        shape_client_out(&list, method, true);
        declare(file, interface, method, "", &list);
        if (method->one_way)
                return;

        struct list start = {0};
        list_add(&start, "handle_t rt_to");
        list_add(&start, "handle_t rt_call_object");
        list_add(&start, "uint64_t rt_deadline");
        shape_client_in(&start, method);
        shape_client_space(&start, method);
        declare(file, interface, method, "_start", &start);

        struct list finish = {0};
        list_add(&finish, "handle_t rt_call_object");
        if (parameters_of(&method->out, TYPE_BYTES) == 1)
                shape_client_space(&finish, method);
        shape_client_out(&finish, method, parameters_of(&method->out, TYPE_BYTES) > 1);
        declare(file, interface, method, "_finish", &finish);
}

static void server_declare(FILE *file, const struct interface *interface)
{
        fputs("/* The server's handlers; a NULL one answers `no such method`. */\n", file);
        fprintf(file, "struct %s_server {\n", interface->name);
        for (unsigned i = 0; i < interface->method_count; i++) {
                const struct method *method = &interface->methods[i];
                struct list list = {0};
                list_add(&list, "struct request *rt_request");
                shape_server_in(&list, method);
                shape_server_out(&list, method);
                char start[2 * IDL_NAME];
                snprintf(start, sizeof start, "        %s (*%s)(",
                         method->one_way ? "void" : "outcome_t", member_name(method));
                list_write(file, start, &list, "void", ");\n");
        }
        fputs("};\n\n", file);
        fputs("/* A dispatch_function (servers/rt/serve/serve.h); handlers: the struct above. */\n",
              file);
        shape_dispatch(file, interface, ");\n");

        bool first = true;
        for (unsigned i = 0; i < interface->method_count; i++) {
                const struct method *method = &interface->methods[i];
                if (method->one_way)
                        continue;
                if (first)
                        fputs("\n/* Answers of handlers that returned RT_DEFERRED. */\n", file);
                first = false;
                struct list reply = {0};
                list_add(&reply, "handle_t rt_reply_to");
                shape_reply(&reply, method);
                declare(file, interface, method, "_reply", &reply);
        }
}

void header_write(FILE *file, const struct interface *interface)
{
        fprintf(file, "/* Interface %s, generated from %s. */\n", interface->name, interface->file);
        fprintf(file, "#ifndef PROTO_%s_H\n#define PROTO_%s_H\n\n", upper(interface->name),
                upper(interface->name));
        fputs("#include \"servers/rt/serve/serve.h\"\n\n", file);
        doc_write(file, interface->doc, 0);
        numbers_write(file, interface);
        values_declare(file, interface);
        for (unsigned i = 0; i < interface->method_count; i++) {
                doc_write(file, interface->methods[i].doc, 0);
                client_declare(file, interface, &interface->methods[i]);
                fputc('\n', file);
        }
        server_declare(file, interface);
        fputs("\n#endif\n", file);
}
