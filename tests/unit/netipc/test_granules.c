/* Content in granules: runs of any length, which may overlap, and packets that are full of them. */
#include <stdlib.h>
#include <string.h>

#include "netipc/core/granules.h"
#include "netipc/core/packet.h"
#include "netipc/core/queues.h"
#include "netipc/core/state.h"
#include "tests/unit/netipc/lab.h"

enum { LONG = WIRE_BYTES_MAX, STEPS_MOST = 20000 };

/* --- sets ------------------------------------------------------------------------------------- */

/* Random runs, against arrays of bools. */
START_TEST(sets_are_what_was_added_and_not_removed)
{
        struct granules set = {0}, but = {0};
        bool in[WIRE_GRANULES_MAX] = {false}, out[WIRE_GRANULES_MAX] = {false};
        srand(1);
        for (unsigned i = 0; i < WIRE_GRANULES_MAX; i += 3) {
                out[i] = true;
                ck_assert_uint_eq(granules_add(&but, NULL, i, 1), 1);
        }
        for (unsigned round = 0; round < 1000; round++) {
                unsigned first = (unsigned)rand() % WIRE_GRANULES_MAX;
                unsigned count = 1 + (unsigned)rand() % (WIRE_GRANULES_MAX - first);
                bool removes = rand() & 1, spares = rand() & 1;
                unsigned before = 0, changed = 0, run = 0;
                for (unsigned i = first; i < first + count; i++) {
                        bool changes = removes ? in[i] : !in[i] && !(spares && out[i]);
                        before += in[i];
                        changed += changes;
                        in[i] ^= changes;
                }
                ck_assert_uint_eq(granules_in(&set, first, count), before);
                ck_assert_uint_eq(removes ? granules_remove(&set, first, count)
                                          : granules_add(&set, spares ? &but : NULL, first, count),
                                  changed);
                while (first + run < WIRE_GRANULES_MAX && in[first + run])
                        run++;
                ck_assert_uint_eq(granules_run(&set, first, WIRE_GRANULES_MAX), run);
                for (unsigned i = 0; i < WIRE_GRANULES_MAX; i++)
                        ck_assert_int_eq(granules_has(&set, i), in[i]);
                for (unsigned i = 0; i < WIRE_GRANULES_MAX; i++)
                        if (in[i]) {
                                ck_assert_uint_eq(granules_first(&set), i);
                                break;
                        }
        }
}
END_TEST

START_TEST(each_length_has_its_granules)
{
        const struct {
                uint32_t total;
                unsigned granules;
        } lengths[] = {{0, 1},
                       {1, 1},
                       {WIRE_GRANULE, 1},
                       {WIRE_GRANULE + 1, 2},
                       {WIRE_SHORT_BYTES, WIRE_SHORT},
                       {WIRE_SHORT_BYTES + 1, WIRE_SHORT + 1},
                       {WIRE_CONTENT_MAX, WIRE_GRANULES_MAX}};
        for (unsigned i = 0; i < sizeof(lengths) / sizeof(*lengths); i++)
                ck_assert_uint_eq(granules_of(lengths[i].total), lengths[i].granules);
        ck_assert_uint_le(WIRE_GRANULES_MAX, UINT8_MAX);
        ck_assert_uint_le(WIRE_GRANULES_MAX, GRANULES_WORDS * 64);
}
END_TEST

/* --- what comes ------------------------------------------------------------------------------- */

static uint8_t content[LONG];

static void content_make(void)
{
        for (unsigned i = 0; i < sizeof(content); i++)
                content[i] = (uint8_t)(i * 31 >> 3 ^ i >> 11);
}

