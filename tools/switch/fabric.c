/* Forwarding: from one frame to its receivers, and the account of what became of it. */
#include "tools/switch/fabric.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *drop_text(enum drop drop)
{
        static const char *const texts[DROPS] = {
            [DROP_LOSS] = "loss",
            [DROP_PARTITION] = "partition",
            [DROP_NO_RECEIVER] = "no receiver",
            [DROP_SLOW] = "slow receiver",
            [DROP_QUEUE_FULL] = "queue full",
            [DROP_MALFORMED] = "malformed",
            [DROP_TOO_LONG] = "too long",
        };
        return texts[drop];
}

/* The comment of a frame, as it grows receiver by receiver. */
struct account {
        char text[COMMENT_MAX];
        size_t used;
        bool several; /* receivers: each remark says whom it concerns */
};

__attribute__((format(printf, 3, 4))) static void
account_add(struct account *account, const struct port *receiver, const char *format, ...)
{
        char remark[80];
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(remark, sizeof remark, format, arguments);
        va_end(arguments);
        bool named = account->several && receiver;
        int n = snprintf(account->text + account->used, COMMENT_MAX - account->used, "%s%s%s%s",
                         account->used ? "; " : "", named ? receiver->name : "", named ? " " : "",
                         remark);
        account->used += (size_t)n;
        if (account->used >= COMMENT_MAX)
                account->used = COMMENT_MAX - 1;
}

void fabric_init(struct fabric *fabric, struct fabric_env env, uint64_t seed)
{
        memset(fabric, 0, sizeof *fabric);
        fabric->env = env;
        fabric->seed = seed;
}

/* FNV-1a of a name, so that a link's random numbers do not depend on the order of the ports. */
static uint64_t name_hash(uint64_t hash, const char *name)
{
        for (; *name; name++)
                hash = (hash ^ (uint8_t)*name) * UINT64_C(0x100000001b3);
        return (hash ^ '/') * UINT64_C(0x100000001b3);
}

static void link_init(struct fabric *fabric, unsigned from, unsigned to)
{
        uint64_t stream = name_hash(UINT64_C(0xcbf29ce484222325), fabric->port[from].name);
        stream = name_hash(stream, fabric->port[to].name);
        fabric->links[from][to].prng = prng_make(fabric->seed, stream);
}

static bool port_add(struct fabric *fabric, const char *name, struct mac mac)
{
        unsigned port = fabric->ports;
        if (port == PORTS_MAX || !macs_fix(&fabric->macs, mac, port))
                return false;
        snprintf(fabric->port[port].name, PORT_NAME_MAX, "%s", name);
        fabric->ports++;
        for (unsigned other = 0; other < port; other++) {
                link_init(fabric, port, other);
                link_init(fabric, other, port);
        }
        return true;
}

bool fabric_add_node(struct fabric *fabric, const char *name, struct mac mac)
{
        if (fabric->nodes == NODES_MAX || fabric->ports != fabric->nodes ||
            !port_add(fabric, name, mac))
                return false;
        fabric->nodes++;
        return true;
}

bool fabric_add_gateway(struct fabric *fabric, struct mac mac)
{
        return fabric->ports == fabric->nodes && port_add(fabric, "boot", mac);
}

bool fabric_find(const struct fabric *fabric, const char *name, unsigned *port)
{
        for (unsigned i = 0; i < fabric->ports; i++) {
                if (strcmp(fabric->port[i].name, name) == 0) {
                        *port = i;
                        return true;
                }
        }
        return false;
}

const struct impairment *fabric_impairment(const struct fabric *fabric, unsigned from, unsigned to)
{
        static const struct impairment none;
        const struct link *link = &fabric->links[from][to];
        if (link->has_own)
                return &link->own;
        bool nodes = from < fabric->nodes && to < fabric->nodes;
        return nodes ? &fabric->default_impairment : &none;
}

static bool is_parted(const struct fabric *fabric, unsigned from, unsigned to)
{
        return fabric->partitioned && from < fabric->nodes && to < fabric->nodes &&
               fabric->port[from].group != fabric->port[to].group;
}

static enum drop delivery_drop(enum delivery delivery)
{
        return delivery == DELIVERY_SLOW ? DROP_SLOW : DROP_NO_RECEIVER;
}

/* Hands a frame to its receiver and counts; returns what it says. */
static enum delivery frame_deliver(struct fabric *fabric, unsigned from, unsigned to,
                                   const uint8_t *frame, size_t length, uint64_t now)
{
        enum delivery delivery = fabric->env.deliver(fabric->env.context, to, frame, length, now);
        if (delivery == DELIVERED) {
                fabric->port[to].out_frames++;
                fabric->port[to].out_bytes += length;
        } else {
                fabric->port[from].drops[delivery_drop(delivery)]++;
        }
        return delivery;
}

static void frame_drop(struct fabric *fabric, unsigned from, unsigned to, enum drop drop,
                       struct account *account)
{
        fabric->port[from].drops[drop]++;
        account_add(account, &fabric->port[to], "dropped: %s", drop_text(drop));
}

