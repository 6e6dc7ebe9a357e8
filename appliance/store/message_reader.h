// Many messages and their bodies in one transaction. Each is looked for from the last one on, which is quick where
// their numbers ascend, as those of a mailbox mostly do, and where a body is read right after its message was found.
#pragma once

#include "store/error.h"
#include "store/messages.h"
#include "store/records.h"
#include "store/transaction.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace postern::store {

class Cursor;

// On one thread, within one transaction.
class MessageReader {
public:
    explicit MessageReader(ReadTransaction const& transaction);
    ~MessageReader();

    // Nothing if it is not there, or is damaged, which is logged.
    [[nodiscard]] std::optional<MessageView> find(MessageId message);

    // Appends octets of its body from `offset` on, fewer than `length` only at the end. Errors: damaged, when
    // octets cannot be read or their checksum does not hold; then octets may have been appended all the same.
    [[nodiscard]] Result<void> read_body(MessageView const& message, std::uint64_t offset, std::uint64_t length,
                                         std::string& into);

private:
    std::unique_ptr<Cursor> cursor_;
};

} // namespace postern::store
