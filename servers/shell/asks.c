/* Which command needs which services; see asks.h. */
#include "servers/shell/asks.h"

#include <string.h>

/* A command that is none of these is the name of a program: as `run`. */
static const struct {
        const char *command;
        const char *services; /* separated by blanks; "*": all */
} asked[] = {
    {"help", ""},         {"nodes", "net"},     {"ping", "net"},        {"exports", "net"},
    {"names", "*"},       {"call", "*"},        {"ps", "proc process"}, {"kill", "control process"},
    {"crash", "control"}, {"start", "control"}, {"complete", "fs net"}, {"cat", "fs"},
    {"sum", "fs"},        {"write", "fs"},      {"ls", "fs"},           {"cd", "fs"},
    {"pwd", ""},          {"mkdir", "fs"},      {"ln", "fs"},           {"mv", "fs"},
    {"rm", "fs"},         {"log", "log"},       {"on", "commands"},
};

static const char *command_of(const struct words *words)
{
        int first = 0;
        while (first + 1 < words->count && strcmp(words->word[first], "time") == 0)
                first++;
        return words->word[first];
}

/* NULL: it is none of these. */
static const char *services_listed(const struct words *words)
{
        const char *command = command_of(words);
        for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++)
                if (strcmp(command, asked[i].command) == 0)
                        return asked[i].services;
        return NULL;
}

static const char *services_of(const struct words *words)
{
        const char *listed = services_listed(words);
        return listed ? listed : "fs process stream";
}

bool asks_programs(const struct words *words)
{
        return !services_listed(words);
}

bool asks_folder(const struct words *words)
{
        return strcmp(command_of(words), "cd") == 0;
}

bool asks_names(const struct words *words)
{
        return services_of(words)[0] == '*';
}

bool asks_files(const struct words *words)
{
        const char *command = command_of(words);
        return strcmp(command, "cat") == 0 || strcmp(command, "sum") == 0;
}

bool asks_for(const struct words *words, const char *name, size_t length)
{
        const char *slash = memrchr(name, '/', length);
        size_t service = slash ? length - (size_t)(slash + 1 - name) : length;
        const char *at = services_of(words);
        name += length - service;
        while (*at) {
                size_t one = strcspn(at, " ");
                if ((one == service && memcmp(at, name, one) == 0) || *at == '*')
                        return true;
                at += one;
                at += strspn(at, " ");
        }
        return false;
}
