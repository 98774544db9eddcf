/* Writes the packets of a sample capture as another tool would have captured them.
 *
 *      rewrap vlan IN OUT      with an 802.1Q tag
 *      rewrap cooked IN OUT    as Linux captures on all interfaces at once: LINKTYPE_LINUX_SLL
 *
 * Any mistake ends the program with a message: it is a test's tool. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
        FILE_HEADER = 24,
        LINK_TYPE = 20, /* where it stands in the file's header */
        LINUX_SLL = 113,
        ETHERNET = 14, /* bytes of its header */
        ADDRESSES = 12,
        PACKET_ROOM = 2048,
};

struct record {
        uint32_t seconds, fraction, captured, length;
};

/* What stands in place of the first `cut` bytes of a frame. */
struct wrapping {
        uint8_t bytes[24];
        uint32_t size, cut;
};

static void fail(const char *what)
{
        fprintf(stderr, "rewrap: %s\n", what);
        exit(1);
}

static struct wrapping vlan(const uint8_t *frame)
{
        static const uint8_t tag[] = {0x81, 0x00, 0x00, 0x05};
        struct wrapping wrapping = {.size = ADDRESSES + sizeof tag, .cut = ADDRESSES};
        memcpy(wrapping.bytes, frame, ADDRESSES);
        memcpy(wrapping.bytes + ADDRESSES, tag, sizeof tag);
        return wrapping;
}

static struct wrapping cooked(const uint8_t *frame)
{
        /* To us, ARPHRD_ETHER, an address of six bytes; the sender's; the EtherType. */
        struct wrapping wrapping = {.bytes = {0, 0, 0, 1, 0, 6}, .size = 16, .cut = ETHERNET};
        memcpy(wrapping.bytes + 6, frame + 6, 6);
        memcpy(wrapping.bytes + 14, frame + ADDRESSES, 2);
        return wrapping;
}

static void rewrap(FILE *in, FILE *out, struct wrapping (*wrap)(const uint8_t *frame))
{
        uint8_t frame[PACKET_ROOM];
        struct record record;
        while (fread(&record, sizeof record, 1, in) == 1) {
                uint32_t captured = record.captured;
                if (captured < ETHERNET || captured > sizeof frame ||
                    fread(frame, captured, 1, in) != 1)
                        fail("the input is no capture of sample");
                struct wrapping wrapping = wrap(frame);
                record.captured += wrapping.size - wrapping.cut;
                record.length += wrapping.size - wrapping.cut;
                if (fwrite(&record, sizeof record, 1, out) != 1 ||
                    fwrite(wrapping.bytes, wrapping.size, 1, out) != 1 ||
                    fwrite(frame + wrapping.cut, captured - wrapping.cut, 1, out) != 1)
                        fail("the output cannot be written; is the disk full?");
        }
}

int main(int count, char **arguments)
{
        uint8_t header[FILE_HEADER];
        if (count != 4 || (strcmp(arguments[1], "vlan") && strcmp(arguments[1], "cooked")))
                return fprintf(stderr, "usage: rewrap vlan|cooked IN OUT\n"), 2;
        FILE *in = fopen(arguments[2], "rb"), *out = fopen(arguments[3], "wb");
        if (!in || !out || fread(header, sizeof header, 1, in) != 1)
                fail("a file cannot be opened");
        int is_cooked = !strcmp(arguments[1], "cooked");
        if (is_cooked)
                header[LINK_TYPE] = LINUX_SLL;
        if (fwrite(header, sizeof header, 1, out) != 1)
                fail("the output cannot be written; is the disk full?");
        rewrap(in, out, is_cooked ? cooked : vlan);
        fclose(in);
        return fclose(out) ? 1 : 0;
}
