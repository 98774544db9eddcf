/* What others wrote cannot act on a terminal, and `call` passes and checks what the description of
 * a method says. */
#include <check.h>
#include <stdio.h>
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
        struct packer packer = packer_of(answer->buffer, answer->capacity);
        if (message->method == FS_METHOD_STAT) {
                answer->words[0] = FS_FOLDER;
                answer->word_count = 5;
                return OUTCOME_OK;
        }
        ck_assert(fs_entry_pack(
            &packer,
            &(struct fs_entry){.name = name, .name_length = sizeof name - 1, .kind = FS_FILE}));
        return answer_bytes(answer, 1, packer.length);
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
        for (int i = 0; i < 7; i++)
                answer->words[i] = (uint64_t)i;
        answer->cap_count = 1;
        answer->caps[0] = (struct received_cap){.handle = SERVICE, .type = OBJECT_RIGHT};
        return answer_bytes(answer, 8, 0);
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
        ck_assert_int_eq(command_ends("call fs fs.open /note 1 0 0 0", gives_a_file, 1), 0);
        ck_assert_str_eq(written(),
                         "file: a send right, closed again\nsize: 0\nkind: 1\n"
                         "identity: 2\nmodified: 3\nversion: 4\nlease: 5\nattributes: 6\ndata: \n");
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

static outcome_t lists_two_files(const struct message *message, struct arrival *answer)
{
        (void)message;
        struct packer packer = packer_of(answer->buffer, answer->capacity);
        ck_assert(fs_entry_pack(&packer, &(struct fs_entry){.name = "fig", .name_length = 3}));
        ck_assert(fs_entry_pack(
            &packer,
            &(struct fs_entry){.name = "pear", .name_length = 4, .size = 9, .modified = 7}));
        return answer_bytes(answer, 1, packer.length);
}

START_TEST(call_shows_the_fields_of_records)
{
        ck_assert_int_eq(command_ends("call fs fs.list / ''", lists_two_files, 1), 0);
        ck_assert_str_eq(written(), "entries: \n"
                                    "  name=fig kind=0 size=0 identity=0 modified=0\n"
                                    "  name=pear kind=0 size=9 identity=0 modified=7\n");
}
END_TEST

static outcome_t lists_half_a_file(const struct message *message, struct arrival *answer)
{
        lists_two_files(message, answer);
        return answer_bytes(answer, 1, answer->bytes - 8);
}

START_TEST(call_shows_no_record_that_is_not_whole)
{
        ck_assert_int_eq(command_ends("call fs fs.list / ''", lists_half_a_file, 1), 1);
        ck_assert_str_eq(written(), "call: fs: malformed\n");
}
END_TEST

START_TEST(call_takes_the_names_of_values)
{
        /* The world answers lookups itself, and takes no `always`. */
        ck_assert_int_eq(command_ends("call name name.lookup fs soon", gives_a_file, 0), 0);
        ck_assert_str_eq(written(), "right: none, closed again\n");
        ck_assert_int_eq(command_ends("call name name.lookup fs never", gives_a_file, 0), 1);
        ck_assert_str_eq(written(), "call: never: none of not always soon\n");
}
END_TEST

static outcome_t makes_a_process(const struct message *message, struct arrival *answer)
{
        if (message->interface == FS_INTERFACE)
                return gives_a_file(message, answer);
        /* the lengths of three texts, what is given, and that */
        ck_assert_uint_eq(message->word_count, 5);
        ck_assert_uint_eq(message->words[3], 1 << 2);
        ck_assert_uint_eq(message->words[4], 7);
        answer->word_count = 1;
        answer->words[0] = 4;
        answer->cap_count = 1;
        answer->caps[0] = (struct received_cap){.handle = SERVICE, .type = OBJECT_RIGHT};
        return OUTCOME_OK;
}

START_TEST(call_gives_what_is_optional_by_its_name)
{
        static const char create[] = "call process process.create x '' / /fs/x ";
        char line[80];
        snprintf(line, sizeof line, "%spriority=7", create);
        ck_assert_int_eq(command_ends(line, makes_a_process, 2), 0);
        ck_assert_str_eq(written(), "process: a send right, closed again\nid: 4\n");
        snprintf(line, sizeof line, "%sprio=7", create);
        ck_assert_int_eq(command_ends(line, makes_a_process, 1), 1);
        ck_assert_str_eq(written(), "call: no such optional parameter, or twice the same\n");
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
        tcase_add_test(tests, call_shows_the_fields_of_records);
        tcase_add_test(tests, call_shows_no_record_that_is_not_whole);
        tcase_add_test(tests, call_takes_the_names_of_values);
        tcase_add_test(tests, call_gives_what_is_optional_by_its_name);
        tcase_add_test(tests, call_says_what_a_method_takes);
        return tests;
}
