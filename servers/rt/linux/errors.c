/* From outcomes to errno. */
#include <errno.h>

#include "servers/rt/linux/linux.h"

int64_t file_error(outcome_t outcome)
{
        return outcome_reason(outcome) == REASON_RECEIVER_DIED ? -ESTALE : linux_error(outcome);
}

int64_t write_error(outcome_t outcome)
{
        if (outcome_class(outcome) == OUTCOME_PERHAPS_EXECUTED &&
            outcome_reason(outcome) == REASON_RECEIVER_DIED)
                return -EIO;
        return outcome_reason(outcome) == REASON_INVALID ? -EFBIG : file_error(outcome);
}

int64_t linux_error(outcome_t outcome)
{
        static const uint8_t errors[] = {
            [REASON_DEADLINE] = ETIMEDOUT,
            [REASON_CANCELLED] = ECANCELED,
            [REASON_RECEIVER_DIED] = EPIPE,
            [REASON_NODE_DIED] = EHOSTDOWN,
            [REASON_LINK_LOST] = EHOSTUNREACH,
            [REASON_NODE_RESTARTED] = ESTALE,
            [REASON_REVOKED] = EACCES,
            [REASON_OVERLOADED] = EAGAIN,
            [REASON_REFUSED] = EACCES,
            [REASON_MALFORMED] = EINVAL,
            [REASON_FAULT] = EFAULT,
            [REASON_NO_MEMORY] = ENOMEM,
            [REASON_BAD_HANDLE] = EBADF,
            [REASON_WRONG_TYPE] = EINVAL,
            [REASON_TOO_LONG] = EMSGSIZE,
            [REASON_BUSY] = EBUSY,
            [REASON_NO_SYSCALL] = ENOSYS,
            [REASON_NOT_FOUND] = ENOENT,
            [REASON_EXISTS] = EEXIST,
            [REASON_NOT_DIRECTORY] = ENOTDIR,
            [REASON_IS_DIRECTORY] = EISDIR,
            [REASON_NOT_EMPTY] = ENOTEMPTY,
            [REASON_NO_SPACE] = ENOSPC,
            [REASON_NO_METHOD] = EOPNOTSUPP,
            [REASON_INVALID] = EINVAL,
            [REASON_IO] = EIO,
            [REASON_NAME_TOO_LONG] = ENAMETOOLONG,
            [REASON_LINK_LOOP] = ELOOP,
            [REASON_READ_ONLY] = EROFS,
            [REASON_NOT_RUNNING] = ECONNREFUSED,
            [REASON_STALE] = ESTALE,
            [REASON_RUNNING] = EALREADY,
        };
        unsigned reason = outcome_reason(outcome);
        if (outcome == OUTCOME_OK)
                return 0;
        if (reason >= sizeof errors || !errors[reason])
                return -EIO;
        return -(int64_t)errors[reason];
}
