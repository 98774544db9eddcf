/* Names: who may register what, what watches tell, a peer, and the death of the name service. */
#include <string.h>
#include "servers/proto/directory.h"
#include "servers/proto/name.h"
#include "servers/proto/proc.h"
#include "servers/rt/start/startup.h"
#include "tests/init/probe.h"

enum { LINES_BYTES = 4096 };

/* The description has `thing` on all of n1, n2 and n3, and nowhere `nobody`: what is not there now
 * is no name that nobody has. */
static void check_absent(void)
{
        handle_t right;
        uint64_t began = rt_now();
        check("a name of the description that nobody has registered",
              look_up("thing", 0, RT_DEADLINE, &right) == answered(REASON_NOT_RUNNING));
        check("the same on a node that is not up so far",
              look_up("n2/thing", 0, RT_DEADLINE, &right) == answered(REASON_NOT_RUNNING));
        check("who waits for what may come soon does so until its time is up",
              rt_bind("thing", rt_after(RT_SECOND / 2), &right) == answered(REASON_NOT_RUNNING) &&
                  rt_now() > began + RT_SECOND / 4);
        began = rt_now();
        check("for a name that no description has it does not wait",
              rt_bind("nobody", rt_after(PATIENCE), &right) == answered(REASON_NOT_FOUND) &&
                  rt_bind("n1/far", rt_after(PATIENCE), &right) == answered(REASON_NOT_FOUND) &&
                  rt_bind("n9/thing", rt_after(PATIENCE), &right) == answered(REASON_NOT_FOUND) &&
                  rt_now() < began + PATIENCE / 2);
}

void check_lookups(void)
{
        handle_t right;
        uint64_t began, deadline;
        check("lookup waits for a service", must_find("server") != 0);
        check("lookup with own node", look_up("n1/server", 0, RT_DEADLINE, &right) == OUTCOME_OK);
        check("lookup of an absent name",
              look_up("nobody", 0, RT_DEADLINE, &right) == answered(REASON_NOT_FOUND));
        check("lookup on an absent node",
              look_up("n9/server", 0, RT_DEADLINE, &right) == answered(REASON_NOT_FOUND));
        check("lookup of no valid name",
              look_up("n1/", 0, RT_DEADLINE, &right) == answered(REASON_NOT_FOUND) &&
                  look_up("f*", 0, RT_DEADLINE, &right) == answered(REASON_NOT_FOUND));
        began = rt_now();
        deadline = began + RT_SECOND / 2;
        check("waiting lookup ends with not found",
              look_up("nobody", 1, deadline, &right) == answered(REASON_NOT_FOUND));
        check("waiting lookup waits, and not too long",
              rt_now() < deadline && rt_now() > began + RT_SECOND / 4);
        check_absent();
}

static bool names_list_has(const char *line)
{
        char lines[LINES_BYTES + 1];
        size_t length = 0;
        if (name_list(rt_handle("name"), RT_DEADLINE, "", 0, lines, LINES_BYTES, &length) !=
            OUTCOME_OK)
                return false;
        lines[length] = 0;
        return strstr(lines, line);
}

static outcome_t watch_often(handle_t event)
{
        outcome_t outcome = OUTCOME_OK;
        for (unsigned i = 0; i < 100 && outcome == OUTCOME_OK; i++)
                outcome =
                    name_watch(rt_handle("name"), RT_DEADLINE, "far", 3, 8, send_cap(event, 0));
        return outcome;
}

/* What a registration costs the name service ends with it. */
static outcome_t register_often(handle_t right, unsigned times)
{
        outcome_t outcome = OUTCOME_OK;
        for (unsigned i = 0; i < times && outcome == OUTCOME_OK; i++) {
                outcome = rt_register("thing", right);
                if (outcome == OUTCOME_OK)
                        outcome = name_unregister(rt_handle("name"), RT_DEADLINE, "thing", 5);
        }
        return outcome;
}

static handle_t thing_event; /* bit 2 watches the name `thing` */

void check_register(void)
{
        handle_t name = rt_handle("name"), server = must_find("server"), other = 0, event = 0;
        uint64_t bits = 0;
        sys_handle_copy(server, RIGHTS_ALL, &other);
        check("register a name of another",
              name_register(name, RT_DEADLINE, "server", 6, other) == answered(REASON_REFUSED));
        sys_event_create(&event);
        thing_event = event;
        check("watch",
              name_watch(name, RT_DEADLINE, "thing", 5, 4, send_cap(event, 0)) == OUTCOME_OK);
        check("register", rt_register("thing", server) == OUTCOME_OK);
        check("watch tells", sys_event_wait(event, 4, RT_DEADLINE, &bits) == OUTCOME_OK);
        check("list has it", names_list_has("n1/thing\n"));
        check("watches are bounded", watch_often(event) == answered(REASON_OVERLOADED));
        check("unregister", name_unregister(name, RT_DEADLINE, "thing", 5) == OUTCOME_OK);
        check("watch tells again", sys_event_wait(event, 4, RT_DEADLINE, &bits) == OUTCOME_OK);
        check("list has it no more", !names_list_has("thing"));
        check("register 50000 times", register_often(server, 50000) == OUTCOME_OK);
        check("unregister what is another's",
              name_unregister(name, RT_DEADLINE, "server", 6) == answered(REASON_REFUSED));
        check("admit by anybody",
              name_admit(name, RT_DEADLINE, "x", 1, "", 0, "", 0, 0, optional_none(),
                         optional_none(), &other) == answered(REASON_REFUSED));
}

