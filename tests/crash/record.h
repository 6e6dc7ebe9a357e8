// The log of what happened below a directory: each change, each sync, and marks that tell what a client was promised,
// in the order in which they came about. recorder.cpp writes it, clients add their marks (clients.py does so by
// itself), replay.cpp reads it.
//
// A record is a head, in the machine's byte order, then the path, then the data. It is appended by one system call, so
// that several processes share one log.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace postern::crash {

enum class Kind : std::uint32_t {
    create = 1,     // an empty file
    make_directory, //
    write,          // `data` at octet `number`
    write_through,  // the same by a descriptor that was opened with O_DSYNC or O_SYNC
    resize,         // to `number` octets
    rename,         // from `path` to `data`
    remove,         // a file or an empty directory
    sync,           // fsync of a file or a directory
    sync_data,      // fdatasync
    sync_all,       // sync
    mark,           // client `path` knows that its part of the store is `data` (state.h)
};

// Paths are relative to the recorded directory, which itself is "".
struct Record {
    Kind kind{};
    std::string_view path{};
    std::uint64_t number = 0;
    std::string_view data{};
};

// Throws std::system_error.
void append(int log, Record const& record);

// The records of a whole log, which they refer to; throws std::runtime_error where it ends within one.
std::vector<Record> read_log(std::string_view log);

} // namespace postern::crash
