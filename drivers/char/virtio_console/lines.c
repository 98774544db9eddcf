/* Lines; see lines.h. */
#include "drivers/char/virtio_console/lines.h"

#include <assert.h>
#include <linux/virtio_console.h>

static uint32_t little(const uint8_t *bytes, unsigned count)
{
        uint32_t value = 0;
        while (count-- > 0)
                value = value << 8 | bytes[count];
        return value;
}

void line_message_write(const struct line_message *message, uint8_t bytes[LINE_MESSAGE_BYTES])
{
        for (unsigned i = 0; i < 4; i++)
                bytes[i] = (uint8_t)(message->port >> 8 * i);
        for (unsigned i = 0; i < 2; i++) {
                bytes[4 + i] = (uint8_t)(message->event >> 8 * i);
                bytes[6 + i] = (uint8_t)(message->value >> 8 * i);
        }
}

static struct line_message message_of(unsigned line, uint16_t event, uint16_t value)
{
        return (struct line_message){line + 1, event, value};
}

/* A connection that begins ends the one before it, should the device have said nothing of that. */
static void host_opens(struct line *line, bool open)
{
        line->over = line->over || line->taken;
        line->spent = false;
        line->host_open = open;
}

enum lines_answer lines_take(struct lines *lines, const uint8_t *bytes, size_t length,
                             struct line_message *answer)
{
        if (length < LINE_MESSAGE_BYTES)
                return LINES_BROKEN;
        uint32_t port = little(bytes, 4), event = little(bytes + 4, 2),
                 value = little(bytes + 6, 2);
        if (port < 1 || port > LINES)
                return LINES_NOTHING;
        struct line *line = &lines->line[port - 1];
        switch (event) {
        case VIRTIO_CONSOLE_PORT_ADD:
                line->present = true;
                *answer = message_of(port - 1, VIRTIO_CONSOLE_PORT_READY, 1);
                return LINES_ANSWER;
        case VIRTIO_CONSOLE_PORT_REMOVE:
                host_opens(line, false);
                line->present = false;
                return LINES_NOTHING;
        case VIRTIO_CONSOLE_PORT_OPEN:
                if (line->present)
                        host_opens(line, value != 0);
                return LINES_NOTHING;
        default:
                return LINES_NOTHING;
        }
}

unsigned lines_offered(const struct lines *lines)
{
        unsigned i = 0;
        while (i < LINES &&
               (!lines->line[i].host_open || lines->line[i].taken || lines->line[i].spent))
                i++;
        return i;
}

void line_take(struct lines *lines, unsigned line, struct line_message *message)
{
        assert(line < LINES && lines->line[line].host_open && !lines->line[line].taken);
        lines->line[line].taken = true;
        lines->line[line].over = false;
        *message = message_of(line, VIRTIO_CONSOLE_PORT_OPEN, 1);
}

void line_drop(struct lines *lines, unsigned line, struct line_message *message)
{
        assert(line < LINES && lines->line[line].taken);
        struct line *dropped = &lines->line[line];
        dropped->spent = dropped->host_open && !dropped->over;
        dropped->taken = dropped->over = false;
        *message = message_of(line, VIRTIO_CONSOLE_PORT_OPEN, 0);
}
