/* Recursive descent: one function for each part of the grammar (README.md). What a parameter names,
 * an enum or a record, stands before it in the file. */
#include "tools/idl/parse.h"

#include <stdlib.h>
#include <string.h>
#include "tools/idl/check.h"
#include "tools/idl/tokens.h"

static void cap_parse(struct parser *parser, struct parameter *parameter)
{
        for (;;) {
                bool *mark = token_is(parser, "move")    ? &parameter->move
                             : token_is(parser, "share") ? &parameter->share
                                                         : NULL;
                if (!mark)
                        break;
                if (*mark)
                        fail_expected(parser, "`cap`");
                *mark = true;
                advance(parser);
        }
        expect(parser, "cap");
        parameter->type = TYPE_CAP;
}

static const struct enumeration *enumeration_named(const struct parser *parser,
                                                   const struct interface *interface)
{
        for (unsigned i = 0; i < interface->enum_count; i++)
                if (token_is(parser, interface->enums[i].name))
                        return &interface->enums[i];
        return NULL;
}

static const struct record *record_named(const struct parser *parser,
                                         const struct interface *interface)
{
        for (unsigned i = 0; i < interface->record_count; i++)
                if (token_is(parser, interface->records[i].name))
                        return &interface->records[i];
        return NULL;
}

/* A word or bytes, as a parameter or as an element. `what`: for the error. */
static enum type value_parse(struct parser *parser, const struct interface *interface,
                             struct parameter *parameter, const char *what)
{
        if (take(parser, "word"))
                return TYPE_WORD;
        if (take(parser, "bytes"))
                return TYPE_BYTES;
        parameter->text = take(parser, "text");
        if (parameter->text)
                return TYPE_BYTES;
        parameter->values = enumeration_named(parser, interface);
        parameter->record = record_named(parser, interface);
        if (parameter->values || parameter->record)
                advance(parser);
        else
                fail_expected(parser, what);
        return parameter->values ? TYPE_WORD : TYPE_BYTES;
}

static void type_parse(struct parser *parser, const struct interface *interface,
                       struct parameter *parameter)
{
        static const char what[] = "a type (word, bytes, text, cap, list, an enum, a record)";
        parameter->optional = take(parser, "optional");
        if (token_is(parser, "move") || token_is(parser, "share") || token_is(parser, "cap")) {
                cap_parse(parser, parameter);
        } else if (take(parser, "list")) {
                parameter->type = TYPE_BYTES;
                parameter->list_most = number_parse(parser, 1, "the most elements of a list");
                expect(parser, "of");
                parameter->element =
                    value_parse(parser, interface, parameter,
                                "the type of elements (word, bytes, text, an enum, a record)");
        } else {
                parameter->type = value_parse(parser, interface, parameter, what);
        }
}

static void parameters_parse(struct parser *parser, const struct interface *interface,
                             struct parameters *parameters)
{
        expect(parser, "(");
        if (take(parser, ")"))
                return;
        do {
                if (parameters->count == IDL_PARAMETERS) {
                        fail(parser, parser->token_line, "more than %d parameters", IDL_PARAMETERS);
                        return;
                }
                struct parameter *parameter = &parameters->list[parameters->count];
                parameter->line = parser->token_line;
                name_parse(parser, parameter->name, "a parameter");
                expect(parser, ":");
                type_parse(parser, interface, parameter);
                parameters->count++;
        } while (take(parser, ","));
        expect(parser, ")");
}

static void value_add(struct parser *parser, struct enumeration *enumeration)
{
        if (enumeration->count == IDL_VALUES) {
                fail(parser, parser->token_line, "more than %d values", IDL_VALUES);
                return;
        }
        struct value *value = &enumeration->values[enumeration->count++];
        value->line = parser->token_line;
        name_parse(parser, value->name, "a value");
        value->number = number_parse(parser, 0, "the value's number");
}

