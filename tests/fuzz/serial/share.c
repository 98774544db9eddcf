/* A shared line, whatever is written and said: each kind comes out as it went in, and what one
 * piece takes is bounded. And any bytes from a node, taken apart, are of one kind each. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/char/serial/share.h"
#include "servers/proto/line.h"
#include "tools/ptl/channels.h"

enum { BYTES = 1 << 20 };

struct bytes {
        size_t length;
        char at[BYTES];
};

static struct bytes sent, batch, shown;

static void put(void *context, const char *bytes, size_t count)
{
        struct bytes *to = context;
        if (count > BYTES - to->length)
                abort();
        memcpy(to->at + to->length, bytes, count);
        to->length += count;
}

static void piece(struct share *share, unsigned kind, char *bytes, size_t count)
{
        size_t before = sent.length, most = 2 * count + SHARE_AROUND;
        if (kind == 0) {
                share_batch(share, bytes, count);
                put(&batch, bytes, count);
        } else if (kind == 1) {
                share_screen(share, bytes, count);
                most = count + SHARE_AROUND;
        } else {
                most = 0;
                for (size_t done = 0; done < count; most += SHARE_LOG_MOST)
                        done += share_log(share, bytes + done, count - done);
        }
        if (sent.length - before > most)
                abort();
}

/* Of one channel, into `shown`. */
static size_t length_of(const char *bytes, size_t length, enum channel wanted)
{
        struct channels channels = {0};
        shown.length = 0;
        for (size_t i = 0; i < length; i++) {
                char byte = bytes[i];
                if (channels_take(&channels, &byte) == wanted)
                        shown.at[shown.length++] = byte;
        }
        return shown.length;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static char copy[BYTES];
        struct share share = {.put = put, .context = &sent};
        enum share_tty tty;
        if (size > BYTES)
                return 0;
        sent.length = batch.length = 0;
        memcpy(copy, data, size);
        for (size_t at = 0, count; at + 2 < size; at += 2 + count) {
                count = 1 + data[at + 1];
                count = count < size - at - 2 ? count : size - at - 2;
                piece(&share, data[at] % 3, copy + at + 2, count);
                share_input(&share, copy[at], &tty);
        }
        if (length_of(sent.at, sent.length, CHANNEL_BATCH) != batch.length ||
            memcmp(shown.at, batch.at, batch.length) != 0)
                abort();
        if (length_of((const char *)data, size, CHANNEL_LOG) +
                length_of((const char *)data, size, CHANNEL_SCREEN) +
                length_of((const char *)data, size, CHANNEL_BATCH) >
            size)
                abort();
        return 0;
}
