/* A table of commands. Each first reads all of its line, then acts. */
#include "tools/switch/command.h"

#include <string.h>

#include "tools/switch/words.h"

struct command {
        const char *name;
        /* Acts on the rest of the line; false with a problem, and nothing changed. */
        bool (*run)(struct testbed *testbed, struct word_reader *words, struct buffer *answer,
                    struct problem *problem);
        const char *usage;
};

/* Says that there is no such node, and which there are. */
static bool name_unknown(const struct testbed *testbed, const char *name, size_t length,
                         struct problem *problem)
{
        char all[PORTS_MAX * (PORT_NAME_MAX + 1) + 1] = "";
        for (unsigned i = 0; i < testbed->fabric->ports; i++)
                snprintf(all + strlen(all), sizeof all - strlen(all), " %s",
                         testbed->fabric->port[i].name);
        return problem_set(problem, "no node is called '%.*s'; there are%s",
                           length < WORD_MAX ? (int)length : WORD_MAX, name, all);
}

static bool port_next(const struct testbed *testbed, struct word_reader *words, unsigned *port,
                      struct problem *problem)
{
        char name[WORD_MAX];
        if (!word_next(words, name))
                return problem_set(problem, "a node's name is missing; say for example 'n1 n2'");
        if (!fabric_find(testbed->fabric, name, port))
                return name_unknown(testbed, name, strlen(name), problem);
        return true;
}

/* Reads the rest of the line if it is one given word. */
static bool rest_is(struct word_reader *words, const char *word)
{
        char text[WORD_MAX];
        struct word_reader rest = *words;
        return word_next(&rest, text) && strcmp(text, word) == 0 && words_end(&rest);
}

/* `A B`, or `A to B` for one direction. */
static bool pair_next(const struct testbed *testbed, struct word_reader *words, unsigned pair[2],
                      bool *directed, struct problem *problem)
{
        char word[WORD_MAX];
        if (!port_next(testbed, words, &pair[0], problem))
                return false;
        struct word_reader after = *words;
        *directed = word_next(&after, word) && strcmp(word, "to") == 0;
        if (*directed)
                *words = after;
        if (!port_next(testbed, words, &pair[1], problem))
                return false;
        if (pair[0] == pair[1])
                return problem_set(problem, "a link needs two different nodes; name another");
        return true;
}

static bool run_link(struct testbed *testbed, struct word_reader *words, struct buffer *answer,
                     struct problem *problem)
{
        (void)answer;
        unsigned pair[2];
        bool directed;
        struct impairment impairment = {0};
        if (!pair_next(testbed, words, pair, &directed, problem))
                return false;
        bool clear = rest_is(words, "clear");
        if (!clear && !impairment_parse(words->at, &impairment, problem))
                return false;
        for (unsigned way = 0; way < (directed ? 1 : 2); way++) {
                struct link *link = &testbed->fabric->links[pair[way]][pair[1 - way]];
                link->own = impairment;
                link->has_own = !clear;
        }
        return true;
}

static bool run_default(struct testbed *testbed, struct word_reader *words, struct buffer *answer,
                        struct problem *problem)
{
        (void)answer;
        if (rest_is(words, "clear")) {
                testbed->fabric->default_impairment = (struct impairment){0};
                return true;
        }
        return impairment_parse(words->at, &testbed->fabric->default_impairment, problem);
}

/* Reads groups such as `n1 / n2,n3`: group numbers from 1, 0 for nodes that are not named. */
static bool groups_parse(const struct testbed *testbed, const char *at, unsigned groups[PORTS_MAX],
                         struct problem *problem)
{
        static const char between[] = " \t,";
        unsigned group = 1;
        bool empty = true;
        for (at += strspn(at, between); *at; at += strspn(at, between)) {
                char name[PORT_NAME_MAX];
                unsigned node;
                size_t length = strcspn(at, " \t,/");
                if (length == 0) { /* a slash */
                        if (empty)
                                return problem_set(
                                    problem, "a group is empty; say for example 'n1 / n2,n3'");
                        group++;
                        empty = true;
                        at++;
                        continue;
                }
                size_t kept = length < PORT_NAME_MAX ? length : PORT_NAME_MAX - 1;
                memcpy(name, at, kept);
                name[kept] = 0;
                if (!fabric_find(testbed->fabric, name, &node) || node >= testbed->fabric->nodes)
                        return name_unknown(testbed, at, length, problem);
                if (groups[node])
                        return problem_set(problem, "%s is named twice; it can be in one group",
                                           name);
                groups[node] = group;
                empty = false;
                at += length;
        }
        if (empty)
                return problem_set(problem, "a group is empty; say for example 'n1 / n2,n3'");
        return true;
}

