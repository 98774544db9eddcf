/* The word, and what the names have in common; see completion.h. */
#include "servers/shell/completion.h"

#include <string.h>
#include "servers/rt/pure/utf8.h"

/* Where words are up to the cursor. */
struct place {
        size_t begin;       /* of the word at the cursor */
        char quote;         /* that is open there; 0: none */
        char sign;          /* the last word before it was one of | < >; else 0 */
        const char *before; /* the last word before it; NULL: the stage has none */
        size_t before_length;
        unsigned words;   /* of the stage, before it */
        bool run;         /* the stage's first word is `run` … */
        bool has_option;  /* … and the last one is an option of that, which has a value … */
        bool has_program; /* … or the program is there */
        bool piped;       /* it is not the line's first stage */
};

static bool word_is(const struct place *place, const char *text)
{
        return place->before_length == strlen(text) &&
               memcmp(place->before, text, place->before_length) == 0;
}

/* A word ends before the blank, or the sign, at line[end]. */
static void word_pass(struct place *place, const char *line, size_t end)
{
        if (end == place->begin)
                return;
        const bool file = place->sign == '<' || place->sign == '>', value = place->has_option;
        place->before = line + place->begin;
        place->before_length = end - place->begin;
        place->sign = 0;
        if (file)
                return;
        place->has_option = place->run && !value && !place->has_program && *place->before == '-';
        place->has_program |= place->run && !value && !place->has_option;
        if (place->words++ == 0)
                place->run = word_is(place, "run");
}

/* Behind a | another program begins. */
static void sign_pass(struct place *place, char sign, size_t end)
{
        if (sign == '|')
                *place = (struct place){.piped = true};
        place->begin = end;
        place->sign = sign;
}

static struct place place_find(const char *line, size_t cursor)
{
        struct place place = {0};
        for (size_t i = 0; i < cursor; i++) {
                const bool first = i == place.begin;
                if (line[i] == '\\' && place.quote != '\'') {
                        i++;
                } else if (place.quote) {
                        place.quote = line[i] == place.quote ? 0 : place.quote;
                } else if (line[i] == '\'' || line[i] == '"') {
                        place.quote = line[i];
                } else if (line[i] == ' ') {
                        word_pass(&place, line, i);
                        place.begin = i + 1;
                } else if (first && (line[i] == '|' || line[i] == '<' || line[i] == '>')) {
                        sign_pass(&place, line[i], i + 1);
                }
        }
        return place;
}

/* What a word without a slash is there. */
static enum completion_of place_of(const struct place *place)
{
        if (place->sign == '<' || place->sign == '>')
                return COMPLETION_PATH;
        if (place->words == 0)
                return place->piped ? COMPLETION_PROGRAM : COMPLETION_COMMAND;
        if (place->run && place->has_option)
                return word_is(place, "-n") ? COMPLETION_NODE : COMPLETION_PATH;
        if (place->run && !place->has_program)
                return COMPLETION_PROGRAM;
        return place->words == 1 && (word_is(place, "on") || word_is(place, "ping"))
                   ? COMPLETION_NODE
                   : COMPLETION_PATH;
}

/* The word without its backslashes. False: it has quotes or signs, or is too long. */
static bool word_read(const char *line, size_t begin, size_t end, char *word, size_t capacity)
{
        size_t length = 0;
        for (size_t i = begin; i < end; i++) {
                if (strchr("'\"<>|&#", line[i])) /* or 0 */
                        return false;
                if (line[i] == '\\' && ++i == end)
                        return false;
                if (line[i] == 0 || length + 1 == capacity)
                        return false;
                word[length++] = line[i];
        }
        word[length] = 0;
        return true;
}

bool completion_begin(struct completion *completion, const char *line, size_t cursor)
{
        char word[FS_PATH_MAX];
        const struct place place = place_find(line, cursor);
        memset(completion, 0, sizeof *completion);
        if (place.quote || !word_read(line, place.begin, cursor, word, sizeof word))
                return false;
        const char *slash = strrchr(word, '/'), *name = slash ? slash + 1 : word;
        completion->of = slash ? COMPLETION_PATH : place_of(&place);
        if (strlen(name) > FS_NAME_MAX)
                return false;
        memcpy(completion->folder, word, (size_t)(name - word));
        strcpy(completion->begun, name);
        return true;
}

/* Whether a name can be typed. */
static bool is_text(const char *name, size_t length)
{
        for (size_t at = 0; at < length;) {
                uint32_t code;
                at += utf8_next(name + at, length - at, &code);
                if (code < ' ' || code == 0x7f || code == UTF8_INVALID)
                        return false;
        }
        return length > 0 && length <= FS_NAME_MAX;
}

/* Whether the name was offered before: a program may lie in several folders. */
static bool is_there(const struct completion *completion, const char *name, size_t length)
{
        const char *at = completion->names, *end = at + completion->names_length, *newline;
        for (; (newline = memchr(at, '\n', (size_t)(end - at))); at = newline + 1)
                if ((size_t)(newline - at) == length && memcmp(at, name, length) == 0)
                        return true;
        return false;
}

static void common_take(struct completion *completion, const char *name, size_t length)
{
        size_t same = 0;
        while (same < length && completion->common[same] == name[same])
                same++;
        completion->common[same] = 0;
}

void completion_offer(struct completion *completion, const char *name, size_t length, char end)
{
        size_t begun = strlen(completion->begun);
        if (!is_text(name, length) || length < begun ||
            memcmp(name, completion->begun, begun) != 0 || is_there(completion, name, length))
                return;
        if (completion->count++ == 0)
                memcpy(completion->common, name, length);
        else
                common_take(completion, name, length);
        completion->end = end;
        if (length + 1 > sizeof completion->names - completion->names_length)
                return;
        memcpy(completion->names + completion->names_length, name, length);
        completion->names_length += length;
        completion->names[completion->names_length++] = '\n';
}

/* What the names have in common may end within a character, which is left out. */
static size_t whole_length(const char *text)
{
        size_t length = strlen(text), first = length;
        while (first > 0 && ((unsigned char)text[first - 1] & 0xc0) == 0x80)
                first--;
        if (first == 0)
                return length;
        first--;
        return utf8_announced((unsigned char)text[first]) > length - first ? first : length;
}

size_t completion_text(const struct completion *completion, char *text, size_t capacity)
{
        size_t at = strlen(completion->begun), used = 0;
        size_t length = whole_length(completion->common);
        if (completion->count == 0)
                return 0;
        for (; at < length && used + 3 <= capacity; at++) {
                if (strchr(" \\'\"#<>|&", completion->common[at]))
                        text[used++] = '\\';
                text[used++] = completion->common[at];
        }
        if (completion->count == 1 && used < capacity)
                text[used++] = completion->end;
        return used;
}
