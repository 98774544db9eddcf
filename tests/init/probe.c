/* Tests of init and the name service from inside: a component among others. Each check is a line
 * `ok NAME` or `FAILED NAME`. In its last act it kills the
 * name service: nobody else may notice. */
#include <stdio.h>
#include <string.h>
#include "servers/proto/directory.h"
#include "servers/proto/log.h"
#include "servers/proto/name.h"
#include "servers/proto/nic.h"
#include "servers/proto/proc.h"
#include "servers/proto/processes.h"
#include "servers/rt/log.h"
#include "servers/rt/memory.h"
#include "servers/rt/service.h"
#include "servers/rt/startup.h"

enum { NAME_BYTES = 32, LINES_BYTES = 4096 };

#define PATIENCE (30 * RT_SECOND)

static void console(const char *line)
{
        sys_log_write(rt_handle("hardware"), line, strlen(line));
}

static void check(const char *name, bool good)
{
        char line[128];

        snprintf(line, sizeof line, "%s %s\n", good ? "ok" : "FAILED", name);
        console(line);
}

static outcome_t look_up(const char *name, uint64_t wait, uint64_t deadline, handle_t *right)
{
        outcome_t outcome;

        *right = 0;
        do
                outcome = name_lookup(rt_names(), deadline, name, strlen(name), wait, right);
        while (rt_names_died(outcome, deadline));
        return outcome;
}

static handle_t must_find(const char *name)
{
        handle_t right;
        outcome_t outcome = look_up(name, 1, rt_after(PATIENCE), &right);

        if (outcome != OUTCOME_OK) {
                check(name, false);
                console(reason_text(outcome_reason(outcome)));
                console("\n");
        }
        return right;
}

/* ---- processes ------------------------------------------------------------------------------- */

struct process {
        uint64_t state, id, priority, cpu, memory, restarts;
};

static bool process_find(const char *wanted, struct process *process)
{
        handle_t proc = must_find("proc");
        bool found = false;
        char name[NAME_BYTES];
        size_t length;

        for (uint64_t i = 0; !found; i++) {
                if (proc_list(proc, RT_DEADLINE, i, name, sizeof name, &length, &process->state,
                              &process->id, &process->priority, &process->cpu, &process->memory,
                              &process->restarts) != OUTCOME_OK)
                        break;
                found = length == strlen(wanted) && memcmp(name, wanted, length) == 0;
        }
        sys_handle_close(proc);
        return found;
}

/* Waits until a component is in a state; the clock goes on in steps, since nothing signals this. */
static bool process_reaches(const char *name, uint64_t state, struct process *process)
{
        uint64_t end = rt_after(PATIENCE);

        while (rt_now() < end) {
                if (process_find(name, process) && process->state == state)
                        return true;
                sys_sleep(rt_after(20 * RT_MILLISECOND));
        }
        return false;
}

/* ---- checks ---------------------------------------------------------------------------------- */

static void check_lookups(void)
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
              look_up("n1/", 0, RT_DEADLINE, &right) == answered(REASON_INVALID));
        began = rt_now();
        deadline = began + RT_SECOND / 2;
        check("waiting lookup ends with not found",
              look_up("nobody", 1, deadline, &right) == answered(REASON_NOT_FOUND));
        check("waiting lookup waits, and not too long",
              rt_now() < deadline && rt_now() > began + RT_SECOND / 4);
}

static bool names_list_has(const char *line)
{
        char lines[LINES_BYTES + 1];
        size_t length = 0;

        if (name_list(rt_handle("name"), RT_DEADLINE, "", 0, lines, LINES_BYTES, &length) !=
            OUTCOME_OK)
                return false;
        lines[length] = 0;
        return strstr(lines, line) != NULL;
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

static void check_register(void)
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
        check("admit by anybody", name_admit(name, RT_DEADLINE, "x", 1, "", 0, "", 0, 0, &other) ==
                                      answered(REASON_REFUSED));
}

static bool kill_often(handle_t control, unsigned times)
{
        struct process process;

        for (unsigned i = 0; i < times; i++)
                if (proc_kill(control, RT_DEADLINE, "server", 6) != OUTCOME_OK ||
                    proc_start(control, RT_DEADLINE, "server", 6) != OUTCOME_OK ||
                    !process_reaches("server", PROCESS_RUNNING, &process))
                        return false;
        return true;
}

