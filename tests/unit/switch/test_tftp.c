/* TFTP: requests, whole transfers with lost packets in both directions, and what may be read. */
#include "tests/unit/switch/cases.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "servers/common/byte_order.h"

#include "tools/switch/impairment.h"
#include "tools/switch/prng.h"
#include "tools/switch/tftp.h"

enum { FILE_SIZE = 300000, BLOCK = 1432 };

static struct tftp tftp;
static char root[64];
static int directory;
static uint8_t content[FILE_SIZE];
static const struct tftp_client client = {{{2, 0, 0, 0, 0, 1}}, 0x0a4d000b, 2000};

/* What the server sent last, and told. */
static uint8_t packet[TFTP_PAYLOAD_MAX];
static size_t packet_length;
static uint16_t packet_port;
static unsigned packets, started, done, failed;
static uint64_t done_bytes;

static void send_note(void *context, const struct tftp_client *to, uint16_t server_port,
                      const uint8_t *payload, size_t length)
{
        (void)context;
        ck_assert_uint_eq(to->port, client.port);
        ck_assert_uint_le(length, sizeof packet);
        memcpy(packet, payload, length);
        packet_length = length;
        packet_port = server_port;
        packets++;
}

static void report_note(void *context, const struct tftp_client *from, enum tftp_event event,
                        const char *file, uint64_t bytes, const char *why)
{
        (void)context, (void)from, (void)file, (void)why;
        started += event == TFTP_STARTED;
        done += event == TFTP_DONE;
        failed += event == TFTP_FAILED;
        done_bytes = bytes;
}

static void file_write(const char *name, size_t length)
{
        int fd = openat(directory, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(write(fd, content, length), (ssize_t)length);
        close(fd);
}

static void setup(void)
{
        const struct tftp_env env = {NULL, send_note, report_note};
        struct prng prng = prng_make(1, 1);
        for (size_t i = 0; i < FILE_SIZE; i++)
                content[i] = (uint8_t)prng_next(&prng);
        snprintf(root, sizeof root, "/tmp/portolan-tftp-XXXXXX");
        ck_assert_ptr_nonnull(mkdtemp(root));
        ck_assert_int_eq(chdir(root), 0);
        ck_assert_int_eq(mkdir("served", 0700) | mkdir("served/sub", 0700), 0);
        directory = open("served", O_PATH | O_DIRECTORY);
        file_write("file", FILE_SIZE);
        file_write("exact", 2 * BLOCK);
        file_write("empty", 0);
        file_write("sub/file", 10);
        file_write("../outside", 10);
        ck_assert_int_eq(symlink("../outside", "served/link"), 0);
        ck_assert_int_eq(symlink("..", "served/up"), 0);
        ck_assert_int_eq(symlink("file", "served/inner"), 0);
        ck_assert_int_eq(mkfifo("served/pipe", 0600), 0);
        tftp_init(&tftp, env, directory);
        packets = started = done = failed = 0;
}

static void teardown(void)
{
        char command[128];
        tftp_destroy(&tftp);
        close(directory);
        ck_assert_int_eq(chdir("/"), 0);
        snprintf(command, sizeof command, "rm -rf '%s'", root);
        ck_assert_int_eq(system(command), 0);
}

static void request_send(const char *file, const char *options, size_t options_length, uint64_t now)
{
        uint8_t payload[600] = {0, 1};
        size_t length = 2 + (size_t)sprintf((char *)payload + 2, "%s", file) + 1;
        length += (size_t)sprintf((char *)payload + length, "octet") + 1;
        memcpy(payload + length, options, options_length);
        tftp_input(&tftp, &client, TFTP_PORT, payload, length + options_length, now);
}

static void ack_send(uint16_t block, uint64_t now)
{
        uint8_t payload[4] = {0, 4};
        put16(payload + 2, block);
        tftp_input(&tftp, &client, packet_port, payload, sizeof payload, now);
}

static void expect_error(uint16_t code)
{
        ck_assert_uint_eq(get16(packet), 5);
        ck_assert_uint_eq(get16(packet + 2), code);
        ck_assert_uint_eq(packet[packet_length - 1], 0);
}

static const char options_all[] = "blksize\0001432\0tsize\0000\0timeout\0003";

START_TEST(options_are_read_and_acknowledged)
{
        static const char expected[] = "\0\6blksize\0001432\0timeout\0003\0tsize\000300000";
        request_send("file", options_all, sizeof options_all, 0);
        ck_assert_uint_eq(packet_length, sizeof expected);
        ck_assert_int_eq(memcmp(packet, expected, sizeof expected), 0);
        ck_assert_uint_ne(packet_port, TFTP_PORT);
        ack_send(0, 0);
        ck_assert_uint_eq(packet_length, 4 + BLOCK);
        ck_assert_uint_eq(get32(packet), 0x00030001);
        ck_assert_int_eq(memcmp(packet + 4, content, BLOCK), 0);
}
END_TEST

START_TEST(without_options_blocks_have_512_bytes)
{
        request_send("/file", "", 0, 0);
        ck_assert_uint_eq(packet_length, 4 + 512);
        ck_assert_uint_eq(get32(packet), 0x00030001);
}
END_TEST

START_TEST(a_large_block_size_is_cut_to_a_frame)
{
        request_send("file", "BLKSIZE\00065464", 14, 0);
        ck_assert_int_eq(memcmp(packet, "\0\6blksize\0001468", 15), 0);
}
END_TEST

START_TEST(malformed_requests_are_answered_with_an_error)
{
        static const struct {
                const char *bytes;
                size_t length;
        } wrong[] = {
            {"", 0},
            {"\0", 1},
            {"\0\1", 2},
            {"\0\1file", 6},
            {"\0\1file\0", 7},
            {"\0\1file\0octet", 12},
            {"\0\1file\0octet\0blksize", 20},
            {"\0\1file\0octet\0blksize\0", 21},
            {"\0\1file\0octet\0blksize\0001432", 25},
            {"\0\2file\0octet\0", 13},
            {"\0\3\0\1", 4},
        };
        for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
                uint8_t *copy = malloc(wrong[i].length + 1);
                memcpy(copy, wrong[i].bytes, wrong[i].length);
                packet_length = 0;
                tftp_input(&tftp, &client, TFTP_PORT, copy, wrong[i].length, 0);
                free(copy);
                expect_error(4);
        }
        ck_assert_uint_eq(started, 0);
}
END_TEST

