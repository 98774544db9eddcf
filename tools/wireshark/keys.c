/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Key logs, read into maps; see keys.h. */
#include "tools/wireshark/keys.h"
#include "tools/wireshark/map.h"
#include "tools/wireshark/secrets.h"

#include <glib/gstdio.h>

const char *keys_file = "";

/* What the file was when it was read. */
struct seen {
        gint64 size, changed;
        guint64 node;
};

static struct {
        wmem_map_t *handshakes; /* first bytes of the ephemeral key → struct key */
        wmem_map_t *indices[2]; /* index → struct key, the newest */
        unsigned count;
        struct seen seen;
        bool unreadable; /* the file that was named */
} known;

/* An ephemeral key is random where nobody plays with it; where somebody does, he loses his
 * session. */
static guint64 handshake_key(const uint8_t ephemeral[NOISE_KEY])
{
        guint64 key;
        memcpy(&key, ephemeral, sizeof(key));
        return key;
}

static const struct key *find(const uint8_t ephemeral[NOISE_KEY])
{
        const struct key *key = map_get(known.handshakes, handshake_key(ephemeral));
        return key && memcmp(key->session.ephemeral, ephemeral, NOISE_KEY) == 0 ? key : NULL;
}

/* A session that is known already, as from a file and a block, or a file that is read again, is the
 * same once more. */
static void session_add(const struct keylog_session *session)
{
        if (find(session->ephemeral))
                return;
        guint32 index[] = {session->initiator_index, session->responder_index};
        struct key *key = wmem_new0(wmem_file_scope(), struct key);
        key->session = *session;
        for (unsigned role = 0; role < 2; role++) {
                key->next[role] = map_get(known.indices[role], index[role]);
                map_put(known.indices[role], index[role], key);
        }
        map_put(known.handshakes, handshake_key(session->ephemeral), key);
        known.count++;
}

static void text_read(const void *text, size_t length)
{
        const char *line = text, *end = line + length;
        while (line < end) {
                const char *feed = memchr(line, '\n', (size_t)(end - line));
                size_t size = (size_t)((feed ? feed : end) - line);
                struct keylog_session session;
                if (keylog_read(line, size, &session))
                        session_add(&session);
                line += size + 1;
        }
}

static const char *file_name(void)
{
        const char *given = g_getenv("PORTOLAN_KEYLOG");
        return *keys_file ? keys_file : given ? given : "";
}

/* Reads the file, unless it is as it was. */
static void file_read(void)
{
        GStatBuf status;
        char *text;
        gsize length;
        const char *name = file_name();
        if (!*name)
                return;
        known.unreadable = g_stat(name, &status) != 0;
        struct seen now = {status.st_size, status.st_mtime, status.st_ino};
        if (known.unreadable || (now.size == known.seen.size && now.node == known.seen.node &&
                                 now.changed == known.seen.changed))
                return;
        known.seen = now;
        known.unreadable =
            !S_ISREG(status.st_mode) || !g_file_get_contents(name, &text, &length, NULL);
        if (known.unreadable)
                return;
        text_read(text, length);
        g_free(text);
}

void keys_reset(void)
{
        memset(&known, 0, sizeof(known));
        known.handshakes = map_new();
        known.indices[0] = map_new();
        known.indices[1] = map_new();
        secrets_read(text_read);
        file_read();
}

const struct key *keys_of_handshake(const uint8_t ephemeral[NOISE_KEY])
{
        if (!find(ephemeral))
                file_read();
        return find(ephemeral);
}

const struct key *keys_of_index(unsigned role, guint32 index)
{
        if (!map_get(known.indices[role], index))
                file_read();
        return map_get(known.indices[role], index);
}

const char *keys_missing(void)
{
        if (known.unreadable)
                return "no key: the key log that the preference keylog_file or PORTOLAN_KEYLOG "
                       "names cannot "
                       "be read";
        return known.count
                   ? "no key: neither the key log nor the capture has this session's"
                   : "no key: name a key log by the preference keylog_file or PORTOLAN_KEYLOG";
}
