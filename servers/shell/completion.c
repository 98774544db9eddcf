/* The word, and what the names have in common; see completion.h. */
#include "servers/shell/completion.h"

#include <string.h>
#include "servers/rt/pure/utf8.h"

/* Where the word before the cursor begins: behind the last blank that is not quoted. False: the
 * cursor is within quotes. */
static bool word_begin(const char *line, size_t cursor, size_t *begin)
{
        char quote = 0;
        *begin = 0;
        for (size_t i = 0; i < cursor; i++) {
                if (line[i] == '\\' && quote != '\'')
                        i++;
                else if (quote)
                        quote = line[i] == quote ? 0 : quote;
                else if (line[i] == '\'' || line[i] == '"')
                        quote = line[i];
                else if (line[i] == ' ')
                        *begin = i + 1;
        }
        return !quote;
}

/* Whether a command may stand behind line[0, begin): at the beginning, and behind a |. */
static bool is_command_place(const char *line, size_t begin)
{
        while (begin > 0 && line[begin - 1] == ' ')
                begin--;
        return begin == 0 || line[begin - 1] == '|';
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
        size_t begin;
        memset(completion, 0, sizeof *completion);
        if (!word_begin(line, cursor, &begin) || !word_read(line, begin, cursor, word, sizeof word))
                return false;
        const char *slash = strrchr(word, '/'), *name = slash ? slash + 1 : word;
        completion->command = !slash && is_command_place(line, begin);
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
        if (!is_text(name, length) || length < begun || memcmp(name, completion->begun, begun) != 0)
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
