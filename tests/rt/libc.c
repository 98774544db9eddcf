/* libc on the runtime: what single-threaded musl programs rely on. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>
#include "tests/rt/guest.h"

static void malloc_gives_memory_and_takes_it_back(void)
{
        enum { PIECES = 300 };
        static uint8_t *pieces[PIECES];
        static size_t sizes[PIECES];
        srand(1);
        for (int step = 0; step < 3000; step++) {
                unsigned i = (unsigned)rand() % PIECES;
                if (pieces[i])
                        for (size_t at = 0; at < sizes[i]; at += 97)
                                CHECK_EQ(pieces[i][at], i & 0xff);
                sizes[i] = (size_t)rand() % (step % 50 ? 3000 : 150000);
                pieces[i] = realloc(pieces[i], sizes[i] + 1);
                CHECK(pieces[i]);
                memset(pieces[i], (int)i & 0xff, sizes[i] + 1);
        }
        for (unsigned i = 0; i < PIECES; i++)
                free(pieces[i]);
}

static void a_large_piece_costs_what_it_is_and_no_more_afterwards(void)
{
        uint64_t before = account_used();
        char *piece = malloc(8 << 20);
        CHECK(piece);
        uint64_t during = account_used();
        CHECK(during - before >= 8 << 20 && during - before < 9 << 20);
        piece = realloc(piece, 12 << 20);
        CHECK(piece);
        free(piece);
        CHECK(account_used() - before < 64 << 10);
}

static void too_much_is_refused_with_an_errno(void)
{
        errno = 0;
        CHECK(!malloc(4ull << 30));
        CHECK_EQ(errno, ENOMEM);
}

static void pages_can_be_mapped_protected_and_unmapped(void)
{
        char *pages = mmap(NULL, 65536, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        CHECK(pages != MAP_FAILED);
        CHECK_EQ(mprotect(pages + 4096, 8192, PROT_READ | PROT_WRITE), 0);
        memset(pages + 4096, 5, 8192);
        CHECK_EQ(mprotect(pages + 4096, 4096, PROT_READ), 0);
        CHECK_EQ(pages[4096], 5);
        CHECK_EQ(madvise(pages + 8192, 4096, MADV_DONTNEED), 0);
        CHECK_EQ(pages[8192], 0);
        CHECK_EQ(munmap(pages, 4096), 0);
        char *fixed = mmap(pages + 8192, 4096, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        CHECK(fixed == pages + 8192);
        fixed[0] = 7;
        CHECK_EQ(munmap(pages, 65536), 0);
        CHECK(mmap(NULL, 4096, PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
              MAP_FAILED);
        CHECK_EQ(errno, EACCES);
}

static void a_mapping_grows_with_its_content(void)
{
        char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        char *behind = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        CHECK(pages != MAP_FAILED && behind != MAP_FAILED);
        strcpy(pages + 4096, "content");
        CHECK(mremap(pages, 8192, 1 << 20, 0) == MAP_FAILED || behind < pages);
        char *larger = mremap(pages, 8192, 1 << 20, MREMAP_MAYMOVE);
        CHECK(larger != MAP_FAILED);
        CHECK_EQ(strcmp(larger + 4096, "content"), 0);
        larger[(1 << 20) - 1] = 1;
        CHECK(mremap(larger, 1 << 20, 8192, 0) == larger);
        CHECK_EQ(munmap(larger, 8192), 0);
        CHECK_EQ(munmap(behind, 4096), 0);
}

static void the_break_moves_both_ways(void)
{
        char *start = (char *)syscall(SYS_brk, 0);
        CHECK(syscall(SYS_brk, start + 100000) == (long)(start + 100000));
        start[99999] = 1;
        CHECK(syscall(SYS_brk, start) == (long)start);
        CHECK(syscall(SYS_brk, start + 100000) == (long)(start + 100000));
        CHECK_EQ(start[99999], 0);
        CHECK(syscall(SYS_brk, start) == (long)start);
}

static void text_is_formatted(void)
{
        char text[64];
        snprintf(text, sizeof text, "%.3f %s %d", sqrt(2), "x", -1);
        CHECK_EQ(strcmp(text, "1.414 x -1"), 0);
}

static void time_goes_on_and_sleep_waits(void)
{
        struct timespec before, after, wait = {0, 20000000};
        CHECK_EQ(clock_gettime(CLOCK_MONOTONIC, &before), 0);
        CHECK_EQ(nanosleep(&wait, NULL), 0);
        CHECK_EQ(clock_gettime(CLOCK_MONOTONIC, &after), 0);
        int64_t passed =
            (after.tv_sec - before.tv_sec) * 1000000000ll + after.tv_nsec - before.tv_nsec;
        CHECK(passed >= 20000000 && passed < 2000000000);
}

/* Registers that a system call must keep on Linux, the red zone, and a vector register. */
static void a_system_call_keeps_registers_and_red_zone(void)
{
        uint64_t lost;
        __asm__ volatile("movq $0x1111, -8(%%rsp)\n"
                         "movq $0x2222, -128(%%rsp)\n"
                         "movq $1, %%rdi\n movq $2, %%rsi\n movq $3, %%rdx\n movq $4, %%r10\n"
                         "movq $5, %%r8\n movq $6, %%r9\n movq $7, %%rbx\n movq $8, %%r12\n"
                         "movq $9, %%r13\n movq $10, %%r14\n movq $11, %%r15\n"
                         "movq %%rbx, %%xmm7\n"
                         "movl $102, %%eax\n" /* getuid */
                         "syscall\n"
                         "xorq $0x1111, -8(%%rsp)\n orq -8(%%rsp), %%rax\n"
                         "xorq $0x2222, -128(%%rsp)\n orq -128(%%rsp), %%rax\n"
                         "xorq $1, %%rdi\n orq %%rdi, %%rax\n"
                         "xorq $2, %%rsi\n orq %%rsi, %%rax\n"
                         "xorq $3, %%rdx\n orq %%rdx, %%rax\n"
                         "xorq $4, %%r10\n orq %%r10, %%rax\n"
                         "xorq $5, %%r8\n orq %%r8, %%rax\n"
                         "xorq $6, %%r9\n orq %%r9, %%rax\n"
                         "xorq $8, %%r12\n orq %%r12, %%rax\n"
                         "xorq $9, %%r13\n orq %%r13, %%rax\n"
                         "xorq $10, %%r14\n orq %%r14, %%rax\n"
                         "xorq $11, %%r15\n orq %%r15, %%rax\n"
                         "movq %%xmm7, %%rcx\n xorq %%rbx, %%rcx\n orq %%rcx, %%rax\n"
                         "xorq $7, %%rbx\n orq %%rbx, %%rax\n"
                         : "=a"(lost)
                         :
                         : "rdi", "rsi", "rdx", "r10", "r8", "r9", "rbx", "r12", "r13", "r14",
                           "r15", "rcx", "r11", "xmm7", "memory", "cc");
        CHECK_EQ(lost, 0);
}

