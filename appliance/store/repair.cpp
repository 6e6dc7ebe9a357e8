#include "store/repair.h"

#include "store/accounts.h"
#include "store/fetches.h"
#include "store/file.h"
#include "store/pages.h"
#include "store/rows.h"
#include "store/seal.h"
#include "store/stubs.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <format>
#include <limits>
#include <map>
#include <set>
#include <stdexcept>
#include <system_error>

namespace postern::store {

namespace {

namespace fs = std::filesystem;
using core::number;

constexpr std::uint64_t batch_octets = std::uint64_t{32} << 20; // of one transaction
constexpr std::uint64_t page_octets = 4096;
constexpr std::string_view recovered = "Recovered";
constexpr std::string_view keeper_login = "recovered";

class Repair {
public:
    Repair(PageFile& from, Environment& to, RepairReport& report, WallTime now)
        : from_(from), to_(to), report_(report), now_(now) {}

    void run() {
        if (from_.metas().size() < 2) tell("one of the first two pages is damaged: what was done last may be missing");
        read_rest();
        save_messages();
        save_mailboxes();
        end_lost_stubs();
        save_metadata();
        save_aliases();
        save_queue();
        place_orphans();
        write([&](WriteTransaction& t) {
            for (auto const& [id, message] : messages_) {
                if (message.rows == 0) {
                    put(t, Table::garbage, u64_key(id), encode(Garbage{GarbageState::dead, message.size}));
                    continue;
                }
                auto view = load_message(t, static_cast<MessageId>(id));
                view.references = message.rows;
                put(t, Table::message, message_key(view.id, 0), encode(view));
            }
            raise(t, meta_number_limit, last_number_ + 1);
        });
        report_.messages = static_cast<std::uint64_t>(
            std::ranges::count_if(messages_, [](auto const& message) { return message.second.rows != 0; }));
    }

private:
    struct Saved {
        std::uint64_t size = 0;
        std::uint32_t rows = 0; // that refer to it
    };

    template <typename... Arguments> void tell(std::format_string<Arguments...> format, Arguments&&... arguments) {
        report_.damages.push_back(std::format(format, std::forward<Arguments>(arguments)...));
    }

    // visit: void(key, value); what cannot be read is told.
    template <typename Visit> void each(Table table, Visit const& visit) {
        from_.read(
            from_.metas().front(), table,
            [&](std::string_view key, std::function<std::optional<std::string>()> const& value) {
                if (auto const octets = value())
                    visit(key, *octets);
                else
                    tell("table {}: a value cannot be read", table_name(table));
            },
            [&](std::string what) { report_.damages.push_back(std::move(what)); });
    }

    // In a transaction of its own.
    template <typename Change> void write(Change const& change) {
        std::function<Uid(MailboxId)> const none = [](MailboxId) { return Uid{0}; };
        std::uint64_t next = 0;
        Pending pending{next, std::numeric_limits<std::uint64_t>::max(), none};
        Snapshot snapshot(to_, false);
        WriteTransaction transaction(snapshot, pending);
        change(transaction);
        snapshot.commit();
    }

    static void raise(WriteTransaction& t, std::string_view name, std::uint64_t least) {
        if (get_number(t, name) < least) put_number(t, name, least);
    }

