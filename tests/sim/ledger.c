/* The judge. Each message has an entry, written by its sender and by the one that executes it, so
 * both ends of every claim are known here:
 *
 *      at most once    no entry is executed twice, on any node or in any life of a node
 *      truth           what was reported as not executed never is; an answer is the one given
 *      content         words, bytes and capabilities are what was sent; so are method, flags,
 *      priority,
 *                      trace, and the deadline but for the time of the way
 *      order           what is executed of one right and one priority keeps the order of its
 *      sending identity        a message arrives at the port that was meant, a right comes home as
 *      itself an end          each call ends once, in time, and a deadline is one
 *
 * Entries are numbered from 1; objects, which are rights that applications have made, likewise. */
#include <stdlib.h>
#include <string.h>
#include "tests/sim/sim.h"

/* Time that a node may need until it notices what is due, and for the way of a deadline. */
#define SLACK (5 * SIM_MS)

struct entry {
        struct letter letter; /* as sent; its deadline in simulated time */
        uint64_t begun;
        uint64_t stream, sequence;
        uint8_t sender;
        uint32_t life;
        bool ended, denied, answered, cancelled;
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

static struct {
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
        ledger.objects = 0;
}

uint64_t ledger_object(void)
{
        return ++ledger.objects;
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
                    stream->priority == priority && stream->life == node->life)
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
            .letter = *letter, .begun = sim_time(), .sender = node->number, .life = node->life};
        entry->letter.deadline = simulated(letter->deadline);
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
        if (entry->letter.deadline != TIME_NEVER && now > entry->letter.deadline + SLACK)
                wrong(number, "ends %.3f ms after its deadline",
                      (double)(now - entry->letter.deadline) / 1e6);
        if (outcome_reason(outcome) == REASON_DEADLINE && now < entry->letter.deadline)
                wrong(number, "ends before its deadline, by it");
        if (outcome == OUTCOME_OK)
                answer_check(number, entry, letter);
        else if (outcome_class(outcome) == OUTCOME_ANSWERED)
                wrong(number, "is answered with %s", reason_text(outcome_reason(outcome)));
        if (outcome_class(outcome) != OUTCOME_NOT_EXECUTED)
                return;
        entry->denied = true;
        if (entry->executed)
                wrong(number, "is reported as not executed, but it was");
}

void ledger_node_lost(const struct node *node)
{
        for (size_t i = 0; i < ledger.count; i++)
                if (ledger.entries[i].sender == node->number &&
                    ledger.entries[i].life == node->life)
                        ledger.entries[i].ended = true;
}

bool ledger_settled(void)
{
        for (size_t i = 0; i < ledger.count; i++)
                if (!ledger.entries[i].ended)
                        return false;
        return true;
}

void ledger_check(void)
{
        for (size_t i = 0; i < ledger.count; i++)
                if (!ledger.entries[i].ended)
                        sim_fail("#%zu never ends", i + 1);
}
