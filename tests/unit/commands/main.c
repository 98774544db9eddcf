/* Commands and what is beyond their reach. Those that page through something which others make
 * longer all the time show what was there when they began, and end; a service that is away is no
 * missing file. */
#include <stdio.h>
#include <string.h>
#include "servers/proto/file.h"
#include "servers/proto/files.h"
#include "servers/proto/fs.h"
#include "servers/proto/log.h"
#include "servers/proto/lookup.h"
#include "servers/proto/name.h"
#include "servers/proto/node.h"
#include "servers/proto/nodes.h"
#include "tests/unit/commands/world.h"
#include "tests/unit/suites.h"

enum { CALLS = 100 }; /* ten times what any of these commands needs */

/* ---- log ---- */

enum { LOG_FIRST = 10000, LOG_GROWS = 9000 };

/* A log that had LOG_FIRST bytes, and gets more than any answer takes before each question. */
static outcome_t log_floods(const struct message *message, struct arrival *answer)
{
        static uint64_t end;
        end = message->words[0] == 0 ? LOG_FIRST : end + LOG_GROWS;
        answer->words[0] = message->words[0];
        answer->words[1] = end;
        memset(answer->buffer, 'x', answer->capacity);
        return answer_bytes(answer, 3, answer->capacity);
}

START_TEST(log_ends_at_the_end_that_it_saw_first)
{
        ck_assert_int_eq(command_ends("log n2", log_floods, CALLS), 0);
        ck_assert_uint_eq(strlen(written()), LOG_FIRST);
}
END_TEST

/* The ring has gone beyond all that there was at first. */
static outcome_t log_outruns(const struct message *message, struct arrival *answer)
{
        log_floods(message, answer);
        if (message->words[0] > 0)
                answer->words[0] = LOG_FIRST + 1;
        return OUTCOME_OK;
}

START_TEST(log_ends_if_the_rest_is_overwritten)
{
        ck_assert_int_eq(command_ends("log n2", log_outruns, CALLS), 0);
        ck_assert_uint_lt(strlen(written()), LOG_FIRST);
}
END_TEST

static outcome_t log_is_empty(const struct message *message, struct arrival *answer)
{
        (void)message;
        answer->words[0] = answer->words[1] = 0;
        return answer_bytes(answer, 3, 0);
}

START_TEST(an_empty_log_is_shown)
{
        ck_assert_int_eq(command_ends("log n2", log_is_empty, 1), 0);
        ck_assert_str_eq(written(), "");
}
END_TEST

/* ---- ls ---- */

/* Records `1000`, `1001` … as many as an answer holds; returns their bytes. */
static size_t records_fill(char *to, unsigned count, unsigned first)
{
        struct packer packer = packer_of(to, FS_LIST_MAX);
        for (unsigned i = 0; i < count; i++) {
                char name[12];
                snprintf(name, sizeof name, "%u", first + i);
                if (!fs_entry_pack(&packer, &(struct fs_entry){
                                                .name = name, .name_length = 4, .kind = FS_FILE}))
                        break;
        }
        return packer.length;
}

/* A folder of 250 files, and of one more, whose name comes last, before each question. */
static outcome_t folder_grows(const struct message *message, struct arrival *answer)
{
        static unsigned count;
        unsigned given = 0;
        if (message->method == FS_METHOD_STAT) {
                count = 250;
                answer->words[0] = FS_FOLDER;
                answer->word_count = 5;
                return OUTCOME_OK;
        }
        char after[8] = ""; /* no text: no 0 stands behind it */
        if (message->words[1] > 0) {
                memcpy(after, (const char *)message->buffers[1].address, 4);
                given = (unsigned)strtoul(after, NULL, 10) - 999;
        }
        return answer_bytes(answer, 1, records_fill(answer->buffer, ++count - given, 1000 + given));
}

START_TEST(ls_of_a_folder_that_grows_ends)
{
        ck_assert_int_eq(command_ends("ls /fs", folder_grows, CALLS), 0);
        ck_assert(strstr(written(), "1000\n"));
        ck_assert(strstr(written(), "1249\n"));
}
END_TEST

/* ---- cat ---- */

