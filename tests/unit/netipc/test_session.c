/* How nodes meet, lose each other and meet again. */
#include <string.h>

#include "netipc/core/secure.h"
#include "netipc/core/state.h"
#include "tests/unit/netipc/lab.h"

START_TEST(nodes_meet_within_200_ms_and_know_each_other)
{
        struct lab *lab = lab_make(3);
        struct core_peer_info info = lab_peer(lab, 0, 2);
        ck_assert_str_eq(info.name, "n3");
        ck_assert_int_eq(info.state, CORE_PEER_UP);
        ck_assert_mem_eq(info.epoch, core_epoch(lab->node[2].core), 16);
        lab_free(lab);
}
END_TEST

START_TEST(silent_node_is_suspect_then_dead_on_both_sides)
{
        struct lab *lab = lab_make(2);
        lab->cut[0][1] = lab->cut[1][0] = true;
        lab_run(lab, 400);
        ck_assert_int_eq(lab_peer(lab, 0, 1).state, CORE_PEER_SUSPECT);
        lab_run(lab, 150);
        ck_assert_int_eq(lab_peer(lab, 0, 1).state, CORE_PEER_DOWN);
        ck_assert_int_eq(lab->node[1].down_reason, REASON_NODE_DIED);
        lab->cut[0][1] = lab->cut[1][0] = false;
        lab_run(lab, 1200);
        ck_assert_uint_eq(lab->node[0].up, 2);
        ck_assert_uint_eq(lab->node[1].up, 2);
        lab_free(lab);
}
END_TEST

START_TEST(node_that_hears_but_is_not_heard_loses_the_session_too)
{
        struct lab *lab = lab_make(2);
        lab->cut[0][1] = true;
        lab_run(lab, 2300);
        ck_assert_uint_eq(lab->node[1].down, 1);
        ck_assert_uint_eq(lab->node[0].down, 1);
        ck_assert_int_eq(lab->node[0].down_reason, REASON_LINK_LOST);
        lab_free(lab);
}
END_TEST

START_TEST(pause_of_300_ms_kills_nobody)
{
        struct lab *lab = lab_make(2);
        for (unsigned i = 0; i < 10; i++) {
                lab->now += 300 * LAB_MS;
                lab_run(lab, 100);
        }
        ck_assert_uint_eq(lab->node[0].down + lab->node[1].down, 0);
        lab_free(lab);
}
END_TEST

START_TEST(own_long_pause_is_not_taken_for_the_peers_silence)
{
        struct lab *lab = lab_make(2);
        lab->now += 10000 * LAB_MS;
        core_tick(lab->node[0].core, lab->now);
        ck_assert_uint_eq(lab->node[0].down, 0);
        lab_free(lab);
}
END_TEST

/* The caller's machine is suspended while an acknowledgement is on its way to it. */
static bool pause_behind_the_first(struct lab *lab, struct lab_packet *packet)
{
        bool clear = packet->bytes[0] == (WIRE_VERSION << 4 | PACKET_CLEAR);
        if (clear && packet->from == 0 && lab->filtered++ == 0)
                lab->now += 20000 * LAB_MS;
        return true;
}

START_TEST(own_pause_is_no_round_trip)
{
        struct lab *lab = lab_make(2);
        struct core_message message = lab_message(1);
        lab->filter = pause_behind_the_first;
        core_call(lab->node[1].core, lab->node[1].root[0], &message, 1, NULL, lab->now);
        lab_run(lab, 20);
        ck_assert_uint_gt(lab->filtered, 0);
        ck_assert_uint_lt(lab_peer(lab, 1, 0).rtt, 100 * LAB_MS);
        ck_assert_uint_eq(lab->node[0].down + lab->node[1].down, 0);
        lab_free(lab);
}
END_TEST

START_TEST(restarted_node_is_another_node)
{
        struct lab *lab = lab_make(2);
        lab_crash(lab, 1);
        lab_start(lab, 1);
        lab_run(lab, 20);
        ck_assert_uint_eq(lab->node[0].down, 1);
        ck_assert_int_eq(lab->node[0].down_reason, REASON_NODE_RESTARTED);
        ck_assert_uint_eq(lab->node[0].up, 2);
        ck_assert_mem_eq(lab_peer(lab, 0, 1).epoch, core_epoch(lab->node[1].core), 16);
        lab_free(lab);
}
END_TEST

