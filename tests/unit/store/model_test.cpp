// The store beside a model of it that is a few maps: after any sequence of operations both say the same, sessions that
// only follow the changes see what is there, and the store's own check passes.
#include "fixture.h"
#include "store/bodies.h"
#include "store/changes.h"
#include "store/lmdb.h"
#include "store/quota.h"

#include <map>
#include <random>
#include <set>

using namespace postern;
using namespace postern::store;
using namespace postern::store::test;
using core::SystemFlag;

namespace {

struct ModelRow {
    std::string body;
    std::uint8_t flags = 0;
    std::set<std::string> keywords;
    friend bool operator==(ModelRow const&, ModelRow const&) = default;
};

struct ModelMailbox {
    std::uint32_t uid_next = 1;
    std::map<std::uint32_t, ModelRow> rows;
};

// What an IMAP session keeps of the mailbox that it has selected.
struct Session {
    MailboxId mailbox{};
    ModSeq since{};
    std::map<std::uint32_t, ModelRow> rows;
};

class Model {
public:
    explicit Model(unsigned seed) : random_(seed) {
        for (auto const& mailbox : store_.read([&](ReadTransaction const& t) { return list_mailboxes(t, alice_); }))
            mailboxes_[mailbox.name];
        for (std::string const name : {"INBOX", "Trash"}) {
            auto const mailbox = store_.find(alice_, name);
            sessions_.push_back({mailbox.id, mailbox.highest_modseq, {}});
        }
    }

    void run(int steps) {
        for (int i = 0; i < steps; ++i) {
            step();
            if (i % 10 == 0) follow(sessions_[pick(sessions_.size())]);
            if (i % 50 == 0) compare();
        }
        compare();
        store_.reopen();
        compare();
        // A fresh start leaves no garbage.
        UNSIGNED_LONGS_EQUAL(0, store_.read([](ReadTransaction const& t) { return count_rows(t, Table::garbage); }));
    }

private:
    std::size_t pick(std::size_t below) { return std::uniform_int_distribution<std::size_t>(0, below - 1)(random_); }
    std::string pick_name() { return std::next(mailboxes_.begin(), static_cast<long>(pick(mailboxes_.size())))->first; }

    UidSet pick_uids(ModelMailbox const& mailbox) {
        UidSet uids;
        for (std::uint32_t uid = 1; uid < mailbox.uid_next + 2; ++uid)
            if (pick(3) == 0) uids.add(static_cast<Uid>(uid));
        return uids;
    }

    static SystemFlags flags_of(std::uint8_t bits) { return SystemFlags(bits); }

    void step() {
        switch (pick(9)) {
        case 0:
        case 1:
        case 2: return append_one();
        case 3:
        case 4: return flag();
        case 5: return copy_or_move(false);
        case 6: return copy_or_move(true);
        case 7: return expunge_some();
        case 8: return rename_create_delete();
        }
    }

