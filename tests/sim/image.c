/* Private copies of images: the file is loaded once for each copy, by a name of its own, so that
 * the dynamic linker takes it for another library. What a copy can write is kept as it was after
 * loading, and put back before each use: its first instruction finds what a fresh process would.
 * Copies are never unloaded, so that a run of many seeds loads each only once.
 *
 * A program's heap lies at addresses of its own, has a bounded size, and begins empty. */
#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "tests/sim/sim.h"

enum { PROGRAMS_MAX = 16, NAME_MAX_LENGTH = 24, FILL = 0xa5, HEAP_SMALLEST = 16 };

#define HEAP_ROOM  ((size_t)32 << 20)
#define HEAP_START 0x0000400000000000ull

struct program {
        char name[NAME_MAX_LENGTH];
        void *file;
        size_t bytes;
        int first; /* file descriptor of its first copy; 0: there is none */
        struct image *idle;
};

static struct {
        const char *directory;
        const char *net; /* in the place of DIRECTORY/net.so; NULL: nothing is */
        struct program programs[PROGRAMS_MAX];
        unsigned count, heaps;
} images;

static _Noreturn void die(const char *what, const char *why)
{
        fprintf(stderr, "sim: %s: %s\n", what, why);
        exit(2);
}

void images_init(const char *directory, const char *net)
{
        images.directory = directory;
        images.net = net;
}

/* ---- loading --------------------------------------------------------------------------------- */

static struct program *program_open(const char *name)
{
        char path[256];
        for (unsigned i = 0; i < images.count; i++)
                if (strcmp(images.programs[i].name, name) == 0)
                        return &images.programs[i];
        if (images.count == PROGRAMS_MAX || strlen(name) >= NAME_MAX_LENGTH)
                die(name, "too many programs");
        struct program *program = &images.programs[images.count++];
        strcpy(program->name, name);
        if (images.net && strcmp(name, "net") == 0)
                snprintf(path, sizeof path, "%s", images.net);
        else
                snprintf(path, sizeof path, "%s/%s.so", images.directory, name);
        FILE *file = fopen(path, "rb");
        if (!file || fseek(file, 0, SEEK_END) != 0)
                die(path, "cannot be read");
        program->bytes = (size_t)ftell(file);
        program->file = malloc(program->bytes);
        rewind(file);
        if (!program->file || fread(program->file, 1, program->bytes, file) != program->bytes)
                die(path, "cannot be read");
        fclose(file);
        return program;
}

/* What no copy can write, code above all, is the first copy's for all of them: so the processor's
 * caches hold it once. */
static void text_share(void *library, int first)
{
        struct link_map *map;
        dlinfo(library, RTLD_DI_LINKMAP, &map);
        const Elf64_Ehdr *header = (const Elf64_Ehdr *)map->l_addr;
        const Elf64_Phdr *segment = (const Elf64_Phdr *)(map->l_addr + header->e_phoff);
        const uint64_t page = (uint64_t)getpagesize();
        for (unsigned i = 0; i < header->e_phnum; i++, segment++) {
                if (segment->p_type != PT_LOAD || segment->p_flags & PF_W)
                        continue;
                uint64_t skip = segment->p_vaddr & (page - 1);
                char *start = (char *)map->l_addr + segment->p_vaddr - skip;
                int access = PROT_READ | (segment->p_flags & PF_X ? PROT_EXEC : 0);
                if (mmap(start, segment->p_filesz + skip, access, MAP_PRIVATE | MAP_FIXED, first,
                         (off_t)(segment->p_offset - skip)) != start)
                        die("an image", "its code cannot be shared");
        }
}

static void *copy_load(struct program *program)
{
        char path[64];
        int fd = memfd_create(program->name, MFD_CLOEXEC);
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        if (fd < 0 || write(fd, program->file, program->bytes) != (ssize_t)program->bytes)
                die(program->name, "cannot be copied");
        void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
        if (!library)
                die(program->name, dlerror());
        if (program->first)
                text_share(library, program->first);
        else
                program->first = fd;
        return library; /* the file stays open, so that the next one has another name */
}

