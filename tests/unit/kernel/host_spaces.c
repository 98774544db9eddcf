/* Address spaces: random maps, unmaps and changes of rights beside an array of pages. */
#include "tests/unit/kernel/host_tests.h"
#include "kernel/exit/check.h"

enum {
        AT = 0x40000000 - 64 * PAGE_SIZE, /* across the reach of two page tables */
        PAGES = 128,
        OBJECTS = 3,
        OBJECT_PAGES = 40,
        ALL = MAP_READ | MAP_WRITE | MAP_EXECUTE,
};

static struct page {
        bool mapped;
        unsigned object, page, flags, allowed;
} model[PAGES];

static struct memory *objects[OBJECTS];
static struct space *space;

static outcome_t map_at(struct memory *memory, uint64_t address, uint64_t offset, uint64_t bytes,
                        unsigned flags, unsigned allowed)
{
        struct memory_mapping wanted = {address, bytes, offset, .flags = flags, .allowed = allowed};
        return space_map(space, memory, &wanted);
}

static bool any_mapped(unsigned from, unsigned count)
{
        for (unsigned i = from; i < from + count; i++)
                if (model[i].mapped)
                        return true;
        return false;
}

/* A page that can be written or executed can be read. */
static unsigned access_of(unsigned flags)
{
        return flags & (MAP_WRITE | MAP_EXECUTE) ? flags | MAP_READ : flags;
}

static void map(unsigned from, unsigned count)
{
        unsigned object = (unsigned)random() % OBJECTS, flags = (unsigned)random() % 8;
        unsigned page = (unsigned)random() % OBJECT_PAGES, allowed = (unsigned)random() % 8;
        outcome_t outcome = map_at(objects[object], AT + from * PAGE_SIZE, page * PAGE_SIZE,
                                   count * PAGE_SIZE, flags, allowed);
        bool both = (flags & MAP_WRITE) && (flags & MAP_EXECUTE);
        if (both || page + count > OBJECT_PAGES) {
                ck_outcome(outcome, NOT(MALFORMED));
        } else if (access_of(flags) & ~allowed) {
                ck_outcome(outcome, NOT(REFUSED));
        } else if (any_mapped(from, count)) {
                ck_outcome(outcome, NOT(BUSY));
        } else {
                ck_outcome(outcome, OUTCOME_OK);
                for (unsigned i = 0; i < count; i++)
                        model[from + i] =
                            (struct page){true, object, page + i, access_of(flags), allowed};
        }
}

static void protect(unsigned from, unsigned count)
{
        unsigned flags = (unsigned)random() % 8;
        outcome_t outcome = space_protect(space, AT + from * PAGE_SIZE, count * PAGE_SIZE, flags);
        if (flags & MAP_WRITE && flags & MAP_EXECUTE) {
                ck_outcome(outcome, NOT(MALFORMED));
                return;
        }
        for (unsigned i = from; i < from + count; i++) {
                if (model[i].mapped && !(access_of(flags) & ~model[i].allowed))
                        continue;
                ck_outcome(outcome, model[i].mapped ? NOT(REFUSED) : NOT(FAULT));
                return;
        }
        ck_outcome(outcome, OUTCOME_OK);
        for (unsigned i = from; i < from + count; i++)
                model[i].flags = access_of(flags);
}

/* Touches a page in every way, as the processor and the kernel do. */
static void check_page(unsigned index)
{
        const struct page *page = &model[index];
        uint64_t address = AT + index * PAGE_SIZE;
        unsigned flags = page->mapped ? page->flags : 0;
        char *bytes = space_resolve(space, address, false);
        ck_assert_int_eq(!!bytes, (flags & MAP_READ) != 0);
        if (bytes)
                ck_assert_ptr_eq(bytes, direct(memory_page(objects[page->object], page->page)));
        ck_assert_int_eq(!!space_resolve(space, address + 8, true), (flags & MAP_WRITE) != 0);
        ck_assert_int_eq(space_fault(space, address, MAP_EXECUTE), (flags & MAP_EXECUTE) != 0);
        paddr_t frame;
        unsigned have;
        if (mmu_lookup(&space->mmu, address, &frame, &have)) {
                ck_assert(page->mapped);
                ck_assert_uint_eq(frame, memory_page(objects[page->object], page->page));
                ck_assert_uint_eq(have & ~flags, 0);
        }
}