static bool list_will_have(const char *line, bool present)
{
        uint64_t deadline = rt_after(PATIENCE);
        while (names_list_has(line) != present)
                if (rt_now() > deadline || sys_sleep(rt_after(RT_SECOND / 50)) != OUTCOME_OK)
                        return false;
        return true;
}

static bool actor_will_be(handle_t actor, const char *what)
{
        uint64_t deadline = rt_after(PATIENCE);
        while (actor_ask(actor, what, RT_DEADLINE) != OUTCOME_OK)
                if (rt_now() > deadline || sys_sleep(rt_after(RT_SECOND / 50)) != OUTCOME_OK)
                        return false;
        return true;
}

/* The other directory, n2's, is asked first, and does not answer. */
static void check_second_peer(void)
{
        handle_t name = rt_handle("name"), second = must_find("hanger"), right;
        uint64_t began = rt_now();
        check("another peer has the name, too",
              name_peer_up(name, RT_DEADLINE, "n3", 2, 3, 4, second) == OUTCOME_OK &&
                  look_up("n3/far", 1, rt_after(PATIENCE), &right) == OUTCOME_OK);
        check("who does not answer does not hide who does",
              look_up("far", 0, RT_DEADLINE, &right) == OUTCOME_OK);
        check("nor for long", rt_now() < began + RT_DEFAULT_WAIT / 2);
        check("peer down of another epoch",
              name_peer_down(name, RT_DEADLINE, "n3", 2, 3, 5, REASON_NODE_DIED) == OUTCOME_OK &&
                  names_list_has("n3/far\n"));
        check("the other peer goes",
              name_peer_down(name, RT_DEADLINE, "n3", 2, 3, 4, REASON_NODE_DIED) == OUTCOME_OK &&
                  look_up("n3/far", 0, RT_DEADLINE, &right) == answered(REASON_NODE_DIED));
}

/* Tables go as changes: a notice, then one question to who has sent it. */
static void check_changes(handle_t peer)
{
        handle_t directory = 0, server = must_find("server");
        name_directory(rt_handle("name"), RT_DEADLINE, &directory);
        actor_will_be(peer, "told"); /* when it came */
        actor_ask(peer, "quiet", RT_DEADLINE);
        sys_sleep(rt_after(5 * RT_SECOND / 2));
        check("while nothing changes nobody asks",
              actor_ask(peer, "quiet", RT_DEADLINE) == OUTCOME_OK &&
                  actor_ask(peer, "told", RT_DEADLINE) == answered(REASON_NOT_FOUND));
        actor_ask(peer, "grow", RT_DEADLINE);
        directory_changed(directory, RT_DEADLINE, "n3", 2, 77, 1000);
        directory_changed(directory, RT_DEADLINE, "n2", 2, 77, 2);
        sys_sleep(rt_after(RT_SECOND / 2));
        check("news of another node, or that are none, are no reason to ask",
              actor_ask(peer, "quiet", RT_DEADLINE) == OUTCOME_OK);
        directory_changed(directory, RT_DEADLINE, "n2", 2, 77, 3);
        check("who says that there are news is asked", list_will_have("n2/farther\n", true));
        check("it was", actor_ask(peer, "quiet", RT_DEADLINE) == answered(REASON_NOT_FOUND));
        check("a peer is told of a name that comes",
              rt_register("thing", server) == OUTCOME_OK && actor_will_be(peer, "told"));
        check("and of one that goes",
              name_unregister(rt_handle("name"), RT_DEADLINE, "thing", 5) == OUTCOME_OK &&
                  actor_will_be(peer, "told"));
        sys_handle_close(directory);
}

/* A peer's right dies without a word about the peer: so it is when the transport dies. */
static void check_peer_lost(void)
{
        handle_t right;
        uint64_t began = rt_now();
        proc_kill(must_find("control"), RT_DEADLINE, "peer", 4);
        check("a peer that does not answer",
              look_up("n2/far", 0, RT_DEADLINE, &right) == answered(REASON_RECEIVER_DIED));
        check("its names are away", list_will_have("n2/far\n", false));
        check("it is waited for a while, then out of reach",
              rt_bind("n2/far", rt_after(PATIENCE), &right) == answered(REASON_LINK_LOST) &&
                  rt_now() > began + RT_SECOND);
}

