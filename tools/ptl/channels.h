/* What comes over a line that a node's log and shells share (servers/proto/line.h), taken apart.
 * Pure. */
#ifndef PTL_CHANNELS_H
#define PTL_CHANNELS_H

#include <stdbool.h>

enum channel { CHANNEL_NONE, CHANNEL_LOG, CHANNEL_SCREEN, CHANNEL_BATCH };

/* All zero: at the beginning, where the log stands. */
struct channels {
        enum channel channel; /* CHANNEL_NONE: CHANNEL_LOG */
        bool escaped;         /* the byte before was LINE_ESCAPE */
};

/* Takes the next byte. Returns whose it is: CHANNEL_NONE, it only says what follows; else *byte is
 * what was meant. */
enum channel channels_take(struct channels *channels, char *byte);

#endif
