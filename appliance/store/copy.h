// A copy of a store that is in use, as of one instant (copy_format.h), made without keeping anybody waiting: all rows
// but those of messages are read in one short transaction and put aside in a file without a name; what a message is
// never changes, so that records and bodies follow afterwards, in slices, while their erasure is held off
// (Store::hold_bodies). What had no mailbox and no queue row any more, or was still arriving, is not in it. Memory: a
// piece, and eight octets for each message that waits to be erased.
#pragma once

#include "store/copy_format.h"
#include "store/file.h"
#include "store/store.h"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace postern::store {

class Copy {
public:
    static constexpr std::size_t piece_octets = std::size_t{1} << 20; // and one row more

    // `beside`: files that go with it. In `directory` there must be room for what is put aside. Blocks; on any thread
    // but the writer's. Throws std::system_error, std::length_error. Errors, here and below: what a read can fail
    // with; full, where what is deleted had to be erased for new mail.
    static Result<Copy> begin(Store& store, std::filesystem::path const& directory, CopyHead const& head,
                              std::span<CopiedFile const> beside);

    // Octets that follow; empty at the end. One call at a time.
    Result<std::string> next();

private:
    Copy(Store& store, File aside, BodyHold hold) : store_(&store), aside_(std::move(aside)), hold_(std::move(hold)) {}
    Result<bool> put_rest_aside(ReadTransaction const& transaction, std::function<void(std::string&)> const& flush,
                                std::string& out);
    Result<bool> copy_messages(ReadTransaction const& transaction, std::string& out);

    Store* store_;
    File aside_;
    BodyHold hold_;
    CopyWriter writer_;
    std::uint64_t read_ = 0, put_aside_ = 0; // octets of what is aside
    std::vector<std::uint64_t> left_out_;    // messages, sorted
    std::uint64_t end_ = 0;                  // of the messages' numbers
    std::string last_;                       // the key of the last row of a message
    bool messages_done_ = false, ended_ = false;
};

} // namespace postern::store
