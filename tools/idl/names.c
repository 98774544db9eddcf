/* The table of names, for the tracer and the dissector: a C file that needs nothing but <stddef.h>.
 */
#include "tools/idl/generate.h"

#include <stdlib.h>

void names_header_write(FILE *file)
{
        fputs(
            "/* Numbers and names of all interfaces, generated from their descriptions. */\n"
            "#ifndef PROTO_NAMES_H\n"
            "#define PROTO_NAMES_H\n"
            "\n"
            "enum proto_type { PROTO_WORD, PROTO_BYTES, PROTO_CAP };\n"
            "\n"
            "struct proto_value {\n"
            "        unsigned number;\n"
            "        const char *name;\n"
            "};\n"
            "\n"
            "struct proto_enum {\n"
            "        unsigned count;\n"
            "        const struct proto_value *values;\n"
            "};\n"
            "\n"
            "struct proto_record;\n"
            "\n"
            "/* The words of a message, and of a record, are its word parameters in their order, "
            "then the\n"
            " * lengths of its bytes parameters, then a word that says which optional ones are "
            "given, and one\n"
            " * word for each of those (servers/rt/message/shape.h). */\n"
            "struct proto_parameter {\n"
            "        const char *name;\n"
            "        enum proto_type type;\n"
            "        int text; /* of bytes, also in a list: for people, in UTF-8 */\n"
            "        int optional;\n"
            "        unsigned list_most;             /* of bytes: a list of so many; 0: none */\n"
            "        enum proto_type element;        /* of a list: words or bytes */\n"
            "        const struct proto_enum *values; /* of a word, also in a list; NULL: any */\n"
            "        const struct proto_record *record; /* of bytes, also in a list; NULL: none "
            "*/\n"
            "};\n"
            "\n"
            "struct proto_record {\n"
            "        const char *name;\n"
            "        unsigned count;\n"
            "        const struct proto_parameter *fields;\n"
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
            "        unsigned method_count, record_count;\n"
            "        const struct proto_method *methods;\n"
            "        const struct proto_record *records;\n"
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

static void enums_write(FILE *file, const struct interface *interface)
{
        for (unsigned i = 0; i < interface->enum_count; i++) {
                const struct enumeration *one = &interface->enums[i];
                fprintf(file, "static const struct proto_value %s_%s_values[] = {\n",
                        interface->name, one->name);
                for (unsigned j = 0; j < one->count; j++)
                        fprintf(file, "        {%u, \"%s\"},\n", one->values[j].number,
                                one->values[j].name);
                fprintf(file,
                        "};\nstatic const struct proto_enum %s_%s_enum = {%u, %s_%s_values};\n",
                        interface->name, one->name, one->count, interface->name, one->name);
        }
}

/* of, what: the name of the array, with that of its method or record between them. */
static void parameters_write(FILE *file, const struct interface *interface, const char *of,
                             const char *what, const struct parameters *parameters)
{
        static const char *const types[] = {"PROTO_WORD", "PROTO_BYTES", "PROTO_CAP"};
        if (parameters->count == 0)
                return;
        fprintf(file, "static const struct proto_parameter %s_%s_%s[] = {\n", interface->name, of,
                what);
        for (unsigned i = 0; i < parameters->count; i++) {
                const struct parameter *one = &parameters->list[i];
                fprintf(file, "        {.name = \"%s\", .type = %s", one->name, types[one->type]);
                if (one->text)
                        fputs(", .text = 1", file);
                if (one->optional)
                        fputs(", .optional = 1", file);
                if (one->list_most)
                        fprintf(file, ", .list_most = %u, .element = %s", one->list_most,
                                types[one->element]);
                if (one->values)
                        fprintf(file, ", .values = &%s_%s_enum", interface->name,
                                one->values->name);
                if (one->record)
                        fprintf(file, ", .record = &%s_records[%u]", interface->name,
                                (unsigned)(one->record - interface->records));
                fputs("},\n", file);
        }
        fputs("};\n", file);
}

static void records_write(FILE *file, const struct interface *interface)
{
        if (interface->record_count == 0)
                return;
        for (unsigned i = 0; i < interface->record_count; i++)
                parameters_write(file, interface, interface->records[i].name, "fields",
                                 &interface->records[i].fields);
        fprintf(file, "static const struct proto_record %s_records[] = {\n", interface->name);
        for (unsigned i = 0; i < interface->record_count; i++)
                fprintf(file, "        {\"%s\", %u, %s_%s_fields},\n", interface->records[i].name,
                        interface->records[i].fields.count, interface->name,
                        interface->records[i].name);
        fputs("};\n", file);
}

static void methods_write(FILE *file, const struct interface *interface)
{
        for (unsigned i = 0; i < interface->method_count; i++) {
                const struct method *method = &interface->methods[i];
                parameters_write(file, interface, method->name, "in", &method->in);
                parameters_write(file, interface, method->name, "out", &method->out);
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
        for (unsigned i = 0; i < count; i++) {
                enums_write(file, sorted[i]);
                records_write(file, sorted[i]);
                methods_write(file, sorted[i]);
        }
        fputs("const struct proto_interface proto_interfaces[] = {\n", file);
        for (unsigned i = 0; i < count; i++)
                fprintf(file, "        {%u, \"%s\", %u, %u, %s_methods, %s%s},\n",
                        sorted[i]->number, sorted[i]->name, sorted[i]->method_count,
                        sorted[i]->record_count, sorted[i]->name,
                        sorted[i]->record_count ? sorted[i]->name : "NULL",
                        sorted[i]->record_count ? "_records" : "");
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
