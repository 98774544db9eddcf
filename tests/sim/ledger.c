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
 *      no loss         a one-way message that was taken arrives, and so does what an event was
 *                      signalled, if both nodes live and have met throughout; a node that nothing
 *                      has happened to is not found dead
 *      reasons         a receiver that lives has not died, a node that has not restarted has not,
 *                      and its peer's link is not its own; what was never executed is *perhaps
 *                      executed* only if it can have been
 *      views           in the end each node has met each other, and all list the same names
 *      nothing left    when nobody holds anything, no node's tables have an entry
 *
 * Entries are numbered from 1; objects, which are rights that applications have made, likewise. */
#include <stdlib.h>
#include <string.h>
#include "tests/sim/judge.h"

/* Time that a node may need until it notices what is due, and for the way of a deadline: that of so
 * many system calls. */
#define SLACK (SLACK_CALLS * the_sim.running->cost)
enum { SLACK_CALLS = 2500, BUCKET_BITS = 12 };

struct entry {
        struct letter letter; /* as sent; its deadline in simulated time */
        uint64_t begun;
        uint64_t met; /* when its sender's node had met the object's last */
        uint64_t stream, sequence;
        uint8_t sender;
        uint32_t life; /* of the sender's application */
        bool ended, denied, answered, cancelled;
        bool handed_on;   /* its reply right: whoever has that may die, too */
        uint64_t carried; /* by the network before, from its sender's node to the object's */
        bool taken;       /* one-way: by the transport, or the receiver */
        uint32_t executed;
        struct letter answer;
};

/* Messages of one right at its sender's, of one priority. */
struct stream {
        uint64_t right;
        uint8_t node, priority;
        uint32_t life;
        uint32_t next; /* number of another one with its hash; 0: none */
        uint64_t sent, executed;
};

/* A right that an application has made. */
struct object {
        uint8_t node;
        uint32_t life; /* of the application */
        bool revoked;
};

static struct {
        struct object *object;
        size_t object_room;
        struct entry *entries;
        size_t count, room, open; /* open: those that have not ended */
        struct stream *streams;
        size_t stream_count, stream_room;
        uint64_t objects;
        uint32_t bucket[1 << BUCKET_BITS]; /* of streams: numbers from 1 */
} ledger;

void *ledger_grow(void *array, size_t count, size_t *room, size_t size)
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
        ledger.count = ledger.open = ledger.stream_count = 0;
        ledger.objects = 0;
        memset(ledger.bucket, 0, sizeof ledger.bucket);
        truth_reset();
        gifts_reset();
}

uint64_t ledger_object(void)
{
        ledger.object =
            ledger_grow(ledger.object, ledger.objects, &ledger.object_room, sizeof *ledger.object);
        ledger.object[ledger.objects++] =
            (struct object){.node = the_sim.running->number, .life = truth_here()->life};
        return ledger.objects;
}