static bool run_partition(struct testbed *testbed, struct word_reader *words, struct buffer *answer,
                          struct problem *problem)
{
        (void)answer;
        unsigned groups[PORTS_MAX] = {0};
        if (!groups_parse(testbed, words->at, groups, problem))
                return false;
        for (unsigned node = 0; node < testbed->fabric->nodes; node++)
                testbed->fabric->port[node].group = groups[node];
        testbed->fabric->partitioned = true;
        return true;
}

static bool run_heal(struct testbed *testbed, struct word_reader *words, struct buffer *answer,
                     struct problem *problem)
{
        (void)words, (void)answer, (void)problem;
        testbed->fabric->partitioned = false;
        return true;
}

static void capture_describe(const struct capture *capture, struct buffer *answer)
{
        if (capture->state == CAPTURE_OFF)
                buffer_add(answer, "capture off\n");
        else if (capture->state == CAPTURE_ON)
                buffer_add(answer, "capture on frames=%llu %s\n",
                           (unsigned long long)capture->frames, capture->path);
        else
                buffer_add(answer, "capture failed frames=%llu %s: %s\n",
                           (unsigned long long)capture->frames, capture->path,
                           strerror(capture->error));
}

/* One line: what came from the port's node, what went to it, and what became of what came. */
static void port_describe(const struct port *port, struct buffer *answer)
{
        static const char *const keys[DROPS] = {
            [DROP_LOSS] = "loss",
            [DROP_PARTITION] = "partition",
            [DROP_NO_RECEIVER] = "no_receiver",
            [DROP_SLOW] = "slow_receiver",
            [DROP_QUEUE_FULL] = "queue_full",
            [DROP_MALFORMED] = "malformed",
            [DROP_TOO_LONG] = "too_long",
        };
        const struct {
                const char *name;
                uint64_t value;
        } counts[] = {
            {"in_frames", port->in_frames},   {"in_bytes", port->in_bytes},
            {"out_frames", port->out_frames}, {"out_bytes", port->out_bytes},
            {"delayed", port->delayed},       {"doubled", port->doubled},
            {"reordered", port->reordered},   {"corrupted", port->corrupted},
        };
        buffer_add(answer, "%s", port->name);
        for (unsigned i = 0; i < sizeof counts / sizeof counts[0]; i++)
                buffer_add(answer, " %s=%llu", counts[i].name, (unsigned long long)counts[i].value);
        for (unsigned i = 0; i < DROPS; i++)
                buffer_add(answer, " dropped_%s=%llu", keys[i], (unsigned long long)port->drops[i]);
        buffer_add(answer, "\n");
}

static bool run_stats(struct testbed *testbed, struct word_reader *words, struct buffer *answer,
                      struct problem *problem)
{
        (void)words, (void)problem;
        const struct fabric *fabric = testbed->fabric;
        for (unsigned i = 0; i < fabric->ports; i++)
                port_describe(&fabric->port[i], answer);
        buffer_add(answer, "switch seed=%llu under_way=%zu\n", (unsigned long long)fabric->seed,
                   fabric->delays.count);
        capture_describe(testbed->capture, answer);
        return true;
}

static void partition_describe(const struct fabric *fabric, struct buffer *answer)
{
        buffer_add(answer, "partition");
        for (unsigned group = 0, shown = 0; group <= fabric->nodes; group++) {
                bool first = true;
                for (unsigned i = 0; i < fabric->nodes; i++) {
                        if (fabric->port[i].group != group)
                                continue;
                        buffer_add(answer, "%s%s",
                                   !first  ? ","
                                   : shown ? " / "
                                           : " ",
                                   fabric->port[i].name);
                        first = false;
                }
                shown += !first;
        }
        buffer_add(answer, "\n");
}

