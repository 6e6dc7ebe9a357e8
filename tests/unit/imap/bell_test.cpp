// How a session hears of changes, and which of them it reads without a reader's help.
#include "imap/bell.h"
#include "imap_client.h"
#include "store/mailboxes.h"
#include "store/messages.h"

#include <semaphore>

using namespace postern;
using namespace postern::test;
using imap::Bell;

namespace {

// While it lives, no reader of the store has time.
class BusyReaders {
public:
    explicit BusyReaders(store::Store& store) {
        for (std::ptrdiff_t i = 0; i < readers_; ++i) store.run_on_pool([held = held_] { held->acquire(); });
    }
    ~BusyReaders() { held_->release(readers_); }
    BusyReaders(BusyReaders const&) = delete;
    BusyReaders& operator=(BusyReaders const&) = delete;

private:
    std::ptrdiff_t const readers_ = store::StoreOptions().readers;
    std::shared_ptr<std::counting_semaphore<>> held_ = std::make_shared<std::counting_semaphore<>>(0);
};

} // namespace

TEST_GROUP(ImapBell) {
    OfficeFixture office;
    std::shared_ptr<net::Event> const event = std::make_shared<net::Event>(office.io.get_executor());
    store::Mailbox const inbox = office.store()
                                     .read_here([&](store::ReadTransaction const& t) -> store::Result<store::Mailbox> {
                                         return store::find_mailbox(t, office.alice, "INBOX").value();
                                     })
                                     .value();

    core::ModSeq append() {
        return office.store()
            .write_here([&](store::WriteTransaction& t) {
                store::NewMessage message;
                message.body = "a: b\r\n\r\n";
                message.size = 8;
                return store::append(t, message, {inbox.id, {}, {}}, {}, {});
            })
            .value()
            .modseq;
    }
    Bell make_bell() { return {office.store(), inbox.id, inbox.uid_validity, office.io.get_executor(), event}; }
};

TEST(ImapBell, rings_at_first_and_then_for_what_was_not_seen) {
    Bell bell = make_bell();
    CHECK(bell.take(inbox.highest_modseq) == Bell::News::fresh);
    CHECK(bell.take(inbox.highest_modseq) == Bell::News::none);
    core::ModSeq const first = append();
    CHECK(bell.take(first) == Bell::News::none);
    append();
    CHECK(bell.take(first) == Bell::News::fresh);
    CHECK(bell.take(first) == Bell::News::none);
}

TEST(ImapBell, rings_for_another_mailbox_in_its_place_whatever_was_seen) {
    Bell bell(office.store(), inbox.id, store::UidValidity{1}, office.io.get_executor(), event);
    constexpr core::ModSeq far{1'000'000};
    CHECK(bell.take(far) == Bell::News::fresh);
    append();
    CHECK(bell.take(far) == Bell::News::fresh);
}

TEST(ImapBell, wakes_nobody_but_who_listens) {
    Bell bell = make_bell();
    (void)bell.take(inbox.highest_modseq);
    append();
    LONGS_EQUAL(0, office.io.poll());
    bell.listen();
    CHECK(event->raised()); // since it rang before
    event->clear();
    (void)bell.take(inbox.highest_modseq);

    bell.listen();
    CHECK(!event->raised());
    append();
    append();
    office.io.restart();
    LONGS_EQUAL(1, office.io.poll());
    CHECK(event->raised());
}

// Nothing here needs a reader: all of them are kept busy meanwhile.
TEST(ImapBell, changes_of_a_moment_ago_are_told_without_a_reader) {
    office.set("login.allow_plaintext", "yes").value();
    ImapClient client(office);
    ImapClient other(office);
    client.log_in();
    other.log_in();
    client.say("SELECT INBOX");
    other.say("SELECT INBOX");

    BusyReaders const busy(office.store());
    CHECK_HAS("* 1 EXISTS\r\n* 1 RECENT\r\nOK [APPENDUID ", client.append("INBOX", "a: b\r\n\r\n"));
    CHECK_ANSWER("* 1 FETCH (FLAGS (\\Seen \\Recent))\r\nOK Stored\r\n", client.say("STORE 1 FLAGS (\\Seen)"));
    CHECK_ANSWER("* 1 EXISTS\r\n* 0 RECENT\r\nOK Nothing done\r\n", other.say("NOOP"));
    client.say("STORE 1 FLAGS (\\Deleted)");
    CHECK_ANSWER("* 1 FETCH (FLAGS (\\Deleted))\r\nOK Nothing done\r\n", other.say("NOOP"));
    CHECK_ANSWER("* 1 EXPUNGE\r\nOK Expunged\r\n", client.say("EXPUNGE"));
    CHECK_ANSWER("* 1 EXPUNGE\r\nOK Nothing done\r\n", other.say("NOOP"));
}
