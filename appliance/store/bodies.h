// Bodies: the octets of messages, kept once whatever the number of mailboxes, in chunks that each carry a checksum.
// A body that no message refers to is garbage: one that is being spooled stays until it is used or discarded, or until
// the store is opened again; one that lost its message is erased soon, but not while a BodyPin holds it.
#pragma once

#include "store/error.h"
#include "store/records.h"
#include "store/transaction.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace postern::store {

// Octets of message in one chunk. With its checksum and LMDB's page header it fills eight pages of 4,096 exactly.
constexpr std::size_t body_chunk_size = 8 * 4096 - 16 - 4;

// For a large message that is written while it arrives. Errors: full.
Result<BodyId> begin_body(WriteTransaction& transaction);

// At the end of a body that begin_body made and no message took yet; pieces of any length, multiples of
// body_chunk_size cost least. Errors: no_such_message, full.
Result<void> append_body(WriteTransaction& transaction, BodyId body, std::string_view octets);

// Errors: no_such_message (it is not there, or a message took it).
Result<void> discard_body(WriteTransaction& transaction, BodyId body);

// Octets from `offset` on, fewer than `length` only at the end. Errors: no_such_message; damaged, when a checksum of
// what is read does not hold.
Result<std::string> read_body(ReadTransaction const& transaction, BodyId body, std::uint64_t offset,
                              std::uint64_t length);

} // namespace postern::store
