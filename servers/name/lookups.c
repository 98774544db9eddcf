/* The way of a lookup from state to state; see lookups.h. Its caller is answered once, before the
 * caller's own deadline. */
#include "servers/name/lookups.h"

#include <stdio.h>
#include <string.h>
#include "cluster/core/absence.h"
#include "servers/proto/directory.h"
#include "servers/proto/name.h"
#include "servers/proto/process.h"
#include "servers/name/members.h"
#include "servers/name/peers.h"
#include "servers/name/registrations.h"
#include "servers/rt/task/time.h"

#define ASK_PAUSE    (100 * RT_MILLISECOND) /* before a peer that has failed is asked again */
#define ASK_PATIENCE RT_SECOND              /* for a peer's answer, while there are others to ask */

/* An answer has to be there before the caller's own deadline ends its call. */
static uint64_t answer_time(uint64_t deadline)
{
        const uint64_t margin = 20 * RT_MILLISECOND;
        uint64_t now = rt_now();
        if (deadline == TIME_NEVER)
                return TIME_NEVER;
        if (deadline <= now)
                return now;
        return deadline - ((deadline - now) / 8 < margin ? (deadline - now) / 8 : margin);
}

static bool path_split(const struct names *names, struct lookup *lookup, struct text path)
{
        struct text node = {"", 0}, name = path;
        const char *slash = memchr(path.at, '/', path.length);
        if (slash) {
                node = (struct text){path.at, slash - path.at};
                name = (struct text){slash + 1, path.length - node.length - 1};
                if (text_is(node, "."))
                        node = text_of(names->registry.node);
                if (!name_copy(lookup->node, node))
                        return false;
        }
        return name_copy(lookup->name, name);
}

static bool wants_this_node(const struct names *names, const struct lookup *lookup)
{
        return lookup->node[0] == 0 || strcmp(lookup->node, names->registry.node) == 0;
}

/* ---- answers --------------------------------------------------------------------------------- */

static void unbounded_drop(struct lookup *lookup)
{
        if (lookup->unbounded)
                sys_handle_close(lookup->unbounded);
        lookup->unbounded = 0;
}

static void lookup_end(struct lookup *lookup)
{
        unbounded_drop(lookup);
        lookup->state = LOOKUP_FREE;
        lookup->reply = 0;
}

static void lookup_answer(struct lookup *lookup, outcome_t outcome)
{
        rt_reply_outcome(lookup->reply, outcome);
        lookup_end(lookup);
}

static void lookup_answer_right(struct lookup *lookup, struct send_cap right)
{
        name_lookup_reply(lookup->reply, right);
        lookup_end(lookup);
}

/* Why nobody has the name. If a peer should have it and failed to give it, its reason says more
 * than the tables. */
static unsigned absence(const struct names *names, const struct lookup *lookup)
{
        unsigned reason = registry_absence(&names->registry, lookup->node, lookup->name);
        return reason == REASON_NOT_RUNNING && lookup->failed != 0 ? lookup->failed : reason;
}

/* Why a caller whose time is up has no right to what this node has. */
static unsigned unbounded(const struct lookup *lookup)
{
        return lookup->failed ? lookup->failed : REASON_DEADLINE;
}

/* Whether the caller goes on waiting for what is absent for that reason. */
static bool goes_on(const struct lookup *lookup, unsigned reason)
{
        return lookup->wait == NAME_WAIT_ALWAYS ||
               (lookup->wait == NAME_WAIT_SOON && absence_may_end(reason));
}

/* ---- asking a peer --------------------------------------------------------------------------- */

/* The next peer to ask: all that have the name, each once a round. */
static struct registry_peer *peer_to_ask(struct names *names, const struct lookup *lookup)
{
        struct registry_peer *peer;
        if (lookup->node[0] == 0)
                return registry_find(&names->registry, lookup->name, lookup->asked);
        peer = registry_peer(&names->registry, lookup->node);
        return peer && registry_peer_has(peer, lookup->name) && lookup->asked[0] == 0 ? peer : NULL;
}

/* The peer could not give the right: the next one is asked, or another round begins after a pause.
 * A peer that answers `not found` had the name a moment ago. */
