/* Packets of a session: sealing, opening, replays, key phases. */
#include <stdio.h>

#include "tests/unit/crypto/bench.h"
#include "tests/unit/crypto/crypto.h"
#include "tests/unit/crypto/vectors.h"

enum { FRAMES = 40, PACKET = FRAMES + PROTECT_OVERHEAD };

/* One direction of a session. */
struct direction {
        struct protect_sender sender;
        struct protect_receiver receiver;
        uint64_t now;
};

struct packet {
        uint8_t bytes[PACKET];
        uint64_t number;
};

static struct direction d;

static void start(enum cipher cipher, const uint8_t secret[PROTECT_SECRET])
{
        memset(&d, 0, sizeof(d));
        protect_sender_init(&d.sender, cipher, secret, 0);
        protect_receiver_init(&d.receiver, cipher, secret);
}

/* The tests below run with each cipher that this processor has. */
static void start_cipher(int cipher)
{
        uint8_t secret[PROTECT_SECRET];
        bench_fill(secret, sizeof(secret), 9);
        start(cipher_available((enum cipher)cipher) ? (enum cipher)cipher
                                                    : CIPHER_CHACHA20_POLY1305,
              secret);
}

static struct packet sealed(void)
{
        struct packet packet;
        bench_header(packet.bytes, TYPE_SEALED, 77);
        memset(packet.bytes + PROTECT_HEADER, 0xa5, FRAMES);
        packet.number = protect_seal(&d.sender, packet.bytes, FRAMES, d.now);
        return packet;
}

static enum crypto_refusal open_length(const struct packet *packet, size_t length)
{
        uint8_t plain[PACKET] = {0}, expected[FRAMES];
        memset(expected, 0xa5, FRAMES);
        enum crypto_refusal refusal =
            protect_open(&d.receiver, packet->bytes, length, plain, d.now);
        if (refusal == CRYPTO_TAKEN)
                ck_assert_mem_eq(plain, expected, FRAMES);
        return refusal;
}

static enum crypto_refusal opened(const struct packet *packet)
{
        return open_length(packet, PACKET);
}

/* --- vectors */

static uint64_t seal_at(uint64_t phase, uint64_t number, uint8_t *packet, size_t count)
{
        while (d.sender.phase < phase) {
                d.sender.acknowledged = d.sender.first;
                d.sender.next++;
                d.now += PROTECT_PHASE_TIME;
                uint8_t other[PROTECT_OVERHEAD];
                protect_seal(&d.sender, other, 0, d.now);
        }
        d.sender.first = d.sender.next = number;
        return protect_seal(&d.sender, packet, count, d.now);
}

static void vector_check(const char *cipher, unsigned phase, unsigned number)
{
        struct vector frames = vector("packet", "frames");
        uint8_t packet[200];
        char name[40];
        snprintf(name, sizeof(name), "%s.%u.%u", cipher, phase, number);
        struct vector expected = vector("packet", name);
        bench_header(packet, TYPE_SEALED, 77);
        memcpy(packet + PROTECT_HEADER, frames.bytes, frames.count);
        ck_assert_uint_eq(seal_at(phase, number, packet, frames.count), number);
        ck_assert_uint_eq(expected.count, frames.count + PROTECT_OVERHEAD);
        ck_assert_mem_eq(packet, expected.bytes, expected.count);
}

START_TEST(packets_and_phases_are_those_of_the_protocol)
{
        static const char *const names[CIPHERS] = {"chacha", "aes"};
        struct vector secret = vector("packet", "secret");
        if (!cipher_available((enum cipher)_i))
                return;
        start((enum cipher)_i, secret.bytes);
        vector_check(names[_i], 0, 1);
        vector_check(names[_i], 0, 2);
        vector_check(names[_i], 1, 3);
        vector_check(names[_i], 2, 4);
        vector_check(names[_i], 257, 5);
}
END_TEST

