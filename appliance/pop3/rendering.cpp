#include "pop3/rendering.h"

#include "message/downgrade.h"
#include "store/bodies.h"
#include "store/message_reader.h"
#include "store/messages.h"

#include <algorithm>
#include <format>
#include <utility>

namespace postern::pop3 {

using store::StoreError;

namespace {

// One response after the other, at the end of a batch's text.
class Renderer {
public:
    Renderer(store::ReadTransaction const& transaction, store::Store& store, Batch& batch)
        : reader_(transaction), store_(store), batch_(batch) {}

    void add(std::uint32_t number, store::IndexRow const& row) {
        std::size_t const begin = batch_.text.size();
        auto const rendered = render(row.message);
        if (!rendered) {
            batch_.text.resize(begin);
            return fail(number, rendered.error());
        }
        batch_.responses.push_back({number, batch_.text.size(), std::nullopt, row.message});
    }
    void fail(std::uint32_t number, StoreError why) { batch_.responses.push_back({number, batch_.text.size(), why}); }

private:
    store::Result<void> render(store::MessageId id) {
        auto const message = reader_.find(id);
        if (!message) return std::unexpected(StoreError::damaged); // an index row without its message
        Rest rest{.pin = {},
                  .body = message->body,
                  .offset = 0,
                  .size = message->size,
                  .encoder = wire::pop3::TextEncoder(batch_.wish.lines)};
        std::string& text = batch_.text;
        // TOP mostly wants no more than the first chunk.
        std::size_t const step = batch_.wish.lines ? store::body_chunk_size : slice_octets;
        while (!rest.empty() && rest.offset < slice_octets) {
            raw_.clear();
            if (auto const read = reader_.read_body(*message, rest.offset, step, raw_); !read)
                return std::unexpected(read.error());
            if (raw_.size() != std::min<std::uint64_t>(step, rest.size - rest.offset))
                return std::unexpected(StoreError::damaged);
            if (rest.offset == 0)
                begin(rest, raw_);
            else
                rest.encoder.feed(raw_, text);
            rest.offset += raw_.size();
        }
        if (rest.size == 0) begin(rest, {});
        if (rest.empty()) {
            rest.encoder.finish(text);
            return {};
        }
        rest.pin = store_.pin(message->body);
        batch_.rest = std::move(rest);
        return {};
    }

    // The first line, and what becomes of the message's beginning.
    void begin(Rest& rest, std::string_view beginning) {
        std::string& text = batch_.text;
        std::optional<message::Downgraded> downgraded;
        if (!batch_.wish.utf8) downgraded = message::downgrade_header(beginning, beginning.size() == rest.size);
        std::size_t const replaced = downgraded ? downgraded->replaced : 0;
        std::string_view const header = downgraded ? std::string_view(downgraded->header) : std::string_view{};
        if (batch_.wish.lines)
            text += "+OK The beginning of the message follows\r\n";
        else
            std::format_to(std::back_inserter(text), "+OK {} octets\r\n", rest.size - replaced + header.size());
        rest.encoder.feed(header, text);
        rest.encoder.feed(beginning.substr(replaced), text);
    }

    store::MessageReader reader_;
    store::Store& store_;
    Batch& batch_;
    std::string raw_;
};

} // namespace

Batch render(store::ReadTransaction const& transaction, store::Store& store, store::MailboxId mailbox,
             std::span<Target const> targets, Wish wish) {
    Batch batch;
    batch.wish = wish;
    Renderer renderer(transaction, store, batch);
    store::UidSet uids;
    for (Target const& target : targets) uids.add(target.uid);
    std::size_t next = 0;
    bool full = false;
    store::for_each_index(transaction, mailbox, uids, [&](store::IndexRow const& row) {
        for (; targets[next].uid < row.uid; ++next) renderer.fail(targets[next].number, StoreError::no_such_message);
        renderer.add(targets[next++].number, row);
        full = batch.rest || batch.text.size() >= batch_octets;
        return !full;
    });
    for (; !full && next < targets.size(); ++next) renderer.fail(targets[next].number, StoreError::no_such_message);
    return batch;
}

store::Result<std::string> render_slice(store::ReadTransaction const& transaction, Rest& rest) {
    auto const wanted = std::min<std::uint64_t>(slice_octets, rest.size - rest.offset);
    auto const octets = store::read_body(transaction, rest.body, rest.offset, wanted);
    if (!octets) return std::unexpected(octets.error());
    if (octets->size() != wanted) return std::unexpected(StoreError::damaged);
    std::string text;
    text.reserve(octets->size() + octets->size() / 16);
    rest.encoder.feed(*octets, text);
    rest.offset += octets->size();
    if (rest.empty()) rest.encoder.finish(text);
    return text;
}

} // namespace postern::pop3
