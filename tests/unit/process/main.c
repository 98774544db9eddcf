/* The cache of programs' files: nothing but what was promised comes out of it, and it stays within
 * its bounds. */
#include <check.h>
#include <sodium/crypto_generichash_blake2b.h>
#include <stdlib.h>
#include <string.h>
#include "servers/process/cache.h"
#include "servers/rt/task/memory.h"
#include "tests/unit/process/suites.h"
#include "tests/unit/suites.h"

static size_t freed;

void rt_memory_free(void *address, size_t bytes)
{
        free(address);
        freed += bytes;
}

struct file {
        uint64_t size;
        uint8_t *bytes;
        uint8_t digest[FS_DIGEST];
};

static struct file file_make(uint64_t size, uint8_t fill)
{
        struct file file = {.size = size, .bytes = malloc(size)};
        memset(file.bytes, fill, size);
        crypto_generichash_blake2b(file.digest, FS_DIGEST, file.bytes, size, NULL, 0);
        return file;
}

/* Whether it was taken; if not, it goes. */
static bool put(struct file *file)
{
        bool taken;
        ck_assert(cache_put(file->digest, file->bytes, file->size, 0, &taken));
        if (!taken)
                free(file->bytes);
        return taken;
}

static bool here(const struct file *file)
{
        handle_t memory;
        return cache_find(file->digest, file->size, &memory);
}

static void teardown(void)
{
        cache_shrink(NULL);
}

START_TEST(a_file_is_found_by_its_digest_and_size)
{
        handle_t memory;
        struct file file = file_make(1000, 1), other = file_make(1000, 2);
        ck_assert(put(&file));
        ck_assert_ptr_eq(cache_find(file.digest, file.size, &memory), file.bytes);
        ck_assert_ptr_null(cache_find(file.digest, file.size + 1, &memory));
        ck_assert(!here(&other));
        free(other.bytes);
}
END_TEST

START_TEST(what_is_not_what_its_server_says_is_refused)
{
        bool taken;
        struct file file = file_make(1000, 1), other = file_make(1000, 2);
        ck_assert(!cache_put(file.digest, other.bytes, other.size, 0, &taken) && !taken);
        ck_assert(!here(&file) && !here(&other));
        free(file.bytes);
        free(other.bytes);
}
END_TEST

START_TEST(the_one_used_longest_ago_goes_first)
{
        struct file files[CACHE_FILES + 1];
        for (uint8_t i = 0; i < CACHE_FILES; i++) {
                files[i] = file_make(1000, i);
                ck_assert(put(&files[i]));
        }
        ck_assert(here(&files[0]));
        files[CACHE_FILES] = file_make(1000, CACHE_FILES);
        ck_assert(put(&files[CACHE_FILES]));
        ck_assert(here(&files[0]) && !here(&files[1]) && here(&files[2]));
        ck_assert_uint_eq(freed, 1000);
}
END_TEST

START_TEST(it_takes_no_more_bytes_than_it_may)
{
        struct file large = file_make(CACHE_BYTES - 1000, 1), small = file_make(1000, 2);
        struct file more = file_make(1, 3), most = file_make(CACHE_BYTES + 1, 4);
        ck_assert(put(&large) && put(&small));
        ck_assert(here(&large) && here(&small));
        ck_assert(put(&more));
        ck_assert(!here(&large) && here(&small) && here(&more));
        ck_assert(!put(&most));
        ck_assert(here(&small));
}
END_TEST

START_TEST(a_file_is_kept_once)
{
        handle_t memory;
        struct file file = file_make(1000, 1), same = file_make(1000, 1);
        ck_assert(put(&file) && !put(&same));
        ck_assert_ptr_eq(cache_find(file.digest, file.size, &memory), file.bytes);
}
END_TEST

START_TEST(it_gives_way_but_for_what_is_in_use)
{
        struct file file = file_make(1000, 1), other = file_make(1000, 2);
        ck_assert(put(&file) && put(&other));
        ck_assert(cache_shrink(file.bytes));
        ck_assert(here(&file) && !here(&other));
        ck_assert(!cache_shrink(file.bytes));
        ck_assert(cache_shrink(NULL) && !here(&file));
}
END_TEST

int main(void)
{
        Suite *suite = suite_create("process");
        TCase *tcase = tcase_create("cache");
        tcase_add_checked_fixture(tcase, NULL, teardown);
        tcase_add_test(tcase, a_file_is_found_by_its_digest_and_size);
        tcase_add_test(tcase, what_is_not_what_its_server_says_is_refused);
        tcase_add_test(tcase, the_one_used_longest_ago_goes_first);
        tcase_add_test(tcase, it_takes_no_more_bytes_than_it_may);
        tcase_add_test(tcase, a_file_is_kept_once);
        tcase_add_test(tcase, it_gives_way_but_for_what_is_in_use);
        suite_add_tcase(suite, tcase);
        suite_add_tcase(suite, spawner_tests());
        suite_add_tcase(suite, group_tests());
        suite_add_tcase(suite, family_tests());
        suite_add_tcase(suite, memory_file_tests());
        return suites_run(suite, NULL);
}
