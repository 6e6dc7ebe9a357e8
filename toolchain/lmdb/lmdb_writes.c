#include "lmdb_writes.h"

#include <unistd.h>

static _Thread_local struct postern_lmdb_writes *taker;

void postern_lmdb_take_writes(struct postern_lmdb_writes *by) { taker = by; }

ssize_t postern_lmdb_pwritev(int file, struct iovec const *pieces, int count, off_t at) {
    return taker ? taker->write(taker, file, pieces, count, at) : pwritev(file, pieces, count, at);
}

ssize_t postern_lmdb_pwrite(int file, void const *octets, size_t size, off_t at) {
    struct iovec const piece = {(void *)octets, size};
    return postern_lmdb_pwritev(file, &piece, 1, at);
}
