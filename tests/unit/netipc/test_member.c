/* A member gone mad hurts itself alone. One of three nodes with valid keys misuses one thing
 * without end; the other two talk on undisturbed, what it occupies has a bound, and nothing of it
 * is left a second after its death. */
#include <string.h>

#include "netipc/core/secure.h"
#include "netipc/core/state.h"
#include "tests/unit/netipc/lab.h"

enum {
        VICTIM = 0,
        OTHER = 1,
        MEMBER = 2, /* gone mad */
        ROUNDS = 200,
        ROUND_MS = 10,
        DEAD_AFTER_MS = 500, /* as the core has it if nothing is said */
        TALK_MS = 20,        /* in which a call between the others is answered: 60 round trips */
};

/* What it may occupy: messages both ways (lab.c has the configuration), tables, and some. */
#define OCCUPIED_MOST (2u * (400 << 10) + (100 << 10))

/* --- the others ------------------------------------------------------------------------------- */

static struct lab_delivery *delivery_of(struct lab_node *node, uint64_t word)
{
        for (unsigned i = 0; i < node->deliveries; i++)
                if (node->delivery[i].message.words && node->delivery[i].message.word[0] == word)
                        return &node->delivery[i];
        return NULL;
}

static bool completed(const struct lab_node *node, uint64_t cookie)
{
        for (unsigned i = 0; i < node->completions; i++)
                if (node->completion[i].cookie == cookie)
                        return node->completion[i].answered;
        return false;
}

/* A call is delivered, and its answer comes back. */
static void talk(struct lab *lab, unsigned from, unsigned to)
{
        static uint64_t last = 1 << 20;
        struct core_message message = lab_message(++last), answer = lab_message(0);
        ck_assert(core_call(lab->node[from].core, lab->node[from].root[to], &message, last, NULL,
                            lab->now) == OUTCOME_OK);
        lab_run(lab, TALK_MS);
        struct lab_delivery *delivery = delivery_of(&lab->node[to], last);
        ck_assert_ptr_nonnull(delivery);
        core_reply(lab->node[to].core, delivery->call, OUTCOME_OK, &answer, lab->now);
        lab_run(lab, TALK_MS);
        ck_assert(completed(&lab->node[from], last));
}

/* --- the member ------------------------------------------------------------------------------- */

/* Says any frames in its session with the victim. */
static void say(struct lab *lab, const void *frames, size_t length)
{
        struct session *session = lab_session(lab, MEMBER, VICTIM);
        uint8_t packet[WIRE_PACKET_MAX];
        if (!session)
                return;
        uint64_t number = session->sent.next++;
        struct wire_outer outer = {.version_type = WIRE_VERSION << 4 | PACKET_SEALED,
                                   .receiver = session->remote_index,
                                   .number = number};
        memcpy(packet, &outer, sizeof(outer));
        memcpy(packet + sizeof(outer), frames, length);
        ck_assert(secure_seal(session, packet, sizeof(outer) + length, number, lab->now));
        core_packet_in(lab->node[VICTIM].core, (struct core_address){MEMBER + 1, WIRE_UDP_PORT},
                       packet, sizeof(outer) + length + WIRE_TRAILER_SIZE, lab->now);
        core_flush(lab->node[VICTIM].core, lab->now);
}

static struct wire_msg to_root(unsigned slot, uint64_t sequence)
{
        return (struct wire_msg){.type = FRAME_MSG,
                                 .flags = MSG_FLAG_LAST,
                                 .call = wire_call_id(slot, sequence),
                                 .export_id = WIRE_ROOT_EXPORT,
                                 .generation = WIRE_ROOT_GENERATION,
                                 .deadline = WIRE_NO_DEADLINE};
}

static void calls_that_nobody_answers(struct lab *lab, unsigned round)
{
        struct lab_node *member = &lab->node[MEMBER];
        struct core_message message = lab_message(round);
        for (unsigned i = 0; i < 20; i++)
                core_call(member->core, member->root[VICTIM], &message, 1, NULL, lab->now);
}

static void calls_beyond_its_slots(struct lab *lab, unsigned round)
{
        for (unsigned i = 0; i < 20; i++) {
                struct wire_msg msg = to_root(i, 1 + round);
                say(lab, &msg, sizeof(msg));
        }
}

