/* The wire format: what is accepted, and that all else is refused without reading too far. */
#include <stdlib.h>
#include <string.h>

#include "netipc/core/crc32c.h"
#include "tests/unit/netipc/lab.h"

static struct wire_msg good_msg(void)
{
        return (struct wire_msg){.type = FRAME_MSG,
                                 .flags = MSG_FLAG_LAST,
                                 .fragment_length = 24,
                                 .words = 1,
                                 .caps = 1,
                                 .call = wire_call_id(3, 9),
                                 .export_id = 1,
                                 .generation = 1,
                                 .total = 24};
}

static enum wire_error decode(const void *fixed, size_t size, size_t payload)
{
        uint8_t *bytes = calloc(1, size + payload);
        memcpy(bytes, fixed, size);
        struct wire_frame frame;
        size_t used = 0;
        enum wire_error error = wire_frame_decode(bytes, size + payload, &frame, &used);
        if (error == WIRE_OK)
                ck_assert_uint_eq(used, size + payload);
        free(bytes);
        return error;
}

START_TEST(msg_that_is_whole_is_taken)
{
        struct wire_msg msg = good_msg();
        ck_assert_int_eq(decode(&msg, sizeof(msg), 24), WIRE_OK);
        ck_assert_int_eq(decode(&msg, sizeof(msg), 23), WIRE_BAD_TRUNCATED);
}
END_TEST

START_TEST(msg_that_contradicts_itself_is_refused)
{
        struct wire_msg msg = good_msg();
        msg.words = 9;
        ck_assert_int_eq(decode(&msg, sizeof(msg), 24), WIRE_BAD_COUNT);
        msg = good_msg();
        msg.total = 23;
        ck_assert_int_eq(decode(&msg, sizeof(msg), 24), WIRE_BAD_LENGTH);
        msg = good_msg();
        msg.offset = UINT32_MAX;
        ck_assert_int_eq(decode(&msg, sizeof(msg), 24), WIRE_BAD_LENGTH);
        msg = good_msg();
        msg.total = WIRE_CONTENT_MAX + 1;
        ck_assert_int_eq(decode(&msg, sizeof(msg), 24), WIRE_BAD_LENGTH);
        msg = good_msg();
        msg.total = 24 + WIRE_BYTES_MAX + 1;
        ck_assert_int_eq(decode(&msg, sizeof(msg), 24), WIRE_BAD_LENGTH);
        msg = good_msg();
        msg.flags = 0;
        ck_assert_int_eq(decode(&msg, sizeof(msg), 24), WIRE_BAD_FLAGS);
        msg = good_msg();
        msg.flags |= MSG_FLAG_REPLY;
        ck_assert_int_eq(decode(&msg, sizeof(msg), 24), WIRE_BAD_FLAGS);
        msg = good_msg();
        msg.outcome = 1;
        ck_assert_int_eq(decode(&msg, sizeof(msg), 24), WIRE_BAD_FLAGS);
        msg = good_msg();
        msg.call = wire_call_id(3, 0);
        ck_assert_int_eq(decode(&msg, sizeof(msg), 24), WIRE_BAD_RESERVED);
        msg = good_msg();
        msg.flags |= MSG_FLAG_VOID;
        ck_assert_int_eq(decode(&msg, sizeof(msg), 24), WIRE_BAD_FLAGS);
}
END_TEST

/* A fragment begins at a granule, and ends at one or with the content. */
START_TEST(msg_off_the_granules_is_refused)
{
        struct wire_msg msg = good_msg();
        msg.total = 3 * WIRE_GRANULE + 10;
        msg.offset = WIRE_GRANULE;
        msg.fragment_length = 2 * WIRE_GRANULE + 10;
        ck_assert_int_eq(decode(&msg, sizeof(msg), msg.fragment_length), WIRE_OK);
        msg.offset++;
        msg.fragment_length--;
        ck_assert_int_eq(decode(&msg, sizeof(msg), msg.fragment_length), WIRE_BAD_LENGTH);
        msg.flags = 0;
        msg.offset = WIRE_GRANULE;
        for (unsigned length = 1; length < 2 * WIRE_GRANULE + 10; length++) {
                msg.fragment_length = (uint16_t)length;
                ck_assert_int_eq(decode(&msg, sizeof(msg), length),
                                 length % WIRE_GRANULE ? WIRE_BAD_LENGTH : WIRE_OK);
        }
}
END_TEST

