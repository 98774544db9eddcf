/* Open files; see opens.h. A place in use has exactly one hold on its node, and a badge that no
 * other open file ever had. */
#include "servers/fs/opens.h"

#define BADGE_FILE       (1ull << 63)
#define BADGE_GENERATION 16

_Static_assert(OPENS_MAX <= 1 << BADGE_GENERATION, "a place's number fits its bits");

void opens_init(struct opens *opens, struct tree *tree, uint64_t now, uint64_t numbers)
{
        opens->tree = tree;
        opens->first_free = opens->used = 0;
        opens->clients = (struct clients){0};
        opens->before_until = now + FS_LEASE_MOST;
        opens->before_numbers = tree->next_number;
        if (tree->next_number < numbers)
                tree->next_number = numbers;
        opens->own_numbers = tree->next_number;
        for (uint32_t i = 0; i < OPENS_MAX; i++)
                opens->files[i] = (struct open_file){.next_free = i + 1};
}

uint64_t open_add(struct opens *opens, struct node *node, uint64_t flags)
{
        uint32_t place = opens->first_free;
        if (place == OPENS_MAX)
                return 0;
        struct open_file *file = &opens->files[place];
        opens->first_free = file->next_free;
        file->node = node;
        file->flags = flags;
        file->offset = file->process = 0;
        file->locker = false;
        file->issues = 1;
        file->client = NULL;
        file->note = NULL;
        opens->used++;
        return BADGE_FILE | file->generation << BADGE_GENERATION | place;
}

struct node *opens_known(const struct opens *opens, uint64_t identity, uint64_t version)
{
        const bool lost = version >= opens->before_numbers && version < opens->own_numbers;
        return lost || version >= opens->tree->next_number ? NULL
                                                           : tree_find(opens->tree, identity);
}

struct open_file *open_find(struct opens *opens, uint64_t badge)
{
        uint64_t place = badge & ((1 << BADGE_GENERATION) - 1);
        if (!(badge & BADGE_FILE) || place >= OPENS_MAX)
                return NULL;
        struct open_file *file = &opens->files[place];
        uint64_t generation = (badge & ~BADGE_FILE) >> BADGE_GENERATION;
        return file->node && file->generation == generation ? file : NULL;
}

outcome_t open_seek(struct open_file *file, uint64_t by, enum file_whence whence)
{
        const uint64_t base = whence == FILE_WHENCE_START     ? 0
                              : whence == FILE_WHENCE_CURRENT ? file->offset
                                                              : node_size(file->node);
        int64_t to;
        if (__builtin_add_overflow((int64_t)base, (int64_t)by, &to) || to < 0)
                return answered(REASON_INVALID);
        file->offset = (uint64_t)to;
        return OUTCOME_OK;
}

uint64_t open_lease(struct open_file *file, uint64_t wanted, uint64_t now)
{
        uint64_t lease = wanted < FS_LEASE_MOST ? wanted : FS_LEASE_MOST;
        if (file->flags & FS_OPEN_WRITE || file->node->kind != FS_FILE ||
            now < file->node->lease_from)
                return 0;
        if (file->node->leased_until < now + lease)
                file->node->leased_until = now + lease;
        return lease;
}

uint64_t opens_leased_until(const struct opens *opens, const struct node *node, uint64_t now)
{
        bool before = opens->before_until > now && node->identity < opens->before_numbers;
        uint64_t until = before ? opens->before_until : now;
        return node->leased_until > until ? node->leased_until : until;
}

void open_charge(struct open_file *file, struct client *client)
{
        file->client = client;
        client_opened(client);
}

void open_close(struct opens *opens, uint64_t badge)
{
        struct open_file *file = open_find(opens, badge);
        if (!file)
                return;
        node_drop(opens->tree, file->node);
        if (file->client)
                client_closed(file->client);
        opens->used--;
        file->node = NULL;
        file->generation = (file->generation + 1) & (BADGE_FILE - 1) >> BADGE_GENERATION;
        file->next_free = opens->first_free;
        opens->first_free = (uint32_t)(file - opens->files);
}
