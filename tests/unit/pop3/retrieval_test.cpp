// RETR and TOP of many messages and of long ones, in order and out of it, and what they hold meanwhile.
#include "core/log.h"
#include "pop3_client.h"
#include "store/bodies.h"
#include "store/rows.h"
#include "store/schema.h"

using namespace postern;
using namespace postern::test;

TEST_GROUP(Pop3Retrieval) {
    Pop3Office office;

    void teardown() override { core::set_log_level(core::Level::info); }

    static std::string message(std::size_t number, std::size_t octets) {
        std::string text = std::format("Subject: {}\r\n\r\n", number);
        while (text.size() < octets) text += std::format("line {} of it, which is like no other\r\n", text.size());
        return text;
    }
    static std::string sent(std::string const& text) {
        return std::format("+OK {} octets\r\n{}.\r\n", text.size(), text);
    }
    // Flips a bit of a row of the message's, which is its record or a chunk of its body.
    void damage(store::Uid uid, std::uint32_t row) {
        auto const done = office.store().write_here(
            [&, inbox = office.inbox()](store::WriteTransaction& transaction) -> store::Result<void> {
                auto const index = store::get_index(transaction, inbox, uid).value();
                auto const key = store::message_key(index.message, row);
                std::string value(store::get(transaction, store::Table::message, key).value());
                value[value.size() / 2] = static_cast<char>(value[value.size() / 2] ^ 1);
                store::put(transaction, store::Table::message, key, value);
                return {};
            });
        CHECK(done.has_value());
    }
};

