#include "fixture.h"
#include "store/bodies.h"
#include "store/lmdb.h"

#include <chrono>
#include <thread>

using namespace postern;
using namespace postern::store;
using namespace postern::store::test;

namespace {

std::string octets_of(std::size_t size) {
    std::string octets(size, '\0');
    for (std::size_t i = 0; i < size; ++i) octets[i] = static_cast<char>(i * 2654435761U >> 13U);
    return octets;
}

} // namespace

// clang-format off
TEST_GROUP(StoreBodies) {
    TestStore store;
    AccountId alice = store.account("alice");
    MailboxId inbox = store.find(alice, "INBOX").id;

    BodyId begin() { return store.write([](WriteTransaction& t) { return begin_body(t); }); }
    Result<void> add(BodyId body, std::string_view octets) {
        return store->write_here([&](WriteTransaction& t) { return append_body(t, body, octets); });
    }
    Result<void> discard(BodyId body) {
        return store->write_here([&](WriteTransaction& t) { return discard_body(t, body); });
    }
    Result<std::string> read(BodyId body, std::uint64_t offset, std::uint64_t length) {
        return store->read_here([&](ReadTransaction const& t) { return read_body(t, body, offset, length); });
    }
    Result<Appended> take(BodyId body, std::uint64_t size) {
        NewMessage message;
        message.body = body;
        message.size = size;
        return store->write_here(
            [&](WriteTransaction& t) { return append(t, message, Placement{inbox, {}, {}}, {}, start); });
    }
    std::uint64_t rows(Table table) {
        return store.read([&](ReadTransaction const& t) { return count_rows(t, table); });
    }
    void expunge_all() {
        UidSet all;
        all.add_range(1, 0xffff'ffff);
        store.write([&](WriteTransaction& t) {
            return store_flags(t, inbox, all, {FlagMode::add, core::SystemFlag::deleted, {}, {}});
        });
        store.write([&](WriteTransaction& t) { return expunge(t, inbox, nullptr); });
    }
    // The writer erases garbage when it has nothing else to do; the bound only ends a test that would hang.
    void wait_until_gone(BodyId body) {
        for (int i = 0; i < 3000; ++i) {
            if (read(body, 0, 1).error_or(StoreError::closed) == StoreError::no_such_message) return;
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        FAIL("the body is still there");
    }
};
// clang-format on

static_assert(body_chunk_size + 4 + 16 == 8 * 4096);

TEST(StoreBodies, any_slice_comes_back) {
    for (std::size_t const size : {std::size_t{1}, body_chunk_size - 1, body_chunk_size, body_chunk_size + 1,
                                   3 * body_chunk_size, 3 * body_chunk_size + 77}) {
        std::string const whole = octets_of(size);
        auto const body = static_cast<BodyId>(core::number(store.append(inbox, whole).message));
        for (std::size_t const offset : {std::size_t{0}, std::size_t{1}, body_chunk_size - 1, body_chunk_size,
                                         body_chunk_size + 1, size - 1, size, size + 1})
            for (std::size_t const length : {std::size_t{0}, std::size_t{1}, body_chunk_size, size, size * 2}) {
                auto const slice = read(body, offset, length);
                CHECK(slice.has_value());
                CHECK(*slice == (offset < size ? whole.substr(offset, length) : std::string()));
            }
        CHECK(*read(body, 0, ~std::uint64_t{0}) == whole);
    }
    store.check();
}

TEST(StoreBodies, a_spooled_body_is_packed_whatever_its_pieces) {
    std::string const whole = octets_of(100'000);
    for (std::size_t const piece : {std::size_t{999}, std::size_t{5000}, body_chunk_size, std::size_t{70'000}}) {
        auto const body = begin();
        for (std::size_t at = 0; at < whole.size(); at += piece)
            CHECK(add(body, std::string_view(whole).substr(at, piece)).has_value());
        CHECK(*read(body, 0, whole.size()) == whole);
        auto const appended = take(body, whole.size());
        CHECK(appended.has_value());
        CHECK(core::number(appended->message) == core::number(body));
        CHECK(*read(body, 0, whole.size()) == whole);
    }
    UNSIGNED_LONGS_EQUAL(4 * (1 + 4), rows(Table::message)); // a record and four chunks each
    UNSIGNED_LONGS_EQUAL(0, rows(Table::garbage));
    store.check();
}

TEST(StoreBodies, a_body_is_taken_once_and_then_closed) {
    auto const body = begin();
    add(body, "hello");
    CHECK(take(body, 4).error() == StoreError::failed); // its size is five
    CHECK(take(body, 5).has_value());
    CHECK(take(body, 5).error() == StoreError::no_such_message);
    CHECK(add(body, "more").error() == StoreError::no_such_message);
    CHECK(discard(body).error() == StoreError::no_such_message);
    CHECK(*read(body, 0, 100) == "hello");
}

TEST(StoreBodies, a_discarded_body_is_gone) {
    auto const body = begin();
    add(body, octets_of(100'000));
    CHECK(discard(body).has_value());
    CHECK(discard(body).error() == StoreError::no_such_message);
    CHECK(take(body, 100'000).error() == StoreError::no_such_message);
    wait_until_gone(body);
    UNSIGNED_LONGS_EQUAL(0, rows(Table::message));
    UNSIGNED_LONGS_EQUAL(0, rows(Table::garbage));
}

TEST(StoreBodies, what_was_half_spooled_is_erased_when_the_store_opens) {
    auto const body = begin();
    add(body, octets_of(100'000));
    store.check();
    store.reopen();
    UNSIGNED_LONGS_EQUAL(0, rows(Table::message));
    UNSIGNED_LONGS_EQUAL(0, rows(Table::garbage));
    CHECK(read(body, 0, 1).error() == StoreError::no_such_message);
    CHECK(take(body, 100'000).error() == StoreError::no_such_message);
    CHECK(begin() > body); // its number is not given out again
}

TEST(StoreBodies, a_body_that_still_arrives_is_no_garbage) {
    auto const arriving = begin();
    add(arriving, "begun");
    auto const gone = static_cast<BodyId>(core::number(store.append(inbox, "x").message));
    expunge_all();
    wait_until_gone(gone);
    CHECK(add(arriving, " and done").has_value());
    CHECK(*read(arriving, 0, 100) == "begun and done");
}

TEST(StoreBodies, a_pinned_body_outlives_its_message) {
    auto const pinned = static_cast<BodyId>(core::number(store.append(inbox, octets_of(50'000)).message));
    auto const other = static_cast<BodyId>(core::number(store.append(inbox, "x").message));
    auto pin = store->pin(pinned);
    auto const second = store->pin(pinned);
    expunge_all();
    wait_until_gone(other); // by the same sweep that passed over the pinned one
    CHECK(*read(pinned, 0, 50'000) == octets_of(50'000));
    pin = BodyPin();
    CHECK(*read(pinned, 0, 50'000) == octets_of(50'000));
    store.check();
    store.close(); // a pin may outlive the store
    store.open();
    CHECK(read(pinned, 0, 1).error() == StoreError::no_such_message);
    UNSIGNED_LONGS_EQUAL(0, rows(Table::garbage));
}

TEST(StoreBodies, a_flipped_bit_is_noticed_where_it_is_read) {
    auto const body = static_cast<BodyId>(core::number(store.append(inbox, octets_of(100'000)).message));
    store->write_here([&](WriteTransaction& t) -> Result<void> {
        auto const key = message_key(static_cast<MessageId>(core::number(body)), 2);
        std::string value(*get(t, Table::message, key));
        value[1000] = static_cast<char>(value[1000] ^ 1);
        put(t, Table::message, key, value);
        return {};
    });
    CHECK(read(body, 0, 100).has_value());
    CHECK(read(body, 0, 100'000).error() == StoreError::damaged);
    CHECK(read(body, body_chunk_size + 5000, 1).error() == StoreError::damaged);
    auto const report = check(*store, true);
    UNSIGNED_LONGS_EQUAL(1, report->problems.size());
    STRCMP_CONTAINS("checksum", report->problems[0].what.c_str());
    CHECK(check(*store, false)->problems.empty());
}

// Without it there would be a body a change: the writer takes its next change before it finds time for garbage.
TEST(StoreBodies, erases_what_was_deleted_though_work_never_pauses) {
    constexpr std::uint32_t many = 1000;
    store.write([&](WriteTransaction& t) -> Result<void> {
        for (std::uint32_t i = 0; i < many; ++i)
            if (auto const done = append(t, TestStore::message("x"), {inbox, core::SystemFlag::deleted, {}}, {}, start);
                !done)
                return std::unexpected(done.error());
        return {};
    });
    for (std::uint32_t uid = 1; uid <= many; ++uid)
        store.write([&](WriteTransaction& t) {
            UidSet const one{static_cast<Uid>(uid)};
            return expunge(t, inbox, &one);
        });
    CHECK(rows(Table::garbage) < many / 2);
    store.check();
}