static void enumeration_parse(struct parser *parser, struct interface *interface)
{
        if (interface->enum_count == IDL_ENUMS) {
                fail(parser, parser->token_line, "more than %d enums", IDL_ENUMS);
                return;
        }
        struct enumeration *enumeration = &interface->enums[interface->enum_count];
        enumeration->doc = doc_take(parser);
        enumeration->line = parser->token_line;
        advance(parser);
        name_parse(parser, enumeration->name, "the enum's name");
        expect(parser, "(");
        do
                value_add(parser, enumeration);
        while (take(parser, ","));
        expect(parser, ")");
        interface->enum_count++;
}

/* It can be named from its end on: no record holds itself. */
static void record_parse(struct parser *parser, struct interface *interface)
{
        if (interface->record_count == IDL_RECORDS) {
                fail(parser, parser->token_line, "more than %d records", IDL_RECORDS);
                return;
        }
        struct record *record = &interface->records[interface->record_count];
        record->doc = doc_take(parser);
        record->line = parser->token_line;
        advance(parser);
        name_parse(parser, record->name, "the record's name");
        parameters_parse(parser, interface, &record->fields);
        interface->record_count++;
}

static void method_parse(struct parser *parser, struct interface *interface)
{
        if (interface->method_count == IDL_METHODS) {
                fail(parser, parser->token_line, "more than %d methods", IDL_METHODS);
                return;
        }
        struct method *method = &interface->methods[interface->method_count++];
        method->doc = doc_take(parser);
        method->line = parser->token_line;
        method->one_way = token_is(parser, "oneway");
        advance(parser);
        name_parse(parser, method->name, "the method's name");
        method->number = number_parse(parser, 1, "the method's number");
        parameters_parse(parser, interface, &method->in);
        if (method->one_way)
                return;
        expect(parser, "->");
        parameters_parse(parser, interface, &method->out);
}

static void interface_parse(struct parser *parser, struct interface *interface)
{
        advance(parser);
        interface->doc = doc_take(parser);
        interface->line = parser->token_line;
        expect(parser, "interface");
        name_parse(parser, interface->name, "the interface's name");
        interface->number = number_parse(parser, 1, "the interface's number");
        while (!parser->failed && parser->token != TOKEN_END) {
                if (token_is(parser, "enum"))
                        enumeration_parse(parser, interface);
                else if (token_is(parser, "record"))
                        record_parse(parser, interface);
                else if (token_is(parser, "method") || token_is(parser, "oneway"))
                        method_parse(parser, interface);
                else
                        fail_expected(parser, "`method`, `oneway`, `enum` or `record`");
        }
}

struct interface *idl_parse(const char *text, size_t length, const char *file,
                            struct idl_error *error)
{
        struct parser parser = {.text = text, .length = length, .line = 1, .error = error};
        struct interface *interface = calloc(1, sizeof *interface);
        if (!interface) {
                *error = (struct idl_error){.text = "out of memory"};
                return NULL;
        }
        interface->file = file;
        interface_parse(&parser, interface);
        doc_drop(&parser);
        if (parser.failed || !interface_check(interface, error)) {
                interface_free(interface);
                return NULL;
        }
        return interface;
}

unsigned parameters_of(const struct parameters *parameters, enum type type)
{
        unsigned count = 0;
        for (unsigned i = 0; i < parameters->count; i++)
                count += parameters->list[i].type == type && !parameters->list[i].optional;
        return count;
}

unsigned optionals_of(const struct parameters *parameters)
{
        unsigned count = 0;
        for (unsigned i = 0; i < parameters->count; i++)
                count += parameters->list[i].optional;
        return count;
}

void interface_free(struct interface *interface)
{
        if (!interface)
                return;
        for (unsigned i = 0; i < IDL_ENUMS; i++)
                free(interface->enums[i].doc);
        for (unsigned i = 0; i < IDL_RECORDS; i++)
                free(interface->records[i].doc);
        for (unsigned i = 0; i < interface->method_count; i++)
                free(interface->methods[i].doc);
        free(interface->doc);
        free(interface);
}
