// What a session leaves behind, however it ends.
#include "core/log.h"
#include "pop3_client.h"
#include "store/accounts.h"

#include <memory>

using namespace postern;
using namespace postern::test;

TEST_GROUP(Pop3Session) {
    Pop3Office office;

    store::Mailbox inbox() {
        return office.store()
            .read_here([&](store::ReadTransaction const& transaction) -> store::Result<store::Mailbox> {
                return store::find_mailbox(transaction, office.alice, "INBOX").value();
            })
            .value();
    }
};

TEST(Pop3Session, quit_deletes_and_marks_as_seen_in_one_change) {
    for (int i = 0; i < 4; ++i) office.append("a: b\r\n\r\n");
    auto const before = inbox().highest_modseq;
    {
        Pop3Client client(office);
        client.log_in();
        for (int i = 1; i <= 3; ++i) client.ask(std::format("RETR {}", i));
        client.ask("TOP 4 0");
        client.say("DELE 2");
        LONGS_EQUAL(core::number(before), core::number(inbox().highest_modseq));
        CHECK_ANSWER("+OK Goodbye\r\n", client.say("QUIT"));
    }
    LONGS_EQUAL(3, inbox().messages);
    LONGS_EQUAL(1, inbox().unseen);
    auto const after = inbox().highest_modseq;
    Pop3Client client(office);
    client.log_in();
    client.ask("RETR 1");
    client.say("QUIT");
    LONGS_EQUAL(core::number(after), core::number(inbox().highest_modseq)); // it was \Seen already
}

TEST(Pop3Session, unique_ids_are_the_same_in_each_session) {
    for (int i = 0; i < 3; ++i) office.append("a: b\r\n\r\n");
    auto const ids = [&] {
        Pop3Client client(office);
        client.log_in();
        auto answer = client.ask("UIDL");
        client.say("QUIT");
        return answer;
    };
    auto const first = ids();
    CHECK_ANSWER(first, ids());
    office.remove({store::Uid{1}});
    office.append("a: b\r\n\r\n");
    auto const name = [](std::string const& answer, std::string_view number) {
        auto const begin = answer.find(std::format("\r\n{} ", number)) + 4;
        return answer.substr(begin, answer.find('\r', begin) - begin);
    };
    auto const later = ids();
    CHECK_ANSWER(name(first, "2"), name(later, "1"));
    CHECK(!first.contains(name(later, "3")));
}

TEST(Pop3Session, a_stopping_server_says_so_and_deletes_nothing) {
    office.append("a: b\r\n\r\n");
    Pop3Client client(office);
    client.log_in();
    client.say("DELE 1");
    office.stop.raise();
    CHECK_HAS("-ERR [SYS/TEMP] ", client.read_to_end());
    LONGS_EQUAL(1, inbox().messages);
}

TEST(Pop3Session, quit_that_cannot_delete_says_so) {
    office.append("a: b\r\n\r\n");
    Pop3Client client(office);
    client.log_in();
    client.say("DELE 1");
    office.store()
        .write_here(
            [&](store::WriteTransaction& transaction) { return store::remove_account(transaction, office.alice); })
        .value();
    CHECK_HAS("-ERR [SYS/PERM] ", client.say("QUIT"));
}

TEST(Pop3Session, the_maildrop_is_free_once_the_client_is_gone) {
    office.set("pop3.lock_wait", "0").value();
    auto first = std::make_unique<Pop3Client>(office);
    first->log_in();
    Pop3Client second(office);
    second.say("USER alice");
    CHECK_HAS("-ERR [IN-USE] ", second.say("PASS secret-alice"));
    first.reset();
    second.log_in();
}

TEST(Pop3Session, a_login_waits_for_the_session_before_it) {
    office.set("pop3.lock_wait", "60").value();
    Pop3Client first(office), second(office);
    first.log_in();
    second.say("USER alice");
    second.feed("PASS secret-alice\r\n");
    CHECK_HAS("+OK", first.say("NOOP"));
    CHECK_HAS("+OK", first.say("QUIT"));
    CHECK_HAS("+OK 0 messages", second.read_until("\r\n"));
}

TEST(Pop3Session, a_stopping_server_waits_for_no_other_session) {
    office.set("pop3.lock_wait", "60").value();
    Pop3Client first(office), second(office);
    first.log_in();
    second.say("USER alice");
    second.feed("PASS secret-alice\r\n");
    CHECK_HAS("+OK", first.say("NOOP"));
    office.stop.raise();
    CHECK_HAS("-ERR", second.read_to_end());
}

TEST(Pop3Session, a_listing_of_many_messages_is_whole) {
    office.append("a: b\r\n\r\n", 5000);
    Pop3Client client(office);
    client.log_in();
    CHECK_HAS("\r\n4999 8\r\n5000 8\r\n.\r\n", client.ask("LIST"));
    CHECK_HAS("\r\n1 ", client.ask("UIDL"));
    CHECK_ANSWER("+OK 5000 40000\r\n", client.say("STAT"));
}

TEST(Pop3Session, a_maildrop_without_room_for_its_list_is_not_opened) {
    office.append("a: b\r\n\r\n", 5000);
    Pop3Client client(office);
    client.say("USER alice");
    office.memory.set_ceiling(office.memory.held() + 1000);
    CHECK_HAS("-ERR [SYS/TEMP] ", client.say("PASS secret-alice"));
    office.memory.set_ceiling(100'000'000);
    client.log_in();
}