/* Forges a fragment of the content, from node 0 to node 1; `damage` is added to its bytes. */
static void fragment_comes(struct lab *lab, uint32_t total, unsigned first, unsigned count,
                           uint8_t damage)
{
        uint8_t frame[WIRE_FRAMES_MAX];
        struct wire_msg msg = lab_msg(1);
        uint32_t left = total - first * WIRE_GRANULE, length = count * WIRE_GRANULE;
        msg.total = total;
        msg.offset = first * WIRE_GRANULE;
        msg.fragment_length = (uint16_t)(length < left ? length : left);
        msg.flags = length < left ? 0 : MSG_FLAG_LAST;
        memcpy(frame, &msg, sizeof(msg));
        for (unsigned i = 0; i < msg.fragment_length; i++)
                frame[sizeof(msg) + i] = (uint8_t)(content[msg.offset + i] + damage);
        lab_forge(lab, 0, 1, frame, sizeof(msg) + msg.fragment_length);
}

/* In whatever fragments, in whatever order, some of them twice: each granule counts once, and as it
 * came first. */
START_TEST(fragments_that_overlap_make_one_message)
{
        enum { TOTAL = 9 * WIRE_GRANULE + 7 };
        static const struct {
                unsigned first, count;
                uint8_t damage; /* of what is known by then */
        } runs[] = {{2, 3, 0}, {2, 3, 1}, {4, 1, 1}, {8, 2, 0}, {1, 2, 0}, {7, 1, 0},
                    {9, 1, 1}, {1, 4, 1}, {5, 1, 0}, {0, 2, 0}, {3, 5, 0}};
        struct lab *lab = lab_make(2);
        content_make();
        for (unsigned i = 0; i < sizeof(runs) / sizeof(*runs); i++) {
                ck_assert_uint_eq(lab->node[1].deliveries, 0);
                fragment_comes(lab, TOTAL, runs[i].first, runs[i].count, runs[i].damage);
        }
        ck_assert_uint_eq(lab_delivered(lab, 1)->message.length, TOTAL);
        ck_assert_mem_eq(lab_delivered(lab, 1)->bytes, content, TOTAL);
        fragment_comes(lab, TOTAL, 0, 5, 0);
        ck_assert_uint_eq(lab->node[1].deliveries, 1);
        ck_assert_uint_eq(lab->node[1].down, 0);
        lab_free(lab);
}
END_TEST

START_TEST(part_of_a_fragment_that_is_known_is_not_taken_again)
{
        enum { TOTAL = 6 * WIRE_GRANULE };
        struct lab *lab = lab_make(2);
        content_make();
        fragment_comes(lab, TOTAL, 1, 2, 0);
        uint8_t frame[WIRE_FRAMES_MAX];
        struct wire_msg msg = lab_msg(1);
        msg.total = msg.fragment_length = TOTAL;
        memcpy(frame, &msg, sizeof(msg));
        memcpy(frame + sizeof(msg), content, TOTAL);
        memset(frame + sizeof(msg) + WIRE_GRANULE, 0xee, 2 * WIRE_GRANULE);
        lab_forge(lab, 0, 1, frame, sizeof(msg) + TOTAL);
        ck_assert_mem_eq(lab_delivered(lab, 1)->bytes, content, TOTAL);
        lab_free(lab);
}
END_TEST

/* --- what is sent ----------------------------------------------------------------------------- */

static struct {
        unsigned packets, messages, overlaps;
        unsigned longest, shortest; /* granules of a fragment that is not its message's last */
        uint32_t drop;              /* each so many-th packet with a message is lost; 0: none */
        uint8_t seen[WIRE_GRANULES_MAX];
} wire;