static struct lab_packet recorded[64];
static unsigned records;

static bool record_hellos(struct lab *lab, struct lab_packet *packet)
{
        (void)lab;
        if ((packet->bytes[0] & 0x0f) == PACKET_HELLO && records < 64)
                recorded[records++] = *packet;
        return true;
}

START_TEST(repeated_hellos_neither_end_nor_begin_a_session)
{
        struct lab *lab = lab_make(2);
        records = 0;
        lab->filter = record_hellos;
        lab_crash(lab, 1);
        lab_start(lab, 1);
        lab_run(lab, 1500);
        lab->filter = NULL;
        ck_assert_uint_ge(records, 4);
        unsigned up = lab->node[0].up, down = lab->node[0].down;
        for (unsigned round = 0; round < 3; round++)
                for (unsigned i = 0; i < records; i++) {
                        core_packet_in(lab->node[recorded[i].to].core,
                                       (struct core_address){recorded[i].from + 1, WIRE_UDP_PORT},
                                       recorded[i].bytes, recorded[i].length, lab->now);
                        lab_run(lab, 10);
                }
        ck_assert_uint_eq(lab->node[0].up, up);
        ck_assert_uint_eq(lab->node[0].down, down);
        lab_free(lab);
}
END_TEST

/* Node 0 hears a beacon with these fields. */
static void hear_beacon(struct lab *lab, uint64_t node, const char *name, uint8_t epoch,
                        uint32_t address)
{
        struct wire_hello hello = lab_beacon(node, name);
        uint8_t packet[WIRE_HELLO_PACKET_SIZE];
        memset(hello.epoch, epoch, sizeof(hello.epoch));
        wire_hello_packet(&hello, packet);
        core_packet_in(lab->node[0].core, (struct core_address){address, WIRE_UDP_PORT}, packet,
                       sizeof(packet), lab->now);
}

static bool peer_known(struct lab *lab, uint64_t node)
{
        struct core_peer_info info;
        for (unsigned i = 0; i < core_peer_slots(lab->node[0].core); i++)
                if (core_peer(lab->node[0].core, i, lab->now, &info) && info.node == node)
                        return true;
        return false;
}

START_TEST(second_node_with_the_identity_of_one_that_is_up_is_refused)
{
        struct lab *lab = lab_make(2);
        for (uint8_t epoch = 1; epoch < 4; epoch++)
                hear_beacon(lab, 2, "n2", epoch, 9);
        ck_assert_uint_eq(lab_peer(lab, 0, 1).address.ipv4, 2);
        ck_assert_uint_eq(lab->node[0].warnings, 1);
        lab_run(lab, 3000);
        ck_assert_uint_eq(lab->node[0].down, 0);
        lab_free(lab);
}
END_TEST

START_TEST(node_that_is_up_keeps_its_name)
{
        struct lab *lab = lab_make(2);
        hear_beacon(lab, 2, "other", 5, 2);
        ck_assert_str_eq(lab_peer(lab, 0, 1).name, "n2");
        ck_assert_uint_eq(lab->node[0].warnings, 1);
        lab_free(lab);
}
END_TEST

START_TEST(second_node_with_the_name_of_one_that_is_up_is_refused)
{
        struct lab *lab = lab_make(2);
        hear_beacon(lab, 50, "n2", 5, 9);
        ck_assert(!peer_known(lab, 50));
        ck_assert_uint_eq(lab->node[0].warnings, 1);
        lab_crash(lab, 1);
        lab_run(lab, 2500);
        hear_beacon(lab, 50, "n2", 5, 9); /* the name is free now */
        ck_assert(peer_known(lab, 50));
        ck_assert(!peer_known(lab, 2));
        lab_free(lab);
}
END_TEST

