/* The reference page: one section an interface, one entry a method, as the description says. */
#include "tools/idl/generate.h"

static void text_write(FILE *file, const char *doc)
{
        if (doc)
                fprintf(file, "\n%s", doc);
}

static void type_print(FILE *file, const struct parameter *parameter)
{
        static const char *const types[] = {"word", "bytes", "cap"};
        if (parameter->optional)
                fputs("optional ", file);
        if (parameter->list_most)
                fprintf(file, "list %u of ", parameter->list_most);
        if (parameter->values || parameter->record)
                fputs(parameter->values ? parameter->values->name : parameter->record->name, file);
        else if (parameter->text)
                fputs("text", file);
        else
                fprintf(file, "%s%s%s", parameter->move ? "move " : "",
                        parameter->share ? "share " : "",
                        types[parameter->list_most ? parameter->element : parameter->type]);
}

static void parameters_print(FILE *file, const struct parameters *parameters)
{
        fputc('(', file);
        for (unsigned i = 0; i < parameters->count; i++) {
                fprintf(file, "%s%s: ", i ? ", " : "", parameters->list[i].name);
                type_print(file, &parameters->list[i]);
        }
        fputc(')', file);
}

static void types_print(FILE *file, const struct interface *interface)
{
        for (unsigned i = 0; i < interface->enum_count; i++) {
                const struct enumeration *one = &interface->enums[i];
                fprintf(file, "\n### enum %s\n\n`(", one->name);
                for (unsigned j = 0; j < one->count; j++)
                        fprintf(file, "%s%s %u", j ? ", " : "", one->values[j].name,
                                one->values[j].number);
                fputs(")`\n", file);
                text_write(file, one->doc);
        }
        for (unsigned i = 0; i < interface->record_count; i++) {
                fprintf(file, "\n### record %s\n\n`", interface->records[i].name);
                parameters_print(file, &interface->records[i].fields);
                fputs("`\n", file);
                text_write(file, interface->records[i].doc);
        }
}

void reference_write(FILE *file, struct interface *const *interfaces, unsigned count)
{
        fputs("# Interfaces\n", file);
        for (unsigned i = 0; i < count; i++) {
                const struct interface *interface = interfaces[i];
                fprintf(file, "\n## %s (%u)\n", interface->name, interface->number);
                text_write(file, interface->doc);
                types_print(file, interface);
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