/* What the image can write: its writable segment, without what is read-only after relocation. */
static void data_find(struct image *image)
{
        struct link_map *map;
        dlinfo(image->library, RTLD_DI_LINKMAP, &map);
        const Elf64_Ehdr *header = (const Elf64_Ehdr *)map->l_addr;
        const Elf64_Phdr *segment = (const Elf64_Phdr *)(map->l_addr + header->e_phoff);
        const uint64_t page = (uint64_t)getpagesize();
        uint64_t start = 0, end = 0, constant = 0;
        for (unsigned i = 0; i < header->e_phnum; i++, segment++) {
                if (segment->p_type == PT_LOAD && segment->p_flags & PF_W) {
                        start = segment->p_vaddr;
                        end = start + segment->p_memsz;
                } else if (segment->p_type == PT_GNU_RELRO) {
                        constant = (segment->p_vaddr + segment->p_memsz) & ~(page - 1);
                }
        }
        start = start < constant ? constant : start;
        image->data = (char *)map->l_addr + start;
        image->data_bytes = end > start ? end - start : 0;
        image->filled = image->data_bytes;
        while (image->filled && !image->data[image->filled - 1])
                image->filled--;
        image->pristine = malloc(image->filled + 1);
        if (!image->pristine)
                die(image->program->name, "no memory");
        memcpy(image->pristine, image->data, image->filled);
}

/* As after loading. Most of it was not written since: what is not touched stays out of the caches,
 * and where nothing was ever written the system has one page of zeros for all. */
static void data_restore(struct image *image)
{
        static const char zeros[4096];
        memcpy(image->data, image->pristine, image->filled);
        for (size_t at = image->filled; at < image->data_bytes;) {
                size_t part = sizeof zeros - ((uintptr_t)image->data + at) % sizeof zeros;
                if (part > image->data_bytes - at)
                        part = image->data_bytes - at;
                if (memcmp(image->data + at, zeros, part) != 0)
                        memset(image->data + at, 0, part);
                at += part;
        }
}

static void heap_make(struct heap *heap)
{
        void *at = (void *)(HEAP_START + images.heaps++ * HEAP_ROOM);
        heap->start =
            mmap(at, HEAP_ROOM, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
        if (heap->start != at)
                die("heap", "its addresses are taken");
        heap->room = HEAP_ROOM;
}

static struct image *copy_make(struct program *program)
{
        struct image *image = calloc(1, sizeof *image);
        if (!image)
                die(program->name, "no memory");
        image->program = program;
        image->library = copy_load(program);
        image->machine = dlsym(image->library, "machine_calls");
        image->check = (const char *(*)(void))dlsym(image->library, "image_check");
        image->dump = (void (*)(void))dlsym(image->library, "image_dump");
        image->begin = (void (*)(const void *))dlsym(image->library, "image_begin");
        if (!image->machine && !image->begin)
                die(program->name, "is neither kernel nor program");
        if (image->begin)
                heap_make(&image->heap);
        data_find(image);
        return image;
}

struct image *image_take(const char *name)
{
        struct program *program = program_open(name);
        struct image *image = program->idle;
        if (!image)
                return copy_make(program);
        program->idle = image->next_idle;
        data_restore(image);
        image->heap.used = 0;
        memset(image->heap.free, 0, sizeof image->heap.free);
        return image;
}

const char *image_name(const struct image *image)
{
        return image->program->name;
}

void image_give(struct image *image)
{
        if (image->dump)
                image->dump();
        image->next_idle = image->program->idle;
        image->program->idle = image;
}

/* ---- heaps ----------------------------------------------------------------------------------- */

/* In front of each block; the block's alignment is its size. */
struct block {
        uint64_t class, unused;
};
_Static_assert(sizeof(struct block) == HEAP_SMALLEST, "blocks stay aligned to 16");

static struct heap *heap(void)
{
        return &the_sim.thread->image->heap;
}

void *sim_allocate(size_t bytes)
{
        struct heap *own = heap();
        unsigned class = 0;
        while (class < HEAP_CLASSES && (size_t)HEAP_SMALLEST << class < bytes)
                class ++;
        if (class == HEAP_CLASSES || sim_time() < the_sim.thread->starved)
                return NULL;
        size_t room = ((size_t)HEAP_SMALLEST << class) + sizeof(struct block);
        struct block *block = own->free[class];
        if (block) {
                memcpy(&own->free[class], block + 1, sizeof(void *));
        } else if (room > own->room - own->used) {
                return NULL;
        } else {
                block = (struct block *)(own->start + own->used);
                own->used += room;
        }
        block->class = class;
        return memset(block + 1, FILL, bytes);
}

void sim_release(void *address)
{
        struct heap *own = heap();
        if (!address)
                return;
        struct block *block = (struct block *)address - 1;
        memcpy(address, &own->free[block->class], sizeof(void *));
        own->free[block->class] = block;
}

void *sim_reallocate(void *address, size_t bytes)
{
        const struct block *block = (struct block *)address - 1;
        void *other = sim_allocate(bytes);
        if (!address || !other)
                return other;
        size_t before = (size_t)HEAP_SMALLEST << block->class;
        memcpy(other, address, before < bytes ? before : bytes);
        sim_release(address);
        return other;
}
