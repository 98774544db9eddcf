/* Decodes a terminal's bytes; see keys.h for the states. */
#include "servers/shell/keys.h"

#include <string.h>
#include "servers/rt/pure/utf8.h"

enum { ESCAPE = 0x1b, DELETE = 0x7f };
enum { PASTE_BEGINS = 200, PASTE_ENDS = 201 };

/* The key that a control character is. */
static enum key control_key(char byte)
{
        static const unsigned char table[32] = {
            ['A' & 31] = KEY_HOME,      ['B' & 31] = KEY_LEFT,       ['C' & 31] = KEY_CANCEL,
            ['D' & 31] = KEY_CLOSE,     ['E' & 31] = KEY_END,        ['F' & 31] = KEY_RIGHT,
            ['H' & 31] = KEY_BACKSPACE, ['J' & 31] = KEY_ENTER,      ['K' & 31] = KEY_ERASE_REST,
            ['L' & 31] = KEY_CLEAR,     ['M' & 31] = KEY_ENTER,      ['N' & 31] = KEY_DOWN,
            ['P' & 31] = KEY_UP,        ['U' & 31] = KEY_ERASE_LINE, ['W' & 31] = KEY_ERASE_WORD,
            ['G' & 31] = KEY_ABANDON,   ['R' & 31] = KEY_SEARCH,
        };
        return (enum key)table[byte & 31];
}

/* The key of a sequence `ESC O final`, or of `ESC [ final` without a meaning of its number. */
static enum key final_key(char final)
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
        default:
                return KEY_NONE;
        }
}

/* The key of `ESC [ number ~`. */
static enum key numbered_key(struct keys *keys, unsigned number)
{
        switch (number) {
        case 1:
        case 7:
                return KEY_HOME;
        case 3:
                return KEY_DELETE;
        case 4:
        case 8:
                return KEY_END;
        case PASTE_BEGINS:
        case PASTE_ENDS:
                keys->pasting = number == PASTE_BEGINS;
                return KEY_NONE;
        default:
                return KEY_NONE;
        }
}

/* The key of `ESC [ numbers final`. The report of a size is xterm's (XTWINOPS 18), that of the
 * cursor's position is CPR of ECMA-48. */
static enum key sequence_key(struct keys *keys, char final)
{
        enum { SIZE = 8, WITH_CONTROL = 5 };
        if (keys->other)
                return KEY_NONE;
        if (final == '~')
                return numbered_key(keys, keys->numbers[0]);
        if (final == 't')
                return keys->numbers[0] == SIZE ? KEY_SIZE : KEY_NONE;
        if (final == 'R')
                return KEY_POSITION;
        if (keys->numbers[1] == WITH_CONTROL && (final == 'C' || final == 'D'))
                return final == 'C' ? KEY_WORD_RIGHT : KEY_WORD_LEFT;
        return final_key(final);
}

/* What came is no text. */
static enum key lose(struct keys *keys)
{
        keys->state = KEYS_GROUND;
        keys->lost = true;
        return KEY_NONE;
}

static enum key text_complete(struct keys *keys)
{
        uint32_t code;
        utf8_next(keys->text, keys->length, &code);
        if (code == UTF8_INVALID)
                return lose(keys);
        keys->state = KEYS_GROUND;
        return KEY_TEXT;
}

/* Of what is pasted only the ends of lines are keys, and Ctrl-C, which counts at any time. */
static enum key take_control(struct keys *keys, char byte)
{
        enum key key = byte == DELETE ? KEY_BACKSPACE : control_key(byte);
        if (key == KEY_CANCEL)
                keys->pasting = false;
        if (key == KEY_NONE || (keys->pasting && key != KEY_ENTER))
                return lose(keys);
        return key;
}

static enum key take_ground(struct keys *keys, char byte)
{
        bool after_return = keys->after_return;
        keys->state = KEYS_GROUND;
        keys->after_return = byte == '\r';
        if (byte == '\n' && after_return)
                return KEY_NONE;
        if (byte == ESCAPE) {
                keys->state = KEYS_ESCAPE;
                return KEY_NONE;
        }
        keys->text[0] = byte;
        keys->length = 1;
        if (byte == '\t')
                return keys->pasting ? KEY_TEXT : KEY_TAB;
        if ((unsigned char)byte < 0x20 || byte == DELETE)
                return take_control(keys, byte);
        keys->wanted = utf8_announced((unsigned char)byte);
        if (keys->wanted == 1)
                return text_complete(keys);
        keys->state = KEYS_CHARACTER;
        return KEY_NONE;
}

/* What had begun is cut off; the byte begins something else. */
static enum key take_anew(struct keys *keys, char byte)
{
        lose(keys);
        return take_ground(keys, byte);
}

static enum key take_character(struct keys *keys, char byte)
{
        if (((unsigned char)byte & 0xc0) != 0x80)
                return take_anew(keys, byte);
        keys->text[keys->length++] = byte;
        return keys->length == keys->wanted ? text_complete(keys) : KEY_NONE;
}

/* A sequence has ended. In what is pasted it is no key, but for the one that ends that and for the
 * size, which comes from the terminal's other end at any time. */
static enum key take_final(struct keys *keys, enum key key, bool pasted)
{
        keys->state = KEYS_GROUND;
        return pasted && keys->pasting && key != KEY_SIZE ? lose(keys) : key;
}

static enum key take_escape(struct keys *keys, char byte)
{
        memset(keys->numbers, 0, sizeof keys->numbers);
        keys->number = 0;
        keys->other = false;
        if (byte == '[')
                keys->state = KEYS_SEQUENCE;
        else if (byte == 'O')
                keys->state = KEYS_SHORT;
        else if (byte == 'b' || byte == 'f')
                return take_final(keys, byte == 'b' ? KEY_WORD_LEFT : KEY_WORD_RIGHT,
                                  keys->pasting);
        else if (byte != ESCAPE)
                return (unsigned char)byte < 0x20 ? take_anew(keys, byte) : lose(keys);
        return KEY_NONE;
}

static enum key take_sequence(struct keys *keys, char byte)
{
        if (byte >= '0' && byte <= '9') {
                unsigned *number = &keys->numbers[keys->number];
                if (keys->number < KEYS_NUMBERS && *number <= KEYS_NUMBER_MAX / 10)
                        *number = *number * 10 + (unsigned)(byte - '0');
                return KEY_NONE;
        }
        if (byte == ';') {
                keys->number += keys->number < KEYS_NUMBERS;
                return KEY_NONE;
        }
        if (byte >= 0x20 && byte < 0x40) {
                keys->other = true;
                return KEY_NONE;
        }
        if (byte < 0x40 || byte == DELETE)
                return take_anew(keys, byte);
        bool pasted = keys->pasting;
        return take_final(keys, sequence_key(keys, byte), pasted);
}

enum key keys_take(struct keys *keys, char byte)
{
        switch (keys->state) {
        case KEYS_ESCAPE:
                return take_escape(keys, byte);
        case KEYS_SEQUENCE:
                return take_sequence(keys, byte);
        case KEYS_SHORT:
                if (byte >= 0x40 && byte < 0x7f)
                        return take_final(keys, final_key(byte), keys->pasting);
                return take_anew(keys, byte);
        case KEYS_CHARACTER:
                return take_character(keys, byte);
        default:
                return take_ground(keys, byte);
        }
}

void keys_lost(struct keys *keys)
{
        *keys = (struct keys){.lost = true};
}
