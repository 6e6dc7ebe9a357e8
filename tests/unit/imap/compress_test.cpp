#include "core/log.h"
#include "imap_client.h"
#include "net/certificate.h"
#include "net/deflate.h"
#include "net/tls.h"

#include <chrono>
#include <utility>

using namespace postern;
using namespace postern::test;

namespace {

// A client that compresses once it was told that it may.
class CompressingClient : public ImapClient {
public:
    using ImapClient::ImapClient;

    void begin() { CHECK_HAS("OK ", ImapClient::say("COMPRESS DEFLATE")); }
    std::string say(std::string_view tag, std::string_view command) {
        feed(deflater.deflate(std::format("{} {}\r\n", tag, command)));
        return answer(std::format("{} ", tag));
    }
    // Up to the end of the line that begins so.
    std::string answer(std::string_view begin) {
        for (;;) {
            auto const line = said_.find(begin);
            auto const end = line == std::string::npos ? line : said_.find("\r\n", line);
            if (end != std::string::npos) {
                std::string const answer = said_.substr(0, end + 2);
                said_.erase(0, end + 2);
                return answer;
            }
            // All that there is ends with a flush.
            std::string const more = read_until(std::string_view("\0\0\xff\xff", 4));
            if (more.empty()) return std::exchange(said_, {});
            std::string room(1'000'000, '\0');
            auto const step = inflater_.inflate(more, room);
            CHECK(step.has_value());
            said_.append(room, 0, step->made);
        }
    }

    net::Deflater deflater;

private:
    net::Inflater inflater_;
    std::string said_;
};

} // namespace

// RFC 4978
TEST_GROUP(ImapCompress) {
    ImapOffice office;

    void setup() override { core::set_log_level(core::Level::error); }
};

TEST(ImapCompress, everything_after_the_answer_is_compressed) {
    CompressingClient client(office);
    client.log_in();
    client.begin();
    std::string const message = "Subject: long\r\n\r\n" + std::string(200'000, 'x');
    CHECK_HAS("OK ", client.say("a1", std::format("APPEND INBOX {{{}+}}\r\n{}", message.size(), message)));
    CHECK_HAS("* 1 EXISTS", client.say("a2", "SELECT INBOX"));
    CHECK_HAS(message, client.say("a3", "FETCH 1 BODY[]"));
    CHECK_HAS("* BYE", client.say("a4", "LOGOUT"));
}

TEST(ImapCompress, what_is_sent_right_behind_the_command_is_compressed_already) {
    CompressingClient client(office);
    client.log_in();
    client.feed("c COMPRESS deflate\r\n" + client.deflater.deflate("a1 NOOP\r\na2 SELECT INBOX\r\n"));
    CHECK_HAS("OK ", client.answer_of("c"));
    CHECK_HAS("a1 OK ", client.answer("a1 "));
    CHECK_HAS("a2 OK [READ-WRITE]", client.answer("a2 "));
}

TEST(ImapCompress, is_taken_before_login_and_once) {
    CompressingClient client(office);
    client.begin();
    CHECK_HAS("a1 OK ", client.say("a1", "LOGIN alice secret-alice"));
    CHECK_HAS("a2 NO [COMPRESSIONACTIVE] ", client.say("a2", "COMPRESS DEFLATE"));
    CHECK_HAS("a3 BAD ", client.say("a3", "COMPRESS LZW"));
    CHECK_HAS("a4 OK ", client.say("a4", "NOOP"));
}

// RFC 8437 §4.1
TEST(ImapCompress, no_other_logs_in_as_long_as_it_is_on) {
    CompressingClient client(office);
    client.log_in();
    CHECK_HAS(" UNAUTHENTICATE ", client.ImapClient::say("CAPABILITY"));
    client.begin();
    CHECK(!client.say("a1", "CAPABILITY").contains("UNAUTHENTICATE"));
    client.feed(client.deflater.deflate("a2 UNAUTHENTICATE\r\n"));
    CHECK_HAS("* BYE ", client.answer("* BYE "));
}

TEST(ImapCompress, news_are_told_as_they_come) {
    CompressingClient client(office);
    client.log_in();
    client.begin();
    client.say("a1", "SELECT INBOX");
    client.feed(client.deflater.deflate("a2 IDLE\r\n"));
    CHECK_HAS("+ ", client.answer("+ "));
    ImapClient other(office);
    other.log_in();
    other.append("INBOX", "a: b\r\n\r\n");
    CHECK_HAS("* 1 EXISTS", client.answer("* 1 EXISTS"));
    client.feed(client.deflater.deflate("DONE\r\n"));
    CHECK_HAS("a2 OK ", client.answer("a2 "));
}

TEST(ImapCompress, without_memory_for_it_the_answer_is_no_and_the_session_goes_on) {
    ImapClient client(office);
    client.log_in();
    office.memory.set_ceiling(office.memory.held() + 20'000);
    CHECK_HAS("NO [LIMIT] ", client.say("COMPRESS DEFLATE"));
    CHECK_HAS("OK ", client.say("NOOP"));
    office.memory.set_ceiling(100'000'000);
    CHECK_HAS("OK ", client.say("COMPRESS DEFLATE"));
}

TEST(ImapCompress, a_line_without_end_is_refused_however_little_was_sent) {
    CompressingClient client(office);
    client.log_in();
    client.begin();
    std::size_t const held = office.memory.held();
    std::string const bomb = client.deflater.deflate("a1 NOOP" + std::string(20'000'000, 'x') + "\r\n");
    CHECK(bomb.size() < 200'000);
    client.feed(bomb);
    CHECK_HAS("a1 BAD ", client.answer("a1 "));
    CHECK_HAS("a2 OK ", client.say("a2", "NOOP"));
    CHECK(office.memory.held() < held + 500'000);
}

TEST(ImapCompress, what_is_no_deflate_stream_ends_the_session) {
    for (std::string const& garbage : {std::string("a2 NOOP\r\n\xff\xff\xff"), std::string(100, '\xff')}) {
        CompressingClient client(office);
        client.log_in();
        client.begin();
        client.feed(garbage);
        CHECK(!client.read_to_end().contains("OK"));
    }
}

// RFC 4978 §3 would put TLS beneath: but then what anybody said in the clear would be what later octets refer to.
TEST(ImapCompress, tls_comes_first_or_not_at_all) {
    auto const directory = office.directory() / "tls";
    auto const now = std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
    auto const identity = net::load_or_make_identity(directory, "office.lan", {}, now, office.random).value();
    office.office.tls = net::TlsServer::make(identity).value();
    CompressingClient client(office);
    CHECK_HAS("STARTTLS", client.greeting);
    client.begin();
    CHECK(!client.say("a1", "CAPABILITY").contains("STARTTLS"));
    CHECK_HAS("a2 NO [CANNOT] ", client.say("a2", "STARTTLS"));

    auto const tls = net::TlsClient::make({.trusted = net::authority_certificate(directory), .alpn = {}}).value();
    CompressingClient other(office);
    other.ImapClient::say("STARTTLS");
    CHECK(other.start_tls(*tls));
    other.log_in();
    other.begin();
    CHECK_HAS("a1 OK ", other.say("a1", "NOOP"));
}
