// A SEARCH under way: looks at messages in slices, each in a transaction of its own, so that none lasts long however
// large the mailbox and its messages are. What is expunged in the meantime is not found.
#pragma once

#include "core/uid_set.h"
#include "imap/search_condition.h"
#include "imap/text_scan.h"
#include "store/message_reader.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace postern::imap {

// What one transaction may cost, so that none takes long, and how much of that is left.
struct Slice {
    std::size_t messages = 10'000; // looked at
    std::uint64_t octets = 2 * 1024 * 1024;

    [[nodiscard]] bool used_up() const { return messages == 0 || octets == 0; }
};

class SearchRun {
public:
    // Among `uids`. `offset` is that of local time, whose days INTERNALDATE is compared by.
    // `visit`, if set, is called with each message that is found, within the transaction.
    using Visit = std::function<void(store::Uid uid, store::MessageView const& message)>;
    SearchRun(std::shared_ptr<SearchProgram const> program, store::MailboxId mailbox, core::UidSet uids,
              core::UidSet recent, std::function<std::chrono::minutes(core::WallTime)> offset, Visit visit = {});

    // What the slice has room for, on any one thread at a time; whether all is done.
    [[nodiscard]] store::Result<bool> step(store::ReadTransaction const& transaction, Slice& slice);
    [[nodiscard]] store::Result<bool> step(store::ReadTransaction const& transaction) {
        Slice slice;
        return step(transaction, slice);
    }
    // How many messages are still to be looked at, between steps.
    [[nodiscard]] std::uint64_t left() const { return left_.size(); }

    struct Found {
        core::Uid uid;
        core::ModSeq modseq;
    };
    // Ascending.
    [[nodiscard]] std::vector<Found> const& found() const { return found_; }

private:
    class Subject;

    bool look_at(store::MessageReader& reader, Subject& subject, std::uint64_t& octets);

    std::shared_ptr<SearchProgram const> program_;
    store::MailboxId mailbox_;
    core::UidSet left_; // still to be looked at
    core::UidSet recent_;
    std::function<std::chrono::minutes(core::WallTime)> offset_;
    Visit visit_;
    std::unique_ptr<TextScan> scan_; // of the first of left_, if its text was begun
    core::Uid scanned_{};
    std::vector<Found> found_;
};

} // namespace postern::imap
