#include "store/check.h"

#include "core/crypto.h"
#include "store/acl.h"
#include "store/pages.h"
#include "store/rows.h"
#include "text/ascii.h"

#include <algorithm>
#include <format>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace postern::store {

namespace {

using core::number;

// Read in one snapshot: a fraction of a second even from flash.
constexpr std::uint64_t slice_octets = std::uint64_t{8} << 20;

// For the page check to begin between two commits.
constexpr int attempts = 100;

class Checker {
public:
    explicit Checker(CheckReport& report) : report_(report) {}

    // First, since what lies below a damaged page cannot be trusted to be found. Nothing is done, and false returned,
    // when commits came in between.
    bool check_pages(ReadTransaction const& transaction, bool bodies) {
        Snapshot const& snapshot = transaction.snapshot();
        PageFile file(snapshot.environment.data_file());
        auto const ours = std::ranges::find(file.metas(), mdb_txn_id(snapshot.transaction), &MetaPage::transaction);
        if (ours == file.metas().end()) return false;
        file.check(*ours, bodies, [this](std::string const& what) { problem("{}", what); });
        return true;
    }

    void check_rows(ReadTransaction const& transaction) {
        check_accounts(transaction);
        check_logins(transaction);
        check_names(transaction, the_office, office_name);
        check_mailboxes(transaction);
        check_grants(transaction);
        check_metadata(transaction);
        check_aliases(transaction);
        check_relays(transaction);
        check_upstreams(transaction);
        check_dns_names(transaction);
        check_fetches(transaction);
        check_queue(transaction);
        note_dead_headings(transaction);
        std::ranges::sort(references_);
        check_messages(transaction);
        check_references(transaction);
        check_garbage(transaction);
        check_audit(transaction);
    }

    // From the key after `last` on, which moves along; whether there is more.
    bool check_chunks(ReadTransaction const& transaction, std::string& last) {
        std::uint64_t octets = 0;
        Cursor cursor(transaction, Table::message);
        bool there = cursor.seek(last);
        if (there && cursor.key() == last) there = cursor.next();
        for (; there && octets < slice_octets; there = cursor.next()) {
            last = cursor.key();
            if (u32_at(last, 8).value_or(0) == 0) continue;
            try {
                auto const chunk = open_chunk(cursor.value());
                if (!chunk) bad_chunks_.emplace_back(last, "the checksum of chunk {} does not hold");
                octets += cursor.value().size();
                report_.body_octets += chunk ? chunk->size() : 0;
            } catch (Failure const&) {
                bad_chunks_.emplace_back(last, "chunk {} cannot be read");
            }
        }
        return there;
    }

    // Whose mail the bodies are in which check_chunks found something.
    void tell_chunks(ReadTransaction const& transaction) {
        std::map<std::uint64_t, std::string> places;
        for (auto const& [key, _] : bad_chunks_) places[u64_at(key, 0).value_or(0)];
        if (places.empty()) return;
        for_each_row(transaction, Table::mailbox, "", [&](std::string_view key, std::string_view value) {
            if (key.size() != 9 || key[4] != static_cast<char>(MailboxRow::index)) return true;
            auto const uid = static_cast<Uid>(u32_at(key, 5).value_or(0));
            auto const row = decode_index(uid, value);
            auto const place = row ? places.find(number(row->message)) : places.end();
            if (place == places.end()) return true;
            auto const mailbox = load_mailbox(transaction, static_cast<MailboxId>(u32_at(key, 0).value_or(0)));
            place->second += std::format("; {} {} UID {}", mailbox ? owner_of(transaction, mailbox->mailbox) : "?",
                                         mailbox ? mailbox->mailbox.name : "?", number(uid));
            return true;
        });
        for (auto const& [key, what] : bad_chunks_) {
            auto const message = u64_at(key, 0).value_or(0);
            auto const part = u32_at(key, 8).value_or(0);
            problem("message {}: {}{}", message, std::vformat(what, std::make_format_args(part)), places[message]);
        }
    }

private:
    // What the index rows of one mailbox add up to.
    struct Seen {
        MailboxId mailbox{};
        std::optional<MailboxRecord> record;
        Mailbox counts;
        UidSet present;
        Uid last_uid{};
        ModSeq last_modseq{};
        std::uint64_t keywords = 0;
        std::uint32_t change_rows = 0;
        UidSet added;
        UidSet expunged;
    };

    static constexpr std::string_view office_name = "the office";

