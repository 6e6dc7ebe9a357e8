#include "message/thread_keys.h"

#include <CppUTest/TestHarness.h>

#include <format>
#include <string>

namespace thread_keys_test {

using namespace postern::message;

namespace {

bool same(std::string_view left, std::string_view right) {
    return reference_hashes(left) == reference_hashes(right) && !reference_hashes(left).empty();
}

ThreadKeys keys_of(Envelope envelope, std::string_view references = {}) {
    std::string const encoded = encode(envelope);
    return make_thread_keys(decode_envelope(encoded).value(), reference_hashes(references));
}

} // namespace

TEST_GROUP(ThreadKeys){};

// RFC 5256 §2.2
TEST(ThreadKeys, quotes_blanks_and_comments_do_not_count) {
    CHECK(same("<01KF8JCEOCBS0045PS@xxx.yyy.com>", "<\"01KF8JCEOCBS0045PS\"@xxx.yyy.com>"));
    CHECK(same("<a@b>", " (see (there)) < a (x>y) @ b > "));
    CHECK(same("<\"a\\\"b\"@c>", "<\"a\"\"\\\"\"b@c>"));
    CHECK_FALSE(same("<a@b>", "<A@b>"));
    CHECK_FALSE(same("<a b@c>", "<\"a b\"@c>"));
}

TEST(ThreadKeys, what_is_no_message_id_is_passed_over) {
    for (char const* field : {"", "a@b", "<>", "<ab>", "<@b>", "<a@>", "<a@b", "<a@<"}) {
        CHECK_TEXT(reference_hashes(field).empty(), field);
    }
    CHECK_EQUAL(2U, reference_hashes("<a@b> your letter of Monday <c> <<d@e>").size());
    CHECK(same("<a@b><c@d>", "x <a@b>\r\n\t<c@d>, y"));
}

TEST(ThreadKeys, of_many_references_the_last_are_kept) {
    std::string field;
    for (int i = 0; i < 100; ++i) field += std::format("<{}@x> ", i);
    auto const hashes = reference_hashes(field);
    CHECK_EQUAL(references_limit, hashes.size());
    CHECK(hashes.back() == reference_hashes("<99@x>").front());
}

// RFC 5256 §3, REFERENCES, step 1
TEST(ThreadKeys, in_reply_to_stands_in_for_references) {
    Envelope envelope;
    envelope.message_id = "<c@x>";
    envelope.in_reply_to = "<b@x> <a@x>";
    CHECK(keys_of(envelope).references == reference_hashes("<b@x>"));
    CHECK(keys_of(envelope, "<a@x> <b2@x>").references == reference_hashes("<a@x> <b2@x>"));
    CHECK(keys_of(envelope, "none").references == reference_hashes("<b@x>"));
    CHECK(keys_of(envelope).id == reference_hashes("<c@x>").front());
    CHECK_FALSE(keys_of({}).id.has_value());
    CHECK(keys_of({}).references.empty());
}

TEST(ThreadKeys, they_are_kept_as_they_are) {
    Envelope envelope;
    for (char const* date :
         {"Mon, 05 Jan 2026 10:00:00 +0100", "1 Jan 1960 00:00:00 GMT", "1 Jan 1970 00:00:00 GMT", "?"}) {
        envelope.date = date;
        envelope.message_id = "<c@x>";
        auto const keys = keys_of(envelope, "<a@x> <b@x>");
        std::string const octets = encode(keys);
        CHECK(decode_thread_keys(octets) == keys);
        CHECK(decode_sent(octets) == keys.sent);
        CHECK_FALSE(decode_thread_keys(octets.substr(0, octets.size() - 1)).has_value());
    }
    CHECK(decode_thread_keys(encode(ThreadKeys{})) == ThreadKeys{});
    CHECK_FALSE(decode_thread_keys("").has_value());
    CHECK_FALSE(decode_sent("").has_value());
}

} // namespace thread_keys_test
