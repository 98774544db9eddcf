/* Enums, records, lists and optional parameters of generated code: what is given arrives, what
 * nobody described is malformed before a handler sees it. */
#include "tests/unit/idl/loop.h"
#include "tests/unit/idl/suites.h"

#include <string.h>
#include "servers/proto/sample.h"

static struct {
        unsigned served, entries, tags, moods, numbers;
        struct sample_entry entry;
        struct optional_word b, mood;
        size_t c_length;
        bool c_given;
        uint64_t answer_mood;
        unsigned listed; /* entries that `list` gives */
} server;

static outcome_t feel(struct request *request, uint64_t mood, uint64_t *mood_out)
{
        (void)request, (void)mood;
        server.served++;
        *mood_out = server.answer_mood;
        return OUTCOME_OK;
}

static outcome_t list(struct request *request, uint64_t most, const void **entries,
                      size_t *entries_length)
{
        static uint8_t bytes[512];
        struct packer packer = packer_of(bytes, sizeof bytes);
        (void)request, (void)most;
        for (unsigned i = 0; i < server.listed; i++) {
                struct sample_entry entry = {.name = "abcdefghi",
                                             .name_length = i,
                                             .mood = SAMPLE_MOOD_ANGRY,
                                             .size = 100 + i};
                if (i % 2)
                        entry.age = optional_word(i);
                else
                        entry.note = "old", entry.note_length = 3;
                ck_assert(sample_entry_pack(&packer, &entry));
        }
        *entries = bytes;
        *entries_length = packer.length;
        return OUTCOME_OK;
}

static outcome_t store(struct request *request, const void *entry, size_t entry_length,
                       const void *tags, size_t tags_length, const void *moods, size_t moods_length,
                       const void *numbers, size_t numbers_length, uint64_t *count)
{
        (void)request;
        server.served++;
        struct unpacker from = unpacker_of(entry, entry_length);
        ck_assert(sample_entry_next(&from, &server.entry));
        const void *tag;
        size_t length;
        uint64_t word;
        for (from = unpacker_of(tags, tags_length); unpack_bytes(&from, &tag, &length);)
                server.tags += (unsigned)length;
        for (from = unpacker_of(moods, moods_length); unpack_word(&from, &word);)
                server.moods += (unsigned)word;
        for (from = unpacker_of(numbers, numbers_length); unpack_word(&from, &word);)
                server.numbers += (unsigned)word;
        *count = server.tags;
        return OUTCOME_OK;
}

static outcome_t ask(struct request *request, uint64_t a, struct optional_word b, const void *c,
                     size_t c_length, struct optional_word mood, uint64_t *sum,
                     struct optional_word *rest)
{
        (void)request;
        server.served++;
        server.b = b;
        server.mood = mood;
        server.c_given = c;
        server.c_length = c_length;
        *sum = a + b.word;
        if (mood.given)
                *rest = optional_word(mood.word + 1);
        return OUTCOME_OK;
}

static const struct sample_server handlers = {
    .feel = feel, .list = list, .store = store, .ask = ask};

static void setup(void)
{
        memset(&server, 0, sizeof server);
        loop_serve_by(sample_dispatch, &handlers);
}

/* One record and three lists, as `store` takes them. */
struct stored {
        uint8_t entry[128], tags[128], moods[64], numbers[64];
        size_t entry_length, tags_length, moods_length, numbers_length;
};

static void stored_make(struct stored *stored)
{
        struct sample_entry entry = {.name = "pear", .name_length = 4, .size = 9};
        struct packer packer = packer_of(stored->entry, sizeof stored->entry);
        ck_assert(sample_entry_pack(&packer, &entry));
        stored->entry_length = packer.length;
        packer = packer_of(stored->tags, sizeof stored->tags);
        ck_assert(pack_bytes(&packer, "ripe", 4) && pack_bytes(&packer, "", 0));
        stored->tags_length = packer.length;
        packer = packer_of(stored->moods, sizeof stored->moods);
        ck_assert(pack_word(&packer, SAMPLE_MOOD_ANGRY) && pack_word(&packer, SAMPLE_MOOD_CALM));
        stored->moods_length = packer.length;
        packer = packer_of(stored->numbers, sizeof stored->numbers);
        ck_assert(pack_word(&packer, 20) && pack_word(&packer, 22));
        stored->numbers_length = packer.length;
}