    static std::string owner_of(ReadTransaction const& transaction, Mailbox const& mailbox) {
        if (mailbox.account == the_office) return std::string(office_name);
        auto const account = load_account(transaction, mailbox.account);
        return account ? account->account.login : "?";
    }

    template <typename... Arguments> void problem(std::format_string<Arguments...> format, Arguments&&... arguments) {
        if (report_.problems.size() == CheckReport::max_problems)
            report_.truncated = true;
        else
            report_.problems.push_back({std::format(format, std::forward<Arguments>(arguments)...)});
    }

    void check_accounts(ReadTransaction const& transaction) {
        std::uint64_t const last = get_number(transaction, meta_last_account);
        for_each_row(transaction, Table::account, "", [&](std::string_view key, std::string_view value) {
            auto const id = static_cast<AccountId>(u32_at(key, 0).value_or(0));
            auto const record = decode_account(id, value);
            ++report_.accounts;
            if (!record) {
                problem("account {}: its record cannot be read", number(id));
                return true;
            }
            if (number(id) > last) problem("account {}: its number was never given out", number(id));
            if (login_of(transaction, record->account.login) != number(id))
                problem("account {}: its login does not lead to it", record->account.login);
            check_names(transaction, id, record->account.login);
            return true;
        });
    }

    // The id that a login leads to, or 0.
    static std::uint32_t login_of(ReadTransaction const& transaction, std::string_view login) {
        auto const value = get(transaction, Table::name, name_key(logins, login));
        auto const row = value ? decode_name(*value) : std::nullopt;
        return row ? row->id : 0;
    }

    void check_names(ReadTransaction const& transaction, AccountId id, std::string_view owner) {
        for_each_row(transaction, Table::name, u32_key(number(id)), [&](std::string_view key, std::string_view value) {
            auto const row = decode_name(value);
            if (!row || key != name_key(id, row->name)) {
                problem("account {}: a mailbox name cannot be read", owner);
                return true;
            }
            if (!named_.emplace(static_cast<MailboxId>(row->id), Named{id, row->name}).second)
                problem("mailbox {}: it has two names", row->id);
            if (!get(transaction, Table::mailbox, mailbox_key(static_cast<MailboxId>(row->id))))
                problem("mailbox {} of account {}: it is not there", row->name, owner);
            return true;
        });
    }

    void check_logins(ReadTransaction const& transaction) {
        for_each_row(transaction, Table::name, u32_key(number(logins)), [&](std::string_view, std::string_view value) {
            auto const row = decode_name(value);
            if (!row || !get(transaction, Table::account, u32_key(row->id)))
                problem("login {}: it leads to no account", row ? row->name : "");
            return true;
        });
    }

    void check_mailboxes(ReadTransaction const& transaction) {
        Seen seen;
        for_each_row(transaction, Table::mailbox, "", [&](std::string_view key, std::string_view value) {
            auto const id = static_cast<MailboxId>(u32_at(key, 0).value_or(0));
            if (id != seen.mailbox) {
                finish_mailbox(transaction, seen);
                seen = Seen{};
                seen.mailbox = id;
            }
            if (key.size() == 9 && key[4] == static_cast<char>(MailboxRow::index))
                check_index(transaction, seen, static_cast<Uid>(u32_at(key, 5).value_or(0)), value);
            else if (key.size() == 5 && key[4] == static_cast<char>(MailboxRow::record))
                seen.record = decode_mailbox(id, value);
            else if (key.size() == 13 && key[4] == static_cast<char>(MailboxRow::change))
                check_change(seen, static_cast<ModSeq>(~u64_at(key, 5).value_or(0)), value);
            else if (key == acl_key(id))
                check_acl(transaction, id, value);
            else
                problem("mailbox {}: a row of no kind", number(id));
            return true;
        });
        finish_mailbox(transaction, seen);
    }

    void check_index(ReadTransaction const& transaction, Seen& seen, Uid uid, std::string_view value) {
        ++report_.index_rows;
        auto const row = decode_index(uid, value);
        if (!row) return problem("mailbox {} UID {}: its row cannot be read", number(seen.mailbox), number(uid));
        auto const found = get(transaction, Table::message, message_key(row->message, 0));
        auto const message = found ? decode_message(row->message, *found) : std::nullopt;
        if (!message)
            problem("mailbox {} UID {}: its message {} is not there", number(seen.mailbox), number(uid),
                    number(row->message));
        count_in(seen.counts, *row, message ? message->size : 0);
        seen.present.add(uid);
        seen.last_uid = uid;
        seen.last_modseq = std::max(seen.last_modseq, row->modseq);
        seen.keywords |= row->keywords;
        references_.push_back(number(row->message));
        if (row->stub) stub_rows_.emplace(number(row->message), seen.mailbox, uid);
        if (message && message->heading) references_.push_back(number(message->heading->before));
    }

