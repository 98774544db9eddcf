/* The table of names, for the tracer and the dissector: a C file that needs nothing but <stddef.h>.
 */
#include "tools/idl/generate.h"

#include <stdlib.h>

void names_header_write(FILE *file)
{
        fputs("/* Numbers and names of all interfaces, generated from their descriptions. */\n"
              "#ifndef PROTO_NAMES_H\n"
              "#define PROTO_NAMES_H\n"
              "\n"
              "enum proto_type { PROTO_WORD, PROTO_BYTES, PROTO_CAP };\n"
              "\n"
              "/* The words of a message are its word parameters in their order, then the lengths "
              "of\n"
              " * its bytes parameters. */\n"
              "struct proto_parameter {\n"
              "        const char *name;\n"
              "        enum proto_type type;\n"
              "        int text; /* of bytes: for people, in UTF-8 */\n"
              "};\n"
              "\n"
              "struct proto_method {\n"
              "        unsigned number;\n"
              "        const char *name;\n"
              "        int one_way;\n"
              "        unsigned in_count, out_count;\n"
              "        const struct proto_parameter *in, *out;\n"
              "};\n"
              "\n"
              "struct proto_interface {\n"
              "        unsigned number;\n"
              "        const char *name;\n"
              "        unsigned method_count;\n"
              "        const struct proto_method *methods;\n"
              "};\n"
              "\n"
              "/* In the order of their numbers. */\n"
              "extern const struct proto_interface proto_interfaces[];\n"
              "extern const unsigned proto_interface_count;\n"
              "\n"
              "/* NULL if there is none with that number. */\n"
              "const struct proto_interface *proto_interface_find(unsigned number);\n"
              "const struct proto_method *proto_method_find(const struct proto_interface "
              "*interface,\n"
              "                                             unsigned number);\n"
              "\n"
              "#endif\n",
              file);
}

static void parameters_write(FILE *file, const struct interface *interface,
                             const struct method *method, const char *direction,
                             const struct parameters *parameters)
{
        static const char *const types[] = {"PROTO_WORD", "PROTO_BYTES", "PROTO_CAP"};
        if (parameters->count == 0)
                return;
        fprintf(file, "static const struct proto_parameter %s_%s_%s[] = {\n", interface->name,
                method->name, direction);
        for (unsigned i = 0; i < parameters->count; i++)
                fprintf(file, "        {\"%s\", %s, %d},\n", parameters->list[i].name,
                        types[parameters->list[i].type], parameters->list[i].text);
        fputs("};\n", file);
}

static void methods_write(FILE *file, const struct interface *interface)
{
        for (unsigned i = 0; i < interface->method_count; i++) {
                const struct method *method = &interface->methods[i];
                parameters_write(file, interface, method, "in", &method->in);
                parameters_write(file, interface, method, "out", &method->out);
        }
        fprintf(file, "static const struct proto_method %s_methods[] = {\n", interface->name);
        for (unsigned i = 0; i < interface->method_count; i++) {
                const struct method *method = &interface->methods[i];
                fprintf(file, "        {%u, \"%s\", %d, %u, %u", method->number, method->name,
                        method->one_way, method->in.count, method->out.count);
                fprintf(file, method->in.count ? ", %s_%s_in" : ", NULL", interface->name,
                        method->name);
                fprintf(file, method->out.count ? ", %s_%s_out},\n" : ", NULL},\n", interface->name,
                        method->name);
        }
        fputs("};\n\n", file);
}

static int by_number(const void *a, const void *b)
{
        const struct interface *const *one = a, *const *two = b;
        return ((*one)->number > (*two)->number) - ((*one)->number < (*two)->number);
}

void names_source_write(FILE *file, struct interface *const *interfaces, unsigned count)
{
        struct interface **sorted = calloc(count ? count : 1, sizeof *sorted);
        if (!sorted)
                abort();
        for (unsigned i = 0; i < count; i++)
                sorted[i] = interfaces[i];
        qsort(sorted, count, sizeof *sorted, by_number);

        fputs("/* Numbers and names of all interfaces, generated from their descriptions. */\n"
              "#include \"servers/proto/names.h\"\n\n#include <stddef.h>\n\n",
              file);
        for (unsigned i = 0; i < count; i++)
                methods_write(file, sorted[i]);
        fputs("const struct proto_interface proto_interfaces[] = {\n", file);
        for (unsigned i = 0; i < count; i++)
                fprintf(file, "        {%u, \"%s\", %u, %s_methods},\n", sorted[i]->number,
                        sorted[i]->name, sorted[i]->method_count, sorted[i]->name);
        fprintf(file, "};\n\nconst unsigned proto_interface_count = %u;\n\n", count);
        free(sorted);
        fputs("const struct proto_interface *proto_interface_find(unsigned number)\n"
              "{\n"
              "        for (unsigned i = 0; i < proto_interface_count; i++)\n"
              "                if (proto_interfaces[i].number == number)\n"
              "                        return &proto_interfaces[i];\n"
              "        return NULL;\n"
              "}\n"
              "\n"
              "const struct proto_method *proto_method_find(const struct proto_interface "
              "*interface,\n"
              "                                             unsigned number)\n"
              "{\n"
              "        for (unsigned i = 0; i < interface->method_count; i++)\n"
              "                if (interface->methods[i].number == number)\n"
              "                        return &interface->methods[i];\n"
              "        return NULL;\n"
              "}\n",
              file);
}