START_TEST(ack_may_not_reach_below_zero)
{
        struct {
                struct wire_ack ack;
                struct wire_ack_range range;
        } frame = {{.type = FRAME_ACK, .range_count = 1, .largest = 10, .first = 3}, {2, 4}};
        ck_assert_int_eq(decode(&frame, 28, 0), WIRE_OK);
        frame.range.length = 7;
        ck_assert_int_eq(decode(&frame, 28, 0), WIRE_BAD_LENGTH);
        frame.range = (struct wire_ack_range){0, 1};
        ck_assert_int_eq(decode(&frame, 28, 0), WIRE_BAD_LENGTH);
        frame.range = (struct wire_ack_range){2, 4};
        frame.ack.first = 12;
        ck_assert_int_eq(decode(&frame, 28, 0), WIRE_BAD_LENGTH);
        frame.ack.first = 0;
        ck_assert_int_eq(decode(&frame, 28, 0), WIRE_BAD_LENGTH);
        frame.ack.range_count = WIRE_ACK_RANGES_MAX + 1;
        ck_assert_int_eq(decode(&frame, 28, 256), WIRE_BAD_COUNT);
}
END_TEST

START_TEST(control_frames_are_checked)
{
        struct {
                struct wire_release release;
                struct wire_release_entry entry;
        } release = {{.type = FRAME_RELEASE, .count = 1, .sequence = 1}, {5, 1, 1}};
        ck_assert_int_eq(decode(&release, 20, 0), WIRE_OK);
        release.entry.count = 0;
        ck_assert_int_eq(decode(&release, 20, 0), WIRE_BAD_RESERVED);
        release.entry = (struct wire_release_entry){WIRE_ROOT_EXPORT, 1, 1};
        ck_assert_int_eq(decode(&release, 20, 0), WIRE_BAD_RESERVED);
        release.release.count = 0;
        ck_assert_int_eq(decode(&release, 8, 0), WIRE_BAD_COUNT);
        struct wire_dead dead = {
            .type = FRAME_DEAD, .reason = REASON_REVOKED, .export_id = 5, .generation = 1};
        ck_assert_int_eq(decode(&dead, sizeof(dead), 0), WIRE_OK);
        dead.reason = 0;
        ck_assert_int_eq(decode(&dead, sizeof(dead), 0), WIRE_BAD_RESERVED);
        struct wire_cancel cancel = {
            .type = FRAME_CANCEL, .reason = REASON_DEADLINE, .call = wire_call_id(0, 1)};
        ck_assert_int_eq(decode(&cancel, sizeof(cancel), 0), WIRE_OK);
        for (cancel.reason = 0; cancel.reason <= 32; cancel.reason++) {
                bool good = cancel.reason == REASON_DEADLINE || cancel.reason == REASON_CANCELLED;
                ck_assert_int_eq(decode(&cancel, sizeof(cancel), 0),
                                 good ? WIRE_OK : WIRE_BAD_RESERVED);
        }
        struct wire_probe probe = {.type = FRAME_PROBE, .padding = 2};
        ck_assert_int_eq(decode(&probe, sizeof(probe), 0), WIRE_BAD_TRUNCATED);
        probe.padding = 0;
        ck_assert_int_eq(decode(&probe, sizeof(probe), 0), WIRE_OK);
        uint8_t unknown[8] = {0x55};
        ck_assert_int_eq(decode(unknown, 8, 0), WIRE_BAD_FRAME_TYPE);
}
END_TEST

