#include "wire/imap_url.h"

#include <CppUTest/TestHarness.h>

#include <format>
#include <string>

namespace imap_url_test {

using namespace postern;
using namespace postern::wire::imap;

namespace {

std::string spell(std::string_view url) {
    auto const parsed = parse_message_url(url);
    if (!parsed) return "none";
    std::string out;
    if (parsed->server) out += std::format("{}@{} ", parsed->server->user, parsed->server->host);
    if (parsed->relative) out += "here: ";
    out += std::format("{} {}", parsed->mailbox, core::number(parsed->uid));
    if (parsed->uid_validity) out += std::format(" of {}", core::number(*parsed->uid_validity));
    if (parsed->section) out += " [" + to_string(*parsed->section) + "]";
    if (parsed->range) out += std::format(" <{}>", parsed->range->offset);
    if (parsed->range && parsed->range->length) out += std::format(" {}", *parsed->range->length);
    return out;
}

void means(std::string_view url, std::string_view what) {
    STRCMP_EQUAL_TEXT(std::string(what).c_str(), spell(url).c_str(), std::string(url).c_str());
}

} // namespace

TEST_GROUP(ImapUrl){};

// RFC 4469 appendix A, RFC 5092 §6
TEST(ImapUrl, of_a_message_and_its_parts) {
    means("/Drafts;UIDVALIDITY=385759045/;UID=20", "Drafts 20 of 385759045");
    means("/Drafts;UIDVALIDITY=385759045/;UID=20/;section=HEADER", "Drafts 20 of 385759045 [HEADER]");
    means("/Drafts;uidvalidity=385759045/;uid=20/;section=1.MIME", "Drafts 20 of 385759045 [1.MIME]");
    means("/INBOX/;UID=19/;SECTION=1/;PARTIAL=1024.512", "INBOX 19 [1] <1024> 512");
    means("/inbox/;UID=19/;PARTIAL=7", "inbox 19 <7>");
    means("/box/;UID=20/;SECTION=HEADER.FIELDS%20(To%20%22X-y%22)", "box 20 [HEADER.FIELDS (To X-y)]");
}

// RFC 5092 §11: enc-mailbox is UTF-8 with percent-encoding, and has "/" in it as it is.
TEST(ImapUrl, of_any_mailbox) {
    means("/a/b/c/;UID=1", "a/b/c 1");
    means("/~peter/%E6%97%A5%E6%9C%AC%3B%20x;UIDVALIDITY=5/;UID=1", "~peter/日本; x 1 of 5");
    means("/a&b=c:d@e/;UID=1", "a&b=c:d@e 1");
    means("/%FF/;UID=1", "none");
    means("/a b/;UID=1", "none");
    means("/a%2/;UID=1", "none");
    means("/a%/;UID=1", "none");
    means("/a%4x/;UID=1", "none");
}

TEST(ImapUrl, with_a_server) {
    means("imap://office.lan/INBOX/;UID=2", "@office.lan INBOX 2");
    means("IMAP://alice;AUTH=*@office.lan:143/INBOX/;UID=2", "alice@office.lan INBOX 2");
    means("imap://;AUTH=*@office.lan/INBOX/;UID=2", "@office.lan INBOX 2");
    means("//alice%40office.lan@office.lan/INBOX/;UID=2", "alice@office.lan@office.lan INBOX 2");
    means("imap://office.lan", "none");
    means("imap:///INBOX/;UID=2", "none");
    means("imap://office.lan:x/INBOX/;UID=2", "none");
    means("http://office.lan/INBOX/;UID=2", "none");
}

// RFC 5092 §7.2, §10.1
TEST(ImapUrl, relative_to_a_mailbox) {
    means(";UID=20", "here:  20");
    means(";uid=20/;section=1:2/;PARTIAL=0.5", "none");
    means(";UID=20/;SECTION=HEADER/;PARTIAL=0.5", "here:  20 [HEADER] <0> 5");
    means("Sent/;UID=2", "here: Sent 2");
    means("a/b;UIDVALIDITY=5/;UID=2", "here: a/b 2 of 5");
    means("..;UIDVALIDITY=385759045/;UID=20", "here: .. 20 of 385759045");
    for (char const* url : {";UIDVALIDITY=5/;UID=2", "/;UID=2/", "Sent;UID=2", ";SECTION=1", "/;SECTION=1",
                            ";PARTIAL=1", "http:/Sent/;UID=2", "imap:;UID=2"})
        means(url, "none");
}

TEST(ImapUrl, of_anything_else_is_none) {
    for (char const* url :
         {"",
          "/",
          "/INBOX",
          "/INBOX;UIDVALIDITY=1",
          "/INBOX?SUBJECT%20x",
          "/;UID=2",
          "//;UID=2",
          "/INBOX;UID=2",
          "/INBOX/;UID=0",
          "/INBOX/;UID=4294967296",
          "/INBOX/;UID=",
          "/INBOX/;UID=2/",
          "/INBOX/;UID=2x",
          "/INBOX;UIDVALIDITY=0/;UID=2",
          "/INBOX;UIDVALIDITY=1;UID=2",
          "/INBOX/;UID=2/;SECTION=",
          "/INBOX/;UID=2/;SECTION=1/",
          "/INBOX/;UID=2/;SECTION=FOO",
          "/INBOX/;UID=2/;SECTION=1]",
          "/INBOX/;UID=2/;SECTION=1%5D",
          "/INBOX/;UID=2/;SECTION=1;PARTIAL=1",
          "/INBOX/;UID=2/;PARTIAL=",
          "/INBOX/;UID=2/;PARTIAL=1.0",
          "/INBOX/;UID=2/;PARTIAL=1.",
          "/INBOX/;UID=2/;PARTIAL=1/;SECTION=1",
          "/INBOX/;UID=2;EXPIRE=2026-01-01T00:00:00Z;URLAUTH=anonymous:internal:91354a473744909de610943775f92038"})
        means(url, "none");
}

} // namespace imap_url_test