static void check_kill(void)
{
        handle_t control = must_find("control"), proc = must_find("proc"), old, again, event = 0;
        struct process before, after;
        uint64_t bits = 0;

        check("process is listed", process_find("server", &before));
        check("process runs", before.state == PROCESS_RUNNING && before.memory > 0);
        check("kill without control",
              proc_kill(proc, RT_DEADLINE, "server", 6) == answered(REASON_REFUSED));
        check("kill of nobody",
              proc_kill(control, RT_DEADLINE, "nobody", 6) == answered(REASON_NOT_FOUND));
        old = must_find("server");
        sys_event_create(&event);
        sys_watch(old, event, 1);
        check("kill", proc_kill(control, RT_DEADLINE, "server", 6) == OUTCOME_OK);
        check("its right dies", sys_event_wait(event, 1, RT_DEADLINE, &bits) == OUTCOME_OK);
        again = must_find("server");
        check("it comes back with its name", again != 0);
        check("it is another run", process_find("server", &after) && after.id != before.id &&
                                       after.restarts == before.restarts + 1);
        check("it comes back a hundred times, with its memory", kill_often(control, 100));
        again = must_find("server");
        check("crash", proc_crash(control, RT_DEADLINE, "server", 6) == OUTCOME_OK);
        check("it comes back from a crash",
              sys_watch(again, event, 2) == OUTCOME_OK &&
                  sys_event_wait(event, 2, RT_DEADLINE, &bits) == OUTCOME_OK &&
                  must_find("server") != 0);
}

static void check_policies(void)
{
        handle_t control = must_find("control");
        struct process process, again;

        check("who leaves and is not to be restarted has ended",
              process_reaches("leaver", PROCESS_ENDED, &process) && process.restarts == 0);
        check("start of what has ended",
              proc_start(control, RT_DEADLINE, "leaver", 6) == OUTCOME_OK);
        check("start of what runs",
              proc_start(control, RT_DEADLINE, "server", 6) == answered(REASON_BUSY));
        check("it ran once more",
              process_reaches("leaver", PROCESS_ENDED, &again) && again.id != process.id);
        check("who faults again and again is given up",
              process_reaches("faulty", PROCESS_GIVEN_UP, &process) && process.restarts > 3);
        check("kill of what does not run",
              proc_kill(control, RT_DEADLINE, "faulty", 6) == answered(REASON_NOT_RUNNING));
        check("who is silent is restarted",
              process_find("silent", &process) && process.restarts > 0);
        check("a component without its program",
              process_reaches("missing", PROCESS_GIVEN_UP, &process));
        check("a component without its device",
              process_reaches("deviceless", PROCESS_GIVEN_UP, &process));
}

/* ---- hanging --------------------------------------------------------------------------------- */

/* Asks an actor for a name: it does what actor.c says. */
static outcome_t actor_ask(handle_t actor, const char *what, uint64_t deadline)
{
        handle_t nothing;

        return directory_lookup(actor, deadline, what, strlen(what), &nothing);
}

static bool hangs_and_comes_back(const char *how)
{
        handle_t hanger = must_find("hanger");
        struct process before, after;
        outcome_t outcome;

        process_find("hanger", &before);
        /* Ended by its death, which comes long before the deadline. */
        outcome = actor_ask(hanger, how, rt_after(PATIENCE));
        sys_handle_close(hanger);
        return outcome == perhaps_executed(REASON_RECEIVER_DIED) && must_find("hanger") != 0 &&
               process_find("hanger", &after) && after.restarts == before.restarts + 1;
}

/* The probe takes the processor for itself: it has the higher priority. */
static bool starved_is_not_hanging(void)
{
        struct process before, after;
        handle_t hanger = must_find("hanger");
        uint64_t end;

        actor_ask(hanger, "nothing", RT_DEADLINE); /* it serves, so it has given its first sign */
        process_find("hanger", &before);
        end = rt_after(6 * RT_SECOND);
        while (rt_now() < end)
                __asm__ volatile("" ::: "memory");
        return process_find("hanger", &after) && after.id == before.id;
}

static void check_hang(void)
{
        check("who computes for ever is restarted", hangs_and_comes_back("hang"));
        check("who waits for ever is restarted", hangs_and_comes_back("stall"));
        check("who only lacks the processor is not", starved_is_not_hanging());
}

/* ---- the log --------------------------------------------------------------------------------- */

/* How often the log has a text. */
static unsigned log_count(handle_t log, const char *text)
{
        static char all[65536];
        uint64_t from = 0, offset = 0;
        size_t length = 1, whole = 0;
        unsigned count = 0;

        while (length > 0 && whole < sizeof all - 1 &&
               log_read(log, RT_DEADLINE, offset, &from, all + whole, sizeof all - 1 - whole,
                        &length) == OUTCOME_OK) {
                offset = from + length;
                whole += length;
        }
        all[whole] = 0;
        for (const char *at = all; (at = strstr(at, text)) != NULL; at++)
                count++;
        return count;
}

