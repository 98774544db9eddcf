/* Runs the commands of standard input; see commands.h. A command that fails does not stop those
 * behind it; a node that cannot answer any more does. */
#include "tools/ptl/commands.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tools/lib/clock.h"
#include "tools/lib/complain.h"
#include "tools/ptl/shown.h"
#include "tools/ptl/verbs.h"

enum { COMMAND_MS = 600 * 1000, HEAR_MS = 2000 };

#define BLANKS " \t\r"

struct commands {
        unsigned node;
        int signals;
        struct control *control;
        struct batch_watch watch; /* the keeper, while a command runs */
        struct batch batch;
        bool open;  /* the batch shell is */
        bool ended; /* no more commands are wanted */
        int status;
};

/* The keeper has something to tell. */
static bool keeper_heard(void *context)
{
        struct commands *commands = context;
        return control_read(commands->control) != ANSWER_GONE &&
               !(commands->control->failed & 1u << commands->node);
}

/* The machine went away under a command: the keeper is about to tell why. */
static void keeper_hear(struct commands *commands)
{
        int64_t deadline = clock_ms() + HEAR_MS;
        struct control *control = commands->control;
        if (!control)
                return;
        struct pollfd wait = {.fd = control->fd, .events = POLLIN};
        while (!(control->failed & 1u << commands->node) &&
               poll(&wait, 1, clock_until(deadline)) > 0)
                if (control_read(control) == ANSWER_GONE)
                        return;
}

/* Another failure does not hide that a signal came. */
static void failed(struct commands *commands)
{
        if (commands->status != EXIT_INTERRUPTED)
                commands->status = EXIT_FAILED;
}

static void interrupted(struct commands *commands)
{
        commands->status = EXIT_INTERRUPTED;
        commands->ended = true;
}

/* The command did not come to its end: says so. Nothing more can be run on a node that is gone, but
 * there is another shell for one that died. */
static void command_lost(struct commands *commands, const char *command, enum batch_end end)
{
        failed(commands);
        if (end == BATCH_LOST)
                keeper_hear(commands);
        complain("n%u: %s: %s", commands->node, command, batch_end_text(end));
        if (commands->open)
                batch_close(&commands->batch);
        commands->open = false;
        if (end == BATCH_INTERRUPTED)
                interrupted(commands);
        commands->ended = commands->ended || (end != BATCH_RESTARTED && end != BATCH_TOO_LONG);
}

/* The command's status; -1 if it did not come to its end. */
static int command_run(struct commands *commands, const char *command)
{
        int64_t deadline = clock_ms() + COMMAND_MS;
        enum batch_end end = BATCH_DONE;
        int status = 0;
        if (!commands->open) {
                end = batch_open(&commands->batch, commands->node, commands->signals, deadline);
                commands->open = end == BATCH_DONE;
                commands->batch.watch = commands->control ? &commands->watch : NULL;
        }
        if (end == BATCH_DONE)
                end = batch_run(&commands->batch, command, deadline, shown_write, NULL, &status);
        shown_end();
        if (end != BATCH_DONE) {
                command_lost(commands, command, end);
                return -1;
        }
        if (status)
                failed(commands);
        return status;
}

/* No more commands come, but some may still run in the background. */
static void commands_end(struct commands *commands)
{
        if (commands->open)
                command_run(commands, "wait");
        commands->ended = true;
}

/* `exit`: *told if it has a status. */
static bool is_exit(const char *command, bool *told)
{
        static const char word[] = "exit";
        if (strncmp(command, word, sizeof word - 1))
                return false;
        const char *rest = command + sizeof word - 1;
        size_t blanks = strspn(rest, BLANKS);
        *told = rest[blanks] != 0;
        return blanks || !*told;
}

static void line_run(struct commands *commands, const char *command)
{
        bool told;
        command += strspn(command, BLANKS);
        if (!*command)
                return;
        int status = command_run(commands, command);
        if (commands->ended || !is_exit(command, &told))
                return;
        commands_end(commands);
        if (told && status >= 0 && commands->status != EXIT_INTERRUPTED)
                commands->status = status;
}

static void byte_take(struct commands *commands, struct command_line *line, char byte)
{
        switch (command_take(line, byte)) {
        case COMMAND_MORE:
                return;
        case COMMAND_LINE:
                line_run(commands, line->text);
                return;
        case COMMAND_LONG:
                complain("standard input, line %u: longer than %d bytes, which is the most that a "
                         "command may have; it was not run",
                         line->number, BATCH_LINE_MAX);
                break;
        case COMMAND_BYTE:
                complain("standard input, line %u: a byte 0 or Ctrl-C is no part of a command; it "
                         "was not run",
                         line->number);
                break;
        }
        failed(commands);
}

static void input_read(struct commands *commands, struct command_line *line)
{
        char bytes[512];
        ssize_t count = read(STDIN_FILENO, bytes, sizeof bytes);
        if (count < 0 && errno == EINTR)
                return;
        if (count < 0) {
                complain("standard input: %s", strerror(errno));
                failed(commands);
        }
        for (ssize_t i = 0; i < count && !commands->ended; i++)
                byte_take(commands, line, bytes[i]);
        if (count > 0)
                return;
        byte_take(commands, line, '\n'); /* a last line without its end */
        if (!commands->ended)
                commands_end(commands);
}

int commands_run(unsigned node, int signals, struct control *control)
{
        static struct command_line line; /* large */
        struct commands commands = {.node = node, .signals = signals, .control = control};
        line = (struct command_line){.number = 0};
        if (control) {
                commands.watch = (struct batch_watch){control->fd, keeper_heard, &commands};
                control->answer = ANSWER_NONE;
        }
        struct pollfd wait[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                                {.fd = signals, .events = POLLIN},
                                {.fd = control ? control->fd : -1, .events = POLLIN}};
        while (!commands.ended) {
                if (poll(wait, 3, -1) < 0)
                        continue;
                if (wait[1].revents) {
                        interrupted(&commands);
                } else if (wait[2].revents && control_read(control) == ANSWER_GONE) {
                        failed(&commands);
                        commands.ended = true;
                } else if (wait[0].revents) {
                        input_read(&commands, &line);
                }
        }
        if (commands.open)
                batch_close(&commands.batch);
        return commands.status;
}