/* What it says is not understood, so it is named by its address. */
START_TEST(node_of_another_version_is_refused_and_said)
{
        for (int sealed = 0; sealed < 2; sealed++) {
                struct lab *lab = sealed ? lab_make_sealed(2) : lab_make(2);
                struct core *core = lab->node[0].core;
                struct wire_hello hello = lab_beacon(50, "n9");
                uint8_t packet[WIRE_HELLO_PACKET_SIZE];
                size_t used = sizeof(packet) - WIRE_TRAILER_SIZE;
                wire_hello_packet(&hello, packet);
                packet[0] = (WIRE_VERSION - 1) << 4 | PACKET_HELLO;
                core_packet_in(core, (struct core_address){9, 9}, packet, sizeof(packet), lab->now);
                ck_assert_uint_eq(lab->node[0].warnings, 0); /* it was damaged, or is no member's */
                if (sealed)
                        secure_beacon_seal(core, packet, used);
                else
                        wire_trailer_write(packet, used);
                for (unsigned i = 0; i < 5; i++)
                        core_packet_in(core, (struct core_address){9, 9}, packet, sizeof(packet),
                                       lab->now);
                ck_assert_uint_eq(lab->node[0].warnings, 1);
                ck_assert(!peer_known(lab, 50));
                lab_run(lab, 100);
                ck_assert_uint_eq(lab->node[0].down + lab->node[1].down, 0);
                lab_free(lab);
        }
}
END_TEST

START_TEST(nodes_with_this_nodes_name_or_identity_are_refused)
{
        struct lab *lab = lab_make(2);
        hear_beacon(lab, 50, "n1", 5, 9);
        ck_assert(!peer_known(lab, 50));
        ck_assert_uint_eq(lab->node[0].warnings, 1);
        lab_run(lab, 1500);
        hear_beacon(lab, 1, "n9", 5, 9);
        ck_assert(!peer_known(lab, 1));
        ck_assert_uint_eq(lab->node[0].warnings, 2);
        lab_free(lab);
}
END_TEST

static bool count_offers(struct lab *lab, struct lab_packet *packet)
{
        const struct wire_hello *hello = (const struct wire_hello *)wire_body(packet->bytes);
        bool offer = packet->bytes[0] == (WIRE_VERSION << 4 | PACKET_HELLO) &&
                     hello->kind == HELLO_OFFER && packet->to == 2;
        lab->filtered += offer;
        return !offer;
}

/* The sender's address of a beacon may be spoofed, to flood its owner. */
START_TEST(beacon_brings_three_packets_at_most)
{
        struct lab *lab = lab_make(3);
        lab->filter = count_offers;
        hear_beacon(lab, 99, "x", 5, 3);
        lab_run(lab, 2000);
        ck_assert_uint_gt(lab->filtered, 1);
        ck_assert_uint_le(lab->filtered, 3);
        lab_free(lab);
}
END_TEST

START_TEST(other_cluster_is_not_met)
{
        struct lab *lab = lab_make(2);
        struct wire_hello hello = lab_beacon(99, "x");
        hello.cluster = 8;
        uint8_t packet[WIRE_HELLO_PACKET_SIZE];
        wire_hello_packet(&hello, packet);
        core_packet_in(lab->node[0].core, (struct core_address){9, 9}, packet, sizeof(packet),
                       lab->now);
        struct core_peer_info info;
        ck_assert(!core_peer(lab->node[0].core, 1, lab->now, &info));
        ck_assert_uint_eq(lab->node[0].warnings, 1);
        lab_free(lab);
}
END_TEST

START_TEST(more_beacons_than_peers_cost_no_session)
{
        struct lab *lab = lab_make(2);
        for (uint64_t node = 100; node < 200; node++)
                hear_beacon(lab, node, "x", 0, 9);
        lab_run(lab, 100);
        ck_assert_uint_eq(lab->node[0].down, 0);
        ck_assert_int_eq(lab_peer(lab, 0, 1).state, CORE_PEER_UP);
        lab_free(lab);
}
END_TEST

START_TEST(bad_configurations_make_no_core)
{
        struct lab *lab = lab_make(2);
        struct core_environment none = {0};
        struct core_config config = {.node = 0, .name = "n1"};
        ck_assert_ptr_null(core_create(&none, &config, 0));
        config.node = 1;
        config.name[0] = 0;
        ck_assert_ptr_null(core_create(&none, &config, 0));
        config.name[0] = 'a';
        config.dead_after = LAB_MS;
        ck_assert_ptr_null(core_create(&none, &config, 0));
        lab_free(lab);
}
END_TEST

static void *allocate_plainly(void *context, size_t size)
{
        (void)context;
        return malloc(size);
}

static void release_plainly(void *context, void *memory)
{
        (void)context;
        free(memory);
}

static void random_plainly(void *context, void *bytes, size_t length)
{
        (void)context;
        memset(bytes, 1, length);
}

