/* Notes for a next server: what it finds, what it is told, what gives way. */
#include "servers/fs/notes.h"
#include "tests/unit/fs/test_fs.h"

enum { TOKEN = 77, BADGE = 5, REQUEST = 9 };

static struct notes_memory memory;
static struct notes notes;

static void setup(void)
{
        memory = (struct notes_memory){0};
        notes_begin(&notes, &memory);
}

/* The server dies, and another one has the same memory. */
static void die(void)
{
        notes_begin(&notes, &memory);
}

START_TEST(the_next_server_finds_a_note_by_its_token_alone)
{
        struct note *note = note_add(&notes, TOKEN, BADGE);
        uint64_t at;
        note->offset = 12;
        note->request = REQUEST;
        note->request_at = 4;
        ck_assert_uint_eq(note_badge(&notes, note), BADGE);
        die();
        ck_assert_ptr_null(note_find(&notes, TOKEN + 1));
        ck_assert_ptr_null(note_find(&notes, 0));
        ck_assert_ptr_eq(note_find(&notes, TOKEN), note);
        ck_assert_uint_eq(note_badge(&notes, note), 0);
        ck_assert_uint_eq(note->offset, 12);
        ck_assert(note_executed(&notes, note, REQUEST, &at));
        ck_assert_uint_eq(at, 4);
        ck_assert(!note_executed(&notes, note, REQUEST + 1, &at));
}
END_TEST

START_TEST(what_was_executed_last_stays_known_though_others_go_on)
{
        struct note *note = note_add(&notes, TOKEN, BADGE);
        uint64_t at;
        note->request = REQUEST;
        die();
        note_resumed(&notes, note, BADGE + 1);
        note->request = REQUEST + 1;
        ck_assert(note_executed(&notes, note, REQUEST, &at));
        ck_assert(!note_executed(&notes, note, REQUEST + 1, &at));
        ck_assert(!note_executed(&notes, note, 0, &at));
        ck_assert_uint_eq(note_badge(&notes, note), BADGE + 1);
}
END_TEST

START_TEST(a_note_ends_with_its_file_unless_others_may_still_resume_it)
{
        struct note *note = note_add(&notes, TOKEN, BADGE);
        note_closed(&notes, note);
        ck_assert_ptr_null(note_find(&notes, TOKEN));
        note = note_add(&notes, TOKEN, BADGE);
        die();
        note_resumed(&notes, note, BADGE);
        note_closed(&notes, note);
        ck_assert_ptr_eq(note_find(&notes, TOKEN), note);
        ck_assert_uint_eq(note_badge(&notes, note), 0);
        note_resumed(&notes, note, BADGE + 1);
        note_drop(&notes, note);
        ck_assert_ptr_null(note_find(&notes, TOKEN));
}
END_TEST

START_TEST(those_that_nobody_resumes_give_way_and_others_do_not)
{
        for (uint64_t i = 1; i <= NOTES; i++)
                ck_assert_ptr_nonnull(note_add(&notes, i, i));
        ck_assert_ptr_null(note_add(&notes, NOTES + 1, 1));
        die();
        for (uint64_t i = 1; i < NOTES; i++)
                note_resumed(&notes, note_find(&notes, i), i);
        ck_assert_ptr_nonnull(note_add(&notes, NOTES + 1, 1));
        ck_assert_ptr_null(note_find(&notes, NOTES));
        ck_assert_ptr_null(note_add(&notes, NOTES + 2, 1));
}
END_TEST

START_TEST(memory_that_holds_no_notes_is_empty)
{
        memset(&memory, 0x5a, sizeof memory);
        die();
        ck_assert_ptr_null(note_find(&notes, 0x5a5a5a5a5a5a5a5a));
        notes_begin(&notes, NULL);
        ck_assert_ptr_null(note_add(&notes, TOKEN, BADGE));
        ck_assert_ptr_null(note_find(&notes, TOKEN));
}
END_TEST

Suite *notes_suite(void)
{
        Suite *suite = suite_create("fs/notes");
        TCase *tcase = tcase_create("notes");
        tcase_add_checked_fixture(tcase, setup, NULL);
        tcase_add_test(tcase, the_next_server_finds_a_note_by_its_token_alone);
        tcase_add_test(tcase, what_was_executed_last_stays_known_though_others_go_on);
        tcase_add_test(tcase, a_note_ends_with_its_file_unless_others_may_still_resume_it);
        tcase_add_test(tcase, those_that_nobody_resumes_give_way_and_others_do_not);
        tcase_add_test(tcase, memory_that_holds_no_notes_is_empty);
        suite_add_tcase(suite, tcase);
        return suite;
}
