/* A node's bytes are put together to lines of at most KEYLOG_LINE; see secrets.h. */
#include "tools/switch/secrets.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "tools/switch/output.h"

void secrets_init(struct secrets *secrets, struct secrets_env env)
{
        *secrets = (struct secrets){.env = env, .fd = -1};
}

bool secrets_start(struct secrets *secrets, const char *path, struct problem *problem)
{
        assert(secrets->fd < 0);
        if (strlen(path) >= sizeof secrets->path)
                return problem_set(problem, "%.40s…: a path has at most %zu bytes; shorten it",
                                   path, sizeof secrets->path - 1);
        strcpy(secrets->path, path);
        secrets->fd = output_open(path, true, problem);
        return secrets->fd >= 0;
}

bool secrets_add_node(struct secrets *secrets, const char *name, struct problem *problem)
{
        char path[PORT_NAME_MAX + sizeof "/keylog"];
        assert(secrets->nodes < NODES_MAX);
        snprintf(path, sizeof path, "%s/keylog", name);
        int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
                return problem_set(problem, "%s: %s; make it first, with mode 0600", path,
                                   strerror(errno));
        secrets->node[secrets->nodes++] = (struct secrets_node){.fd = fd};
        return true;
}

/* A line that cannot be written whole is not written, nor is any behind it. */
static void line_write(struct secrets *secrets, const char *line, size_t length)
{
        off_t end = lseek(secrets->fd, 0, SEEK_END);
        ssize_t written = write(secrets->fd, line, length);
        if (written == (ssize_t)length)
                return;
        int error = written < 0 ? errno : ENOSPC;
        if (written > 0 && ftruncate(secrets->fd, end) < 0)
                error = errno;
        secrets->failed = true;
        secrets->env.failed(secrets->env.context, secrets->path, error);
}

static void line_take(struct secrets *secrets, struct secrets_node *node)
{
        struct keylog_session session;
        assert(node->used < sizeof node->line);
        bool good = keylog_read(node->line, node->used, &session);
        node->line[node->used++] = '\n';
        if (good && !secrets->failed)
                line_write(secrets, node->line, node->used);
        if (good)
                secrets->env.line(secrets->env.context, node->line, node->used);
        node->used = 0;
}

/* What is as long as the room is no line of a key log, however it goes on. */
static void byte_take(struct secrets *secrets, struct secrets_node *node, char byte)
{
        if (byte == '\n')
                line_take(secrets, node);
        else if (node->used + 1 < sizeof node->line)
                node->line[node->used++] = byte;
}

void secrets_take(struct secrets *secrets, unsigned node)
{
        char bytes[4096];
        ssize_t count;
        if (node >= secrets->nodes)
                return;
        while ((count = read(secrets->node[node].fd, bytes, sizeof bytes)) > 0)
                for (ssize_t i = 0; i < count; i++)
                        byte_take(secrets, &secrets->node[node], bytes[i]);
}

void secrets_stop(struct secrets *secrets)
{
        for (unsigned i = 0; i < secrets->nodes; i++) {
                secrets_take(secrets, i);
                close(secrets->node[i].fd);
        }
        secrets->nodes = 0;
        if (secrets->fd >= 0)
                close(secrets->fd);
        secrets->fd = -1;
}