START_TEST(each_place_for_a_peer_may_be_used)
{
        struct lab *lab = lab_make(5); /* each with four */
        lab_run(lab, 2000);
        for (unsigned i = 0; i < 5; i++) {
                ck_assert_uint_eq(lab->node[i].up, 4);
                ck_assert_uint_eq(lab->node[i].down, 0);
        }
        lab_free(lab);
}
END_TEST

/* Each at the edge of what core.h says. */
START_TEST(bounds_of_a_configuration_are_those_that_are_documented)
{
        const struct core_environment environment = {
            .allocate = allocate_plainly, .release = release_plainly, .random = random_plainly};
        const struct core_config most = {.node = 1,
                                         .name = "n1",
                                         .peers = 255,
                                         .calls = 1024,
                                         .exports = 32768,
                                         .credit = 256,
                                         .packet_size = WIRE_PACKET_MAX};
        struct core *core = core_create(&environment, &most, 0);
        ck_assert_ptr_nonnull(core);
        core_destroy(core);
        for (unsigned i = 0; i < 4; i++) {
                struct core_config more = most;
                more.calls += i == 0;
                more.exports += i == 1;
                more.credit += i == 2;
                more.packet_size += i == 3;
                ck_assert_ptr_null(core_create(&environment, &more, 0));
        }
}
END_TEST

/* What one end has sent, the other has received. */
START_TEST(figures_of_a_session_agree_with_those_of_its_other_end)
{
        struct lab *lab = lab_make(2);
        lab_send(lab, 1, 5000, false);
        lab_run(lab, 100);
        struct core_peer_info near = lab_peer(lab, 0, 1), far = lab_peer(lab, 1, 0);
        ck_assert_uint_eq(near.calls_out, 1);
        ck_assert_uint_eq(far.calls_in, 1);
        ck_assert_uint_eq(near.calls_in + far.calls_out, 0);
        ck_assert_uint_gt(near.sent, 5);
        ck_assert_uint_eq(near.sent, far.received);
        ck_assert_uint_eq(far.sent, near.received);
        ck_assert_uint_eq(near.lost + far.lost, 0);
        lab_free(lab);
}
END_TEST

static bool count_all(struct lab *lab, struct lab_packet *packet)
{
        (void)packet;
        lab->filtered++;
        return true;
}

static void link_set(struct lab *lab, bool up)
{
        for (unsigned other = 1; other < LAB_NODES; other++)
                lab->cut[0][other] = lab->cut[other][0] = !up;
        core_link(lab->node[0].core, up, lab->now);
}

/* Whenever it dies, and whether or not anybody waits for it: what it held is free then, too. */
START_TEST(dead_node_is_told_within_half_a_second)
{
        for (unsigned i = 0; i < 40; i++) {
                struct lab *lab = lab_make(3);
                struct core_message message = lab_message(1);
                message.caps = 1;
                message.cap[0] =
                    (struct core_cap){.kind = CORE_CAP_LOCAL, .type = CAPABILITY_SEND, .id = 500};
                core_send(lab->node[0].core, lab->node[0].root[2], &message, lab->now);
                lab_run(lab, 200 + 7 * i);
                ck_assert_uint_eq(lab_peer(lab, 0, 2).exports, 1);
                lab_crash(lab, 2);
                if (i % 2)
                        core_call(lab->node[0].core, lab->node[0].root[2], &message, 1, NULL,
                                  lab->now);
                lab_run(lab, 300);
                ck_assert_uint_eq(lab->node[0].down + lab->node[1].down, 0);
                lab_run(lab, 201);
                ck_assert_uint_eq(lab->node[0].down, 1);
                ck_assert_uint_eq(lab->node[1].down, 1);
                ck_assert_int_eq(lab->node[0].down_reason, REASON_NODE_DIED);
                ck_assert_uint_eq(lab->node[0].drops, 1 + i % 2);
                lab_free(lab);
        }
}
END_TEST

/* A node that stands still while others run and ask it, whenever that is. */
START_TEST(node_that_stands_still_for_300_ms_stays_alive)
{
        struct lab *lab = lab_make(3);
        for (unsigned i = 0; i < 40; i++) {
                lab->node[2].still = lab->node[2].deaf = true;
                lab_run(lab, 300);
                lab->node[2].still = lab->node[2].deaf = false;
                lab_run(lab, 200 + 7 * i);
        }
        ck_assert_uint_eq(lab->node[0].down + lab->node[1].down + lab->node[2].down, 0);
        lab_free(lab);
}
END_TEST