/* What an actor says arrives; a right to a new log comes a moment after the log itself. */
static bool log_hears(const char *name)
{
        static const char said[] = "server: says something";
        handle_t log = must_find("log"), actor = must_find(name);
        uint64_t end = rt_after(PATIENCE);
        unsigned before = log_count(log, said);
        bool heard = false;

        while (!heard && rt_now() < end) {
                actor_ask(actor, "say", RT_DEADLINE);
                heard = log_count(log, said) > before;
        }
        sys_handle_close(log);
        sys_handle_close(actor);
        return heard;
}

static bool log_begins_anew(handle_t control)
{
        struct process before, after;
        handle_t log = must_find("log"), event = 0;
        uint64_t bits;

        sys_event_create(&event);
        sys_watch(log, event, 1);
        process_find("server", &before);
        return proc_kill(control, RT_DEADLINE, "log", 3) == OUTCOME_OK &&
               sys_event_wait(event, 1, RT_DEADLINE, &bits) == OUTCOME_OK && log_hears("server") &&
               process_find("server", &after) && after.id == before.id;
}

/* What is said to a dead log is in the next one, which a sign of life brings there. */
static bool log_gets_what_was_said(handle_t control)
{
        static const char said[] = "hanger: says something";
        handle_t hanger = must_find("hanger"), log;
        uint64_t end = rt_after(PATIENCE);
        unsigned heard = 0;

        if (proc_kill(control, RT_DEADLINE, "log", 3) != OUTCOME_OK)
                return false;
        actor_ask(hanger, "say", RT_DEADLINE);
        log = must_find("log");
        while (heard == 0 && rt_now() < end) {
                sys_sleep(rt_after(100 * RT_MILLISECOND));
                heard = log_count(log, said);
        }
        sys_handle_close(log);
        sys_handle_close(hanger);
        return heard == 1;
}

static void check_log(void)
{
        handle_t control = must_find("control");

        check("the log has the lines of a component", log_hears("server"));
        check("the log that begins anew has them, too", log_begins_anew(control));
        check("and so has the next one", log_begins_anew(control));
        check("it gets what was said before it was there", log_gets_what_was_said(control));
}

/* ---- devices --------------------------------------------------------------------------------- */

enum { PCI_CLASS = 0x0a, PCI_CLASS_NETWORK = 0x0200, PCI_COMMAND = 4, PCI_COMMAND_MASTER = 4 };

/* The command register of the network device on bus 0; `pci-ecam=` is an argument of whoever has
 * `device hardware`. */
static volatile uint16_t *device_command(int count, char **arguments)
{
        uint64_t physical = 0;
        handle_t memory;
        void *bus;

        for (int i = 1; i < count; i++)
                sscanf(arguments[i], "pci-ecam=%lx:", &physical);
        if (sys_device_memory(rt_handle("hardware"), physical, 1 << 20, &memory) != OUTCOME_OK ||
            rt_memory_map(memory, 0, 1 << 20, MAP_READ | MAP_WRITE, &bus) != OUTCOME_OK)
                return NULL;
        for (unsigned function = 0; function < 256; function++) {
                volatile uint16_t *registers = (volatile uint16_t *)bus + function * 2048;

                if (registers[0] != 0xffff && registers[PCI_CLASS / 2] == PCI_CLASS_NETWORK)
                        return &registers[PCI_COMMAND / 2];
        }
        return NULL;
}

static bool masters(const volatile uint16_t *command)
{
        return (*command & PCI_COMMAND_MASTER) != 0;
}

/* The first byte of the rings shared with the network driver; they stay mapped. */
static const volatile uint8_t *rings_map(handle_t nic)
{
        uint64_t wake_bits, buffers, mac, mtu, bytes = 0, physical;
        handle_t event, session, memory, wake;
        void *address;

        if (sys_event_create(&event) != OUTCOME_OK ||
            nic_attach(nic, RT_DEADLINE, send_cap(event, 0), 1, &session, &memory, &wake,
                       &wake_bits, &buffers, &mac, &mtu) != OUTCOME_OK ||
            sys_memory_info(memory, &bytes, &physical) != OUTCOME_OK ||
            rt_memory_map(memory, 0, bytes, MAP_READ, &address) != OUTCOME_OK)
                return NULL;
        sys_handle_close(memory);
        return address;
}

/* The bus server and the driver behind it begin anew. */
static bool bus_begins_anew(handle_t control)
{
        struct process process;

        return proc_start(control, RT_DEADLINE, "pci", 3) == OUTCOME_OK &&
               process_reaches("pci", PROCESS_RUNNING, &process) &&
               (proc_start(control, RT_DEADLINE, "nic", 3), must_find("nic")) != 0;
}

static bool bus_often(handle_t control, unsigned times)
{
        for (unsigned i = 0; i < times; i++)
                if (proc_kill(control, RT_DEADLINE, "pci", 3) != OUTCOME_OK ||
                    !bus_begins_anew(control))
                        return false;
        return true;
}

