#include "message/encoded_word.h"
#include "message/search_text.h"
#include "text/casemap.h"

#include <CppUTest/TestHarness.h>

#include <algorithm>
#include <format>
#include <random>
#include <string>
#include <vector>

namespace search_text_test {

using namespace postern::message;
using postern::text::casemap;

namespace {

constexpr SearchField fields[] = {SearchField::from, SearchField::to, SearchField::cc, SearchField::bcc,
                                  SearchField::subject};

// What RFC 3501 §6.4.4 asks for, from the header itself: each address and the subject alone, decoded.
bool full_scan(Envelope const& envelope, SearchField field, std::string_view folded) {
    auto const has = [&](std::string_view raw) { return casemap(decode_words(raw)).contains(folded); };
    auto const mailbox_has = [&](Mailbox const& mailbox) {
        return has(mailbox.display_name + " <" + mailbox.local_part + "@" + mailbox.domain + ">");
    };
    if (field == SearchField::subject) return envelope.subject && has(*envelope.subject);
    std::vector<Address> const* const lists[] = {&envelope.from, &envelope.to, &envelope.cc, &envelope.bcc};
    return std::ranges::any_of(*lists[static_cast<std::size_t>(field)], [&](Address const& address) {
        if (auto const* mailbox = std::get_if<Mailbox>(&address)) return mailbox_has(*mailbox);
        auto const& group = std::get<Group>(address);
        return has(group.name) || std::ranges::any_of(group.members, mailbox_has);
    });
}

std::string random_header(std::minstd_rand& random) {
    static std::vector<std::string> const odd{"a",
                                              "B",
                                              "@",
                                              "x.org",
                                              "<",
                                              ">",
                                              ",",
                                              ";",
                                              ":",
                                              "\"",
                                              "(",
                                              ")",
                                              " ",
                                              "\r\n ",
                                              "=?utf-8?q?=C3=BC?=",
                                              "=?utf-8?q?=0A?=",
                                              "=?iso-8859-1?q?=FF?=",
                                              "=?utf-8?b?w7w=?=",
                                              "=?",
                                              "?=",
                                              "\xc3\xbc",
                                              "\xff",
                                              "\\",
                                              "g:"};
    std::string header;
    for (auto const* name : {"From: ", "To: ", "Cc: ", "Bcc: ", "Subject: "}) {
        if (random() % 4 == 0) continue;
        header += name;
        for (auto n = random() % 12; n > 0; --n) header += odd[random() % odd.size()];
        header += "\r\n";
    }
    return header;
}

} // namespace

TEST_GROUP(SearchText){};

TEST(SearchText, finds_what_a_look_at_the_header_finds) {
    std::vector<std::string> const needles{"a",  "A@X", " <",     "b@",  "\xc3\xbc", "\n",
                                           "<a", "g",   "x.org>", "> <", "aa",       "?"};
    std::minstd_rand random(3501);
    int found = 0;
    for (int i = 0; i < 3'000; ++i) {
        std::string const header = random_header(random);
        Envelope const envelope = make_envelope(HeaderSection(header));
        std::string const stored = encode(envelope);
        std::string const packed = pack_search_texts(decode_envelope(stored).value());
        for (SearchField const field : fields)
            for (std::string const& needle : needles) {
                bool const expected = full_scan(envelope, field, casemap(needle));
                found += expected;
                if (packed_search_text(packed, field).value().contains(casemap(needle)) != expected)
                    FAIL((header + needle).c_str());
            }
    }
    CHECK(found > 10'000);
}

TEST(SearchText, a_header_that_is_too_long_is_not_kept) {
    std::string header = "From: a@x\r\nTo: ";
    for (int i = 0; i < 1'000; ++i) header += std::format("r{}@example.org, ", i);
    std::string const stored = encode(make_envelope(HeaderSection(header + "\r\n")));
    EnvelopeView const envelope = decode_envelope(stored).value();
    std::string const packed = pack_search_texts(envelope);
    CHECK_FALSE(packed_search_text(packed, SearchField::from).has_value());
    CHECK_TRUE(search_text(envelope, SearchField::to).contains("<R999@EXAMPLE.ORG>"));
}

TEST(SearchText, is_not_read_from_other_octets) {
    for (SearchField const field : fields) {
        CHECK_FALSE(packed_search_text("", field).has_value());
        CHECK_FALSE(packed_search_text("\x7f", field).has_value());
    }
}

TEST(SearchText, knows_its_fields_in_any_case) {
    CHECK(search_field("SUBJECT") == SearchField::subject);
    CHECK(search_field("from") == SearchField::from);
    CHECK_FALSE(search_field("Sender").has_value());
}

} // namespace search_text_test