START_TEST(a_packet_without_frames_is_one)
{
        static const char *const names[CIPHERS] = {"chacha.empty", "aes.empty"};
        struct vector secret = vector("packet", "secret");
        if (!cipher_available((enum cipher)_i))
                return;
        struct vector expected = vector("packet", names[_i]);
        uint8_t packet[PROTECT_OVERHEAD], plain[1];
        start((enum cipher)_i, secret.bytes);
        bench_header(packet, TYPE_SEALED, 77);
        ck_assert_uint_eq(protect_seal(&d.sender, packet, 0, 0), 1);
        ck_assert_mem_eq(packet, expected.bytes, sizeof(packet));
        ck_assert_int_eq(protect_open(&d.receiver, packet, sizeof(packet), plain, 0), CRYPTO_TAKEN);
}
END_TEST

/* --- one phase */

START_TEST(packets_are_opened_in_any_order_and_once)
{
        enum { COUNT = 200 };
        static struct packet packets[COUNT];
        start_cipher(_i);
        for (unsigned i = 0; i < COUNT; i++)
                packets[i] = sealed();
        for (unsigned i = 0; i < COUNT; i++) {
                unsigned at = (i * 77 + 13) % COUNT;
                ck_assert_uint_eq(packets[at].number, at + 1);
                ck_assert_int_eq(opened(&packets[at]), CRYPTO_TAKEN);
                ck_assert_int_eq(opened(&packets[at]), CRYPTO_REFUSED_NUMBER);
        }
        for (unsigned i = 0; i < COUNT; i++)
                ck_assert_int_eq(opened(&packets[i]), CRYPTO_REFUSED_NUMBER);
}
END_TEST

START_TEST(frames_are_opened_in_their_place)
{
        uint8_t expected[FRAMES];
        memset(expected, 0xa5, FRAMES);
        start_cipher(_i);
        struct packet packet = sealed();
        uint8_t *frames = packet.bytes + PROTECT_HEADER;
        ck_assert_mem_ne(frames, expected, FRAMES);
        ck_assert_int_eq(protect_open(&d.receiver, packet.bytes, PACKET, frames, 0), CRYPTO_TAKEN);
        ck_assert_mem_eq(frames, expected, FRAMES);
}
END_TEST