START_TEST(hello_fields_are_checked)
{
        struct wire_hello hello = lab_beacon(5, "n1"), out;
        ck_assert_int_eq(wire_hello_decode(&hello, sizeof(hello), &out), WIRE_OK);
        ck_assert_int_eq(wire_hello_decode(&hello, sizeof(hello) - 1, &out), WIRE_BAD_LENGTH);
        hello.kind = HELLO_OFFER;
        ck_assert_int_eq(wire_hello_decode(&hello, sizeof(hello), &out), WIRE_BAD_RESERVED);
        hello = lab_beacon(5, "n1");
        hello.name_length = 16;
        ck_assert_int_eq(wire_hello_decode(&hello, sizeof(hello), &out), WIRE_BAD_NAME);
        hello = lab_beacon(5, "n1");
        hello.name[1] = '\n';
        ck_assert_int_eq(wire_hello_decode(&hello, sizeof(hello), &out), WIRE_BAD_NAME);
        hello = lab_beacon(5, "n1");
        hello.name[0] = 'N'; /* a letter, but not one for names */
        ck_assert_int_eq(wire_hello_decode(&hello, sizeof(hello), &out), WIRE_BAD_NAME);
        hello = lab_beacon(5, "n1");
        hello.name[5] = 'x'; /* behind its end */
        ck_assert_int_eq(wire_hello_decode(&hello, sizeof(hello), &out), WIRE_BAD_NAME);
        hello = lab_beacon(5, "n1");
        hello.packet_size = WIRE_PACKET_BASE - 1;
        ck_assert_int_eq(wire_hello_decode(&hello, sizeof(hello), &out), WIRE_BAD_LENGTH);
        hello = lab_beacon(5, "n1");
        hello.exports = WIRE_ROOT_EXPORT;
        ck_assert_int_eq(wire_hello_decode(&hello, sizeof(hello), &out), WIRE_BAD_COUNT);
        hello = lab_beacon(5, "n1");
        hello.version = WIRE_VERSION - 1;
        ck_assert_int_eq(wire_hello_decode(&hello, sizeof(hello), &out), WIRE_BAD_VERSION);
}
END_TEST

/* RFC 3720, B.4. */
START_TEST(checksum_is_that_of_the_standard)
{
        static const uint8_t command[48] = {0x01,        0xc0,        [16] = 0x14, [22] = 0x04,
                                            [27] = 0x14, [31] = 0x18, [32] = 0x28, [40] = 0x02};
        static const uint32_t sums[] = {0x8a9136aa, 0x62a8ab43, 0x46dd794e, 0x113fdb5c};
        uint8_t bytes[4][32];
        memset(bytes[0], 0, 32);
        memset(bytes[1], 0xff, 32);
        for (unsigned i = 0; i < 32; i++) {
                bytes[2][i] = (uint8_t)i;
                bytes[3][i] = (uint8_t)(31 - i);
        }
        for (unsigned i = 0; i < 4; i++) {
                ck_assert_uint_eq(crc32c(bytes[i], 32), sums[i]);
                ck_assert_uint_eq(crc32c_portable(bytes[i], 32), sums[i]);
        }
        ck_assert_uint_eq(crc32c(command, 48), 0xd9963a56);
        ck_assert_uint_eq(crc32c_portable(command, 48), 0xd9963a56);
}
END_TEST

/* From the shortest to several rounds of folding, with each rest. */
START_TEST(checksum_is_the_same_by_table_and_by_instructions)
{
        uint8_t bytes[340];
        for (unsigned i = 0; i < sizeof(bytes); i++)
                bytes[i] = (uint8_t)(i * 37);
        for (unsigned from = 0; from < 8; from++)
                for (unsigned length = 0; length <= sizeof(bytes) - from; length++)
                        ck_assert_uint_eq(crc32c(bytes + from, length),
                                          crc32c_portable(bytes + from, length));
}
END_TEST