/* On a slow way, or a slow host, it takes longer until a silence says anything. */
START_TEST(slow_peer_is_given_its_time)
{
        struct lab *lab = lab_make(2);
        lab->delay = 60 * LAB_MS;
        lab_run(lab, 3000);
        for (unsigned i = 0; i < 20; i++) {
                lab->cut[1][0] = lab->cut[0][1] = true;
                lab_run(lab, 450);
                lab->cut[1][0] = lab->cut[0][1] = false;
                lab_run(lab, 1000 + 7 * i);
        }
        ck_assert_uint_eq(lab->node[0].down + lab->node[1].down, 0);
        lab_crash(lab, 1);
        lab_run(lab, 1500);
        ck_assert_uint_eq(lab->node[0].down, 1);
        lab_free(lab);
}
END_TEST

/* Where answers come after a moment or after several, a longer silence says nothing yet. */
START_TEST(irregular_peer_is_given_longer)
{
        struct lab *lab = lab_make(2);
        for (unsigned i = 0; i < 100; i++) {
                lab->delay = i % 2 ? 25 * LAB_MS : LAB_MS;
                lab_run(lab, 150);
        }
        lab->cut[1][0] = lab->cut[0][1] = true;
        lab_run(lab, 600);
        lab->cut[1][0] = lab->cut[0][1] = false;
        lab_run(lab, 1000);
        ck_assert_uint_eq(lab->node[0].down + lab->node[1].down, 0);
        lab_crash(lab, 1);
        lab_run(lab, 1001);
        ck_assert_uint_eq(lab->node[0].down, 1);
        lab_free(lab);
}
END_TEST

/* A node that gets the processor late again and again hears late, too, and excuses that. */
START_TEST(late_ticks_excuse_silence)
{
        struct lab *lab = lab_make(2);
        uint64_t begin = lab->now, late = 0;
        lab->cut[1][0] = true;
        while (lab->node[0].down == 0) {
                uint64_t due = core_next_deadline(lab->node[0].core);
                ck_assert_uint_lt(lab->now, begin + 2000 * LAB_MS);
                lab->now = (due > lab->now ? due : lab->now) + 25 * LAB_MS;
                late += 25 * LAB_MS;
                core_tick(lab->node[0].core, lab->now);
        }
        ck_assert_uint_ge(late, 200 * LAB_MS);
        ck_assert_uint_ge(lab->now - begin, 450 * LAB_MS + late);
        lab_free(lab);
}
END_TEST

/* A driver's restart costs time, but no session. */
START_TEST(short_loss_of_the_own_link_ends_nothing)
{
        struct lab *lab = lab_make(3);
        struct core_message message = lab_message(1);
        lab_run(lab, 300);
        link_set(lab, false);
        core_call(lab->node[0].core, lab->node[0].root[1], &message, 1, NULL, lab->now);
        lab_run(lab, 350);
        link_set(lab, true);
        lab_run(lab, 150);
        ck_assert_uint_eq(lab->node[0].down + lab->node[1].down + lab->node[2].down, 0);
        ck_assert_uint_eq(lab->node[1].deliveries, 1);
        lab_free(lab);
}
END_TEST

/* What is begun without a link has not left: it is held, or was not executed. */
START_TEST(nothing_is_sent_without_a_link)
{
        struct lab *lab = lab_make(2);
        struct core_message message = lab_message(1);
        lab_run(lab, 300);
        core_link(lab->node[0].core, false, lab->now);
        lab->filter = count_all;
        message.deadline = lab->now + 100 * LAB_MS;
        core_call(lab->node[0].core, lab->node[0].root[1], &message, 1, NULL, lab->now);
        lab_run(lab, 110);
        ck_assert_uint_eq(lab_completed(lab, 0)->outcome, not_executed(REASON_DEADLINE));
        message.deadline = CORE_NEVER;
        core_call(lab->node[0].core, lab->node[0].root[1], &message, 2, NULL, lab->now);
        ck_assert_uint_gt(core_next_deadline(lab->node[0].core), lab->now + 1000 * LAB_MS);
        lab_run(lab, 100);
        core_link(lab->node[0].core, true, lab->now);
        lab_run(lab, 100);
        ck_assert_uint_eq(lab->node[1].deliveries, 1);
        core_reply(lab->node[1].core, lab_delivered(lab, 1)->call, OUTCOME_OK, NULL, lab->now);
        lab_run(lab, 100);
        core_link(lab->node[0].core, false, lab->now);
        core_call(lab->node[0].core, lab->node[0].root[1], &message, 3, NULL, lab->now);
        lab->node[1].still = true;
        lab->filtered = 0;
        lab_run(lab, 2100);
        ck_assert_uint_eq(lab->filtered, 0);
        ck_assert_uint_eq(lab->node[0].down_reason, REASON_LINK_LOST);
        ck_assert_uint_eq(lab_completed(lab, 0)->cookie, 3);
        ck_assert_uint_eq(lab_completed(lab, 0)->outcome, not_executed(REASON_LINK_LOST));
        lab_free(lab);
}
END_TEST

