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

static bool names_check(const struct method *method, struct idl_error *error)
{
        const struct parameter *all[2 * IDL_PARAMETERS];
        unsigned count = 0;
        for (unsigned i = 0; i < method->in.count; i++)
                all[count++] = &method->in.list[i];
        unsigned in = count;
        for (unsigned i = 0; i < method->out.count; i++)
                all[count++] = &method->out.list[i];
        for (unsigned i = 0; i < count; i++) {
                if (!name_check(all[i]->name, all[i]->line, error))
                        return false;
                for (unsigned j = 0; j < count; j++) {
                        bool same_side = (i < in) == (j < in);
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

static bool size_check(const struct method *method, const struct parameters *parameters,
                       const char *direction, struct idl_error *error)
{
        unsigned bytes = parameters_of(parameters, TYPE_BYTES);
        unsigned words = parameters_of(parameters, TYPE_WORD);
        unsigned caps = parameters_of(parameters, TYPE_CAP);
        if (words + bytes > MESSAGE_WORDS)
                return wrong(error, method->line,
                             "method `%s`: %u words and %u lengths %s are more than %d",
                             method->name, words, bytes, direction, MESSAGE_WORDS);
        if (bytes > MESSAGE_SEND_BUFFERS)
                return wrong(error, method->line, "method `%s`: more than %d bytes parameters %s",
                             method->name, MESSAGE_SEND_BUFFERS, direction);
        if (caps > MESSAGE_CAPS)
                return wrong(error, method->line, "method `%s`: more than %d capabilities %s",
                             method->name, MESSAGE_CAPS, direction);
        return true;
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
        return size_check(method, &method->in, "in", error) &&
               size_check(method, &method->out, "out", error) && names_check(method, error);
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