START_TEST(a_space_does_what_an_array_of_pages_does)
{
        enum { ROUNDS = 4000 };
        struct account *account = account_create(machine.root, 4 << 20);
        struct task *task = task_create(account);
        space = &task->space;
        handle_insert(&task->handles, &task->object, 0);
        for (unsigned i = 0; i < OBJECTS; i++) {
                objects[i] = memory_create(account, OBJECT_PAGES, 0);
                handle_insert(&task->handles, &objects[i]->object, RIGHTS_ALL);
        }
        srandom(6);
        for (unsigned round = 0; round < ROUNDS; round++) {
                unsigned count = 1 + (unsigned)random() % (random() % 4 ? 8 : 36);
                unsigned from = (unsigned)random() % (PAGES - count);
                switch (random() % 5) {
                case 0:
                        ck_outcome(space_unmap(space, AT + from * PAGE_SIZE, count * PAGE_SIZE),
                                   OUTCOME_OK);
                        memset(&model[from], 0, count * sizeof(model[0]));
                        break;
                case 1:
                        protect(from, count);
                        break;
                case 2:
                        if (round % 10 == 0) {
                                struct memory *copy =
                                    memory_snapshot(objects[round % OBJECTS], account);
                                object_destroy(&copy->object);
                        }
                        break;
                default:
                        map(from, count);
                }
                kernel_check();
                for (unsigned i = 0; i < 8; i++)
                        check_page((unsigned)random() % PAGES);
        }
        for (unsigned i = 0; i < PAGES; i++)
                check_page(i);
}
END_TEST

static void put_all_flags(struct memory *memory, uint64_t at, uint64_t bytes, outcome_t wanted)
{
        ck_outcome(map_at(memory, at, 0, bytes, MAP_READ, ALL), wanted);
        if (wanted == OUTCOME_OK)
                ck_outcome(space_unmap(space, at, bytes), OUTCOME_OK);
        else
                ck_outcome(space_unmap(space, at, bytes), wanted);
}

START_TEST(only_whole_pages_of_user_addresses_can_be_mapped)
{
        struct program *program = program_new();
        struct memory *memory = memory_create(program->account, 4, 0);
        hold(program, &memory->object, RIGHTS_ALL);
        space = &program->task->space;
        put_all_flags(memory, USER_END - PAGE_SIZE, PAGE_SIZE, OUTCOME_OK);
        put_all_flags(memory, USER_START, PAGE_SIZE, OUTCOME_OK);
        ck_outcome(space_unmap(space, 0, PAGE_SIZE), NOT(MALFORMED));
        put_all_flags(memory, USER_END, PAGE_SIZE, NOT(MALFORMED));
        put_all_flags(memory, USER_END - PAGE_SIZE, 2 * PAGE_SIZE, NOT(MALFORMED));
        put_all_flags(memory, 0xffff800000000000, PAGE_SIZE, NOT(MALFORMED));
        put_all_flags(memory, UINT64_MAX - PAGE_SIZE + 1, PAGE_SIZE, NOT(MALFORMED));
        put_all_flags(memory, AT, 0, NOT(MALFORMED));
        put_all_flags(memory, AT, UINT64_MAX - PAGE_SIZE + 1, NOT(MALFORMED));
        put_all_flags(memory, AT + 8, PAGE_SIZE, NOT(MALFORMED));
        ck_outcome(map_at(memory, AT, 8, PAGE_SIZE, MAP_READ, ALL), NOT(MALFORMED));
        ck_outcome(map_at(memory, AT, 5 * PAGE_SIZE, PAGE_SIZE, MAP_READ, ALL), NOT(MALFORMED));
        ck_outcome(map_at(memory, AT, UINT64_MAX - PAGE_SIZE + 1, 2 * PAGE_SIZE, MAP_READ, ALL),
                   NOT(MALFORMED));
        ck_outcome(map_at(memory, AT, 0, PAGE_SIZE, 32, ALL), NOT(MALFORMED));
}
END_TEST

