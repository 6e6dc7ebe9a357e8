// Bodies whose checksum does not hold: never shown as if they were whole.
#include "core/log.h"
#include "imap_client.h"
#include "store/mailboxes.h"
#include "store/messages.h"
#include "store/rows.h"
#include "store/schema.h"

using namespace postern;
using namespace postern::test;

TEST_GROUP(ImapDamage) {
    ImapOffice office;
    ImapClient client{office};
    std::string const message = "Subject: large\r\n\r\n" + std::string(1'000'000, 'x');

    void setup() override {
        core::set_log_level(static_cast<core::Level>(0)); // the store and the session complain, rightly
        client.log_in();
        client.append("INBOX", message);
        client.append("INBOX", "Subject: small\r\n\r\n");
        client.say("SELECT INBOX");
    }
    void teardown() override { core::set_log_level(core::Level::info); }

    // Flips a bit of the first message.
    void damage(std::uint32_t row) {
        auto const done = office.store().write_here([&](store::WriteTransaction& transaction) -> store::Result<void> {
            auto const inbox = store::find_mailbox(transaction, office.alice, "INBOX").value();
            auto const index = store::get_index(transaction, inbox.id, store::Uid{1}).value();
            auto const key = store::message_key(index.message, row);
            std::string value(store::get(transaction, store::Table::message, key).value());
            value[1000] = static_cast<char>(value[1000] ^ 1);
            store::put(transaction, store::Table::message, key, value);
            return {};
        });
        CHECK(done.has_value());
    }
};

TEST(ImapDamage, at_the_start_is_told_and_the_other_messages_are_sent) {
    damage(1);
    std::string const answer = client.say("FETCH 1:2 BODY.PEEK[]");
    CHECK(!answer.contains("* 1 FETCH"));
    CHECK_HAS("* 2 FETCH (BODY[] {18}\r\nSubject: small\r\n\r\n)\r\n", answer);
    CHECK_HAS("NO [CORRUPTION] ", answer);
    CHECK_HAS("NO [CORRUPTION] ", client.say("FETCH 1 BODY.PEEK[HEADER.FIELDS (Subject)]"));
    CHECK_HAS("* 1 FETCH (RFC822.SIZE 1000018 ENVELOPE (NIL \"large\" ", client.say("FETCH 1 (RFC822.SIZE ENVELOPE)"));
}

// Within a literal there is no way to say so: the client must not take what it has for the whole.
TEST(ImapDamage, in_the_middle_ends_the_connection) {
    damage(20);
    client.feed("f FETCH 1 BODY.PEEK[]\r\n");
    std::string const answer = client.read_to_end();
    CHECK_HAS("* 1 FETCH (BODY[] {1000018}\r\nSubject: large\r\n", answer.substr(0, 100));
    CHECK(answer.size() < message.size());
    CHECK(!answer.contains("f OK"));
}
