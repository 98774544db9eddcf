/* The search for the size of packets; see path.h. */
#include "netipc/core/path.h"
#include "netipc/core/sent.h"

static void path_assert(const struct path *path)
{
        core_assert(path->size >= WIRE_SHORT && path->size <= path->most);
        core_assert(path->most <= WIRE_PACKET_GRANULES);
        core_assert(path->refused > path->size && path->refused <= path->most + 1);
}

static void search_begin(struct path *path)
{
        path->due = 0;
        path->refused = path->most + 1;
        path->tries = 0;
        path_assert(path);
}

static void rest_begin(struct path *path, uint64_t now)
{
        path->due = CORE_NEVER;
        if (path->size < path->most) {
                path->due = now + path->pause;
                path->pause = earlier(2 * path->pause, PATH_PAUSE_MAX);
        }
}

static unsigned bound(const struct session *session)
{
        size_t ours = session->core->config.packet_size;
        size_t theirs = session->path.theirs;
        size_t both = ours < theirs ? ours : theirs;
        return wire_packet_granules(wire_packet_most(session->sent.credit, both));
}

void path_init(struct session *session, size_t theirs)
{
        core_assert(theirs >= WIRE_PACKET_BASE);
        session->path =
            (struct path){.theirs = theirs, .size = WIRE_SHORT, .pause = PATH_PAUSE_MIN};
        session->path.most = (uint8_t)bound(session);
        search_begin(&session->path);
}

void path_bound(struct session *session)
{
        struct path *path = &session->path;
        path->most = (uint8_t)bound(session);
        if (path->size > path->most)
                path->size = path->most;
        search_begin(path);
}

size_t path_packet_size(const struct session *session)
{
        return session->sent.timeouts ? WIRE_PACKET_BASE : wire_packet_size(session->path.size);
}

bool path_is_open(const struct session *session)
{
        return session->sent.largest_acked && !session->path.probing && !session->sent.timeouts &&
               sent_may_send(&session->sent);
}

/* What is tried next: all, then what Ethernets take, then the middle of what is left. */
static unsigned next_size(const struct path *path)
{
        if (path->refused > path->most)
                return path->most;
        if (path->size < WIRE_PACKET_USUAL && path->refused > WIRE_PACKET_USUAL)
                return WIRE_PACKET_USUAL;
        return (path->size + path->refused) / 2u;
}

unsigned path_probe(struct session *session, uint64_t now)
{
        struct path *path = &session->path;
        if (!path_is_due(session, now) || !path_is_open(session))
                return 0;
        if (path->due)
                search_begin(path);
        path_assert(path);
        if (path->refused - path->size == 1) {
                rest_begin(path, now);
                return 0;
        }
        path->probing = (uint8_t)next_size(path);
        core_assert(path->probing > path->size);
        return path->probing;
}

/* Also if it was given up before. */
void path_probe_acked(struct session *session, unsigned granules)
{
        struct path *path = &session->path;
        path->probing = 0;
        path->tries = 0;
        if (granules <= path->size || granules > path->most)
                return;
        path->size = (uint8_t)granules;
        if (path->refused <= granules)
                path->refused = path->most + 1;
        path_assert(path);
        core_log(session->core, CORE_LOG_INFO, session->peer, "larger packets reach it", "bytes",
                 wire_packet_size(granules) + WIRE_IP_HEADERS);
}

void path_probe_lost(struct path *path, unsigned granules)
{
        path->probing = 0;
        if (granules <= path->size || granules >= path->refused)
                return;
        if (++path->tries < PATH_TRIES)
                return;
        path->tries = 0;
        path->refused = (uint8_t)granules;
        path_assert(path);
}

void path_arrived(struct path *path, const struct sent_packet *packet)
{
        if (!packet->large || packet->number < path->proven)
                return;
        path->proven = packet->number;
        path->flights = 0;
}

void path_lost(struct session *session, const struct sent_packet *packet, uint64_t now)
{
        struct path *path = &session->path;
        if (!packet->large || path->size == WIRE_SHORT || packet->number < path->proven ||
            packet->number < path->flight_end)
                return;
        path->flight_end = session->sent.next;
        if (++path->flights < PATH_FLIGHTS)
                return;
        path->size = WIRE_SHORT;
        path->flights = 0;
        rest_begin(path, now);
        core_log(session->core, CORE_LOG_WARNING, session->peer, "larger packets are lost", "bytes",
                 WIRE_IP_MTU);
}