/* Capabilities of ever new ids, which the victim would have to remember. */
static void rights_without_end(struct lab *lab, unsigned round)
{
        enum { CAPS = 4 };
        struct {
                struct wire_msg msg;
                struct wire_capability cap[CAPS];
        } frame = {.msg = to_root(round % 16, 1 + round / 16)};
        frame.msg.caps = CAPS;
        frame.msg.total = frame.msg.fragment_length = sizeof(frame.cap);
        for (unsigned i = 0; i < CAPS; i++)
                frame.cap[i] = (struct wire_capability){
                    .kind = CAPABILITY_SEND, .export_id = 1 + round * CAPS + i, .generation = 1};
        say(lab, &frame, sizeof(frame));
}

/* The first fragment of messages that never become whole. */
static void fragments(struct lab *lab, unsigned round)
{
        static struct {
                struct wire_msg msg;
                uint8_t bytes[WIRE_SHORT_BYTES];
        } frame;
        frame.msg = to_root(round % 16, 1 + round / 16);
        frame.msg.flags = 0;
        frame.msg.total = WIRE_CONTENT_MAX;
        frame.msg.fragment_length = WIRE_SHORT_BYTES;
        say(lab, &frame, sizeof(frame));
}

/* What stands in front of them in their order never comes. */
static void messages_out_of_order(struct lab *lab, unsigned round)
{
        struct wire_msg msg = to_root(round % 16, 1 + round / 16);
        msg.flags |= MSG_FLAG_ONEWAY;
        msg.order = 2 + round;
        say(lab, &msg, sizeof(msg));
}

static void one_way_messages(struct lab *lab, unsigned round)
{
        struct lab_node *member = &lab->node[MEMBER];
        struct core_message message = lab_message(round);
        for (unsigned i = 0; i < 100; i++)
                core_send(member->core, member->root[VICTIM], &message, lab->now);
}

static core_import_t event_held;

/* The victim once gave it an event. */
static void events(struct lab *lab, unsigned round)
{
        struct lab_node *victim = &lab->node[VICTIM], *member = &lab->node[MEMBER];
        if (round == 0) {
                struct core_message gift = lab_message(1);
                gift.caps = 1;
                gift.cap[0] =
                    (struct core_cap){.kind = CORE_CAP_LOCAL, .type = CAPABILITY_EVENT, .id = 7777};
                ck_assert(core_send(victim->core, victim->root[MEMBER], &gift, lab->now) ==
                          OUTCOME_OK);
                lab_run(lab, TALK_MS);
                event_held = lab_delivered(lab, MEMBER)->message.cap[0].id;
        }
        struct core_message bits = lab_message(1);
        for (unsigned i = 0; i < 100; i++)
                core_send(member->core, event_held, &bits, lab->now);
}

/* It is alive, and acknowledges nothing that the victim sends. */
static void silence_about_what_came(struct lab *lab, unsigned round)
{
        static const uint8_t bytes[30000];
        struct lab_node *victim = &lab->node[VICTIM];
        struct wire_ping ping = {.type = FRAME_PING};
        struct core_message message = lab_message(round);
        message.bytes = bytes;
        message.length = sizeof(bytes);
        lab->node[MEMBER].still = true;
        say(lab, &ping, sizeof(ping));
        for (unsigned i = 0; i < 4; i++)
                core_send(victim->core, victim->root[MEMBER], &message, lab->now);
}

static void handshakes(struct lab *lab, unsigned round)
{
        struct core *core = lab->node[MEMBER].core;
        (void)round;
        for (unsigned i = 0; i < core->peers_seen; i++)
                for (unsigned j = 0; j < 20 && core->peers[i].used; j++) {
                        core->peers[i].offers = 0;
                        secure_begin(core, &core->peers[i], lab->now);
                }
}

/* Every type, every length, and beacons with a right MAC whose fields cannot be. */
static void hellos_of_any_size(struct lab *lab, unsigned round)
{
        struct core *core = lab->node[MEMBER].core;
        struct core_address from = {MEMBER + 1, WIRE_UDP_PORT};
        uint8_t packet[WIRE_PACKET_MAX + 300];
        for (unsigned type = 0; type < 16; type++) {
                memset(packet, (int)round, sizeof(packet));
                packet[0] = (uint8_t)(WIRE_VERSION << 4 | type);
                packet[1] = packet[2] = packet[3] = 0;
                size_t length = (round * 16 + type) * 7 % sizeof(packet);
                core_packet_in(lab->node[VICTIM].core, from, packet, length, lab->now);
        }
        struct wire_hello hello = lab_beacon(lab->id[MEMBER], "n3");
        ((uint8_t *)&hello)[round % sizeof(hello)] ^= (uint8_t)(1 + round);
        memcpy(packet, &(struct wire_outer){.version_type = WIRE_VERSION << 4 | PACKET_HELLO},
               sizeof(struct wire_outer));
        memcpy(packet + sizeof(struct wire_outer), &hello, sizeof(hello));
        secure_beacon_seal(core, packet, sizeof(struct wire_outer) + sizeof(hello));
        core_packet_in(lab->node[VICTIM].core, from, packet, WIRE_HELLO_PACKET_SIZE, lab->now);
}

