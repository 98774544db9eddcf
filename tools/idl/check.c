/* The rules, one function each. */
#include "tools/idl/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "kernel/abi/message.h"

__attribute__((format(printf, 3, 4))) static bool wrong(struct idl_error *error, unsigned line,
                                                        const char *format, ...)
{
        error->line = line;
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(error->text, sizeof error->text, format, arguments);
        va_end(arguments);
        return false;
}

bool is_keyword(const char *name)
{
        static const char *const keywords[] = {
            "auto",    "break",  "case",     "char",   "const",    "continue", "default",
            "do",      "double", "else",     "enum",   "extern",   "float",    "for",
            "goto",    "if",     "inline",   "int",    "long",     "register", "restrict",
            "return",  "short",  "signed",   "sizeof", "static",   "struct",   "switch",
            "typedef", "union",  "unsigned", "void",   "volatile", "while",    "asm",
            "typeof",  "bool",   "true",     "false",
        };
        for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++)
                if (strcmp(name, keywords[i]) == 0)
                        return true;
        return false;
}

/* Generated code uses the prefix rt_ for what is its own. */
static bool name_check(const char *name, unsigned line, struct idl_error *error)
{
        if (strncmp(name, "rt_", 3) == 0)
                return wrong(error, line, "name `%s`: the prefix rt_ is the runtime's", name);
        return true;
}

/* Whether b is what generated code calls the length or the space of a. */
static bool is_derived(const char *a, const char *b)
{
        size_t length = strlen(a);
        return strncmp(a, b, length) == 0 &&
               (strcmp(b + length, "_length") == 0 || strcmp(b + length, "_capacity") == 0);
}

/* The parameters of one method, or the fields of one record. */
static bool names_check(const struct parameters *in, const struct parameters *out,
                        struct idl_error *error)
{
        const struct parameter *all[2 * IDL_PARAMETERS];
        unsigned count = 0;
        for (unsigned i = 0; i < in->count; i++)
                all[count++] = &in->list[i];
        for (unsigned i = 0; out && i < out->count; i++)
                all[count++] = &out->list[i];
        for (unsigned i = 0; i < count; i++) {
                if (!name_check(all[i]->name, all[i]->line, error))
                        return false;
                for (unsigned j = 0; j < count; j++) {
                        bool same_side = (i < in->count) == (j < in->count);
                        if (j > i && same_side && strcmp(all[i]->name, all[j]->name) == 0)
                                return wrong(error, all[j]->line, "two parameters `%s`",
                                             all[j]->name);
                        if (all[i]->type == TYPE_BYTES && is_derived(all[i]->name, all[j]->name))
                                return wrong(error, all[j]->line,
                                             "`%s` is what the length or space of `%s` is called",
                                             all[j]->name, all[i]->name);
                }
        }
        return true;
}

/* What is added later stands behind what was there: who does not know it passes it over. */
static bool optional_check(const struct parameters *parameters, struct idl_error *error)
{
        bool before = false;
        for (unsigned i = 0; i < parameters->count; i++) {
                const struct parameter *parameter = &parameters->list[i];
                if (before && !parameter->optional)
                        return wrong(error, parameter->line,
                                     "`%s` stands behind an optional one; those come last",
                                     parameter->name);
                if (parameter->optional && parameter->type == TYPE_CAP)
                        return wrong(
                            error, parameter->line,
                            "`%s`: a capability is not optional; add a method that takes it",
                            parameter->name);
                before = parameter->optional;
        }
        return true;
}

/* `what`: "method `x`", `direction`: " in", " out" or "". */
static bool size_check(const char *what, unsigned line, const struct parameters *parameters,
                       const char *direction, struct idl_error *error)
{
        unsigned optionals = optionals_of(parameters), all_bytes = 0;
        unsigned bytes = parameters_of(parameters, TYPE_BYTES);
        unsigned words = parameters_of(parameters, TYPE_WORD);
        unsigned caps = parameters_of(parameters, TYPE_CAP);
        for (unsigned i = 0; i < parameters->count; i++) {
                const struct parameter *parameter = &parameters->list[i];
                all_bytes += parameter->type == TYPE_BYTES;
                if (parameter->list_most > IDL_LIST_MOST)
                        return wrong(error, parameter->line, "`%s`: a list has at most %d elements",
                                     parameter->name, IDL_LIST_MOST);
        }
        if (words + bytes > MESSAGE_WORDS)
                return wrong(error, line, "%s: %u words and %u lengths%s are more than %d", what,
                             words, bytes, direction, MESSAGE_WORDS);
        if (optionals && words + bytes + 1 + optionals > MESSAGE_WORDS)
                return wrong(error, line,
                             "%s: %u words and lengths, %u optional ones and the word that says "
                             "which%s are more than %d",
                             what, words + bytes, optionals, direction, MESSAGE_WORDS);
        if (all_bytes > MESSAGE_SEND_BUFFERS)
                return wrong(error, line, "%s: more than %d bytes parameters%s", what,
                             MESSAGE_SEND_BUFFERS, direction);
        if (caps > MESSAGE_CAPS)
                return wrong(error, line, "%s: more than %d capabilities%s", what, MESSAGE_CAPS,
                             direction);
        return optional_check(parameters, error);
}

