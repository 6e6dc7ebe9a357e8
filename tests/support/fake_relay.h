// The internet for a dispatcher: a relay that answers as a test wants, on connections in memory.
#pragma once

#include "net/dialer.h"
#include "net/memory_stream.h"
#include "net/resolver.h"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace postern::test {

struct Received {
    std::string mail;              // the command
    std::vector<std::string> rcpt; // the commands that were accepted
    std::string content;
};

class FakeRelay final : public net::Dialer, public net::Resolver {
public:
    explicit FakeRelay(boost::asio::io_context& io) : io_(io) {}

    // What it offers in answer to EHLO.
    std::vector<std::string> offers{"PIPELINING", "SIZE 10000000", "8BITMIME", "CHUNKING", "SMTPUTF8", "DSN"};
    bool reachable = true;
    bool denies_all = false; // its name servers say of all names that there are none
    bool breaks_tls = false; // ends the connection once STARTTLS is agreed
    // Answers a command its own way ("cut": ends the connection; "silence": says nothing); nothing: as is usual.
    // "content" stands for what ends a message.
    std::function<std::optional<std::string>(std::string_view command)> answer;
    // That to every command that begins so.
    void answer_with(std::string beginning, std::string reply);

    // What is known of a domain, if it is not that mx.DOMAIN takes its mail; "down" of a host: it does not answer.
    std::map<std::string, net::LookedUp<net::MailExchanger>> exchangers;
    std::set<std::string> down;
    std::set<std::string> without_address;

    std::vector<Received> received;
    std::vector<std::string> commands;                                      // all, in their order
    std::vector<std::string> dialled;                                       // hosts
    [[nodiscard]] std::size_t connections() const { return calls_.size(); } // that are open

    void cut_all();

    // Answers what was said since. Whether there was anything.
    bool answer_all();

    // While it is not reachable, no name server answers; otherwise there is no such name, or it has no address.
    boost::asio::awaitable<net::LookedUp<boost::asio::ip::address>> addresses(std::string name) override;
    boost::asio::awaitable<net::LookedUp<net::MailExchanger>> mail_exchangers(std::string domain) override;

    boost::asio::awaitable<std::expected<net::Dialed, std::string>> dial(std::string host, std::uint16_t port,
                                                                         std::chrono::seconds patience) override;

private:
    struct Call {
        std::shared_ptr<net::MemoryStream> stream;
        std::string input;
        Received message;
        std::size_t chunk = 0; // octets of BDAT that are still to come
        bool last_chunk = false;
        bool in_data = false;
        bool in_transaction = false;
        bool over = false;
    };

    [[nodiscard]] net::LookUpError unknown() const;
    bool step(Call& call); // whether it came further
    void take_command(Call& call, std::string const& line);
    void end_message(Call& call);
    bool say(Call& call, std::string_view command, std::string_view usual); // whether that was a yes

    boost::asio::io_context& io_;
    std::list<Call> calls_;
};

} // namespace postern::test
