/* Makes bytes of others visible; see visible.h. */
#include "servers/rt/pure/visible.h"

#include "servers/rt/pure/utf8.h"

bool visible_code(uint32_t code)
{
        static const struct {
                uint32_t first, last;
        } acting[] = {
            {0x00, 0x1f},
            {0x7f, 0x9f},
            {0x061c, 0x061c},
            {0x200e, 0x200f},
            {0x2028, 0x202e},
            {0x2066, 0x2069},
            {UTF8_INVALID, UTF8_INVALID},
        };
        for (size_t i = 0; i < sizeof acting / sizeof acting[0]; i++)
                if (code >= acting[i].first && code <= acting[i].last)
                        return false;
        return true;
}

/* A number in hexadecimal behind a backslash and a letter. Returns the bytes written. */
static size_t number_write(char *shown, char letter, uint32_t number, size_t digits)
{
        shown[0] = '\\';
        shown[1] = letter;
        for (size_t i = 0; i < digits; i++)
                shown[2 + i] = "0123456789abcdef"[number >> 4 * (digits - 1 - i) & 0xf];
        return 2 + digits;
}

size_t visible_next(const char *text, size_t length, char shown[VISIBLE_MOST], size_t *used)
{
        uint32_t code;
        size_t bytes = utf8_next(text, length, &code);
        if (visible_code(code)) {
                for (size_t i = 0; i < bytes; i++)
                        shown[i] = text[i];
                *used = bytes;
        } else if (bytes == 1) {
                *used = number_write(shown, 'x', (unsigned char)text[0], 2);
        } else {
                *used = number_write(shown, 'u', code, 4);
        }
        return bytes;
}

/* What is shown, on its way to the sink. */
struct piece {
        visible_sink *sink;
        void *context;
        size_t used;
        char bytes[256];
};

static void piece_send(struct piece *piece)
{
        if (piece->used > 0)
                piece->sink(piece->context, piece->bytes, piece->used);
        piece->used = 0;
}

/* Whether what is held may still become a character, or the end of a line. */
static bool unfinished(const struct visible *visible)
{
        const char *held = visible->held;
        if (held[0] == '\r')
                return visible->count == 1;
        for (size_t i = 1; i < visible->count; i++)
                if ((held[i] & 0xc0) != 0x80)
                        return false;
        return visible->count < utf8_announced((unsigned char)held[0]);
}

/* Shows the first character that is held. */
static void held_show(struct visible *visible, struct piece *piece)
{
        const char *held = visible->held;
        bool line_end = held[0] == '\r' && visible->count > 1 && held[1] == '\n';
        size_t taken = 1, used = 1;
        if (sizeof piece->bytes - piece->used < VISIBLE_MOST)
                piece_send(piece);
        char *shown = piece->bytes + piece->used;
        if (held[0] == '\n' || held[0] == '\t' || line_end)
                shown[0] = held[0];
        else
                taken = visible_next(held, visible->count, shown, &used);
        piece->used += used;
        visible->count -= taken;
        for (size_t i = 0; i < visible->count; i++)
                visible->held[i] = visible->held[i + taken];
}

void visible_write(struct visible *visible, const char *bytes, size_t length, visible_sink *sink,
                   void *context)
{
        struct piece piece = {.sink = sink, .context = context};
        for (size_t i = 0; i < length; i++) {
                visible->held[visible->count++] = bytes[i];
                while (visible->count > 0 && !unfinished(visible))
                        held_show(visible, &piece);
        }
        piece_send(&piece);
}

void visible_end(struct visible *visible, visible_sink *sink, void *context)
{
        struct piece piece = {.sink = sink, .context = context};
        while (visible->count > 0)
                held_show(visible, &piece);
        piece_send(&piece);
}
