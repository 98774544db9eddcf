/* NFS version 3 over TCP, the kernel's server and client, without the daemons and tools that come
 * with them:
 *
 *      rpcbind          a process that agrees to everything: the kernel registers its services
 *      exportfs         what the kernel would ask mountd, written into its caches (nfsd.export …)
 *      mountd           the root's file handle goes to the client over a connection of our own
 *      mount.nfs        mount(2) with struct nfs_mount_data (<linux/nfs_mount.h>)
 *
 * The files are in a tmpfs. The client forgets what it has cached before it reads a file whole. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <linux/nfs_mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "tests/bench/linux/guest.h"
#include "tests/bench/samples.h"

#define FOLDER   "/srv"
#define MOUNTED  "/mnt"
#define NFSD     "/proc/fs/nfsd"
#define FOR_EVER "2000000000"
#define CLIENTS  "bench"
/* Read-only, any port, no subtree checks, with a number: NFSEXP_… of the kernel. */
#define EXPORT_FLAGS "9219"

enum { SMALL_BYTES = 4096, HANDLE_MAX = 64, SECOND = 1000000000 };

static char bytes[1 << 16];
static uint64_t samples[SAMPLES_MAX];

static void text_write(const char *path, const char *text)
{
        int file = open(path, O_WRONLY | O_CLOEXEC);
        if (file < 0 || write(file, text, strlen(text)) != (ssize_t)strlen(text))
                fail(path);
        close(file);
}

/* ---- the server ---- */

static void file_make(const char *path, size_t length)
{
        int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
        if (file < 0)
                fail(path);
        for (size_t made = 0; made < length;) {
                size_t part = length - made < sizeof bytes ? length - made : sizeof bytes;
                bytes_write(file, bytes, part);
                made += part;
        }
        close(file);
}

/* An answer of ONC RPC (RFC 5531): accepted, done, and, but for the null procedure, TRUE. */
static void call_agree(int connection)
{
        uint32_t call[128], mark;
        while (read(connection, &mark, sizeof mark) == sizeof mark) {
                size_t length = ntohl(mark) & 0x7fffffff;
                if (length < 6 * sizeof call[0] || length > sizeof call)
                        break;
                bytes_read(connection, call, length);
                bool result = call[5] != 0;
                uint32_t answer[8] = {htonl(0x80000000u | (result ? 28 : 24)),
                                      call[0],
                                      htonl(1), /* an answer */
                                      0,        /* accepted */
                                      0,        /* no verifier … */
                                      0,        /* … of no bytes */
                                      0,        /* done */
                                      htonl(1)};
                bytes_write(connection, answer, result ? 32 : 28);
        }
        close(connection);
}

static void rpcbind_serve(int service)
{
        for (;;) {
                int connection = accept(service, NULL, NULL);
                if (connection >= 0 && fork() == 0) {
                        call_agree(connection);
                        _exit(0);
                }
                close(connection);
        }
}

static void rpcbind_start(void)
{
        struct sockaddr_un own = {.sun_family = AF_UNIX, .sun_path = "/var/run/rpcbind.sock"};
        int service = socket(AF_UNIX, SOCK_STREAM, 0);
        mkdir("/var", 0755);
        mkdir("/var/run", 0755);
        if (bind(service, (struct sockaddr *)&own, sizeof own) != 0 || listen(service, 16) != 0)
                fail("rpcbind");
        if (fork() == 0)
                rpcbind_serve(service);
        close(service);
}

static void caches_fill(const char *client)
{
        char line[256];
        snprintf(line, sizeof line, "nfsd %s " FOR_EVER " " CLIENTS "\n", client);
        text_write("/proc/net/rpc/auth.unix.ip/channel", line);
        text_write("/proc/net/rpc/nfsd.export/channel",
                   CLIENTS " " FOLDER " " FOR_EVER " " EXPORT_FLAGS " 65534 65534 0\n");
        text_write("/proc/net/rpc/nfsd.fh/channel",
                   CLIENTS " 1 \\x00000000 " FOR_EVER " " FOLDER "\n");
}