/* The object, if its application lives; NULL: it does not, or the object is not known. */
static struct object *object_alive(uint64_t number)
{
        struct object *object =
            number && number <= ledger.objects ? &ledger.object[number - 1] : NULL;
        return object && object->life == truth_of(object->node)->life && !object->revoked ? object
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

static bool stream_is(const struct stream *stream, const struct stream *key)
{
        return stream->right == key->right && stream->node == key->node &&
               stream->priority == key->priority && stream->life == key->life;
}

/* The first of those with the same hash; the others follow by `next`. */
static uint32_t *bucket_of(const struct stream *key)
{
        uint64_t hash = (key->right * 31 + key->node) * 31 + key->life;
        return &ledger.bucket[hash * 0x9e3779b97f4a7c15ull >> (64 - BUCKET_BITS)];
}

static size_t stream_of(const struct letter *letter)
{
        const struct stream key = {.right = letter->right,
                                   .node = the_sim.running->number,
                                   .priority = letter->detailed ? letter->priority : 0,
                                   .life = truth_here()->life};
        uint32_t *bucket = bucket_of(&key);
        for (uint32_t i = *bucket; i; i = ledger.streams[i - 1].next)
                if (stream_is(&ledger.streams[i - 1], &key))
                        return i - 1;
        ledger.streams = ledger_grow(ledger.streams, ledger.stream_count, &ledger.stream_room,
                                     sizeof *ledger.streams);
        ledger.streams[ledger.stream_count] = key;
        ledger.streams[ledger.stream_count].next = *bucket;
        *bucket = (uint32_t)++ledger.stream_count;
        return ledger.stream_count - 1;
}

static void caps_trace(const struct letter *letter)
{
        static const char *const kinds[] = {"right", "snapshot", "event", "reply right of #"};
        for (unsigned i = 0; i < letter->caps; i++)
                sim_trace(the_sim.running, "  with %s %llu", kinds[letter->kind[i]],
                          (unsigned long long)letter->cap[i]);
}

uint64_t ledger_begin(const struct letter *letter)
{
        const struct node *node = the_sim.running;
        ledger.entries =
            ledger_grow(ledger.entries, ledger.count, &ledger.room, sizeof *ledger.entries);
        struct entry *entry = &ledger.entries[ledger.count++];
        *entry = (struct entry){.letter = *letter,
                                .begun = sim_time(),
                                .sender = node->number,
                                .life = truth_here()->life};
        entry->letter.deadline = simulated(letter->deadline);
        const struct object *object = object_alive(letter->object);
        entry->met = object ? truth_here()->since[object->node] : 0;
        entry->carried = object ? the_sim.network.link[node->number][object->node].carried : 0;
        entry->stream = stream_of(letter);
        ledger.open++;
        entry->sequence = ++ledger.streams[entry->stream].sent;
        the_sim.calls++;
        sim_trace(node, "%s #%zu to %llu by right %llx, %u bytes, %u capabilities",
                  letter->flags & MESSAGE_ONE_WAY ? "sends" : "calls", ledger.count,
                  (unsigned long long)letter->object, (unsigned long long)letter->right,
                  letter->length, letter->caps);
        caps_trace(letter);
        return ledger.count;
}

static void entry_end(struct entry *entry)
{
        ledger.open -= !entry->ended;
        entry->ended = true;
}

void ledger_withdraw(uint64_t number, outcome_t outcome)
{
        struct entry *entry = entry_of(number);
        sim_trace(the_sim.running, "#%llu is refused: %s%s", (unsigned long long)number,
                  outcome_prefix(outcome), reason_text(outcome_reason(outcome)));
        entry->denied = true;
        entry_end(entry);
}

void ledger_waited(void)
{
        truth_here()->waited = sim_time();
}

void ledger_cancelled(uint64_t number)
{
        sim_trace(the_sim.running, "cancels #%llu", (unsigned long long)number);
        entry_of(number)->cancelled = true;
}

void ledger_handed_on(uint64_t number)
{
        sim_trace(the_sim.running, "gives the reply right of #%llu away",
                  (unsigned long long)number);
        entry_of(number)->handed_on = true;
}

void ledger_revoked(uint64_t object)
{
        sim_trace(the_sim.running, "revokes right %llu", (unsigned long long)object);
        if (object == 0 || object > ledger.objects)
                abort();
        ledger.object[object - 1].revoked = true;
}

bool ledger_lives(uint64_t object)
{
        return object == 0 || object_alive(object);
}

/* ---- content --------------------------------------------------------------------------------- */

/* The bytes of a number are words of an arithmetic progression, so that none comes twice in it, and
 * that they cost little. The factors are odd, without a common one. */
static uint64_t bytes_next(uint64_t x)
{
        return x + 0xbf58476d1ce4e5b9ull;
}

static uint64_t bytes_seed(uint64_t number, uint32_t length)
{
        return (number ^ (uint64_t)length << 32) * 0x9e3779b97f4a7c15ull;
}

void ledger_bytes(uint64_t number, void *bytes, uint32_t length)
{
        char *at = bytes, *end = at + length;
        uint64_t x = bytes_seed(number, length);
        for (; end - at >= (ptrdiff_t)sizeof x; at += sizeof x, x = bytes_next(x))
                memcpy(at, &x, sizeof x);
        memcpy(at, &x, (size_t)(end - at));
}

bool ledger_bytes_are(uint64_t number, const void *bytes, uint32_t length)
{
        const char *at = bytes, *end = at + length;
        uint64_t x = bytes_seed(number, length);
        for (; end - at >= (ptrdiff_t)sizeof x; at += sizeof x, x = bytes_next(x))
                if (memcmp(at, &x, sizeof x) != 0)
                        return false;
        return memcmp(at, &x, (size_t)(end - at)) == 0;
}

static void content_check(uint64_t number, uint64_t first, const struct letter *sent,
                          const struct letter *came)
{
        if (came->first != first || came->length != sent->length)
                wrong(number, "has other content: %u bytes of %u", came->length, sent->length);
        else if (sent->length && !ledger_bytes_are(first, came->bytes, sent->length))
                wrong(number, "has other bytes");
        the_sim.references += came->caps;
        if (came->caps != sent->caps)
                wrong(number, "has %u capabilities of %u", came->caps, sent->caps);
        for (unsigned i = 0; i < sent->caps; i++)
                if (came->cap[i] != sent->cap[i] && (came->cap[i] || sent->kind[i] == GIFT_MEMORY))
                        wrong(number, "has another capability %u", i);
                else if (came->cap[i] && came->kind[i] != sent->kind[i])
                        wrong(number, "has capability %u of kind %u, not %u", i, came->kind[i],
                              sent->kind[i]);
}

static void fields_check(uint64_t number, const struct entry *entry, const struct letter *came)
{
        const struct letter *sent = &entry->letter;
        if (came->method != sent->method)
                wrong(number, "has another method");
        if (came->flags != sent->flags)
                wrong(number, "has flags %x, not %x", came->flags, sent->flags);
        if (sent->detailed && came->priority != sent->priority &&
            (came->priority < sent->priority || !sent->waits))
                wrong(number, "has priority %u, not %u", came->priority, sent->priority);
        if (sent->detailed && came->trace != sent->trace)
                wrong(number, "has another trace");
        if (sent->flags & MESSAGE_ONE_WAY)
                return;
        uint64_t deadline = simulated(came->deadline), way = sim_time() - entry->begun + SLACK;
        if (sent->deadline == TIME_NEVER ? deadline != TIME_NEVER
                                         : (deadline + SLACK < sent->deadline && !sent->waits) ||
                                               deadline > sent->deadline + way)
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
        if (entry->answered)
                wrong(number, "is answered twice");
        entry->answered = true;
        entry->answer = *letter;
        sim_trace(the_sim.running, "answers #%llu, %u bytes, %u capabilities",
                  (unsigned long long)number, letter->length, letter->caps);
        caps_trace(letter);
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

/* The object of a call to the next node, so that no third one has a say; NULL: it is another call.
 * */
static const struct object *object_next(const struct entry *entry)
{
        const uint64_t number = entry->letter.object;
        return number && entry->letter.way == 1 ? &ledger.object[number - 1] : NULL;
}

/* Whether its transport has lost the node for that reason, if it has lived throughout. */
static bool lost_by(const struct entry *entry, const struct object *object, unsigned reason)
{
        const struct truth *here = truth_here();
        return !here->net_began || here->net_began > entry->begun ||
               here->lost[object->node] >> reason & 1;
}

static void reason_check(uint64_t number, const struct entry *entry, unsigned reason)
{
        const struct object *object = object_next(entry);
        if (!object || entry->handed_on)
                return;
        const struct truth *far = truth_of(object->node), *here = truth_here();
        bool untouched = here->net_began && here->net_began < entry->met && far->net_began &&
                         far->net_began < entry->met;
        bool alive = object_alive(entry->letter.object);
        if (reason == REASON_RECEIVER_DIED && alive && untouched && !far->hungry)
                wrong(number, "has a receiver that died, it says; it lives");
        if ((reason == REASON_NODE_DIED || reason == REASON_LINK_LOST ||
             reason == REASON_NODE_RESTARTED) &&
            !lost_by(entry, object, reason))
                wrong(number, "ends by %s, but the node was not lost so", reason_text(reason));
}

/* Of a call that was not executed and is said to have been, perhaps. The deadline may pass while
 * nobody knows; the other reasons want that it has left its node, or that this had no link: what is
 * sent without one is lost as on any wire. */
static void perhaps_check(uint64_t number, const struct entry *entry, unsigned reason)
{
        const struct object *object = object_next(entry);
        const bool gone = reason == REASON_NODE_DIED || reason == REASON_LINK_LOST ||
                          reason == REASON_NODE_RESTARTED || reason == REASON_RECEIVER_DIED;
        if (entry->executed || reason == REASON_DEADLINE)
                return;
        if (!gone)
                wrong(number, "is perhaps executed, %s; it was not", reason_text(reason));
        const struct truth *here = truth_here();
        if (!object || !here->net_began || here->net_began > entry->begun || !here->link_since ||
            here->link_since > entry->begun)
                return;
        uint64_t carried = the_sim.network.link[entry->sender][object->node].carried;
        if (carried - entry->carried <= entry->letter.length)
                wrong(number, "is perhaps executed, but has not left its node");
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
        entry_end(entry);
        if (entry->letter.deadline != TIME_NEVER && now > entry->letter.deadline + SLACK &&
            the_sim.running->hurt_at < entry->letter.deadline &&
            truth_here()->waited < entry->letter.deadline && !entry->cancelled &&
            !truth_here()->hungry)
                wrong(number, "ends %.3f ms after its deadline",
                      (double)(now - entry->letter.deadline) / 1e6);
        if (outcome_reason(outcome) == REASON_DEADLINE && now < entry->letter.deadline &&
            !entry->letter.waits)
                wrong(number, "ends before its deadline, by it");
        if (outcome == OUTCOME_OK)
                answer_check(number, entry, letter);
        else if (outcome_class(outcome) == OUTCOME_ANSWERED)
                wrong(number, "is answered with %s", reason_text(outcome_reason(outcome)));
        reason_check(number, entry, outcome_reason(outcome));
        if (outcome_class(outcome) == OUTCOME_PERHAPS_EXECUTED)
                perhaps_check(number, entry, outcome_reason(outcome));
        if (outcome_class(outcome) == OUTCOME_NOT_EXECUTED) {
                entry->denied = true;
                if (entry->executed)
                        wrong(number, "is reported as not executed, but it was");
        } else if (entry->letter.flags & MESSAGE_ONE_WAY) {
                entry->taken = outcome == OUTCOME_OK;
        }
}

void ledger_abandon(uint32_t life)
{
        for (size_t i = 0; i < ledger.count; i++)
                if (ledger.entries[i].life == life)
                        entry_end(&ledger.entries[i]);
}

/* ---- the end of a run ------------------------------------------------------------------------ */

bool ledger_settled(void)
{
        return ledger.open == 0 && truth_whole();
}

/* Whether a one-way message that was taken had to arrive: what finds no room waits, but what no
 * other node takes is dropped. */
static bool had_to_arrive(const struct entry *entry)
{
        const struct object *object = object_alive(entry->letter.object);
        if (!object || entry->letter.way != 1 || object->node == entry->sender ||
            entry->letter.deadline != TIME_NEVER ||
            gifts_snapshots(&entry->letter) > SNAPSHOTS_MOST)
                return false;
        return truth_together(entry->sender, object->node, entry->begun);
}

static void entry_check(size_t number, const struct entry *entry)
{
        if (!entry->ended)
                sim_fail("#%zu never ends", number);
        if (entry->taken && !entry->executed && had_to_arrive(entry))
                sim_fail("#%zu is lost: a one-way message of n%u to n%u, which live", number,
                         entry->sender + 1u, ledger.object[entry->letter.object - 1].node + 1u);
}

void ledger_check(void)
{
        for (size_t i = 0; i < ledger.count; i++)
                entry_check(i + 1, &ledger.entries[i]);
        gifts_check();
        truth_check();
}
