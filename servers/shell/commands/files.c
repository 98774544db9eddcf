/* Commands about the contents of files: cat, sum, write. */
#include <stdlib.h>
#include <string.h>

#include "servers/proto/file.h"
#include "servers/proto/files.h"
#include "servers/shell/commands/binding.h"
#include "servers/shell/commands/command.h"

/* After the others: it includes limits.h, which defines PAGE_SIZE as a macro. */
#include <sodium/crypto_hash_sha256.h>

/* Gets a file's bytes, piece by piece. */
typedef void take_function(void *context, const void *bytes, size_t length);

/* The file as it is when it is opened: what is appended meanwhile is not waited for. */
static outcome_t read_all(const char *path, take_function *take, void *context)
{
        struct reader reader;
        handle_t file;
        uint64_t offset = 0;
        size_t length = 0;
        void *buffer = malloc(FS_CHUNK_MAX);
        if (!buffer)
                return not_executed(REASON_NO_MEMORY);
        outcome_t outcome = path_open_reader(path, &reader, &file);
        uint64_t size = reader.size;
        while (outcome == OUTCOME_OK && offset < size) {
                uint64_t part = size - offset < FS_CHUNK_MAX ? size - offset : FS_CHUNK_MAX;
                outcome = reader_read(&reader, file, offset, buffer, part, &length);
                if (outcome != OUTCOME_OK || length == 0)
                        break;
                take(context, buffer, length);
                offset += length;
        }
        reader_close(&reader);
        if (file)
                sys_handle_close(file);
        free(buffer);
        return outcome;
}

/* ---- cat ---- */

static void show(void *context, const void *bytes, size_t length)
{
        job_write(context, bytes, length);
}

static int cat(struct job *job, int count, char **arguments)
{
        int status = STATUS_OK;
        for (int i = 1; i < count; i++) {
                outcome_t outcome = read_all(arguments[i], show, job);
                if (outcome != OUTCOME_OK)
                        status = path_fail(job, arguments[i], outcome);
        }
        return status;
}

/* ---- sum ---- */

static void hash(void *context, const void *bytes, size_t length)
{
        crypto_hash_sha256_update(context, bytes, length);
}

/* As sha256sum of GNU coreutils prints it: a name with a backslash or a line's end in it is
 * escaped, which a backslash in front of the line says. */
static void sum_print(struct job *job, const unsigned char *digest, const char *name)
{
        if (strpbrk(name, "\\\n\r"))
                job_write(job, "\\", 1);
        for (size_t i = 0; i < crypto_hash_sha256_BYTES; i++)
                job_print(job, "%02x", digest[i]);
        job_write(job, "  ", 2);
        for (; *name; name++) {
                if (*name == '\\')
                        job_write(job, "\\\\", 2);
                else if (*name == '\n')
                        job_write(job, "\\n", 2);
                else if (*name == '\r')
                        job_write(job, "\\r", 2);
                else
                        job_write(job, name, 1);
        }
        job_write(job, "\n", 1);
}

static int sum(struct job *job, int count, char **arguments)
{
        int status = STATUS_OK;
        for (int i = 1; i < count; i++) {
                crypto_hash_sha256_state state;
                unsigned char digest[crypto_hash_sha256_BYTES];
                crypto_hash_sha256_init(&state);
                outcome_t outcome = read_all(arguments[i], hash, &state);
                crypto_hash_sha256_final(&state, digest);
                if (outcome == OUTCOME_OK)
                        sum_print(job, digest, arguments[i]);
                else
                        status = path_fail(job, arguments[i], outcome);
        }
        return status;
}

/* ---- write ---- */

/* Joins the words from `first` on with blanks and ends them with a newline; nothing if there are no
 * words. */
static size_t join(char *text, int first, int count, char **words)
{
        size_t length = 0;
        for (int i = first; i < count; i++) {
                size_t word = strlen(words[i]);
                memcpy(text + length, words[i], word);
                length += word;
                text[length++] = i + 1 < count ? ' ' : '\n';
        }
        return length;
}

static int write_command(struct job *job, int count, char **arguments)
{
        char text[2 * SHELL_LINE_MAX];
        handle_t file;
        uint64_t written, size;
        size_t length = join(text, 2, count, arguments);
        outcome_t outcome = path_open(
            arguments[1], FS_OPEN_WRITE | FS_OPEN_CREATE | FS_OPEN_TRUNCATE, &file, &size);
        if (outcome == OUTCOME_OK && length > 0)
                outcome = file_write(file, RT_DEADLINE, 0, text, length, &written);
        if (file)
                sys_handle_close(file);
        return outcome == OUTCOME_OK ? STATUS_OK : path_fail(job, arguments[1], outcome);
}

const struct command file_commands[] = {
    {"cat", "FILE...", "shows the contents of files", 1, -1, cat},
    {"sum", "FILE...",
     "prints the SHA-256 of files\n"
     "The output is that of sha256sum: the digest in hexadecimal, two blanks, the name.",
     1, -1, sum},
    {"write", "FILE [TEXT...]",
     "writes a line of text to a file\n"
     "The file is made if it is not there, and loses what it had before. Without TEXT it is empty.",
     1, -1, write_command},
    {0},
};
