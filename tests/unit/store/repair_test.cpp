// A damaged store made anew of what can be read: sound afterwards, with all that was not damaged.
#include "fixture.h"
#include "store/aliases.h"
#include "store/bodies.h"
#include "store/repair.h"
#include "store/rows.h"

#include <algorithm>
#include <fstream>
#include <iterator>

using namespace postern;
using namespace postern::store;
using namespace postern::store::test;

namespace {

constexpr std::size_t page_octets = 4096;

} // namespace

TEST_GROUP(Repair) {
    TestStore store;
    std::filesystem::path const file = store.directory() / "store/data.mdb";
    std::string whole;
    AccountId alice = store.account("alice");
    MailboxId inbox = store.find(alice, "INBOX").id;

    void setup() override {
        for (int i = 0; i < 60; ++i)
            store.append(inbox,
                         std::format("Subject: number {}\r\n\r\n", i) + std::string(i % 5 == 0 ? 40'000 : 300, 'x'));
        store.close();
        std::ifstream stream(file, std::ios::binary);
        whole.assign(std::istreambuf_iterator<char>(stream), {});
    }

    RepairReport repair() {
        auto report = store::repair(store.directory(), start);
        if (!report) FAIL(report.error().reason.c_str());
        return std::move(*report);
    }
    static bool tells(RepairReport const& report, std::string_view piece) {
        return std::ranges::any_of(report.damages, [&](auto const& what) { return what.contains(piece); });
    }
    void save(std::string const& octets) { std::ofstream(file, std::ios::binary | std::ios::trunc) << octets; }
};

TEST(Repair, of_a_sound_store_keeps_all_of_it) {
    auto const report = repair();
    UNSIGNED_LONGS_EQUAL(60, report.messages);
    CHECK(report.damages.empty());
    CHECK(std::filesystem::exists(report.aside / "data.mdb"));
    store.open();
    UNSIGNED_LONGS_EQUAL(60, store.get(inbox).messages);
    store.check();
    store.append(inbox, "new");
    store.check();
}

TEST(Repair, keeps_octets_that_have_changed_and_tells_of_them) {
    auto const at = whole.find("Subject: number 5\r\n");
    std::string damaged = whole;
    damaged[at] = 's';
    save(damaged);
    auto const report = repair();
    UNSIGNED_LONGS_EQUAL(1, report.damages.size());
    CHECK(tells(report, "octets of it have changed"));
    store.open();
    UNSIGNED_LONGS_EQUAL(60, store.get(inbox).messages);
    store.check();
}

TEST(Repair, is_refused_while_the_store_is_open) {
    store.open();
    auto const report = store::repair(store.directory(), start);
    CHECK(!report && report.error().reason.contains("stop posternd"));
}

// Whichever page it is: a leaf with its rows, a branch with all below it, the page that names the tables.
TEST(Repair, of_a_store_that_lost_a_page_gives_a_sound_one) {
    int lost_some = 0;
    for (std::size_t page = 0; page < whole.size() / page_octets; ++page) {
        auto const kind = static_cast<unsigned char>(whole[page * page_octets + 10]);
        if (kind == 0 || kind > 8 || whole[page * page_octets] != static_cast<char>(page)) continue;
        std::string damaged = whole;
        damaged.replace(page * page_octets, page_octets, page_octets, '\0');
        save(damaged);
        auto const report = repair();
        if (report.messages < 60) ++lost_some;
        CHECK(report.messages >= 60 || !report.damages.empty());
        store.open();
        store.check();
        store.close();
        std::filesystem::remove_all(report.aside);
    }
    CHECK(lost_some > 3);
}

TEST(Repair, puts_mail_without_a_mailbox_into_one) {
    store.open();
    auto const bob = store.account("bob");
    auto const name = store.find(bob, "INBOX").id;
    store.append(name, "kept");
    auto const done = store->write_here([&](WriteTransaction& t) -> Result<void> {
        erase(t, Table::account, u32_key(core::number(bob)));
        return {};
    });
    CHECK(done.has_value());
    store.close();
    auto const report = repair();
    CHECK(tells(report, "1 messages that no mailbox has any more are in alice Recovered"));
    store.open();
    UNSIGNED_LONGS_EQUAL(1, store.find(alice, "Recovered").messages);
    store.check();
}

TEST(Repair, keeps_of_an_alias_what_it_can_still_lead_to) {
    store.open();
    auto const sales = store.mailbox(the_office, "Sales"), info = store.mailbox(the_office, "Info");
    auto const alias = [&](Alias const& made) { store.write([&](WriteTransaction& t) { return set_alias(t, made); }); };
    alias({"both@office.lan", {}, {sales, info}});
    alias({"sales@office.lan", {}, {sales}});
    store.write([&](WriteTransaction& t) -> Result<void> {
        erase(t, Table::mailbox, mailbox_key(sales));
        erase(t, Table::name, name_key(the_office, "Sales"));
        return {};
    });
    store.close();
    CHECK(tells(repair(), "alias sales@office.lan: a mailbox that it led to is lost"));
    store.open();
    auto const left = store.read([](ReadTransaction const& t) { return list_aliases(t); });
    CHECK(left.size() == 1 && left[0].address == "both@office.lan" && left[0].mailboxes == std::vector{info});
    store.check();
}

TEST(Repair, brings_nothing_back_that_was_deleted_and_not_erased_yet) {
    store.open();
    auto const body =
        static_cast<BodyId>(core::number(store.append(inbox, "deleted", core::SystemFlag::deleted).message));
    auto const pin = store->pin(body);
    store->write_here([&](WriteTransaction& t) { return expunge(t, inbox, nullptr); });
    store.close();
    auto const report = repair();
    CHECK(report.damages.empty());
    UNSIGNED_LONGS_EQUAL(60, report.messages);
    store.open();
    store.check();
    auto const left = store->read_here([&](ReadTransaction const& t) { return read_body(t, body, 0, 1); });
    CHECK(left.error() == StoreError::no_such_message);
}