START_TEST(a_changed_bit_is_refused_and_changes_nothing)
{
        start_cipher(_i);
        struct packet packet = sealed();
        struct protect_receiver before = d.receiver;
        for (unsigned bit = 0; bit < 8 * PACKET; bit++) {
                packet.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
                ck_assert_int_ne(opened(&packet), CRYPTO_TAKEN);
                ck_assert_mem_eq(&d.receiver, &before, sizeof(before));
                packet.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        ck_assert_int_eq(opened(&packet), CRYPTO_TAKEN);
}
END_TEST

START_TEST(a_truncated_packet_is_refused)
{
        start_cipher(_i);
        struct packet packet = sealed();
        for (size_t length = 0; length < PACKET; length++)
                ck_assert_int_eq(open_length(&packet, length), length < PROTECT_OVERHEAD
                                                                   ? CRYPTO_REFUSED_LENGTH
                                                                   : CRYPTO_REFUSED_AUTHENTICATION);
        ck_assert_int_eq(opened(&packet), CRYPTO_TAKEN);
}
END_TEST

START_TEST(packets_of_another_session_or_direction_are_refused)
{
        uint8_t other[PROTECT_SECRET];
        start_cipher(_i);
        struct packet packet = sealed();
        enum cipher cipher = d.sender.key.cipher;
        bench_fill(other, sizeof(other), 10);
        start(cipher, other);
        ck_assert_int_eq(opened(&packet), CRYPTO_REFUSED_AUTHENTICATION);
}
END_TEST

START_TEST(the_two_directions_of_a_session_have_keys_of_their_own)
{
        static struct bench bench;
        bench_init(&bench);
        ck_assert(bench_run(&bench));
        memset(&d, 0, sizeof(d));
        protect_sender_init(&d.sender, bench.of_a.cipher, bench.of_a.split.from_initiator, 0);
        protect_receiver_init(&d.receiver, bench.of_a.cipher, bench.of_a.split.from_responder);
        struct packet packet = sealed();
        ck_assert_int_eq(opened(&packet), CRYPTO_REFUSED_AUTHENTICATION);
        protect_receiver_init(&d.receiver, bench.of_b.cipher, bench.of_b.split.from_initiator);
        ck_assert_int_eq(opened(&packet), CRYPTO_TAKEN);
}
END_TEST

START_TEST(a_number_that_is_far_too_large_is_refused_before_it_moves_the_window)
{
        start_cipher(_i);
        struct packet packet = sealed();
        uint64_t number = PROTECT_NUMBER_MAX;
        memcpy(packet.bytes + PROTECT_HEADER_NUMBER, &number, sizeof(number));
        ck_assert_int_eq(opened(&packet), CRYPTO_REFUSED_NUMBER);
        d.sender.next = PROTECT_NUMBER_MAX;
        d.sender.first = PROTECT_NUMBER_MAX - 1;
        ck_assert_uint_eq(sealed().number, 0);
}
END_TEST

/* --- phases */

/* Ends the sender's phase: its next packet has the next one. */
static void phase_due(void)
{
        protect_acknowledged(&d.sender, d.sender.next - 1);
        d.now += PROTECT_PHASE_TIME;
}

START_TEST(a_phase_ends_by_its_time)
{
        start_cipher(_i);
        struct packet packet = sealed();
        ck_assert_int_eq(opened(&packet), CRYPTO_TAKEN);
        protect_acknowledged(&d.sender, 1);
        d.now = PROTECT_PHASE_TIME - 1;
        ck_assert_uint_eq(sealed().bytes[PROTECT_HEADER_PHASE], 0);
        d.now = PROTECT_PHASE_TIME;
        packet = sealed();
        ck_assert_uint_eq(packet.bytes[PROTECT_HEADER_PHASE], 1);
        ck_assert_int_eq(opened(&packet), CRYPTO_TAKEN);
        ck_assert_uint_eq(packet.number, 3);
}
END_TEST

START_TEST(a_phase_ends_by_its_packets)
{
        start_cipher(_i);
        struct packet packet = sealed();
        ck_assert_int_eq(opened(&packet), CRYPTO_TAKEN);
        protect_acknowledged(&d.sender, 1);
        d.sender.next = PROTECT_PHASE_PACKETS;
        ck_assert_uint_eq(sealed().bytes[PROTECT_HEADER_PHASE], 0);
        packet = sealed();
        ck_assert_uint_eq(packet.bytes[PROTECT_HEADER_PHASE], 1);
        ck_assert_int_eq(opened(&packet), CRYPTO_TAKEN);
}
END_TEST

START_TEST(no_phase_ends_before_the_receiver_has_shown_that_it_knows_it)
{
        start_cipher(_i);
        d.now = PROTECT_PHASE_TIME;
        ck_assert_uint_eq(sealed().bytes[PROTECT_HEADER_PHASE], 0);
        protect_acknowledged(&d.sender, 1);
        ck_assert_uint_eq(sealed().bytes[PROTECT_HEADER_PHASE], 1);
        d.now = 2 * PROTECT_PHASE_TIME;
        ck_assert_uint_eq(sealed().bytes[PROTECT_HEADER_PHASE], 1);
        protect_acknowledged(&d.sender, 1);
        ck_assert_uint_eq(sealed().bytes[PROTECT_HEADER_PHASE], 1);
        protect_acknowledged(&d.sender, 2);
        ck_assert_uint_eq(sealed().bytes[PROTECT_HEADER_PHASE], 2);
        /* Nor are more packets sealed with one key than it is good for. */
        d.sender.next = d.sender.first + PROTECT_PHASE_PACKETS;
        ck_assert_uint_eq(sealed().number, 0);
}
END_TEST

START_TEST(late_packets_of_the_phase_before_are_opened_for_a_while)
{
        start_cipher(_i);
        struct packet packet = sealed(), late = sealed(), too_late = sealed();
        ck_assert_int_eq(opened(&packet), CRYPTO_TAKEN);
        phase_due();
        packet = sealed();
        ck_assert_int_eq(opened(&packet), CRYPTO_TAKEN);
        d.now += PROTECT_LATE - 1;
        ck_assert_int_eq(opened(&late), CRYPTO_TAKEN);
        ck_assert_int_eq(opened(&late), CRYPTO_REFUSED_NUMBER);
        d.now++;
        ck_assert_int_eq(opened(&too_late), CRYPTO_REFUSED_PHASE);
        /* The next packet wipes the key that is not needed any more. */
        packet = sealed();
        ck_assert_int_eq(opened(&packet), CRYPTO_TAKEN);
        static const struct cipher_key none;
        ck_assert_mem_eq(&d.receiver.before, &none, sizeof(none));
}
END_TEST

START_TEST(only_the_next_phase_can_begin)
{
        start_cipher(_i);
        struct packet packet = sealed();
        ck_assert_int_eq(opened(&packet), CRYPTO_TAKEN);
        phase_due();
        sealed();
        phase_due();
        packet = sealed();
        ck_assert_uint_eq(packet.bytes[PROTECT_HEADER_PHASE], 2);
        ck_assert_int_eq(opened(&packet), CRYPTO_REFUSED_PHASE);
}
END_TEST

/* A key of a phase is worth nothing for numbers of another. */
START_TEST(numbers_and_phases_grow_together)
{
        start_cipher(_i);
        struct packet first = sealed(), second = sealed();
        struct protect_sender old = d.sender;
        ck_assert_int_eq(opened(&second), CRYPTO_TAKEN);
        phase_due();
        struct packet third = sealed(); /* number 3, phase 1 */
        struct protect_sender young = d.sender;
        /* The next phase, with a number below the last of this one. */
        d.sender.first = d.sender.next = 1;
        struct packet packet = sealed();
        ck_assert_uint_eq(packet.bytes[PROTECT_HEADER_PHASE], 1);
        ck_assert_int_eq(opened(&packet), CRYPTO_REFUSED_PHASE);
        ck_assert_int_eq(opened(&third), CRYPTO_TAKEN);
        /* The phase before, with a number above the first of this one. */
        old.next = 4;
        d.sender = old;
        d.sender.began = d.now;
        packet = sealed();
        ck_assert_uint_eq(packet.bytes[PROTECT_HEADER_PHASE], 0);
        ck_assert_int_eq(opened(&packet), CRYPTO_REFUSED_PHASE);
        /* This phase, with a number below the last of the one before. */
        d.sender = young;
        d.sender.first = d.sender.next = 1;
        packet = sealed();
        ck_assert_uint_eq(packet.bytes[PROTECT_HEADER_PHASE], 1);
        ck_assert_int_eq(opened(&packet), CRYPTO_REFUSED_PHASE);
        ck_assert_int_eq(opened(&first), CRYPTO_TAKEN);
}
END_TEST

START_TEST(a_forged_phase_changes_nothing)
{
        start_cipher(_i);
        struct packet packet = sealed();
        ck_assert_int_eq(opened(&packet), CRYPTO_TAKEN);
        struct protect_receiver before = d.receiver;
        for (unsigned phase = 1; phase < 256; phase++) {
                packet = sealed();
                packet.bytes[PROTECT_HEADER_PHASE] = (uint8_t)phase;
                ck_assert_int_ne(opened(&packet), CRYPTO_TAKEN);
        }
        ck_assert_mem_eq(&d.receiver, &before, sizeof(before));
}
END_TEST

START_TEST(a_key_of_one_phase_does_not_tell_those_of_others)
{
        uint8_t keys[3][sizeof(struct cipher_key)];
        start_cipher(CIPHER_CHACHA20_POLY1305);
        for (unsigned i = 0; i < 3; i++) {
                sealed();
                memcpy(keys[i], &d.sender.key, sizeof(d.sender.key));
                ck_assert_mem_ne(d.sender.key.bytes, d.sender.secret, CIPHER_KEY);
                phase_due();
        }
        ck_assert_mem_ne(keys[0], keys[1], sizeof(keys[0]));
        ck_assert_mem_ne(keys[1], keys[2], sizeof(keys[0]));
        protect_end(&d.sender, &d.receiver);
        static const struct direction none;
        ck_assert_mem_eq(&d.sender, &none.sender, sizeof(none.sender));
        ck_assert_mem_eq(&d.receiver, &none.receiver, sizeof(none.receiver));
}
END_TEST

/* Many phases, a network that loses a tenth and delays by some hundred packets, and
 * acknowledgements that come. */
START_TEST(phases_survive_loss_and_reordering)
{
        enum { FLIGHT = 64, PACKETS = 30000 };
        static struct packet flight[FLIGHT];
        unsigned lost = 0, taken = 0, random = 7;
        start_cipher(_i);
        memset(flight, 0, sizeof(flight));
        d.sender.began = d.now = 2 * PROTECT_PHASE_TIME;
        for (unsigned i = 0; i < PACKETS; i++) {
                random = random * 1103515245 + 12345;
                struct packet *place = &flight[random >> 16 & (FLIGHT - 1)];
                if (place->number && (random >> 24) % 10 == 0) {
                        lost++;
                } else if (place->number) {
                        ck_assert_int_eq(opened(place), CRYPTO_TAKEN);
                        ck_assert_int_eq(opened(place), CRYPTO_REFUSED_NUMBER);
                        if (d.receiver.used && place->number >= d.receiver.first)
                                protect_acknowledged(&d.sender, place->number);
                        taken++;
                }
                d.now += PROTECT_LATE / 1000;
                *place = sealed();
                ck_assert_uint_eq(place->number, i + 1);
                if (i % 2000 == 1999)
                        d.sender.began = d.now - PROTECT_PHASE_TIME;
        }
        ck_assert_uint_gt(d.sender.phase, 10);
        ck_assert_uint_gt(lost, PACKETS / 20);
        ck_assert_uint_ge(lost + taken + FLIGHT, PACKETS);
}
END_TEST

Suite *protect_suite(void)
{
        Suite *suite = suite_create("protect");
        TCase *tests = tcase_create("protect");
        tcase_add_loop_test(tests, packets_and_phases_are_those_of_the_protocol, 0, CIPHERS);
        tcase_add_loop_test(tests, a_packet_without_frames_is_one, 0, CIPHERS);
        tcase_add_loop_test(tests, packets_are_opened_in_any_order_and_once, 0, CIPHERS);
        tcase_add_loop_test(tests, frames_are_opened_in_their_place, 0, CIPHERS);
        tcase_add_loop_test(tests, a_changed_bit_is_refused_and_changes_nothing, 0, CIPHERS);
        tcase_add_loop_test(tests, a_truncated_packet_is_refused, 0, CIPHERS);
        tcase_add_loop_test(tests, packets_of_another_session_or_direction_are_refused, 0, CIPHERS);
        tcase_add_test(tests, the_two_directions_of_a_session_have_keys_of_their_own);
        tcase_add_loop_test(tests,
                            a_number_that_is_far_too_large_is_refused_before_it_moves_the_window, 0,
                            CIPHERS);
        tcase_add_loop_test(tests, a_phase_ends_by_its_time, 0, CIPHERS);
        tcase_add_loop_test(tests, a_phase_ends_by_its_packets, 0, CIPHERS);
        tcase_add_loop_test(tests, no_phase_ends_before_the_receiver_has_shown_that_it_knows_it, 0,
                            CIPHERS);
        tcase_add_loop_test(tests, late_packets_of_the_phase_before_are_opened_for_a_while, 0,
                            CIPHERS);
        tcase_add_loop_test(tests, only_the_next_phase_can_begin, 0, CIPHERS);
        tcase_add_loop_test(tests, numbers_and_phases_grow_together, 0, CIPHERS);
        tcase_add_loop_test(tests, a_forged_phase_changes_nothing, 0, CIPHERS);
        tcase_add_test(tests, a_key_of_one_phase_does_not_tell_those_of_others);
        tcase_add_loop_test(tests, phases_survive_loss_and_reordering, 0, CIPHERS);
        suite_add_tcase(suite, tests);
        return suite;
}
