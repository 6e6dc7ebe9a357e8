// The internet for a fetcher: a provider with one mailbox, by IMAP (port 143) and POP3 (port 110), on connections in
// memory; it misbehaves as a test wants.
#pragma once

#include "net/dialer.h"
#include "net/memory_stream.h"

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <functional>
#include <limits>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::test {

struct HeldMail {
    std::uint32_t uid = 0;
    std::string octets;
    std::optional<std::uint64_t> said_size = {}; // instead of how many there are
    bool seen = false;
    bool deleted = false;
    std::uint64_t mod_sequence = 1; // of its last change
};

class FakeProvider final : public net::Dialer {
public:
    explicit FakeProvider(boost::asio::io_context& io) : io_(io) {}

    std::vector<HeldMail> mail;
    std::uint32_t uid_validity = 7;
    std::uint32_t uid_next = 1;
    // RFC 7162, if its capability is there; who changes a message by hand raises it, as put() does.
    std::uint64_t mod_sequence = 1;
    std::vector<std::uint32_t> vanished;                                  // UIDs that are gone
    std::string renumbered = "";                                          // before each unique-id of POP3
    std::vector<std::string> capabilities{"UIDPLUS", "IDLE", "LITERAL+"}; // of IMAP
    std::vector<std::string> pop3_capabilities{"USER", "UIDL", "TOP", "PIPELINING"};
    bool reachable = true;
    // What a connection says before it is cut.
    std::size_t cut_after = std::numeric_limits<std::size_t>::max();
    // Pieces of messages are at most so long, whatever is asked for; and say which message they are of behind it.
    std::size_t longest_piece = std::numeric_limits<std::size_t>::max();
    bool uid_behind = false;
    // Answers a command its own way, tag included; nothing: as is usual. "silence" says nothing.
    std::function<std::optional<std::string>(std::string_view command)> answer;
    // That to every command that has this in it, behind its tag.
    void answer_with(std::string piece, std::string reply);

    std::vector<std::string> commands; // all, in their order, without tags
    std::uint64_t message_octets = 0;  // that were sent of messages
    std::size_t dialled = 0;

    HeldMail& put(std::string octets); // into the mailbox; who idles is told
    // What every connection says now.
    void say_to_all(std::string_view octets);
    // Answers what was said since. Whether there was anything.
    bool answer_all();
    [[nodiscard]] std::size_t connections() const { return calls_.size(); } // that are open

    boost::asio::awaitable<std::expected<net::Dialed, std::string>> dial(std::string host, std::uint16_t port,
                                                                         std::chrono::seconds patience) override;

private:
    struct Call {
        std::shared_ptr<net::MemoryStream> stream;
        std::string input;
        std::size_t said = 0;
        std::string idle_tag;
        std::vector<std::uint32_t> marked; // UIDs that DELE had
        std::vector<std::uint32_t> drop;   // UIDs by POP3's numbers
        bool pop3 = false;
        bool over = false;
    };

    void say(Call& call, std::string_view octets);
    void end(Call& call);
    void take_imap(Call& call, std::string const& line);
    void take_pop3(Call& call, std::string const& line);
    void fetch(Call& call, std::string_view arguments);
    void fetch_section(Call& call, std::size_t at, std::string_view arguments);
    HeldMail* find(std::uint32_t uid);
    void expunge(std::function<bool(HeldMail const&)> const& which);

    boost::asio::io_context& io_;
    std::list<Call> calls_;
};

} // namespace postern::test