static outcome_t stored_send(const struct stored *stored)
{
        uint64_t count;
        return sample_store(RIGHT, DEADLINE, stored->entry, stored->entry_length, stored->tags,
                            stored->tags_length, stored->moods, stored->moods_length,
                            stored->numbers_length ? stored->numbers : NULL, stored->numbers_length,
                            &count);
}

START_TEST(a_value_is_one_of_its_enum_in_both_directions)
{
        uint64_t mood = 5;
        server.answer_mood = SAMPLE_MOOD_ANGRY;
        ck_assert_uint_eq(sample_feel(RIGHT, DEADLINE, SAMPLE_MOOD_CALM, &mood), OUTCOME_OK);
        ck_assert_uint_eq(mood, SAMPLE_MOOD_ANGRY);
        ck_assert_uint_eq(sample_feel(RIGHT, DEADLINE, 1, &mood), answered(REASON_MALFORMED));
        ck_assert_uint_eq(server.served, 1);
        server.answer_mood = 8;
        ck_assert_uint_eq(sample_feel(RIGHT, DEADLINE, 0, &mood),
                          perhaps_executed(REASON_MALFORMED));
        ck_assert_uint_eq(mood, SAMPLE_MOOD_ANGRY);
}
END_TEST

START_TEST(a_list_of_records_arrives_with_what_is_optional)
{
        uint8_t bytes[512];
        size_t length;
        server.listed = 4;
        ck_assert_uint_eq(sample_list(RIGHT, DEADLINE, 9, bytes, sizeof bytes, &length),
                          OUTCOME_OK);
        struct unpacker from = unpacker_of(bytes, length);
        struct sample_entry entry;
        for (unsigned i = 0; i < 4; i++) {
                ck_assert(sample_entry_next(&from, &entry));
                ck_assert_uint_eq(entry.name_length, i);
                ck_assert_mem_eq(entry.name, "abcdefghi", i);
                ck_assert_uint_eq(entry.size, 100 + i);
                ck_assert_uint_eq(entry.age.given, i % 2);
                ck_assert_uint_eq(entry.age.word, i % 2 ? i : 0);
                ck_assert_uint_eq(!!entry.note, i % 2 == 0);
                ck_assert_uint_eq(entry.note_length, i % 2 ? 0 : 3);
        }
        ck_assert(!sample_entry_next(&from, &entry));
        ck_assert_uint_eq(from.left, 0);
}
END_TEST

START_TEST(a_longer_list_than_described_is_malformed)
{
        uint8_t bytes[512];
        size_t length = 7;
        server.listed = 5;
        ck_assert_uint_eq(sample_list(RIGHT, DEADLINE, 9, bytes, sizeof bytes, &length),
                          perhaps_executed(REASON_MALFORMED));
        ck_assert_uint_eq(length, 7);
}
END_TEST

START_TEST(records_and_lists_reach_the_server)
{
        struct stored stored;
        stored_make(&stored);
        ck_assert_uint_eq(stored_send(&stored), OUTCOME_OK);
        ck_assert_uint_eq(server.entry.size, 9);
        ck_assert_uint_eq(server.tags, 4);
        ck_assert_uint_eq(server.moods, 7);
        ck_assert_uint_eq(server.numbers, 42);
        stored.numbers_length = 0;
        ck_assert_uint_eq(stored_send(&stored), OUTCOME_OK);
        ck_assert_uint_eq(server.numbers, 42);
}
END_TEST

/* What is wrong with a `store`. */
static void damage(struct stored *stored, int which)
{
        static const uint64_t unknown_mood = 3;
        switch (which) {
        case 0: /* no record */
                stored->entry_length = 0;
                break;
        case 1: /* two of them */
                memcpy(stored->entry + stored->entry_length, stored->entry, stored->entry_length);
                stored->entry_length *= 2;
                break;
        case 2: /* cut */
                stored->entry_length -= 8;
                break;
        case 3: /* its number of bytes */
                stored->entry[0]++;
                break;
        case 4: /* its number of words */
                stored->entry[4]++;
                break;
        case 5: /* a reserved byte */
                stored->entry[6] = 1;
                break;
        case 6: /* the length of its name */
                stored->entry[8 + 2 * 8] = 200;
                break;
        case 7: /* its mood */
                memcpy(stored->entry + 8, &unknown_mood, 8);
                break;
        case 8: /* four tags of three */
                memcpy(stored->tags + stored->tags_length, stored->tags, stored->tags_length);
                stored->tags_length *= 2;
                break;
        case 9: /* half a word */
                stored->moods_length -= 4;
                break;
        case 10: /* none of the enum */
                memcpy(stored->moods + 8, &unknown_mood, 8);
                break;
        case 11: /* three numbers of two */
                stored->numbers_length = 24;
                break;
        }
}

