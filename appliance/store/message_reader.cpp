#include "store/message_reader.h"

#include "core/log.h"
#include "store/rows.h"

namespace postern::store {

namespace {

// What is damaged costs one message; of anything else it is no use to go on.
void tell_if_damaged(Failure const& failure) {
    if (failure.error() != StoreError::damaged) throw;
    core::log(core::Event::store_damaged, {{"what", failure.what()}});
}

} // namespace

MessageReader::MessageReader(ReadTransaction const& transaction)
    : cursor_(std::make_unique<Cursor>(transaction, Table::message)) {}

MessageReader::~MessageReader() = default;

std::optional<MessageView> MessageReader::find(MessageId message) {
    try {
        std::string const key = message_key(message, 0);
        // Most often it is the next one, behind the few chunks of the last one: a step there looks at one key, a search
        // at several, and that much more memory.
        constexpr int steps = 3;
        for (int step = 0; step < steps && cursor_->next_key() && cursor_->key() <= key; ++step) {
            if (cursor_->key() != key) continue;
            cursor_->read_value();
            return decode_message_row(message, cursor_->value());
        }
        if (!cursor_->seek(key) || cursor_->key() != key) return std::nullopt;
        return decode_message_row(message, cursor_->value());
    } catch (Failure const& failure) {
        tell_if_damaged(failure);
        return std::nullopt;
    }
}

Result<void> MessageReader::read_body(MessageView const& message, std::uint64_t offset, std::uint64_t length,
                                      std::string& into) {
    try {
        return read_octets(*cursor_, message, offset, length, into);
    } catch (Failure const& failure) {
        tell_if_damaged(failure);
        return std::unexpected(failure.error());
    }
}

} // namespace postern::store