START_TEST(a_name_that_is_too_long_is_refused)
{
        char name[TFTP_NAME_MAX + 1] = "";
        memset(name, 'x', TFTP_NAME_MAX);
        request_send(name, "", 0, 0);
        expect_error(4);
        name[TFTP_NAME_MAX - 1] = 0;
        request_send(name, "", 0, 0);
        expect_error(1);
}
END_TEST

START_TEST(other_modes_are_refused)
{
        static const char payload[] = "\0\1file\0netascii";
        tftp_input(&tftp, &client, TFTP_PORT, (const uint8_t *)payload, sizeof payload, 0);
        expect_error(4);
}
END_TEST

static const struct {
        const char *path;
        uint16_t error; /* 0: may be read */
} paths[] = {
    {"sub/file", 0},
    {"/file", 0},
    {"//sub/file", 0},
    {"missing", 1},
    {"sub/missing", 1},
    {"../outside", 2},
    {"/../outside", 2},
    {"sub/../file", 2},
    {"link", 2},
    {"up/outside", 2},
    {"inner", 2},
    {"./file", 2},
    {"sub//file", 2},
    {"sub", 2},
    {"sub/", 2},
    {"", 2},
    {"/", 2},
    {"pipe", 2},
    {"file/x", 2},
    {".", 2},
    {"served/../..", 1},
    {"..", 2},
};

START_TEST(only_files_beneath_the_directory_are_read)
{
        request_send(paths[_i].path, "", 0, 0);
        if (paths[_i].error)
                expect_error(paths[_i].error);
        else
                ck_assert_uint_eq(get32(packet), 0x00030001);
}
END_TEST

START_TEST(duplicated_acknowledgements_send_nothing)
{
        request_send("file", "", 0, 0);
        ack_send(1, 0);
        ck_assert_uint_eq(get16(packet + 2), 2);
        unsigned before = packets;
        ack_send(1, 0);
        ack_send(7, 0);
        ack_send(0, 0);
        ck_assert_uint_eq(packets, before);
}
END_TEST

