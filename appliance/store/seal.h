// A commit of one flush. LMDB would flush twice: the pages that a commit writes, and then the meta page that makes them
// count. On flash a flush is most of what a small commit costs.
//
// LMDB has two meta pages, which take turns. Before a commit writes to one, its pages and a seal are flushed together:
// the seal stands in the other meta page, behind what LMDB keeps there, and holds what the meta page will say, which
// pages were written, and what their octets sum up to. Then the meta page itself is written, for LMDB and its readers,
// and goes to flash with the next flush. A power cut may leave its old content there; then finish_commit() puts it in
// place, if the seal holds. If it does not, the flush was not done, nobody was told of the commit, and it does not
// count.
//
// What the meta pages on flash lead to stays whole meanwhile: LMDB writes to no page that the last snapshot leads to,
// and uses one that a transaction frees in the next but one at the earliest (mdb_page_alloc, as for MDB_NOMETASYNC).
//
// A commit in more pieces than a seal can name, or that had to write pages before its end, is flushed twice.
#pragma once

#include <lmdb_writes.h>

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

namespace postern::store {

// Pages that lie side by side.
struct SealedRun {
    std::uint32_t page = 0;
    std::uint32_t count = 0;
    std::uint32_t sum = 0; // CRC-32C of their octets
};

// What writes an environment's file, which is opened with MDB_NOSYNC. Used by whoever has the write transaction.
class Sealing : public postern_lmdb_writes {
public:
    explicit Sealing(std::uint64_t page_size);
    Sealing(Sealing const&) = delete;
    Sealing& operator=(Sealing const&) = delete;

    // A write transaction of this thread begins, its commit does, it is over.
    void begin();
    void begin_commit() { committing_ = true; }
    void end();

private:
    ssize_t write_pages(int file, iovec const* pieces, int count, std::uint64_t at);
    ssize_t write_meta(int file, std::string_view octets, std::uint64_t at);
    void note(iovec const* pieces, int count, std::uint64_t at, std::uint64_t size);

    std::uint64_t const page_size_;
    bool committing_ = false;
    bool flush_first_ = false; // there is more than the seal can tell
    bool refused_ = false;     // the commit failed
    std::vector<SealedRun> runs_;
};

// Before the file is opened, with nobody else at it: puts the newest commit in place if a power cut left only its seal.
// Whether it did. Throws Failure where the disk does not let it. A damaged file it leaves alone.
bool finish_commit(std::filesystem::path const& data_file);

} // namespace postern::store
