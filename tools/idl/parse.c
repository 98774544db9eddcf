/* Recursive descent over tokens. The first error wins: everything after it is skipped, because each
 * step asks for the error first. */
#include "tools/idl/parse.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tools/idl/check.h"

enum token { TOKEN_END, TOKEN_NAME, TOKEN_NUMBER, TOKEN_SIGN, TOKEN_ARROW };

struct parser {
        const char *text;
        size_t length, at;
        unsigned line;
        enum token token; /* the next one, not yet taken */
        const char *start;
        size_t token_length;
        unsigned token_line;
        char *doc; /* comments since the last token */
        size_t doc_length;
        struct idl_error *error;
        bool failed;
};

__attribute__((format(printf, 3, 4))) static void fail(struct parser *parser, unsigned line,
                                                       const char *format, ...)
{
        if (parser->failed)
                return;
        parser->failed = true;
        parser->error->line = line;
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(parser->error->text, sizeof parser->error->text, format, arguments);
        va_end(arguments);
}

static bool is_lower(char c)
{
        return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

static bool is_name(char c)
{
        return is_lower(c) || is_digit(c) || c == '_';
}

static char peek(const struct parser *parser, size_t ahead)
{
        size_t at = parser->at + ahead;
        return at < parser->length ? parser->text[at] : 0;
}

static void doc_drop(struct parser *parser)
{
        free(parser->doc);
        parser->doc = NULL;
        parser->doc_length = 0;
}

/* Keeps a comment line, from behind its mark. */
static void comment_take(struct parser *parser)
{
        parser->at++;
        if (peek(parser, 0) == ' ')
                parser->at++;
        size_t start = parser->at;
        while (parser->at < parser->length && parser->text[parser->at] != '\n')
                parser->at++;
        size_t bytes = parser->at - start;
        char *doc = realloc(parser->doc, parser->doc_length + bytes + 2);
        if (!doc) {
                fail(parser, parser->line, "out of memory");
                return;
        }
        memcpy(doc + parser->doc_length, parser->text + start, bytes);
        parser->doc_length += bytes;
        doc[parser->doc_length++] = '\n';
        doc[parser->doc_length] = 0;
        parser->doc = doc;
}

/* Skips blanks and comments; an empty line parts a comment from what follows. */
static void blanks_skip(struct parser *parser)
{
        bool line_empty = true;
        while (parser->at < parser->length) {
                char c = parser->text[parser->at];
                if (c == '\n') {
                        if (line_empty)
                                doc_drop(parser);
                        line_empty = true;
                        parser->line++;
                        parser->at++;
                } else if (c == ' ' || c == '\t' || c == '\r') {
                        parser->at++;
                } else if (c == '#') {
                        line_empty = false;
                        comment_take(parser);
                } else {
                        return;
                }
        }
}

/* Reads the next token into the parser. */
static void advance(struct parser *parser)
{
        blanks_skip(parser);
        parser->start = parser->text + parser->at;
        parser->token_line = parser->line;
        parser->token_length = 1;
        char c = peek(parser, 0);
        if (parser->at >= parser->length) {
                parser->token = TOKEN_END;
                parser->token_length = 0;
        } else if (is_lower(c)) {
                parser->token = TOKEN_NAME;
                while (is_name(peek(parser, parser->token_length)))
                        parser->token_length++;
        } else if (is_digit(c)) {
                parser->token = TOKEN_NUMBER;
                while (is_name(peek(parser, parser->token_length)))
                        parser->token_length++;
        } else if (c == '-' && peek(parser, 1) == '>') {
                parser->token = TOKEN_ARROW;
                parser->token_length = 2;
        } else if (c == '(' || c == ')' || c == ',' || c == ':') {
                parser->token = TOKEN_SIGN;
        } else {
                parser->token = TOKEN_END;
                fail(parser, parser->line,
                     "unexpected byte 0x%02x; names are of a to z, 0 to 9 and _", (unsigned char)c);
        }
        parser->at += parser->token_length;
}

static void fail_expected(struct parser *parser, const char *what)
{
        int length = parser->token_length > 40 ? 40 : (int)parser->token_length;
        if (parser->token == TOKEN_END)
                fail(parser, parser->token_line, "expected %s, found the end", what);
        else
                fail(parser, parser->token_line, "expected %s, found `%.*s`", what, length,
                     parser->start);
}

static bool token_is(const struct parser *parser, const char *text)
{
        return !parser->failed && parser->token != TOKEN_END &&
               parser->token_length == strlen(text) &&
               memcmp(parser->start, text, parser->token_length) == 0;
}

static bool take(struct parser *parser, const char *text)
{
        if (!token_is(parser, text))
                return false;
        advance(parser);
        return true;
}

static void expect(struct parser *parser, const char *text)
{
        char what[24];
        snprintf(what, sizeof what, "`%s`", text);
        if (!take(parser, text))
                fail_expected(parser, what);
}

static void name_parse(struct parser *parser, char *name, const char *what)
{
        if (parser->failed)
                return;
        if (parser->token != TOKEN_NAME) {
                fail_expected(parser, what);
                return;
        }
        if (parser->token_length >= IDL_NAME) {
                fail(parser, parser->token_line, "name `%.40s…` is longer than %d characters",
                     parser->start, IDL_NAME - 1);
                return;
        }
        memcpy(name, parser->start, parser->token_length);
        name[parser->token_length] = 0;
        advance(parser);
}

static unsigned number_parse(struct parser *parser, const char *what)
{
        if (parser->failed)
                return 0;
        unsigned long number = 0;
        if (parser->token != TOKEN_NUMBER) {
                fail_expected(parser, what);
                return 0;
        }
        for (size_t i = 0; i < parser->token_length && number <= 65535; i++) {
                if (!is_digit(parser->start[i])) {
                        fail_expected(parser, what);
                        return 0;
                }
                number = number * 10 + (unsigned long)(parser->start[i] - '0');
        }
        if (number < 1 || number > 65535)
                fail(parser, parser->token_line, "%s is not within 1 to 65535", what);
        advance(parser);
        return (unsigned)number;
}

static void type_parse(struct parser *parser, struct parameter *parameter)
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
        if (take(parser, "cap"))
                parameter->type = TYPE_CAP;
        else if (parameter->move || parameter->share)
                fail_expected(parser, "`cap`");
        else if (take(parser, "word"))
                parameter->type = TYPE_WORD;
        else if (take(parser, "bytes"))
                parameter->type = TYPE_BYTES;
        else if (take(parser, "text"))
                parameter->type = TYPE_BYTES, parameter->text = true;
        else
                fail_expected(parser, "a type (word, bytes, text, cap)");
}