static void check_fence(int count, char **arguments)
{
        volatile uint16_t *command = device_command(count, arguments);
        handle_t control = must_find("control");
        const volatile uint8_t *rings = rings_map(must_find("nic"));
        struct process process;

        check("a driver's device masters the bus", command != NULL && masters(command));
        check("its rings are mapped", rings != NULL);
        check("kill the bus server", proc_kill(control, RT_DEADLINE, "pci", 3) == OUTCOME_OK);
        check("it is not started again",
              process_find("pci", &process) && process.state == PROCESS_ENDED);
        check("the device does not master the bus any more", command != NULL && !masters(command));
        (void)*rings; /* a fault if they are gone */
        check("the driver's client still has its rings", true);
        check("the bus server and its driver come back",
              bus_begins_anew(control) && masters(command));
        check("they come back twenty times, with their memory", bus_often(control, 20));
}

/* The component `peer` plays the directory of a node n2. */
static void check_peer(void)
{
        handle_t name = rt_handle("name"), control = must_find("control"), peer, right;

        peer = must_find("peer");
        check("peer up", name_peer_up(name, RT_DEADLINE, "n2", 2, 1, 2, peer) == OUTCOME_OK);
        check("a peer's name is waited for",
              look_up("far", 1, rt_after(PATIENCE), &right) == OUTCOME_OK);
        check("a peer's name by its node", look_up("n2/far", 0, RT_DEADLINE, &right) == OUTCOME_OK);
        check("list has it", names_list_has("n2/far\n"));
        check("a name that the peer does not have",
              look_up("n2/server", 0, RT_DEADLINE, &right) == answered(REASON_NOT_FOUND));
        proc_kill(control, RT_DEADLINE, "peer", 4);
        check("a peer that does not answer",
              look_up("n2/far", 0, RT_DEADLINE, &right) == answered(REASON_RECEIVER_DIED));
        check("peer down of another epoch",
              name_peer_down(name, RT_DEADLINE, "n2", 2, 1, 3, REASON_NODE_DIED) == OUTCOME_OK &&
                  names_list_has("n2/far\n"));
        check("peer down",
              name_peer_down(name, RT_DEADLINE, "n2", 2, 1, 2, REASON_LINK_LOST) == OUTCOME_OK &&
                  !names_list_has("n2/far\n"));
        check("why the node is gone",
              look_up("n2/far", 0, RT_DEADLINE, &right) == answered(REASON_LINK_LOST));
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

        process_find("name", &before);
        if (end(control) != NULL)
                return false;
        /* The first answer is the next one's. */
        while (rt_find("server", &server) != OUTCOME_OK)
                if (rt_now() > deadline)
                        return false;
        sys_handle_close(server);
        return process_find("name", &after) && after.restarts == before.restarts + 1;
}

static const char *name_kill(handle_t control)
{
        return proc_kill(control, RT_DEADLINE, "name", 4) == OUTCOME_OK ? NULL : "kill";
}

static const char *name_crash(handle_t control)
{
        return proc_crash(control, RT_DEADLINE, "name", 4) == OUTCOME_OK ? NULL : "crash";
}

/* All of a component that a name service has to know again: a right of its own and an event. */
static void check_name(void)
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
        check("it is gone", rt_find("thing", &right) == answered(REASON_NOT_FOUND));
        check("the watch still tells",
              rt_register("thing", server) == OUTCOME_OK &&
                  sys_event_wait(event, 4, RT_DEADLINE, &bits) == OUTCOME_OK);
        check("what is another's stays so",
              name_unregister(rt_names(), RT_DEADLINE, "server", 6) == answered(REASON_REFUSED));
        check("kill while the name service is away",
              name_kill(control) == NULL &&
                  proc_kill(control, RT_DEADLINE, "server", 6) == OUTCOME_OK);
        check("its successor has the name",
              must_find("server") != 0 && process_find("server", &after) && after.id != before.id);
        check("nobody else was restarted", process_find("probe", &after) && after.restarts == 0);
}

/* ---- what a component holds ------------------------------------------------------------------ */

static bool hanger_is_bare(void)
{
        handle_t hanger = must_find("hanger");
        outcome_t outcome = actor_ask(hanger, "bare", RT_DEADLINE);

        sys_handle_close(hanger);
        return outcome == OUTCOME_OK;
}

int main(int count, char **arguments)
{
        check_lookups();
        check_register();
        check_kill();
        check_policies();
        check_hang();
        check("what a component was given it can use, and no more", hanger_is_bare());
        check_log();
        check_fence(count, arguments);
        check_peer();
        check_name();
        check("the same with a new name service and a new log", hanger_is_bare());
        console("probe: done\n");
        sys_machine_control(rt_handle("hardware"), MACHINE_EXIT, 0);
        return 1;
}
