/* Client stubs. Each method has four functions:
 *
 *      METHOD          request, rt_call, results
 *      METHOD_start    request, rt_call_start
 *      METHOD_finish   rt_call_finish, results
 *      results         static: checks an answer and takes it apart, for METHOD and METHOD_finish
 */
#include "tools/idl/generate.h"

#include "tools/idl/message.h"
#include "tools/idl/shapes.h"

static void function_start(FILE *file, const struct interface *interface,
                           const struct method *method, const char *suffix, const struct list *list)
{
        char start[3 * IDL_NAME];
        snprintf(start, sizeof start, "outcome_t %s_%s%s(", interface->name, method->name, suffix);
        list_write(file, start, list, "void", ")\n{\n");
}

static void request_write(FILE *file, const struct interface *interface,
                          const struct method *method)
{
        fputs("        struct message rt_message = {\n", file);
        fprintf(file, "            .interface = %s_INTERFACE,\n", upper(interface->name));
        fprintf(file, "            .method = %s_METHOD_%s,\n", upper(interface->name),
                upper(method->name));
        message_write(file, &method->in, SIDE_IN, NULL);
}

/* What the answer is received into. */
static void space_write(FILE *file, const struct method *method)
{
        char buffer[IDL_NAME + 8] = "NULL", capacity[IDL_NAME + 24] = "0";
        unsigned bytes = parameters_of(&method->out, TYPE_BYTES);
        if (bytes > 1) {
                snprintf(buffer, sizeof buffer, "rt_space");
                snprintf(capacity, sizeof capacity, "rt_space_capacity");
        }
        for (unsigned i = 0; bytes == 1 && i < method->out.count; i++) {
                const struct parameter *parameter = &method->out.list[i];
                if (parameter->type != TYPE_BYTES)
                        continue;
                snprintf(buffer, sizeof buffer, "%s", out_name(method, parameter));
                snprintf(capacity, sizeof capacity, "%s_capacity", out_name(method, parameter));
        }
        fputs("        struct arrival rt_answer;\n", file);
        struct list list = {0};
        list_add(&list, "&rt_answer");
        list_add(&list, "%s", buffer);
        list_add(&list, "%s", capacity);
        list_add(&list, "%u", parameters_of(&method->out, TYPE_CAP));
        list_write(file, "        arrival_prepare(", &list, "", ");\n");
}

/* Parameters of the static function that takes an answer apart. */
static void results_list(struct list *list, const struct method *method)
{
        list_add(list, "struct arrival *rt_answer");
        shape_client_out(list, method, false);
}

static void results_write(FILE *file, const struct interface *interface,
                          const struct method *method)
{
        unsigned words = parameters_of(&method->out, TYPE_WORD);
        unsigned bytes = parameters_of(&method->out, TYPE_BYTES);
        struct list list = {0};
        results_list(&list, method);
        char start[3 * IDL_NAME];
        snprintf(start, sizeof start, "static outcome_t %s_%s_results(", interface->name,
                 method->name);
        list_write(file, start, &list, "", ")\n{\n");
        struct list shape = {0};
        list_add(&shape, "rt_answer");
        shape_list(&shape, &method->out);
        list_write(file, "        if (!answer_check(", &shape, "", "))\n");
        fputs("                return perhaps_executed(REASON_MALFORMED);\n", file);
        variables_write(file, &method->out, "rt_answer->", "rt_answer->buffer");
        if (checks_write(file, interface, &method->out, "rt_answer->"))
                fputs(" {\n"
                      "                arrival_drop(rt_answer);\n"
                      "                return perhaps_executed(REASON_MALFORMED);\n"
                      "        }\n",
                      file);
        if (bytes > 1)
                fputs("        const uint8_t *rt_at = rt_answer->buffer;\n", file);
        unsigned word = 0, length = 0, cap = 0;
        for (unsigned i = 0; i < method->out.count; i++) {
                const struct parameter *parameter = &method->out.list[i];
                const char *name = out_name(method, parameter);
                switch (parameter->type) {
                case TYPE_WORD:
                        fprintf(file, "        if (%s)\n                *%s = ", name, name);
                        if (parameter->optional)
                                fprintf(file, "rt_%s_word;\n", parameter->name);
                        else
                                fprintf(file, "rt_answer->words[%u];\n", word++);
                        break;
                case TYPE_BYTES:
                        if (bytes > 1) {
                                fprintf(file, "        if (%s)\n", name);
                                fprintf(file, "                *%s = rt_at;\n", name);
                        }
                        fprintf(file, "        if (%s_length)\n", name);
                        fprintf(file, "                *%s_length = rt_answer->words[%u];\n", name,
                                words + length);
                        length++;
                        if (bytes > 1 && length < bytes)
                                fprintf(file, "        rt_at += rt_answer->words[%u];\n",
                                        words + length - 1);
                        break;
                case TYPE_CAP:
                        fprintf(file, "        if (%s)\n", name);
                        fprintf(file, "                *%s = cap_take(&rt_answer->caps[%u]);\n",
                                name, cap);
                        cap++;
                        break;
                }
        }
        if (cap)
                fputs("        arrival_drop(rt_answer);\n", file);
        fputs("        return OUTCOME_OK;\n}\n\n", file);
}

