/* The words of a description, one ahead. The first error wins: everything after it is skipped,
 * because each step asks for the error first. */
#ifndef IDL_TOKENS_H
#define IDL_TOKENS_H

#include "tools/idl/model.h"

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

/* Notes an error, unless there is one. */
void fail(struct parser *parser, unsigned line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void fail_expected(struct parser *parser, const char *what);

/* Reads the next token into the parser. */
void advance(struct parser *parser);

/* Whether the next token is that; take() also passes it, expect() fails if it is not. */
bool token_is(const struct parser *parser, const char *text);
bool take(struct parser *parser, const char *text);
void expect(struct parser *parser, const char *text);

/* A name, into IDL_NAME bytes; a number from `least` to 65535. `what`: for the error. */
void name_parse(struct parser *parser, char *name, const char *what);
unsigned number_parse(struct parser *parser, unsigned least, const char *what);

/* The comment that ended right before the next token; it becomes the caller's. NULL: none. */
char *doc_take(struct parser *parser);
void doc_drop(struct parser *parser);

#endif
