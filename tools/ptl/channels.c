/* See channels.h. Whatever a node writes, a byte belongs to one channel. */
#include "tools/ptl/channels.h"

#include "servers/proto/line.h"

static enum channel channel_begun(char byte)
{
        return byte == LINE_SCREEN  ? CHANNEL_SCREEN
               : byte == LINE_BATCH ? CHANNEL_BATCH
               : byte == LINE_LOG   ? CHANNEL_LOG
                                    : CHANNEL_NONE;
}

enum channel channels_take(struct channels *channels, char *byte)
{
        enum channel begun = channel_begun(*byte);
        if (begun != CHANNEL_NONE) {
                *channels = (struct channels){.channel = begun};
                return CHANNEL_NONE;
        }
        if (channels->channel == CHANNEL_BATCH && *byte == LINE_ESCAPE) {
                channels->escaped = true;
                return CHANNEL_NONE;
        }
        if (channels->escaped)
                *byte ^= LINE_FLIP;
        channels->escaped = false;
        return channels->channel ? channels->channel : CHANNEL_LOG;
}
