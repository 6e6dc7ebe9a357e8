#include "message/envelope.h"
#include "message/thread_keys.h"
#include "office/sent_mail.h"
#include "store/delivery.h"
#include "store/mailboxes.h"
#include "support/office_fixture.h"

#include <CppUTest/TestHarness.h>

#include <chrono>
#include <string>

using namespace postern;
using namespace std::chrono_literals;

namespace {

store::Addition addition(std::string const& id, std::string const& bcc = "") {
    message::Envelope envelope;
    if (!id.empty()) envelope.message_id = "<" + id + "@x>";
    if (!bcc.empty())
        envelope.bcc.emplace_back(message::Mailbox{.display_name = {}, .route = {}, .local_part = bcc, .domain = "x"});
    store::Addition made;
    made.message.envelope = message::encode(envelope);
    made.message.thread_keys =
        message::encode(message::make_thread_keys(message::decode_envelope(made.message.envelope).value(), {}));
    made.message.body = std::string("x");
    made.message.size = 1;
    return made;
}

} // namespace

TEST_GROUP(SentMail) {
    test::OfficeFixture fixture;
    store::WallTime const now{1'000'000s};

    template <typename Change> auto write(Change change) { return fixture.store().write_here(change).value(); }

    store::MailboxId sent() {
        return write([&](store::WriteTransaction& t) { return office::make_sent_mailbox(t, fixture.alice, now); });
    }
    store::Mailbox get(store::MailboxId id) {
        return fixture.store()
            .read_here([&](store::ReadTransaction const& t) {
                return store::Result<store::Mailbox>(store::get_mailbox(t, id).value());
            })
            .value();
    }
    void file(store::Addition const& filed) {
        write([&](store::WriteTransaction& t) {
            return store::deliver(t, filed.message,
                                  {.local = {fixture.bob},
                                   .outside = {},
                                   .owner = fixture.alice,
                                   .reverse_path = "",
                                   .envelope_id = "",
                                   .return_content = "",
                                   .sent = sent_},
                                  {}, now);
        });
    }
    // The UID, or 0.
    std::uint32_t find(store::Addition const& wanted, store::WallTime at) {
        return fixture.store()
            .read_here([&](store::ReadTransaction const& t) -> store::Result<std::uint32_t> {
                auto const mailbox = store::get_mailbox(t, sent_).value();
                return core::number(office::find_filed(t, mailbox, wanted.message, at).value_or(store::Uid{0}));
            })
            .value();
    }
    std::string settle(store::Uid filed, store::Addition const& brought) {
        return write([&](store::WriteTransaction& t) {
                   return office::settle(t, store::get_mailbox(t, sent_).value(), filed, brought, {}, now);
               })
            .uids.to_string();
    }

    store::MailboxId sent_{};
    void setup() override { sent_ = sent(); }
};

TEST(SentMail, has_the_mailbox_with_its_use) {
    STRCMP_EQUAL("Sent", get(sent_).name.c_str());
    write([&](store::WriteTransaction& t) {
        return store::rename_mailbox(t, fixture.alice, "Sent", "Gesendet", now).transform([] { return 0; });
    });
    CHECK(sent() == sent_);
    write([&](store::WriteTransaction& t) { return store::create_mailbox(t, fixture.alice, "Sent", "", now); });
    CHECK(sent() == sent_);
}

TEST(SentMail, without_that_use_is_in_one_called_so_which_is_made_if_need_be) {
    write([&](store::WriteTransaction& t) {
        return store::delete_mailbox(t, fixture.alice, "Sent").transform([] { return 0; });
    });
    auto const plain =
        write([&](store::WriteTransaction& t) { return store::create_mailbox(t, fixture.alice, "Sent", "", now); });
    CHECK(sent() == plain);
    write([&](store::WriteTransaction& t) {
        return store::delete_mailbox(t, fixture.alice, "Sent").transform([] { return 0; });
    });
    auto const made = get(sent());
    STRCMP_EQUAL("Sent", made.name.c_str());
    STRCMP_EQUAL("\\Sent", made.special_use.c_str());
}

TEST(SentMail, is_found_by_its_message_id_for_a_day) {
    file(addition("1"));
    file(addition("2"));
    file(addition(""));
    LONGS_EQUAL(1, find(addition("1"), now));
    LONGS_EQUAL(2, find(addition("2"), now + 24h));
    LONGS_EQUAL(0, find(addition("2"), now + 24h + 1s));
    LONGS_EQUAL(0, find(addition("3"), now));
    LONGS_EQUAL(0, find(addition(""), now));
}

TEST(SentMail, that_a_client_put_there_is_not_what_the_server_filed) {
    write([&](store::WriteTransaction& t) {
        return store::append(t, addition("1").message, {.mailbox = sent_, .flags = {}, .keywords = {}}, {}, now);
    });
    LONGS_EQUAL(0, find(addition("1"), now));
}

TEST(SentMail, keeps_the_server_s_copy_with_the_client_s_flags) {
    file(addition("1"));
    auto brought = addition("1");
    brought.flags = core::SystemFlag::answered;
    brought.keywords = {"$Forwarded"};
    STRCMP_EQUAL("1", settle(store::Uid{1}, brought).c_str());
    STRCMP_EQUAL("1", settle(store::Uid{1}, brought).c_str()); // a client that tries again
    LONGS_EQUAL(1, get(sent_).messages);
    auto const row = fixture.store()
                         .read_here([&](store::ReadTransaction const& t) {
                             return store::Result<store::IndexRow>(store::get_index(t, sent_, store::Uid{1}).value());
                         })
                         .value();
    CHECK(row.flags == (core::SystemFlags(core::SystemFlag::seen) | core::SystemFlag::answered));
    LONGS_EQUAL(1, find(brought, now));
}

TEST(SentMail, keeps_the_client_s_copy_if_only_that_tells_of_blind_copies) {
    file(addition("1"));
    STRCMP_EQUAL("2", settle(store::Uid{1}, addition("1", "carol")).c_str());
    LONGS_EQUAL(1, get(sent_).messages);
    file(addition("2", "carol"));
    STRCMP_EQUAL("3", settle(store::Uid{3}, addition("2", "carol")).c_str());
    LONGS_EQUAL(2, get(sent_).messages);
}
