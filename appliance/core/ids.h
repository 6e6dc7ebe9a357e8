// Strong ids: each kind of number is its own type, so that one cannot be passed where another is meant.
#pragma once

#include <cstdint>
#include <type_traits>

namespace postern::core {

enum class AccountId : std::uint32_t {};
enum class MailboxId : std::uint32_t {};
enum class MessageId : std::uint64_t {};   // a stored message, shared by every mailbox and queue row that refers to it
enum class BodyId : std::uint64_t {};      // the octets of a stored message
enum class QueueItemId : std::uint64_t {}; // one outside recipient of one message

enum class Uid : std::uint32_t {};         // RFC 3501 §2.3.1.1; 0 is never a UID
enum class UidValidity : std::uint32_t {}; // RFC 3501 §2.3.1.1
enum class ModSeq : std::uint64_t {};      // RFC 7162 §3.1; 63 bits, 0 is never a mod-sequence

// The number inside an id.
template <typename Id>
    requires std::is_enum_v<Id>
constexpr auto number(Id id) {
    return static_cast<std::underlying_type_t<Id>>(id);
}

template <typename Id>
    requires std::is_enum_v<Id>
constexpr Id next(Id id) {
    return static_cast<Id>(number(id) + 1);
}

} // namespace postern::core
