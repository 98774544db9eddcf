/* Each event of one's own has a place, which is its key at the port. The only handle to it goes
 * away with the message: when the port says that none is left, the place is free, and all that was
 * signalled must have come. */
#include "tests/sim/user/gifts.h"

#include "tests/sim/user/bag.h"
#include "servers/rt/task/memory.h"

enum { OWN = 12, HELD = 16, PAGES = 6, KEY_FIRST = 1 /* 0: the server's own */ };

static struct {
        struct server *server;
        uint64_t own[OWN]; /* numbers; 0: free */
        struct held_event {
                handle_t handle;
                uint64_t number, since;
                uint8_t hops;
        } held[HELD];
        unsigned count;
} gifts;

void gifts_init(struct server *server)
{
        gifts.server = server;
}

/* ---- snapshots ------------------------------------------------------------------------------- */

/* The content: its number, then what follows from that. */
static void content(uint64_t number, uint64_t *words, size_t bytes)
{
        words[0] = number;
        ledger_bytes(number, words + 1, (uint32_t)(bytes - sizeof *words));
}

/* New memory with that content. 0: there is none. */
static handle_t memory_make(uint64_t number, size_t bytes)
{
        handle_t memory;
        void *words;
        if (sys_memory_create(0, bytes, MEMORY_ANONYMOUS, 0, &memory) != OUTCOME_OK)
                return 0;
        if (rt_memory_map(memory, 0, bytes, MAP_READ | MAP_WRITE, &words) != OUTCOME_OK) {
                sys_handle_close(memory);
                return 0;
        }
        content(number, words, bytes);
        rt_memory_free(words, bytes);
        return memory;
}

static void memory_put(struct message *message, struct letter *letter)
{
        size_t pages = 1 + sim_below(sim_chance(50) ? (1 << 20) / PAGE_SIZE : PAGES);
        uint64_t number = ledger_snapshot(pages * PAGE_SIZE);
        handle_t memory = memory_make(number, pages * PAGE_SIZE);
        if (!memory)
                return;
        letter->kind[letter->caps] = GIFT_MEMORY;
        letter->cap[letter->caps++] = number;
        message->caps[message->cap_count++] = cap_move(memory);
}

uint64_t gift_memory_take(handle_t memory, uint64_t number)
{
        uint64_t bytes, physical;
        void *mapped;
        if (sys_memory_info(memory, &bytes, &physical) == OUTCOME_OK &&
            rt_memory_map(memory, 0, bytes, MAP_READ, &mapped) == OUTCOME_OK) {
                const uint64_t *words = mapped;
                number = words[0];
                if (!ledger_bytes_are(number, words + 1, (uint32_t)(bytes - sizeof *words)))
                        number = 0;
                rt_memory_free(mapped, bytes);
        }
        sys_handle_close(memory);
        return number;
}

/* ---- events ---------------------------------------------------------------------------------- */

static void event_make(struct message *message, struct letter *letter)
{
        unsigned place = (unsigned)sim_below(OWN);
        handle_t event;
        if (gifts.own[place] || sys_event_create(&event) != OUTCOME_OK)
                return;
        if (sys_port_bind(gifts.server->port, event, KEY_FIRST + place) != OUTCOME_OK) {
                sys_handle_close(event);
                return;
        }
        gifts.own[place] = ledger_event();
        letter->kind[letter->caps] = GIFT_EVENT;
        letter->cap[letter->caps++] = gifts.own[place];
        message->caps[message->cap_count++] = cap_move(event);
}

/* One of others, which stays here, too. */
static void event_pass(struct message *message, struct letter *letter)
{
        const struct held_event *held = &gifts.held[sim_below(gifts.count)];
        if (held->hops + letter->way > WAY_LONGEST)
                return;
        letter->kind[letter->caps] = GIFT_EVENT;
        letter->hops[letter->caps] = held->hops;
        letter->cap[letter->caps++] = held->number;
        message->caps[message->cap_count++] = cap_copy(held->handle);
}

static void event_drop(unsigned at)
{
        sys_handle_close(gifts.held[at].handle);
        gifts.held[at] = gifts.held[--gifts.count];
}

void gift_event_take(handle_t event, uint64_t number, unsigned hops)
{
        if (gifts.count == HELD)
                event_drop((unsigned)sim_below(HELD));
        gifts.held[gifts.count++] = (struct held_event){event, number, rt_now(), (uint8_t)hops};
}

void gift_event_use(void)
{
        unsigned at = (unsigned)sim_below(HELD);
        if (at >= gifts.count)
                return;
        const struct held_event *held = &gifts.held[at];
        uint64_t bit = sim_chance(900) ? ledger_signals(held->number, held->since) : 0;
        if (bit == 0)
                event_drop(at);
        else if (sys_event_signal(held->handle, bit) == OUTCOME_OK)
                ledger_signalled(held->number, bit, held->hops <= 1);
}

void gift_event_came(struct server *server, uint64_t key, uint64_t bits)
{
        (void)server;
        ledger_event_came(gifts.own[key - KEY_FIRST], bits);
}

void gift_event_ended(struct server *server, uint64_t key)
{
        (void)server;
        ledger_event_ends(gifts.own[key - KEY_FIRST]);
        gifts.own[key - KEY_FIRST] = 0;
}

/* ---- both ------------------------------------------------------------------------------------ */

void gift_put(struct message *message, struct letter *letter)
{
        if (sim_chance(300))
                memory_put(message, letter);
        else if (gifts.count && sim_chance(400))
                event_pass(message, letter);
        else
                event_make(message, letter);
}

void gifts_drop(void)
{
        while (gifts.count)
                event_drop(0);
}
