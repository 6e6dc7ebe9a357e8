#include "wire/smtp_data.h"

#include <CppUTest/TestHarness.h>

#include <string>
#include <vector>

namespace smtp_data_test {

using namespace postern::wire::smtp;

namespace {

struct Decoded {
    std::string data;
    std::string rest; // what follows the end
    bool done = false;
    std::optional<DataFault> fault;
};

Decoded decode(std::string_view stream, std::size_t step, std::size_t line_limit = 100) {
    DataDecoder decoder(line_limit);
    Decoded decoded;
    while (!stream.empty() && !decoder.done()) {
        auto const piece = stream.substr(0, step);
        auto const read = decoder.feed(piece, decoded.data);
        CHECK(read == piece.size() || decoder.done());
        stream.remove_prefix(read);
    }
    decoded.rest = stream;
    decoded.done = decoder.done();
    decoded.fault = decoder.fault();
    return decoded;
}

void gives(std::string_view stream, std::string_view data, std::string_view rest = "") {
    for (std::size_t step : {1UZ, 2UZ, 3UZ, 5UZ, 1000000UZ}) {
        auto const decoded = decode(stream, step);
        CHECK(decoded.done);
        CHECK_FALSE(decoded.fault.has_value());
        STRCMP_EQUAL(std::string(data).c_str(), decoded.data.c_str());
        STRCMP_EQUAL(std::string(rest).c_str(), decoded.rest.c_str());
    }
}

// The stream has that fault, and ends only where `rest` begins.
void faulty(std::string_view stream, DataFault fault, std::string_view rest = "", std::size_t line_limit = 100) {
    for (std::size_t step : {1UZ, 2UZ, 3UZ, 5UZ, 1000000UZ}) {
        auto const decoded = decode(stream, step, line_limit);
        CHECK(decoded.done);
        CHECK(decoded.fault == fault);
        STRCMP_EQUAL(std::string(rest).c_str(), decoded.rest.c_str());
    }
}

std::string encode(std::string_view data, std::size_t step) {
    DataEncoder encoder;
    std::string stream;
    for (; !data.empty(); data.remove_prefix(std::min(step, data.size()))) encoder.feed(data.substr(0, step), stream);
    encoder.finish(stream);
    return stream;
}

void becomes(std::string_view data, char const* stream) {
    for (std::size_t step : {1UZ, 2UZ, 3UZ, 5UZ, 1000000UZ}) STRCMP_EQUAL(stream, encode(data, step).c_str());
}

} // namespace

TEST_GROUP(SmtpData){};

TEST(SmtpData, ends_at_a_dot_on_a_line_by_itself) {
    gives("Subject: x\r\n\r\nbody\r\n.\r\nQUIT\r\n", "Subject: x\r\n\r\nbody\r\n", "QUIT\r\n");
}

TEST(SmtpData, may_be_empty) {
    gives(".\r\n", "");
    gives("\r\n.\r\n", "\r\n");
}

// RFC 5321 §4.5.2
TEST(SmtpData, takes_the_first_dot_off_a_line) {
    gives("..\r\n...\r\n..x\r\na.b\r\n.x\r\n.\r\n", ".\r\n..\r\n.x\r\na.b\r\nx\r\n");
}

TEST(SmtpData, refuses_a_bare_line_feed) {
    faulty("a\nb\r\n.\r\n", DataFault::bare_lf);
    faulty("\n.\r\n\r\n.\r\n", DataFault::bare_lf);
}

TEST(SmtpData, refuses_a_bare_carriage_return) {
    faulty("a\rb\r\n.\r\n", DataFault::bare_cr);
    faulty("a\r\r\n.\r\n", DataFault::bare_cr);
    faulty("\rb\r\n.\r\n", DataFault::bare_cr);
}

// What other servers took for the end of a message, and what came after for commands.
TEST(SmtpData, nothing_but_crlf_dot_crlf_is_the_end) {
    constexpr std::string_view smuggled = "MAIL FROM:<evil@example.com>\r\n.\r\n";
    struct {
        std::string_view end;
        DataFault fault;
    } const ends[] = {
        {"\n.\n", DataFault::bare_lf},       {"\n.\r\n", DataFault::bare_lf},   {"\r\n.\n", DataFault::bare_lf},
        {"\r\n.\r", DataFault::bare_cr},     {"\r.\r", DataFault::bare_cr},     {"\r.\r\n", DataFault::bare_cr},
        {"\r\n.\r\r\n", DataFault::bare_cr}, {"\n\n.\n\n", DataFault::bare_lf}, {"\r\r\n.\r\r\n", DataFault::bare_cr},
    };
    for (auto const& [end, fault] : ends)
        faulty("text" + std::string(end) + std::string(smuggled) + "QUIT\r\n", fault, "QUIT\r\n");
    faulty(std::string("text\r\n\0.\r\n", 10) + std::string(smuggled), DataFault::nul);
    faulty(std::string("text\r\n.\0\r\n", 10) + std::string(smuggled), DataFault::nul);
}

TEST(SmtpData, after_a_fault_the_end_is_still_found_exactly) {
    faulty("a\nb\r.\r\n.\r\nQUIT\r\n", DataFault::bare_lf, "QUIT\r\n");
    faulty("a\rb\rc\n.\r\n.\rx\n.\r\n\r\n.\r\nQUIT\r\n", DataFault::bare_cr, "QUIT\r\n");
}

TEST(SmtpData, refuses_nul) { faulty(std::string("a\0b\r\n.\r\n", 8), DataFault::nul); }

TEST(SmtpData, refuses_a_line_beyond_the_limit) {
    gives(std::string(100, 'a') + "\r\n." + std::string(100, 'b') + "\r\n.\r\n",
          std::string(100, 'a') + "\r\n" + std::string(100, 'b') + "\r\n");
    faulty(std::string(101, 'a') + "\r\n.\r\n", DataFault::line_too_long);
    faulty(std::string(10000, 'a') + "\r\n.\r\n", DataFault::line_too_long);
}

TEST(SmtpData, of_several_faults_the_first_counts) {
    faulty(std::string("a\0b\rc\n\r\n.\r\n", 12), DataFault::nul);
    faulty(std::string("a\rb\0c\n\r\n.\r\n", 12), DataFault::bare_cr);
    faulty(std::string("a\nb\0c\r\r\n.\r\n", 12), DataFault::bare_lf);
    faulty(std::string(101, 'a') + std::string("\0\r\r\n.\r\n", 8), DataFault::line_too_long);
    faulty(std::string(100, 'a') + std::string("\r\0\r\n.\r\n", 8), DataFault::bare_cr);
}

TEST(SmtpData, a_scanner_sees_a_carriage_return_at_the_very_end) {
    LineScanner lines(100);
    lines.read("a\r\n");
    lines.read("b\r");
    CHECK_FALSE(lines.fault().has_value());
    lines.finish();
    CHECK(lines.fault() == DataFault::bare_cr);
}

TEST(SmtpData, a_scanner_joins_what_is_cut_between_cr_and_lf) {
    LineScanner lines(100);
    lines.read("a\r");
    lines.read("\n");
    CHECK(lines.at_line_start());
    lines.finish();
    CHECK_FALSE(lines.fault().has_value());
}

TEST_GROUP(SmtpDataEncoder){};

TEST(SmtpDataEncoder, puts_a_dot_before_a_line_that_begins_with_one) {
    becomes("a\r\n.\r\n..b\r\nc.d\r\n", "a\r\n..\r\n...b\r\nc.d\r\n.\r\n");
    becomes(".first", "..first\r\n.\r\n");
}

TEST(SmtpDataEncoder, ends_the_last_line) {
    becomes("", ".\r\n");
    becomes("a", "a\r\n.\r\n");
    becomes("a\r", "a\r\n.\r\n");
    becomes("a\r\n", "a\r\n.\r\n");
    becomes("a\r\n\r\n", "a\r\n\r\n.\r\n");
}

TEST(SmtpDataEncoder, sends_no_bare_line_feed) {
    becomes("a\nb\n\nc\r\nd", "a\r\nb\r\n\r\nc\r\nd\r\n.\r\n");
    becomes("a\n.\nQUIT\n", "a\r\n..\r\nQUIT\r\n.\r\n");
}

TEST(SmtpDataEncoder, gives_what_the_decoder_takes_apart) {
    for (std::string_view data : {"", "\r\n", ".\r\n", "..\r\n.x\r\n\r\n", "Subject: x\r\n\r\n.\r\n..\r\n"})
        gives(encode(data, 3), data);
}

} // namespace smtp_data_test