/* The end of METHOD and METHOD_finish. */
static void results_return(FILE *file, const struct interface *interface,
                           const struct method *method)
{
        fputs("        if (rt_outcome != OUTCOME_OK)\n                return rt_outcome;\n", file);
        struct list list = {0};
        list_add(&list, "&rt_answer");
        for (unsigned i = 0; i < method->out.count; i++) {
                const struct parameter *parameter = &method->out.list[i];
                const char *name = out_name(method, parameter);
                if (parameter->type != TYPE_BYTES || parameters_of(&method->out, TYPE_BYTES) > 1)
                        list_add(&list, "%s", name);
                if (parameter->type == TYPE_BYTES)
                        list_add(&list, "%s_length", name);
        }
        char start[3 * IDL_NAME];
        snprintf(start, sizeof start, "        return %s_%s_results(", interface->name,
                 method->name);
        list_write(file, start, &list, "", ");\n");
        fputs("}\n\n", file);
}

static void call_write(FILE *file, const struct interface *interface, const struct method *method)
{
        struct list list = {0};
        list_add(&list, "handle_t rt_to");
        list_add(&list, "uint64_t rt_deadline");
        shape_client_in(&list, method);
        shape_client_out(&list, method, true);
        function_start(file, interface, method, "", &list);
        request_write(file, interface, method);
        if (method->one_way) {
                fputs("        return rt_send(rt_to, rt_deadline, &rt_message);\n}\n\n", file);
                return;
        }
        space_write(file, method);
        fputs("        outcome_t rt_outcome = rt_call(rt_to, rt_deadline, &rt_message, "
              "&rt_answer);\n",
              file);
        results_return(file, interface, method);
}

static void start_write(FILE *file, const struct interface *interface, const struct method *method)
{
        struct list list = {0};
        list_add(&list, "handle_t rt_to");
        list_add(&list, "handle_t rt_call_object");
        list_add(&list, "uint64_t rt_deadline");
        shape_client_in(&list, method);
        shape_client_space(&list, method);
        function_start(file, interface, method, "_start", &list);
        request_write(file, interface, method);
        space_write(file, method);
        fputs("        return rt_call_start(rt_to, rt_call_object, rt_deadline, &rt_message, "
              "&rt_answer);\n}\n\n",
              file);
}

static void finish_write(FILE *file, const struct interface *interface, const struct method *method)
{
        unsigned bytes = parameters_of(&method->out, TYPE_BYTES);
        struct list list = {0};
        list_add(&list, "handle_t rt_call_object");
        if (bytes == 1)
                shape_client_space(&list, method);
        shape_client_out(&list, method, bytes > 1);
        function_start(file, interface, method, "_finish", &list);
        space_write(file, method);
        fputs("        outcome_t rt_outcome = rt_call_finish(rt_call_object, &rt_answer);\n", file);
        results_return(file, interface, method);
}

/* The answer of a deferred request; here because it is sent like a request. */
static void reply_write(FILE *file, const struct interface *interface, const struct method *method)
{
        struct list list = {0};
        list_add(&list, "handle_t rt_reply_to");
        shape_reply(&list, method);
        function_start(file, interface, method, "_reply", &list);
        fputs("        struct message rt_message = {\n            .outcome = OUTCOME_OK,\n", file);
        message_write(file, &method->out, SIDE_OUT, method);
        fputs("        return rt_reply(rt_reply_to, &rt_message);\n}\n\n", file);
}

void client_write(FILE *file, const struct interface *interface)
{
        for (unsigned i = 0; i < interface->method_count; i++) {
                const struct method *method = &interface->methods[i];
                if (method->one_way) {
                        call_write(file, interface, method);
                        continue;
                }
                results_write(file, interface, method);
                call_write(file, interface, method);
                start_write(file, interface, method);
                finish_write(file, interface, method);
                reply_write(file, interface, method);
        }
}
