/* Plans of good files and refusals of bad ones. */
#include "tests/unit/common/suites.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include "kernel/abi/memory.h"
#include "kernel/common/elf.h"

#define PROGRAM_END 0x10000000ull

static struct {
        Elf64_Ehdr header;
        Elf64_Phdr segments[3];
        char content[8192];
} file;

static struct elf_plan plan;
static uint64_t base;

static void file_read(const void *content, uint64_t offset, void *to, size_t bytes)
{
        memcpy(to, (const char *)content + offset, bytes);
}

static const char *plan_make(const void *content, size_t size)
{
        const struct elf_file read = {size, file_read, content};
        return elf_plan_make(&read, base, PROGRAM_END, &plan);
}

static void setup(void)
{
        base = 0;
        memset(&file, 0, sizeof file);
        memcpy(file.header.e_ident, ELFMAG, SELFMAG);
        file.header.e_ident[EI_CLASS] = ELFCLASS64;
        file.header.e_ident[EI_DATA] = ELFDATA2LSB;
        file.header.e_type = ET_EXEC;
        file.header.e_machine = EM_X86_64;
        file.header.e_version = EV_CURRENT;
        file.header.e_entry = 0x401010;
        file.header.e_phoff = sizeof file.header;
        file.header.e_phentsize = sizeof(Elf64_Phdr);
        file.header.e_phnum = 3;
        file.segments[0] = (Elf64_Phdr){.p_type = PT_LOAD,
                                        .p_flags = PF_R | PF_X,
                                        .p_offset = 512,
                                        .p_vaddr = 0x401000,
                                        .p_filesz = 100,
                                        .p_memsz = 100,
                                        .p_align = PAGE_SIZE};
        file.segments[1] = (Elf64_Phdr){.p_type = PT_NOTE, .p_flags = PF_W | PF_X};
        file.segments[2] = (Elf64_Phdr){.p_type = PT_LOAD,
                                        .p_flags = PF_R | PF_W,
                                        .p_offset = 612,
                                        .p_vaddr = 0x402264,
                                        .p_filesz = 300,
                                        .p_memsz = 9000,
                                        .p_align = PAGE_SIZE};
}

START_TEST(segments_become_whole_pages)
{
        ck_assert_ptr_null(plan_make(&file, sizeof file));
        ck_assert_uint_eq(plan.entry, 0x401010);
        ck_assert_uint_eq(plan.count, 2);
        ck_assert_uint_eq(plan.segments[0].address, 0x401000);
        ck_assert_uint_eq(plan.segments[0].bytes, PAGE_SIZE);
        ck_assert_uint_eq(plan.segments[0].flags, MAP_READ | MAP_EXECUTE);
        ck_assert_uint_eq(plan.segments[1].address, 0x402000);
        ck_assert_uint_eq(plan.segments[1].skew, 0x264);
        ck_assert_uint_eq(plan.segments[1].bytes, 3 * PAGE_SIZE);
        ck_assert_uint_eq(plan.segments[1].file_bytes, 300);
        ck_assert_uint_eq(plan.segments[1].file_offset, 612);
        ck_assert_uint_eq(plan.segments[1].flags, MAP_READ | MAP_WRITE);
        ck_assert_uint_eq(plan.displacement, 0);
}
END_TEST

static void refused(const char *why)
{
        const char *wrong = plan_make(&file, sizeof file);
        ck_assert_msg(wrong && strstr(wrong, why), "`%s' instead of `%s'",
                      wrong ? wrong : "accepted", why);
        setup();
}

START_TEST(other_files_are_refused)
{
        file.header.e_ident[0] = 'x';
        refused("not an ELF");
        file.header.e_ident[EI_CLASS] = ELFCLASS32;
        refused("not for x86-64");
        file.header.e_machine = EM_386;
        refused("not for x86-64");
        file.header.e_type = ET_REL;
        refused("not a program");
        file.header.e_type = ET_CORE;
        refused("not a program");
        file.segments[1].p_type = PT_INTERP;
        refused("dynamic loader");
}
END_TEST

START_TEST(damaged_headers_are_refused)
{
        file.header.e_phoff = UINT64_MAX - 8;
        refused("program headers");
        file.header.e_phoff = sizeof file - 10;
        refused("program headers");
        file.header.e_phnum = UINT16_MAX;
        refused("program headers");
        file.header.e_phentsize = 55;
        refused("program headers");
}
END_TEST

START_TEST(segments_out_of_bounds_are_refused)
{
        file.segments[0].p_offset = UINT64_MAX;
        refused("not within the file");
        file.segments[0].p_offset = sizeof file - 50;
        refused("not within the file");
        file.segments[0].p_filesz = 101;
        refused("not within the file");
        file.segments[2].p_memsz = UINT64_MAX;
        refused("not where programs may be");
        file.segments[2].p_vaddr = 0xffffffff80000000ull;
        refused("not where programs may be");
        file.segments[2].p_vaddr = PROGRAM_END - 100;
        refused("not where programs may be");
        file.segments[0].p_vaddr = 0;
        refused("overlap or are not in order");
}
END_TEST

START_TEST(segments_do_not_share_a_page)
{
        file.segments[2].p_vaddr = 0x401f00;
        refused("overlap or are not in order");
        file.segments[2].p_vaddr = 0x300000;
        refused("overlap or are not in order");
}
END_TEST

START_TEST(nothing_is_writable_and_executable)
{
        file.segments[0].p_flags = PF_W | PF_X;
        refused("both writable and executable");
}
END_TEST

