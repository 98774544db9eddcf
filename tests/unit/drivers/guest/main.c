/* The drivers in a guest: real programs, QEMU's devices, no other server. Prints `ok NAME` or
 * `failed NAME: why` for each test and a closing line on the kernel's log, and ends QEMU through
 * isa-debug-exit. */
#include <stdio.h>
#include <string.h>
#include "servers/proto/nic.h"
#include "servers/proto/pci.h"
#include "servers/proto/pci_layout.h"
#include "servers/rt/task/time.h"
#include "tests/unit/drivers/guest/world.h"

enum { FRAMES = 5000, BURST = 40, STRIDE = 1009, PINGS = 200, CLASS_ETHERNET = 0x0200 };

#define WAIT (20 * RT_SECOND)
#define SOON (100 * RT_MILLISECOND)

static unsigned passed, failed;

static void say(const char *line)
{
        sys_log_write(rt_bootinfo()->hardware, line, strlen(line));
}

/* What a failed test leaves to look at. */
static void statistics_say(const struct interface *interface)
{
        uint64_t received, received_bytes, sent, sent_bytes, dropped, violations, interrupts;
        struct task_info task = {0};
        char line[192];
        if (nic_statistics(interface->nic, RT_DEADLINE, &received, &received_bytes, &sent,
                           &sent_bytes, &dropped, &violations, &interrupts) != OUTCOME_OK)
                return;
        sys_task_info(interface->spawned.task, &task);
        snprintf(
            line, sizeof line,
            "  %s: received %lu, sent %lu, dropped %lu, violations %lu, interrupts %lu, %lu ms\n",
            interface->program, received, sent, dropped, violations, interrupts,
            task.cpu_time / 1000000);
        say(line);
}

static void report(const char *test, const char *wrong)
{
        char line[128];
        if (!wrong) {
                passed++;
                snprintf(line, sizeof line, "ok %s\n", test);
        } else {
                failed++;
                snprintf(line, sizeof line, "failed %s: %s\n", test, wrong);
        }
        say(line);
        for (unsigned i = 0; i < INTERFACES && wrong; i++) {
                if (interfaces[i].nic != 0)
                        statistics_say(&interfaces[i]);
        }
}

static bool may_drive(const struct interface *interface, uint64_t vendor, uint64_t device)
{
        for (unsigned i = 0; i < interface->id_count; i++)
                if (interface->ids[i].vendor == vendor && interface->ids[i].device == device)
                        return true;
        return false;
}

static const char *devices_are_listed(void)
{
        unsigned found = 0;
        uint64_t address, vendor, device, class;
        size_t length;
        char owner[32];
        for (uint64_t i = 0; pci_list(pci_admin, RT_DEADLINE, i, &address, &vendor, &device, &class,
                                      owner, sizeof owner, &length) == OUTCOME_OK;
             i++) {
                for (unsigned k = 0; k < INTERFACES; k++)
                        found += may_drive(&interfaces[k], vendor, device) &&
                                 class >> 8 == CLASS_ETHERNET && length == 0;
        }
        return found == INTERFACES ? NULL : "not both network devices were found";
}

static const char *a_missing_device_is_not_found_at_once(void)
{
        struct pci_id id = {0x1234, 0x5678, 0};
        handle_t right;
        uint64_t driver;
        outcome_t outcome =
            pci_admit(pci_admin, RT_DEADLINE, "absent", 6, &id, sizeof id, 0, &right, &driver);
        return outcome == answered(REASON_NOT_FOUND) ? NULL : "admitted";
}

static const char *drivers_start(void)
{
        for (unsigned i = 0; i < INTERFACES; i++) {
                if (!driver_start(&interfaces[i]))
                        return interfaces[i].program;
        }
        return NULL;
}

static const char *a_second_client_is_refused(void)
{
        handle_t event = 0, session, memory, wake;
        uint64_t bits, buffers, mac, mtu;
        for (unsigned i = 0; i < INTERFACES; i++) {
                if (client_attach(&interfaces[i]) != OUTCOME_OK)
                        return "the first client cannot attach";
                sys_event_create(&event);
                if (nic_attach(interfaces[i].nic, RT_DEADLINE, cap_copy(event), 1, &session,
                               &memory, &wake, &bits, &buffers, &mac,
                               &mtu) != answered(REASON_BUSY))
                        return "the second client was not told that it is busy";
                sys_handle_close(event);
        }
        return NULL;
}

