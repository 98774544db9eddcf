/* Puts nodes' names, addresses and paths together, and takes them apart; see names.h. */
#include "tools/ptl/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

unsigned node_number(const char *name)
{
        char *end;
        if (name[0] != 'n' || name[1] < '1' || name[1] > '9')
                return 0;
        unsigned long number = strtoul(name + 1, &end, 10);
        return *end == 0 && number <= NODES_MAX ? (unsigned)number : 0;
}

void node_name(unsigned number, char name[NODE_NAME])
{
        snprintf(name, NODE_NAME, "n%u", number % 100);
}

void node_mac(unsigned number, char mac[NODE_MAC])
{
        snprintf(mac, NODE_MAC, "52:54:00:00:00:%02x", number & 0xff);
}

void node_list(unsigned nodes, char list[NODE_LIST])
{
        size_t used = 0;
        list[0] = 0;
        for (unsigned n = 1; n <= nodes && used < NODE_LIST; n++)
                used +=
                    (size_t)snprintf(list + used, NODE_LIST - used, "%sn%u", n > 1 ? "," : "", n);
}

void node_file(unsigned number, const char *file, char path[NODE_FILE])
{
        snprintf(path, NODE_FILE, "n%u/%s", number, file);
}

static uint64_t fnv1a(uint64_t hash, const char *text)
{
        /* The final zero is hashed too, so that no two pairs of texts run into each other. */
        for (size_t i = 0; i <= strlen(text); i++)
                hash = (hash ^ (uint8_t)text[i]) * UINT64_C(0x100000001b3);
        return hash;
}

uint64_t identity(const char *run_directory, const char *name)
{
        uint64_t hash = fnv1a(UINT64_C(0xcbf29ce484222325), run_directory);
        if (name)
                hash = fnv1a(hash, name);
        return hash ? hash : 1;
}