static void lookup_fail(struct names *names, struct lookup *lookup, outcome_t outcome, uint64_t now)
{
        unsigned reason = outcome_reason(outcome);
        lookup->failed = reason == REASON_NOT_FOUND ? REASON_NOT_RUNNING : reason;
        unbounded_drop(lookup);
        lookup->state = LOOKUP_WAITING;
        if (peer_to_ask(names, lookup)) {
                names_work(names);
        } else if (goes_on(lookup, lookup->failed)) {
                lookup->asked[0] = 0;
                lookup->ask_at = now + ASK_PAUSE;
                names_wake_at(names, lookup->ask_at);
        } else {
                lookup_answer(lookup, answered(lookup->failed));
        }
}

/* When the question to the peer just chosen is given up: early enough for those that come after
 * it. */
static uint64_t ask_end(struct names *names, const struct lookup *lookup, uint64_t now)
{
        uint64_t left = lookup->deadline - now;
        if (!peer_to_ask(names, lookup))
                return rt_earlier(lookup->deadline, now + RT_DEFAULT_WAIT);
        return now + rt_earlier(left / 2, ASK_PATIENCE);
}

static outcome_t lookup_call(struct names *names, struct lookup *lookup)
{
        if (lookup->call)
                return OUTCOME_OK;
        return rt_server_call(
            &names->server, NAMES_KEY_LOOKUP + (uint64_t)(lookup - names->lookups), &lookup->call);
}

static void lookup_ask(struct names *names, struct lookup *lookup, const struct registry_peer *peer,
                       uint64_t now)
{
        handle_t right = names->peers[peer - names->registry.peers].right;
        memcpy(lookup->asked, peer->node, REGISTRY_NAME);
        uint64_t deadline = ask_end(names, lookup, now);
        outcome_t outcome = lookup_call(names, lookup);
        if (outcome == OUTCOME_OK)
                outcome = directory_lookup_start(right, lookup->call, deadline, lookup->name,
                                                 strlen(lookup->name));
        if (outcome == OUTCOME_OK)
                lookup->state = LOOKUP_ASKED;
        else
                lookup_fail(names, lookup, outcome, now);
}

/* ---- rights with bounds ---------------------------------------------------------------------- */

/* Who may start so many programs gets a right by which it can start no more: the process server
 * makes it, and knows who has it. */
static bool is_bounded(const struct names *names, const struct lookup *lookup)
{
        return strcmp(lookup->name, "process") == 0 &&
               member_spawn(names, lookup->badge).number != 0;
}

static void lookup_bound(struct names *names, struct lookup *lookup, handle_t right, uint64_t now)
{
        const struct spawn_bounds bounds = member_spawn(names, lookup->badge);
        const char *component = member_component(names, lookup->badge);
        char spawner[2 * REGISTRY_NAME];
        lookup->ask_at = now + ASK_PAUSE; /* if this fails */
        int length = snprintf(spawner, sizeof spawner, "%s/%s", names->registry.node, component);
        outcome_t outcome = lookup_call(names, lookup);
        if (outcome == OUTCOME_OK)
                outcome = process_bound_start(
                    right, lookup->call, rt_earlier(lookup->deadline, now + RT_DEFAULT_WAIT),
                    spawner, (size_t)length, bounds.memory, bounds.number);
        if (outcome == OUTCOME_OK)
                lookup->state = LOOKUP_BOUNDING;
        else
                lookup_fail(names, lookup, outcome, now);
}

void lookup_completed(struct names *names, unsigned place, uint64_t now)
{
        struct lookup *lookup = &names->lookups[place];
        handle_t right = 0;
        outcome_t outcome = lookup->state == LOOKUP_BOUNDING
                                ? process_bound_finish(lookup->call, &right)
                                : directory_lookup_finish(lookup->call, &right);
        if (lookup->reply == 0) {
                if (outcome == OUTCOME_OK)
                        sys_handle_close(right);
                lookup_end(lookup);
        } else if (outcome == OUTCOME_OK && lookup->state == LOOKUP_ASKED &&
                   is_bounded(names, lookup)) {
                lookup->unbounded = right;
                lookup_bound(names, lookup, right, now);
        } else if (outcome == OUTCOME_OK) {
                lookup_answer_right(lookup, send_cap(right, SEND_CAP_MOVE));
        } else {
                lookup_fail(names, lookup, outcome, now);
        }
}