    // What is to be erased refers to the message before which it is a heading until it is.
    void note_dead_headings(ReadTransaction const& transaction) {
        for_each_row(transaction, Table::garbage, "", [&](std::string_view key, std::string_view) {
            auto const id = static_cast<MessageId>(u64_at(key, 0).value_or(0));
            auto const value = get(transaction, Table::message, message_key(id, 0));
            auto const message = value ? decode_message(id, *value) : std::nullopt;
            if (message && message->heading) references_.push_back(number(message->heading->before));
            return true;
        });
    }

    void check_change(Seen& seen, ModSeq modseq, std::string_view value) {
        ++seen.change_rows;
        auto const change = decode_change(modseq, value);
        if (!change || !seen.record)
            return problem("mailbox {}: its change {} cannot be read", number(seen.mailbox), number(modseq));
        Mailbox const& mailbox = seen.record->mailbox;
        if (modseq > mailbox.highest_modseq || modseq <= mailbox.expunge_floor)
            problem("mailbox {}: its change {} is out of range", mailbox.name, number(modseq));
        seen.added.add(change->added);
        seen.expunged.add(change->expunged);
    }

    void check_acl(ReadTransaction const& transaction, MailboxId mailbox, std::string_view value) {
        auto const acl = decode_acl(value);
        if (!acl || acl->empty()) return problem("mailbox {}: its access control list cannot be read", number(mailbox));
        for (AclEntry const& entry : *acl) {
            if (entry.who != anyone && !get(transaction, Table::account, u32_key(number(entry.who))))
                problem("mailbox {}: its access control list names account {}, which is not there", number(mailbox),
                        number(entry.who));
            if (!get(transaction, Table::grant, grant_key(entry.who, mailbox)))
                problem("mailbox {}: account {} does not know that it is in the access control list", number(mailbox),
                        number(entry.who));
        }
    }

    void check_grants(ReadTransaction const& transaction) {
        for_each_row(transaction, Table::grant, "", [&](std::string_view key, std::string_view) {
            auto const who = static_cast<AccountId>(u32_at(key, 0).value_or(0));
            auto const mailbox = static_cast<MailboxId>(u32_at(key, 4).value_or(0));
            auto const value = get(transaction, Table::mailbox, acl_key(mailbox));
            auto const acl = value ? decode_acl(*value) : std::nullopt;
            if (key.size() != 8 || (acl.has_value() == value.has_value() &&
                                    !std::ranges::contains(acl.value_or(Acl()), who, &AclEntry::who)))
                problem("account {}: mailbox {} has nothing of it in its access control list", number(who),
                        number(mailbox));
            return true;
        });
    }

    void finish_mailbox(ReadTransaction const& transaction, Seen const& seen) {
        if (seen.mailbox == MailboxId{}) return;
        ++report_.mailboxes;
        if (!seen.record) return problem("mailbox {}: its record cannot be read", number(seen.mailbox));
        Mailbox const& says = seen.record->mailbox;
        auto const named = named_.find(says.id);
        if (named == named_.end() || named->second.account != says.account || named->second.name != says.name)
            problem("mailbox {}: no name leads to it", says.name);
        if (number(says.id) > get_number(transaction, meta_last_mailbox))
            problem("mailbox {}: its number was never given out", says.name);
        if (number(says.uid_validity) > get_number(transaction, meta_last_uid_validity))
            problem("mailbox {}: its UIDVALIDITY was never given out", says.name);

        auto const compare = [&](std::string_view what, std::uint64_t said, std::uint64_t is) {
            if (said != is) problem("mailbox {}: it says {} {} and has {}", says.name, said, what, is);
        };
        compare("messages", says.messages, seen.counts.messages);
        compare("unseen", says.unseen, seen.counts.unseen);
        compare("deleted", says.deleted, seen.counts.deleted);
        compare("octets", says.octets, seen.counts.octets);
        compare("change rows", seen.record->change_rows, seen.change_rows);
        if (seen.last_uid >= says.uid_next) problem("mailbox {}: a UID is not below UIDNEXT", says.name);
        if (seen.last_modseq > says.highest_modseq)
            problem("mailbox {}: a mod-sequence is above HIGHESTMODSEQ", says.name);
        if (says.keywords.size() < max_keywords && seen.keywords >> says.keywords.size() != 0)
            problem("mailbox {}: a message has a keyword without a name", says.name);
        if (!says.selectable && seen.counts.messages > 0)
            problem("mailbox {}: it is \\Noselect and has messages", says.name);

        UidSet alive = seen.expunged; // expunged, and there
        UidSet gone = seen.expunged;
        gone.remove(seen.present);
        alive.remove(gone);
        if (!alive.empty()) problem("mailbox {}: UIDs {} are said to be expunged", says.name, alive.to_string());
        UidSet lost = seen.added; // added, neither there nor expunged
        lost.remove(seen.present);
        lost.remove(seen.expunged);
        if (!lost.empty()) problem("mailbox {}: UIDs {} were added and are not there", says.name, lost.to_string());
    }