START_TEST(copies_stop_at_the_first_byte_that_is_not_there)
{
        struct program *program = program_new();
        uint64_t end = BUFFER + BUFFER_PAGES * PAGE_SIZE;
        char bytes[64] = {0};
        space = &program->task->space;
        ck_assert(space_write(space, end - 64, bytes, 64));
        ck_assert(!space_write(space, end - 63, bytes, 64));
        ck_assert(!space_read(space, bytes, end - 1, 2));
        ck_assert(!space_read(space, bytes, UINT64_MAX - 3, 8));
        ck_assert(!space_read(space, bytes, 0, 1));
        ck_assert(space_read(space, bytes, 0, 0));
}
END_TEST

START_TEST(the_handles_rights_bound_what_a_mapping_can_become)
{
        struct program *program = program_new();
        handle_t memory =
            sys_handle(program, SYSCALL_memory_create, 0, PAGE_SIZE, MEMORY_ANONYMOUS);
        handle_t weak = sys_handle(program, SYSCALL_handle_copy, memory, RIGHT_READ | RIGHT_COPY);
        ck_outcome(sys(program, SYSCALL_memory_map, 0, weak, AT, 0, PAGE_SIZE, MAP_WRITE),
                   NOT(REFUSED));
        ck_outcome(sys(program, SYSCALL_memory_map, 0, weak, AT, 0, PAGE_SIZE, MAP_READ),
                   OUTCOME_OK);
        ck_outcome(sys(program, SYSCALL_memory_protect, 0, AT, PAGE_SIZE, MAP_READ | MAP_WRITE),
                   NOT(REFUSED));
        ck_outcome(sys(program, SYSCALL_memory_protect, 0, AT, PAGE_SIZE, 0), OUTCOME_OK);
        ck_assert_ptr_null(space_resolve(&program->task->space, AT, false));
        ck_outcome(sys(program, SYSCALL_memory_protect, 0, AT, PAGE_SIZE, MAP_READ), OUTCOME_OK);
        ck_assert_ptr_nonnull(space_resolve(&program->task->space, AT, false));
}
END_TEST

START_TEST(destroying_an_object_takes_it_out_of_all_spaces)
{
        struct program *a = program_new(), *b = program_new();
        handle_t memory = sys_handle(a, SYSCALL_memory_create, 0, PAGE_SIZE, MEMORY_ANONYMOUS);
        handle_t there = give(a, memory, b);
        ck_outcome(sys(a, SYSCALL_memory_map, 0, memory, AT, 0, PAGE_SIZE, MAP_READ), OUTCOME_OK);
        ck_outcome(sys(b, SYSCALL_memory_map, 0, there, AT, 0, PAGE_SIZE, MAP_READ), OUTCOME_OK);
        ck_outcome(sys(b, SYSCALL_object_destroy, there), OUTCOME_OK);
        ck_assert_ptr_null(space_resolve(&a->task->space, AT, false));
        ck_assert_ptr_null(space_resolve(&b->task->space, AT, false));
        ck_outcome(sys(a, SYSCALL_memory_info, memory), NOT(BAD_HANDLE));
}
END_TEST

Suite *spaces_suite(void)
{
        TCase *tests;
        Suite *suite = world_suite("spaces", &tests);
        tcase_add_test(tests, a_space_does_what_an_array_of_pages_does);
        tcase_add_test(tests, only_whole_pages_of_user_addresses_can_be_mapped);
        tcase_add_test(tests, copies_stop_at_the_first_byte_that_is_not_there);
        tcase_add_test(tests, the_handles_rights_bound_what_a_mapping_can_become);
        tcase_add_test(tests, destroying_an_object_takes_it_out_of_all_spaces);
        return suite;
}
