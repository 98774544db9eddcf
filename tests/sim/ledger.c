/* The judge. Each message has an entry, written by its sender and by the one that executes it, so
 * both ends of every claim are known here:
 *
 *      at most once    no entry is executed twice, on any node or in any life of a node
 *      truth           what was reported as not executed never is; an answer is the one given
 *      content         words, bytes and rights are what was sent; so are method, flags, priority
 *                      and trace, and the deadline but for the time of the way
 *      order           what is executed of one right and one priority is in the order of sending
 *      identity        a message arrives at the port that was meant, a right comes home as itself
 *      an end          each call ends once, in time, and a deadline is one
 *      no loss         a one-way message that was taken arrives, if both nodes live and have met
 *                      throughout; a node that nothing has happened to is not found dead
 *      reasons         a receiver that lives has not died, a node that has not restarted has not
 *      views           in the end each node has met each other, and all list the same names
 *      nothing left    when nobody holds anything, no node's tables have an entry
 *
 * Entries are numbered from 1; objects, which are rights that applications have made, likewise. */
#include <stdlib.h>
#include <string.h>
#include "tests/sim/sim.h"

/* Time that a node may need until it notices what is due, and for the way of a deadline: that of so
 * many system calls. */
#define SLACK (SLACK_CALLS * the_sim.running->cost)
enum { SLACK_CALLS = 2500 };

/* How long what has happened to a node, or between two, can be a reason for its peers to lose it.
 * */
#define DISTURBANCE (10 * SIM_S)

enum { LOSS_BORNE = 0 /* per 1,000 */, PACKET_BYTES = 1000, NODES_ROOMY = 8 };

struct entry {
        struct letter letter; /* as sent; its deadline in simulated time */
        uint64_t begun;
        uint64_t met; /* when its sender's node had met the object's last */
        uint64_t stream, sequence;
        uint8_t sender;
        uint32_t life; /* of the sender's application */
        bool ended, denied, answered, cancelled;
        bool taken; /* one-way: by the transport, or the receiver */
        uint32_t executed;
        struct letter answer;
};

/* Messages of one right at its sender's, of one priority. */
struct stream {
        uint64_t right;
        uint8_t node, priority;
        uint32_t life;
        uint64_t sent, executed;
};

/* A right that an application has made. */
struct object {
        uint8_t node;
        uint32_t life; /* of the application */
        bool revoked;
};

/* What is true of a node. */
struct truth {
        uint32_t life;       /* of its application, of all applications' lives; 0: it has none */
        uint64_t net_began;  /* its transport; 0: there is none */
        bool hungry;         /* a component of it had no memory at some time */
        bool met[NODES_MAX]; /* its transport says so */
        uint64_t since[NODES_MAX]; /* when it said that last */
        uint64_t names, listed_at; /* a digest of the names that it lists, and when it did */
};

static struct {
        uint32_t lives;
        struct truth truth[NODES_MAX];
        struct object *object;
        size_t object_room;
        struct entry *entries;
        size_t count, room;
        struct stream *streams;
        size_t stream_count, stream_room;
        uint64_t objects;
} ledger;

static void *grow(void *array, size_t count, size_t *room, size_t size)
{
        if (count < *room)
                return array;
        *room = *room ? 2 * *room : 256;
        array = realloc(array, *room * size);
        if (!array)
                abort();
        return array;
}

void ledger_reset(void)
{
        ledger.count = ledger.stream_count = 0;
        ledger.objects = ledger.lives = 0;
        memset(ledger.truth, 0, sizeof ledger.truth);
}

static struct truth *truth(void)
{
        return &ledger.truth[the_sim.running->number];
}

uint64_t ledger_object(void)
{
        ledger.object =
            grow(ledger.object, ledger.objects, &ledger.object_room, sizeof *ledger.object);
        ledger.object[ledger.objects++] =
            (struct object){.node = the_sim.running->number, .life = truth()->life};
        return ledger.objects;
}

/* The object, if its application lives; NULL: it does not, or the object is not known. */
static struct object *object_alive(uint64_t number)
{
        struct object *object =
            number && number <= ledger.objects ? &ledger.object[number - 1] : NULL;
        return object && object->life == ledger.truth[object->node].life && !object->revoked
                   ? object
                   : NULL;
}

/* The entry of a number; NULL, and the run fails: there is none. */
static struct entry *entry_of(uint64_t number)
{
        if (number == 0 || number > ledger.count) {
                sim_fail("#%llu was never sent", (unsigned long long)number);
                return NULL;
        }
        return &ledger.entries[number - 1];
}