    // All but mail; the logins are made again from the accounts.
    void read_rest() {
        write([&](WriteTransaction& t) {
            each(Table::meta, [&](std::string_view key, std::string_view value) {
                if (value.size() == 8) put(t, Table::meta, key, value);
            });
            each(Table::account, [&](std::string_view key, std::string_view value) {
                auto const id = u32_at(key, 0).value_or(0);
                auto const record = decode_account(static_cast<AccountId>(id), value);
                if (!record) return tell("account {}: it is lost, with its password", id);
                accounts_.emplace(id, record->account);
                save_account(t, *record);
                put_name(t, logins, record->account.login, id);
                raise(t, meta_last_account, id);
            });
            each(Table::name, [&](std::string_view key, std::string_view value) {
                auto const account = u32_at(key, 0).value_or(0);
                auto const row = decode_name(value);
                if (account == number(logins)) return;
                if (!row) return tell("account {}: a name of a mailbox is lost", account);
                names_[row->id] = {account, row->name};
            });
            each(Table::garbage, [&](std::string_view key, std::string_view value) {
                auto const garbage = decode_garbage(value);
                if (garbage && garbage->state == GarbageState::dead) dead_.insert(u64_at(key, 0).value_or(0));
            });
            each(Table::subscription, [&](std::string_view key, std::string_view value) {
                if (decode_text(value)) put(t, Table::subscription, key, value);
            });
            each(Table::setting, [&](std::string_view key, std::string_view value) {
                if (!decode_text(value)) return tell("setting {}: it is lost", key);
                put(t, Table::setting, key, value);
            });
            each(Table::relay, [&](std::string_view key, std::string_view value) {
                if (!decode_relay(key, value)) return tell("relay {}: it is lost", key);
                put(t, Table::relay, key, value);
            });
            each(Table::upstream, [&](std::string_view key, std::string_view value) {
                if (!decode_upstream(key, value)) return tell("upstream {}: it is lost", key);
                put(t, Table::upstream, key, value);
            });
            each(Table::dns_name, [&](std::string_view key, std::string_view value) {
                if (!decode_dns_name(key, value)) return tell("name {}: it is lost", key);
                put(t, Table::dns_name, key, value);
            });
            save_fetches(t);
            each(Table::audit, [&](std::string_view key, std::string_view value) {
                put(t, Table::audit, key, value); // as it is: its chain tells what is wrong
            });
        });
    }

    // Of what was taken, what can be read: the rest may come once more.
    void save_fetches(WriteTransaction& t) {
        each(Table::fetch_source, [&](std::string_view key, std::string_view value) {
            if (!decode_fetch_source(key, value)) return tell("fetch source {}: it is lost", key);
            put(t, Table::fetch_source, key, value);
        });
        each(Table::fetched, [&](std::string_view key, std::string_view value) {
            auto const name = key.substr(0, key.find('\0'));
            auto const messages = fetched_rows(name, FetchedRow::message);
            if (name.empty()) return save_stub(t, key, value);
            if (key == fetched_rows(name, FetchedRow::mailbox)) {
                if (auto const mailbox = decode_fetched_mailbox(value)) (void)set_fetched_mailbox(t, name, *mailbox);
            } else if (key.starts_with(messages)) {
                auto const fetched = decode_fetched(key.substr(messages.size()), value);
                if (!fetched || !note_fetched(t, name, *fetched))
                    tell("fetch source {}: that a message was taken is forgotten, and it may come again", name);
            }
        });
    }

    // Without its places: the mailboxes tell them.
    void save_stub(WriteTransaction& t, std::string_view key, std::string_view value) {
        auto const id = static_cast<MessageId>(u64_at(key, key.size() - std::min(key.size(), 8UZ)).value_or(0));
        auto stub = key == stub_key(id) ? decode_stub(id, value) : std::nullopt;
        if (!stub) return tell("stub {}: it stays one, its original is forgotten", number(id));
        stub->places.clear();
        put(t, Table::fetched, key, encode(*stub));
    }

    void end_lost_stubs() {
        write([&](WriteTransaction& t) {
            for (Stub const& stub : list_stubs(t)) {
                if (!stub.places.empty()) continue;
                lose_stub(t, stub.message);
                erase(t, Table::fetched, stub_key(stub.message));
            }
        });
    }