static bool look(struct lab *lab, struct lab_packet *packet)
{
        (void)lab;
        struct wire_frame frame;
        size_t used, left = wire_body_length(packet->length);
        const uint8_t *frames = wire_body(packet->bytes);
        unsigned messages = 0;
        if (packet->from != 0 || packet->bytes[0] != (WIRE_VERSION << 4 | PACKET_CLEAR))
                return true;
        for (; left; frames += used, left -= used) {
                ck_assert_int_eq(wire_frame_decode(frames, left, &frame, &used), WIRE_OK);
                if (frame.type != FRAME_MSG)
                        continue;
                unsigned count = granules_of(frame.msg.fragment_length);
                messages++;
                if (!(frame.msg.flags & MSG_FLAG_LAST)) {
                        wire.longest = count > wire.longest ? count : wire.longest;
                        wire.shortest = count < wire.shortest ? count : wire.shortest;
                }
                for (unsigned i = 0; i < count; i++)
                        wire.overlaps += wire.seen[frame.msg.offset / WIRE_GRANULE + i]++ == 1;
        }
        wire.packets += messages > 0;
        wire.messages += messages;
        return !messages || !wire.drop || wire.packets % wire.drop;
}

static void look_from_now(struct lab *lab, unsigned drop)
{
        memset(&wire, 0, sizeof(wire));
        wire.shortest = WIRE_GRANULES_MAX;
        wire.drop = drop;
        lab->filter = look;
}

/* A call with so many bytes of content and one word; n2 gets it whole. */
static void call_carries(struct lab *lab, uint32_t length)
{
        struct core_message message = lab_message(1);
        unsigned before = lab->node[1].deliveries;
        message.bytes = content;
        message.length = length;
        core_call(lab->node[0].core, lab->node[0].root[1], &message, 1, NULL, lab->now);
        for (unsigned step = 0; lab->node[1].deliveries == before; step++) {
                ck_assert_uint_lt(step, STEPS_MOST);
                lab_step(lab);
        }
        ck_assert_mem_eq(lab_delivered(lab, 1)->bytes, content, length);
        core_reply(lab->node[1].core, lab_delivered(lab, 1)->call, OUTCOME_OK, NULL, lab->now);
        lab_run(lab, 20);
        ck_assert_uint_eq(lab_completed(lab, 0)->outcome, OUTCOME_OK);
}

/* As many packets as there are granules for, of what paths usually take. */
START_TEST(packets_are_full_of_granules)
{
        static const struct {
                size_t mtu;
                unsigned granules, packets;
        } paths[] = {{WIRE_IP_MTU, 4, 60}, {1500, 5, 48}, {9000, 32, 8}};
        content_make();
        for (unsigned i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
                size_t bytes = paths[i].mtu - WIRE_IP_HEADERS;
                uint16_t most = (uint16_t)(bytes < WIRE_PACKET_MAX ? bytes : WIRE_PACKET_MAX);
                struct lab *lab = lab_make_large(2, false, most, 0);
                lab_run(lab, 100);
                look_from_now(lab, 0);
                call_carries(lab, LONG);
                ck_assert_uint_eq(wire.longest, paths[i].granules);
                ck_assert_uint_eq(wire.packets, paths[i].packets);
                ck_assert_uint_eq(wire.messages, paths[i].packets);
                ck_assert_uint_eq(wire.overlaps, 0);
                lab_free(lab);
        }
}
END_TEST

/* What is lost goes again in the fragments that fit by then, and is put together with them. */
START_TEST(what_was_lost_goes_in_other_fragments)
{
        content_make();
        for (unsigned drop = 2; drop < 9; drop++) {
                struct lab *lab = lab_make_large(2, false, WIRE_PACKET_MAX, 0);
                look_from_now(lab, drop);
                call_carries(lab, LONG);
                lab_path(lab, WIRE_PACKET_BASE); /* from now on no large one arrives */
                call_carries(lab, LONG);
                ck_assert_uint_le(wire.shortest, WIRE_SHORT);
                ck_assert_uint_eq(wire.longest, WIRE_PACKET_GRANULES);
                ck_assert_uint_eq(lab->node[0].down + lab->node[1].down, 0);
                lab_free(lab);
        }
}
END_TEST

/* The acknowledgement of a fragment counts for those of its granules that were sent twice, and of
 * these none is sent a third time. */