/* The caller's room for an answer is that of its own description. */
static bool results_check(const struct method *method, struct idl_error *error)
{
        for (unsigned i = 0; i < method->out.count; i++) {
                const struct parameter *parameter = &method->out.list[i];
                if (parameter->optional && parameter->type == TYPE_BYTES)
                        return wrong(error, parameter->line,
                                     "`%s`: only words of an answer are optional, since an older "
                                     "caller has no room for bytes",
                                     parameter->name);
        }
        return true;
}

/* ---- enums and records ---- */

static bool is_type(const char *name)
{
        static const char *const types[] = {"word", "bytes",    "text", "cap",    "move",  "share",
                                            "list", "optional", "of",   "method", "server"};
        for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
                if (strcmp(name, types[i]) == 0)
                        return true;
        return false;
}

/* A type's name is in C beside those of methods and of other types. */
static bool type_check(const struct interface *interface, const char *name, unsigned line,
                       struct idl_error *error)
{
        if (is_type(name) || is_keyword(name))
                return wrong(error, line, "a type cannot be called `%s`", name);
        unsigned same = 0;
        for (unsigned i = 0; i < interface->enum_count; i++)
                same += strcmp(interface->enums[i].name, name) == 0;
        for (unsigned i = 0; i < interface->record_count; i++)
                same += strcmp(interface->records[i].name, name) == 0;
        for (unsigned i = 0; i < interface->method_count; i++) {
                const char *method = interface->methods[i].name;
                size_t length = strlen(name);
                bool own = strncmp(method, name, length) == 0 &&
                           (strcmp(method + length, "_pack") == 0 ||
                            strcmp(method + length, "_next") == 0 || method[length] == 0);
                if (own)
                        return wrong(error, line, "type `%s` and method `%s` have one name in C",
                                     name, method);
        }
        return same == 1 || wrong(error, line, "two types are called `%s`", name);
}

static bool is_used(const struct parameters *parameters, const struct enumeration *enumeration)
{
        for (unsigned i = 0; i < parameters->count; i++)
                if (parameters->list[i].values == enumeration)
                        return true;
        return false;
}

static bool enumeration_is_used(const struct interface *interface,
                                const struct enumeration *enumeration)
{
        for (unsigned i = 0; i < interface->record_count; i++)
                if (is_used(&interface->records[i].fields, enumeration))
                        return true;
        for (unsigned i = 0; i < interface->method_count; i++)
                if (is_used(&interface->methods[i].in, enumeration) ||
                    is_used(&interface->methods[i].out, enumeration))
                        return true;
        return false;
}

static bool enumeration_check(const struct interface *interface,
                              const struct enumeration *enumeration, struct idl_error *error)
{
        if (!name_check(enumeration->name, enumeration->line, error) ||
            !type_check(interface, enumeration->name, enumeration->line, error))
                return false;
        if (!enumeration_is_used(interface, enumeration))
                return wrong(error, enumeration->line, "enum `%s`: nothing has its type",
                             enumeration->name);
        for (unsigned i = 0; i < enumeration->count; i++) {
                const struct value *value = &enumeration->values[i];
                for (unsigned j = 0; j < i; j++)
                        if (strcmp(value->name, enumeration->values[j].name) == 0 ||
                            value->number == enumeration->values[j].number)
                                return wrong(error, value->line,
                                             "enum `%s`: `%s` has the name or the number of `%s`",
                                             enumeration->name, value->name,
                                             enumeration->values[j].name);
        }
        return true;
}

