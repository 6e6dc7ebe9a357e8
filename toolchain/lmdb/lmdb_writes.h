/* LMDB writes its data file with pwrite(2) and pwritev(2). Here somebody takes these over: store/seal.h says what for. */
#ifndef POSTERN_LMDB_WRITES_H
#define POSTERN_LMDB_WRITES_H

#include <sys/types.h>
#include <sys/uio.h>

#ifdef __cplusplus
extern "C" {
#endif

struct postern_lmdb_writes {
    /* As pwritev(2), and in its place. */
    ssize_t (*write)(struct postern_lmdb_writes *self, int file, struct iovec const *pieces, int count, off_t at);
};

/* Who takes over what this thread has LMDB write from now on; it is not owned. Null, as in the beginning: nobody. */
void postern_lmdb_take_writes(struct postern_lmdb_writes *taker);

#ifdef __cplusplus
}
#endif

#endif