/* A driver that says that it has no link, and has one. */
START_TEST(what_comes_without_a_link_is_dropped_and_said)
{
        struct lab *lab = lab_make(2);
        core_link(lab->node[0].core, false, lab->now);
        lab_run(lab, 300);
        unsigned warnings = lab->node[0].warnings;
        core_link(lab->node[0].core, true, lab->now);
        ck_assert_uint_eq(lab->node[0].warnings, warnings + 1);
        lab_run(lab, 300);
        ck_assert_uint_eq(lab->node[0].down + lab->node[1].down, 0);
        lab_free(lab);
}
END_TEST

/* A card may send long before it receives: others hear the node, and it waits until it hears. */
START_TEST(link_counts_once_something_came_by_it)
{
        struct lab *lab = lab_make(3);
        lab_run(lab, 300);
        link_set(lab, false);
        lab_run(lab, 100);
        link_set(lab, true);
        lab->cut[1][0] = lab->cut[2][0] = true;
        lab_run(lab, 1200);
        lab->cut[1][0] = lab->cut[2][0] = false;
        lab_run(lab, 600);
        ck_assert_uint_eq(lab->node[0].down + lab->node[1].down + lab->node[2].down, 0);
        lab_free(lab);
}
END_TEST

/* … for as long as it runs itself. */
START_TEST(own_pause_is_no_loss_of_the_link)
{
        struct lab *lab = lab_make(2);
        lab_run(lab, 300);
        core_link(lab->node[0].core, false, lab->now);
        lab_run(lab, 100);
        lab->cut[1][0] = true;
        core_link(lab->node[0].core, true, lab->now);
        lab_run(lab, 100);
        lab->now += 10000 * LAB_MS;
        core_tick(lab->node[0].core, lab->now);
        lab->cut[1][0] = false;
        lab_run(lab, 600);
        ck_assert_uint_eq(lab->node[0].down, 0);
        lab_free(lab);
}
END_TEST

/* Without a link of its own a node cannot know that others have died. */
START_TEST(long_loss_of_the_own_link_is_link_lost)
{
        struct lab *lab = lab_make(3);
        struct core_message message = lab_message(1);
        lab_run(lab, 300);
        core_call(lab->node[0].core, lab->node[0].root[1], &message, 1, NULL, lab->now);
        lab_run(lab, 1);
        link_set(lab, false);
        lab_run(lab, 1900);
        ck_assert_uint_eq(lab->node[0].down, 0);
        lab_run(lab, 200);
        ck_assert_uint_eq(lab->node[0].down, 2);
        ck_assert_uint_eq(lab->node[0].down_reason, REASON_LINK_LOST);
        ck_assert_uint_eq(lab_completed(lab, 0)->outcome, perhaps_executed(REASON_LINK_LOST));
        ck_assert_uint_eq(lab->node[1].down_reason, REASON_NODE_DIED);
        ck_assert_uint_eq(lab->node[1].down, 1);
        lab_run(lab, 3000);
        link_set(lab, true);
        lab_run(lab, 10); /* its beacons are sent at once */
        ck_assert_uint_eq(lab->node[0].up, 4);
        lab_free(lab);
}
END_TEST

/* What was under way when the link was lost is read later. */
START_TEST(packet_that_comes_without_a_link_proves_none)
{
        struct lab *lab = lab_make(3);
        lab_run(lab, 300);
        core_link(lab->node[0].core, false, lab->now);
        lab_run(lab, 2100);
        ck_assert_uint_eq(lab->node[0].down_reason, REASON_LINK_LOST);
        lab_free(lab);
}
END_TEST