    // Each of an account and a mailbox that are there; what is shared of a mailbox, of the one whose it is.
    void check_metadata(ReadTransaction const& transaction) {
        for_each_row(transaction, Table::metadata, "", [&](std::string_view key, std::string_view value) {
            auto const account = static_cast<AccountId>(u32_at(key, 0).value_or(0));
            auto const mailbox = static_cast<MailboxId>(u32_at(key, 4).value_or(0));
            auto const entry = key.size() > 8 ? decode_entry(value) : std::nullopt;
            if (!entry || key.substr(8) != text::lower(entry->name)) {
                problem("mailbox {}: an annotation by account {} cannot be read", number(mailbox), number(account));
                return true;
            }
            bool const is_shared = text::istarts_with(entry->name, "/shared");
            auto const named = named_.find(mailbox);
            bool const has_account =
                account == nobody
                    ? is_shared && mailbox == server
                    : account == the_office || get(transaction, Table::account, u32_key(number(account))).has_value();
            bool const has_mailbox = mailbox == server
                                         ? account == nobody || !is_shared
                                         : named != named_.end() && (!is_shared || named->second.account == account);
            if (!has_account) problem("annotation {}: there is no account {}", entry->name, number(account));
            if (!has_mailbox) problem("annotation {}: mailbox {} is not its own", entry->name, number(mailbox));
            return true;
        });
    }

    void check_aliases(ReadTransaction const& transaction) {
        for_each_row(transaction, Table::alias, "", [&](std::string_view key, std::string_view value) {
            auto const alias = decode_alias(key, value);
            if (!alias) {
                problem("alias {}: it cannot be read", key);
                return true;
            }
            for (MailboxId const id : alias->mailboxes) {
                auto const named = named_.find(id);
                if (named == named_.end() || named->second.account != the_office)
                    problem("alias {}: it leads to mailbox {}, which the office does not have", key, number(id));
            }
            return true;
        });
    }

    void check_relays(ReadTransaction const& transaction) {
        for_each_row(transaction, Table::relay, "", [&](std::string_view key, std::string_view value) {
            if (!decode_relay(key, value)) problem("relay {}: it cannot be read", key);
            return true;
        });
    }

    void check_upstreams(ReadTransaction const& transaction) {
        for_each_row(transaction, Table::upstream, "", [&](std::string_view key, std::string_view value) {
            if (!decode_upstream(key, value)) problem("upstream {}: it cannot be read", key);
            return true;
        });
    }

    void check_dns_names(ReadTransaction const& transaction) {
        for_each_row(transaction, Table::dns_name, "", [&](std::string_view key, std::string_view value) {
            if (!decode_dns_name(key, value)) problem("name {}: its records cannot be read", key);
            return true;
        });
    }

    void check_fetches(ReadTransaction const& transaction) {
        for_each_row(transaction, Table::fetch_source, "", [&](std::string_view key, std::string_view value) {
            if (!decode_fetch_source(key, value)) problem("fetch source {}: it cannot be read", key);
            return true;
        });
        check_stubs(transaction);
        std::string source; // of the rows that are looked at
        for_each_row(transaction, Table::fetched, "", [&](std::string_view key, std::string_view value) {
            auto const name = key.substr(0, key.find('\0'));
            if (name.empty()) return true; // a stub
            if (name != source && !get(transaction, Table::fetch_source, name))
                problem("fetch source {}: there is none of that name, but messages were taken from it", name);
            source = name;
            auto const messages = fetched_rows(name, FetchedRow::message);
            bool const readable = key == fetched_rows(name, FetchedRow::mailbox)
                                      ? decode_fetched_mailbox(value).has_value()
                                      : key.starts_with(messages) && decode_fetched(key.substr(messages.size()), value);
            if (!readable) problem("fetch source {}: what was taken from it cannot be read", name);
            return true;
        });
    }

