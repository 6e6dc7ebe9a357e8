#include "store/new_rows.h"

#include "store/stubs.h"

#include <limits>
#include <variant>

namespace postern::store {

namespace {

constexpr std::uint64_t row_octets = 4096; // more than the rows beside a message take, for the low-water mark

} // namespace

Result<void> may_make(WriteTransaction& transaction, NewMessage const& message, std::size_t rows) {
    std::uint64_t octets = message.envelope.size() + message.structure.size() + message.search_texts.size() +
                           message.thread_keys.size() + message.signature.size() + (rows + 1) * row_octets;
    if (auto const* body = std::get_if<std::string>(&message.body)) {
        if (body->size() != message.size) throw Failure(StoreError::failed, "a message's size is not its body's");
        octets += body->size();
    } else {
        auto const spooled = static_cast<MessageId>(core::number(std::get<BodyId>(message.body)));
        auto const garbage = load_garbage(transaction, spooled);
        if (!garbage || garbage->state != GarbageState::spooling) return std::unexpected(StoreError::no_such_message);
        if (garbage->size != message.size) throw Failure(StoreError::failed, "a message's size is not its body's");
    }
    if (!take_room(transaction, octets)) return std::unexpected(StoreError::full);
    return {};
}

MessageId make_message(WriteTransaction& transaction, NewMessage const& message, std::size_t references) {
    MessageView view;
    if (auto const* body = std::get_if<std::string>(&message.body)) {
        view.id = static_cast<MessageId>(take_number(transaction));
        put_body(transaction, view.id, *body);
    } else {
        view.id = static_cast<MessageId>(core::number(std::get<BodyId>(message.body)));
        erase(transaction, Table::garbage, u64_key(core::number(view.id)));
    }
    view.references = static_cast<std::uint32_t>(references);
    view.size = message.size;
    view.internal_date = message.internal_date;
    view.envelope = message.envelope;
    view.structure = message.structure;
    view.search_texts = message.search_texts;
    view.thread_keys = message.thread_keys;
    view.signature = message.signature;
    put(transaction, Table::message, message_key(view.id, 0), encode(view));
    return view.id;
}

UidSet add_rows(WriteTransaction& transaction, MailboxRecord& record, std::span<IndexRow> rows,
                std::function<std::uint64_t(std::size_t)> const& size_of) {
    Change change;
    for (IndexRow& row : rows) {
        row.uid = record.mailbox.uid_next;
        record.mailbox.uid_next = core::next(row.uid);
        change.added.add(row.uid);
    }
    note_change(transaction, record, change);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        rows[i].modseq = record.mailbox.highest_modseq;
        put_index(transaction, record.mailbox.id, rows[i]);
        count_in(record.mailbox, rows[i], size_of(i));
    }
    follow_stubs(transaction, record.mailbox, rows);
    return change.added;
}

Usage size_of(ReadTransaction const& transaction, std::span<IndexRow const> rows) {
    Usage size{0, rows.size()};
    for (IndexRow const& row : rows) size.octets += load_message(transaction, row.message).size;
    return size;
}

bool has_uids(Mailbox const& mailbox, std::size_t more) {
    return more < std::numeric_limits<std::uint32_t>::max() - core::number(mailbox.uid_next);
}

} // namespace postern::store