    // One after the other: its record, then its chunks.
    void save_messages() {
        std::optional<MessageView> message;
        std::string record;
        std::vector<std::pair<std::string, std::string>> rows;
        std::vector<std::string> changed;
        std::uint64_t octets = 0, written = 0;
        bool whole = true;
        auto const flush = [&] {
            write([&](WriteTransaction& t) {
                for (auto const& [key, value] : rows) put(t, Table::message, key, value);
            });
            rows.clear();
            written = 0;
        };
        std::size_t begin = 0; // of this message's rows
        auto const finish = [&] {
            if (message && message->heading) {
                rows.resize(begin); // who shows what waits makes it anew
                headings_.insert(number(message->id));
            } else if (message && whole && octets == message->size) {
                messages_[number(message->id)].size = octets;
                for (std::string& what : changed) report_.damages.push_back(std::move(what));
            } else if (message) {
                rows.resize(begin);
                if (!dead_.contains(number(message->id)))
                    tell("message {}: octets of it are lost, and so is all of it", number(message->id));
            }
            message.reset();
            changed.clear();
            if (written >= batch_octets) flush();
            begin = rows.size();
        };
        std::uint32_t part = 0;
        each(Table::message, [&](std::string_view key, std::string_view value) {
            auto const id = u64_at(key, 0).value_or(0);
            last_number_ = std::max(last_number_, id);
            auto const this_part = u32_at(key, 8).value_or(0);
            if (this_part == 0) {
                finish();
                octets = part = 0;
                whole = true;
                record = value;
                message = decode_message(static_cast<MessageId>(id), record);
                if (!message) return tell("message {}: its record is lost", id);
                rows.emplace_back(key, value);
            } else if (message && number(message->id) == id && value.size() >= 4) {
                whole = whole && this_part == ++part;
                octets += value.size() - 4;
                written += value.size();
                if (open_chunk(value)) {
                    rows.emplace_back(key, value);
                } else {
                    changed.push_back(std::format("message {}: octets of it have changed; it is kept as it is", id));
                    rows.emplace_back(key, make_chunk(value.substr(4)));
                }
            }
        });
        finish();
        flush();
    }

    void save_mailboxes() {
        std::map<std::uint32_t, std::string> records;
        std::map<std::uint32_t, std::vector<IndexRow>> rows;
        std::map<std::uint32_t, std::string> acls;
        each(Table::mailbox, [&](std::string_view key, std::string_view value) {
            auto const id = u32_at(key, 0).value_or(0);
            if (key.size() == 5 && key[4] == static_cast<char>(MailboxRow::record)) records[id] = value;
            if (key.size() == 5 && key[4] == static_cast<char>(MailboxRow::acl)) acls[id] = value;
            if (key.size() != 9 || key[4] != static_cast<char>(MailboxRow::index)) return;
            auto const uid = u32_at(key, 5).value_or(0);
            if (auto const row = decode_index(static_cast<Uid>(uid), value))
                rows[id].push_back(*row);
            else
                tell("mailbox {} UID {}: it is lost", id, uid);
        });
        std::set<std::uint32_t> ids;
        for (auto const& [id, _] : records) ids.insert(id);
        for (auto const& [id, _] : rows) ids.insert(id);
        for (auto const& [id, _] : names_) ids.insert(id);
        for (std::uint32_t const id : ids)
            write([&](WriteTransaction& t) {
                auto const found = records.find(id);
                save_mailbox(t, id, found == records.end() ? std::nullopt : std::optional(found->second), rows[id]);
                if (auto const acl = acls.find(id); acl != acls.end()) save_list(t, id, acl->second);
            });
    }

    // Without those whose account is lost.
    void save_list(WriteTransaction& t, std::uint32_t id, std::string_view value) {
        auto const mailbox = static_cast<MailboxId>(id);
        if (!get(t, Table::mailbox, mailbox_key(mailbox))) return;
        auto acl = decode_acl(value);
        if (!acl) return tell("mailbox {}: its access control list is lost, and others may not use it", id);
        std::erase_if(
            *acl, [&](AclEntry const& entry) { return entry.who != anyone && !accounts_.contains(number(entry.who)); });
        save_acl(t, mailbox, *acl);
    }

