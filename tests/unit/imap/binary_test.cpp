#include "imap/part_decoder.h"
#include "imap_client.h"
#include "text/base64.h"

using namespace postern;
using namespace postern::test;

namespace {

std::string octets(std::size_t count) {
    std::string result;
    std::uint32_t state = 7;
    for (std::size_t i = 0; i < count; ++i) result += static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
    return result;
}

// As mailers write it, in lines.
std::string base64_part(std::string_view content) {
    std::string const encoded = text::base64_encode(content);
    std::string lines = "Content-Transfer-Encoding: base64\r\n\r\n";
    for (std::size_t at = 0; at < encoded.size(); at += 76) lines += encoded.substr(at, 76) + "\r\n";
    return lines;
}

} // namespace

TEST_GROUP(ImapBinary) {
    ImapOffice office;
    ImapClient client{office};

    void setup() override { client.log_in(); }
    // What comes after this piece of an answer.
    std::string after(std::string const& answer, std::string const& piece) {
        auto const at = answer.find(piece);
        CHECK(at != std::string::npos);
        return answer.substr(at + piece.size());
    }
};

// Longer than what is read at a time, so that quanta of base64 lie across.
TEST(ImapBinary, a_long_part_is_decoded_in_slices) {
    std::string const content = octets(300'000);
    client.append("INBOX", base64_part(content));
    client.say("SELECT INBOX");
    CHECK_HAS("(BINARY.SIZE[1] 300000)", client.say("FETCH 1 BINARY.SIZE[1]"));
    std::string const whole = client.say("FETCH 1 (BINARY.PEEK[1] UID)");
    CHECK(after(whole, "BINARY[1] ~{300000}\r\n").starts_with(content + " UID 1)\r\nOK "));
    std::string const piece = client.say("FETCH 1 BINARY.PEEK[1]<131000.140000>");
    CHECK(after(piece, "BINARY[1]<131000> ~{140000}\r\n").starts_with(content.substr(131'000, 140'000) + ")\r\n"));
}

TEST(ImapBinary, what_is_as_it_stands_and_what_is_decoded_come_together) {
    std::string const message =
        "Content-Transfer-Encoding: base64\r\n\r\n" + text::base64_encode(std::string(200'000, 'x'));
    client.append("INBOX", message);
    client.say("SELECT INBOX");
    std::string const answer = client.say("FETCH 1 (BODY.PEEK[] BINARY[1])");
    auto const rest = after(answer, std::format("BODY[] {{{}}}\r\n{}", message.size(), message));
    CHECK(rest.starts_with(" BINARY[1] {200000}\r\n" + std::string(200'000, 'x') + " FLAGS (\\Seen \\Recent))\r\n"));
}

TEST(ImapBinary, one_message_that_cannot_be_decoded_does_not_hide_the_others) {
    client.append("INBOX", "Content-Transfer-Encoding: x-secret\r\n\r\nx\r\n");
    client.append("INBOX", "\r\nab\r\n");
    client.say("SELECT INBOX");
    std::string const answer = client.say("FETCH 1:2 BINARY.PEEK[1]");
    CHECK_HAS("* 2 FETCH (BINARY[1] {4}\r\nab\r\n)\r\nNO [UNKNOWN-CTE] ", answer);
    CHECK(!answer.contains("* 1 FETCH"));
}

TEST(ImapBinary, knows_the_encodings_of_mime) {
    using imap::TransferEncoding;
    CHECK(imap::find_transfer_encoding("BASE64") == TransferEncoding::base64);
    CHECK(imap::find_transfer_encoding("8Bit") == TransferEncoding::none);
    CHECK(!imap::find_transfer_encoding("uuencode"));
    imap::PartDecoder decoder(TransferEncoding::quoted_printable);
    STRCMP_EQUAL("a", decoder.feed("a=", false).c_str());
    STRCMP_EQUAL("b ", decoder.feed("62=20=", true).substr(0, 2).c_str());
}
