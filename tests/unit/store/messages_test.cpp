#include "fixture.h"
#include "store/bodies.h"
#include "store/changes.h"
#include "store/messages.h"
#include "store/queue.h"

using namespace postern;
using namespace postern::store;
using namespace postern::store::test;
using core::SystemFlag;

// clang-format off
TEST_GROUP(StoreMessages) {
    TestStore store;
    AccountId alice = store.account("alice");
    MailboxId inbox = store.find(alice, "INBOX").id;

    std::string body(MessageId message) {
        return store.write([&](WriteTransaction& t) {
            return read_body(t, static_cast<BodyId>(core::number(message)), 0, 1'000'000'000);
        });
    }
    FlagsStored flag(UidSet uids, FlagChange change) {
        return store.write([&](WriteTransaction& t) { return store_flags(t, inbox, uids, change); });
    }
};
// clang-format on

TEST(StoreMessages, append_gives_what_came_back) {
    auto const appended = store.append(inbox, "hello", SystemFlag::seen, {"$Forwarded"});
    UNSIGNED_LONGS_EQUAL(1, core::number(appended.uid));
    auto const mailbox = store.get(inbox);
    UNSIGNED_LONGS_EQUAL(core::number(mailbox.uid_validity), core::number(appended.uid_validity));
    UNSIGNED_LONGS_EQUAL(2, core::number(mailbox.uid_next));
    UNSIGNED_LONGS_EQUAL(1, mailbox.messages);
    UNSIGNED_LONGS_EQUAL(0, mailbox.unseen);
    UNSIGNED_LONGS_EQUAL(5, mailbox.octets);
    CHECK(appended.modseq == mailbox.highest_modseq);

    auto const row = store.read([&](ReadTransaction const& t) { return get_index(t, inbox, appended.uid); });
    CHECK(row && row->message == appended.message && row->modseq == appended.modseq && row->saved == start);
    CHECK(row->flags == SystemFlags(SystemFlag::seen));
    CHECK(keyword_names(mailbox, row->keywords) == std::vector<std::string>{"$Forwarded"});
    auto const message = store.read([&](ReadTransaction const& t) { return get_message(t, appended.message); });
    CHECK(message && message->size == 5 && message->envelope == "envelope" && message->structure == "structure");
    STRCMP_EQUAL("hello", body(appended.message).c_str());
    store.check();
}
