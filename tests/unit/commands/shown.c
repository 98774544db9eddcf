/* What others wrote cannot act on a terminal, and `call` passes and checks what the description of
 * a method says. */
#include <check.h>
#include <string.h>
#include "servers/proto/files.h"
#include "servers/proto/fs.h"
#include "servers/proto/name.h"
#include "tests/unit/commands/world.h"

/* ---- what acts on a terminal ---- */

/* A folder with one file, whose name has C0, C1, a broken byte, and turns the direction. */
static outcome_t folder_of_odd_names(const struct message *message, struct arrival *answer)
{
        static const char name[] = "a\x1b[2J\n\xc2\x9b"
                                   "31m\x9b\xe2\x80\xae\xc3\xa4";
        struct fs_record record = {.kind = FS_FILE, .name_length = sizeof name - 1};
        char *to = answer->buffer;
        if (message->method == FS_METHOD_STAT) {
                answer->words[0] = FS_FOLDER;
                answer->word_count = 4;
                return OUTCOME_OK;
        }
        memset(to, 0, fs_record_length(record.name_length));
        memcpy(to, &record, sizeof record);
        memcpy(to + sizeof record, name, record.name_length);
        return answer_bytes(answer, 1, fs_record_length(record.name_length));
}

START_TEST(ls_shows_names_that_would_act)
{
        ck_assert_int_eq(command_ends("ls /fs", folder_of_odd_names, 2), 0);
        ck_assert_str_eq(written(), "a\\x1b[2J\\x0a\\u009b31m\\x9b\\u202e\xc3\xa4\n");
}
END_TEST

/* ---- call ---- */

static outcome_t data_is_binary(const struct message *message, struct arrival *answer)
{
        static const char data[] = "a\\\n\0\x1b\xff\xc3\xa4";
        ck_assert_uint_eq(message->word_count, 3);
        memcpy(answer->buffer, data, sizeof data - 1);
        answer->words[0] = answer->words[1] = answer->words[2] = 5;
        return answer_bytes(answer, 4, sizeof data - 1);
}

START_TEST(call_shows_binary_so_that_one_can_tell_it)
{
        ck_assert_int_eq(command_ends("call fs file.read 0 100 0", data_is_binary, 1), 0);
        ck_assert_str_eq(written(),
                         "size: 5\nversion: 5\nlease: 5\ndata: a\\\\\n\\x00\\x1b\\xff\xc3\xa4\n");
}
END_TEST

static outcome_t gives_a_file(const struct message *message, struct arrival *answer)
{
        (void)message;
        for (int i = 0; i < 6; i++)
                answer->words[i] = (uint64_t)i;
        answer->cap_count = 1;
        answer->caps[0] = (struct received_cap){.handle = SERVICE, .type = OBJECT_RIGHT};
        return answer_bytes(answer, 7, 0);
}

static outcome_t registers(const struct message *message, struct arrival *answer)
{
        if (message->interface == FS_INTERFACE)
                return gives_a_file(message, answer);
        ck_assert_uint_eq(message->interface, NAME_INTERFACE);
        ck_assert_uint_eq(message->method, NAME_METHOD_REGISTER);
        ck_assert_uint_eq(message->cap_count, 1);
        ck_assert_uint_eq(message->caps[0].handle, SERVICE);
        ck_assert(!(message->caps[0].flags & SEND_CAP_MOVE));
        ck_assert_uint_eq(message->words[0], 4);
        ck_assert_mem_eq((const char *)message->buffers[0].address, "mine", 4);
        return OUTCOME_OK;
}

START_TEST(call_passes_services_and_files)
{
        ck_assert_int_eq(command_ends("call name name.register mine n2/fs", registers, 1), 0);
        ck_assert_int_eq(command_ends("call name name.register mine /fs/log", registers, 2), 0);
        ck_assert_str_eq(written(), "");
}
END_TEST

START_TEST(call_names_the_right_that_comes_back)
{
        ck_assert_int_eq(command_ends("call fs fs.open /note 1 0 0", gives_a_file, 1), 0);
        ck_assert_str_eq(written(), "file: a send right, closed again\nsize: 0\nkind: 1\n"
                                    "identity: 2\nmodified: 3\nversion: 4\nlease: 5\ndata: \n");
}
END_TEST

static outcome_t lies_of_its_length(const struct message *message, struct arrival *answer)
{
        (void)message;
        answer_bytes(answer, 4, 16);
        answer->bytes = 8;
        return OUTCOME_OK;
}

START_TEST(call_believes_no_answer_that_is_not_as_described)
{
        ck_assert_int_eq(command_ends("call fs file.read 0 100 0", lies_of_its_length, 1), 1);
        ck_assert_str_eq(written(), "call: fs: malformed\n");
        ck_assert_int_eq(command_ends("call fs file.read 0 100 0", gives_a_file, 1), 1);
}
END_TEST

START_TEST(call_says_what_a_method_takes)
{
        ck_assert_int_eq(command_ends("call name name.register mine", gives_a_file, 0), 2);
        ck_assert_str_eq(written(),
                         "call: name.register takes name (text), right (service or /file)\n");
}
END_TEST

TCase *shown_tests(void)
{
        TCase *tests = tcase_create("shown");
        tcase_add_test(tests, ls_shows_names_that_would_act);
        tcase_add_test(tests, call_shows_binary_so_that_one_can_tell_it);
        tcase_add_test(tests, call_passes_services_and_files);
        tcase_add_test(tests, call_names_the_right_that_comes_back);
        tcase_add_test(tests, call_believes_no_answer_that_is_not_as_described);
        tcase_add_test(tests, call_says_what_a_method_takes);
        return tests;
}
