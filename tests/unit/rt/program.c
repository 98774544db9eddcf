/* Files that are programs, and the sentences about those that are not. */
#include "tests/unit/rt/suites.h"

#include <elf.h>
#include <string.h>
#include "servers/rt/pure/program.h"

#define BASE 0x400000ull

enum { NOTE_AT = 0x200, FILE_BYTES = 0x1100 };

/* A small program: headers and a note in its first page, code in the second. */
static struct {
        Elf64_Ehdr header;
        Elf64_Phdr segments[4];
        uint8_t rest[FILE_BYTES - sizeof(Elf64_Ehdr) - 4 * sizeof(Elf64_Phdr)];
} file;

static struct program program;
static char said[PROGRAM_WRONG];

static void note_put(const char *name, uint32_t type, uint32_t version)
{
        uint8_t *at = (uint8_t *)&file + NOTE_AT;
        const Elf64_Nhdr note = {(Elf64_Word)strlen(name) + 1, sizeof version, type};
        memcpy(at, &note, sizeof note);
        memcpy(at + sizeof note, name, strlen(name) + 1);
        memcpy(at + sizeof note + (strlen(name) + 4) / 4 * 4, &version, sizeof version);
}

static void setup(void)
{
        memset(&file, 0, sizeof file);
        file.header = (Elf64_Ehdr){
            .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
            .e_type = ET_EXEC,
            .e_machine = EM_X86_64,
            .e_version = EV_CURRENT,
            .e_entry = BASE + 0x1010,
            .e_phoff = sizeof file.header,
            .e_phentsize = sizeof file.segments[0],
            .e_phnum = 4,
        };
        file.segments[0] = (Elf64_Phdr){PT_LOAD, PF_R, 0, BASE, BASE, 0x300, 0x300, 0x1000};
        file.segments[1] =
            (Elf64_Phdr){PT_LOAD, PF_R | PF_X, 0x1000, BASE + 0x1000, 0, 0x100, 0x100, 0x1000};
        file.segments[2] = (Elf64_Phdr){PT_NOTE, PF_R, NOTE_AT, BASE + NOTE_AT, 0, 24 + 4, 28, 4};
        file.segments[3] = (Elf64_Phdr){.p_type = PT_NULL};
        note_put("GNU", 3, 1);
}

static const char *wrong(void)
{
        return program_read(&file, sizeof file, sizeof file, 0, &program, said);
}

static void expect_wrong(const char *part)
{
        const char *why = wrong();
        ck_assert_msg(why && strstr(why, part), "%s: %s", part, why ? why : "nothing is wrong");
}

START_TEST(a_program_without_our_note_is_one_for_linux)
{
        ck_assert_ptr_null(wrong());
        ck_assert_int_eq(program.kind, PROGRAM_LINUX);
        ck_assert_uint_eq(program.headers, BASE + sizeof file.header);
        ck_assert_uint_eq(program.header_count, 4);
        ck_assert_uint_eq(program.plan.entry, BASE + 0x1010);
}
END_TEST

START_TEST(the_note_makes_it_native)
{
        note_put(PROGRAM_NOTE_NAME, PROGRAM_NOTE_TYPE, PROGRAM_NOTE_VERSION);
        ck_assert_ptr_null(wrong());
        ck_assert_int_eq(program.kind, PROGRAM_NATIVE);
        note_put(PROGRAM_NOTE_NAME, PROGRAM_NOTE_TYPE + 1, PROGRAM_NOTE_VERSION);
        ck_assert_ptr_null(wrong());
        ck_assert_int_eq(program.kind, PROGRAM_LINUX);
        note_put(PROGRAM_NOTE_NAME, PROGRAM_NOTE_TYPE, PROGRAM_NOTE_VERSION + 1);
        expect_wrong("built for a later Portolan");
}
END_TEST

START_TEST(the_note_is_found_behind_others)
{
        file.segments[2].p_filesz = 2 * 28;
        note_put("GNU", 3, 1); /* 20 bytes */
        const Elf64_Nhdr note = {sizeof PROGRAM_NOTE_NAME, 4, PROGRAM_NOTE_TYPE};
        const uint32_t version = PROGRAM_NOTE_VERSION;
        uint8_t *at = (uint8_t *)&file + NOTE_AT + 20;
        memcpy(at, &note, sizeof note);
        memcpy(at + 12, PROGRAM_NOTE_NAME, sizeof PROGRAM_NOTE_NAME);
        memcpy(at + 24, &version, sizeof version);
        file.segments[2].p_filesz = 20 + 28;
        ck_assert_ptr_null(wrong());
        ck_assert_int_eq(program.kind, PROGRAM_NATIVE);
        file.segments[2].p_filesz--;
        ck_assert_ptr_null(wrong());
        ck_assert_int_eq(program.kind, PROGRAM_LINUX);
}
END_TEST

START_TEST(what_cannot_be_started_is_told_why)
{
        file.header.e_machine = EM_AARCH64;
        expect_wrong("64-bit Arm (ELF machine 183)");
        setup();
        file.header.e_ident[EI_CLASS] = ELFCLASS32;
        expect_wrong("gcc -m64");
        setup();
        file.header.e_ident[EI_DATA] = ELFDATA2MSB;
        expect_wrong("big-endian");
        setup();
        file.header.e_type = ET_REL;
        expect_wrong("object file: link it");
        setup();
        file.header.e_type = ET_CORE;
        expect_wrong("core dump");
        setup();
        file.segments[3].p_type = PT_INTERP;
        expect_wrong("link it with -static");
        setup();
        file.header.e_type = ET_DYN;
        file.header.e_entry = 0;
        expect_wrong("a library");
        setup();
        memcpy(&file, "#!/bin/sh\n", 10);
        expect_wrong("a script");
        memcpy(&file, "text", 4);
        expect_wrong("not an ELF file");
        setup();
        file.header.e_phoff = sizeof file;
        expect_wrong("program headers");
        setup();
        file.segments[1].p_flags |= PF_W;
        expect_wrong("both writable and executable");
}
END_TEST

START_TEST(a_file_may_end_anywhere)
{
        for (size_t bytes = 0; bytes < sizeof file; bytes++)
                ck_assert_ptr_nonnull(program_read(&file, bytes, bytes, 0, &program, said));
        /* Of a longer one the beginning is enough. */
        ck_assert_ptr_null(program_read(&file, PROGRAM_HEAD, sizeof file, 0, &program, said));
}
END_TEST

TCase *program_tests(void)
{
        TCase *tests = tcase_create("program");
        tcase_add_checked_fixture(tests, setup, NULL);
        tcase_add_test(tests, a_program_without_our_note_is_one_for_linux);
        tcase_add_test(tests, the_note_makes_it_native);
        tcase_add_test(tests, the_note_is_found_behind_others);
        tcase_add_test(tests, what_cannot_be_started_is_told_why);
        tcase_add_test(tests, a_file_may_end_anywhere);
        return tests;
}
