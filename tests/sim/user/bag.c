/* Rights in a bag of places, calls to be answered in another; see bag.h. */
#include "tests/sim/user/bag.h"

#include "tests/sim/user/gifts.h"

enum { BAG = 32, SERVED = 24 };

static struct {
        struct server *server;
        struct held bag[BAG];
        unsigned held;
        struct served served[SERVED];
} own;

void bag_init(struct server *server)
{
        own.server = server;
}

/* ---- the bag --------------------------------------------------------------------------------- */

static void bag_drop(unsigned at)
{
        sys_handle_close(own.bag[at].handle);
        own.bag[at] = own.bag[--own.held];
}

void bag_add(handle_t handle, uint64_t object, unsigned hops)
{
        if (!handle)
                return;
        if (own.held == BAG)
                bag_drop((unsigned)sim_below(BAG));
        own.bag[own.held++] = (struct held){handle, object, (uint8_t)hops};
}

/* A right of the bag; NULL: it is empty, or the one that was hit is dead, and dropped. */
struct held *bag_some(void)
{
        unsigned at = (unsigned)sim_below(own.held);
        enum object_kind type;
        uint32_t rights;
        uint64_t identity;
        if (bag_is_empty())
                return NULL;
        if (sys_handle_info(own.bag[at].handle, &type, &rights, &identity) == OUTCOME_OK)
                return &own.bag[at];
        bag_drop(at);
        return NULL;
}

void bag_drop_some(void)
{
        if (own.held)
                bag_drop((unsigned)sim_below(own.held));
}

static bool is_dead(handle_t handle)
{
        enum object_kind type;
        uint32_t rights;
        uint64_t identity;
        return sys_handle_info(handle, &type, &rights, &identity) != OUTCOME_OK;
}

void bag_empty(void)
{
        for (unsigned at = own.held; at-- > 0;)
                if (ledger_lives(own.bag[at].object) || is_dead(own.bag[at].handle))
                        bag_drop(at);
}

bool bag_is_empty(void)
{
        return own.held == 0;
}

/* ---- calls to answer ------------------------------------------------------------------------- */

/* False: there is no room to answer it later. */
bool serve_later(handle_t reply, uint64_t number, bool given)
{
        for (unsigned i = 0; i < SERVED; i++) {
                struct served *served = &own.served[i];
                if (served->reply)
                        continue;
                uint64_t time = sim_below(sim_chance(100) ? RT_SECOND : 5 * RT_MILLISECOND);
                *served = (struct served){reply, number, rt_after(time), given};
                own.server->deadline = rt_earlier(own.server->deadline, served->due);
                return true;
        }
        return false;
}

struct served *served_due(uint64_t now)
{
        for (unsigned i = 0; i < SERVED; i++)
                if (own.served[i].reply && own.served[i].due <= now)
                        return &own.served[i];
        return NULL;
}

uint64_t served_next(void)
{
        uint64_t next = TIME_NEVER;
        for (unsigned i = 0; i < SERVED; i++)
                if (own.served[i].reply)
                        next = rt_earlier(next, own.served[i].due);
        return next;
}

/* ---- capabilities of messages ---------------------------------------------------------------- */

/* A new right of our own: it is given away, and half of the time kept too. */
static void cap_make(struct message *message, struct letter *letter)
{
        handle_t handle, copy;
        uint64_t object = ledger_object();
        if (sys_right_mint(own.server->port, object, RIGHTS_ALL, &handle) != OUTCOME_OK)
                return;
        if (sim_chance(500) && sys_handle_copy(handle, RIGHTS_ALL, &copy) == OUTCOME_OK)
                bag_add(copy, object, 0);
        letter->cap[letter->caps++] = object;
        message->caps[message->cap_count++] = cap_move(handle);
}

/* The reply right of a call that is to be answered, unless it was given to us. */
void reply_put(struct message *message, struct letter *letter)
{
        struct served *served = &own.served[sim_below(SERVED)];
        if (!served->reply || served->given ||
            ledger_sent(served->number, false)->way + letter->way > WAY_LONGEST)
                return;
        ledger_handed_on(served->number);
        letter->kind[letter->caps] = GIFT_REPLY;
        letter->cap[letter->caps++] = served->number;
        message->caps[message->cap_count++] = cap_move(served->reply);
        served->reply = 0;
}

/* Up to `most` capabilities: old ones of the bag, whose objects are known, new ones, and others. */
void caps_put(struct message *message, struct letter *letter, unsigned most)
{
        unsigned count = sim_chance(sim_gifts()) ? (unsigned)sim_below(most + 1) : 0;
        for (unsigned i = 0; i < count; i++) {
                if (sim_chance(200)) {
                        gift_put(message, letter);
                        continue;
                }
                const struct held *held = sim_chance(500) ? bag_some() : NULL;
                if (!held) {
                        cap_make(message, letter);
                } else if (held->object && held->hops + letter->way <= WAY_LONGEST) {
                        letter->hops[letter->caps] = held->hops;
                        letter->cap[letter->caps++] = held->object;
                        message->caps[message->cap_count++] = cap_copy(held->handle);
                }
        }
}

/* Somebody else's call is to be answered by us; if there is no room, by nobody. */
static void reply_take(handle_t reply, uint64_t number)
{
        if (!serve_later(reply, number, true))
                sys_handle_close(reply);
}

/* Takes a capability that is not dead; returns its number. */
static uint64_t cap_accept(struct received_cap *cap, uint64_t sent, unsigned hops)
{
        const struct received_cap came = *cap;
        const handle_t handle = cap_take(cap);
        switch (came.type) {
        case OBJECT_MEMORY:
                return gift_memory_take(handle, sent);
        case OBJECT_EVENT:
                gift_event_take(handle, sent, hops);
                return sent;
        case OBJECT_REPLY:
                reply_take(handle, sent);
                return sent;
        default:
                bag_add(handle, came.own ? came.badge : sent, came.own ? 0 : hops);
                return came.own ? came.badge : sent;
        }
}

static uint8_t kind_of(const struct received_cap *cap)
{
        return cap->type == OBJECT_MEMORY  ? GIFT_MEMORY
               : cap->type == OBJECT_EVENT ? GIFT_EVENT
               : cap->type == OBJECT_REPLY ? GIFT_REPLY
                                           : GIFT_RIGHT;
}

/* What came with a message is kept, and described to the ledger. */
void caps_take(uint64_t number, bool answer, struct received_cap *caps, unsigned count,
               struct letter *letter)
{
        const struct letter *sent = ledger_sent(number, answer);
        const unsigned way = ledger_sent(number, false)->way;
        letter->caps = (uint8_t)count;
        for (unsigned i = 0; i < count; i++) {
                letter->kind[i] = kind_of(&caps[i]);
                if (caps[i].type != OBJECT_NONE &&
                    !(letter->kind[i] == GIFT_RIGHT && is_dead(caps[i].handle)))
                        letter->cap[i] = cap_accept(&caps[i], sent->cap[i], sent->hops[i] + way);
        }
}
