/* Files of the other node, as any program reads them: open, read and close of libc. */
#include <fcntl.h>
#include <unistd.h>
#include "servers/rt/task/log.h"
#include "servers/rt/task/time.h"
#include "tests/bench/portolan/rows.h"
#include "tests/bench/samples.h"

#define FILE_BIG   "/fs/big"
#define FILE_SMALL "/fs/small"

enum { SMALL_BYTES = 4096 };

static uint64_t samples[SAMPLES_MAX];
static char bytes[65536];

outcome_t row_file_seq(const struct bench *bench)
{
        (void)bench;
        uint64_t total = 0, begin = rt_now();
        ssize_t length;
        int file = open(FILE_BIG, O_RDONLY | O_CLOEXEC);
        if (file < 0)
                return not_executed(REASON_NOT_FOUND);
        while ((length = read(file, bytes, sizeof bytes)) > 0)
                total += (uint64_t)length;
        uint64_t took = rt_now() - begin;
        close(file);
        if (length < 0 || total == 0)
                return answered(REASON_NOT_FOUND);
        rt_log("bench file_bytes_s %llu", total * RT_SECOND / took);
        return OUTCOME_OK;
}

static bool small_read(void)
{
        int file = open(FILE_SMALL, O_RDONLY | O_CLOEXEC);
        bool good = file >= 0 && read(file, bytes, SMALL_BYTES) == SMALL_BYTES;
        return close(file) == 0 && good;
}

outcome_t row_file_open(const struct bench *bench)
{
        unsigned count = bench->count / 2;
        for (unsigned i = 0; i < SAMPLES_WARM_UP + count; i++) {
                uint64_t begin = rt_now();
                if (!small_read())
                        return answered(REASON_NOT_FOUND);
                if (i >= SAMPLES_WARM_UP)
                        samples[i - SAMPLES_WARM_UP] = rt_now() - begin;
        }
        samples_sort(samples, count);
        rt_log("bench file_open_ns %lu", sample_median(samples, count));
        return OUTCOME_OK;
}
