// How a session hears of all of an account.
#include "imap/account_bell.h"
#include "imap_client.h"
#include "store/mailboxes.h"

using namespace postern;
using namespace postern::test;
using imap::AccountBell;

TEST_GROUP(ImapAccountBell) {
    OfficeFixture office;
    std::shared_ptr<net::Event> const event = std::make_shared<net::Event>(office.io.get_executor());

    store::MailboxId make(std::string const& name) {
        return office.store()
            .write_here([&](store::WriteTransaction& t) { return create_mailbox(t, office.alice, name, "", {}); })
            .value();
    }
    AccountBell make_bell() { return {office.store(), std::span(&office.alice, 1), office.io.get_executor(), event}; }
    bool listen(AccountBell & bell) {
        event->clear();
        bell.listen();
        return event->raised();
    }
};

TEST(ImapAccountBell, remembers_what_was_touched) {
    AccountBell bell = make_bell();
    CHECK(bell.take().mailboxes.empty());
    CHECK(!listen(bell));
    make("a");
    office.io.poll();
    CHECK(event->raised());
    CHECK(listen(bell));
    store::AccountMark const mark = bell.take();
    CHECK(mark.listing);
    CHECK(mark.mailboxes.empty()); // all are to be looked at
    CHECK(!bell.take().listing);
}

TEST(ImapAccountBell, wakes_nobody_who_does_not_listen) {
    AccountBell bell = make_bell();
    make("a");
    CHECK_EQUAL(0U, office.io.poll());
    CHECK(listen(bell));
}

TEST(ImapAccountBell, remembers_so_many_mailboxes_and_no_more) {
    store::AccountMark mark, more;
    for (std::uint32_t i = 1; i <= AccountBell::most_mailboxes; ++i) mark.mailboxes.insert(store::MailboxId{i});
    imap::add(more, mark);
    CHECK_EQUAL(AccountBell::most_mailboxes, more.mailboxes.size());
    CHECK(!more.listing);
    imap::add(more, {.mailboxes = {store::MailboxId{1}}});
    CHECK(!more.listing);
    imap::add(more, {.mailboxes = {store::MailboxId{1'000}}});
    CHECK(more.listing && more.mailboxes.empty());
}