START_TEST(a_repeated_request_repeats_the_answer)
{
        request_send("file", options_all, sizeof options_all, 0);
        uint16_t port = packet_port;
        request_send("file", options_all, sizeof options_all, 0);
        ck_assert_uint_eq(packet_port, port);
        ck_assert_uint_eq(packets, 2);
        ck_assert_uint_eq(started, 1);
}
END_TEST

/* Receives a file as a client does that loses packets both ways with the given probability. */
static uint64_t transfer(const char *name, size_t size, uint32_t loss)
{
        static uint8_t got[FILE_SIZE];
        struct prng prng = prng_make(9, 9);
        uint16_t expected = 1;
        size_t received = 0;
        uint64_t now = 0;
        unsigned seen = 0;
        request_send(name, options_all, 13, now);
        while (done == 0 && failed == 0) {
                ck_assert_uint_ne(get16(packet), 5);
                bool arrived = packets != seen && prng_scale(prng_next(&prng), PPM) >= loss;
                seen = packets;
                if (arrived && get16(packet) == 3 && get16(packet + 2) == expected) {
                        ck_assert_uint_le(received + packet_length - 4, size);
                        memcpy(got + received, packet + 4, packet_length - 4);
                        received += packet_length - 4;
                        expected++;
                }
                if (arrived && prng_scale(prng_next(&prng), PPM) >= loss)
                        ack_send((uint16_t)(expected - 1), now);
                if (packets != seen || done)
                        continue;
                now = tftp_deadline(&tftp);
                ck_assert_uint_ne(now, UINT64_MAX);
                tftp_tick(&tftp, now);
        }
        ck_assert_uint_eq(failed, 0);
        ck_assert_uint_eq(received, size);
        ck_assert_uint_eq(done_bytes, size);
        ck_assert_int_eq(memcmp(got, content, size), 0);
        ck_assert_uint_eq(tftp_deadline(&tftp), UINT64_MAX);
        return now;
}

START_TEST(a_file_is_transferred)
{
        ck_assert_uint_eq(transfer("file", FILE_SIZE, 0), 0);
}
END_TEST

START_TEST(a_file_of_whole_blocks_ends_with_an_empty_one)
{
        transfer("exact", 2 * BLOCK, 0);
        ck_assert_uint_eq(packet_length, 4);
        ck_assert_uint_eq(get16(packet + 2), 3);
}
END_TEST

START_TEST(an_empty_file_is_one_empty_block)
{
        transfer("empty", 0, 0);
}
END_TEST

START_TEST(a_file_arrives_through_heavy_loss)
{
        transfer("file", FILE_SIZE, 300000);
}
END_TEST

START_TEST(a_silent_client_is_given_up)
{
        request_send("file", options_all, 13, 0);
        uint64_t now = 0;
        while (failed == 0) {
                now = tftp_deadline(&tftp);
                ck_assert_uint_ne(now, UINT64_MAX);
                tftp_tick(&tftp, now);
        }
        ck_assert_uint_ge(now, TFTP_GIVE_UP_NS);
        ck_assert_uint_le(now, TFTP_GIVE_UP_NS + 2000 * MS);
        ck_assert_uint_lt(packets, 40);
        ck_assert_uint_eq(tftp_deadline(&tftp), UINT64_MAX);
}
END_TEST

START_TEST(a_silent_client_is_given_up_however_long_it_wants_to_wait)
{
        static const char option[] = "timeout\000255";
        request_send("file", option, sizeof option, 0);
        ck_assert_uint_eq(tftp_deadline(&tftp), TFTP_GIVE_UP_NS);
        tftp_tick(&tftp, TFTP_GIVE_UP_NS);
        ck_assert_uint_eq(failed, 1);
}
END_TEST

START_TEST(a_file_that_shrinks_ends_with_an_error)
{
        request_send("file", "", 0, 0);
        file_write("file", 600);
        ack_send(1, 0);
        expect_error(0);
        ck_assert_uint_eq(failed, 1);
}
END_TEST