    // Each is known by its rows and by who took it, and they by it.
    void check_stubs(ReadTransaction const& transaction) {
        auto const prefix = fetched_rows("", FetchedRow::stub);
        for_each_row(
            transaction, Table::fetched, std::string_view("\0", 1), [&](std::string_view key, std::string_view value) {
                auto const id = static_cast<MessageId>(u64_at(key, prefix.size()).value_or(0));
                auto const stub = key == stub_key(id) ? decode_stub(id, value) : std::nullopt;
                if (!stub || stub->places.empty()) {
                    problem("stub {}: what is known of it cannot be read", number(id));
                    return true;
                }
                for (StubPlace const& place : stub->places)
                    if (stub_rows_.erase({number(id), place.mailbox, place.uid}) == 0)
                        problem("stub {}: it is not in mailbox {} at UID {}", number(id), number(place.mailbox),
                                number(place.uid));
                auto const fetched =
                    get(transaction, Table::fetched, fetched_rows(stub->source, FetchedRow::message).append(stub->id));
                auto const taken = fetched ? decode_fetched(stub->id, *fetched) : std::nullopt;
                if (!stub->id.empty() && (!taken || taken->stub != id))
                    problem("stub {}: fetch source {} knows nothing of it", number(id), stub->source);
                return true;
            });
        for (auto const& [id, mailbox, uid] : stub_rows_)
            problem("mailbox {} UID {}: nothing is known of what it is a stub of", number(mailbox), number(uid));
    }

    void check_queue(ReadTransaction const& transaction) {
        for_each_row(transaction, Table::queue, "", [&](std::string_view key, std::string_view value) {
            ++report_.queue_items;
            auto const id = u64_at(key, 0).value_or(0);
            auto const item = decode_queue_item(static_cast<QueueItemId>(id), value);
            if (!item) {
                problem("queue item {}: it cannot be read", id);
                return true;
            }
            if (!get(transaction, Table::message, message_key(item->message, 0)))
                problem("queue item {}: its message {} is not there", id, number(item->message));
            references_.push_back(number(item->message));
            return true;
        });
    }

    // Records and the lengths of their chunks; the chunks' octets are check_chunks' business.
    void check_messages(ReadTransaction const& transaction) {
        std::uint64_t const limit = get_number(transaction, meta_number_limit);
        std::uint64_t current = 0;
        std::uint64_t expected = 0; // octets by the record, or by the garbage row
        std::uint64_t octets = 0;   // in chunks
        std::uint32_t parts = 0;
        auto const finish = [&] {
            if (current != 0 && octets != expected)
                problem("message {}: its body has {} octets, not {}", current, octets, expected);
        };
        for_each_row(transaction, Table::message, "", [&](std::string_view key, std::string_view value) {
            auto const id = u64_at(key, 0).value_or(0);
            auto const part = u32_at(key, 8).value_or(0);
            if (id != current) {
                finish();
                current = id;
                octets = 0;
                parts = 0;
                expected = begin_message(transaction, id, part, value);
                if (id >= limit) problem("message {}: its number was never given out", id);
            }
            if (part == 0) return true;
            if (part != ++parts) {
                problem("message {}: chunk {} of its body is not there", id, parts);
                parts = part;
            }
            octets += value.size() - std::min<std::size_t>(value.size(), 4); // without the checksum
            return true;
        });
        finish();
    }

    // The size that the body must have; `part` is the first there is of the message.
    std::uint64_t begin_message(ReadTransaction const& transaction, std::uint64_t id, std::uint32_t part,
                                std::string_view value) {
        if (part != 0) {
            auto const row = get(transaction, Table::garbage, u64_key(id));
            auto const garbage = row ? decode_garbage(*row) : std::nullopt;
            if (!garbage) problem("body {}: it belongs to no message", id);
            return garbage ? garbage->size : 0;
        }
        auto const message = decode_message(static_cast<MessageId>(id), value);
        if (!message) {
            problem("message {}: its record cannot be read", id);
            return 0;
        }
        auto const rows = std::ranges::equal_range(references_, id).size();
        if (get(transaction, Table::garbage, u64_key(id))) {
            if (rows != 0) problem("message {}: its body is on the list of garbage", id);
            return own_octets(transaction, *message);
        }
        ++report_.messages;
        auto const says = references_of(transaction, *message);
        if (rows == 0)
            problem("message {}: no mailbox and no queue row has it", id);
        else if (rows != says)
            problem("message {}: it says {} references and has {}", id, says, rows);
        return own_octets(transaction, *message);
    }

