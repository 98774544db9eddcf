/* Frames between ptl and an agent: what is written is read, and nothing else is a frame. */
#include "tests/unit/common/suites.h"

#include <string.h>
#include "servers/common/name.h"
#include "servers/common/remote.h"

static uint8_t bytes[REMOTE_FRAME_MOST];

static size_t frame_make(enum remote_kind kind, size_t length)
{
        remote_header_write(bytes, kind, length);
        for (size_t i = 0; i < length; i++)
                bytes[REMOTE_HEADER + i] = (uint8_t)i;
        return REMOTE_HEADER + length;
}

START_TEST(a_frame_is_read_as_it_was_written)
{
        static const size_t lengths[] = {0, 1, 4096, REMOTE_PAYLOAD_MOST};
        struct remote_frame frame;
        size_t used;
        for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
                size_t length = frame_make(REMOTE_OUTPUT, lengths[i]);
                for (size_t part = 0; part < length; part += part < 16 ? 1 : length / 7)
                        ck_assert_int_eq(remote_frame_take(bytes, part, &frame, &used),
                                         REMOTE_MORE);
                ck_assert_int_eq(remote_frame_take(bytes, length, &frame, &used), REMOTE_WHOLE);
                ck_assert_uint_eq(used, length);
                ck_assert_int_eq(frame.kind, REMOTE_OUTPUT);
                ck_assert_uint_eq(frame.length, lengths[i]);
                ck_assert_ptr_eq(frame.payload, bytes + REMOTE_HEADER);
        }
}
END_TEST

START_TEST(what_is_no_frame_is_told_at_once)
{
        struct remote_frame frame;
        size_t used;
        for (unsigned kind = 0; kind < 256; kind++) {
                bytes[0] = (uint8_t)kind;
                ck_assert_int_eq(remote_frame_take(bytes, 1, &frame, &used),
                                 kind && strchr("rRUPISWsnoecztax", (int)kind) ? REMOTE_MORE
                                                                               : REMOTE_BROKEN);
        }
        for (unsigned i = 1; i < 4; i++) {
                frame_make(REMOTE_INPUT, 1);
                bytes[i] = 1;
                ck_assert_int_eq(remote_frame_take(bytes, i + 1, &frame, &used), REMOTE_BROKEN);
        }
        frame_make(REMOTE_INPUT, REMOTE_PAYLOAD_MOST);
        bytes[7]++;
        ck_assert_int_eq(remote_frame_take(bytes, REMOTE_HEADER, &frame, &used), REMOTE_BROKEN);
}
END_TEST

static const struct remote_run example = {
    .program = 0x123456789abcdef0,
    .memory = 1 << 20,
    .terminals = 5,
    .size = {.rows = 40, .columns = 0x1234},
    .arguments = "sort\0-r",
    .arguments_length = 8,
    .environment = "A=1\0B=",
    .environment_length = 7,
};

START_TEST(a_run_is_read_as_it_was_written)
{
        uint8_t payload[REMOTE_PAYLOAD_MOST];
        struct remote_run run;
        size_t length = remote_run_write(payload, &example);
        ck_assert_uint_gt(length, 0);
        ck_assert(remote_run_read(payload, length, &run));
        ck_assert_uint_eq(run.program, example.program);
        ck_assert_uint_eq(run.memory, example.memory);
        ck_assert_uint_eq(run.terminals, example.terminals);
        ck_assert_uint_eq(run.size.rows, example.size.rows);
        ck_assert_uint_eq(run.size.columns, example.size.columns);
        ck_assert_uint_eq(run.arguments_length, example.arguments_length);
        ck_assert_int_eq(memcmp(run.arguments, example.arguments, 8), 0);
        ck_assert_uint_eq(run.environment_length, example.environment_length);
        ck_assert_int_eq(memcmp(run.environment, example.environment, 7), 0);
}
END_TEST

START_TEST(a_size_has_its_length)
{
        uint8_t payload[REMOTE_SIZE_BYTES + 1] = {0};
        struct remote_size size;
        remote_size_write(payload, example.size);
        ck_assert(remote_size_read(payload, REMOTE_SIZE_BYTES, &size));
        ck_assert_uint_eq(size.rows, example.size.rows);
        ck_assert_uint_eq(size.columns, example.size.columns);
        ck_assert(!remote_size_read(payload, REMOTE_SIZE_BYTES - 1, &size));
        ck_assert(!remote_size_read(payload, REMOTE_SIZE_BYTES + 1, &size));
}
END_TEST

START_TEST(a_push_names_a_component)
{
        uint8_t payload[REMOTE_PAYLOAD_MOST];
        const struct remote_push push = {.program = 80000, .component = "echo", 4};
        struct remote_push read;
        size_t length = remote_push_write(payload, &push);
        ck_assert(remote_push_read(payload, length, &read));
        ck_assert_uint_eq(read.program, 80000);
        ck_assert_uint_eq(read.component_length, 4);
        ck_assert_int_eq(memcmp(read.component, "echo", 4), 0);
        for (size_t part = 0; part < length - 3; part++)
                ck_assert(!remote_push_read(payload, part, &read));
        payload[length - 1] = '/';
        ck_assert(!remote_push_read(payload, length, &read));
        memset(payload, 'a', sizeof payload);
        ck_assert(!remote_push_read(payload, 8 + NAME_LONGEST + 1, &read));
}
END_TEST

START_TEST(a_run_without_whole_strings_is_none)
{
        uint8_t payload[REMOTE_PAYLOAD_MOST];
        struct remote_run run;
        size_t length = remote_run_write(payload, &example);
        /* Cut anywhere but behind the arguments or a variable, it ends within a string. */
        for (size_t cut = 0; cut < length; cut++)
                ck_assert(remote_run_read(payload, cut, &run) ==
                          (cut == length - 7 || cut == length - 3));
        payload[27] = 0; /* no arguments */
        ck_assert(!remote_run_read(payload, length, &run));
        payload[27] = (uint8_t)(length - 28 + 1); /* one byte more than there is */
        ck_assert(!remote_run_read(payload, length, &run));
        payload[27] = 7; /* within the last argument */
        ck_assert(!remote_run_read(payload, length, &run));
}
END_TEST

START_TEST(a_run_that_does_not_fit_is_not_written)
{
        static char text[REMOTE_PAYLOAD_MOST];
        uint8_t payload[REMOTE_PAYLOAD_MOST];
        struct remote_run run = example;
        run.arguments = run.environment = text;
        run.arguments_length = REMOTE_PAYLOAD_MOST - 28 - 7;
        ck_assert_uint_eq(remote_run_write(payload, &run), REMOTE_PAYLOAD_MOST);
        run.environment_length = 8;
        ck_assert_uint_eq(remote_run_write(payload, &run), 0);
        run.arguments_length = SIZE_MAX;
        ck_assert_uint_eq(remote_run_write(payload, &run), 0);
}
END_TEST

TCase *remote_tests(void)
{
        TCase *tests = tcase_create("remote");
        tcase_add_test(tests, a_frame_is_read_as_it_was_written);
        tcase_add_test(tests, what_is_no_frame_is_told_at_once);
        tcase_add_test(tests, a_run_is_read_as_it_was_written);
        tcase_add_test(tests, a_size_has_its_length);
        tcase_add_test(tests, a_push_names_a_component);
        tcase_add_test(tests, a_run_without_whole_strings_is_none);
        tcase_add_test(tests, a_run_that_does_not_fit_is_not_written);
        return tests;
}
