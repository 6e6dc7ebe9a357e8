#include "store/load.h"

#include "store/audit.h"
#include "store/codec.h"
#include "store/file.h"
#include "store/lmdb.h"
#include "store/rows.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <format>
#include <functional>
#include <limits>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

namespace postern::store {

namespace {

namespace fs = std::filesystem;
using core::number;

constexpr std::uint64_t batch_octets = std::uint64_t{16} << 20; // of one transaction

// More than a mailbox gets between two backups, and little of all numbers that there are.
constexpr std::uint32_t uids_skipped = 1'000'000;
constexpr std::uint64_t modseqs_skipped = std::uint64_t{1} << 32U;

std::optional<Table> find_table(std::string_view name) {
    for (std::size_t i = 0; i < table_count; ++i)
        if (auto const table = static_cast<Table>(i); table_name(table) == name) return table;
    return std::nullopt;
}

void sync_directory(fs::path const& directory) {
    File const file = open_or_throw(directory, O_RDONLY | O_DIRECTORY);
    if (::fsync(file.handle()) != 0) throw std::system_error(errno, std::generic_category(), directory);
}

} // namespace

struct Load::Inner {
    Inner(fs::path const& at, std::uint64_t octets) : directory(at), environment(at, octets, {}) {}

    struct Transaction {
        explicit Transaction(Inner& inner)
            : pending{inner.next_number, std::numeric_limits<std::uint64_t>::max(), inner.none},
              snapshot(inner.environment, false),
              change(snapshot, pending) {}
        Pending pending;
        Snapshot snapshot;
        WriteTransaction change;
    };

    WriteTransaction& begin() {
        if (!transaction) transaction.emplace(*this);
        return transaction->change;
    }
    void commit() {
        if (transaction) transaction->snapshot.commit();
        transaction.reset();
        put_octets = 0;
    }

    fs::path directory;
    Environment environment;
    std::function<Uid(MailboxId)> none = [](MailboxId) { return Uid{0}; };
    std::uint64_t next_number = 0;
    std::optional<Transaction> transaction;
    std::uint64_t put_octets = 0;
};

Load::Load(fs::path const& directory, std::uint64_t octets) {
    fs::create_directory(directory / "store");
    inner_ = std::make_unique<Inner>(directory / "store", octets);
}

Load::~Load() = default;

std::expected<void, std::string> Load::put_row(std::string_view table, std::string_view key, std::string_view value) {
    auto const known = find_table(table);
    if (!known) return std::unexpected(std::format("it has a table {} that this Postern does not know", table));
    if (*known == Table::meta && (key == meta_schema || key == meta_chunk_size)) {
        // The schema's own row stays this program's, as where an older store is opened.
        auto const is = u64_at(value, 0).value_or(0);
        auto const own = get_number(inner_->begin(), key);
        if (key == meta_schema ? is < oldest_schema || is > own : is != own)
            return std::unexpected(std::format("its store's {} is {}, and this Postern's is {}", key, is, own));
        return {};
    }
    put(inner_->begin(), *known, key, value);
    inner_->put_octets += key.size() + value.size();
    if (inner_->put_octets >= batch_octets) inner_->commit();
    return {};
}

void Load::finish() {
    inner_->commit();
    auto const directory = inner_->directory;
    inner_.reset();
    sync_directory(directory);
    sync_directory(directory.parent_path());
}

std::uint64_t Load::finish(Continuation const& continuation) {
    WriteTransaction& t = inner_->begin();
    std::vector<MailboxId> mailboxes;
    for_each_row(t, Table::mailbox, "", [&](std::string_view key, std::string_view) {
        if (key.size() == 5 && key[4] == static_cast<char>(MailboxRow::record))
            mailboxes.push_back(static_cast<MailboxId>(u32_at(key, 0).value_or(0)));
        return true;
    });
    for (MailboxId const id : mailboxes) {
        auto const value = get(t, Table::mailbox, mailbox_key(id));
        auto record = value ? decode_mailbox(id, *value) : std::nullopt;
        if (!record) continue; // the check tells
        Mailbox& mailbox = record->mailbox;
        auto const last = std::numeric_limits<std::uint32_t>::max();
        mailbox.uid_next =
            static_cast<Uid>(number(mailbox.uid_next) + std::min(uids_skipped, last - number(mailbox.uid_next)));
        mailbox.highest_modseq = static_cast<ModSeq>(number(mailbox.highest_modseq) + modseqs_skipped);
        mailbox.expunge_floor = mailbox.highest_modseq;
        record->change_rows = 0;
        erase_rows(t, Table::mailbox, mailbox_rows(id, MailboxRow::change));
        put(t, Table::mailbox, mailbox_key(id), encode(*record));
    }
    std::vector<QueueItem> held;
    for_each_row(t, Table::queue, "", [&](std::string_view key, std::string_view value) {
        auto item = decode_queue_item(static_cast<QueueItemId>(u64_at(key, 0).value_or(0)), value);
        if (item && continuation.hold_queue && !item->held) held.push_back(std::move(*item));
        return true;
    });
    for (QueueItem& item : held) {
        item.held = true;
        put(t, Table::queue, u64_key(number(item.id)), encode(item));
    }
    (void)audit(t, "store restored", std::format("{} queue items held", held.size()), continuation.now);
    finish();
    return held.size();
}

} // namespace postern::store
