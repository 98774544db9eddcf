/* The words of a description; see tokens.h. Comments become the documentation of what follows. */
#include "tools/idl/tokens.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fail(struct parser *parser, unsigned line, const char *format, ...)
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

void doc_drop(struct parser *parser)
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

void advance(struct parser *parser)
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
        } else if (c != 0 && strchr("(),:", c)) {
                parser->token = TOKEN_SIGN;
        } else {
                parser->token = TOKEN_END;
                fail(parser, parser->line,
                     "unexpected byte 0x%02x; names are of a to z, 0 to 9 and _", (unsigned char)c);
        }
        parser->at += parser->token_length;
}

void fail_expected(struct parser *parser, const char *what)
{
        int length = parser->token_length > 40 ? 40 : (int)parser->token_length;
        if (parser->token == TOKEN_END)
                fail(parser, parser->token_line, "expected %s, found the end", what);
        else
                fail(parser, parser->token_line, "expected %s, found `%.*s`", what, length,
                     parser->start);
}

bool token_is(const struct parser *parser, const char *text)
{
        return !parser->failed && parser->token != TOKEN_END &&
               parser->token_length == strlen(text) &&
               memcmp(parser->start, text, parser->token_length) == 0;
}

bool take(struct parser *parser, const char *text)
{
        if (!token_is(parser, text))
                return false;
        advance(parser);
        return true;
}

void expect(struct parser *parser, const char *text)
{
        char what[24];
        snprintf(what, sizeof what, "`%s`", text);
        if (!take(parser, text))
                fail_expected(parser, what);
}

void name_parse(struct parser *parser, char *name, const char *what)
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

unsigned number_parse(struct parser *parser, unsigned least, const char *what)
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
        if (number < least || number > 65535)
                fail(parser, parser->token_line, "%s is not within %u to 65535", what, least);
        advance(parser);
        return (unsigned)number;
}

char *doc_take(struct parser *parser)
{
        char *doc = parser->doc;
        parser->doc = NULL;
        parser->doc_length = 0;
        return doc;
}
