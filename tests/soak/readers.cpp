// Prints how many read transactions are open in the store of a running daemon: each holds the pages that it saw, and
// while it does, the file grows.
//
//     soak_readers DIRECTORY
#include "store/lmdb.h"

#include <lmdb.h>

#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <sstream>
#include <string>

int main(int count, char** words) {
    if (count != 2) return 2;
    try {
        // Read-only, and its own transaction is over once it is open.
        postern::store::Environment const environment(std::filesystem::path(words[1]) / "store", std::uint64_t{1} << 30,
                                                      {.read_only = true});
        std::string table;
        auto const add = [](char const* line, void* to) {
            *static_cast<std::string*>(to) += line;
            return 0;
        };
        if (mdb_reader_list(environment.handle(), add, &table) < 0) return 1;
        // A line a slot: process, thread, and the transaction's number, or "-" where none is open; and a heading.
        std::istringstream lines(table);
        int open = 0;
        for (std::string process, thread, transaction; lines >> process >> thread >> transaction;)
            if (transaction.front() >= '0' && transaction.front() <= '9') ++open;
        std::printf("%d\n", open);
        return 0;
    } catch (std::exception const& error) {
        std::fprintf(stderr, "soak_readers: %s\n", error.what());
        return 1;
    }
}
