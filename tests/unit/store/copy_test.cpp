#include "fixture.h"
#include "store/bodies.h"
#include "store/copy.h"
#include "store/load.h"
#include "store/queue.h"

#include <algorithm>
#include <atomic>
#include <fstream>
#include <limits>
#include <map>
#include <optional>

using namespace postern;
using namespace postern::store;
using namespace postern::store::test;
using core::SystemFlag;

// clang-format off
TEST_GROUP(StoreCopy) {
    TestStore store;
    AccountId alice = store.account("alice");
    MailboxId inbox = store.find(alice, "INBOX").id;
    std::filesystem::path aside = temporary_directory();
    std::optional<std::unique_ptr<Store>> copy_;

    void setup() override { std::filesystem::create_directory(aside); }
    void teardown() override {
        copy_.reset();
        std::filesystem::remove_all(aside);
    }

    Copy begin() {
        auto copy = Copy::begin(*store, store.directory(), {schema_version, 1'700'000'000, "office.lan"}, {});
        CHECK(copy.has_value());
        return std::move(*copy);
    }
    static std::string rest_of(Copy& copy) {
        std::string octets;
        for (;;) {
            auto const piece = copy.next();
            CHECK(piece.has_value());
            if (piece->empty()) return octets;
            octets += *piece;
        }
    }
    // The store that is made of a copy; it must be whole.
    Store& load(std::string const& octets, std::optional<Continuation> continuation = {}) {
        {
            Load to(aside, std::uint64_t{256} << 20);
            CopyReader reader({[](CopyHead const&) { return CopyReader::Verdict(); },
                               [](CopiedFile const&) { return CopyReader::Verdict(); },
                               [&](std::string_view table, std::string_view key, std::string_view value) {
                                   return to.put_row(table, key, value);
                               }});
            auto const taken = reader.take(octets);
            if (!taken) FAIL(taken.error().c_str());
            CHECK(reader.ended());
            if (continuation) (void)to.finish(*continuation);
            else to.finish();
        }
        auto opened = Store::open(aside, TestStore::small());
        if (!opened) FAIL(opened.error().reason.c_str());
        copy_ = std::move(*opened);
        auto const report = check(**copy_, true);
        CHECK(report.has_value());
        for (Problem const& problem : report->problems) FAIL(problem.what.c_str());
        return **copy_;
    }
    template <typename Look> static auto read(Store& from, Look look) {
        using T = std::invoke_result_t<Look&, ReadTransaction const&>;
        return *from.read_here([&](ReadTransaction const& t) -> Result<T> { return look(t); });
    }
    void remove(Uid uid) {
        UidSet uids;
        uids.add(uid);
        store.write([&](WriteTransaction& t) { return store::remove(t, inbox, uids); });
    }
    // Where there is much garbage, each commit erases some of it.
    void erase_what_may_be() {
        for (int i = 0; i < 600; ++i) remove(store.append(inbox, "y").uid);
    }
    static std::vector<std::string> bodies(Store& from, MailboxId mailbox) {
        return read(from, [&](ReadTransaction const& t) {
            std::vector<std::string> found;
            for_each_index(t, mailbox, list_uids(t, mailbox), [&](IndexRow const& row) {
                auto const message = get_message(t, row.message);
                found.push_back(*read_body(t, message->body, 0, message->size));
                return true;
            });
            return found;
        });
    }
};
// clang-format on

TEST(StoreCopy, is_the_store) {
    store.append(inbox, std::string(200'000, 'x'), SystemFlag::seen, {"work"});
    store.append(inbox, "small");
    auto copy = begin();
    Store& made = load(rest_of(copy));
    CHECK(bodies(made, inbox) == bodies(*store, inbox));
    auto const is = read(made, [&](ReadTransaction const& t) { return *get_mailbox(t, inbox); });
    auto const was = store.get(inbox);
    CHECK(is.uid_validity == was.uid_validity && is.uid_next == was.uid_next);
    CHECK(is.highest_modseq == was.highest_modseq && is.keywords == was.keywords);
}

TEST(StoreCopy, is_of_one_instant_whatever_happens_meanwhile) {
    std::vector<std::string> had;
    for (char letter = 'a'; letter < 'k'; ++letter) {
        had.push_back(std::string(300'000, letter));
        store.append(inbox, had.back());
    }
    auto copy = begin();
    std::string octets = *copy.next();
    UidSet all;
    all.add_range(1, 10);
    store.write([&](WriteTransaction& t) { return store::remove(t, inbox, all); });
    store.append(inbox, "later");
    erase_what_may_be();
    octets += rest_of(copy);
    Store& made = load(octets);
    CHECK(bodies(made, inbox) == had);
    CHECK(bodies(*store, inbox) == std::vector<std::string>{"later"});
}

TEST(StoreCopy, holds_bodies_only_as_long_as_it_needs_them) {
    std::optional<BodyHold> hold(store->hold_bodies());
    auto const first = store.append(inbox, std::string(100'000, 'x'));
    remove(first.uid);
    auto const body = static_cast<BodyId>(core::number(first.message));
    auto const is_there = [&] {
        return store->read_here([&](ReadTransaction const& t) { return read_body(t, body, 0, 10); }).has_value();
    };
    erase_what_may_be();
    CHECK(is_there());
    CHECK(hold->narrow(core::next(body), BodyId{std::numeric_limits<std::uint64_t>::max()}));
    erase_what_may_be();
    CHECK_FALSE(is_there());
}

TEST(StoreCopy, gives_way_where_new_mail_needs_the_space) {
    std::atomic<std::uint64_t> free{std::uint64_t{1} << 30};
    auto options = TestStore::small();
    options.free_space = [&] { return free.load(); };
    TestStore small(options);
    auto const box = small.find(small.account("bob"), "INBOX").id;
    auto const large = small.append(box, std::string(6'000'000, 'x'));
    auto copy = Copy::begin(*small, small.directory(), {schema_version, 0, "office.lan"}, {});
    CHECK(copy.has_value());
    UidSet uids;
    uids.add(large.uid);
    small.write([&](WriteTransaction& t) { return store::remove(t, box, uids); });
    free = 0;
    small.append(box, "new mail"); // the test fails where that is refused
    auto piece = copy->next();
    while (piece && !piece->empty()) piece = copy->next();
    CHECK(!piece && piece.error() == StoreError::full);
    small.check();
}

TEST(StoreCopy, leaves_out_what_is_garbage_or_still_arrives) {
    store.append(inbox, "stays");
    auto const spooled = store.write([](WriteTransaction& t) { return begin_body(t); });
    store.write([&](WriteTransaction& t) { return append_body(t, spooled, std::string(500'000, 'z')); });
    auto copy = begin();
    auto const octets = rest_of(copy);
    CHECK(octets.size() < 100'000);
    load(octets);
}

TEST(StoreCopy, goes_on_with_numbers_that_nobody_has_seen) {
    store.append(inbox, "one");
    auto copy = begin();
    auto const octets = rest_of(copy);
    store.append(inbox, "later");
    auto const seen = store.get(inbox);
    Store& made = load(octets, Continuation{.now = start});
    auto const is = read(made, [&](ReadTransaction const& t) { return *get_mailbox(t, inbox); });
    CHECK(is.uid_validity == seen.uid_validity);
    CHECK(is.uid_next > seen.uid_next && is.highest_modseq > seen.highest_modseq);
    CHECK(is.expunge_floor == is.highest_modseq);
}

TEST(StoreCopy, is_refused_where_an_octet_is_missing_or_another) {
    store.append(inbox, "one");
    auto copy = begin();
    auto const octets = rest_of(copy);
    auto const outcome = [](std::string_view read) {
        CopyReader reader({[](CopyHead const&) { return CopyReader::Verdict(); },
                           [](CopiedFile const&) { return CopyReader::Verdict(); },
                           [](std::string_view, std::string_view, std::string_view) { return CopyReader::Verdict(); }});
        return reader.take(read).has_value() && reader.ended();
    };
    CHECK(outcome(octets));
    CHECK_FALSE(outcome(octets + "x"));
    for (std::size_t at = 0; at < octets.size(); ++at) {
        CHECK_FALSE(outcome(octets.substr(0, at)));
        std::string other = octets;
        other[at] = static_cast<char>(other[at] ^ 4);
        CHECK_FALSE(outcome(other));
    }
}

TEST(StoreCopy, is_read_in_pieces_of_any_length) {
    store.append(inbox, "one");
    store.mailbox(the_office, "Sales"); // with a key that looks like a number without an end
    auto copy = begin();
    auto const octets = rest_of(copy);
    for (std::size_t const size : {1UZ, 7UZ, 100UZ}) {
        std::size_t rows = 0;
        CopyReader reader(
            {[](CopyHead const&) { return CopyReader::Verdict(); },
             [](CopiedFile const&) { return CopyReader::Verdict(); },
             [&](std::string_view, std::string_view, std::string_view) { return ++rows, CopyReader::Verdict(); }});
        for (std::string_view in = octets; !in.empty(); in.remove_prefix(std::min(size, in.size())))
            CHECK(reader.take(in.substr(0, size)).has_value());
        CHECK(reader.ended() && rows == reader.rows());
    }
}

TEST(StoreCopy, of_another_schema_is_refused_with_both) {
    Load to(aside, std::uint64_t{64} << 20);
    CHECK(to.put_row("meta", "schema", u64_key(schema_version + 1)).error().contains("this Postern's is"));
    CHECK(to.put_row("meta", "chunk size", u64_key(1)).error().contains("chunk size"));
    CHECK(to.put_row("novelty", "key", "value").error().contains("novelty"));
    CHECK(to.put_row("meta", "schema", u64_key(oldest_schema)).has_value());
}

TEST(StoreCopy, knows_names_that_lead_outside) {
    for (std::string_view const good : {"tls/ca.crt", "tls/acme/private/key.pem", "a"}) CHECK(is_copied_name(good));
    for (std::string_view const bad : {"", "/etc/passwd", "../x", "tls/../../x", "tls//x", "tls/", ".x", "tls/.x"})
        CHECK_FALSE(is_copied_name(bad));
}