    // Of its body; what it is a heading before has the rest.
    std::uint64_t own_octets(ReadTransaction const& transaction, MessageView const& message) {
        if (!message.heading) return message.size;
        auto const [before, octets] = *message.heading;
        auto const value = get(transaction, Table::message, message_key(before, 0));
        auto const rest = value ? decode_message(before, *value) : std::nullopt;
        if (!rest || rest->heading || rest->size != message.size - octets)
            problem("message {}: message {} does not follow its heading", number(message.id), number(before));
        return octets;
    }

    // 0: what it says cannot be read.
    static std::uint32_t references_of(ReadTransaction const& transaction, MessageView const& message) {
        auto const value = get(transaction, Table::reference, u64_key(number(message.id)));
        return value ? decode_reference(*value).value_or(Reference{}).count : message.references;
    }

    void check_references(ReadTransaction const& transaction) {
        for_each_row(transaction, Table::reference, "", [&](std::string_view key, std::string_view) {
            auto const id = u64_at(key, 0).value_or(0);
            if (!std::ranges::binary_search(references_, id))
                problem("message {}: references to it are counted and there are none", id);
            return true;
        });
    }

    void check_garbage(ReadTransaction const& transaction) {
        for_each_row(transaction, Table::garbage, "", [&](std::string_view key, std::string_view value) {
            auto const id = u64_at(key, 0).value_or(0);
            auto const garbage = decode_garbage(value);
            if (!garbage) problem("garbage {}: its row cannot be read", id);
            if (garbage && garbage->state == GarbageState::spooling &&
                get(transaction, Table::message, message_key(static_cast<MessageId>(id), 0)))
                problem("message {}: its body is still being spooled", id);
            return true;
        });
    }

    void check_audit(ReadTransaction const& transaction) {
        std::string before; // the digest of the last row; nothing yet for the first that is left
        std::uint64_t expected = 0;
        for_each_row(transaction, Table::audit, "", [&](std::string_view key, std::string_view value) {
            ++report_.audit_rows;
            auto const sequence = u64_at(key, 0).value_or(0);
            auto const row = decode_audit(sequence, value);
            if (!row)
                problem("audit row {}: it cannot be read", sequence);
            else if (expected != 0 && (row->before != before || sequence != expected))
                problem("audit row {}: the row before it was altered or taken out", sequence);
            before = core::sha256(std::string(key).append(value));
            expected = sequence + 1;
            return true;
        });
    }

    struct Named {
        AccountId account;
        std::string name;
    };

    CheckReport& report_;
    std::map<MailboxId, Named> named_;
    std::vector<std::pair<std::string, std::string_view>> bad_chunks_; // by key, and what of them
    std::vector<std::uint64_t> references_;                            // the message of each index row and queue row
    std::set<std::tuple<std::uint64_t, MailboxId, Uid>> stub_rows_;    // of the index, by their message
};

} // namespace

Result<CheckReport> check(Store& store, bool bodies) {
    CheckReport report;
    Checker checker(report);
    auto const look = [&](auto step) {
        return store.read_here([&](ReadTransaction const& transaction) -> Result<bool> { return step(transaction); });
    };
    Result<bool> more = false;
    for (int attempt = 0; more && !*more && attempt < attempts; ++attempt)
        more = look([&](ReadTransaction const& transaction) { return checker.check_pages(transaction, bodies); });
    if (!more) return std::unexpected(more.error());

    more = look([&](ReadTransaction const& transaction) { return checker.check_rows(transaction), bodies; });
    for (std::string last; more && *more;)
        more = look([&](ReadTransaction const& transaction) { return checker.check_chunks(transaction, last); });
    if (more) more = look([&](ReadTransaction const& transaction) { return checker.tell_chunks(transaction), false; });
    if (!more && more.error() != StoreError::damaged) return std::unexpected(more.error());
    if (!more) report.problems.push_back({"what is damaged cannot be read; the rest was not looked at"});
    return report;
}

} // namespace postern::store