#define wrong(number, format, ...)                                                                 \
        sim_fail("%s: #%llu " format, the_sim.running->name, (unsigned long long)(number),         \
                 ##__VA_ARGS__)

/* A time of the running node's clock as simulated time. */
static uint64_t simulated(uint64_t time)
{
        return time == TIME_NEVER ? TIME_NEVER : the_sim.running->booted + time;
}

/* ---- sending --------------------------------------------------------------------------------- */

static size_t stream_of(const struct letter *letter)
{
        const struct node *node = the_sim.running;
        uint8_t priority = letter->detailed ? letter->priority : 0;
        for (size_t i = ledger.stream_count; i-- > 0;) {
                const struct stream *stream = &ledger.streams[i];
                if (stream->right == letter->right && stream->node == node->number &&
                    stream->priority == priority && stream->life == truth()->life)
                        return i;
        }
        ledger.streams =
            grow(ledger.streams, ledger.stream_count, &ledger.stream_room, sizeof *ledger.streams);
        ledger.streams[ledger.stream_count] = (struct stream){
            .right = letter->right, .node = node->number, .priority = priority, .life = node->life};
        return ledger.stream_count++;
}

uint64_t ledger_begin(const struct letter *letter)
{
        const struct node *node = the_sim.running;
        ledger.entries = grow(ledger.entries, ledger.count, &ledger.room, sizeof *ledger.entries);
        struct entry *entry = &ledger.entries[ledger.count++];
        *entry = (struct entry){
            .letter = *letter, .begun = sim_time(), .sender = node->number, .life = truth()->life};
        entry->letter.deadline = simulated(letter->deadline);
        const struct object *object = object_alive(letter->object);
        entry->met = object ? truth()->since[object->node] : 0;
        entry->stream = stream_of(letter);
        entry->sequence = ++ledger.streams[entry->stream].sent;
        the_sim.calls++;
        sim_trace(node, "%s #%zu to %llu by right %llx, %u bytes, %u capabilities",
                  letter->flags & MESSAGE_ONE_WAY ? "sends" : "calls", ledger.count,
                  (unsigned long long)letter->object, (unsigned long long)letter->right,
                  letter->length, letter->caps);
        return ledger.count;
}

void ledger_withdraw(uint64_t number, outcome_t outcome)
{
        struct entry *entry = entry_of(number);
        sim_trace(the_sim.running, "#%llu is refused: %s%s", (unsigned long long)number,
                  outcome_prefix(outcome), reason_text(outcome_reason(outcome)));
        entry->ended = entry->denied = true;
}

void ledger_cancelled(uint64_t number)
{
        sim_trace(the_sim.running, "cancels #%llu", (unsigned long long)number);
        entry_of(number)->cancelled = true;
}

void ledger_revoked(uint64_t object)
{
        sim_trace(the_sim.running, "revokes right %llu", (unsigned long long)object);
        ledger.object[object - 1].revoked = true;
}

/* ---- content --------------------------------------------------------------------------------- */

static uint64_t bytes_next(uint64_t x)
{
        x ^= x << 13;
        x ^= x >> 7;
        return x ^ x << 17;
}

void ledger_bytes(uint64_t number, void *bytes, uint32_t length)
{
        uint64_t x = number * 0x9e3779b97f4a7c15ull + length;
        for (uint32_t i = 0; i < length; i += sizeof x) {
                x = bytes_next(x);
                memcpy((char *)bytes + i, &x, length - i < sizeof x ? length - i : sizeof x);
        }
}

static void content_check(uint64_t number, uint64_t first, const struct letter *sent,
                          const struct letter *came)
{
        static uint8_t expected[MESSAGE_BYTES_MAX];
        if (came->first != first || came->length != sent->length)
                wrong(number, "has other content: %u bytes of %u", came->length, sent->length);
        ledger_bytes(first, expected, sent->length);
        if (came->length && memcmp(came->bytes, expected, sent->length) != 0)
                wrong(number, "has other bytes");
        if (came->caps != sent->caps)
                wrong(number, "has %u capabilities of %u", came->caps, sent->caps);
        for (unsigned i = 0; i < sent->caps; i++)
                if (came->cap[i] && came->cap[i] != sent->cap[i])
                        wrong(number, "has another right: capability %u", i);
}

static void fields_check(uint64_t number, const struct entry *entry, const struct letter *came)
{
        const struct letter *sent = &entry->letter;
        if (came->method != sent->method)
                wrong(number, "has another method");
        if (came->flags != sent->flags)
                wrong(number, "has flags %x, not %x", came->flags, sent->flags);
        if (sent->detailed && came->priority != sent->priority)
                wrong(number, "has priority %u, not %u", came->priority, sent->priority);
        if (sent->detailed && came->trace != sent->trace)
                wrong(number, "has another trace");
        if (sent->flags & MESSAGE_ONE_WAY)
                return;
        uint64_t deadline = simulated(came->deadline), way = sim_time() - entry->begun + SLACK;
        if (sent->deadline == TIME_NEVER
                ? deadline != TIME_NEVER
                : deadline + SLACK < sent->deadline || deadline > sent->deadline + way)
                wrong(number, "has a deadline that is %.3f ms off",
                      ((double)deadline - (double)sent->deadline) / 1e6);
}

/* ---- executing and answering ----------------------------------------------------------------- */

static void order_check(uint64_t number, const struct entry *entry)
{
        struct stream *stream = &ledger.streams[entry->stream];
        if (entry->sequence <= stream->executed)
                wrong(number, "is executed after a later one through the same right");
        stream->executed = entry->sequence;
}

void ledger_executed(uint64_t number, const struct letter *letter)
{
        struct entry *entry = entry_of(number);
        sim_digest(number);
        sim_trace(the_sim.running, "executes #%llu", (unsigned long long)number);
        if (!entry)
                return;
        if (entry->executed++)
                wrong(number, "is executed twice");
        if (entry->denied)
                wrong(number, "is executed after it was reported as not executed");
        if (entry->letter.object && entry->letter.object != letter->object)
                wrong(number, "arrives at another port");
        content_check(number, number, &entry->letter, letter);
        fields_check(number, entry, letter);
        order_check(number, entry);
}

const struct letter *ledger_sent(uint64_t number, bool answer)
{
        static const struct letter nothing;
        const struct entry *entry = entry_of(number);
        return !entry ? &nothing : answer ? &entry->answer : &entry->letter;
}

void ledger_answers(uint64_t number, const struct letter *letter)
{
        struct entry *entry = entry_of(number);
        entry->answered = true;
        entry->answer = *letter;
        sim_trace(the_sim.running, "answers #%llu, %u bytes, %u capabilities",
                  (unsigned long long)number, letter->length, letter->caps);
}

/* ---- ends ------------------------------------------------------------------------------------ */

static void answer_check(uint64_t number, const struct entry *entry, const struct letter *letter)
{
        if (entry->letter.flags & MESSAGE_ONE_WAY)
                return;
        if (entry->executed != 1 || !entry->answered)
                wrong(number, "is answered, but was executed %u times", entry->executed);
        else
                content_check(number, ~number, &entry->answer, letter);
}

/* Of a call to an object of the next node, so that no third one has a say. */
static void reason_check(uint64_t number, const struct entry *entry, unsigned reason)
{
        const struct object *object = object_alive(entry->letter.object);
        if (!object || entry->letter.way != 1)
                return;
        const struct truth *far = &ledger.truth[object->node];
        bool untouched = truth()->net_began && truth()->net_began < entry->met && far->net_began &&
                         far->net_began < entry->met;
        if (reason == REASON_RECEIVER_DIED && untouched && !far->hungry)
                wrong(number, "has a receiver that died, it says; it lives");
        if (reason == REASON_NODE_RESTARTED && untouched)
                wrong(number, "has a node that restarted, it says; it has not");
}

void ledger_ended(uint64_t number, outcome_t outcome, const struct letter *letter)
{
        struct entry *entry = entry_of(number);
        const uint64_t now = sim_time();
        sim_digest(number << 16 | outcome);
        sim_trace(the_sim.running, "#%llu ends: %s%s", (unsigned long long)number,
                  outcome_prefix(outcome), reason_text(outcome_reason(outcome)));
        if (entry->ended)
                wrong(number, "ends twice");
        entry->ended = true;
        if (entry->letter.deadline != TIME_NEVER && now > entry->letter.deadline + SLACK &&
            the_sim.running->hurt_at < entry->letter.deadline && !entry->cancelled &&
            !truth()->hungry)
                wrong(number, "ends %.3f ms after its deadline",
                      (double)(now - entry->letter.deadline) / 1e6);
        if (outcome_reason(outcome) == REASON_DEADLINE && now < entry->letter.deadline)
                wrong(number, "ends before its deadline, by it");
        if (outcome == OUTCOME_OK)
                answer_check(number, entry, letter);
        else if (outcome_class(outcome) == OUTCOME_ANSWERED)
                wrong(number, "is answered with %s", reason_text(outcome_reason(outcome)));
        reason_check(number, entry, outcome_reason(outcome));
        if (outcome_class(outcome) == OUTCOME_NOT_EXECUTED) {
                entry->denied = true;
                if (entry->executed)
                        wrong(number, "is reported as not executed, but it was");
        } else if (entry->letter.flags & MESSAGE_ONE_WAY) {
                entry->taken = outcome == OUTCOME_OK;
        }
}

/* ---- what is true of nodes ------------------------------------------------------------------- */

void ledger_begins(const struct node *node, const char *program)
{
        struct truth *truth = &ledger.truth[node->number];
        if (strcmp(program, "app") == 0)
                truth->life = ++ledger.lives;
        if (strcmp(program, "net") == 0)
                truth->net_began = sim_time();
}

void ledger_dies(const struct node *node, const char *program)
{
        struct truth *truth = &ledger.truth[node->number];
        if (strcmp(program, "net") == 0) {
                truth->net_began = 0;
                memset(truth->met, 0, sizeof truth->met);
        }
        if (strcmp(program, "app") != 0)
                return;
        for (size_t i = 0; i < ledger.count; i++)
                if (ledger.entries[i].life == truth->life)
                        ledger.entries[i].ended = true;
        truth->life = 0;
}

void ledger_hungers(const struct node *node)
{
        ledger.truth[node->number].hungry = true;
}

/* Whether something has happened lately that can keep two nodes from hearing of each other. */
static bool disturbed(const struct node *a, const struct node *b)
{
        const uint64_t after = sim_time() < DISTURBANCE ? 0 : sim_time() - DISTURBANCE;
        const struct link *there = &the_sim.network.link[a->number][b->number];
        const struct link *back = &the_sim.network.link[b->number][a->number];
        return a->hurt_at > after || b->hurt_at > after || !ledger.truth[b->number].net_began ||
               there->cut || back->cut || there->cut_at > after || back->cut_at > after ||
               there->loss > LOSS_BORNE || back->loss > LOSS_BORNE || there->bad_at > after ||
               back->bad_at > after;
}

void ledger_peer(const char *peer, bool up, unsigned reason)
{
        const struct node *node = the_sim.running;
        for (unsigned i = 0; i < the_sim.options.nodes; i++) {
                const struct node *other = &the_sim.node[i];
                if (strcmp(other->name, peer) != 0)
                        continue;
                sim_trace(node, "%s %s %s", up ? "meets" : "loses", peer, reason_text(reason));
                truth()->met[i] = up;
                truth()->since[i] = sim_time();
                if (reason == REASON_NODE_DIED && !disturbed(node, other))
                        sim_fail("%s finds %s dead, but nothing has happened to it", node->name,
                                 peer);
        }
}

void ledger_names(const void *lines, size_t bytes)
{
        const uint8_t *at = lines;
        uint64_t digest = 0xcbf29ce484222325ull; /* FNV-1a (Fowler, Noll, Vo) */
        for (size_t i = 0; i < bytes; i++)
                digest = (digest ^ at[i]) * 0x100000001b3ull;
        if (truth()->names != digest)
                sim_trace(the_sim.running, "lists %.*s", (int)bytes, (const char *)lines);
        truth()->names = digest;
        truth()->listed_at = sim_time();
}

/* ---- the end of a run ------------------------------------------------------------------------ */

bool ledger_settled(void)
{
        for (size_t i = 0; i < ledger.count; i++)
                if (!ledger.entries[i].ended)
                        return false;
        return true;
}

/* Whether a one-way message that was taken had to arrive. One that comes in fragments may find no
 * room at its receiver's node, and is dropped (netipc/PROTOCOL.md, Calls): the more nodes there
 * are, the less room has each, and what shares a packet is cut into fragments, too. */
static bool had_to_arrive(const struct entry *entry)
{
        const struct object *object = object_alive(entry->letter.object);
        if (!object || entry->letter.way != 1 || object->node == entry->sender ||
            entry->letter.length > PACKET_BYTES || the_sim.options.nodes > NODES_ROOMY)
                return false;
        const struct truth *here = &ledger.truth[entry->sender];
        const struct truth *there = &ledger.truth[object->node];
        return !here->hungry && !there->hungry && here->met[object->node] &&
               here->since[object->node] < entry->begun && there->met[entry->sender] &&
               there->since[entry->sender] < entry->begun;
}

static void entry_check(size_t number, const struct entry *entry)
{
        if (!entry->ended)
                sim_fail("#%zu never ends", number);
        if (entry->taken && !entry->executed && had_to_arrive(entry))
                sim_fail("#%zu is lost: a one-way message of n%u to n%u, which live", number,
                         entry->sender + 1u, ledger.object[entry->letter.object - 1].node + 1u);
}

static void view_check(unsigned number)
{
        const struct node *node = &the_sim.node[number];
        const struct truth *truth = &ledger.truth[number];
        for (unsigned i = 0; i < the_sim.options.nodes; i++)
                if (i != number && !truth->met[i])
                        sim_fail("%s has not met n%u again", node->name, i + 1);
        if (truth->names != ledger.truth[0].names || truth->listed_at + SIM_S < sim_time())
                sim_fail("%s lists other names than n1", node->name);
}

void ledger_check(void)
{
        for (size_t i = 0; i < ledger.count; i++)
                entry_check(i + 1, &ledger.entries[i]);
        for (unsigned i = 0; i < the_sim.options.nodes; i++)
                view_check(i);
}