/* The component `peer` plays the directory of a node n2, later `mute`. */
void check_peer(void)
{
        handle_t name = rt_handle("name"), peer, mute, right;
        uint64_t began;
        peer = must_find("peer");
        check("peer up", name_peer_up(name, RT_DEADLINE, "n2", 2, 1, 2, peer) == OUTCOME_OK);
        check("a peer's name is waited for",
              look_up("far", 1, rt_after(PATIENCE), &right) == OUTCOME_OK);
        check("a peer's name by its node", look_up("n2/far", 0, RT_DEADLINE, &right) == OUTCOME_OK);
        check("list has it", names_list_has("n2/far\n"));
        check("a name that the peer does not have",
              look_up("n2/nobody", 0, RT_DEADLINE, &right) == answered(REASON_NOT_FOUND));
        check("a name that it is to have, and does not have now",
              look_up("n2/server", 0, RT_DEADLINE, &right) == answered(REASON_NOT_RUNNING));
        check_changes(must_find("peer"));
        check_peer_lost();
        mute = must_find("mute");
        check("it comes again, and is silent",
              name_peer_up(name, RT_DEADLINE, "n2", 2, 5, 6, mute) == OUTCOME_OK &&
                  list_will_have("n2/far\n", true));
        check_second_peer();
        check("peer down",
              name_peer_down(name, RT_DEADLINE, "n2", 2, 5, 6, REASON_LINK_LOST) == OUTCOME_OK &&
                  !names_list_has("n2/far\n"));
        check("why the node is gone",
              look_up("n2/far", 0, RT_DEADLINE, &right) == answered(REASON_LINK_LOST));
        check("the same of a name that may be anywhere",
              look_up("far", 0, RT_DEADLINE, &right) == answered(REASON_LINK_LOST));
        began = rt_now();
        check("nobody waits for a node that is gone",
              rt_bind("far", rt_after(PATIENCE), &right) == answered(REASON_LINK_LOST) &&
                  rt_now() < began + PATIENCE / 2);
        check("directory", name_directory(name, RT_DEADLINE, &right) == OUTCOME_OK);
        check("the directory's right is no name service",
              name_list(right, RT_DEADLINE, "", 0, NULL, 0, &(size_t){0}) ==
                  answered(REASON_REFUSED));
}

/* A component asks what it has always asked. */
static bool server_is_there(uint64_t run)
{
        struct process server;
        handle_t right = 0;
        return rt_find("server", &right) == OUTCOME_OK &&
               actor_ask(right, "nothing", RT_DEADLINE) == answered(REASON_NOT_FOUND) &&
               process_find("server", &server) && server.id == run;
}

static bool name_begins_anew(handle_t control, const char *(*end)(handle_t control))
{
        struct process before, after;
        uint64_t deadline = rt_after(PATIENCE);
        handle_t server;
        process_find("names", &before);
        if (end(control))
                return false;
        /* The first answer is the next one's. */
        while (rt_find("server", &server) != OUTCOME_OK)
                if (rt_now() > deadline)
                        return false;
        sys_handle_close(server);
        return process_find("names", &after) && after.restarts == before.restarts + 1;
}

static const char *name_kill(handle_t control)
{
        return proc_kill(control, RT_DEADLINE, "names", 5) == OUTCOME_OK ? NULL : "kill";
}

static const char *name_crash(handle_t control)
{
        return proc_crash(control, RT_DEADLINE, "names", 5) == OUTCOME_OK ? NULL : "crash";
}

/* All of a component that a name service has to know again: a right of its own and an event. */
void check_name(void)
{
        handle_t control = must_find("control"), server = must_find("server"), event = thing_event,
                 right;
        struct process before, after;
        uint64_t bits = 0;
        process_find("server", &before);
        check("register before its death",
              rt_register("thing", server) == OUTCOME_OK &&
                  sys_event_wait(event, 4, RT_DEADLINE, &bits) == OUTCOME_OK);
        check("the name service is killed, and there again", name_begins_anew(control, name_kill));
        check("who runs goes on, under its name", server_is_there(before.id));
        check("what was registered is there", rt_find("thing", &right) == OUTCOME_OK);
        check("a watch is told at once that it may have missed something",
              sys_event_wait(event, 4, RT_DEADLINE, &bits) == OUTCOME_OK);
        check("the name service faults, and is there again", name_begins_anew(control, name_crash));
        check("unregister what was registered twice deaths ago",
              name_unregister(rt_names(), RT_DEADLINE, "thing", 5) == OUTCOME_OK);
        sys_event_wait(event, 4, rt_now(), &bits); /* of the second death */
        check("it is gone", rt_find("thing", &right) == answered(REASON_NOT_RUNNING));
        check("the watch still tells",
              rt_register("thing", server) == OUTCOME_OK &&
                  sys_event_wait(event, 4, RT_DEADLINE, &bits) == OUTCOME_OK);
        check("what is another's stays so",
              name_unregister(rt_names(), RT_DEADLINE, "server", 6) == answered(REASON_REFUSED));
        check("kill while the name service is away",
              !name_kill(control) && proc_kill(control, RT_DEADLINE, "server", 6) == OUTCOME_OK);
        check("its successor has the name",
              must_find("server") != 0 && process_find("server", &after) && after.id != before.id);
        check("nobody else was restarted", process_find("probe", &after) && after.restarts == 0);
}