/* ---- the state machine ----------------------------------------------------------------------- */

static void lookup_try(struct names *names, struct lookup *lookup, uint64_t now)
{
        handle_t right = wants_this_node(names, lookup) ? registered_right(names, lookup->name) : 0;
        const struct registry_peer *peer = peer_to_ask(names, lookup);
        if (right != 0 && !is_bounded(names, lookup))
                lookup_answer_right(lookup, send_cap(right, 0));
        else if (now >= lookup->deadline)
                lookup_answer(lookup, answered(right ? unbounded(lookup) : absence(names, lookup)));
        else if (right != 0 && now >= lookup->ask_at)
                lookup_bound(names, lookup, right, now);
        else if (right != 0)
                names_wake_at(names, lookup->ask_at);
        else if (peer && now >= lookup->ask_at)
                lookup_ask(names, lookup, peer, now);
        else if (peer)
                names_wake_at(names, lookup->ask_at);
        else if (!goes_on(lookup, absence(names, lookup)))
                lookup_answer(lookup, answered(absence(names, lookup)));
}

void lookups_work(struct names *names, uint64_t now)
{
        for (unsigned i = 0; i < NAMES_LOOKUPS; i++) {
                struct lookup *lookup = &names->lookups[i];
                if (lookup->state == LOOKUP_WAITING)
                        lookup_try(names, lookup, now);
                if (lookup->state == LOOKUP_WAITING)
                        names_wake_at(names, lookup->deadline);
        }
}

static void lookup_drop(struct lookup *lookup, enum reason reason)
{
        rt_reply_outcome(lookup->reply, answered(reason));
        lookup->reply = 0;
        if (lookup->state != LOOKUP_WAITING)
                rt_call_cancel(lookup->call); /* its end frees the place */
        else
                lookup_end(lookup);
}

void lookup_cancel(struct names *names, handle_t reply)
{
        for (unsigned i = 0; i < NAMES_LOOKUPS; i++)
                if (names->lookups[i].state != LOOKUP_FREE && names->lookups[i].reply == reply)
                        lookup_drop(&names->lookups[i], REASON_CANCELLED);
}

void lookups_end(struct names *names, uint64_t badge)
{
        for (unsigned i = 0; i < NAMES_LOOKUPS; i++)
                if (names->lookups[i].reply != 0 && names->lookups[i].badge == badge)
                        lookup_drop(&names->lookups[i], REASON_REVOKED);
}

/* NULL: all places are taken, or all that one member may have. */
static struct lookup *lookup_place(struct names *names, uint64_t badge)
{
        struct lookup *place = NULL;
        unsigned own = 0;
        for (unsigned i = 0; i < NAMES_LOOKUPS; i++) {
                struct lookup *lookup = &names->lookups[i];
                if (lookup->state == LOOKUP_FREE)
                        place = lookup;
                else if (lookup->badge == badge)
                        own++;
        }
        return own < NAMES_LOOKUPS_EACH ? place : NULL;
}

outcome_t lookup_begin(struct names *names, const struct request *request, struct text path,
                       enum name_wait wait, struct send_cap *right)
{
        struct lookup wanted = {.reply = request->reply, .badge = request->badge, .wait = wait};
        struct lookup *place;
        handle_t own = 0;
        if (!path_split(names, &wanted, path))
                return answered(REASON_NOT_FOUND); /* nobody can have such a name */
        if (!member_may_look_up(names, request->badge, text_of(wanted.name)))
                return answered(REASON_REFUSED);
        if (wants_this_node(names, &wanted))
                own = registered_right(names, wanted.name);
        if (own != 0 && !is_bounded(names, &wanted)) {
                *right = send_cap(own, 0);
                return OUTCOME_OK;
        }
        if (own == 0 && !peer_to_ask(names, &wanted) && !goes_on(&wanted, absence(names, &wanted)))
                return answered(absence(names, &wanted));
        place = lookup_place(names, request->badge);
        if (!place)
                return answered(REASON_OVERLOADED);
        wanted.state = LOOKUP_WAITING;
        wanted.deadline = answer_time(request->deadline);
        wanted.call = place->call;
        *place = wanted;
        names_work(names);
        return RT_DEFERRED;
}
