#include "store/copy.h"

#include "store/codec.h"
#include "store/lmdb.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace postern::store {

namespace {

// Of the rows of one slice, which is read in one snapshot: some may be left out.
constexpr std::size_t slice_rows = 20'000;

void write_all(int file, std::string_view octets) {
    while (!octets.empty()) {
        auto const written = ::write(file, octets.data(), octets.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) throw std::system_error(errno, std::generic_category(), "what is put aside");
        octets.remove_prefix(static_cast<std::size_t>(written));
    }
}

std::string read_all(int file, std::uint64_t from, std::size_t size) {
    std::string octets(size, '\0');
    for (std::size_t done = 0; done < size;) {
        auto const got = ::pread(file, octets.data() + done, size - done, static_cast<off_t>(from + done));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) throw std::system_error(got < 0 ? errno : EIO, std::generic_category(), "what is put aside");
        done += static_cast<std::size_t>(got);
    }
    return octets;
}

} // namespace

Result<Copy> Copy::begin(Store& store, std::filesystem::path const& directory, CopyHead const& head,
                         std::span<CopiedFile const> beside) {
    File aside(::open(directory.c_str(), O_RDWR | O_TMPFILE | O_CLOEXEC, 0600));
    if (aside.handle() < 0) throw std::system_error(errno, std::generic_category(), directory);
    Copy copy(store, std::move(aside), store.hold_bodies());
    std::string out;
    copy.writer_.head(out, head);
    for (CopiedFile const& file : beside) copy.writer_.file(out, file);
    auto const flush = [&copy](std::string& octets) {
        write_all(copy.aside_.handle(), octets);
        copy.put_aside_ += octets.size();
        octets.clear();
    };
    auto const done = store.read_here(
        [&](ReadTransaction const& transaction) { return copy.put_rest_aside(transaction, flush, out); });
    if (!done) return std::unexpected(done.error());
    copy.writer_.table(out, table_name(Table::message));
    flush(out);
    if (!copy.hold_.narrow(BodyId{}, BodyId{copy.end_})) return std::unexpected(StoreError::full);
    return copy;
}

// All but messages; and which of those are of it.
Result<bool> Copy::put_rest_aside(ReadTransaction const& transaction, std::function<void(std::string&)> const& flush,
                                  std::string& out) {
    auto const put_row = [&](std::string_view key, std::string_view value) {
        writer_.row(out, key, value);
        if (out.size() >= piece_octets) flush(out);
        return true;
    };
    for (std::size_t i = 0; i < table_count; ++i) {
        auto const table = static_cast<Table>(i);
        if (table == Table::message || table == Table::garbage) continue;
        writer_.table(out, table_name(table));
        for_each_row(transaction, table, "", put_row);
    }
    // A heading that is to be erased lets its message go only then, so it goes along as it is (waiting.h).
    std::vector<std::pair<std::string, std::string>> headings;
    for_each_row(transaction, Table::garbage, "", [&](std::string_view key, std::string_view value) {
        auto const id = u64_at(key, 0);
        if (!id) damaged("garbage");
        left_out_.push_back(*id);
        auto const record = get(transaction, Table::message, message_key(static_cast<MessageId>(*id), 0));
        auto const message = record ? decode_message(static_cast<MessageId>(*id), *record) : std::nullopt;
        if (message && message->heading) headings.emplace_back(key, value);
        return true;
    });
    writer_.table(out, table_name(Table::garbage));
    for (auto const& [key, value] : headings) put_row(key, value);
    writer_.table(out, table_name(Table::message));
    for (auto const& [key, _] : headings) for_each_row(transaction, Table::message, key, put_row);
    if (Cursor cursor(transaction, Table::message); cursor.last()) end_ = u64_at(cursor.key(), 0).value_or(0) + 1;
    return true;
}

Result<std::string> Copy::next() {
    std::string out;
    if (read_ < put_aside_) {
        out = read_all(aside_.handle(), read_, std::min<std::uint64_t>(piece_octets, put_aside_ - read_));
        read_ += out.size();
        return out;
    }
    while (out.empty() && !messages_done_) {
        auto const done =
            store_->read_here([&](ReadTransaction const& transaction) { return copy_messages(transaction, out); });
        if (!done) return std::unexpected(done.error());
    }
    if (out.empty() && !ended_) {
        writer_.end(out);
        ended_ = true;
    }
    return out;
}

Result<bool> Copy::copy_messages(ReadTransaction const& transaction, std::string& out) {
    Cursor cursor(transaction, Table::message);
    bool there = cursor.seek(last_);
    if (there && cursor.key() == last_) there = cursor.next_key();
    std::size_t rows = 0;
    for (; there && out.size() < piece_octets && rows < slice_rows; there = cursor.next_key(), ++rows) {
        auto const id = u64_at(cursor.key(), 0).value_or(0);
        if (id >= end_) break;
        last_ = cursor.key();
        if (std::ranges::binary_search(left_out_, id)) continue;
        cursor.read_value();
        writer_.row(out, last_, cursor.value());
    }
    messages_done_ = !there || u64_at(cursor.key(), 0).value_or(0) >= end_;
    auto const first = messages_done_ ? BodyId{end_} : static_cast<BodyId>(u64_at(last_, 0).value_or(0));
    if (!hold_.narrow(first, BodyId{end_})) return std::unexpected(StoreError::full);
    return true;
}

} // namespace postern::store