START_TEST(every_damaged_bit_is_noticed)
{
        struct wire_hello hello = lab_beacon(5, "n1");
        uint8_t packet[WIRE_HELLO_PACKET_SIZE];
        wire_hello_packet(&hello, packet);
        ck_assert_int_eq(wire_trailer_check(packet, sizeof(packet)), WIRE_OK);
        for (unsigned bit = 0; bit < sizeof(packet) * 8; bit++) {
                packet[bit / 8] ^= (uint8_t)(1 << bit % 8);
                ck_assert_int_eq(wire_trailer_check(packet, sizeof(packet)), WIRE_BAD_TRAILER);
                packet[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
}
END_TEST

START_TEST(outer_header_is_checked)
{
        struct wire_outer outer, good = {.version_type = WIRE_VERSION << 4 | PACKET_CLEAR};
        uint8_t packet[32];
        memcpy(packet, &good, sizeof(good));
        ck_assert_int_eq(wire_outer_decode(packet, 32, &outer), WIRE_OK);
        ck_assert_int_eq(wire_outer_decode(packet, 31, &outer), WIRE_BAD_TRUNCATED);
        packet[0] = WIRE_VERSION << 4 | 9;
        ck_assert_int_eq(wire_outer_decode(packet, 32, &outer), WIRE_BAD_PACKET_TYPE);
        packet[0] = (WIRE_VERSION - 1) << 4 | PACKET_CLEAR;
        ck_assert_int_eq(wire_outer_decode(packet, 32, &outer), WIRE_BAD_VERSION);
        packet[0] = WIRE_VERSION << 4 | PACKET_CLEAR;
        packet[1] = 1;
        ck_assert_int_eq(wire_outer_decode(packet, 32, &outer), WIRE_BAD_RESERVED);
}
END_TEST

START_TEST(capability_kinds_are_checked)
{
        struct wire_capability out,
            cap = {.kind = CAPABILITY_SEND, .export_id = 4, .generation = 1};
        ck_assert_int_eq(wire_capability_decode((uint8_t *)&cap, &out), WIRE_OK);
        cap.generation = 0;
        ck_assert_int_eq(wire_capability_decode((uint8_t *)&cap, &out), WIRE_BAD_RESERVED);
        cap.kind = 6;
        ck_assert_int_eq(wire_capability_decode((uint8_t *)&cap, &out), WIRE_BAD_KIND);
        cap.kind = CAPABILITY_MEMORY;
        ck_assert_int_eq(wire_capability_decode((uint8_t *)&cap, &out), WIRE_BAD_RESERVED);
}
END_TEST

START_TEST(names_say_what_is_meant)
{
        ck_assert_str_eq(wire_frame_name(FRAME_RELEASE), "release");
        ck_assert_str_eq(wire_hello_name(HELLO_OFFER), "offer");
        ck_assert_str_eq(wire_capability_name(CAPABILITY_EVENT), "event right");
        ck_assert_str_eq(wire_error_name(WIRE_OK), "well formed");
        ck_assert_str_eq(wire_error_name(WIRE_BAD_TRUNCATED), "truncated");
        ck_assert_str_eq(wire_frame_name(200), "unknown");
        ck_assert_str_eq(wire_hello_name(200), "unknown");
        ck_assert_str_eq(wire_capability_name(200), "unknown");
        ck_assert_str_eq(wire_error_name(200), "unknown");
}
END_TEST

Suite *wire_suite(void)
{
        Suite *suite = suite_create("wire");
        TCase *tests = tcase_create("wire");
        tcase_add_test(tests, msg_that_is_whole_is_taken);
        tcase_add_test(tests, msg_that_contradicts_itself_is_refused);
        tcase_add_test(tests, msg_off_the_granules_is_refused);
        tcase_add_test(tests, ack_may_not_reach_below_zero);
        tcase_add_test(tests, control_frames_are_checked);
        tcase_add_test(tests, hello_fields_are_checked);
        tcase_add_test(tests, checksum_is_that_of_the_standard);
        tcase_add_test(tests, checksum_is_the_same_by_table_and_by_instructions);
        tcase_add_test(tests, every_damaged_bit_is_noticed);
        tcase_add_test(tests, outer_header_is_checked);
        tcase_add_test(tests, capability_kinds_are_checked);
        tcase_add_test(tests, names_say_what_is_meant);
        suite_add_tcase(suite, tests);
        return suite;
}