    void save_mailbox(WriteTransaction& t, std::uint32_t id, std::optional<std::string> const& value,
                      std::vector<IndexRow> const& rows) {
        raise(t, meta_last_mailbox, id);
        auto record = value ? decode_mailbox(static_cast<MailboxId>(id), *value) : std::nullopt;
        auto const name = names_.find(id);
        bool const known = record.has_value();
        if (!known) {
            if (name == names_.end()) return tell("mailbox {}: its record and its name are lost", id);
            record.emplace();
            record->mailbox.id = static_cast<MailboxId>(id);
            record->mailbox.account = static_cast<AccountId>(name->second.first);
            record->mailbox.name = name->second.second;
            record->mailbox.uid_validity = take_uid_validity(t, now_);
            record->mailbox.created = now_;
        }
        Mailbox& mailbox = record->mailbox;
        auto const account = accounts_.find(number(mailbox.account));
        bool const office_owns = mailbox.account == the_office;
        if (account == accounts_.end() && !office_owns) return tell("mailbox {}: its account is lost", mailbox.name);
        auto const place = std::format("{} {}", office_owns ? "the office" : account->second.login, mailbox.name);
        if (!known) tell("{}: its record is lost, and made anew", place);
        raise(t, meta_last_uid_validity, number(mailbox.uid_validity));

        mailbox.messages = mailbox.unseen = mailbox.deleted = 0;
        mailbox.octets = 0;
        mailbox.selectable = mailbox.selectable || !rows.empty();
        record->change_rows = 0;
        for (IndexRow row : rows) {
            mailbox.uid_next = std::max(mailbox.uid_next, core::next(row.uid));
            mailbox.highest_modseq = std::max(mailbox.highest_modseq, row.modseq);
            auto const message = messages_.find(number(row.message));
            if (message == messages_.end()) {
                if (!headings_.contains(number(row.message)))
                    tell("{} UID {}: its message is lost", place, number(row.uid));
                continue;
            }
            auto const known_keywords = mailbox.keywords.size();
            if (known_keywords < max_keywords) row.keywords &= (std::uint64_t{1} << known_keywords) - 1;
            ++message->second.rows;
            row.stub = row.stub && find_stub(t, row.message);
            put_index(t, mailbox.id, row);
            follow_stubs(t, mailbox, {&row, 1});
            count_in(mailbox, row, message->second.size);
        }
        mailbox.highest_modseq = core::next(mailbox.highest_modseq);
        mailbox.expunge_floor = mailbox.highest_modseq;
        put(t, Table::mailbox, mailbox_key(mailbox.id), encode(*record));
        put_name(t, mailbox.account, mailbox.name, id);
    }

    void save_metadata() {
        write([&](WriteTransaction& t) {
            each(Table::metadata, [&](std::string_view key, std::string_view value) {
                auto const account = u32_at(key, 0).value_or(0);
                auto const mailbox = static_cast<MailboxId>(u32_at(key, 4).value_or(0));
                auto const entry = key.size() > 8 ? decode_entry(value) : std::nullopt;
                if (!entry) return tell("mailbox {}: an annotation is lost", number(mailbox));
                bool const has_account =
                    account == number(nobody) || account == number(the_office) || accounts_.contains(account);
                bool const has_mailbox = mailbox == server || get(t, Table::mailbox, mailbox_key(mailbox));
                if (!has_account || !has_mailbox) return tell("annotation {}: it is lost", entry->name);
                put(t, Table::metadata, key, value);
            });
        });
    }

    // Without mailboxes that are lost.
    void save_aliases() {
        write([&](WriteTransaction& t) {
            each(Table::alias, [&](std::string_view key, std::string_view value) {
                auto alias = decode_alias(key, value);
                if (!alias) return tell("alias {}: it is lost", key);
                std::erase_if(alias->mailboxes, [&](MailboxId mailbox) {
                    bool const lost = !get(t, Table::mailbox, mailbox_key(mailbox));
                    if (lost) tell("alias {}: a mailbox that it led to is lost", key);
                    return lost;
                });
                if (!alias->targets.empty() || !alias->mailboxes.empty()) put(t, Table::alias, key, encode(*alias));
            });
        });
    }

    void save_queue() {
        write([&](WriteTransaction& t) {
            each(Table::queue, [&](std::string_view key, std::string_view value) {
                auto const id = u64_at(key, 0).value_or(0);
                last_number_ = std::max(last_number_, id);
                auto const item = decode_queue_item(static_cast<QueueItemId>(id), value);
                auto const message = item ? messages_.find(number(item->message)) : messages_.end();
                if (message == messages_.end())
                    return tell("queue item {}{}: it is lost", id, item ? " to " + item->recipient : "");
                ++message->second.rows;
                // However far the clock was, what waits is tried at once.
                raise(t, meta_link_time, static_cast<std::uint64_t>(item->next_attempt.time_since_epoch().count()));
                put(t, Table::queue, key, value);
            });
        });
    }

    // Where no account is left, one that nobody can log in to yet.
    void make_keeper() {
        write([&](WriteTransaction& t) {
            auto const id = create_account(t, keeper_login, {}, true, now_);
            if (!id) throw Failure(id.error(), "no account can be made");
            accounts_.emplace(number(*id), load_account(t, *id).value().account);
        });
        tell("no account is left: there is one named {} now; give it a password", keeper_login);
    }