START_TEST(what_came_after_all_is_not_sent_again)
{
        struct lab *lab = lab_make_large(2, false, WIRE_PACKET_MAX, 0);
        struct session *session = lab_session(lab, 0, 1);
        struct sent *sent = &session->sent;
        uint64_t first = sent->next;
        content_make();
        look_from_now(lab, 0);
        lab_send(lab, 1, LONG, false);
        sent->window = 2 * WIRE_PLACES_MAX; /* two packets */
        core_flush(lab->node[0].core, lab->now);
        ck_assert_uint_eq(sent->next, first + 2);
        struct outgoing *out = &session->calls[0].out;
        ck_assert_uint_eq(out->fresh, 2 * WIRE_PACKET_GRANULES);
        lab->packets = 0;
        lab->cut[0][1] = true;
        while (sent->timeouts == 0)
                lab_step(lab); /* the first goes again, in small packets */
        ck_assert_uint_gt(sent->next, first + 2);
        unsigned again = out->again;
        ck_assert_uint_gt(again, 0);
        ck_assert_uint_lt(again, WIRE_PACKET_GRANULES);
        struct wire_ack ack = {.type = FRAME_ACK, .credit = 64, .first = 1, .largest = first};
        uint32_t noted = sent->noted;
        lab_forge(lab, 1, 0, &ack, sizeof(ack));
        ck_assert_uint_eq(out->again, 0);
        ck_assert_uint_gt(sent->noted, noted);
        for (; noted < sent->noted; noted++)
                ck_assert_uint_ge(sent->note[noted % SENT_NOTES].first, WIRE_PACKET_GRANULES);
        ck_assert_uint_eq(out->unacked, out->granules - WIRE_PACKET_GRANULES);
        lab_free(lab);
}
END_TEST

/* A message that any packet takes goes whole: its receiver need not put it together. */
START_TEST(short_message_goes_whole)
{
        struct lab *lab = lab_make(2);
        content_make();
        look_from_now(lab, 0);
        for (unsigned i = 0; i < 3; i++)
                lab_send(lab, i, WIRE_SHORT_BYTES - 3 * WIRE_GRANULE / 2, false);
        core_flush(lab->node[0].core, lab->now);
        ck_assert_uint_eq(wire.messages, 3);
        ck_assert_uint_eq(wire.shortest, WIRE_GRANULES_MAX);
        lab_free(lab);
}
END_TEST

/* What is left of a packet behind short messages is filled by a long one. */
START_TEST(long_message_fills_what_short_ones_leave)
{
        struct lab *lab = lab_make(2);
        look_from_now(lab, 0);
        lab_send(lab, 1, 300, true);
        lab_send(lab, 2, 20000, true);
        unsigned before = lab->packets;
        core_flush(lab->node[0].core, lab->now);
        ck_assert_uint_eq(lab_frames(&lab->packet[before], FRAME_MSG, 0), 2);
        ck_assert_uint_gt(lab->packet[before].length, WIRE_PACKET_BASE - WIRE_GRANULE);
        lab_free(lab);
}
END_TEST

Suite *granules_suite(void)
{
        Suite *suite = suite_create("granules");
        TCase *tests = tcase_create("granules");
        tcase_set_timeout(tests, 60);
        tcase_add_test(tests, sets_are_what_was_added_and_not_removed);
        tcase_add_test(tests, each_length_has_its_granules);
        tcase_add_test(tests, fragments_that_overlap_make_one_message);
        tcase_add_test(tests, part_of_a_fragment_that_is_known_is_not_taken_again);
        tcase_add_test(tests, packets_are_full_of_granules);
        tcase_add_test(tests, what_was_lost_goes_in_other_fragments);
        tcase_add_test(tests, what_came_after_all_is_not_sent_again);
        tcase_add_test(tests, short_message_goes_whole);
        tcase_add_test(tests, long_message_fills_what_short_ones_leave);
        suite_add_tcase(suite, tests);
        return suite;
}