START_TEST(sessions_are_bounded)
{
        struct tftp_client other = client;
        static const char request[] = "\0\1file\0octet";
        for (unsigned n = 0; n < TFTP_SESSIONS_MAX; n++) {
                other.address = n;
                other.mac.bytes[4] = (uint8_t)(1 + n / TFTP_CLIENT_SESSIONS);
                tftp_input(&tftp, &other, TFTP_PORT, (const uint8_t *)request, sizeof request, 0);
                ck_assert_uint_eq(get16(packet), 3);
        }
        request_send("file", "", 0, 0);
        expect_error(0);
}
END_TEST

/* Its oldest one is not the first in the table. */
START_TEST(a_client_that_begins_too_many_transfers_loses_its_own)
{
        static const char request[] = "\0\1file\0octet";
        struct tftp_client greedy = client;
        greedy.mac.bytes[5] = 2;
        for (unsigned n = 0; n < TFTP_CLIENT_SESSIONS; n++) {
                greedy.address = n;
                tftp_input(&tftp, &greedy, TFTP_PORT, (const uint8_t *)request, sizeof request,
                           n == 0 ? 2 : 1);
        }
        request_send("file", "", 0, 0);
        uint16_t port = packet_port;
        for (unsigned n = 0; n < 2 * TFTP_SESSIONS_MAX; n++) {
                ck_assert_uint_eq(failed, n);
                greedy.address = TFTP_SESSIONS_MAX + n;
                tftp_input(&tftp, &greedy, TFTP_PORT, (const uint8_t *)request, sizeof request,
                           3 + n);
                ck_assert_uint_eq(get16(packet), 3);
                ck_assert(n > 0 || tftp.sessions[0].client.address == 0);
        }
        packet_port = port;
        ack_send(1, 3);
        ck_assert_uint_eq(get16(packet), 3);
        ck_assert_uint_eq(get16(packet + 2), 2);
}
END_TEST

START_TEST(the_clients_error_ends_the_session)
{
        static const uint8_t error[] = {0, 5, 0, 0, 0};
        request_send("file", "", 0, 0);
        tftp_input(&tftp, &client, packet_port, error, sizeof error, 0);
        ck_assert_uint_eq(failed, 1);
        ck_assert_uint_eq(tftp_deadline(&tftp), UINT64_MAX);
}
END_TEST

static void transfers_add(TCase *tcase)
{
        tcase_add_test(tcase, a_file_is_transferred);
        tcase_add_test(tcase, a_file_of_whole_blocks_ends_with_an_empty_one);
        tcase_add_test(tcase, an_empty_file_is_one_empty_block);
        tcase_add_test(tcase, a_file_arrives_through_heavy_loss);
        tcase_add_test(tcase, a_silent_client_is_given_up);
        tcase_add_test(tcase, a_silent_client_is_given_up_however_long_it_wants_to_wait);
        tcase_add_test(tcase, a_file_that_shrinks_ends_with_an_error);
        tcase_add_test(tcase, sessions_are_bounded);
        tcase_add_test(tcase, a_client_that_begins_too_many_transfers_loses_its_own);
        tcase_add_test(tcase, the_clients_error_ends_the_session);
}

TCase *tftp_case(void)
{
        TCase *tcase = tcase_create("tftp");
        tcase_add_checked_fixture(tcase, setup, teardown);
        tcase_add_test(tcase, options_are_read_and_acknowledged);
        tcase_add_test(tcase, without_options_blocks_have_512_bytes);
        tcase_add_test(tcase, a_large_block_size_is_cut_to_a_frame);
        tcase_add_test(tcase, malformed_requests_are_answered_with_an_error);
        tcase_add_test(tcase, a_name_that_is_too_long_is_refused);
        tcase_add_test(tcase, other_modes_are_refused);
        tcase_add_loop_test(tcase, only_files_beneath_the_directory_are_read, 0,
                            sizeof paths / sizeof paths[0]);
        tcase_add_test(tcase, duplicated_acknowledgements_send_nothing);
        tcase_add_test(tcase, a_repeated_request_repeats_the_answer);
        transfers_add(tcase);
        return tcase;
}
