/* The mode of a terminal, as interface tty tells it (attributes, set_attributes): Linux's struct
 * termios, without its line discipline. */
#ifndef PROTO_TERMINALS_H
#define PROTO_TERMINALS_H

#include <stdint.h>

enum { TERMINAL_CHARACTERS = 19 }; /* VINTR, VQUIT … by Linux's numbers */

struct terminal_mode {
        uint32_t input, output, control, local;
        uint8_t characters[TERMINAL_CHARACTERS];
};

/* When a mode is set: at once, when all output is shown, or then and without the input that nobody
 * has read (TCSANOW, TCSADRAIN, TCSAFLUSH). */
enum { TERMINAL_NOW, TERMINAL_DRAIN, TERMINAL_FLUSH };

#endif