static bool record_check(const struct interface *interface, const struct record *record,
                         struct idl_error *error)
{
        char what[IDL_NAME + 16];
        snprintf(what, sizeof what, "record `%s`", record->name);
        if (!name_check(record->name, record->line, error) ||
            !type_check(interface, record->name, record->line, error))
                return false;
        if (record->fields.count == 0)
                return wrong(error, record->line, "%s has no field", what);
        for (unsigned i = 0; i < record->fields.count; i++) {
                const struct parameter *field = &record->fields.list[i];
                if (field->type == TYPE_CAP || field->record || field->list_most)
                        return wrong(
                            error, field->line,
                            "field `%s`: a record holds words, enums, bytes and text alone",
                            field->name);
        }
        return size_check(what, record->line, &record->fields, "", error) &&
               names_check(&record->fields, NULL, error);
}

static bool method_check(const struct interface *interface, unsigned index, struct idl_error *error)
{
        const struct method *method = &interface->methods[index];
        if (!name_check(method->name, method->line, error))
                return false;
        for (unsigned i = 0; i < index; i++) {
                const struct method *other = &interface->methods[i];
                if (strcmp(method->name, other->name) == 0)
                        return wrong(error, method->line, "method `%s` is also in line %u",
                                     method->name, other->line);
                if (method->number == other->number)
                        return wrong(error, method->line,
                                     "method `%s` has the number %u of `%s` in line %u",
                                     method->name, method->number, other->name, other->line);
        }
        char what[IDL_NAME + 16];
        snprintf(what, sizeof what, "method `%s`", method->name);
        return size_check(what, method->line, &method->in, " in", error) &&
               size_check(what, method->line, &method->out, " out", error) &&
               results_check(method, error) && names_check(&method->in, &method->out, error);
}

/* FILE must be called after its interface: the build finds NAME.h by it. */
static bool file_check(const struct interface *interface, struct idl_error *error)
{
        const char *base = strrchr(interface->file, '/');
        base = base ? base + 1 : interface->file;
        size_t length = strlen(interface->name);
        if (strncmp(base, interface->name, length) != 0 || strcmp(base + length, ".idl") != 0)
                return wrong(error, interface->line, "interface `%s` must be in a file %s.idl",
                             interface->name, interface->name);
        return true;
}

/* Numbers are set aside by folder, so that whoever takes the next one there meets nobody else. */
static bool number_check(const struct interface *interface, struct idl_error *error)
{
        static const struct {
                unsigned last;
                const char *folder;
        } ranges[] = {{31, "servers/proto/"}, {39, "servers/examples/"}, {47, "tests/"}};
        unsigned first = 1;
        for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
                const char *folder = ranges[i].folder;
                if (interface->number <= ranges[i].last)
                        return strncmp(interface->file, folder, strlen(folder)) == 0 ||
                               wrong(error, interface->line,
                                     "interface `%s`: the numbers %u to %u are for %s; take one "
                                     "from %d on",
                                     interface->name, first, ranges[i].last, folder, INTERFACE_OWN);
                first = ranges[i].last + 1;
        }
        return true;
}

bool interface_check(const struct interface *interface, struct idl_error *error)
{
        if (is_keyword(interface->name) || strcmp(interface->name, "names") == 0)
                return wrong(error, interface->line, "an interface cannot be called `%s`",
                             interface->name);
        if (!name_check(interface->name, interface->line, error) || !file_check(interface, error) ||
            !number_check(interface, error))
                return false;
        if (interface->method_count == 0)
                return wrong(error, interface->line, "interface `%s` has no method",
                             interface->name);
        for (unsigned i = 0; i < interface->enum_count; i++)
                if (!enumeration_check(interface, &interface->enums[i], error))
                        return false;
        for (unsigned i = 0; i < interface->record_count; i++)
                if (!record_check(interface, &interface->records[i], error))
                        return false;
        for (unsigned i = 0; i < interface->method_count; i++)
                if (!method_check(interface, i, error))
                        return false;
        return true;
}

bool interfaces_check(struct interface *const *interfaces, unsigned count, unsigned *which,
                      struct idl_error *error)
{
        for (unsigned i = 0; i < count; i++) {
                for (unsigned j = 0; j < i; j++) {
                        const struct interface *one = interfaces[j], *two = interfaces[i];
                        *which = i;
                        if (one->number == two->number)
                                return wrong(error, two->line,
                                             "interface `%s` has the number %u of `%s` (%s)",
                                             two->name, two->number, one->name, one->file);
                        if (strcmp(one->name, two->name) == 0)
                                return wrong(error, two->line, "interface `%s` is also in %s",
                                             two->name, one->file);
                }
        }
        return true;
}
