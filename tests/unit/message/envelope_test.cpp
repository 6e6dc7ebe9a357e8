#include "message/envelope.h"

#include <CppUTest/TestHarness.h>

namespace envelope_test {

using namespace postern::message;
using namespace std::string_view_literals;

namespace {

Mailbox const& only(std::vector<Address> const& addresses) {
    CHECK_EQUAL(1, addresses.size());
    return std::get<Mailbox>(addresses.front());
}

} // namespace

TEST_GROUP(Envelope){};

// The message of RFC 3501 §8
TEST(Envelope, of_the_example_of_rfc_3501) {
    Envelope const e = make_envelope(HeaderSection("Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\r\n"
                                                   "From: Terry Gray <gray@cac.washington.edu>\r\n"
                                                   "Subject: IMAP4rev1 WG mtg summary and minutes\r\n"
                                                   "To: imap@cac.washington.edu\r\n"
                                                   "cc: minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>\r\n"
                                                   "Message-Id: <B27397-0100000@cac.washington.edu>\r\n"
                                                   "MIME-Version: 1.0\r\n"
                                                   "Content-Type: TEXT/PLAIN; CHARSET=US-ASCII\r\n\r\n"));
    STRCMP_EQUAL("Wed, 17 Jul 1996 02:23:25 -0700 (PDT)", e.date->c_str());
    STRCMP_EQUAL("IMAP4rev1 WG mtg summary and minutes", e.subject->c_str());
    STRCMP_EQUAL("<B27397-0100000@cac.washington.edu>", e.message_id->c_str());
    CHECK_FALSE(e.in_reply_to.has_value());
    STRCMP_EQUAL("Terry Gray", only(e.from).display_name.c_str());
    CHECK_TRUE(e.sender.empty());
    CHECK_TRUE(e.reply_to.empty());
    STRCMP_EQUAL("imap", only(e.to).local_part.c_str());
    CHECK_EQUAL(2, e.cc.size());
    STRCMP_EQUAL("MIT.EDU", std::get<Mailbox>(e.cc[1]).domain.c_str());
    CHECK_TRUE(e.bcc.empty());
}

TEST(Envelope, keeps_sender_and_reply_to_that_are_given) {
    Envelope const e = make_envelope(HeaderSection("From: a@x, b@x\r\nSender: c@x\r\nReply-To: \r\n"));
    CHECK_EQUAL(2, e.from.size());
    STRCMP_EQUAL("c", only(e.sender).local_part.c_str());
    CHECK_TRUE(e.reply_to.empty());
}

TEST(Envelope, tells_an_empty_field_from_an_absent_one) {
    Envelope const e = make_envelope(HeaderSection("Subject:\r\nDate: \r\n\t \r\n"));
    STRCMP_EQUAL("", e.subject->c_str());
    STRCMP_EQUAL("", e.date->c_str());
    CHECK_FALSE(e.message_id.has_value());
}

TEST(Envelope, takes_the_first_subject_and_every_recipient) {
    Envelope const e = make_envelope(HeaderSection("To: a@x\r\nSubject: 1\r\nTo: b@x\r\nSubject: 2\r\n"));
    STRCMP_EQUAL("1", e.subject->c_str());
    CHECK_EQUAL(2, e.to.size());
}

TEST(Envelope, unfolds_and_leaves_words_encoded) {
    Envelope const e = make_envelope(HeaderSection("Subject: =?utf-8?Q?a?=\r\n =?utf-8?Q?b?= \xe9\r\n"));
    STRCMP_EQUAL("=?utf-8?Q?a?= =?utf-8?Q?b?= \xe9", e.subject->c_str());
}

TEST(Envelope, survives_the_store) {
    Envelope const e = make_envelope(
        HeaderSection("From: A <a@x>\r\nTo: g: b@x, c@x;, <@r:d@x>\r\nSubject: \xff\r\nIn-Reply-To: <x>\r\n"));
    std::string const bytes = encode(e);
    auto const view = decode_envelope(bytes).value();
    CHECK_TRUE(encode(view) == bytes);
    CHECK_TRUE(view.subject == "\xff");
    CHECK_TRUE(view.in_reply_to == "<x>");
    CHECK_FALSE(view.date.has_value());
    STRCMP_EQUAL("a", std::string(std::get<MailboxView>(*view.from.begin()).local_part).c_str());
    CHECK_EQUAL(2, view.to.size());
    auto const group = std::get<GroupView>(*view.to.begin());
    STRCMP_EQUAL("g", std::string(group.name).c_str());
    std::string members;
    for (MailboxView const& member : group.members) members.append(member.local_part).append("@").append(member.domain);
    STRCMP_EQUAL("b@xc@x", members.c_str());
    std::string const nothing = encode(Envelope{});
    CHECK_TRUE(decode_envelope(nothing) == EnvelopeView{});
    for (std::size_t i = 0; i < bytes.size(); ++i) CHECK_FALSE(decode_envelope(bytes.substr(0, i)).has_value());
    CHECK_FALSE(decode_envelope(bytes + '\0').has_value());
    CHECK_FALSE(decode_envelope("\x01\x80\x00"sv).has_value()); // a number in a longer spelling
    CHECK_FALSE(decode_envelope(std::string(100, '\xff')).has_value());
}

} // namespace envelope_test
