// A store made of the rows of a copy (copy_format.h), in a directory where there is none; nobody else has it open.
// Rows are believed only as far as LMDB takes them: whoever uses the store has it checked first (check.h).
#pragma once

#include "store/error.h"
#include "store/records.h"

#include <cstdint>
#include <expected>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace postern::store {

// What is done to a store that goes on where another ended, some time before.
struct Continuation {
    WallTime now{};
    bool hold_queue = true; // what waited may have left meanwhile: it waits for an administrator
};

class Load {
public:
    // Makes DIRECTORY/store. `octets`: of the address space. Throws Failure, std::system_error.
    Load(std::filesystem::path const& directory, std::uint64_t octets);
    ~Load();
    Load(Load const&) = delete;
    Load& operator=(Load const&) = delete;

    // The error is a sentence's end: "it was written by...". Throws Failure where LMDB does not take it.
    [[nodiscard]] std::expected<void, std::string> put_row(std::string_view table, std::string_view key,
                                                           std::string_view value);
    // All of it is on flash. Throws Failure.
    void finish();
    // The same, and the store goes on from here: mailboxes give out UIDs and mod-sequences only that their clients
    // cannot have seen after the copy was made, and their clients compare everything. How many queue items are held.
    [[nodiscard]] std::uint64_t finish(Continuation const& continuation);

private:
    struct Inner;
    std::unique_ptr<Inner> inner_;
};

} // namespace postern::store