    // What nobody has any more; in the order in which it came.
    void place_orphans() {
        std::vector<std::uint64_t> orphans;
        for (auto const& [id, message] : messages_)
            if (message.rows == 0 && !dead_.contains(id)) orphans.push_back(id);
        if (orphans.empty()) return;
        if (accounts_.empty()) make_keeper();
        auto keeper = std::ranges::find_if(accounts_, [](auto const& a) { return a.second.administrator; });
        if (keeper == accounts_.end()) keeper = accounts_.begin();
        write([&](WriteTransaction& t) {
            AccountId const owner = keeper->second.id;
            auto const there = find_name(t, owner, recovered);
            auto const id = there ? static_cast<MailboxId>(*there) : make_mailbox(t, owner, recovered, "", now_);
            auto record = load_mailbox(t, id).value();
            Mailbox& mailbox = record.mailbox;
            mailbox.selectable = true;
            for (std::uint64_t const orphan : orphans) {
                IndexRow row;
                row.uid = mailbox.uid_next;
                row.message = static_cast<MessageId>(orphan);
                row.modseq = mailbox.highest_modseq;
                row.saved = now_;
                mailbox.uid_next = core::next(row.uid);
                auto& message = messages_.at(orphan);
                ++message.rows;
                put_index(t, id, row);
                count_in(mailbox, row, message.size);
            }
            put(t, Table::mailbox, mailbox_key(id), encode(record));
        });
        tell("{} messages that no mailbox has any more are in {} {}", orphans.size(), keeper->second.login, recovered);
    }

    PageFile& from_;
    Environment& to_;
    RepairReport& report_;
    WallTime const now_;
    std::map<std::uint32_t, Account> accounts_;
    std::map<std::uint32_t, std::pair<std::uint32_t, std::string>> names_; // of mailboxes: account, name
    std::map<std::uint64_t, Saved> messages_;
    std::set<std::uint64_t> dead_;     // messages that nobody had any more
    std::set<std::uint64_t> headings_; // messages that were a heading before another (waiting.h)
    std::uint64_t last_number_ = 0;
};

// A directory's descriptor.
class Directory {
public:
    explicit Directory(fs::path const& path) : file_(open_or_throw(path, O_RDONLY | O_DIRECTORY)) {}

    void lock() const {
        if (::flock(file_.handle(), LOCK_EX | LOCK_NB) != 0)
            throw std::runtime_error("another process has it open: stop posternd first");
    }
    void sync() const {
        if (::fsync(file_.handle()) != 0) fail();
    }
    void exchange(fs::path const& a, fs::path const& b) const {
        if (::renameat2(file_.handle(), a.c_str(), file_.handle(), b.c_str(), RENAME_EXCHANGE) != 0) fail();
    }

private:
    [[noreturn]] static void fail() { throw std::system_error(errno, std::generic_category()); }

    File file_;
};

} // namespace

std::expected<RepairReport, OpenError> repair(fs::path const& directory, WallTime now) {
    fs::path const unfinished = directory / "store.repair";
    std::error_code ignored;
    try {
        Directory const data(directory);
        data.lock();
        RepairReport report;
        finish_commit(directory / "store/data.mdb");
        PageFile from(directory / "store/data.mdb");
        fs::remove_all(unfinished);
        fs::create_directory(unfinished);
        {
            auto const map_size = std::max(StoreOptions().map_size, 2 * fs::file_size(directory / "store/data.mdb"));
            Environment to(unfinished, map_size / page_octets * page_octets, {});
            Repair(from, to, report, now).run();
        }
        Directory(unfinished).sync();
        std::string name = "store.damaged";
        for (int i = 2; fs::exists(directory / name); ++i) name = std::format("store.damaged.{}", i);
        // First the name that the old one will have, so that nobody takes it for something unfinished.
        fs::rename(unfinished, directory / name);
        data.exchange(name, "store");
        data.sync();
        report.aside = directory / name;
        return report;
    } catch (std::exception const& error) {
        fs::remove_all(unfinished, ignored);
        return std::unexpected(
            OpenError{std::format("the store in {} cannot be repaired: {}", directory.native(), error.what())});
    }
}

} // namespace postern::store
