#include "imap_parsed.h"
#include "wire/imap_fetch.h"

#include <CppUTest/TestHarness.h>

#include <string>

namespace imap_fetch_test {

using namespace postern;
using namespace postern::wire::imap;

namespace {

// Each item as a response names it, "!" before those that set \Seen; the octets of a partial after its name.
std::string items(Fetch const& fetch) {
    std::string out;
    for (FetchItem const& item : fetch.items) {
        if (!out.empty()) out += ' ';
        auto const* body = std::get_if<FetchBody>(&item);
        if (body != nullptr && !body->peek) out += '!';
        out += response_name(item);
        if (body != nullptr && body->partial) out += "+" + std::to_string(body->partial->octets);
    }
    return out;
}

void asks(std::string const& arguments, char const* expected) {
    STRCMP_EQUAL(expected, items(parsed<Fetch>("a FETCH 1 " + arguments)).c_str());
}

void malformed(std::string const& arguments, std::string const& why) {
    refused("a FETCH " + arguments, "a BAD FETCH: " + why);
}

} // namespace

TEST_GROUP(ImapFetch){};

// RFC 3501 §6.4.5
TEST(ImapFetch, macros_are_written_out) {
    asks("FAST", "FLAGS INTERNALDATE RFC822.SIZE");
    asks("all", "FLAGS INTERNALDATE RFC822.SIZE ENVELOPE");
    asks("FULL", "FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODY");
    malformed("1 (ALL)", "Unknown data item ALL");
    malformed("1 FAST FLAGS", "Missing (");
}

TEST(ImapFetch, attributes) {
    asks("(FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODY BODYSTRUCTURE UID MODSEQ)",
         "FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODY BODYSTRUCTURE UID MODSEQ");
    asks("flags", "FLAGS");
}

TEST(ImapFetch, sections) {
    asks("BODY[]", "!BODY[]");
    asks("BODY.PEEK[]", "BODY[]");
    asks("(FLAGS BODY[HEADER.FIELDS (DATE FROM)])", "FLAGS !BODY[HEADER.FIELDS (DATE FROM)]");
    asks("body.peek[header.fields.not (\"Date\" {4}\r\nFrom)]", "BODY[HEADER.FIELDS.NOT (Date From)]");
    asks("BODY[HEADER]", "!BODY[HEADER]");
    asks("BODY[TEXT]", "!BODY[TEXT]");
    asks("BODY[1]", "!BODY[1]");
    asks("BODY[4.2.2.1.MIME]", "!BODY[4.2.2.1.MIME]");
    asks("BODY[3.HEADER]", "!BODY[3.HEADER]");
    asks("BODY[3.HEADER.FIELDS (Subject)]", "!BODY[3.HEADER.FIELDS (Subject)]");
    asks("BODY[4294967295.TEXT]", "!BODY[4294967295.TEXT]");
}

TEST(ImapFetch, odd_field_names_come_back_as_strings) {
    asks("BODY[HEADER.FIELDS (\"a b\" \"\" nil)]", "!BODY[HEADER.FIELDS (\"a b\" \"\" \"nil\")]");
}

TEST(ImapFetch, partials_come_back_with_their_origin) {
    asks("BODY[]<0.2048>", "!BODY[]<0>+2048");
    asks("BODY.PEEK[1.TEXT]<4294967295.1>", "BODY[1.TEXT]<4294967295>+1");
}

TEST(ImapFetch, old_names) {
    asks("(RFC822 RFC822.HEADER RFC822.TEXT)", "!RFC822 RFC822.HEADER !RFC822.TEXT");
    auto const fetch = parsed<Fetch>("a FETCH 1 (RFC822.HEADER RFC822.TEXT)");
    CHECK_TRUE(std::get<FetchBody>(fetch.items[0]).section.text == Section::Text::header);
    CHECK_TRUE(std::get<FetchBody>(fetch.items[1]).section.text == Section::Text::text);
}

TEST(ImapFetch, each_item_once) {
    asks("(FLAGS flags BODY[1] BODY[1] BODY.PEEK[1] BODY[1]<0.1>)", "FLAGS !BODY[1] BODY[1] !BODY[1]<0>+1");
}

// RFC 8970 §6
TEST(ImapFetch, a_preview_may_be_lazy) {
    using enum FetchAttribute;
    auto const only = [](std::string const& arguments) {
        auto const fetch = parsed<Fetch>("a FETCH 1 " + arguments);
        CHECK_EQUAL(1U, fetch.items.size());
        return std::get<FetchAttribute>(fetch.items.front());
    };
    CHECK_TRUE(only("preview") == preview);
    CHECK_TRUE(only("PREVIEW (LAZY)") == preview_lazy);
    CHECK_TRUE(only("(PREVIEW (LAZY lazy))") == preview_lazy);
    CHECK_TRUE(only("(PREVIEW PREVIEW (LAZY))") == preview);
    CHECK_TRUE(only("(PREVIEW (LAZY) PREVIEW)") == preview);
    CHECK_TRUE(parsed<Fetch>("a FETCH 1 PREVIEW (CHANGEDSINCE 5)").changed_since == core::ModSeq{5});
    CHECK_TRUE(parsed<Fetch>("a FETCH 1 PREVIEW (LAZY) (CHANGEDSINCE 5)").changed_since == core::ModSeq{5});
    malformed("1 PREVIEW (LAZY BUSY)", "Unknown preview modifier");
    malformed("1 PREVIEW (LAZYBONES)", "Unknown or repeated fetch modifier LAZYBONES");
    malformed("1 (PREVIEW (BUSY))", "Unknown data item");
}

// RFC 3501 §6.4.8
TEST(ImapFetch, uid_fetch_answers_uids) {
    auto const fetch = parsed<Fetch>("A999 UID FETCH 4827313:4828442 FLAGS");
    CHECK_TRUE(fetch.uid);
    STRCMP_EQUAL("4827313:4828442", fetch.messages.to_string().c_str());
    STRCMP_EQUAL("FLAGS UID", items(fetch).c_str());
    STRCMP_EQUAL("UID FLAGS", items(parsed<Fetch>("a UID FETCH 1 (UID FLAGS)")).c_str());
}

// RFC 7162 §3.1.4.1
TEST(ImapFetch, changed_since) {
    auto const fetch = parsed<Fetch>("s100 UID FETCH 1:* (FLAGS) (CHANGEDSINCE 12345)");
    CHECK_TRUE(fetch.changed_since == core::ModSeq{12345});
    STRCMP_EQUAL("FLAGS UID MODSEQ", items(fetch).c_str());
    malformed("1 FLAGS (CHANGEDSINCE)", "A space is missing");
    malformed("1 FLAGS (CHANGEDSINCE 1 CHANGEDSINCE 1)", "Unknown or repeated fetch modifier CHANGEDSINCE");
    malformed("1 FLAGS (VANISHED)", "Unknown or repeated fetch modifier VANISHED");
    malformed("1 FLAGS ()", "Expected a fetch modifier");
    malformed("1 FLAGS (CHANGEDSINCE 1", "The command ends too early, missing )");
}

TEST(ImapFetch, malformed_fetches_are_bad) {
    refused("a FETCH", "a BAD FETCH: Arguments are missing");
    malformed("1", "Arguments are missing");
    malformed("x FLAGS", "Not a sequence set:");
    malformed("1: FLAGS", "Not a sequence set: 1:");
    malformed("1 ()", "Unknown data item");
    malformed("1 (FLAGS", "The command ends too early, missing )");
    malformed("1 (FLAGS )", "Unknown data item");
    malformed("1 (FLAGS  UID)", "Unknown data item");
    malformed("1 FLAGS)", "Unexpected text at the end of the command");
    malformed("1 FOO", "Unknown data item FOO");
    malformed("1 BODY.PEEK", "Unknown data item BODY.PEEK");
    malformed("1 FLAGS[]", "Unexpected text at the end of the command");
    malformed("1 BODY[", "Unknown section");
    malformed("1 BODY[1", "The command ends too early, missing ]");
    malformed("1 BODY[1.]", "Unknown section");
    malformed("1 BODY[0]", "Parts of a message are counted from 1");
    malformed("1 BODY[1.0.TEXT]", "Parts of a message are counted from 1");
    malformed("1 BODY[4294967296]", "Too large a number: 4294967296");
    malformed("1 BODY[.1]", "Unknown section .1");
    malformed("1 BODY[1TEXT]", "Missing ]");
    malformed("1 BODY[MIME]", "Unknown section MIME");
    malformed("1 BODY[FOO]", "Unknown section FOO");
    malformed("1 BODY[HEADER.FIELDS]", "A space is missing");
    malformed("1 BODY[HEADER.FIELDS ()]", "Expected an atom or a string");
    malformed("1 BODY[HEADER.FIELDS (A B\"]", "Missing )");
    malformed("1 BODY[]<0>", "Missing .");
    malformed("1 BODY[]<0.0>", "A partial fetch asks for at least one octet");
    malformed("1 BODY[]<.1>", "Expected a number");
    malformed("1 BODY[]<1.1", "The command ends too early, missing >");
    malformed("1 BODY[]<1.4294967296>", "Too large a number: 4294967296");
}

TEST(ImapFetch, items_and_depth_are_bounded) {
    std::string deep = "1 BODY[1";
    for (std::size_t i = 0; i < Section::depth_limit; ++i) deep += ".1";
    malformed(deep + "]", "The section is too deep");
    std::string many = "1 (FLAGS";
    for (int i = 0; i < 200; ++i) many += " BODY[" + std::to_string(i + 1) + "]";
    malformed(many + ")", "Too many data items");
}

// What a response names is what a command would ask for.
TEST(ImapFetch, sections_are_read_as_they_are_written) {
    for (Section const& section :
         {Section{}, Section{{1}, Section::Text::mime, {}}, Section{{}, Section::Text::header, {}},
          Section{{2, 3}, Section::Text::header_fields_not, {"X-A", "b c", "\xff"}}}) {
        auto const fetch = parsed<Fetch>("a FETCH 1 BODY[" + to_string(section) + "]");
        CHECK_TRUE(std::get<FetchBody>(fetch.items[0]).section == section);
    }
}

} // namespace imap_fetch_test
