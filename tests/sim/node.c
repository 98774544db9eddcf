/* A node: RAM, a processor that runs what its kernel says, and a card. Its clock shows the time
 * since its boot. What happens to it from outside (a frame, the end of its power) comes between two
 * system calls. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "kernel/abi/message.h"
#include "tests/sim/sim.h"

enum { FILE_ROOM = 4096 };

/* ---- files for its boot ---------------------------------------------------------------------- */

struct file {
        void *content;
        uint64_t bytes;
};

static struct file file_read(const char *directory, const char *name)
{
        char path[256];
        struct file result = {0};
        snprintf(path, sizeof path, "%s/%s", directory, name);
        FILE *file = fopen(path, "rb");
        if (!file || fseek(file, 0, SEEK_END) != 0) {
                perror(path);
                exit(2);
        }
        result.bytes = (uint64_t)ftell(file);
        result.content = malloc(result.bytes);
        rewind(file);
        if (!result.content || fread(result.content, 1, result.bytes, file) != result.bytes) {
                perror(path);
                exit(2);
        }
        fclose(file);
        return result;
}

static struct machine_module module_of(const char *name, const char *from)
{
        struct file file = file_read(the_sim.options.boot, from);
        return (struct machine_module){name, file.content, file.bytes};
}

/* The boot loader's modules, read once. */
static const struct machine_module *modules(void)
{
        static struct machine_module all[MACHINE_MODULES];
        if (!all[0].name) {
                all[0] = module_of("init", "init.name");
                all[1] = module_of("system", the_sim.options.play ? "play.description"
                                                                  : "system.description");
                all[2] = module_of("boot.cpio", "boot.cpio");
        }
        return all;
}

static void command_line(const struct node *node, char *line, size_t size)
{
        size_t used = (size_t)snprintf(
            line, size, "node=%s id=%x cluster=1 plaintext=%s ip=10.77.0.%u nodes=", node->name,
            100 + node->number, the_sim.clear ? "yes" : "no", 11 + node->number);
        for (unsigned i = 0; i < the_sim.options.nodes; i++)
                used += (size_t)snprintf(line + used, size - used, "%sn%u", i ? "," : "", i + 1);
}

/* ---- its life -------------------------------------------------------------------------------- */

void node_card_stop(struct node *node)
{
        struct card *card = &node->card;
        while (card->first) {
                struct frame *frame = card->first;
                card->first = frame->next;
                free(frame);
        }
        *card = (struct card){.end = &card->first};
}

void node_boot(struct node *node)
{
        char line[512];
        node->memory = ram_take(node->number);
        node->life++;
        node->kernel = image_take("kernel");
        node->machine = node->kernel->machine;
        node->now = the_sim.now;
        node->booted = the_sim.now - 1;
        node->seed = sim_random();
        node->fuse = 0;
        node->hurt_at = the_sim.now;
        node->unheard_at = the_sim.now;
        node_card_stop(node);
        command_line(node, line, sizeof line);
        struct machine_boot boot = {.memory = node->memory,
                                    .bytes = the_sim.options.play ? SIM_MEMORY_BYTES
                                                                  : SIM_MEMORY_BYTES / 2,
                                    .command_line = line};
        memcpy(boot.modules, modules(), sizeof boot.modules);
        the_sim.running = node;
        sim_trace(node, "boots");
        node->machine->boot(&boot, node->now - node->booted);
        node_wake(node, the_sim.now);
}

void node_crash(struct node *node)
{
        sim_trace(node, "crashes");
        threads_drop(node);
        node_card_stop(node);
        image_give(node->kernel);
        node->kernel = NULL;
        node->wake = 0;
}

void node_kill(struct node *node, struct thread *thread)
{
        the_sim.running = node;
        node->machine->kill(thread->context);
        node_wake(node, the_sim.now);
}

uint64_t node_time(const struct node *node)
{
        return node->now > the_sim.now ? node->now : the_sim.now;
}

void node_pause(struct node *node, uint64_t time)
{
        node->now = node_time(node) + time;
        node->paused += time;
        node->wake = 0;
        node_wake(node, node->now);
}

