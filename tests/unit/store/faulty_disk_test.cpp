// The disk fails at each write and flush in turn: what failed left nothing, everything else stays, and the next change
// works again without a restart.
#include "fixture.h"
#include "store/settings.h"
#include "support/faulty_disk.h"

#include <cerrno>
#include <map>
#include <optional>

using namespace postern;
using namespace postern::store;
using namespace postern::store::test;
using core::SystemFlag;
using postern::test::faulty_disk;

namespace {

// What is to be in the mailbox: whether each message is flagged.
using Flags = std::map<Uid, bool>;

} // namespace

TEST_GROUP(FaultyDisk) {
    std::optional<TestStore> store;
    MailboxId inbox{};
    Flags model;
    std::vector<StoreError> errors;

    void begin() {
        store.emplace();
        inbox = store->find(store->account("alice"), "INBOX").id;
        model.clear();
        errors.clear();
        append(100);
        append(50'000);
    }
    void teardown() override { heal(); }

    void fail_at(int call, int calls, int error, bool full) {
        faulty_disk().bad_calls = calls;
        faulty_disk().error = error;
        faulty_disk().full = full ? 1 : 0;
        faulty_disk().failed = 0;
        faulty_disk().good_calls = call;
    }
    void heal() { faulty_disk().good_calls = -1; }

    template <typename T> bool worked(Result<T> const& result) {
        if (!result) errors.push_back(result.error());
        return result.has_value();
    }

    // Each changes the model only if it was acknowledged.
    void append(std::size_t octets) {
        auto const done = (*store)->write_here([&](WriteTransaction& t) {
            return store::append(t, TestStore::message(std::string(octets, 'x')), Placement{inbox, {}, {}}, {}, start);
        });
        if (worked(done)) model[done->uid] = false;
    }
    void flag(Uid uid) {
        auto const done = (*store)->write_here([&](WriteTransaction& t) {
            return store_flags(t, inbox, {uid}, {FlagMode::add, SystemFlag::deleted, {}, {}});
        });
        if (worked(done) && model.contains(uid)) model[uid] = true;
    }
    void expunge() {
        auto const done = (*store)->write_here([&](WriteTransaction& t) { return store::expunge(t, inbox, nullptr); });
        if (worked(done)) std::erase_if(model, [](auto const& message) { return message.second; });
    }

    void run_script() {
        append(2'000);
        flag(Uid{1});
        append(1'000'000); // more than is written ahead
        expunge();
        append(20'000);
        flag(Uid{2});
    }

    void is_as_it_should_be() {
        auto const found = store->read([&](ReadTransaction const& t) {
            Flags flags;
            list_uids(t, inbox).for_each(
                [&](Uid uid) { flags[uid] = get_index(t, inbox, uid)->flags.has(SystemFlag::deleted); });
            return flags;
        });
        CHECK(found == model);
        store->check();
    }

    // The script, with a fault at each of its calls; most of the later ones write zeros ahead, and a few will do.
    void at_each_call(int error, StoreError expected, int calls = 1, bool full = false) {
        int faults = 0;
        for (int call = 0;; call += call < 20 ? 1 : 11) {
            begin();
            fail_at(call, calls, error, full);
            run_script();
            is_as_it_should_be(); // while it is full, too
            bool const came = faulty_disk().failed > 0;
            heal();
            if (!came) break;
            faults += static_cast<int>(errors.size());
            for (StoreError const told : errors) CHECK(told == expected);
            errors.clear();
            run_script();
            CHECK(errors.empty());
            is_as_it_should_be();
            store->reopen();
            is_as_it_should_be();
        }
        CHECK(faults > 10);
    }
};

TEST(FaultyDisk, says_full_once) { at_each_call(ENOSPC, StoreError::full); }
TEST(FaultyDisk, says_over_quota_once) { at_each_call(EDQUOT, StoreError::full); }
TEST(FaultyDisk, fails_once) { at_each_call(EIO, StoreError::failed); }
TEST(FaultyDisk, fails_while_it_is_mended_too) { at_each_call(EIO, StoreError::failed, 6); }
TEST(FaultyDisk, cuts_a_write_short_once) { at_each_call(0, StoreError::failed); }
TEST(FaultyDisk, is_full_from_then_on) { at_each_call(ENOSPC, StoreError::full, 1, true); }
