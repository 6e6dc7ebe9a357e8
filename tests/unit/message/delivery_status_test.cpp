#include "message/delivery_status.h"
#include "message/encoded_word.h"
#include "message/header.h"
#include "message/structure.h"
#include "text/ascii.h"
#include "text/quoted_printable.h"
#include "text/utf8.h"

#include <CppUTest/TestHarness.h>

#include <string>
#include <string_view>

namespace delivery_status_test {

using namespace postern;
using namespace postern::message;
using namespace std::chrono;
using namespace std::string_literals;
using namespace std::string_view_literals;

namespace {

constexpr DateTime at(sys_seconds utc) { return {.utc = utc, .offset = 60min}; }
constexpr sys_seconds arrival = sys_days(2026y / March / 2) + 8h + 5min;

constexpr std::string_view original = "From: Alice <alice@office.example>\r\n"
                                      "To: bob@example.com\r\n"
                                      "Subject: Quarterly numbers\r\n"
                                      "Date: Mon, 2 Mar 2026 09:04:58 +0100\r\n"
                                      "Message-ID: <abc@office.example>\r\n"
                                      "\r\n";

DeliveryStatus status_of(RecipientStatus recipient) {
    return {.reporting_mta = "mail.office.example",
            .mail_domain = "office.example",
            .reverse_path = "alice@office.example",
            .envelope_id = "",
            .arrival = at(arrival),
            .size = 31'400'000,
            .recipients = {std::move(recipient)},
            .date = at(arrival + 1min),
            .message_id = "<n1@office.example>",
            .boundary = "b0und4ry"};
}

RecipientStatus unknown_user() {
    return {.final_recipient = "bob@example.com",
            .status = "5.1.1",
            .remote_mta = "mx.example.com",
            .reply = "550 5.1.1 <bob@example.com>: Recipient address rejected: User unknown",
            .last_attempt = at(arrival + 30s)};
}

RecipientStatus delayed(Delay delay, std::string status) {
    return {.final_recipient = "bob@example.com",
            .action = Action::delayed,
            .status = std::move(status),
            .remote_mta = "mx.example.com",
            .reply = "451 Come back later",
            .delay = delay,
            .will_retry_until = at(arrival + days(3))};
}

std::string decoded(std::string_view body, Part const& part) {
    if (part.encoding != "quoted-printable") return std::string(body);
    std::string out;
    text::QuotedPrintableDecoder decoder;
    decoder.feed(body, out);
    decoder.finish(out);
    return out;
}

// A notice as who receives it reads it.
struct Read {
    std::string octets;
    Structure structure = {};
    std::string text = {};
    std::string fields = {};
    std::string returned = {};
};

Read read(DeliveryStatus const& status, std::string_view header = original, std::string_view content = "") {
    Notice const notice = make_notice(status, header);
    Read result{.octets = notice.head + std::string(content) + notice.tail};
    StructureParser parser;
    parser.feed(result.octets);
    result.structure = parser.finish();
    auto const& children = result.structure.root.children;
    LONGS_EQUAL(3, children.size());
    auto const body = [&](Part const& part) {
        return decoded(std::string_view(result.octets).substr(part.body_begin, part.body_end - part.body_begin), part);
    };
    result.text = body(children[0]);
    result.fields = body(children[1]);
    result.returned = body(children[2]);
    // Lines end in CRLF, and are as short as RFC 5322 §2.1.1 asks.
    for (std::size_t begin = 0; begin < result.octets.size();) {
        std::size_t const end = result.octets.find('\n', begin);
        CHECK_TRUE(end != std::string::npos && end > begin && result.octets[end - 1] == '\r');
        CHECK_TRUE(end - begin <= 999);
        begin = end + 1;
    }
    return result;
}

std::string field(Read const& notice, std::string_view name) {
    auto const found = HeaderSection(notice.octets).first(name);
    return found ? unfold(found->raw_body) : "nothing";
}

void has(std::string_view part, std::string_view text) {
    // Where lines are broken does not matter.
    std::string joined;
    for (char const c : text)
        if (c == '\r')
            joined += ' ';
        else if (c != '\n')
            joined += c;
    STRCMP_CONTAINS(std::string(part).c_str(), joined.c_str());
}

void has_not(std::string_view part, std::string_view text) { CHECK_FALSE(text.contains(part)); }

} // namespace

TEST_GROUP(DeliveryStatus){};

// RFC 3464 Appendix C
TEST(DeliveryStatus, a_failure_is_a_report_with_what_machines_need) {
    DeliveryStatus status = status_of(unknown_user());
    status.envelope_id = "QQ+2B31";
    status.recipients[0].original_recipient = "rfc822;Bob+2Bx@example.com";
    Read const notice = read(status);
    STRCMP_EQUAL("report", notice.structure.root.subtype.c_str());
    STRCMP_EQUAL("delivery-status", std::string(find(notice.structure.root.parameters, "report-type").value()).c_str());
    auto const& children = notice.structure.root.children;
    STRCMP_EQUAL("plain", children[0].subtype.c_str());
    STRCMP_EQUAL("message", children[1].type.c_str());
    STRCMP_EQUAL("delivery-status", children[1].subtype.c_str());
    STRCMP_EQUAL("rfc822-headers", children[2].subtype.c_str());
    STRCMP_EQUAL("Original-Envelope-Id: QQ+31\r\n"
                 "Reporting-MTA: dns; mail.office.example\r\n"
                 "Arrival-Date: Mon, 2 Mar 2026 09:05:00 +0100\r\n"
                 "\r\n"
                 "Original-Recipient: rfc822;Bob+x@example.com\r\n"
                 "Final-Recipient: rfc822;bob@example.com\r\n"
                 "Action: failed\r\n"
                 "Status: 5.1.1\r\n"
                 "Remote-MTA: dns; mx.example.com\r\n"
                 "Diagnostic-Code: smtp; 550 5.1.1 <bob@example.com>: Recipient address\r\n"
                 " rejected: User unknown\r\n"
                 "Last-Attempt-Date: Mon, 2 Mar 2026 09:05:30 +0100\r\n",
                 notice.fields.c_str());
    STRCMP_EQUAL(std::string(original.substr(0, original.size() - 2)).c_str(), notice.returned.c_str());
}

TEST(DeliveryStatus, its_header_finds_its_way_and_its_thread) {
    Read const notice = read(status_of(unknown_user()));
    STRCMP_EQUAL("Mail Delivery System <MAILER-DAEMON@office.example>", field(notice, "From").c_str());
    STRCMP_EQUAL("postmaster@office.example", field(notice, "Reply-To").c_str());
    STRCMP_EQUAL("alice@office.example", field(notice, "To").c_str());
    STRCMP_EQUAL("Not delivered: Quarterly numbers", field(notice, "Subject").c_str());
    STRCMP_EQUAL("Mon, 2 Mar 2026 09:06:00 +0100", field(notice, "Date").c_str());
    STRCMP_EQUAL("<n1@office.example>", field(notice, "Message-ID").c_str());
    STRCMP_EQUAL("<abc@office.example>", field(notice, "In-Reply-To").c_str());
    STRCMP_EQUAL("<abc@office.example>", field(notice, "References").c_str());
    STRCMP_EQUAL("auto-replied", field(notice, "Auto-Submitted").c_str());
    STRCMP_EQUAL("1.0", field(notice, "MIME-Version").c_str());
}

TEST(DeliveryStatus, people_are_told_what_happened_and_what_to_do) {
    STRCMP_EQUAL("Your message could not be delivered.\r\n"
                 "\r\n"
                 "    Subject: Quarterly numbers\r\n"
                 "    Date:    Mon, 2 Mar 2026 09:04\r\n"
                 "\r\n"
                 "It did not reach:\r\n"
                 "\r\n"
                 "    bob@example.com\r\n"
                 "\r\n"
                 "There is no such address at the recipient's mail server. Check how the\r\n"
                 "address is spelled and send the message again, or ask the recipient for\r\n"
                 "the right address.\r\n"
                 "\r\n"
                 "What mx.example.com said:\r\n"
                 "\r\n"
                 "    550 5.1.1 <bob@example.com>: Recipient address rejected: User\r\n"
                 "    unknown\r\n"
                 "\r\n"
                 "Recipients who are not named here are not concerned: you need not send\r\n"
                 "it to them again.\r\n"
                 "\r\n"
                 "This notice was written by the mail system of mail.office.example. An\r\n"
                 "answer to it reaches the people who look after that.\r\n",
                 read(status_of(unknown_user())).text.c_str());
}

TEST(DeliveryStatus, common_codes_have_their_sentence_and_others_that_of_their_class) {
    auto const text = [](std::string status, std::uint64_t limit = 0) {
        RecipientStatus recipient = unknown_user();
        recipient.status = std::move(status);
        recipient.size_limit = limit;
        return read(status_of(std::move(recipient))).text;
    };
    has("does not exist or takes no mail", text("5.1.2"));
    has("mailbox is full", text("5.2.2"));
    has("too large for the recipient's mail server. Send it", text("5.3.4"));
    has("it has 31.4 MB, and the recipient's mail server takes 25.0 MB at most", text("5.2.3", 25'000'000));
    has("cannot be found at the moment", text("5.4.4"));
    has("refused the message.", text("5.4.1")); // as widely used, it does not mean what RFC 3463 says
    has("rules of the recipient's mail server", text("5.7.1"));
    has("SPF, DKIM, DMARC", text("5.7.26"));
    has("refused the message. What it said may tell why.", text("5.9.9"));
    has("refused the message. What it said may tell why.", text(""));
    has("refused the message. What it said may tell why.", text("5.1.1.1"));
    has("Status: 5.0.0", read(status_of({.final_recipient = "a@b", .status = "9.1.1"})).fields);
}

TEST(DeliveryStatus, who_gave_up_says_after_how_long) {
    RecipientStatus recipient = unknown_user();
    recipient.status = "4.4.1";
    DeliveryStatus status = status_of(recipient);
    status.date = at(arrival + days(5) + 20min);
    has("does not answer. This was tried for 5 days, and is given up now. Send the message again later",
        read(status).text);
    status.recipients[0].status = "4.1.1"; // which is no more than that the address could not be looked up
    has("does not take the message at the moment. This was tried for 5 days", read(status).text);
}

TEST(DeliveryStatus, without_internet_a_message_is_said_to_be_safe) {
    DeliveryStatus status = status_of(delayed(Delay::no_internet, "4.4.1"));
    status.outage = 6h + 10min;
    Read const notice = read(status);
    STRCMP_EQUAL("Delayed: Quarterly numbers", field(notice, "Subject").c_str());
    has("You need not send it again.", notice.text);
    has("has been away for 6 hours. Your message is safe here, and leaves by itself", notice.text);
    has_not("said:", notice.text);
    has("Action: delayed Status: 4.4.1", notice.fields);
    has("Will-Retry-Until: Thu, 5 Mar 2026 09:05:00 +0100", notice.fields);
}

TEST(DeliveryStatus, a_relay_that_refuses_is_for_the_administrator) {
    Read const notice = read(status_of(delayed(Delay::relay_refuses, "4.7.8")));
    has("Your administrator has to see to this", notice.text);
    has("within another 3 days", notice.text);
    has("What mx.example.com said:", notice.text);
    has("    451 Come back later", notice.text);
}

TEST(DeliveryStatus, a_server_that_defers_is_tried_again_for_a_time_that_is_told) {
    std::string const text = read(status_of(delayed(Delay::server_defers, "4.2.2"))).text;
    has("The recipient's mailbox is full. Your message is safe here, and is tried again by itself.", text);
    has("If it cannot be delivered within another 3 days, you will get a notice. Time in which there is no internet "
        "connection does not count.",
        text);
    has("does not take the message at the moment. Your message is safe",
        read(status_of(delayed(Delay::server_defers, "4.7.1"))).text);
}

TEST(DeliveryStatus, success_is_told_for_what_it_is) {
    RecipientStatus recipient = {.final_recipient = "bob@example.com",
                                 .action = Action::relayed,
                                 .status = "2.0.0",
                                 .remote_mta = "mx.example.com",
                                 .reply = "250 Ok"};
    Read const relayed = read(status_of(recipient));
    STRCMP_EQUAL("Sent on: Quarterly numbers", field(relayed, "Subject").c_str());
    has("handed to mx.example.com, which does not report what becomes of it", relayed.text);
    has("Action: relayed Status: 2.0.0", relayed.fields);
    has_not("said:", relayed.text);
    has_not("not concerned", relayed.text);

    recipient.action = Action::delivered;
    has("is in the recipient's mailbox", read(status_of(recipient)).text);
    recipient.action = Action::expanded;
    has("stands for several others", read(status_of(recipient)).text);
}

TEST(DeliveryStatus, recipients_with_the_same_fate_are_told_of_together_and_failures_first) {
    DeliveryStatus status =
        status_of({.final_recipient = "ok@example.com", .action = Action::delivered, .status = "2.0.0"});
    for (std::string_view const name : {"bob", "carol"}) {
        status.recipients.push_back(unknown_user());
        status.recipients.back().final_recipient = std::string(name) + "@example.com";
    }
    Read const notice = read(status);
    STRCMP_EQUAL("Not delivered: Quarterly numbers", field(notice, "Subject").c_str());
    STRCMP_CONTAINS(
        "It did not reach:\r\n\r\n    bob@example.com\r\n    carol@example.com\r\n\r\nThere is no such address",
        notice.text.c_str());
    CHECK_TRUE(notice.text.find("carol@") < notice.text.find("It reached:\r\n\r\n    ok@example.com"));
}

TEST(DeliveryStatus, a_whole_message_goes_between_head_and_tail) {
    DeliveryStatus status = status_of(unknown_user());
    status.returned = Returned::whole;
    std::string const message = std::string(original) + "The numbers.\r\n";
    Read const notice = read(status, original, message);
    Part const& returned = notice.structure.root.children[2];
    STRCMP_EQUAL("rfc822", returned.subtype.c_str());
    STRCMP_EQUAL(message.c_str(), notice.returned.c_str());
    STRCMP_EQUAL("Quarterly numbers", returned.children.at(0).envelope->subject.value_or("").c_str());
    has("The message is attached to this notice.", notice.text);
    STRCMP_EQUAL("nothing", field(notice, "Content-Transfer-Encoding").c_str());

    status.eight_bit = true;
    Read const wide = read(status, original, std::string(original) + "Zahlen für März\r\n");
    STRCMP_EQUAL("8bit", field(wide, "Content-Transfer-Encoding").c_str());
    STRCMP_EQUAL("8bit", wide.structure.root.children[2].encoding.c_str());
}

TEST(DeliveryStatus, what_is_returned_follows_what_was_asked) {
    std::vector<RecipientStatus> const failed{unknown_user()};
    std::vector<RecipientStatus> const waiting{delayed(Delay::server_defers, "4.0.0")};
    CHECK_TRUE(find_returned("FULL", failed, 100'000'000) == Returned::whole);
    CHECK_TRUE(find_returned("HDRS", failed, 100) == Returned::header);
    CHECK_TRUE(find_returned("", failed, 10'000) == Returned::whole);
    CHECK_TRUE(find_returned("", failed, 10'000'000) == Returned::header);
    CHECK_TRUE(find_returned("FULL", waiting, 100) == Returned::header);
}

// RFC 6533
TEST(DeliveryStatus, addresses_beyond_ascii_make_it_international) {
    RecipientStatus recipient = unknown_user();
    recipient.final_recipient = "jürgen@example.com";
    recipient.original_recipient = "utf-8;j\\x{FC}rgen+x@example.com";
    recipient.reply = "550 gibt's nicht: jürgen";
    Read const notice = read(status_of(recipient));
    STRCMP_EQUAL("global-delivery-status", notice.structure.root.children[1].subtype.c_str());
    has("Original-Recipient: utf-8;jürgen+x@example.com", notice.fields);
    has("Final-Recipient: utf-8;jürgen@example.com", notice.fields);
    has("550 gibt's nicht: jürgen", notice.fields);
    has("    jürgen+x@example.com", notice.text);
    CHECK_TRUE(text::is_ascii(notice.octets));
}

TEST(DeliveryStatus, a_header_beyond_ascii_comes_back_as_it_was) {
    constexpr std::string_view utf8 = "Subject: Zahlen für März\r\n\r\n";
    Read const notice = read(status_of(unknown_user()), utf8);
    STRCMP_EQUAL("global-headers", notice.structure.root.children[2].subtype.c_str());
    STRCMP_EQUAL("Subject: Zahlen für März\r\n", notice.returned.c_str());
    STRCMP_EQUAL("Not delivered: Zahlen für März", decode_words(field(notice, "Subject")).c_str());
    has("    Subject: Zahlen für März", notice.text);
    CHECK_TRUE(text::is_ascii(notice.octets));

    Read const latin = read(status_of(unknown_user()), "Subject: M\xe4rz\r\n\r\n");
    STRCMP_EQUAL("rfc822-headers", latin.structure.root.children[2].subtype.c_str());
    STRCMP_EQUAL("Subject: M\xe4rz\r\n", latin.returned.c_str());
    has("    Subject: März", latin.text);

    DeliveryStatus whole = status_of(unknown_user());
    whole.returned = Returned::whole;
    Read const global = read(whole, utf8, utf8);
    STRCMP_EQUAL("global", global.structure.root.children[2].subtype.c_str());
    STRCMP_EQUAL("8bit", field(global, "Content-Transfer-Encoding").c_str());
}

TEST(DeliveryStatus, what_comes_from_outside_adds_no_fields_and_no_lines) {
    DeliveryStatus status = status_of({.original_recipient = "rfc822;a+0D+0AAction:+20delivered@b",
                                       .final_recipient = "a\r\n\r\nX: y@b",
                                       .status = "5.1.1\r\nX: y",
                                       .remote_mta = "m\r\nX: y",
                                       .reply = "550-a\r\n550 b\r\n\r\n--b\0\x1b[2J\xe2\x80\xaex"s});
    status.envelope_id = "e+0AX:+20y";
    status.reverse_path = "a@b>\r\nX: y";
    Read const notice = read(status, "Subject: =?utf-8?q?a=0D=0AX:_y?=\r\nMessage-ID: <a b>\r\n\r\n");
    STRCMP_EQUAL("nothing", field(notice, "X").c_str());
    STRCMP_EQUAL("nothing", field(notice, "References").c_str());
    STRCMP_EQUAL("Not delivered: a X: y", field(notice, "Subject").c_str());
    STRCMP_EQUAL("undisclosed-recipients:;", field(notice, "To").c_str());
    STRCMP_EQUAL("Original-Envelope-Id: e X: y\r\n"
                 "Reporting-MTA: dns; mail.office.example\r\n"
                 "Arrival-Date: Mon, 2 Mar 2026 09:05:00 +0100\r\n"
                 "\r\n"
                 "Original-Recipient: rfc822;a Action: delivered@b\r\n"
                 "Final-Recipient: rfc822;a X: y@b\r\n"
                 "Action: failed\r\n"
                 "Status: 5.0.0\r\n"
                 "Remote-MTA: dns; m X: y\r\n"
                 "Diagnostic-Code: smtp; 550-a 550 b --b [2Jx\r\n",
                 notice.fields.c_str());
    STRCMP_CONTAINS("    550-a 550 b --b [2Jx\r\n", notice.text.c_str());
}

TEST(DeliveryStatus, long_things_are_cut) {
    std::string const much(100'000, 'x');
    DeliveryStatus status = status_of(
        {.original_recipient = much + ";" + much, .final_recipient = much + "@b", .remote_mta = much, .reply = much});
    std::string const header = "Subject: " + much + "\r\nX: " + much + "\r\nMessage-ID: <" + much + "@b>\r\n\r\n";
    CHECK_TRUE(read(status, header).octets.size() < 10'000);
}

} // namespace delivery_status_test