START_TEST(the_entry_point_is_code)
{
        file.header.e_entry = 0x402264;
        refused("entry point");
        file.header.e_entry = 0x400fff;
        refused("entry point");
        file.header.e_phnum = 0;
        refused("entry point");
}
END_TEST

/* The same file as one that may lie anywhere. */
static void setup_movable(uint64_t where)
{
        setup();
        file.header.e_type = ET_DYN;
        base = where;
}

static void refused_at(uint64_t where, const char *why)
{
        file.header.e_type = ET_DYN;
        base = where;
        refused(why);
}

static void expect_at(uint64_t where)
{
        ck_assert_ptr_null(plan_make(&file, sizeof file));
        ck_assert_uint_eq(plan.segments[0].address, where);
        ck_assert_uint_eq(plan.segments[1].address, where + 0x1000);
        ck_assert_uint_eq(plan.segments[1].skew, 0x264);
        ck_assert_uint_eq(plan.entry, where + 0x10);
        ck_assert_uint_eq(plan.displacement, where - (file.segments[0].p_vaddr & ~0xfffull));
}

START_TEST(a_program_that_may_lie_anywhere_lies_where_it_is_told)
{
        setup_movable(0);
        expect_at(0x401000);
        setup_movable(0x10000);
        expect_at(0x10000);
        setup_movable(0x7000000);
        expect_at(0x7000000);
        setup_movable(PROGRAM_END - 4 * PAGE_SIZE);
        expect_at(PROGRAM_END - 4 * PAGE_SIZE);
}
END_TEST

START_TEST(one_that_was_linked_for_nowhere_lies_at_the_default)
{
        setup_movable(0);
        file.header.e_entry = 0x10;
        file.segments[0].p_vaddr = 0;
        file.segments[2].p_vaddr = 0x1264;
        expect_at(ELF_BASE);
        base = 0x9000;
        expect_at(0x9000);
}
END_TEST

START_TEST(one_at_fixed_addresses_is_not_moved)
{
        base = 0x7000000;
        ck_assert_ptr_null(plan_make(&file, sizeof file));
        ck_assert_uint_eq(plan.segments[0].address, 0x401000);
        ck_assert_uint_eq(plan.displacement, 0);
}
END_TEST

START_TEST(what_would_be_moved_out_of_bounds_is_refused)
{
        refused_at(PROGRAM_END - 3 * PAGE_SIZE, "not where programs may be");
        refused_at(PROGRAM_END, "not where programs may be");
        refused_at(-(uint64_t)PAGE_SIZE, "not where programs may be");
        file.segments[2].p_vaddr = -(uint64_t)PAGE_SIZE;
        refused_at(0x7000000, "overlap or are not in order");
        file.segments[2].p_vaddr = 0x402264 - 0x7000000 + 0x401000; /* comes out at 0x402264 */
        refused_at(0x7000000, "overlap or are not in order");
        file.segments[2].p_memsz = UINT64_MAX;
        refused_at(0x7000000, "not where programs may be");
        file.segments[2].p_memsz = -0x7001264ull; /* up to the end of all addresses */
        refused_at(0x7000000, "not where programs may be");
        file.segments[2].p_vaddr = 0x401f00;
        refused_at(0x7000000, "overlap or are not in order");
        file.header.e_entry = 0x7000010;
        refused_at(0x7000000, "entry point");
        file.header.e_entry = -(uint64_t)0x7000000;
        refused_at(0x7000000, "entry point");
}
END_TEST

START_TEST(a_segment_keeps_its_alignment)
{
        refused_at(0x7000800, "alignment");
        file.segments[2].p_align = 0x200000;
        refused_at(0x7000000, "alignment");
        file.segments[2].p_align = UINT64_MAX;
        refused_at(0x7000000, "alignment");
        file.segments[2].p_align = 0x200000;
        setup_movable(0x7001000);
        expect_at(0x7001000);
}
END_TEST

START_TEST(a_file_cut_anywhere_is_planned_or_refused)
{
        for (size_t size = 0; size < 700; size++) {
                char *copy = malloc(size ? size : 1);
                memcpy(copy, &file, size);
                const char *wrong = plan_make(copy, size);
                ck_assert(wrong);
                free(copy);
        }
}
END_TEST

TCase *elf_tests(void)
{
        TCase *tests = tcase_create("elf");
        tcase_add_checked_fixture(tests, setup, NULL);
        tcase_add_test(tests, segments_become_whole_pages);
        tcase_add_test(tests, other_files_are_refused);
        tcase_add_test(tests, damaged_headers_are_refused);
        tcase_add_test(tests, segments_out_of_bounds_are_refused);
        tcase_add_test(tests, segments_do_not_share_a_page);
        tcase_add_test(tests, nothing_is_writable_and_executable);
        tcase_add_test(tests, the_entry_point_is_code);
        tcase_add_test(tests, a_program_that_may_lie_anywhere_lies_where_it_is_told);
        tcase_add_test(tests, one_that_was_linked_for_nowhere_lies_at_the_default);
        tcase_add_test(tests, one_at_fixed_addresses_is_not_moved);
        tcase_add_test(tests, what_would_be_moved_out_of_bounds_is_refused);
        tcase_add_test(tests, a_segment_keeps_its_alignment);
        tcase_add_test(tests, a_file_cut_anywhere_is_planned_or_refused);
        return tests;
}
