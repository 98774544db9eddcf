/* What becomes of open files when there is another task for them: a child's, by fork, or the next
 * program's, by execve.
 *
 *      open file         child                           next program
 *      file, stream      the same right and offset       the same right and offset
 *      device            as it is                        as it is
 *      folder            as it is                        as it is (left.h), if there is a place
 *      current folder    as it is                        as it is, before all others
 *      local pipe        becomes a stream before (local_pipes_promote)
 *      eventfd, timerfd  lost: every use is ESTALE       as it is (left.h)
 *      epoll             lost                            as it is (left.h)
 *      locks, of fcntl   none                            as they are, but of files that close
 *
 * The next program has STARTUP_DESCRIPTORS places for what is open by a right or is a device; who
 * needs more cannot run it (EMFILE), but folders without a place are closed.
 *
 * A right that is dead is lost, too. */
#ifndef RT_LINUX_INHERIT_H
#define RT_LINUX_INHERIT_H

#include "servers/rt/linux/descriptors.h"

/* Grants all rights of open files to a task; their numbers there are kept for open_files_forked()
 * of its own copy. NO_MEMORY: its account has no more. Context: `files`. */
outcome_t open_files_grant(handle_t task);

/* In a child of fork: the open files are its own. Context: its one thread. */
void open_files_forked(void);

/* As a startup page calls it (enum descriptor_kind); -1: it does not go with another program. */
int descriptor_kind_of(const struct open_file *open);

/* What such a page calls its offset: of one that is shared, its token. */
uint64_t descriptor_offset_of(const struct open_file *open);

/* The first descriptor that does not close with execve and stands for the open file, which has
 * one. Context: `files`. */
int descriptor_first(const struct open_file *open);

/* Tells the process server of all descriptors that do not close with execve. Context: `files`. */
outcome_t descriptors_hand_on(handle_t server);

#endif