/* The kernel's answer: `\x` and hexadecimal digits. */
static size_t handle_read(uint8_t handle[HANDLE_MAX])
{
        char text[3 * HANDLE_MAX] = {0};
        static const char question[] = CLIENTS " " FOLDER " 64\n";
        int file = open(NFSD "/filehandle", O_RDWR | O_CLOEXEC);
        if (file < 0 || write(file, question, sizeof question - 1) < 0 ||
            read(file, text, sizeof text - 1) < 4)
                fail("the root's file handle");
        close(file);
        size_t length = 0;
        for (unsigned byte;
             length < HANDLE_MAX && sscanf(text + 2 + 2 * length, "%2x", &byte) == 1;)
                handle[length++] = (uint8_t)byte;
        return length;
}

static void handle_serve(void)
{
        uint8_t handle[1 + HANDLE_MAX];
        int service = tcp_listen(PORT_HANDLE);
        handle[0] = (uint8_t)handle_read(handle + 1);
        for (;;) {
                int connection = tcp_accept(service);
                bytes_write(connection, handle, 1u + handle[0]);
                close(connection);
        }
}

void nfs_serve(const struct guest *guest)
{
        file_make(FOLDER "/big", BULK_BYTES);
        file_make(FOLDER "/small", SMALL_BYTES);
        rpcbind_start();
        if (mount("nfsd", NFSD, "nfsd", 0, NULL) != 0)
                fail(NFSD);
        text_write(NFSD "/versions", "-4 +3\n");
        text_write(NFSD "/max_block_size", "1048576\n");
        text_write(NFSD "/portlist", "tcp 2049\n");
        text_write(NFSD "/threads", "8\n");
        caches_fill(guest->peer);
        if (fork() == 0)
                handle_serve();
}

/* ---- the client ---- */

/* What is known of a file holds as long as mount.nfs lets it: nfs(5), acregmin and the like. */
static void folder_mount(const struct guest *guest)
{
        static bool mounted;
        struct nfs_mount_data data = {
            .version = NFS_MOUNT_VERSION,
            .flags = NFS_MOUNT_TCP | NFS_MOUNT_VER3 | NFS_MOUNT_NONLM,
            .acregmin = 3,
            .acregmax = 60,
            .acdirmin = 30,
            .acdirmax = 60,
            .addr = {.sin_family = AF_INET, .sin_port = htons(NFS_PORT)},
        };
        uint8_t length;
        if (mounted)
                return;
        int connection = tcp_connect(guest, PORT_HANDLE);
        bytes_read(connection, &length, 1);
        data.root.size = length;
        bytes_read(connection, data.root.data, length);
        close(connection);
        inet_pton(AF_INET, guest->peer, &data.addr.sin_addr);
        snprintf(data.hostname, sizeof data.hostname, "%s", guest->peer);
        mkdir(MOUNTED, 0755);
        if (mount("peer:" FOLDER, MOUNTED, "nfs", MS_RDONLY, &data) != 0)
                fail("mount");
        mounted = true;
}

void row_nfs_seq(const struct guest *guest)
{
        uint64_t total = 0;
        ssize_t length;
        folder_mount(guest);
        text_write("/proc/sys/vm/drop_caches", "3\n");
        uint64_t begin = now_ns();
        int file = open(MOUNTED "/big", O_RDONLY | O_CLOEXEC);
        while ((length = read(file, bytes, sizeof bytes)) > 0)
                total += (uint64_t)length;
        uint64_t took = now_ns() - begin;
        close(file);
        if (total != BULK_BYTES)
                fail("nfs_seq");
        printf("bench nfs_bytes_s %lu\n", total * SECOND / took);
}

void row_nfs_open(const struct guest *guest)
{
        unsigned count = guest->count / 2;
        folder_mount(guest);
        for (unsigned i = 0; i < SAMPLES_WARM_UP + count; i++) {
                uint64_t begin = now_ns();
                int file = open(MOUNTED "/small", O_RDONLY | O_CLOEXEC);
                if (file < 0 || read(file, bytes, SMALL_BYTES) != SMALL_BYTES || close(file) != 0)
                        fail("nfs_open");
                if (i >= SAMPLES_WARM_UP)
                        samples[i - SAMPLES_WARM_UP] = now_ns() - begin;
        }
        samples_sort(samples, count);
        printf("bench nfs_open_ns %lu\n", sample_median(samples, count));
}