/* The present settings, as commands that would make them. */
static bool run_links(struct testbed *testbed, struct word_reader *words, struct buffer *answer,
                      struct problem *problem)
{
        (void)words, (void)problem;
        const struct fabric *fabric = testbed->fabric;
        char text[IMPAIRMENT_TEXT];
        impairment_format(&fabric->default_impairment, text);
        buffer_add(answer, "default %s\n", text);
        for (unsigned from = 0; from < fabric->ports; from++) {
                for (unsigned to = 0; to < fabric->ports; to++) {
                        const struct link *link = &fabric->links[from][to];
                        if (!link->has_own)
                                continue;
                        impairment_format(&link->own, text);
                        buffer_add(answer, "link %s to %s %s\n", fabric->port[from].name,
                                   fabric->port[to].name, text);
                }
        }
        if (fabric->partitioned)
                partition_describe(fabric, answer);
        return true;
}

bool testbed_capture(struct testbed *testbed, const char *path, struct problem *problem)
{
        const char *names[PORTS_MAX];
        for (unsigned i = 0; i < testbed->fabric->ports; i++)
                names[i] = testbed->fabric->port[i].name;
        return capture_start(testbed->capture, path, names, testbed->fabric->ports,
                             testbed->time_shift, testbed->key_log, problem);
}

static bool run_capture(struct testbed *testbed, struct word_reader *words, struct buffer *answer,
                        struct problem *problem)
{
        (void)answer;
        if (words_end(words))
                return problem_set(problem, "a file's name is missing, or 'off'; give one");
        if (!rest_is(words, "off"))
                return testbed_capture(testbed, words->at, problem);
        capture_stop(testbed->capture);
        return true;
}

static bool run_events(struct testbed *testbed, struct word_reader *words, struct buffer *answer,
                       struct problem *problem)
{
        (void)words, (void)problem;
        for (size_t i = 0; i < journal_count(testbed->journal); i++)
                buffer_add(answer, "event %s\n", journal_line(testbed->journal, i));
        return true;
}

static bool run_quit(struct testbed *testbed, struct word_reader *words, struct buffer *answer,
                     struct problem *problem)
{
        (void)words, (void)answer, (void)problem;
        testbed->quit = true;
        return true;
}

static bool run_help(struct testbed *testbed, struct word_reader *words, struct buffer *answer,
                     struct problem *problem);

static const struct command commands[] = {
    {"link", run_link, "link A B IMPAIRMENTS|clear, or one way: link A to B …"},
    {"default", run_default, "default IMPAIRMENTS|clear"},
    {"links", run_links, "links"},
    {"partition", run_partition, "partition A / B,C"},
    {"heal", run_heal, "heal"},
    {"stats", run_stats, "stats"},
    {"capture", run_capture, "capture FILE|off"},
    {"events", run_events, "events"},
    {"help", run_help, "help"},
    {"quit", run_quit, "quit"},
};

enum { COMMANDS = sizeof commands / sizeof commands[0] };

static bool run_help(struct testbed *testbed, struct word_reader *words, struct buffer *answer,
                     struct problem *problem)
{
        (void)testbed, (void)words, (void)problem;
        for (unsigned i = 0; i < COMMANDS; i++)
                buffer_add(answer, "%s\n", commands[i].usage);
        buffer_add(answer,
                   "IMPAIRMENTS are any of: loss P%% delay Tms jitter Tms rate Rmbit dup P%% "
                   "reorder P%% corrupt P%%\n");
        return true;
}

bool command_run(struct testbed *testbed, const char *line, struct buffer *answer)
{
        struct word_reader words = {line};
        struct problem problem;
        char name[WORD_MAX];
        word_next(&words, name);
        words_end(&words);
        for (unsigned i = 0; i < COMMANDS; i++) {
                const struct command *command = &commands[i];
                if (strcmp(name, command->name) != 0)
                        continue;
                bool done = command->run(testbed, &words, answer, &problem);
                if (done)
                        buffer_add(answer, "ok\n");
                else
                        buffer_add(answer, "error: %s: %s\n", name, problem.text);
                return done && command->run == run_events;
        }
        buffer_add(answer, "error: no command is called '%s'; try help\n", name);
        return false;
}
