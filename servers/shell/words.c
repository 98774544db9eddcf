/* Splits command lines; see words.h for the syntax. */
#include "servers/shell/words.h"

#include <string.h>

struct split {
        const char *line;
        size_t length, at;
        struct words *words;
        size_t used;    /* bytes of words->text */
        bool open;      /* a word has begun */
        size_t word_at; /* … here in words->text */
};

_Static_assert(WORDS_MAX == 64, "as word_end() says");

static bool is_blank(char c)
{
        return c == ' ' || c == '\t' || c == '\r';
}

static void word_begin(struct split *split)
{
        if (!split->open)
                split->word_at = split->used;
        split->open = true;
}

static void word_add(struct split *split, char c)
{
        word_begin(split);
        split->words->text[split->used++] = c;
}

static const char *word_end(struct split *split)
{
        struct words *words = split->words;
        if (!split->open)
                return NULL;
        if (words->count == WORDS_MAX)
                return "a line has at most 64 words; this one was not run";
        words->text[split->used++] = 0;
        words->word[words->count++] = words->text + split->word_at;
        split->open = false;
        return NULL;
}

/* Takes a quoted piece; `at` is behind the opening quote. */
static const char *take_quoted(struct split *split, char quote)
{
        word_begin(split);
        while (split->at < split->length && split->line[split->at] != quote) {
                char c = split->line[split->at++];
                char next = split->at < split->length ? split->line[split->at] : 0;
                if (quote == '"' && c == '\\' && (next == '"' || next == '\\')) {
                        c = next;
                        split->at++;
                }
                word_add(split, c);
        }
        if (split->at == split->length)
                return quote == '"' ? "a \" is not closed" : "a ' is not closed";
        split->at++;
        return NULL;
}

/* The length of the operator that stands at `at`; 0: there is none. */
static size_t operator_length(const struct split *split)
{
        static const char *const operators[] = {"2>>", "2>", ">>", "<", ">", "|"};
        for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++) {
                size_t length = strlen(operators[i]);
                if (length <= split->length - split->at &&
                    memcmp(split->line + split->at, operators[i], length) == 0)
                        return length;
        }
        return 0;
}

static const char *take_operator(struct split *split, size_t length)
{
        while (length-- > 0)
                word_add(split, split->line[split->at++]);
        split->words->operators |= 1ull << split->words->count % WORDS_MAX;
        return word_end(split);
}

/* Nothing but blanks and a comment may follow `&`. */
static const char *take_background(struct split *split)
{
        const char *wrong = word_end(split);
        while (split->at < split->length && is_blank(split->line[split->at]))
                split->at++;
        if (split->at < split->length && split->line[split->at] != '#')
                return "& must be the last word of the line; as text it is quoted";
        if (split->words->count == 0)
                return "there is no command before &";
        split->words->background = true;
        split->at = split->length;
        return wrong;
}

static const char *take_next(struct split *split)
{
        size_t length = split->open ? 0 : operator_length(split);
        if (length > 0)
                return take_operator(split, length);
        char c = split->line[split->at++];
        if (is_blank(c))
                return word_end(split);
        if (c == 0 || c == '\n')
                return "a byte 0 is no part of a command; the line was not run";
        if (c == '#' && !split->open) {
                split->at = split->length;
                return NULL;
        }
        if (c == '&')
                return take_background(split);
        if (c == '\'' || c == '"')
                return take_quoted(split, c);
        if (c == '\\') {
                if (split->at == split->length)
                        return "there is no character behind \\";
                c = split->line[split->at++];
        }
        word_add(split, c);
        return NULL;
}

const char *words_split(const char *line, size_t length, struct words *words)
{
        struct split split = {.line = line, .length = length, .words = words};
        words->count = 0;
        words->background = false;
        words->operators = 0;
        words->word[0] = NULL;
        if (length > SHELL_LINE_MAX)
                return LINE_TOO_LONG;
        const char *wrong = NULL;
        while (!wrong && split.at < length)
                wrong = take_next(&split);
        if (!wrong)
                wrong = word_end(&split);
        words->word[words->count] = NULL;
        return wrong;
}

void words_copy(struct words *to, const struct words *from, int first)
{
        memcpy(to->text, from->text, sizeof to->text);
        to->background = from->background;
        to->operators = from->operators >> first;
        to->count = 0;
        for (int i = first; i < from->count; i++)
                to->word[to->count++] = to->text + (from->word[i] - from->text);
        to->word[to->count] = NULL;
}