/* The time without a link is not the peer's silence; its own is. */
START_TEST(peer_that_died_meanwhile_is_found_dead)
{
        struct lab *lab = lab_make(3);
        link_set(lab, false);
        lab_crash(lab, 1);
        lab_run(lab, 350);
        link_set(lab, true);
        lab_run(lab, 300);
        ck_assert_uint_eq(lab->node[0].down, 0);
        lab_run(lab, 250);
        ck_assert_uint_eq(lab->node[0].down, 1);
        ck_assert_uint_eq(lab->node[0].down_reason, REASON_NODE_DIED);
        lab_free(lab);
}
END_TEST

/* Each pair has a PING and its ACK in an eighth of a second, also if both last heard each other at
 * once. */
START_TEST(idle_nodes_send_beacons_and_one_ping_a_pair)
{
        struct lab *lab = lab_make(3);
        lab_run(lab, 1000);
        lab->filter = count_all;
        lab_run(lab, 10000);
        /* A beacon counts once for each of its two receivers. */
        ck_assert_uint_ge(lab->filtered, 10 * (3 * 2 + 3 * 12));
        ck_assert_uint_le(lab->filtered, 10 * (3 * 2 + 3 * 16) + 6);
        ck_assert_uint_eq(lab->node[0].down + lab->node[1].down + lab->node[2].down, 0);
        lab_free(lab);
}
END_TEST

Suite *session_suite(void)
{
        Suite *suite = suite_create("session");
        TCase *tests = tcase_create("session");
        tcase_add_test(tests, nodes_meet_within_200_ms_and_know_each_other);
        tcase_add_test(tests, silent_node_is_suspect_then_dead_on_both_sides);
        tcase_add_test(tests, node_that_hears_but_is_not_heard_loses_the_session_too);
        tcase_add_test(tests, pause_of_300_ms_kills_nobody);
        tcase_add_test(tests, own_long_pause_is_not_taken_for_the_peers_silence);
        tcase_add_test(tests, own_pause_is_no_round_trip);
        tcase_add_test(tests, restarted_node_is_another_node);
        tcase_add_test(tests, repeated_hellos_neither_end_nor_begin_a_session);
        tcase_add_test(tests, second_node_with_the_identity_of_one_that_is_up_is_refused);
        tcase_add_test(tests, node_that_is_up_keeps_its_name);
        tcase_add_test(tests, second_node_with_the_name_of_one_that_is_up_is_refused);
        tcase_add_test(tests, node_of_another_version_is_refused_and_said);
        tcase_add_test(tests, nodes_with_this_nodes_name_or_identity_are_refused);
        tcase_add_test(tests, beacon_brings_three_packets_at_most);
        tcase_add_test(tests, other_cluster_is_not_met);
        tcase_add_test(tests, more_beacons_than_peers_cost_no_session);
        tcase_add_test(tests, bad_configurations_make_no_core);
        tcase_add_test(tests, each_place_for_a_peer_may_be_used);
        tcase_add_test(tests, bounds_of_a_configuration_are_those_that_are_documented);
        tcase_add_test(tests, figures_of_a_session_agree_with_those_of_its_other_end);
        tcase_add_test(tests, dead_node_is_told_within_half_a_second);
        tcase_add_test(tests, node_that_stands_still_for_300_ms_stays_alive);
        tcase_add_test(tests, slow_peer_is_given_its_time);
        tcase_add_test(tests, irregular_peer_is_given_longer);
        tcase_add_test(tests, late_ticks_excuse_silence);
        tcase_add_test(tests, short_loss_of_the_own_link_ends_nothing);
        tcase_add_test(tests, link_counts_once_something_came_by_it);
        tcase_add_test(tests, nothing_is_sent_without_a_link);
        tcase_add_test(tests, what_comes_without_a_link_is_dropped_and_said);
        tcase_add_test(tests, own_pause_is_no_loss_of_the_link);
        tcase_add_test(tests, long_loss_of_the_own_link_is_link_lost);
        tcase_add_test(tests, packet_that_comes_without_a_link_proves_none);
        tcase_add_test(tests, peer_that_died_meanwhile_is_found_dead);
        tcase_add_test(tests, idle_nodes_send_beacons_and_one_ping_a_pair);
        suite_add_tcase(suite, tests);
        return suite;
}
