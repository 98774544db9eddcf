/* Pieces, and the row of the screen; see share.h. */
#include "drivers/char/serial/share.h"

#include <assert.h>
#include <string.h>

#include "servers/proto/line.h"
#include "servers/proto/shell.h"

enum { ESCAPE_KEY = 0x1b, BELL = 0x07, CHUNK = 256 };

static void put(struct share *share, const char *bytes, size_t count)
{
        if (count > 0)
                share->put(share->context, bytes, count);
}

static void put_mark(struct share *share, char mark)
{
        put(share, &mark, 1);
}

static bool is_mark(char byte)
{
        return byte == LINE_SCREEN || byte == LINE_BATCH || byte == LINE_LOG;
}

/* ---- the row -----------------------------------------------------------------------------------
 */

static void row_begin(struct share *share)
{
        share->row_length = 0;
        share->row_unknown = share->escaping = false;
}

/* The rest of the row was cleared behind what was drawn since the last return: what was there
 * before is gone. */
static void row_forget(struct share *share)
{
        const char *last = memrchr(share->row, '\r', share->escape);
        size_t from = last ? (size_t)(last - share->row) : 0;
        share->row_length -= from;
        memmove(share->row, share->row + from, share->row_length);
}

/* An escape sequence is at its end. A question to the terminal is not to be asked again. */
static void sequence_end(struct share *share, char final)
{
        size_t length = share->row_length - share->escape;
        share->escaping = false;
        if (final == 'n')
                share->row_length = share->escape;
        else if (final == 'K' && length == 3)
                row_forget(share);
}

/* ESC [ … final, or ESC and one byte. */
static void sequence_take(struct share *share, char byte)
{
        size_t length = share->row_length - share->escape;
        bool control = length > 1 && share->row[share->escape + 1] == '[';
        if (length == 1 || (length == 2 && byte == '['))
                return;
        if (!control || ((unsigned char)byte >= 0x40 && (unsigned char)byte <= 0x7e))
                sequence_end(share, byte);
}

static void row_take(struct share *share, char byte)
{
        if (byte == '\n') {
                row_begin(share);
                return;
        }
        if (share->row_unknown || byte == BELL)
                return;
        if (share->row_length == SHARE_ROW) {
                share->row_unknown = true;
                return;
        }
        share->row[share->row_length++] = byte;
        if (!share->escaping && byte == ESCAPE_KEY) {
                share->escaping = true;
                share->escape = share->row_length - 1;
        }
        if (share->escaping)
                sequence_take(share, byte);
        assert(share->row_length <= SHARE_ROW);
}

static void row_put(struct share *share, const char *bytes, size_t count)
{
        put_mark(share, LINE_SCREEN);
        put(share, bytes, count);
        put_mark(share, LINE_LOG);
}

/* ---- pieces ------------------------------------------------------------------------------------
 */

void share_screen(struct share *share, const char *bytes, size_t count)
{
        char chunk[CHUNK];
        put_mark(share, LINE_SCREEN);
        while (count > 0) {
                size_t part = count < CHUNK ? count : CHUNK;
                for (size_t i = 0; i < part; i++) {
                        chunk[i] = is_mark(bytes[i]) ? '?' : bytes[i];
                        row_take(share, chunk[i]);
                }
                put(share, chunk, part);
                bytes += part;
                count -= part;
        }
        put_mark(share, LINE_LOG);
}

void share_batch(struct share *share, const char *bytes, size_t count)
{
        put_mark(share, LINE_BATCH);
        for (size_t i = 0; i < count; i++) {
                bool escaped = is_mark(bytes[i]) || bytes[i] == LINE_ESCAPE;
                char both[] = {LINE_ESCAPE, (char)(bytes[i] ^ LINE_FLIP)};
                put(share, escaped ? both : &bytes[i], escaped ? 2 : 1);
        }
        put_mark(share, LINE_LOG);
}

static void line_show(struct share *share)
{
        static const char clear[] = "\r\x1b[K", below[] = "\r\n";
        if (share->row_unknown)
                row_put(share, below, 2);
        else if (share->row_length > 0)
                row_put(share, clear, sizeof clear - 1);
        put(share, share->line, share->line_length);
        put(share, "\r\n", 2);
        share->line_length = 0;
        if (share->row_unknown)
                row_begin(share);
        else if (share->row_length > 0)
                row_put(share, share->row, share->row_length);
}

size_t share_log(struct share *share, const char *text, size_t count)
{
        for (size_t i = 0; i < count; i++) {
                char byte = text[i];
                if (byte == '\n') {
                        line_show(share);
                        return i + 1;
                }
                if (share->line_length == SHARE_LINE) {
                        line_show(share);
                        return i;
                }
                if (byte == '\r')
                        continue;
                bool acts = (unsigned char)byte < ' ' && byte != '\t';
                share->line[share->line_length++] = acts || byte == 0x7f ? '?' : byte;
        }
        return count;
}

bool share_input(struct share *share, char byte, enum share_tty *tty)
{
        if (!share->commanding && byte == LINE_COMMAND) {
                share->commanding = true;
                return false;
        }
        *tty = share->commanding ? SHARE_BATCH : SHARE_SCREEN;
        if (byte == '\n' || byte == SHELL_CANCEL)
                share->commanding = false;
        return true;
}
