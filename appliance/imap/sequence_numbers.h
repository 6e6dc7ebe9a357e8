// Message sequence numbers (RFC 3501 §2.3.1.2): the messages of a mailbox as one session was told of them, numbered
// from one in the order of their UIDs. Kept as ranges, so that a mailbox of 100,000 without gaps costs as much as one
// of ten. Pure; one thread.
#pragma once

#include "core/uid_set.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace postern::imap {

class SequenceNumbers {
public:
    SequenceNumbers() = default;
    explicit SequenceNumbers(core::UidSet uids);

    [[nodiscard]] std::uint32_t size() const { return size_; }
    [[nodiscard]] core::UidSet const& uids() const { return uids_; }

    // The largest UID there is.
    [[nodiscard]] std::optional<core::Uid> last() const;
    // The number that this UID has.
    [[nodiscard]] std::optional<std::uint32_t> number(core::Uid uid) const;

    // The UID that has this number.
    [[nodiscard]] std::optional<core::Uid> uid(std::uint32_t number) const;

    // The UIDs of these numbers; numbers beyond size() are passed over.
    [[nodiscard]] core::UidSet uids_of(core::UidSet const& numbers) const;
    // The numbers of these UIDs; UIDs that are not there are passed over.
    [[nodiscard]] core::UidSet numbers_of(core::UidSet const& uids) const;

    void add(core::UidSet const& uids);
    void remove(core::UidSet const& uids);

private:
    void count();

    core::UidSet uids_;
    std::vector<std::uint32_t> before_; // for each range of uids_, how many UIDs come before it
    std::uint32_t size_ = 0;
};

// What is in both.
[[nodiscard]] core::UidSet common(core::UidSet const& left, core::UidSet const& right);

} // namespace postern::imap
