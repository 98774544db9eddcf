/* Enums and records. Of an enum E of interface I:
 *
 *      enum I_E, I_E_VALUE     its values
 *      I_E_is                  whether a word is one of them
 *
 * and of a record R, which is written into and read from bytes (servers/rt/message/record.h):
 *
 *      struct I_R              its fields; optional ones as parameters are
 *      I_R_pack, I_R_next      append one; take the next one
 *
 * I_E_pass and I_R_pass go over one element of a list, for its check. */
#include "tools/idl/generate.h"

#include "tools/idl/message.h"
#include "tools/idl/shapes.h"

static void enumeration_declare(FILE *file, const char *of, const struct enumeration *enumeration)
{
        char prefix[2 * IDL_NAME];
        snprintf(prefix, sizeof prefix, "%s_%s", upper(of), upper(enumeration->name));
        doc_write(file, enumeration->doc, 0);
        fprintf(file, "enum %s_%s {\n", of, enumeration->name);
        for (unsigned i = 0; i < enumeration->count; i++)
                fprintf(file, "        %s_%s = %u,\n", prefix, upper(enumeration->values[i].name),
                        enumeration->values[i].number);
        fprintf(file, "};\n\nbool %s_%s_is(uint64_t word);\n", of, enumeration->name);
        fprintf(file, "element_pass %s_%s_pass;\n\n", of, enumeration->name);
}

static void record_declare(FILE *file, const char *of, const struct record *record)
{
        const char *name = record->name;
        doc_write(file, record->doc, 0);
        fprintf(file, "struct %s_%s {\n", of, name);
        for (unsigned i = 0; i < record->fields.count; i++) {
                const struct parameter *field = &record->fields.list[i];
                if (field->type == TYPE_WORD)
                        fprintf(file, "        %s %s;\n", word_type(field), in_name(field));
                else
                        fprintf(file, "        const void *%s;\n        size_t %s_length;\n",
                                in_name(field), in_name(field));
        }
        fprintf(
            file,
            "};\n\n"
            "/* False, and nothing is changed: there is no room; there is no further record. */\n"
            "bool %s_%s_pack(struct packer *packer, const struct %s_%s *record);\n"
            "bool %s_%s_next(struct unpacker *unpacker, struct %s_%s *record);\n"
            "element_pass %s_%s_pass;\n\n",
            of, name, of, name, of, name, of, name, of, name);
}

void values_declare(FILE *file, const struct interface *interface)
{
        for (unsigned i = 0; i < interface->enum_count; i++)
                enumeration_declare(file, interface->name, &interface->enums[i]);
        for (unsigned i = 0; i < interface->record_count; i++)
                record_declare(file, interface->name, &interface->records[i]);
}

static void enumeration_write(FILE *file, const char *of, const struct enumeration *enumeration)
{
        const char *name = enumeration->name;
        fprintf(file, "bool %s_%s_is(uint64_t word)\n{\n        switch (word) {\n", of, name);
        for (unsigned i = 0; i < enumeration->count; i++)
                fprintf(file, "        case %u:\n", enumeration->values[i].number);
        fputs("                return true;\n        default:\n                return false;\n"
              "        }\n}\n\n",
              file);
        fprintf(file,
                "bool %s_%s_pass(struct unpacker *unpacker)\n{\n"
                "        uint64_t word;\n"
                "        return unpack_word(unpacker, &word) && %s_%s_is(word);\n}\n\n",
                of, name, of, name);
}

static void pack_write(FILE *file, const char *of, const struct record *record)
{
        fprintf(file,
                "bool %s_%s_pack(struct packer *packer, const struct %s_%s *record)\n{\n"
                "        struct message rt_message = {\n",
                of, record->name, of, record->name);
        message_write(file, &record->fields, SIDE_FIELD, NULL);
        fputs("        return pack_record(packer, &rt_message);\n}\n\n", file);
}

static void fields_write(FILE *file, const struct parameters *fields)
{
        unsigned word = 0, length = parameters_of(fields, TYPE_WORD), first = length;
        for (unsigned i = 0; i < fields->count; i++) {
                const struct parameter *field = &fields->list[i];
                const char *to = field_name(field);
                if (field->optional && field->type == TYPE_WORD)
                        fprintf(file, "        %s = rt_%s_word;\n", to, field->name);
                else if (field->optional)
                        fprintf(file,
                                "        %s = rt_%s_bytes;\n        %s_length = rt_%s_length;\n",
                                to, field->name, to, field->name);
                else if (field->type == TYPE_WORD)
                        fprintf(file, "        %s = rt_record.words[%u];\n", to, word++);
                else {
                        fprintf(file, "        %s = rt_record.bytes", to);
                        for (unsigned before = first; before < length; before++)
                                fprintf(file, " + rt_record.words[%u]", before);
                        fprintf(file, ";\n        %s_length = rt_record.words[%u];\n", to,
                                length++);
                }
        }
}

static void next_write(FILE *file, const struct interface *interface, const struct record *record)
{
        const char *of = interface->name, *name = record->name;
        fprintf(file,
                "bool %s_%s_next(struct unpacker *unpacker, struct %s_%s *record)\n{\n"
                "        struct unpacker rt_after = *unpacker;\n"
                "        struct unpacked rt_record;\n",
                of, name, of, name);
        struct list shape = {0};
        list_add(&shape, "&rt_after");
        shape_list(&shape, &record->fields);
        list_add(&shape, "&rt_record");
        list_write(file, "        if (!unpack_record(", &shape, "", "))\n");
        fputs("                return false;\n", file);
        variables_write(file, &record->fields, "rt_record.", "rt_record.bytes");
        if (checks_write(file, interface, &record->fields, "rt_record."))
                fputs("\n                return false;\n", file);
        fields_write(file, &record->fields);
        fputs("        *unpacker = rt_after;\n        return true;\n}\n\n", file);
        fprintf(file,
                "bool %s_%s_pass(struct unpacker *unpacker)\n{\n"
                "        struct %s_%s record;\n"
                "        return %s_%s_next(unpacker, &record);\n}\n\n",
                of, name, of, name, of, name);
}

void values_write(FILE *file, const struct interface *interface)
{
        fprintf(file, "/* Enums and records of interface %s, generated from %s. */\n",
                interface->name, interface->file);
        fprintf(file, "#include \"servers/proto/%s.h\"\n\n", interface->name);
        for (unsigned i = 0; i < interface->enum_count; i++)
                enumeration_write(file, interface->name, &interface->enums[i]);
        for (unsigned i = 0; i < interface->record_count; i++) {
                pack_write(file, interface->name, &interface->records[i]);
                next_write(file, interface, &interface->records[i]);
        }
}
