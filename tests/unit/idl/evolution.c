/* The rule of evolution: `older` and `newer` are one service before and after optional parameters
 * and fields were added. The stubs of either call the server of the other. */
#include "tests/unit/idl/loop.h"
#include "tests/unit/idl/suites.h"

#include <string.h>
#include "servers/proto/newer.h"
#include "servers/proto/older.h"

static struct {
        struct optional_word most;
        bool owner, after;
} seen;

static outcome_t older_find_serve(struct request *request, const void *name, size_t name_length,
                                  uint64_t *size)
{
        (void)request, (void)name;
        *size = name_length;
        return OUTCOME_OK;
}

static outcome_t older_list_serve(struct request *request, const void **entries,
                                  size_t *entries_length)
{
        static uint8_t bytes[128];
        struct packer packer = packer_of(bytes, sizeof bytes);
        (void)request;
        ck_assert(older_entry_pack(&packer, &(struct older_entry){"fig", 3}));
        ck_assert(older_entry_pack(&packer, &(struct older_entry){"pear", 4}));
        *entries = bytes;
        *entries_length = packer.length;
        return OUTCOME_OK;
}

static outcome_t newer_find_serve(struct request *request, const void *name, size_t name_length,
                                  struct optional_word most, const void *owner, size_t owner_length,
                                  uint64_t *size, struct optional_word *age)
{
        (void)request, (void)name, (void)owner_length;
        seen.most = most;
        seen.owner = owner;
        *size = name_length;
        *age = optional_word(12);
        return OUTCOME_OK;
}

static outcome_t newer_list_serve(struct request *request, const void *after, size_t after_length,
                                  const void **entries, size_t *entries_length)
{
        static uint8_t bytes[256];
        struct packer packer = packer_of(bytes, sizeof bytes);
        (void)request, (void)after_length;
        seen.after = after;
        ck_assert(newer_entry_pack(&packer, &(struct newer_entry){.name = "fig",
                                                                  .name_length = 3,
                                                                  .size = optional_word(7),
                                                                  .owner = "ada",
                                                                  .owner_length = 3}));
        ck_assert(
            newer_entry_pack(&packer, &(struct newer_entry){.name = "pear", .name_length = 4}));
        *entries = bytes;
        *entries_length = packer.length;
        return OUTCOME_OK;
}

static const struct older_server older = {.find = older_find_serve, .list = older_list_serve};
static const struct newer_server newer = {.find = newer_find_serve, .list = newer_list_serve};

START_TEST(an_old_caller_finds_nothing_changed_at_a_new_server)
{
        uint64_t size = 0;
        uint8_t bytes[256];
        size_t length;
        struct older_entry entry;
        loop_serve_by(newer_dispatch, &newer);
        seen.most.given = seen.owner = seen.after = true;
        ck_assert_uint_eq(older_find(RIGHT, DEADLINE, "fig", 3, &size), OUTCOME_OK);
        ck_assert_uint_eq(size, 3);
        ck_assert_uint_eq(older_list(RIGHT, DEADLINE, bytes, sizeof bytes, &length), OUTCOME_OK);
        ck_assert(!seen.most.given && !seen.owner && !seen.after);
        struct unpacker from = unpacker_of(bytes, length);
        ck_assert(older_entry_next(&from, &entry));
        ck_assert_uint_eq(entry.name_length, 3);
        ck_assert_mem_eq(entry.name, "fig", 3);
        ck_assert(older_entry_next(&from, &entry));
        ck_assert_uint_eq(entry.name_length, 4);
        ck_assert_uint_eq(from.left, 0);
}
END_TEST

START_TEST(an_old_server_passes_over_what_a_new_caller_adds)
{
        uint64_t size = 0;
        struct optional_word age = optional_word(1);
        uint8_t bytes[256];
        size_t length;
        struct newer_entry entry;
        loop_serve_by(older_dispatch, &older);
        ck_assert_uint_eq(
            newer_find(RIGHT, DEADLINE, "fig", 3, optional_word(4), "ada", 3, &size, &age),
            OUTCOME_OK);
        ck_assert_uint_eq(size, 3);
        ck_assert(!age.given);
        ck_assert_uint_eq(newer_list(RIGHT, DEADLINE, "e", 1, bytes, sizeof bytes, &length),
                          OUTCOME_OK);
        struct unpacker from = unpacker_of(bytes, length);
        ck_assert(newer_entry_next(&from, &entry));
        ck_assert_mem_eq(entry.name, "fig", 3);
        ck_assert(!entry.size.given && !entry.owner);
}
END_TEST

START_TEST(new_ones_tell_each_other_all)
{
        uint64_t size = 0;
        struct optional_word age = {0};
        loop_serve_by(newer_dispatch, &newer);
        ck_assert_uint_eq(
            newer_find(RIGHT, DEADLINE, "fig", 3, optional_word(4), "ada", 3, &size, &age),
            OUTCOME_OK);
        ck_assert(seen.most.given && seen.most.word == 4 && seen.owner);
        ck_assert(age.given && age.word == 12);
}
END_TEST

TCase *evolution_tests(void)
{
        TCase *tests = tcase_create("evolution");
        tcase_add_test(tests, an_old_caller_finds_nothing_changed_at_a_new_server);
        tcase_add_test(tests, an_old_server_passes_over_what_a_new_caller_adds);
        tcase_add_test(tests, new_ones_tell_each_other_all);
        return tests;
}