static void what_is_not_supported_says_so(void)
{
        errno = 0;
        CHECK_EQ(syscall(SYS_clone, 0, 0, 0, 0, 0), -1);
        CHECK_EQ(errno, ENOSYS);
        CHECK_EQ(syscall(SYS_open, "/nowhere", O_RDONLY), -1);
        CHECK_EQ(errno, ENOENT);
        CHECK_EQ(close(17), -1);
        CHECK_EQ(errno, EBADF);
}

static void the_node_is_known(void)
{
        struct utsname name;
        CHECK_EQ(uname(&name), 0);
        CHECK_EQ(strcmp(name.nodename, "n7"), 0);
        CHECK_EQ(strcmp(name.sysname, "Linux"), 0);
}

/* The first task has no seed: with RDRAND there are random bytes, without there is an error. */
static void random_bytes_differ_or_are_refused(void)
{
        uint64_t one = 0, two = 0;
        errno = 0;
        if (getrandom(&one, sizeof one, 0) == sizeof one) {
                CHECK_EQ(getrandom(&two, sizeof two, 0), sizeof two);
                CHECK(one != two && one && two);
        } else {
                CHECK_EQ(errno, ENOSYS);
                CHECK_EQ(getrandom(&one, sizeof one, GRND_NONBLOCK), -1);
                CHECK_EQ(errno, EAGAIN);
                CHECK_EQ(one, 0);
        }
}

static void descriptors_are_shared_by_dup(void)
{
        int file = open("/dev/null", O_WRONLY), copy = dup(file);
        CHECK(file >= 3 && copy > file);
        CHECK_EQ(close(file), 0);
        CHECK_EQ(write(copy, "x", 1), 1);
        CHECK_EQ(close(copy), 0);
        CHECK_EQ(close(copy), -1);
        CHECK_EQ(open("/dev/null", O_RDONLY), file);
        CHECK_EQ(close(file), 0);
}

/* Debian's archive: fortified, with the stack protector, and with vector instructions where the
 * processor has them. BLAKE2b-128 of "portolan", as b2sum -l 128 prints it. */
static void libsodium_works(void)
{
        static const uint8_t expected[16] = {0x96, 0xd9, 0xb2, 0xa1, 0xa7, 0x05, 0x44, 0x01,
                                             0x4d, 0x03, 0xe0, 0x44, 0x6a, 0xfc, 0x11, 0xc9};
        uint8_t hash[16], key[32] = {1}, nonce[12] = {2}, sealed[64], opened[48] = {0};
        unsigned long long length;
        if (getrandom(key, 1, 0) != 1)
                return; /* libsodium ends programs that have no source of randomness */
        CHECK(sodium_init() >= 0);
        crypto_generichash(hash, sizeof hash, (const uint8_t *)"portolan", 8, NULL, 0);
        CHECK_EQ(memcmp(hash, expected, sizeof hash), 0);
        crypto_aead_chacha20poly1305_ietf_encrypt(sealed, &length, opened, sizeof opened, NULL, 0,
                                                  NULL, nonce, key);
        CHECK_EQ(length, sizeof sealed);
        CHECK_EQ(crypto_aead_chacha20poly1305_ietf_decrypt(opened, &length, NULL, sealed,
                                                           sizeof sealed, NULL, 0, nonce, key),
                 0);
        sealed[5] ^= 1;
        CHECK(crypto_aead_chacha20poly1305_ietf_decrypt(opened, &length, NULL, sealed,
                                                        sizeof sealed, NULL, 0, nonce, key) != 0);
}

const struct test libc_tests[] = {
#define TEST(function)                                                                             \
        {                                                                                          \
#function, function                                                                \
        }
    TEST(malloc_gives_memory_and_takes_it_back),
    TEST(a_large_piece_costs_what_it_is_and_no_more_afterwards),
    TEST(too_much_is_refused_with_an_errno),
    TEST(pages_can_be_mapped_protected_and_unmapped),
    TEST(a_mapping_grows_with_its_content),
    TEST(the_break_moves_both_ways),
    TEST(text_is_formatted),
    TEST(time_goes_on_and_sleep_waits),
    TEST(a_system_call_keeps_registers_and_red_zone),
    TEST(what_is_not_supported_says_so),
    TEST(the_node_is_known),
    TEST(random_bytes_differ_or_are_refused),
    TEST(descriptors_are_shared_by_dup),
    TEST(libsodium_works),
    {0},
};