/* A file of 100,000 bytes, and of 64 KiB more at each look. */
static outcome_t file_grows(const struct message *message, struct arrival *answer)
{
        if (message->interface == FS_INTERFACE) {
                answer->words[0] = 100000;
                answer->words[1] = FS_FILE;
                answer->words[4] = answer->words[5] = 0;
                answer->cap_count = 1;
                answer->caps[0] = (struct received_cap){.handle = SERVICE};
                return answer_bytes(answer, 8, 0);
        }
        memset(answer->buffer, 'x', message->words[1]);
        answer->words[0] = UINT64_MAX; /* it grows fast */
        answer->words[1] = answer->words[2] = 0;
        return answer_bytes(answer, 4, message->words[1]);
}

START_TEST(cat_of_a_file_that_grows_ends)
{
        ck_assert_int_eq(command_ends("cat /fs/log", file_grows, CALLS), 0);
        ck_assert_uint_eq(strlen(written()), 100000);
}
END_TEST

/* ---- names ---- */

/* 1000 names of n2, and one more before each question. */
static outcome_t names_grow(const struct message *message, struct arrival *answer)
{
        static unsigned count;
        unsigned first = 0;
        char *to = answer->buffer;
        size_t length = 0;
        if (message->words[0] > 0)
                first = (unsigned)strtoul((const char *)message->buffers[0].address + 4, NULL, 10) -
                        999;
        count = message->words[0] > 0 ? count + 1 : 1000;
        for (unsigned i = first; i < count && length + NAME_LINE_MAX <= NAME_LIST_MAX; i++)
                length += (size_t)sprintf(to + length, "n2/a%u\n", 1000 + i);
        return answer_bytes(answer, 1, length);
}

START_TEST(names_ends)
{
        ck_assert_int_eq(command_ends("names", names_grow, CALLS), 0);
        ck_assert(strstr(written(), "n2/a1000\n"));
        ck_assert(strstr(written(), "n2/a1999\n"));
}
END_TEST

/* ---- nodes ---- */

static size_t table_bytes; /* of the next answer */

static outcome_t transport(const struct message *message, struct arrival *answer)
{
        static const struct node_record table[] = {
            {.name = "n10", .state = NODE_STATE_SELF, .epoch_low = 0xabc},
            {.name = "n2", .state = NODE_STATE_UP, .epoch_high = 1, .rtt = 1500000},
            {.name = "n3", .state = NODE_STATE_DEAD, .reason = REASON_LINK_LOST},
            {.name = "n1", .state = NODE_STATE_JOINING}};
        if (message->method != NODE_METHOD_TABLE)
                return answered(REASON_NO_METHOD);
        answer->words[0] = 7;
        memcpy(answer->buffer, table, table_bytes);
        return answer_bytes(answer, 2, table_bytes);
}

START_TEST(nodes_are_shown_in_their_order)
{
        table_bytes = 4 * sizeof(struct node_record);
        ck_assert_int_eq(command_ends("nodes", transport, 2), 0);
        ck_assert_str_eq(written(), "n1 joining\n"
                                    "n2 up epoch 00000000000000010000000000000000 rtt 1.500 ms\n"
                                    "n3 dead link lost\n"
                                    "n10 up epoch 00000000000000000000000000000abc (this node)\n");
        table_bytes--;
        ck_assert_int_eq(command_ends("nodes", transport, 2), 1);
        ck_assert_str_eq(written(), "nodes: net: malformed\n");
        ck_assert_int_eq(command_ends("nodes -x", transport, 0), 1);
}
END_TEST

/* ---- away ---- */

static void ck_says(const char *line, enum reason reason, const char *expected)
{
        services_are_absent(reason);
        command_ends(line, NULL, 0);
        ck_assert_str_eq(written(), expected);
}

START_TEST(a_service_that_is_away_is_no_missing_file)
{
        ck_says("ls /fs", REASON_NODE_DIED, "ls: /fs: node died\n");
        ck_says("cat /fs/note", REASON_LINK_LOST, "cat: /fs/note: link lost\n");
        ck_says("sum /n2/fs/note", REASON_NOT_RUNNING, "sum: /n2/fs/note: not running\n");
        ck_says("mkdir /fs/a", REASON_NODE_RESTARTED, "mkdir: /fs/a: node restarted\n");
        ck_says("write /fs/a b", REASON_RECEIVER_DIED, "write: /fs/a: receiver died\n");
        ck_says("mv /fs/a /fs/b", REASON_NODE_DIED, "mv: /fs/a: node died\n");
        ck_says("ps n2", REASON_NODE_DIED, "ps: n2: node died\n");
        ck_says("log n2", REASON_LINK_LOST, "log: n2: link lost\n");
        ck_says("nodes", REASON_NOT_RUNNING, "nodes: net: not running\n");
        ck_says("exports", REASON_NOT_RUNNING, "exports: net: not running\n");
        ck_says("kill n2/fs", REASON_NODE_DIED, "kill: n2/fs: node died\n");
        ck_says("cat /nope", REASON_NOT_FOUND, "cat: /nope: not found\n");
}
END_TEST

