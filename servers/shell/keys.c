/* Decodes a terminal's bytes; see keys.h for the states. */
#include "servers/shell/keys.h"

#include "servers/shell/utf8.h"

enum { ESCAPE = 0x1b, DELETE = 0x7f };

static enum key control_key(char byte)
{
        static const unsigned char table[32] = {
            ['A' & 31] = KEY_HOME,      ['B' & 31] = KEY_LEFT,       ['C' & 31] = KEY_CANCEL,
            ['D' & 31] = KEY_CLOSE,     ['E' & 31] = KEY_END,        ['F' & 31] = KEY_RIGHT,
            ['H' & 31] = KEY_BACKSPACE, ['J' & 31] = KEY_ENTER,      ['K' & 31] = KEY_ERASE_REST,
            ['L' & 31] = KEY_CLEAR,     ['M' & 31] = KEY_ENTER,      ['N' & 31] = KEY_DOWN,
            ['P' & 31] = KEY_UP,        ['U' & 31] = KEY_ERASE_LINE, ['W' & 31] = KEY_ERASE_WORD,
        };
        return (enum key)table[byte & 31];
}

/* The key of a sequence `ESC [ parameter final` or `ESC O final`. */
static enum key sequence_key(unsigned parameter, char final)
{
        switch (final) {
        case 'A':
                return KEY_UP;
        case 'B':
                return KEY_DOWN;
        case 'C':
                return KEY_RIGHT;
        case 'D':
                return KEY_LEFT;
        case 'H':
                return KEY_HOME;
        case 'F':
                return KEY_END;
        case '~':
                break;
        default:
                return KEY_NONE;
        }
        switch (parameter) {
        case 1:
        case 7:
                return KEY_HOME;
        case 3:
                return KEY_DELETE;
        case 4:
        case 8:
                return KEY_END;
        default:
                return KEY_NONE;
        }
}

static enum key text_complete(struct keys *keys)
{
        uint32_t code;
        keys->state = KEYS_GROUND;
        /* Broken characters and the control characters of ISO 6429 are no text. */
        if (utf8_next(keys->text, keys->length, &code) != keys->length || code == UTF8_INVALID ||
            (code >= 0x80 && code < 0xa0))
                return KEY_NONE;
        return KEY_TEXT;
}

static enum key take_ground(struct keys *keys, char byte)
{
        bool after_return = keys->after_return;
        keys->after_return = byte == '\r';
        if (byte == '\n' && after_return)
                return KEY_NONE;
        if (byte == ESCAPE) {
                keys->state = KEYS_ESCAPE;
                return KEY_NONE;
        }
        if (byte == DELETE)
                return KEY_BACKSPACE;
        if ((unsigned char)byte < 0x20)
                return control_key(byte);
        keys->text[0] = byte;
        keys->length = 1;
        keys->wanted = utf8_announced((unsigned char)byte);
        if (keys->wanted == 1)
                return text_complete(keys);
        keys->state = KEYS_CHARACTER;
        return KEY_NONE;
}

static enum key take_character(struct keys *keys, char byte)
{
        if (((unsigned char)byte & 0xc0) != 0x80) {
                /* The character was cut off; this byte begins something else. */
                keys->state = KEYS_GROUND;
                return take_ground(keys, byte);
        }
        keys->text[keys->length++] = byte;
        return keys->length == keys->wanted ? text_complete(keys) : KEY_NONE;
}

static enum key take_escape(struct keys *keys, char byte)
{
        keys->parameter = 0;
        keys->more = false;
        switch (byte) {
        case '[':
                keys->state = KEYS_SEQUENCE;
                return KEY_NONE;
        case 'O':
                keys->state = KEYS_SHORT;
                return KEY_NONE;
        case ESCAPE:
                return KEY_NONE;
        default:
                keys->state = KEYS_GROUND;
                /* Ctrl-C counts at any time, else a broken sequence would hold it up. */
                return byte == ('C' & 31) ? KEY_CANCEL : KEY_NONE;
        }
}

static enum key take_sequence(struct keys *keys, char byte)
{
        enum { PARAMETER_MAX = 1000 };
        if (byte >= '0' && byte <= '9') {
                if (!keys->more && keys->parameter < PARAMETER_MAX)
                        keys->parameter = keys->parameter * 10 + (unsigned)(byte - '0');
                return KEY_NONE;
        }
        if (byte >= 0x20 && byte < 0x40) {
                keys->more = true;
                return KEY_NONE;
        }
        keys->state = KEYS_GROUND;
        if (byte >= 0x40 && byte < 0x7f)
                return sequence_key(keys->parameter, byte);
        return take_ground(keys, byte);
}

enum key keys_take(struct keys *keys, char byte)
{
        switch (keys->state) {
        case KEYS_ESCAPE:
                return take_escape(keys, byte);
        case KEYS_SEQUENCE:
                return take_sequence(keys, byte);
        case KEYS_SHORT:
                keys->state = KEYS_GROUND;
                return sequence_key(0, byte);
        case KEYS_CHARACTER:
                return take_character(keys, byte);
        default:
                return take_ground(keys, byte);
        }
}
