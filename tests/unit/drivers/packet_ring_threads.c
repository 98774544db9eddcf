/* Two threads, built with ThreadSanitizer: a driver and a client pass frames both ways, first as
 * fast as they can, then in turns, and sleep on events whenever they find nothing. Proves that
 * frames arrive unchanged, once and in order, that no memory is raced for, and that no wakeup is
 * lost: a lost one is a deadline here.
 *
 * An event is a flag under a mutex, waited for with a deadline: like the kernel's, a signal that
 * comes before the wait is kept. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "servers/proto/packet_ring.h"

enum { COUNT = 16, FRAMES = 100000, WAIT_SECONDS = 10 };

struct event {
        pthread_mutex_t lock;
        pthread_cond_t changed;
        bool set;
};

static struct event driver_event = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false};
static struct event client_event = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false};
static struct packet_end driver, client;

static void fail(const char *what)
{
        fprintf(stderr, "packet_ring_threads: %s\n0 passed, 2 failed\n", what);
        _Exit(EXIT_FAILURE);
}

static void event_signal(struct event *event)
{
        pthread_mutex_lock(&event->lock);
        event->set = true;
        pthread_cond_signal(&event->changed);
        pthread_mutex_unlock(&event->lock);
}

static void event_wait(struct event *event, const char *who)
{
        struct timespec deadline;
        clock_gettime(CLOCK_REALTIME, &deadline);
        deadline.tv_sec += WAIT_SECONDS;
        pthread_mutex_lock(&event->lock);
        while (!event->set) {
                if (pthread_cond_timedwait(&event->changed, &event->lock, &deadline) != 0)
                        fail(who);
        }
        event->set = false;
        pthread_mutex_unlock(&event->lock);
}

/* Sends the next numbered frames below `limit` while there are buffers; returns the next number. */
static uint32_t frames_send(struct packet_end *end, enum packet_ring_name ring, uint32_t next,
                            uint32_t limit)
{
        uint32_t buffer;
        while (next < limit && next < FRAMES && (buffer = packet_buffer_get(end)) != 0) {
                struct packet_descriptor d = {buffer + PACKET_FRAME_START,
                                              (uint16_t)(PACKET_FRAME_MIN + next % 100), 0};
                memcpy(packet_address(end, d.offset), &next, sizeof next);
                if (!packet_push(end, ring, d))
                        fail("a ring was full");
                next++;
        }
        return next;
}

/* Takes what arrived, checks it and returns the buffers; returns the next number expected. */
static uint32_t frames_take(struct packet_end *end, enum packet_ring_name ring,
                            enum packet_ring_name back, uint32_t expected)
{
        struct packet_descriptor d;
        while (packet_take(end, ring, &d)) {
                uint32_t number;
                memcpy(&number, packet_address(end, d.offset), sizeof number);
                if (number != expected || d.length != PACKET_FRAME_MIN + expected % 100)
                        fail("a frame came changed, twice or out of order");
                if (!packet_push(end, back, d))
                        fail("a ring was full");
                expected++;
        }
        return expected;
}

/* The client may be `window` frames ahead of what it has received, the driver one less: with a
 * window of 1 they take turns, and each sleeps each time. */
static void end_run(struct packet_end *end, struct event *mine, struct event *other,
                    uint32_t window)
{
        bool is_driver = end->side == PACKET_DRIVER;
        enum packet_ring_name out = is_driver ? PACKET_RECEIVED : PACKET_TRANSMIT;
        enum packet_ring_name in = is_driver ? PACKET_TRANSMIT : PACKET_RECEIVED;
        enum packet_ring_name in_back = is_driver ? PACKET_TRANSMITTED : PACKET_RECEIVE_FREE;
        uint32_t next = 0, expected = 0;
        for (;;) {
                expected = frames_take(end, in, in_back, expected);
                next = frames_send(end, out, next, expected + window - (is_driver ? 1 : 0));
                if (packet_should_signal(end))
                        event_signal(other);
                if (next == FRAMES && expected == FRAMES)
                        return;
                if (packet_sleep(end)) {
                        event_wait(mine, is_driver ? "the driver was not woken"
                                                   : "the client was not woken");
                        packet_awake(end);
                }
        }
}

static void *driver_run(void *window)
{
        end_run(&driver, &driver_event, &client_event, *(uint32_t *)window);
        return NULL;
}

static void both_run(void *area, uint32_t window)
{
        pthread_t thread;
        packet_end_init(&driver, area, COUNT, PACKET_DRIVER);
        packet_end_init(&client, area, COUNT, PACKET_CLIENT);
        if (pthread_create(&thread, NULL, driver_run, &window) != 0)
                fail("no thread");
        end_run(&client, &client_event, &driver_event, window);
        pthread_join(thread, NULL);
        if (driver.violations + client.violations != 0)
                fail("violations between honest ends");
}

int main(void)
{
        void *area = aligned_alloc(4096, packet_area_bytes(COUNT));
        if (!area)
                fail("memory used up");
        memset(area, 0, packet_area_bytes(COUNT));
        both_run(area, COUNT);
        both_run(area, 1);
        free(area);
        puts("2 passed, 0 failed");
        return 0;
}
