/* See cache.h. The list is in no order; each entry knows when it was used last. */
#include "servers/process/cache.h"

#include <string.h>

#include "servers/rt/task/memory.h"

/* After the others: it includes limits.h, which defines PAGE_SIZE as a macro. */
#include <sodium/crypto_generichash_blake2b.h>

struct entry {
        uint8_t *bytes; /* NULL: the place is free */
        uint64_t size, used;
        handle_t memory;
        uint8_t digest[FS_DIGEST];
};

static struct {
        struct entry list[CACHE_FILES];
        uint64_t uses, bytes;
} cache;

uint8_t *cache_find(const uint8_t digest[FS_DIGEST], uint64_t size, handle_t *memory)
{
        for (unsigned i = 0; i < CACHE_FILES; i++) {
                struct entry *entry = &cache.list[i];
                if (!entry->bytes || entry->size != size ||
                    memcmp(entry->digest, digest, FS_DIGEST) != 0)
                        continue;
                entry->used = ++cache.uses;
                *memory = entry->memory;
                return entry->bytes;
        }
        return NULL;
}

static void entry_drop(struct entry *entry)
{
        rt_memory_free(entry->bytes, entry->size);
        if (entry->memory)
                sys_handle_close(entry->memory);
        cache.bytes -= entry->size;
        *entry = (struct entry){0};
}

/* A free place; else the one that was used longest ago. */
static struct entry *entry_oldest(void)
{
        struct entry *oldest = &cache.list[0];
        for (unsigned i = 1; i < CACHE_FILES; i++)
                if (cache.list[i].used < oldest->used)
                        oldest = &cache.list[i];
        return oldest;
}

/* The one that was used longest ago. */
static struct entry *entry_least(void)
{
        struct entry *least = NULL;
        for (unsigned i = 0; i < CACHE_FILES; i++)
                if (cache.list[i].bytes && (!least || cache.list[i].used < least->used))
                        least = &cache.list[i];
        return least;
}

bool cache_put(const uint8_t digest[FS_DIGEST], uint8_t *bytes, uint64_t size, handle_t memory,
               bool *taken)
{
        uint8_t own[FS_DIGEST];
        handle_t other;
        *taken = false;
        crypto_generichash_blake2b(own, sizeof own, bytes, size, NULL, 0);
        if (memcmp(own, digest, sizeof own) != 0)
                return false;
        if (size > CACHE_BYTES || cache_find(digest, size, &other))
                return true;
        while (cache.bytes + size > CACHE_BYTES)
                entry_drop(entry_least());
        struct entry *entry = entry_oldest();
        if (entry->bytes)
                entry_drop(entry);
        *entry =
            (struct entry){.bytes = bytes, .size = size, .used = ++cache.uses, .memory = memory};
        memcpy(entry->digest, digest, FS_DIGEST);
        cache.bytes += size;
        *taken = true;
        return true;
}

bool cache_shrink(const uint8_t *but)
{
        bool any = false;
        for (unsigned i = 0; i < CACHE_FILES; i++) {
                if (!cache.list[i].bytes || cache.list[i].bytes == but)
                        continue;
                entry_drop(&cache.list[i]);
                any = true;
        }
        return any;
}