START_TEST(the_top_names_what_is_away)
{
        ck_says("ls /", REASON_NODE_DIED, "fs\n");
        ck_says("ls /", REASON_NOT_FOUND, "");
}
END_TEST

/* The file is on n2 whatever node has the service that is called for short. */
static outcome_t file_is_empty(const struct message *message, struct arrival *answer)
{
        ck_assert_uint_eq(message->interface, FS_INTERFACE);
        ck_assert_uint_eq(message->buffers[0].length, strlen("/note"));
        outcome_t outcome = file_grows(message, answer);
        answer->words[0] = 0;
        return outcome;
}

START_TEST(a_path_may_begin_with_a_node)
{
        ck_assert_int_eq(command_ends("cat /n2/fs/note", file_is_empty, 1), 0);
        ck_assert_int_eq(command_ends("cat //n2/fs/note", file_is_empty, 1), 0);
        ck_assert_int_eq(command_ends("cat /fs/note", file_is_empty, 1), 0);
}
END_TEST

static uint64_t stat_kind; /* of whatever path */

static outcome_t stat_says(const struct message *message, struct arrival *answer)
{
        ck_assert_uint_eq(message->method, FS_METHOD_STAT);
        answer->words[0] = stat_kind;
        answer->word_count = 5;
        return OUTCOME_OK;
}

START_TEST(cd_goes_to_folders_alone)
{
        stat_kind = FS_FOLDER;
        ck_assert_int_eq(command_ends("cd /n2/fs/sub", stat_says, 1), 0);
        ck_assert_int_eq(command_ends("cd ../other/", stat_says, 1), 0);
        stat_kind = FS_FILE;
        ck_assert_int_eq(command_ends("cd note", stat_says, 1), 1);
        ck_assert_str_eq(written(), "cd: note: not a directory\n");
        command_ends("pwd", NULL, 0);
        ck_assert_str_eq(written(), "/n2/fs/other\n");
        ck_assert_int_eq(command_ends("cat ../note", file_is_empty, 1), 0);
        /* Above the services there is nobody to be asked. */
        ck_assert_int_eq(command_ends("cd ../..", NULL, 0), 0);
        command_ends("ls .", NULL, 0);
        ck_assert_str_eq(written(), "fs\n");
        ck_assert_int_eq(command_ends("cd /", NULL, 0), 0);
        ck_says("cd /nowhere", REASON_NOT_FOUND, "cd: /nowhere: not found\n");
        stat_kind = FS_FOLDER;
        ck_assert_int_eq(command_ends("cd", stat_says, 1), 0);
        command_ends("pwd", NULL, 0);
        ck_assert_str_eq(written(), "/fs\n");
        ck_assert_int_eq(command_ends("cd /", NULL, 0), 0);
}
END_TEST

int main(void)
{
        Suite *suite = suite_create("commands");
        TCase *growth = tcase_create("growth");
        tcase_add_test(growth, log_ends_at_the_end_that_it_saw_first);
        tcase_add_test(growth, log_ends_if_the_rest_is_overwritten);
        tcase_add_test(growth, an_empty_log_is_shown);
        tcase_add_test(growth, ls_of_a_folder_that_grows_ends);
        tcase_add_test(growth, cat_of_a_file_that_grows_ends);
        tcase_add_test(growth, names_ends);
        tcase_add_test(growth, nodes_are_shown_in_their_order);
        suite_add_tcase(suite, growth);
        TCase *away = tcase_create("away");
        tcase_add_test(away, a_service_that_is_away_is_no_missing_file);
        tcase_add_test(away, the_top_names_what_is_away);
        tcase_add_test(away, a_path_may_begin_with_a_node);
        tcase_add_test(away, cd_goes_to_folders_alone);
        suite_add_tcase(suite, away);
        suite_add_tcase(suite, shown_tests());
        return suites_run(suite, NULL);
}