static void parameters_parse(struct parser *parser, struct parameters *parameters)
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
                type_parse(parser, parameter);
                parameters->count++;
        } while (take(parser, ","));
        expect(parser, ")");
}

/* The comment that ended right before the next token; it becomes the caller's. */
static char *doc_take(struct parser *parser)
{
        char *doc = parser->doc;
        parser->doc = NULL;
        parser->doc_length = 0;
        return doc;
}

static void method_parse(struct parser *parser, struct interface *interface)
{
        if (!token_is(parser, "method") && !token_is(parser, "oneway")) {
                fail_expected(parser, "`method` or `oneway`");
                return;
        }
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
        method->number = number_parse(parser, "the method's number");
        parameters_parse(parser, &method->in);
        if (method->one_way)
                return;
        expect(parser, "->");
        parameters_parse(parser, &method->out);
}

static void interface_parse(struct parser *parser, struct interface *interface)
{
        advance(parser);
        interface->doc = doc_take(parser);
        interface->line = parser->token_line;
        expect(parser, "interface");
        name_parse(parser, interface->name, "the interface's name");
        interface->number = number_parse(parser, "the interface's number");
        while (!parser->failed && parser->token != TOKEN_END)
                method_parse(parser, interface);
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
                count += parameters->list[i].type == type;
        return count;
}

void interface_free(struct interface *interface)
{
        if (!interface)
                return;
        for (unsigned i = 0; i < interface->method_count; i++)
                free(interface->methods[i].doc);
        free(interface->doc);
        free(interface);
}