    void append_one() {
        std::string const name = pick_name();
        ModelRow row;
        row.body = std::string(pick(2) == 0 ? pick(100) : pick(90'000), static_cast<char>('a' + pick(26)));
        row.flags = static_cast<std::uint8_t>(pick(32));
        if (pick(2) == 0) row.keywords.insert(std::format("k{}", pick(8)));
        auto const id = store_.find(alice_, name).id;
        auto const appended =
            store_.append(id, row.body, flags_of(row.flags), {row.keywords.begin(), row.keywords.end()});
        ModelMailbox& mailbox = mailboxes_[name];
        UNSIGNED_LONGS_EQUAL(mailbox.uid_next, core::number(appended.uid));
        mailbox.rows[mailbox.uid_next++] = row;
    }

    void flag() {
        std::string const name = pick_name();
        ModelMailbox& mailbox = mailboxes_[name];
        auto const uids = pick_uids(mailbox);
        FlagChange change;
        change.mode = static_cast<FlagMode>(pick(3));
        change.flags = flags_of(static_cast<std::uint8_t>(pick(32)));
        if (pick(2) == 0) change.keywords = {std::format("k{}", pick(8))};
        auto const id = store_.find(alice_, name).id;
        auto const stored = store_.write([&](WriteTransaction& t) { return store_flags(t, id, uids, change); });
        UidSet changed;
        for (auto& [uid, row] : mailbox.rows) {
            if (!uids.contains(static_cast<Uid>(uid))) continue;
            ModelRow const before = row;
            auto const bits = change.flags.bits();
            switch (change.mode) {
            case FlagMode::add:
                row.flags |= bits;
                row.keywords.insert(change.keywords.begin(), change.keywords.end());
                break;
            case FlagMode::remove:
                row.flags = static_cast<std::uint8_t>(row.flags & ~bits);
                for (auto const& keyword : change.keywords) row.keywords.erase(keyword);
                break;
            case FlagMode::replace:
                row.flags = bits;
                row.keywords = {change.keywords.begin(), change.keywords.end()};
                break;
            }
            if (row != before) changed.add(static_cast<Uid>(uid));
        }
        CHECK(stored.changed == changed);
    }

    void copy_or_move(bool moving) {
        std::string const from = pick_name();
        std::string const to = pick_name();
        auto const uids = pick_uids(mailboxes_[from]);
        auto const from_id = store_.find(alice_, from).id;
        auto const to_id = store_.find(alice_, to).id;
        auto const copied = store_.write([&](WriteTransaction& t) {
            return moving ? store::move(t, from_id, uids, to_id, {}, start) : copy(t, from_id, uids, to_id, {}, start);
        });
        std::vector<std::pair<std::uint32_t, ModelRow>> rows;
        for (auto const& [uid, row] : mailboxes_[from].rows)
            if (uids.contains(static_cast<Uid>(uid))) rows.emplace_back(uid, row);
        UNSIGNED_LONGS_EQUAL(rows.size(), copied.source.size());
        UNSIGNED_LONGS_EQUAL(rows.size(), copied.destination.size());
        for (auto const& [uid, row] : rows) {
            if (moving) mailboxes_[from].rows.erase(uid);
            ModelMailbox& mailbox = mailboxes_[to];
            mailbox.rows[mailbox.uid_next++] = row;
        }
    }

    void expunge_some() {
        std::string const name = pick_name();
        ModelMailbox& mailbox = mailboxes_[name];
        auto const uids = pick_uids(mailbox);
        bool const all = pick(2) == 0;
        auto const id = store_.find(alice_, name).id;
        auto const gone = store_.write([&](WriteTransaction& t) { return expunge(t, id, all ? nullptr : &uids); });
        UidSet expected;
        std::erase_if(mailbox.rows, [&](auto const& entry) {
            auto const uid = static_cast<Uid>(entry.first);
            bool const goes = flags_of(entry.second.flags).has(SystemFlag::deleted) && (all || uids.contains(uid));
            if (goes) expected.add(uid);
            return goes;
        });
        CHECK(gone == expected);
    }

    void rename_create_delete() {
        std::string const name = std::format("box{}", pick(6));
        auto const there = mailboxes_.find(name);
        if (there == mailboxes_.end()) {
            store_.mailbox(alice_, name);
            mailboxes_[name];
        } else if (pick(2) == 0) {
            auto const done = store_->write_here([&](WriteTransaction& t) { return delete_mailbox(t, alice_, name); });
            CHECK(done.has_value());
            mailboxes_.erase(there);
        } else {
            std::string const to = std::format("box{}", pick(6) + 10);
            auto const done =
                store_->write_here([&](WriteTransaction& t) { return rename_mailbox(t, alice_, name, to, start); });
            if (mailboxes_.contains(to)) {
                CHECK(done.error() == StoreError::mailbox_exists);
                return;
            }
            CHECK(done.has_value());
            mailboxes_[to] = std::move(there->second);
            mailboxes_.erase(name);
        }
    }

    std::map<std::uint32_t, ModelRow> look(ReadTransaction const& t, MailboxId id, bool bodies) {
        std::map<std::uint32_t, ModelRow> rows;
        auto const mailbox = *get_mailbox(t, id);
        UidSet all;
        all.add_range(1, 0xffff'ffff);
        for_each_index(t, id, all, [&](IndexRow const& index) {
            ModelRow row;
            row.flags = index.flags.bits();
            for (auto& keyword : keyword_names(mailbox, index.keywords)) row.keywords.insert(keyword);
            if (bodies)
                row.body = read_body(t, static_cast<BodyId>(core::number(index.message)), 0, 1'000'000).value_or("-");
            rows[core::number(index.uid)] = row;
            return true;
        });
        return rows;
    }

    // Brings a session up to date by the changes alone, and compares it with what is there.
    void follow(Session& session) {
        auto const same = store_.read([&](ReadTransaction const& t) {
            std::vector<Uid> known;
            for (auto const& [uid, row] : session.rows) known.push_back(static_cast<Uid>(uid));
            auto const changes = *changes_since(t, session.mailbox, session.since, known);
            auto const there = look(t, session.mailbox, false);
            bool told = true; // only of what it knows, and of what is there
            changes.expunged.for_each([&](Uid uid) { told = told && session.rows.erase(core::number(uid)) == 1; });
            changes.added.for_each([&](Uid uid) {
                told = told && !session.rows.contains(core::number(uid)) && there.contains(core::number(uid));
                session.rows[core::number(uid)] = there.at(core::number(uid));
            });
            changes.changed.for_each([&](Uid uid) {
                told = told && session.rows.contains(core::number(uid));
                session.rows[core::number(uid)] = there.at(core::number(uid));
            });
            session.since = changes.highest;
            return told && session.rows == there;
        });
        CHECK(same);
    }

    void compare() {
        store_.check();
        auto const same = store_.read([&](ReadTransaction const& t) {
            auto const listed = list_mailboxes(t, alice_);
            Usage usage;
            for (Mailbox const& mailbox : listed) {
                usage.octets += mailbox.octets;
                usage.messages += mailbox.messages;
            }
            if (usage_of(t, alice_) != usage) return false; // which is remembered, and follows each change
            if (listed.size() != mailboxes_.size()) return false;
            for (Mailbox const& mailbox : listed) {
                auto const model = mailboxes_.find(mailbox.name);
                if (model == mailboxes_.end() || model->second.uid_next != core::number(mailbox.uid_next)) return false;
                if (look(t, mailbox.id, true) != model->second.rows) return false;
            }
            return true;
        });
        CHECK(same);
    }

    std::mt19937 random_;
    TestStore store_;
    AccountId alice_ = store_.account("alice");
    std::map<std::string, ModelMailbox> mailboxes_;
    std::vector<Session> sessions_;
};

} // namespace

TEST_GROUP(StoreModel){};

TEST(StoreModel, agrees_after_any_sequence_of_operations) {
    for (unsigned seed = 1; seed <= 6; ++seed) Model(seed).run(300);
}