static const char *addresses_are_the_devices_own(void)
{
        return interfaces[0].mac == 0x525400000101 && interfaces[1].mac == 0x525400000102 &&
                       (interfaces[0].mtu == 1500 || interfaces[0].mtu == 9000) &&
                       interfaces[1].mtu == 9000
                   ? NULL
                   : "wrong MAC or MTU";
}

/* Frames one way, BURST at a time so that no device has to drop one; all must come, once, in order
 * and unchanged. */
static const char *stream(struct interface *from, struct interface *to, uint32_t count)
{
        uint64_t deadline = rt_after(WAIT);
        uint64_t mtu = from->mtu < to->mtu ? from->mtu : to->mtu;
        uint32_t sent = 0, received = 0, number;
        uint32_t lengths = (uint32_t)mtu + PACKET_FRAME_MIN - 60 + 1; /* of all that are allowed */
        bool intact;
        while (received < count) {
                while (sent < count && sent - received < BURST &&
                       frame_send(from, to, sent, (uint16_t)(60 + sent * STRIDE % lengths)))
                        sent++;
                client_push(from);
                client_wait(to, deadline);
                while (frame_take(to, &number, &intact)) {
                        if (number != received || !intact)
                                return "a frame came changed or out of order";
                        received++;
                }
                if (rt_now() >= deadline)
                        return "frames are missing";
        }
        return NULL;
}

static const char *frames_reach_the_other_side(void)
{
        const char *wrong = stream(&interfaces[0], &interfaces[1], FRAMES);
        return wrong ? wrong : stream(&interfaces[1], &interfaces[0], FRAMES);
}

/* Sends until nothing goes any more: the receiver does not look, its rings are full, and QEMU's hub
 * holds the sender back. Returns how many frames went. */
static uint32_t flood(struct interface *from, const struct interface *to)
{
        for (uint32_t i = 0; i < FRAMES; i++) {
                if (frame_send(from, to, i, 60))
                        continue;
                client_wait(from, rt_after(SOON));
                if (!frame_send(from, to, i, 60))
                        return i;
        }
        return FRAMES;
}

/* Takes what is on its way until nothing more comes; returns how many frames that were. */
static uint32_t drain(void)
{
        uint32_t taken = 0, before, number;
        bool intact;
        do {
                before = taken;
                for (unsigned i = 0; i < INTERFACES; i++) {
                        client_wait(&interfaces[i], rt_after(SOON));
                        while (frame_take(&interfaces[i], &number, &intact))
                                taken++;
                }
        } while (taken > before);
        return taken;
}

/* Everything that the device and the rings can hold, and more, of which QEMU's e1000 drops what the
 * hub does not take: then the receiver reads what there is, and the sender has its buffers again.
 */
static const char *a_flood_is_survived(void)
{
        for (unsigned direction = 0; direction < 2; direction++) {
                struct interface *from = &interfaces[direction], *to = &interfaces[!direction];
                uint64_t deadline = rt_after(WAIT);
                if (flood(from, to) < from->end.count)
                        return "fewer frames than buffers went";
                if (drain() < to->end.count)
                        return "fewer frames than buffers came";
                while (from->end.lent > from->end.count / 2 && rt_now() < deadline)
                        client_wait(from, deadline);
                if (from->end.lent > from->end.count / 2)
                        return "the sender has not got its buffers back";
        }
        return NULL;
}

static const char *after_a_flood_frames_flow(void)
{
        drain();
        return frames_reach_the_other_side();
}

static const char *violations_are_counted_and_survived(void)
{
        struct interface *interface = &interfaces[0];
        struct packet_descriptor bad = {.offset = 4, .length = 9999};
        uint64_t received, received_bytes, sent, sent_bytes, dropped, violations, interrupts;
        uint64_t word, deadline = rt_after(WAIT);
        memcpy(&word, &bad, sizeof word);
        atomic_store(&interface->end.area
                          ->slot[PACKET_TRANSMIT * interface->end.count +
                                 interface->end.position[PACKET_TRANSMIT] % interface->end.count],
                     word);
        atomic_store(&interface->end.area->ring[PACKET_TRANSMIT].produced,
                     ++interface->end.position[PACKET_TRANSMIT]);
        client_push(interface);
        do {
                nic_statistics(interface->nic, deadline, &received, &received_bytes, &sent,
                               &sent_bytes, &dropped, &violations, &interrupts);
        } while (violations == 0 && rt_now() < deadline);
        if (violations != 1)
                return "not counted";
        return stream(&interfaces[0], &interfaces[1], BURST);
}