/* One copy on its way, at once or later. */
static void copy_send(struct fabric *fabric, unsigned from, unsigned to, const uint8_t *frame,
                      size_t length, const struct verdict *verdict, struct account *account,
                      uint64_t now)
{
        uint8_t changed[FRAME_MAX];
        if (verdict->corrupted) {
                memcpy(changed, frame, length);
                changed[verdict->corrupt_byte] ^= (uint8_t)(1 << verdict->corrupt_bit);
                frame = changed;
        }
        if (verdict->delayed || to == fabric->nodes) {
                if (!delays_add(&fabric->delays, from, to, verdict->due, frame, length))
                        frame_drop(fabric, from, to, DROP_QUEUE_FULL, account);
                return;
        }
        enum delivery delivery = frame_deliver(fabric, from, to, frame, length, now);
        if (delivery != DELIVERED)
                account_add(account, &fabric->port[to], "dropped: %s",
                            drop_text(delivery_drop(delivery)));
}

static void verdict_account(struct fabric *fabric, unsigned from, unsigned to,
                            const struct verdict *verdict, struct account *account, uint64_t now)
{
        struct port *port = &fabric->port[from];
        const struct port *receiver = &fabric->port[to];
        if (verdict->delayed) {
                port->delayed++;
                account_add(account, receiver, "delayed %.1f ms",
                            (double)(verdict->due - now) / 1e6);
        }
        if (verdict->reordered) {
                port->reordered++;
                account_add(account, receiver, "reordered");
        }
        if (verdict->copies > 1) {
                port->doubled++;
                account_add(account, receiver, "doubled");
        }
        if (verdict->corrupted) {
                port->corrupted++;
                account_add(account, receiver, "corrupted: bit %u of byte %u", verdict->corrupt_bit,
                            verdict->corrupt_byte);
        }
}

static void frame_send(struct fabric *fabric, unsigned from, unsigned to, const uint8_t *frame,
                       size_t length, struct account *account, uint64_t now)
{
        struct link *link = &fabric->links[from][to];
        const struct impairment *impairment = fabric_impairment(fabric, from, to);
        struct verdict verdict = link_decide(link, impairment, length, now);
        if (is_parted(fabric, from, to)) {
                frame_drop(fabric, from, to, DROP_PARTITION, account);
                return;
        }
        if (verdict.copies == 0) {
                frame_drop(fabric, from, to, verdict.drop, account);
                return;
        }
        verdict_account(fabric, from, to, &verdict, account, now);
        for (unsigned copy = 0; copy < verdict.copies; copy++)
                copy_send(fabric, from, to, frame, length, &verdict, account, now);
}

/* The ports that a frame is for, as bits. */
static uint64_t receivers_find(struct fabric *fabric, unsigned from, struct mac to, uint64_t now)
{
        unsigned port;
        if (!mac_is_group(to) && macs_find(&fabric->macs, to, now, &port))
                return port == from ? 0 : UINT64_C(1) << port;
        return ((UINT64_C(1) << fabric->ports) - 1) & ~(UINT64_C(1) << from);
}

static void frame_forward(struct fabric *fabric, unsigned from, const uint8_t *frame, size_t length,
                          struct account *account, uint64_t now)
{
        macs_learn(&fabric->macs, mac_get(frame + 6), from, now);
        uint64_t receivers = receivers_find(fabric, from, mac_get(frame), now);
        account->several = (receivers & (receivers - 1)) != 0;
        if (receivers == 0) {
                fabric->port[from].drops[DROP_NO_RECEIVER]++;
                account_add(account, NULL, "dropped: %s", drop_text(DROP_NO_RECEIVER));
        }
        for (unsigned to = 0; to < fabric->ports; to++) {
                if (receivers >> to & 1)
                        frame_send(fabric, from, to, frame, length, account, now);
        }
}

void fabric_input(struct fabric *fabric, unsigned port, const uint8_t *frame, size_t length,
                  uint64_t now)
{
        struct account account = {.used = 0};
        fabric->port[port].in_frames++;
        fabric->port[port].in_bytes += length;
        if (length < FRAME_MIN || length > FRAME_MAX) {
                fabric->port[port].drops[DROP_MALFORMED]++;
                account_add(&account, NULL, "dropped: %s", drop_text(DROP_MALFORMED));
        } else {
                frame_forward(fabric, port, frame, length, &account, now);
        }
        fabric->env.record(fabric->env.context, port, frame, length,
                           account.used ? account.text : NULL, now);
}

void fabric_run(struct fabric *fabric, uint64_t now)
{
        struct delayed_frame *frame;
        while ((frame = delays_take(&fabric->delays, now))) {
                frame_deliver(fabric, frame->from, frame->to, frame->bytes, frame->length, now);
                free(frame);
        }
}

uint64_t fabric_deadline(const struct fabric *fabric)
{
        return delays_deadline(&fabric->delays);
}

void fabric_destroy(struct fabric *fabric)
{
        delays_clear(&fabric->delays);
}