void node_wake(struct node *node, uint64_t time)
{
        if (time < node->now)
                time = node->now;
        if (node->wake && node->wake <= time)
                return;
        node->wake = time;
        sim_event((struct event){.time = time, .kind = EVENT_NODE, .node = node->number});
}

static void node_sleep(struct node *node)
{
        uint64_t timer = node->machine->timer();
        if (timer != TIME_NEVER)
                node_wake(node, node->booted + timer);
}

void node_run(struct node *node)
{
        the_sim.running = node;
        if (node->now < the_sim.now)
                node->now = the_sim.now;
        node->machine->clock(node->now - node->booted);
        struct context *context = node->machine->next();
        while (context && node->now <= sim_horizon() && !the_sim.failure)
                context = thread_run(node, context);
        if (context)
                node_wake(node, node->now);
        else
                node_sleep(node);
}

void node_check(const struct node *node)
{
        const char *wrong = node->kernel ? "it has no transport" : "it has no power";
        for (unsigned i = 0; i < node->thread_count; i++)
                if (node->threads[i]->image->check)
                        wrong = node->threads[i]->image->check();
        if (wrong)
                sim_fail("%s: %s", node->name, wrong);
}

/* ---- its card -------------------------------------------------------------------------------- */

void sim_card_start(unsigned line)
{
        struct card *card = &the_sim.running->card;
        node_card_stop(the_sim.running);
        card->on = true;
        card->line = line;
        ledger_link(the_sim.running, !the_sim.running->unplugged);
}

void sim_card_stop(void)
{
        node_card_stop(the_sim.running);
        ledger_link(the_sim.running, false);
}

bool sim_card_link(void)
{
        return !the_sim.running->unplugged;
}

uint64_t sim_card_address(void)
{
        return 0x525400000000ull | (the_sim.running->number + 1u);
}

size_t sim_card_receive(void *to, size_t room)
{
        struct card *card = &the_sim.running->card;
        struct frame *frame = card->first;
        if (!frame)
                return 0;
        size_t length = frame->length < room ? frame->length : room;
        memcpy(to, frame->bytes, length);
        card->first = frame->next;
        if (!card->first)
                card->end = &card->first;
        card->count--;
        free(frame);
        return length;
}

bool sim_card_rest(void)
{
        struct card *card = &the_sim.running->card;
        card->resting = card->count == 0;
        return card->resting;
}

void sim_card_transmit(const void *bytes, size_t length)
{
        fuse_burn(the_sim.running, &the_sim.running->fuse);
        if (!the_sim.running->unplugged)
                network_send(the_sim.running, bytes, length);
}

void node_plug(struct node *node, bool in)
{
        if (node->unplugged == !in)
                return;
        sim_trace(node, "has %s link", in ? "a" : "no");
        node->unplugged = !in;
        if (node->card.on) {
                the_sim.running = node;
                ledger_link(node, in);
                node->machine->raise(node->card.line);
                node_wake(node, the_sim.now);
        }
        node->hurt_at = node->unheard_at = node_time(node);
}

void network_arrived(struct node *node, struct frame *frame)
{
        struct card *card = &node->card;
        if (!node->kernel || !card->on || node->unplugged || card->count == CARD_FRAMES) {
                free(frame);
                return;
        }
        fuse_burn(node, &node->fuse);
        frame->next = NULL;
        *card->end = frame;
        card->end = &frame->next;
        card->count++;
        if (!card->resting)
                return;
        card->resting = false;
        node->machine->raise(card->line);
        node_wake(node, the_sim.now);
}

/* ---- what its programs are given ------------------------------------------------------------- */

/* splitmix64 (Vigna). */
void sim_random_bytes(void *to, size_t count)
{
        struct node *node = the_sim.running;
        uint8_t *out = to;
        while (count) {
                uint64_t z = node->seed += 0x9e3779b97f4a7c15ull;
                z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
                z = (z ^ z >> 27) * 0x94d049bb133111ebull;
                z ^= z >> 31;
                size_t part = count < sizeof z ? count : sizeof z;
                memcpy(out, &z, part);
                out += part;
                count -= part;
        }
}

void sim_console(const char *text, size_t bytes)
{
        while (bytes && text[bytes - 1] == '\n')
                bytes--;
        sim_trace(the_sim.running, "| %.*s", (int)bytes, text);
        play_hears(text, bytes);
}