static const char *the_next_client_begins_afresh(void)
{
        for (unsigned i = 0; i < INTERFACES; i++) {
                uint64_t deadline = rt_after(WAIT);
                outcome_t outcome;
                client_detach(&interfaces[i]);
                do {
                        outcome = client_attach(&interfaces[i]);
                } while (outcome == answered(REASON_BUSY) && rt_now() < deadline);
                if (outcome != OUTCOME_OK)
                        return "cannot attach again";
        }
        return frames_reach_the_other_side();
}

/* Kills the driver with frames under way; the client is told, and the next driver takes over. */
static const char *driver_replace(struct interface *interface, struct interface *other)
{
        uint64_t bits;
        for (uint32_t i = 0; i < BURST; i++)
                frame_send(interface, other, i, 60);
        client_push(interface);
        driver_kill(interface);
        if (sys_event_wait(interface->event, EVENT_DIED, rt_after(WAIT), &bits) != OUTCOME_OK)
                return "the client was not told of the driver's death";
        client_detach(interface);
        if (!driver_start(interface))
                return "the next driver does not start";
        if (client_attach(interface) != OUTCOME_OK)
                return "cannot attach to the next driver";
        drain();
        return NULL;
}

/* Everything that the killed drivers had is given back: as much is in use as before. */
static const char *a_killed_driver_is_replaced(void)
{
        uint64_t before = bus_memory();
        const char *wrong = driver_replace(&interfaces[0], &interfaces[1]);
        if (!wrong)
                wrong = driver_replace(&interfaces[1], &interfaces[0]);
        if (!wrong && bus_memory() != before)
                wrong = "the bus server has not got its memory back";
        return wrong ? wrong : frames_reach_the_other_side();
}

static const char *a_round_trip_is_measured(void)
{
        uint64_t begin = rt_now(), deadline = rt_after(WAIT);
        char line[64];
        for (uint32_t i = 0; i < PINGS; i++) {
                for (unsigned k = 0; k < 2; k++) {
                        struct interface *from = &interfaces[k], *to = &interfaces[!k];
                        uint32_t number;
                        bool intact, got = false;
                        frame_send(from, to, i, 60);
                        client_push(from);
                        while (!got && rt_now() < deadline) {
                                client_wait(to, deadline);
                                got = frame_take(to, &number, &intact);
                        }
                        if (!got)
                                return "no answer";
                }
        }
        snprintf(line, sizeof line, "there and back through both drivers: %lu ns\n",
                 (rt_now() - begin) / PINGS);
        say(line);
        return NULL;
}

int main(void)
{
        static const struct {
                const char *name;
                const char *(*run)(void);
        } tests[] = {
            {"devices are listed", devices_are_listed},
            {"a missing device is not found at once", a_missing_device_is_not_found_at_once},
            {"drivers start", drivers_start},
            {"a second client is refused", a_second_client_is_refused},
            {"addresses are the devices' own", addresses_are_the_devices_own},
            {"frames reach the other side", frames_reach_the_other_side},
            {"a flood is survived", a_flood_is_survived},
            {"after a flood frames flow", after_a_flood_frames_flow},
            {"violations are counted and survived", violations_are_counted_and_survived},
            {"the next client begins afresh", the_next_client_begins_afresh},
            {"a killed driver is replaced", a_killed_driver_is_replaced},
            {"a round trip is measured", a_round_trip_is_measured},
        };
        char line[64];

        if (!world_begin())
                report("the bus server starts", "it does not");
        for (unsigned i = 0; i < sizeof tests / sizeof tests[0] && failed == 0; i++) {
                /* Each builds on those before. */
                report(tests[i].name, tests[i].run());
        }
        snprintf(line, sizeof line, "%u passed, %u failed\n", passed, failed);
        say(line);
        sys_machine_control(rt_bootinfo()->hardware, MACHINE_EXIT, failed > 0);
        return 1;
}
