/* The reference page: one section an interface, one entry a method, as the description says. */
#include "tools/idl/generate.h"

static void text_write(FILE *file, const char *doc)
{
        if (doc)
                fprintf(file, "\n%s", doc);
}

static void parameters_print(FILE *file, const struct parameters *parameters)
{
        static const char *const types[] = {"word", "bytes", "cap"};
        fputc('(', file);
        for (unsigned i = 0; i < parameters->count; i++) {
                const struct parameter *parameter = &parameters->list[i];
                fprintf(file, "%s%s: %s%s%s", i ? ", " : "", parameter->name,
                        parameter->move ? "move " : "", parameter->share ? "share " : "",
                        parameter->text ? "text" : types[parameter->type]);
        }
        fputc(')', file);
}

void reference_write(FILE *file, struct interface *const *interfaces, unsigned count)
{
        fputs("# Interfaces\n", file);
        for (unsigned i = 0; i < count; i++) {
                const struct interface *interface = interfaces[i];
                fprintf(file, "\n## %s (%u)\n", interface->name, interface->number);
                text_write(file, interface->doc);
                for (unsigned j = 0; j < interface->method_count; j++) {
                        const struct method *method = &interface->methods[j];
                        fprintf(file, "\n### %s.%s (%u%s)\n\n`%s", interface->name, method->name,
                                method->number, method->one_way ? ", one way" : "", method->name);
                        parameters_print(file, &method->in);
                        if (!method->one_way) {
                                fputs(" -> ", file);
                                parameters_print(file, &method->out);
                        }
                        fputs("`\n", file);
                        text_write(file, method->doc);
                }
        }
}
