/* Reads what a hostile guest may have written: nothing is taken for granted but the final zero. */
#include "tools/ptl/stage.h"

#include <stddef.h>
#include <string.h>

#include "tools/ptl/names.h"

static const char *const stage_names[] = {
    [STAGE_OFF] = "off",         [STAGE_POWER] = "power",   [STAGE_DHCP] = "DHCP",
    [STAGE_TFTP] = "TFTP",       [STAGE_KERNEL] = "kernel", [STAGE_INIT] = "init",
    [STAGE_SERVERS] = "servers", [STAGE_SHELL] = "shell",   [STAGE_JOINED] = "joined",
};

const char *stage_name(enum stage stage)
{
        return stage_names[stage];
}

/* What stands behind the word at the start of the line, without the spaces between; NULL if the
 * line does not begin with that word. */
static const char *behind_word(const char *line, const char *word)
{
        size_t length = strlen(word);
        if (strncmp(line, word, length) || (line[length] && line[length] != ' '))
                return NULL;
        return line + length + strspn(line + length, " ");
}

/* What stands behind the word `boot:`, which may follow the writer's name; NULL: there is none. */
static const char *behind_boot(const char *line)
{
        const char *begin = strstr(line, "boot: ");
        if (!begin || (begin > line && begin[-1] != ' '))
                return NULL;
        return behind_word(begin, "boot:");
}

bool stage_of_log(const char *line, enum stage *stage, const char **text)
{
        const char *rest = behind_boot(line);
        if (!rest)
                return false;
        for (enum stage s = STAGE_KERNEL; s <= STAGE_JOINED; s++) {
                *text = behind_word(rest, stage_names[s]);
                if (*text) {
                        *stage = s;
                        return true;
                }
        }
        return false;
}

bool stage_of_files(const char *line, const char **text)
{
        size_t time = line[0] == '[' ? strcspn(line, " ") : 0; /* "[1.903] " */
        *text = behind_word(line + time + (line[time] == ' '), "fs: boot: files");
        return *text;
}

bool stage_is_failure(const char *line, const char **reason)
{
        const char *rest = behind_boot(line);
        *reason = rest ? behind_word(rest, "failed") : NULL;
        return *reason;
}

bool stage_is_panic(const char *line)
{
        return !strncmp(line, "kernel panic:", 13);
}

bool stage_of_event(const char *line, unsigned *node, enum stage *stage, const char **text)
{
        char name[NODE_NAME] = "";
        const char *rest = behind_word(line, "event");
        if (!rest)
                return false;
        size_t length = strcspn(rest, " ");
        if (length >= sizeof name)
                return false;
        memcpy(name, rest, length);
        rest += length + strspn(rest + length, " ");
        *node = node_number(name);
        *stage = STAGE_DHCP;
        *text = behind_word(rest, "dhcp");
        if (!*text) {
                *stage = STAGE_TFTP;
                *text = behind_word(rest, "tftp");
        }
        return *node && *text;
}

bool stage_is_output_failure(const char *line, const char *what, const char **reason)
{
        const char *rest = behind_word(line, "event");
        rest = rest ? behind_word(rest, what) : NULL;
        *reason = rest ? behind_word(rest, "failed") : NULL;
        return *reason;
}

bool stage_peers_include(const char *peers, const char *name)
{
        size_t length = strlen(name);
        while (*peers) {
                size_t word = strcspn(peers, " ,");
                if (word == length && !memcmp(peers, name, length))
                        return true;
                peers += word;
                peers += strspn(peers, " ,");
        }
        return false;
}