TEST(Pop3Retrieval, messages_of_all_sizes_come_whole_in_any_order) {
    std::vector<std::string> messages;
    for (std::size_t const octets :
         {10UZ, 30'000UZ, 65'000UZ, 65'600UZ, 131'072UZ, 400'000UZ, 20UZ, 10'000UZ, 1'000'000UZ, 30UZ})
        messages.push_back(message(messages.size(), octets));
    for (int copy = 0; copy < 40; ++copy) messages.push_back(message(messages.size(), 9'000));
    for (std::string const& each : messages) office.append(each);
    Pop3Client client(office);
    client.log_in();
    for (std::size_t i = 0; i < messages.size(); ++i)
        CHECK_ANSWER(sent(messages[i]), client.ask(std::format("RETR {}", i + 1)));
    for (std::size_t i : {5UZ, 2UZ, 8UZ, 20UZ, 21UZ, 22UZ, 23UZ, 24UZ, 26UZ, 0UZ})
        CHECK_ANSWER(sent(messages[i]), client.ask(std::format("RETR {}", i + 1)));
    std::string commands, answers;
    for (std::size_t i = 0; i < messages.size(); ++i) {
        commands += std::format("RETR {}\r\n", i + 1);
        answers += sent(messages[i]);
    }
    client.feed(commands + "QUIT\r\n");
    CHECK_ANSWER(answers + "+OK Goodbye\r\n", client.read_to_end());
}

TEST(Pop3Retrieval, top_of_a_long_message_is_exact) {
    std::string const long_one = message(1, 300'000);
    office.append(long_one);
    office.append("a: b\r\n\r\nc\r\n");
    Pop3Client client(office);
    client.log_in();
    std::string const ok = "+OK The beginning of the message follows\r\n";
    for (std::size_t const lines : {0UZ, 1UZ, 3UZ, 1000UZ, 2000UZ, 6000UZ, 100'000UZ}) {
        std::size_t end = long_one.find("\r\n\r\n") + 4;
        for (std::size_t i = 0; i < lines && end < long_one.size(); ++i) end = long_one.find("\r\n", end) + 2;
        CHECK_ANSWER(ok + long_one.substr(0, end) + ".\r\n", client.ask(std::format("TOP 1 {}", lines)));
        CHECK_ANSWER(ok + "a: b\r\n\r\n.\r\n", client.ask("TOP 2 0"));
    }
    CHECK_ANSWER(sent(long_one), client.ask("RETR 1"));
    CHECK_ANSWER(ok + "a: b\r\n\r\nc\r\n.\r\n", client.ask("TOP 2 1"));
    CHECK_ANSWER(sent("a: b\r\n\r\nc\r\n"), client.ask("RETR 2"));
}

TEST(Pop3Retrieval, messages_marked_as_deleted_are_passed_over_when_reading_ahead) {
    for (int i = 0; i < 20; ++i) office.append(message(0, 100));
    Pop3Client client(office);
    client.log_in();
    for (int i = 2; i <= 20; i += 2) client.say(std::format("DELE {}", i));
    for (int i = 1; i <= 20; ++i)
        CHECK_HAS(i % 2 == 1 ? "+OK 1" : "-ERR There is no message", client.ask(std::format("RETR {}", i)));
}

TEST(Pop3Retrieval, what_others_expunged_is_told_and_the_rest_is_sent) {
    for (int i = 0; i < 10; ++i) office.append(message(0, 100));
    Pop3Client client(office);
    client.log_in();
    office.remove({store::Uid{2}, store::Uid{3}, store::Uid{9}, store::Uid{10}});
    for (int const i : {2, 1, 2, 3, 4, 9, 10, 5, 6, 7, 8, 9})
        CHECK_HAS(i == 2 || i == 3 || i > 8 ? "-ERR Another client expunged" : "+OK 1",
                  client.ask(std::format("RETR {}", i)));
}

// Its store may erase the body only when nobody reads it any more.
TEST(Pop3Retrieval, a_long_message_is_sent_whole_though_it_is_expunged_meanwhile) {
    std::string const long_one = message(1, 3'000'000);
    auto const uid = office.append(long_one);
    Pop3Client client(office);
    client.log_in();
    client.stream().set_output_capacity(1000);
    client.feed("RETR 1\r\n");
    std::string said = client.read_until("Subject");
    office.remove({uid});
    for (int i = 0; i < 3; ++i) office.append("a: b\r\n\r\n"); // gives the store reasons to erase
    client.stream().set_output_capacity(1'000'000);
    said += client.read_until("\r\n.\r\n");
    CHECK(said == sent(long_one));
}

TEST(Pop3Retrieval, damage_is_told_and_the_other_messages_are_sent) {
    core::set_log_level(static_cast<core::Level>(0)); // the store and the session complain, rightly
    office.append(message(1, 100));
    auto const bad = office.append(message(2, 100));
    office.append(message(3, 100));
    damage(bad, 1);
    Pop3Client client(office);
    client.log_in();
    CHECK_HAS("+OK", client.ask("RETR 1"));
    CHECK_HAS("-ERR [SYS/PERM] ", client.ask("RETR 2"));
    CHECK_HAS("-ERR [SYS/PERM] ", client.ask("TOP 2 0"));
    CHECK_HAS("+OK", client.ask("RETR 3"));
}

// There is no way to say so: the client must not take what it has for the whole.
TEST(Pop3Retrieval, damage_in_the_middle_of_a_long_message_ends_the_connection) {
    core::set_log_level(static_cast<core::Level>(0));
    auto const bad = office.append(message(1, 1'000'000));
    damage(bad, 20);
    Pop3Client client(office);
    client.log_in();
    client.feed("RETR 1\r\nNOOP\r\n");
    std::string const said = client.read_to_end();
    CHECK_HAS("Subject: 1", said.substr(0, 100));
    CHECK(!said.contains("\r\n.\r\n"));
    CHECK(!said.contains("Nothing done"));
}

TEST(Pop3Retrieval, says_when_there_is_no_memory_and_goes_on) {
    office.append(message(1, 1000));
    Pop3Client client(office);
    client.log_in();
    office.memory.set_ceiling(office.memory.held());
    CHECK_HAS("-ERR [SYS/TEMP] ", client.ask("RETR 1"));
    CHECK_HAS("-ERR [SYS/TEMP] ", client.ask("TOP 1 0"));
    office.memory.set_ceiling(100'000'000);
    CHECK_HAS("+OK 1", client.ask("RETR 1"));
}

TEST(Pop3Retrieval, where_memory_is_short_one_message_is_read_at_a_time) {
    for (int i = 0; i < 30; ++i) office.append(message(0, 60'000));
    Pop3Client client(office);
    client.log_in();
    office.memory.set_ceiling(office.memory.held() + 1'000'000); // half of that is for this client
    for (int i = 1; i <= 30; ++i) {
        CHECK_HAS("+OK 6", client.ask(std::format("RETR {}", i)));
        CHECK(office.memory.held() < 600'000);
    }
}

TEST(Pop3Retrieval, memory_is_given_back) {
    for (int i = 0; i < 30; ++i) office.append(message(0, 9'000));
    office.append(message(0, 1'000'000));
    Pop3Client client(office);
    client.log_in();
    client.say("NOOP");
    auto const before = office.memory.held();
    for (int i = 1; i <= 31; ++i) client.ask(std::format("RETR {}", i));
    client.say("NOOP");
    client.say("NOOP");
    LONGS_EQUAL(before, office.memory.held());
}