START_TEST(what_is_not_as_described_never_reaches_a_handler)
{
        struct stored stored = {0};
        stored_make(&stored);
        damage(&stored, _i);
        ck_assert_uint_eq(stored_send(&stored), answered(REASON_MALFORMED));
        ck_assert_uint_eq(server.served, 0);
}
END_TEST

/* Bit 0: b; 1: c; 2: mood. */
START_TEST(optional_parameters_arrive_if_they_are_given)
{
        uint64_t sum;
        struct optional_word none = {0}, rest = optional_word(77);
        outcome_t outcome = sample_ask(
            RIGHT, DEADLINE, 1, _i & 1 ? optional_word(2) : none, _i & 2 ? "abc" : NULL,
            _i & 2 ? 3 : 0, _i & 4 ? optional_word(SAMPLE_MOOD_ANGRY) : none, &sum, &rest);
        ck_assert_uint_eq(outcome, OUTCOME_OK);
        ck_assert_uint_eq(sum, _i & 1 ? 3 : 1);
        ck_assert_uint_eq(server.b.given, _i & 1);
        ck_assert_uint_eq(server.c_given, _i >> 1 & 1);
        ck_assert_uint_eq(server.c_length, _i & 2 ? 3 : 0);
        ck_assert_uint_eq(server.mood.given, _i >> 2 & 1);
        ck_assert_uint_eq(rest.given, _i >> 2 & 1);
        ck_assert_uint_eq(rest.word, _i & 4 ? 8 : 0);
        if (!_i)
                ck_assert_uint_eq(loop_sent()->word_count, 1);
}
END_TEST

START_TEST(a_mask_that_does_not_fit_its_words_is_malformed)
{
        static const struct message wrong[] = {
            {.word_count = 2, .words = {1, 0}},         /* nothing is given */
            {.word_count = 2, .words = {1, 1}},         /* its word is missing */
            {.word_count = 4, .words = {1, 1, 2, 3}},   /* one word too many */
            {.word_count = 3, .words = {1, 1 << 1, 4}}, /* bytes that are not there */
            {.word_count = 3, .words = {1, 1 << 2, 3}}, /* no mood */
            {.word_count = 3, .words = {1, 1 << 7, 3}}, /* more than there can be */
            {.word_count = 3, .words = {1, 1ull << 63, 3}},
        };
        struct message message = wrong[_i];
        message.interface = SAMPLE_INTERFACE;
        message.method = SAMPLE_METHOD_ASK;
        ck_assert_uint_eq(loop_send(&message), answered(REASON_MALFORMED));
        ck_assert_uint_eq(server.served, 0);
}
END_TEST

START_TEST(a_record_without_room_is_not_written)
{
        uint8_t bytes[64] = {0}, nothing[64] = {0};
        struct sample_entry entry = {.name = "pear", .name_length = 4, .age = optional_word(1)};
        /* the head, three words, the mask and its word, and the name */
        size_t needed = record_length(5, 4);
        for (size_t room = 0; room < needed; room++) {
                struct packer packer = packer_of(bytes, room);
                ck_assert(!sample_entry_pack(&packer, &entry));
                ck_assert_uint_eq(packer.length, 0);
        }
        ck_assert_mem_eq(bytes, nothing, sizeof bytes);
        struct packer packer = packer_of(bytes, needed);
        ck_assert(sample_entry_pack(&packer, &entry));
        ck_assert_uint_eq(packer.length, needed);
}
END_TEST

TCase *value_tests(void)
{
        TCase *tests = tcase_create("values");
        tcase_add_checked_fixture(tests, setup, NULL);
        tcase_add_test(tests, a_value_is_one_of_its_enum_in_both_directions);
        tcase_add_test(tests, a_list_of_records_arrives_with_what_is_optional);
        tcase_add_test(tests, a_longer_list_than_described_is_malformed);
        tcase_add_test(tests, records_and_lists_reach_the_server);
        tcase_add_loop_test(tests, what_is_not_as_described_never_reaches_a_handler, 0, 12);
        tcase_add_loop_test(tests, optional_parameters_arrive_if_they_are_given, 0, 8);
        tcase_add_loop_test(tests, a_mask_that_does_not_fit_its_words_is_malformed, 0, 7);
        tcase_add_test(tests, a_record_without_room_is_not_written);
        return tests;
}
