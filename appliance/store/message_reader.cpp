#include "store/message_reader.h"

#include "store/rows.h"

namespace postern::store {

MessageReader::MessageReader(ReadTransaction const& transaction)
    : cursor_(std::make_unique<Cursor>(transaction, Table::message)) {}

MessageReader::~MessageReader() = default;

std::optional<MessageView> MessageReader::find(MessageId message) {
    std::string const key = message_key(message, 0);
    if (!cursor_->seek(key) || cursor_->key() != key) return std::nullopt;
    return decode_message_row(message, cursor_->value());
}

Result<void> MessageReader::read_body(MessageView const& message, std::uint64_t offset, std::uint64_t length,
                                      std::string& into) {
    return read_chunks(*cursor_, message.id, message.size, offset, length, into);
}

} // namespace postern::store
