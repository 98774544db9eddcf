/* See room.h. Differences are taken only where they are known to be positive. */
#include "tools/ptl/room.h"

#include "servers/common/least.h"

/* A small node goes without `again`, and serves that much all the same. */
enum { LEAST_FILES = 1024 };

static uint64_t above(uint64_t whole, uint64_t part)
{
        return whole > part ? whole - part : 0;
}

uint64_t room_components(const struct room *room)
{
        return above(room->memory, room->memory / ROOM_TABLES + ROOM_KERNEL + room->loaded);
}

uint64_t room_memory_wanted(const struct room *room)
{
        struct room larger = *room;
        while (room_components(&larger) < room->least)
                larger.memory += ROOM_STEP << 10;
        return larger.memory >> 10;
}

uint64_t room_files(const struct room *room, bool direct)
{
        uint64_t left = above(room_components(room), room->least);
        uint64_t files = above(left, room->again);
        if (files < LEAST_FILES)
                files = least(left, LEAST_FILES);
        files -= files / ROOM_TABLES; /* page tables that map the archive */
        return direct ? files : least(files, above(room->memory, ROOM_IPXE) / 2);
}

uint64_t room_files_wanted(const struct room *room, bool direct, uint64_t files)
{
        struct room larger = *room;
        while (room_files(&larger, direct) < files)
                larger.memory += ROOM_STEP << 10;
        return larger.memory >> 10;
}