/* --- what holds ------------------------------------------------------------------------------- */

static const struct misuse {
        void (*round)(struct lab *lab, unsigned round);
} misuses[] = {
    {calls_that_nobody_answers},
    {calls_beyond_its_slots},
    {rights_without_end},
    {fragments},
    {messages_out_of_order},
    {one_way_messages},
    {events},
    {silence_about_what_came},
    {handshakes},
    {hellos_of_any_size},
};

START_TEST(a_member_gone_mad_hurts_itself_alone)
{
        struct lab *lab = lab_make_sealed(3);
        struct lab_node *victim = &lab->node[VICTIM];
        size_t before = victim->memory;
        const struct session *session = lab_session(lab, VICTIM, OTHER);
        const uint32_t index = session->remote_index;
        for (unsigned round = 0; round < ROUNDS; round++) {
                misuses[_i].round(lab, round);
                lab_run(lab, ROUND_MS);
                if (round % 10 == 0) {
                        talk(lab, VICTIM, OTHER);
                        talk(lab, OTHER, VICTIM);
                }
                ck_assert_uint_le(victim->memory, before + OCCUPIED_MOST);
                for (unsigned i = 0; i < LAB_NODES; i++)
                        lab_forget(&lab->node[i]);
        }
        ck_assert_ptr_eq(lab_session(lab, VICTIM, OTHER), session);
        ck_assert_uint_eq(session->remote_index, index);
        /* It is gone, and a second after its death is told so is all that it had. */
        lab_crash(lab, MEMBER);
        lab_run(lab, DEAD_AFTER_MS + 1000);
        struct core_peer_info gone = lab_peer(lab, VICTIM, MEMBER);
        ck_assert_int_eq(gone.state, CORE_PEER_DOWN);
        ck_assert_uint_eq(gone.exports + gone.imports + gone.calls_in + gone.calls_out, 0);
        ck_assert_uint_lt(victim->memory, before);
        talk(lab, VICTIM, OTHER);
        lab_free(lab);
}
END_TEST

START_TEST(a_node_that_begins_without_end_does_not_keep_others_from_meeting)
{
        struct lab *lab = lab_make_sealed(3);
        lab_crash(lab, OTHER);
        for (unsigned round = 0; round < 30; round++) {
                handshakes(lab, round);
                lab_run(lab, ROUND_MS);
        }
        lab_start(lab, OTHER);
        unsigned rounds = 0;
        while (lab_peer(lab, VICTIM, OTHER).state != CORE_PEER_UP && rounds++ < 300) {
                handshakes(lab, rounds);
                lab_run(lab, ROUND_MS);
        }
        ck_assert_int_eq(lab_peer(lab, VICTIM, OTHER).state, CORE_PEER_UP);
        struct secure *secure = lab->node[VICTIM].core->secure;
        ck_assert_uint_gt(secure->refused[CRYPTO_REFUSED_SHARE], 0);
        /* Named, and not each time. */
        ck_assert_uint_gt(lab->node[VICTIM].warnings, 0);
        ck_assert_uint_le(lab->node[VICTIM].warnings, 2 * (lab->now / (1000 * LAB_MS)));
        lab_free(lab);
}
END_TEST

Suite *member_suite(void)
{
        Suite *suite = suite_create("member");
        TCase *tests = tcase_create("member");
        tcase_set_timeout(tests, 60);
        tcase_add_loop_test(tests, a_member_gone_mad_hurts_itself_alone, 0,
                            sizeof(misuses) / sizeof(misuses[0]));
        tcase_add_test(tests, a_node_that_begins_without_end_does_not_keep_others_from_meeting);
        suite_add_tcase(suite, tests);
        return suite;
}
